"""Steps that wait are taken at once: thirty times five seconds on are one seek. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from auralis_cli.model.action_kinds import Seek, SeekFrom, VolumeChange

Arguments = Mapping[str, object]
# The later of two that wait is all that counts.
_LAST_COUNTS = frozenset(("jump", "preset", "intensity", "repeat", "normalize", "crossfade", "device"))


def merged(action: str, earlier: Arguments, later: Arguments) -> Arguments | None:
    """What does the same as both, one behind the other; None where they cannot be one."""
    if action in _LAST_COUNTS:
        return later
    if action == "seek":
        return _merged_seeks(earlier, later)
    if action == "volume":
        return _merged_steps(earlier, later)
    return None


def _merged_seeks(earlier: Arguments, later: Arguments) -> Arguments | None:
    first, second = (Seek().read(one.get("to", "")) for one in (earlier, later))
    if second.origin is not SeekFrom.HERE_S:
        return later
    if first.origin is not SeekFrom.HERE_S:
        return None
    return {"to": f"{first.amount + second.amount:+.3f}"}


def _merged_steps(earlier: Arguments, later: Arguments) -> Arguments | None:
    first, second = (VolumeChange().read(one.get("level", "")) for one in (earlier, later))
    if not second.is_relative:
        return later
    # At the ends of the scale two steps are not their sum: only those in one direction are.
    if not first.is_relative or first.amount * second.amount < 0 or abs(first.amount + second.amount) > 100.0:
        return None
    return {"level": f"{first.amount + second.amount:+g}"}
