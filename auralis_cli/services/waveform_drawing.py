"""What a worker process does for a seek bar: decodes a track and notes the peak and the loudness of each part."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.reader import AudioReader
from auralis_cli.dsp.loudness import WeightedEnergy, channel_weights, mean_square_to_lufs
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.queue import QueueTrack
from auralis_cli.model.waveform import MOST_PARTS, Waveform, level_of
from auralis_cli.services.track_lookup import LibraryTrackLookup

# Whatever else the machine does goes first, the player above all.
_NICENESS = 19
_SEGMENTS_PER_SECOND = 20
_SEGMENTS_AT_ONCE = 64


def draw_track(track: QueueTrack, library: Path | None, progress: ProgressSink, cancel: CancelToken) -> Waveform:
    """The shape of a track of the queue. Raises InputError where it cannot be decoded."""
    os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)
    lookup = LibraryTrackLookup(library)
    with lookup.open(lookup.look_up(track)) as reader:
        return waveform_of(reader, progress, cancel)


def waveform_of(reader: AudioReader, progress: ProgressSink, cancel: CancelToken) -> Waveform:
    """The shape of all that is left of `reader`, block by block."""
    info = reader.info
    segment_frames = max(info.sample_rate_hz // _SEGMENTS_PER_SECOND, 1)
    energy = WeightedEnergy(info.sample_rate_hz, channel_weights(info.channels), (segment_frames, 1))
    block = np.empty((segment_frames * _SEGMENTS_AT_ONCE, info.channels), np.float32)
    peaks: list[NDArray[np.float32]] = []
    energies: list[NDArray[np.float64]] = []
    done = 0
    while filled := reader.read_into(block):
        cancel.raise_if_cancelled()
        heard = block[:filled]
        peaks.append(_peaks(heard, segment_frames))
        energies.append(energy.process(heard))
        done += filled
        progress.step("drawing", min(1.0, done / info.frames) if info.frames else None)
    energies.append(energy.flush())
    if not done:
        return Waveform(b"\0", b"\0")
    return _in_parts(np.concatenate(peaks), np.concatenate(energies) / segment_frames)


def _peaks(heard: NDArray[np.float32], segment_frames: int) -> NDArray[np.float32]:
    highest = np.maximum(heard.max(axis=1), -heard.min(axis=1))
    return np.asarray(np.maximum.reduceat(highest, np.arange(0, len(highest), segment_frames)), np.float32)


def _in_parts(peaks: NDArray[np.float32], mean_squares: NDArray[np.float64]) -> Waveform:
    """The highest peak and the mean loudness of each part; what is no number is silence."""
    count = len(peaks)
    parts = min(count, MOST_PARTS)
    edges = np.arange(parts) * count // parts
    lengths = np.diff(np.append(edges, count))
    highest = np.nan_to_num(np.maximum.reduceat(peaks, edges), posinf=1.0)
    means = np.nan_to_num(np.add.reduceat(mean_squares, edges) / lengths, posinf=1.0)
    return Waveform(
        np.rint(np.clip(highest, 0.0, 1.0) * 255.0).astype(np.uint8).tobytes(),
        bytes(level_of(mean_square_to_lufs(float(mean))) for mean in means),
    )
