"""Work done with less than there might be: said in warnings that begin with one word, and listed apart in JSON."""

from __future__ import annotations

from collections.abc import Iterable

_MARK = "degraded: "


def degradation(what: str) -> str:
    """The warning that something was done, but not as well as a whole installation would do it."""
    return f"{_MARK}{what}"


def is_degradation(warning: str) -> bool:
    """Whether a warning is about the installation, not about the audio."""
    return warning.startswith(_MARK)


def degradations(warnings: Iterable[str]) -> tuple[str, ...]:
    """What was done with less, among some warnings."""
    return tuple(warning.removeprefix(_MARK) for warning in warnings if is_degradation(warning))
