"""Fingerprints of music that was never made, spread as music is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from library_of import NOW, put, record
from numpy.typing import NDArray

from auralis_cli.db.store import Store
from auralis_cli.model.fingerprint import DIMENSIONS, Fingerprint, FingerprintedTrack


def vectors(count: int, *, seed: int) -> NDArray[np.float64]:
    """Rows of 25 values within what each dimension may be, most of them within what is typical."""
    rng = np.random.default_rng(seed)
    lowest, highest = np.array([one.typical for one in DIMENSIONS]).T
    drawn = lowest + (highest - lowest) * rng.normal(0.5, 0.3, (count, len(DIMENSIONS)))
    least, most = np.array([(one.lowest, one.highest) for one in DIMENSIONS]).T
    bounded: NDArray[np.float64] = np.clip(drawn, least, most)
    return bounded


def put_sounds(store: Store, count: int, *, seed: int = 1, root: str = "/m") -> NDArray[np.float64]:
    """Puts `count` tracks, `/m/t00001.flac` and on with ids from 1, and their fingerprints; gives the vectors."""
    names = [f"t{number:05}" for number in range(1, count + 1)]
    put(store, [record(f"{root}/{name}.flac", title=f"Title {name}") for name in names], root=root)
    made = vectors(count, seed=seed)
    put_vectors(store, {f"test:{name}": vector for name, vector in zip(names, made, strict=True)})
    return made


def put_vectors(store: Store, by_key: Mapping[str, NDArray[np.float64]]) -> None:
    """Stores fingerprints of contents."""
    store.fingerprints.put(((key, fingerprinted(vector), None) for key, vector in by_key.items()), now=NOW)


def fingerprinted(vector: NDArray[np.float64]) -> FingerprintedTrack:
    """What a store keeps of such a row."""
    return FingerprintedTrack(Fingerprint(*vector.tolist()))
