"""The views there are: what they are called, and where they are imported from when they are first looked at."""

from __future__ import annotations

import importlib
from contextlib import suppress
from typing import TYPE_CHECKING

from auralis_cli.quick_dataclasses import dataclass

if TYPE_CHECKING:
    from auralis_cli.tui.view import View


@dataclass(frozen=True, slots=True)
class ViewRow:
    """One view."""

    name: str
    title: str
    module: str
    class_name: str

    def make(self) -> View:
        """A new one, imported now."""
        view = getattr(importlib.import_module(self.module), self.class_name)()
        view.id = f"view-{self.name}"
        return view  # type: ignore[no-any-return]


_VIEWS = "auralis_cli.tui.views."

# In the order of the line at the top; the keys are in the keymap.
_TABLE = (
    ViewRow("now", "Now", _VIEWS + "now", "NowView"),
    ViewRow("library", "Library", _VIEWS + "library", "LibraryView"),
    ViewRow("queue", "Queue", _VIEWS + "queue", "QueueView"),
    ViewRow("playlists", "Playlists", _VIEWS + "playlists", "PlaylistsView"),
    ViewRow("files", "Files", _VIEWS + "files", "FilesView"),
    ViewRow("studio", "Studio", _VIEWS + "studio", "StudioView"),
    ViewRow("cleanup", "Clean up", _VIEWS + "cleanup", "CleanupView"),
    ViewRow("lyrics", "Lyrics", _VIEWS + "lyrics", "LyricsView"),
    ViewRow("settings", "Settings", _VIEWS + "settings", "SettingsView"),
    ViewRow("jobs", "Jobs", _VIEWS + "jobs", "JobsView"),
)  # fmt: skip

VIEWS: dict[str, ViewRow] = {row.name: row for row in _TABLE}


def import_views() -> None:
    """Imports them all, once there is something to be seen; what fails is said by the view that is looked at."""
    for row in VIEWS.values():
        with suppress(ImportError):
            importlib.import_module(row.module)
