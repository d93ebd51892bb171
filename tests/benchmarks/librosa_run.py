"""Runs librosa, in its own environment.    Usage: librosa_run.py mfcc | tempo < PATHS

Prints a line of JSON per path: the means and standard deviations of 20 MFCCs, or the tempo `beat_track` finds.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import librosa
import numpy as np

COEFFICIENTS = 20


def mfcc(path: str) -> dict[str, Any]:
    audio, rate_hz = librosa.load(path, sr=22_050)
    found = librosa.feature.mfcc(y=audio, sr=rate_hz, n_mfcc=COEFFICIENTS)
    return {"means": found.mean(axis=1).tolist(), "deviations": found.std(axis=1).tolist()}


def tempo(path: str) -> dict[str, Any]:
    audio, rate_hz = librosa.load(path, sr=22_050)
    found, _ = librosa.beat.beat_track(y=audio, sr=rate_hz)
    return {"tempo_bpm": float(np.atleast_1d(found)[0])}


WORK = {"mfcc": mfcc, "tempo": tempo}

for line in sys.stdin:
    name = line.rstrip("\n")
    print(json.dumps({"path": name, **WORK[sys.argv[1]](name)}), flush=True)
