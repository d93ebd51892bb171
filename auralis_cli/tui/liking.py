"""Tracks chosen in a list rated, made favourites and looked at; their files say which of the library they are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from auralis_cli.errors import AuralisError, UsageError
from auralis_cli.model.action_kinds import RATING
from auralis_cli.model.plays import LikingWish
from auralis_cli.model.queue import QueueTrack
from auralis_cli.services.chosen_tracks import ChosenTracks
from auralis_cli.tui.dialogs import prompt
from auralis_cli.tui.track_card import TrackCard

if TYPE_CHECKING:
    from auralis_cli.tui.app import AuralisApp

# The commands that are done here.
OF_TRACKS = frozenset(("rate", "favourite", "info"))


async def do_with_tracks(app: AuralisApp, command: str, words: Sequence[str], tracks: Sequence[QueueTrack]) -> None:
    """One of `OF_TRACKS`, on tracks that the library has. Raises what goes wrong."""
    library = ChosenTracks(app.context.library_path, app.context.now_s)
    ids = await asyncio.to_thread(library.ids_at, tracks) if app.context.library_path.exists() else []
    if not ids:
        app.say(
            "only of tracks in the library is that known: scan their folder first" if tracks else "nothing is selected"
        )
        return
    if command == "info":
        await app.push_screen_wait(TrackCard(await asyncio.to_thread(library.track, ids[0])))
        return
    wish = LikingWish(toggles_favourite=True) if command == "favourite" else await _rating(app, words)
    if wish is not None:
        app.say(await asyncio.to_thread(library.like, ids, wish))


async def do_with_playing(app: AuralisApp, command: str, words: Sequence[str]) -> None:
    """The same on what plays, where no list has a row for it; the player does it for who has no library."""
    status = app.state.status
    told = None if status is None else status.track
    tracks = [] if told is None else [QueueTrack(told.path, told.cue_number)]
    library = ChosenTracks(app.context.library_path, app.context.now_s)
    try:
        is_known = app.context.library_path.exists() and bool(await asyncio.to_thread(library.ids_at, tracks))
        if (is_known and not (command == "favourite" and words)) or command == "info":
            await do_with_tracks(app, command, words, tracks)
        else:
            app.act(command, tuple(words))
    except AuralisError as error:
        app.say(str(error), error=True)


async def _rating(app: AuralisApp, words: Sequence[str]) -> LikingWish | None:
    text = words[0] if words else await prompt(app, "Rating, 0 to 5, or none", check=wrong_rating)
    if text is None:
        return None
    if (wrong := wrong_rating(text)) is not None:
        raise UsageError("rate", wrong)
    return LikingWish(rates=True, rating=RATING.parse(text))


def wrong_rating(text: str) -> str | None:
    """What is wrong with what was typed, or None."""
    try:
        RATING.parse(text)
    except ValueError as error:
        return str(error)
    return None
