"""What is shown where there is no music yet: the folders that were seen, to be scanned at a key."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from auralis_cli.services.background_verbs import VerbJob
from auralis_cli.terminal_text import printable
from auralis_cli.tui.dialogs import Prompt
from auralis_cli.tui.view import begin_work
from auralis_cli.tui.widgets.long_list import LongList
from auralis_cli.tui.widgets.rows import Column, Row, RowsInMemory, RowStyle

if TYPE_CHECKING:
    from auralis_cli.services.music_places import MusicPlace
    from auralis_cli.tui.app import AuralisApp

_TEXT = (
    "The library is empty.\n\n"
    "Enter adds the chosen folder: its music shows up here while it is read, and no file is changed.\n"
    "Or just play something; 5 goes through the folders."
)
_COLUMNS = (Column("", share=3), Column("", share=2))
# Rows below the folders that were seen.
_OTHER_ID, _PLAY_ID = 1_000_001, 1_000_002


class FirstScreen(Vertical):
    """Offers what there is to begin with."""

    DEFAULT_CSS = """
    FirstScreen { padding: 1 2; height: 1fr; }
    FirstScreen Static { height: auto; margin: 0 0 1 0; }
    FirstScreen LongList { max-width: 90; }
    FirstScreen #first-job { color: $success; }
    """

    def compose(self) -> ComposeResult:
        """What it is about, what can be chosen, what goes on."""
        self._places: list[MusicPlace] = []
        yield Static(Content(_TEXT))
        yield LongList(_COLUMNS, id="first-list", has_heading=False)
        yield Static(id="first-job", markup=False)

    @property
    def auralis(self) -> AuralisApp:
        """The app."""
        return cast("AuralisApp", self.app)

    @property
    def choices(self) -> LongList:
        """What can be chosen."""
        return self.query_one("#first-list", LongList)

    def on_mount(self) -> None:
        """Looks for folders with music."""
        self._show_rows()
        begin_work(self, self._look_around, "places")

    def job_told(self, job: VerbJob) -> None:
        """Says how far the scan is."""
        text = f"{job.title}: {job.task}" if job.is_running else job.in_words
        self.query_one("#first-job", Static).update(Content(printable(text)))

    async def _look_around(self) -> None:
        places = await asyncio.to_thread(_places, self.auralis.context.variables)
        while (place := await asyncio.to_thread(next, places, None)) is not None:
            self._places.append(place)
            self._show_rows(keep=len(self._places) > 1)

    def _show_rows(self, *, keep: bool = False) -> None:
        home = self.auralis.context.variables.get("HOME", "")
        rows = [
            Row(number, (f"Add {_with_tilde(place.path, home)}", place.in_words))
            for number, place in enumerate(self._places)
        ]
        rows.append(Row(_OTHER_ID, ("Add another folder …", ""), RowStyle.PLAIN))
        rows.append(Row(_PLAY_ID, ("Just play a file or a folder …", ""), RowStyle.PLAIN))
        self.choices.set_source(RowsInMemory(rows), keep=keep)

    def on_long_list_chosen(self, message: LongList.Chosen) -> None:
        """Does it."""
        message.stop()
        if message.row.id == _OTHER_ID:
            self.app.push_screen(Prompt("Folder to add", hint="all audio files below it"), self._add_named)
        elif message.row.id == _PLAY_ID:
            self.app.push_screen(Prompt("File or folder to play"), self._play_named)
        else:
            self._add(self._places[message.row.id].path)

    def _add_named(self, name: str | None) -> None:
        if name:
            self._add(os.path.abspath(os.path.expanduser(name)))

    def _add(self, folder: str) -> None:
        home = self.auralis.context.variables.get("HOME", "")
        self.query_one("#first-job", Static).update(Content(printable(f"Reading {_with_tilde(folder, home)} …")))
        # Behind the end of options, whatever the folder is called.
        self.auralis.jobs.begin(f"Scan {_with_tilde(folder, home)}", ("scan", "--", folder))

    def _play_named(self, name: str | None) -> None:
        if name:
            begin_work(self, partial(self._play, os.path.abspath(os.path.expanduser(name))), "play")

    async def _play(self, path: str) -> None:
        from auralis_cli.tui.path_tracks import tracks_at

        found = await asyncio.to_thread(tracks_at, [path])
        if not found.tracks:
            self.auralis.say(str(found.failures[0]), error=True)
            return
        self.auralis.link.edit("set-queue", found.tracks, start=1, play=True)
        self.auralis.run_line("view now")


def _places(variables: Mapping[str, str]) -> Iterator[MusicPlace]:
    """Imported in a thread: what tells audio files apart is much."""
    from auralis_cli.services.music_places import music_places

    return music_places(variables, os.getcwd())


def _with_tilde(path: str, home: str) -> str:
    return "~" + path[len(home) :] if home and path.startswith(home.rstrip("/") + "/") else path
