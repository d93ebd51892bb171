"""All playlists as a person handles them at a screen: looked at, filled, put in order, taken back.

Each call opens the library for itself and closes it: it is made in whatever thread is free, where what it needs is
imported as well. What changes something says in words what was done, and makes the library where there is none.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from auralis_cli.model.playlists import NewEntry, Playlist, PlaylistEntry
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.query_words import words_of
from auralis_cli.model.queue import Queue
from auralis_cli.units import count_in_words
from auralis_cli.version import VERSION

if TYPE_CHECKING:
    from auralis_cli.db.store import Store
    from auralis_cli.services.playlists import Doing


class PlaylistShelf:
    """The playlists of the library at a path."""

    def __init__(self, library: Path, now_s: Callable[[], float]) -> None:
        self._library = library
        self._now_s = now_s

    def all(self) -> tuple[Playlist, ...]:
        """By name, with what smart ones find now."""
        from auralis_cli.services.playlists import list_playlists

        if not self._library.exists():
            return ()
        with self._opened(read_only=True) as store:
            return list_playlists(store, int(self._now_s()))

    def entries(self, name: str) -> list[PlaylistEntry]:
        """What is in a playlist now, in order. UsageError where there is none of that name."""
        from auralis_cli.services.playlists import playlist_entries

        with self._opened(read_only=True) as store:
            return list(playlist_entries(store, store.playlists.named(name), int(self._now_s())))

    def create(self, name: str, query: str | None = None) -> str:
        """A new one; with a query a smart one."""
        from auralis_cli.services.playlists import create_playlist, list_playlists

        words = () if query is None else tuple(words_of(query))
        with self._changing() as (store, doing):
            made = create_playlist(store, name, words, None, smart=query is not None, doing=doing)
            found = next(one for one in list_playlists(store, doing.now) if one.name == made.name)
        return f"{found.name}: {count_in_words(found.tracks, 'track')}"

    def add(self, name: str, entries: Sequence[NewEntry]) -> str:
        """Puts entries at the end of a playlist, which is made where there is none of that name."""
        from auralis_cli.services.playlists import add_to_playlist, create_playlist

        with self._changing() as (store, doing):
            if store.playlists.find(name) is None:
                create_playlist(store, name, (), None, smart=False, doing=doing)
            change = add_to_playlist(store, name, entries, None, doing=doing)
        return f"{count_in_words(change.added, 'track')} put into {change.name}"

    def remove(self, name: str, entries: Sequence[PlaylistEntry]) -> str:
        """Takes entries out. UsageError, and nothing done, where one of them is no longer where it was read."""
        from auralis_cli.services.playlists import remove_from_playlist

        with self._changing() as (store, doing):
            words = [str(one.position) for one in entries]
            change = remove_from_playlist(store, name, words, doing=doing, as_read=entries)
        return f"{count_in_words(change.removed, 'track')} taken out of {change.name}"

    def move(self, name: str, entry: PlaylistEntry, target: int) -> str:
        """Moves an entry to another position, from 1. UsageError where it is no longer where it was read."""
        from auralis_cli.services.playlists import move_in_playlist

        with self._changing() as (store, doing):
            change = move_in_playlist(store, name, entry.position, target, doing=doing, as_read=(entry,))
        return f"{change.name}: {entry.position} is {target} now"

    def rename(self, name: str, new: str) -> str:
        """Gives it another name."""
        from auralis_cli.services.playlists import rename_playlist

        with self._changing() as (store, doing):
            return f"{name} is called {rename_playlist(store, name, new, doing=doing).name}"

    def delete(self, name: str) -> str:
        """Deletes it; its tracks stay what they are."""
        from auralis_cli.services.playlists import delete_playlists

        with self._changing() as (store, doing):
            delete_playlists(store, [name], doing=doing)
        return f"{name} is deleted"

    def import_file(self, path: Path) -> str:
        """A new one of what a playlist file lists."""
        from auralis_cli.services.playlist_exchange import import_playlist, name_for
        from auralis_cli.services.playlist_files.files import read_playlist_file

        listed = read_playlist_file(path, None)
        with self._changing() as (store, doing):
            change = import_playlist(store, name_for(listed, path), listed, doing=doing)
        said = f"{change.name}: {count_in_words(change.added, 'track')}"
        return f"{said}, {change.missing:,} not in the library" if change.missing else said

    def export(self, name: str, path: Path) -> str:
        """Writes it into a file, in the format that its name says; one that exists is refused."""
        from auralis_cli.services.playlist_exchange import ExportRequest, export_playlist
        from auralis_cli.services.playlist_files.files import format_for

        request = ExportRequest(name, path, format_for(path, None))
        with self._changing() as (store, doing):
            report = export_playlist(store, request, lambda data: None, doing=doing)
        return f"{name}: {count_in_words(report.entries, 'track')} in {path}"

    def keep_queue(self, name: str, queue: Queue, *, replace: bool = False) -> str:
        """Keeps a queue under a name, as `auralis queue save` does."""
        with self._changing() as (store, doing):
            store.queue_templates.save(name, queue, now=doing.now, replace=replace)
        return f"{name}: {count_in_words(len(queue.items), 'track')} kept"

    def kept_queues(self) -> list[str]:
        """The names under which queues are kept."""
        if not self._library.exists():
            return []
        with self._opened(read_only=True) as store:
            return [one.name for one in store.queue_templates.all()]

    def kept_queue(self, name: str) -> Queue:
        """The queue that is kept under a name, which is noted as loaded. UsageError where there is none."""
        with self._opened() as store:
            queue = store.queue_templates.queue(name)
            store.queue_templates.loaded(name, now=int(self._now_s()))
        return queue

    def last_change(self) -> tuple[int, str] | None:
        """The change that would be taken back, and what it was; None where there is none."""
        from auralis_cli.services.undo import last_change

        if not self._library.exists():
            return None
        with self._opened(read_only=True) as store:
            entry = last_change(store)
        return None if entry is None else (entry.id, f"{entry.verb}: {entry.summary}")

    def undo(self, change: int) -> str:
        """Takes a change of the library or of files back."""
        from auralis_cli.services.scan_lock import one_scan_at_a_time
        from auralis_cli.services.undo import undo

        with self._changing() as (store, doing), one_scan_at_a_time(self._library, lambda note: None, CancelToken()):
            report = undo(store, change, doing.now)
        return f"undone: {report.entry.verb}: {report.entry.summary}"

    def _opened(self, *, read_only: bool = False) -> Store:
        from auralis_cli.db.store import Store

        return Store.open(self._library, program=VERSION, now=int(self._now_s()), read_only=read_only)

    @contextmanager
    def _changing(self) -> Iterator[tuple[Store, Doing]]:
        from auralis_cli.services.playlists import Doing

        with self._opened() as store:
            yield store, Doing(int(self._now_s()))


def playlist_path(text: str) -> Path:
    """The file that a person means: with ~ for the home folder."""
    return Path(os.path.abspath(os.path.expanduser(text.strip())))
