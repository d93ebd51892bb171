"""What every verb that changes something uses: one entry of the journal, for rows and files alike.

    with changes(store, "cleanup", "3 files missing", clock) as change:
        with change.transaction():
            store.files.remove(ids)
        change.trash(path)
        change.summary = "3 files forgotten"

What happened until an exception, or the end of the process, stands in the journal as well and can be undone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from auralis_cli.db.store import Store
from auralis_cli.errors import OutputError
from auralis_cli.model.journal import FileChange, FileOperation, FileState
from auralis_cli.services.trash import put_into_trash, reserve_place

if TYPE_CHECKING:
    # Costs a scan more than all it needs of this module.
    from auralis_cli.model.published_file import PublishedFile


class Change:
    """A change of the library and of files, under way."""

    def __init__(self, store: Store, entry_id: int, summary: str, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock
        self.entry_id = entry_id
        # What `auralis history` says of it.
        self.summary = summary

    def transaction(self) -> AbstractContextManager[None]:
        """One transaction, all of it or nothing; what repositories do within it is journalled."""
        return self._store.journal.change(self.entry_id)

    def now(self) -> int:
        """The time, in seconds since 1970."""
        return self._clock()

    def trash(self, path: str) -> None:
        """Moves a file to the trash; OutputError where that cannot be."""
        path = os.path.abspath(path)
        place = reserve_place(Path(path), self._clock())
        try:
            noted = self._store.journal.intend_file(self.entry_id, FileOperation.TRASHED, path, str(place.file))
        except BaseException:
            place.note.unlink(missing_ok=True)
            raise
        try:
            put_into_trash(Path(path), place)
        except OutputError:
            self._store.journal.file_not_done(noted)
            raise
        self._done(noted, place.file)

    def created(self, path: str) -> None:
        """Notes a file that was made just now."""
        path = os.path.abspath(path)
        self._done(self._store.journal.intend_file(self.entry_id, FileOperation.CREATED, path, None), Path(path))

    def published(self, path: str, file: PublishedFile) -> None:
        """Notes a file that was made before, maybe in another process, with the one it replaced."""
        self.all_published([(path, file)])

    def all_published(self, files: Iterable[tuple[str, PublishedFile]]) -> None:
        """The same of many, all at once."""
        self._store.journal.add_done(self.entry_id, chain.from_iterable(_made(path, file) for path, file in files))

    def _done(self, noted: int, file: Path) -> None:
        status = os.lstat(file)
        self._store.journal.file_done(noted, status.st_size, status.st_mtime_ns)


def _made(path: str, file: PublishedFile) -> Iterator[FileChange]:
    path = os.path.abspath(path)
    if file.replaced is not None and os.path.lexists(file.replaced):
        old = os.lstat(file.replaced)
        yield FileChange(0, FileOperation.TRASHED, path, file.replaced, old.st_size, old.st_mtime_ns, FileState.DONE)
    yield FileChange(0, FileOperation.CREATED, path, None, file.size_bytes, file.mtime_ns, FileState.DONE)


@contextmanager
def changes(store: Store, verb: str, summary: str, clock: Callable[[], int]) -> Iterator[Change]:
    """An entry of the journal from its first change to its last; one without any leaves none."""
    change = Change(store, store.journal.begin(verb, summary, clock()), summary, clock)
    try:
        yield change
    finally:
        store.journal.finish(change.entry_id, change.summary, clock())
