"""What is chosen on the command line of `master` is noted, and what was learnt is used where nothing is said."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import typer

from auralis_cli.commands.library import opened_library
from auralis_cli.commands.master_display import Result
from auralis_cli.commands.verb import is_said, session_of
from auralis_cli.errors import LibraryError
from auralis_cli.model.master_reports import MasterReport
from auralis_cli.model.mastering import MasterRequest
from auralis_cli.model.preferences import FIGURES, Aspect, SoundChoice
from auralis_cli.model.sound_wishes import MasteringMode
from auralis_cli.model.targets import DEFAULT_LOUDNESS_LUFS

_OPTIONS = {
    "preset": Aspect.PRESET,
    "intensity": Aspect.INTENSITY,
    "tilt": Aspect.TILT,
    "width": Aspect.WIDTH,
    "loudness": Aspect.LOUDNESS,
}


def with_learnt_taste(context: typer.Context, wishes: MasterRequest) -> MasterRequest:
    """The wishes with what was learnt, in what is neither said nor set."""
    from auralis_cli.services.preferences import learnt_taste

    session = session_of(context)
    taste = learnt_taste(session.library_path, session.config.presets, now=int(time.time()))
    if taste is None or wishes.sound.mode is not MasteringMode.ADAPTIVE:
        return wishes
    given = [aspect for option, aspect in _OPTIONS.items() if is_said(context, option) or _is_set(context, option)]
    return replace(wishes, sound=replace(wishes.sound, taste=taste.without(given)))


def note_choices(context: typer.Context, wishes: MasterRequest, results: Sequence[Result]) -> None:
    """Notes what was said on the command line for what was made by it, each kind of track once.

    A passage is a trial and no choice, and towards a reference it is the reference that was chosen.
    """
    choice = _choice_said(context, wishes)
    reports = [one for one in results if isinstance(one, MasterReport)]
    if choice.is_empty or not reports or wishes.preview_s is not None:
        return
    if wishes.sound.mode is not MasteringMode.ADAPTIVE:
        return
    from auralis_cli.services.preferences import has_kinds, observed

    session, now = session_of(context), int(time.time())
    if not has_kinds(reports):
        return
    try:
        with opened_library(session, create=True) as store:
            store.preferences.add(observed(reports, choice, store.audio_hashes, now), now=now)
    except LibraryError as error:
        session.output.warning(f"nothing is learnt of what you chose: {error}")


def _choice_said(context: typer.Context, wishes: MasterRequest) -> SoundChoice:
    sound, said = wishes.sound, {option: is_said(context, option) for option in _OPTIONS}
    loudness_lu = None
    if said["loudness"] and wishes.loudness_lufs is not None:
        against = wishes.loudness_lufs - (DEFAULT_LOUDNESS_LUFS + sound.preset.loudness_lu)
        low, high = FIGURES[Aspect.LOUDNESS]
        loudness_lu = min(max(against, low), high)
    return SoundChoice(
        preset=sound.preset.name if said["preset"] else None,
        intensity=sound.intensity if said["intensity"] else None,
        tilt_db=sound.tilt_db if said["tilt"] else None,
        width_db=sound.width_db if said["width"] else None,
        loudness_lu=loudness_lu,
    )


def _is_set(context: typer.Context, option: str) -> bool:
    value = session_of(context).config.values.get(f"master.{option}")
    return value is not None and value.is_set
