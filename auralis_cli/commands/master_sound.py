"""What `master` is asked to sound like: the preset and its intensity, and the reference, or references, it goes by."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from pathlib import Path

import typer

from auralis_cli.commands.inputs import Asked, inputs_of
from auralis_cli.commands.verb import Session, is_said, session_of
from auralis_cli.config import find_preset
from auralis_cli.errors import InputError, UsageError
from auralis_cli.model.mastering import MasterRequest
from auralis_cli.model.presets import ADAPTIVE
from auralis_cli.model.sound_profile import Reference
from auralis_cli.model.sound_wishes import MasteringMode, SoundWishes
from auralis_cli.model.source import STANDARD_STREAM, AudioSource, DecodeLimits
from auralis_cli.quick_dataclasses import dataclass

_MOST_TRACKS = 500


@dataclass(frozen=True, slots=True)
class SoundWords:
    """The words of the command line that say how a master is to sound."""

    preset: str
    intensity: float
    mode: MasteringMode | None
    # A file, a folder, or a query of the library.
    reference: str | None
    repairs: bool
    tilt_db: float = 0.0
    width_db: float = 0.0


def parse_mode(word: str) -> MasteringMode:
    """One of the modes, in small letters."""
    try:
        return MasteringMode(word)
    except ValueError:
        raise UsageError("--mode", f"{word!r} is none of adaptive, reference, hybrid") from None


def sound_of(context: typer.Context, words: SoundWords, limits: DecodeLimits) -> SoundWishes:
    """The wishes in full: the reference is listened to here, once for every track that goes by it.

    Raises UsageError where the words contradict each other, InputError for a reference that cannot be one.
    """
    session = session_of(context)
    mode = words.mode or (MasteringMode.ADAPTIVE if words.reference is None else MasteringMode.REFERENCE)
    if words.reference is None and mode is not MasteringMode.ADAPTIVE:
        raise UsageError("--mode", f"{mode} goes by a reference, and none is named", "give --reference")
    if words.reference is not None and mode is MasteringMode.ADAPTIVE:
        raise UsageError("--reference", "has no say in --mode adaptive", "leave one of them out, or mix: --mode hybrid")
    preset = find_preset(session.config, "--preset", words.preset)
    if mode is MasteringMode.REFERENCE and preset != ADAPTIVE:
        if is_said(context, "preset"):
            why = "the reference alone says how it is to sound"
            raise UsageError("--preset", why, "leave the preset out, or mix: --mode hybrid")
        # What is only set is a habit, and yields.
        preset = ADAPTIVE
    for option, is_wished in {"--tilt": words.tilt_db != 0.0, "--width": words.width_db != 0.0}.items():
        if mode is MasteringMode.REFERENCE and is_wished:
            raise UsageError(option, "the reference alone says how it is to sound", "mix: --mode hybrid")
    reference = None if words.reference is None else reference_named(session, words.reference, limits)
    return SoundWishes(preset, words.intensity, mode, reference, words.repairs, words.tilt_db, words.width_db)


def reference_named(session: Session, word: str, limits: DecodeLimits) -> Reference:
    """What a file, a folder or a query sounds like. Raises InputError for one that cannot be listened to."""
    if word == STANDARD_STREAM:
        raise UsageError("--reference", "is not read from standard input", "name a file")
    names = [word] if os.path.lexists(word) else _split(word)
    asked = Asked([AudioSource(Path(name), limits=limits) for name in names], None, False, limits, None)
    found = inputs_of(session, asked).found
    sources = []
    for one in found:
        if isinstance(one, InputError):
            raise one
        sources.append(one)
    if len(sources) > _MOST_TRACKS:
        raise UsageError("--reference", f"{word!r} is {len(sources)} tracks, and {_MOST_TRACKS} are the most")
    from auralis_cli.services.reference_profiles import ReferenceProfiles, profiles_folder

    with session.output.progress() as progress:
        profiles = ReferenceProfiles(profiles_folder(session.output.variables))
        name = os.path.abspath(word) if os.path.lexists(word) else word
        return profiles.reference(name, sources, progress, session.cancel)


def by_the_reference(context: typer.Context, wishes: MasterRequest) -> MasterRequest:
    """The wishes without a loudness that is merely set: where there is a reference, it says how loud."""
    if wishes.sound.reference is None:
        return wishes
    if not is_said(context, "loudness"):
        wishes = replace(wishes, loudness_lufs=None, level_off=False)
    if wishes.target is not None and not is_said(context, "target"):
        ceiling = wishes.target.ceiling_dbtp if wishes.ceiling_dbtp is None else wishes.ceiling_dbtp
        wishes = replace(wishes, target=None, ceiling_dbtp=ceiling)
    return wishes


def _split(word: str) -> list[str]:
    """A query as a shell would cut it; one that it could not cut is one word."""
    try:
        return shlex.split(word) or [word]
    except ValueError:
        return [word]
