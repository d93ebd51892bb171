"""Tracks put into a playlist that is chosen, or named and made, in a dialog."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from auralis_cli.errors import AuralisError
from auralis_cli.model.playlists import NewEntry, PlaylistKind
from auralis_cli.services.playlist_shelf import PlaylistShelf
from auralis_cli.tui.dialogs import choose
from auralis_cli.units import count_in_words

if TYPE_CHECKING:
    from auralis_cli.tui.app import AuralisApp


async def into_playlist(app: AuralisApp, entries: Sequence[NewEntry], name: str = "") -> None:
    """Asks for the playlist, unless it is named, and puts the entries at its end; what came of it is said."""
    shelf = PlaylistShelf(app.context.library_path, app.context.now_s)
    try:
        if not name:
            known = await asyncio.to_thread(shelf.all)
            static = [one.name for one in known if one.kind is PlaylistKind.STATIC]
            title = f"Put {count_in_words(len(entries), 'track')} into which playlist? A new name makes one."
            name = (await choose(app, title, static, free=True) or "").strip()
        if name:
            app.say(await asyncio.to_thread(shelf.add, name, entries))
    except AuralisError as error:
        app.say(str(error), error=True)
