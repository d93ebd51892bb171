"""What workers are given by `fingerprint_speed.py`; imported where they run."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import soundfile

from auralis_cli.audio.reader import open_reader
from auralis_cli.audio.replay import BLOCK_FRAMES
from auralis_cli.audio.track_file import content_of
from auralis_cli.model.library import FileFailure, TrackPlace
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.services.measure_places import measure_place


def decode(path: str, progress: ProgressSink, cancel: CancelToken) -> float:
    """Seconds of this processor to decode a file by the decoder that Auralis reads it with, and nothing else."""
    started = time.process_time()
    with open_reader(Path(path)) as reader:
        block = np.empty((BLOCK_FRAMES, reader.info.channels), np.float32)
        while reader.read_into(block):
            pass
    return time.process_time() - started


def decode_by_libsndfile(path: str, progress: ProgressSink, cancel: CancelToken) -> float:
    """The same by libsndfile, whatever Auralis reads that format with."""
    started = time.process_time()
    with soundfile.SoundFile(path) as file:
        block = np.empty((BLOCK_FRAMES, file.channels), np.float32)
        while len(file.read(out=block)) == BLOCK_FRAMES:
            pass
    return time.process_time() - started


def fingerprint(path: str, progress: ProgressSink, cancel: CancelToken) -> float:
    """Seconds of this processor for all that `auralis fingerprint` has done of a file by a worker."""
    place = TrackPlace(content_of(path), path, 0, None, None, None, None)
    started = time.process_time()
    measured = measure_place(place, progress, cancel)
    if isinstance(measured, FileFailure):
        raise RuntimeError(f"{path}: {measured.message}")
    return time.process_time() - started
