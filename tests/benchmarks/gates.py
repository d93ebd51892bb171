"""What a figure has to be, and whether it is. Imports nothing large: whoever measures stays small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# As read back from its JSON.
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gate:
    """A figure and its bound; one that is not there is not met."""

    name: str
    value: float | None
    bound: str
    ok: bool
    # Whom or what ours stands beside; empty where the bound stands for itself.
    against: str = ""

    @property
    def row(self) -> str:
        """As a line of a table."""
        return f"| {self.name} | {self.against} | {self.figure} | {self.bound} | {self.met} |"

    @property
    def figure(self) -> str:
        """Three digits, or all of a large one."""
        if self.value is None:
            return "–"
        return f"{self.value:.0f}" if abs(self.value) >= 999.5 else f"{self.value:.3g}"

    @property
    def met(self) -> str:
        return "yes" if self.ok else "**no**"


def at_least(name: str, value: float | None, bound: float, against: str = "") -> Gate:
    return Gate(name, value, f"≥ {bound:g}", value is not None and value >= bound, against)


def at_most(name: str, value: float | None, bound: float, against: str = "") -> Gate:
    return Gate(name, value, f"≤ {bound:g}", value is not None and value <= bound, against)


def above(name: str, value: float | None, bound: float, against: str = "") -> Gate:
    return Gate(name, value, f"> {bound:g}", value is not None and value > bound, against)


def below(name: str, value: float | None, bound: float, against: str = "") -> Gate:
    return Gate(name, value, f"< {bound:g}", value is not None and value < bound, against)


def none_of(name: str, count: int, against: str = "") -> Gate:
    """That there is no such thing."""
    return Gate(name, count, "0", count == 0, against)


def gate_table(judged: Sequence[Gate]) -> list[str]:
    """For people."""
    return ["| gate | against | value | bound | met |", "|---|---|---:|---:|---|", *(gate.row for gate in judged)]
