"""The pairs of target and reference that reference mastering is measured on, and which half each belongs to."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAIRS = Path(__file__).resolve().parent / "reference_pairs.toml"
HALVES_SEED = "auralis reference half"
DEVELOPMENT, HELD_OUT = "development", "held out"


@dataclass(frozen=True, slots=True)
class Excerpt:
    # As tests/open_music.py calls it.
    track: str
    start_s: int
    length_s: int


@dataclass(frozen=True, slots=True)
class Equaliser:
    kind: str
    hz: int
    gain_db: int


@dataclass(frozen=True, slots=True)
class Damage:
    """What was done to a target that its track does not have."""

    eq: tuple[Equaliser, ...]
    ratio: float
    limited_db: int
    side_db: int
    balance_db: int


@dataclass(frozen=True, slots=True)
class Pair:
    target: Excerpt
    reference: Excerpt
    # None where the target is the track as it is.
    damage: Damage | None
    half: str

    @property
    def kind(self) -> str:
        return "songs" if self.damage is None else "degraded"

    @property
    def name(self) -> str:
        if self.damage is not None:
            return f"{_short(self.target.track)}, spoilt"
        return f"{_short(self.target.track)} to {_short(self.reference.track)}"


def _short(track: str) -> str:
    """The file's name; of songs that are all called so, their folder's."""
    path = Path(track)
    return path.parent.name if path.stem == "song" else path.stem


def _damage(row: dict[str, Any]) -> Damage | None:
    if "eq" not in row:
        return None
    eq = tuple(Equaliser(**one) for one in row["eq"])
    return Damage(eq, row["ratio"], row["limited_db"], row["side_db"], row["balance_db"])


def _lot(row: dict[str, Any]) -> str:
    return hashlib.sha256(f"{HALVES_SEED}:{row['target']['track']}".encode()).hexdigest()


def pairs() -> list[Pair]:
    """All of them, the development half of each kind first."""
    made = []
    for rows in tomllib.loads(PAIRS.read_text(encoding="utf-8")).values():
        drawn = sorted(rows, key=_lot)
        for number, row in enumerate(drawn):
            half = DEVELOPMENT if number < len(drawn) / 2 else HELD_OUT
            made.append(Pair(Excerpt(**row["target"]), Excerpt(**row["reference"]), _damage(row), half))
    return made
