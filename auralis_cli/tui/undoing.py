"""What `u` takes back where both the queue and the library are changed from: whichever was changed last."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from auralis_cli.services.chosen_tracks import ChosenTracks
from auralis_cli.tui.dialogs import Answer, ask

if TYPE_CHECKING:
    from auralis_cli.model.journal import JournalEntry
    from auralis_cli.tui.app import AuralisApp


async def undo_last(app: AuralisApp) -> None:
    """Takes the last edit of the queue back, or, after a question, the last change of the library."""
    last = await _last_change(app)
    if _took_queue_back(app, last):
        return
    if last is None:
        app.say("nothing to undo")
    elif await ask(app, f"Undo {last.verb}: {last.summary}?", [Answer("u", "undo it", "yes")]):
        app.jobs.begin("Undo", ("undo", str(last.id)))


async def took_queue_back(app: AuralisApp) -> bool:
    """Takes the last edit of the queue back where nothing of the library was changed since; whether it did."""
    return _took_queue_back(app, await _last_change(app))


async def _last_change(app: AuralisApp) -> JournalEntry | None:
    library = ChosenTracks(app.context.library_path, app.context.now_s)
    return await asyncio.to_thread(library.last_change) if app.context.library_path.exists() else None


def _took_queue_back(app: AuralisApp, last: JournalEntry | None) -> bool:
    edited_s = app.link.edited_s
    if edited_s is None:
        return False
    ago_s = app.context.clock_s() - edited_s
    if last is not None and app.context.now_s() - ago_s < last.started_at:
        return False
    app.act("undo", ())
    app.say("the queue is as it was before")
    return True
