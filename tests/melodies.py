"""Melodies that are told apart by their landmarks, in files of any format, and what a library measures of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from auralis_cli.db.store import Store
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.services.measure_places import measure_place, stored

RATE_HZ = 22_050
_NOTE_S = 0.25
_SCALE_HZ = 220.0 * 2.0 ** (np.arange(30) / 12.0)


def melody(seed: int, duration_s: float = 16.0) -> NDArray[np.float32]:
    """Three voices of random notes, mono; equal seeds sound alike, and begin alike whatever the length."""
    rng = np.random.default_rng(seed)
    note = int(_NOTE_S * RATE_HZ)
    time_s = np.arange(note) / RATE_HZ
    envelope = np.minimum(1.0, 20.0 * time_s) * np.exp(-3.0 * time_s)
    parts = []
    for _ in range(int(np.ceil(duration_s * RATE_HZ / note))):
        chord = rng.choice(_SCALE_HZ, 3, replace=False)
        tones = [np.sin(2.0 * np.pi * k * hz * time_s) / k for hz in chord for k in (1, 2, 3)]
        parts.append(0.1 * envelope * np.sum(tones, axis=0))
    return np.concatenate(parts)[: int(duration_s * RATE_HZ)].astype(np.float32)


def put_file(path: Path, samples: NDArray[np.float32], *, subtype: str | None = None, title: str | None = None) -> Path:
    """A file of the format its name says; of 16 bit where samples are stored, the same ones in each, or `subtype`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rounded = np.round(samples * 32_767.0).astype(np.int16)
    with soundfile.SoundFile(path, "w", RATE_HZ, 1, subtype=subtype) as file:
        if title is not None:
            file.title = title
        file.write(samples if subtype == "FLOAT" or path.suffix == ".ogg" else rounded)
    return path


def measure(store: Store, *, now: int) -> None:
    """What `auralis fingerprint` stores of all tracks, computed in this process."""
    places = store.fingerprints.places()
    measured = ((place, measure_place(place, SilentProgress(), CancelToken())) for place in places)
    assert len(list(stored(store, measured, store.database.write, now=now))) == len(places)
