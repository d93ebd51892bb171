"""The process that draws a track for a seek bar: it decodes it and notes the peak and the loudness of each part.

    python -m auralis_cli.services.waveform_drawing LIBRARY PATH CUE_NUMBER TRACK_ID

writes the bytes of a `Waveform` to standard output, and ends with the exit code of what stood in the way otherwise.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.reader import AudioReader
from auralis_cli.dsp.loudness import WeightedEnergy, channel_weights, mean_square_to_lufs
from auralis_cli.errors import AuralisError
from auralis_cli.model.queue import QueueTrack
from auralis_cli.model.waveform import MOST_PARTS, Waveform, level_of
from auralis_cli.services.track_lookup import LibraryTrackLookup

# Whatever else the machine does goes first, the player above all.
_NICENESS = 19
_SEGMENTS_PER_SECOND = 20
_SEGMENTS_AT_ONCE = 64


def draw_track(track: QueueTrack, library: Path | None) -> Waveform:
    """The shape of a track of the queue. Raises InputError where it cannot be decoded."""
    lookup = LibraryTrackLookup(library)
    with lookup.open(lookup.look_up(track)) as reader:
        return waveform_of(reader)


def waveform_of(reader: AudioReader) -> Waveform:
    """The shape of all that is left of `reader`, block by block."""
    info = reader.info
    segment_frames = max(info.sample_rate_hz // _SEGMENTS_PER_SECOND, 1)
    energy = WeightedEnergy(info.sample_rate_hz, channel_weights(info.channels), (segment_frames, 1))
    block = np.empty((segment_frames * _SEGMENTS_AT_ONCE, info.channels), np.float32)
    peaks: list[NDArray[np.float32]] = []
    energies: list[NDArray[np.float64]] = []
    done = 0
    while filled := reader.read_into(block):
        heard = block[:filled]
        peaks.append(_peaks(heard, segment_frames))
        energies.append(energy.process(heard))
        done += filled
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


def main() -> int:
    """The process."""
    os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)
    library, path, cue_number, track_id = sys.argv[1:5]
    try:
        known = Path(library) if os.path.exists(library) else None
        drawn = draw_track(QueueTrack(path, int(cue_number), int(track_id) or None), known)
    except AuralisError as error:
        return error.exit_code
    sys.stdout.buffer.write(drawn.to_bytes())
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    # At once: what was imported need not be taken apart.
    os._exit(main())
