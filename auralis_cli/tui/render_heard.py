"""Rendering what is heard: the track that plays, mastered as it is at this moment, as a file beside it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from auralis_cli.errors import UsageError
from auralis_cli.model.player_status import PlayerStatus, TasteStatus
from auralis_cli.tui.dialogs import Answer, ask, prompt
from auralis_cli.tui.view import begin_work

if TYPE_CHECKING:
    from auralis_cli.tui.app import AuralisApp

_HINT = "beside the track, unless a path says where; enter renders it"
_ENDING = " (mastered).flac"
_REPLACE = "replace"
_STEREO = 2


def render_heard(app: AuralisApp, words: Sequence[str]) -> None:
    """Asks for a name, where none is said, and has it made beside the screen. UsageError where that cannot be."""
    status = renderable(app.state.status)
    begin_work(app, partial(_render, app, status, words[0] if words else None), "render")


def renderable(status: PlayerStatus | None) -> PlayerStatus:
    """The status, where a master plays that `auralis master` can make as well; UsageError, which says why, else."""
    track = None if status is None else status.track
    if status is None or track is None:
        raise UsageError("render", "nothing plays")
    if not status.enhance:
        raise UsageError("render", "what is heard is the original", "x masters it")
    if track.cue_number:
        raise UsageError("render", "is part of a file with a cue sheet", "auralis master SHEET --out-dir DIR")
    if track.channels is not None and track.channels > _STEREO:
        raise UsageError("render", f"{track.channels} channels are heard as two", "auralis master IN OUT renders all")
    return status


def offered_name(path: str) -> str:
    """Of `/music/Song.wav`: `Song (mastered).flac`."""
    return os.path.splitext(os.path.basename(path))[0] + _ENDING


def render_words(status: PlayerStatus, out: str, *, force: bool = False) -> tuple[str, ...]:
    """The verb that makes of the track what is heard of it."""
    assert status.track is not None
    sound: tuple[str, ...] = ("--intensity", repr(status.intensity))
    if status.taste is not None:
        sound = ("--preferences", *_beside_taste(status, status.taste))
    elif status.mastering_mode != "reference":
        lean = ("--tilt", repr(status.tilt_db), "--width", repr(status.width_db))
        sound = ("--preset", status.preset, *sound, *(lean if status.tilt_db or status.width_db else ()))
    if status.reference is not None:
        sound = (*sound, "--mode", status.mastering_mode, "--reference", status.reference)
    return ("master", "--as-played", *sound, *(("--force",) if force else ()), "--", status.track.path, out)


def _beside_taste(status: PlayerStatus, taste: TasteStatus) -> Iterator[str]:
    """What is said of the master, which leaves the rest to the taste that is heard."""
    figures = {"intensity": status.intensity, "tilt_db": status.tilt_db, "width_db": status.width_db}
    if "preset" not in taste.aspects:
        yield from ("--preset", status.preset)
    for name, value in figures.items():
        if name not in taste.aspects:
            yield from (f"--{name.removesuffix('_db')}", repr(value))


async def _render(app: AuralisApp, status: PlayerStatus, said: str | None) -> None:
    assert status.track is not None
    source = status.track.path
    if said is None:
        title = f"Render what is heard ({status.preset} {status.intensity:g}) as"
        said = await prompt(app, title, offered_name(source), hint=_HINT, check=_complaint)
    if said is None:
        return
    out = os.path.join(os.path.dirname(source), os.path.expanduser(said))
    is_there = await asyncio.to_thread(os.path.lexists, out)
    if is_there and await ask(app, f"{out} exists already.", _ANSWERS) is None:
        return
    app.jobs.begin(f"Render {os.path.basename(out)}", render_words(status, out, force=is_there))
    app.say(f"{os.path.basename(out)} is being rendered; 0 shows how far it is")


_ANSWERS = (Answer("r", "replace it; it goes to the trash", _REPLACE),)


def _complaint(name: str) -> str | None:
    return None if os.path.basename(name) else "a name is missing"
