"""What people chose, as it is noted and as it is learnt of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from auralis_cli.mastering.preferences import learn
from auralis_cli.model.preferences import Observation, SoundChoice, Taste
from auralis_cli.model.presets import Preset
from auralis_cli.model.track_kinds import TrackKind

if TYPE_CHECKING:
    from auralis_cli.model.mastering import MasterReport


def learnt_taste(library: Path, presets: Mapping[str, Preset], *, now: int) -> Taste | None:
    """What was learnt of the choices in a library; None where nothing was, or the library cannot be asked."""
    if not library.exists():
        return None
    from auralis_cli.db.preference_lookup import find_observations

    kinds = learn(find_observations(library, now=now))
    # A preset that is gone is nobody's taste.
    kinds = tuple(one if one.preset and one.preset.name in presets else replace(one, preset=None) for one in kinds)
    kinds = tuple(one for one in kinds if not one.is_empty)
    spoken_of = {one.preset.name for one in kinds if one.preset is not None}
    return Taste(kinds, tuple(presets[name] for name in sorted(spoken_of))) if kinds else None


def observed(reports: Iterable[MasterReport], choice: SoundChoice, now: int) -> list[Observation]:
    """The choice for what was made by it: of each kind of track one, the first."""
    from auralis_cli.analysis.track_kind import kind_of
    from auralis_cli.services.known_analysis import content_key_of

    found: dict[TrackKind, Observation] = {}
    for report in reports:
        kind = kind_of(report.analysis)
        if kind is not None and kind not in found:
            found[kind] = Observation(kind, choice, now, content_key=content_key_of(report.source))
    return list(found.values())
