"""Runs aubio's beat tracker, in the Python it is installed for.    Usage: aubio_run.py < PATHS

Prints a line of JSON per path: the tempo by the median distance of the beats, 0 where there are too few.
"""

from __future__ import annotations

import json
import sys

import aubio
import numpy as np

WINDOW, HOP = 1024, 512


def tempo_bpm(path: str) -> float:
    source = aubio.source(path, 0, HOP)
    tracker = aubio.tempo("default", WINDOW, HOP, source.samplerate)
    beats = []
    while True:
        samples, read = source()
        if tracker(samples):
            beats.append(tracker.get_last_s())
        if read < HOP:
            break
    return float(60.0 / np.median(np.diff(beats))) if len(beats) > 4 else 0.0


for line in sys.stdin:
    name = line.rstrip("\n")
    print(json.dumps({"path": name, "tempo_bpm": tempo_bpm(name)}), flush=True)
