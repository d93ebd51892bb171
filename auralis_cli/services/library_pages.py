"""A listing of any length by pages, for who looks at a part of it: ids of all once, things where they are looked at.

One reader belongs to one thread, which alone asks it; whoever does not wait any more says so from any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from traceback import clear_frames
from typing import TYPE_CHECKING

from auralis_cli.errors import AuralisError, LibraryError
from auralis_cli.model.packed_ids import PackedIds
from auralis_cli.model.progress import CancelToken
from auralis_cli.services.likeness_beside import LikenessBeside
from auralis_cli.services.listing import Listed, ListRequest, listed, listed_by_ids, listed_ids
from auralis_cli.version import VERSION

if TYPE_CHECKING:
    from auralis_cli.db.store import Store

# Of SQLite's steps between two looks whether somebody still waits: some milliseconds.
_STEPS = 50_000


class LibraryReader:
    """A library that is read again and again: opened when it is first asked, or as soon as there is one."""

    def __init__(self, library: Path, now_s: Callable[[], float], likeness: LikenessBeside | None = None) -> None:
        """`likeness` is shared by readers that are asked the same."""
        self._library = library
        self._now_s = now_s
        self._likeness = likeness or LikenessBeside(library)
        self._store: Store | None = None

    @contextmanager
    def reading(self, cancel: CancelToken) -> Iterator[Store | None]:
        """The open library, or None where there is none yet; what is asked of it within ends when it is cancelled.

        Raises LibraryError where it cannot be opened or read, CancelledError.
        """
        cancel.raise_if_cancelled()
        store = self._opened()
        if store is None:
            yield None
            return
        from auralis_cli.db.interruption import interruptible

        try:
            with interruptible(store.database, cancel, steps=_STEPS):
                yield store
        except AuralisError as error:
            _let_go(error)
            raise

    def understood(self, store: Store, request: ListRequest, cancel: CancelToken) -> ListRequest:
        """The request with the order that its `like:` means, which a process beside this one finds."""
        if not request.query.like:
            return request
        query = self._likeness.ranked(request.query, store.listings.state(), cancel)
        return replace(request, query=query)

    def state(self) -> tuple[int, ...] | None:
        """Numbers that are others when what is listed may be; None where there is no library."""
        with self.reading(CancelToken()) as store:
            return None if store is None else store.listings.state()

    def close(self) -> None:
        """Lets go of the library; it is opened again if it is asked again."""
        store, self._store = self._store, None
        if store is not None:
            store.close()

    def _opened(self) -> Store | None:
        if self._store is None and self._library.exists():
            from auralis_cli.db.store import Store

            self._store = Store.open(self._library, program=VERSION, now=int(self._now_s()), read_only=True)
        return self._store


def is_without_music(library: Path, now_s: Callable[[], float]) -> bool:
    """Whether a library is there and holds nothing; one that cannot be read is not said to be empty."""
    reader = LibraryReader(library, now_s)
    try:
        state = reader.state()
    except LibraryError:
        return False
    finally:
        reader.close()
    return state is not None and not state[0]


def _let_go(error: BaseException | None) -> None:
    """Ends here, in the reader's thread, what the frames of an error still hold of statements.

    Whoever is told of the error would else end them, and wait for that until what the same library is asked next has
    been answered.
    """
    while error is not None:
        clear_frames(error.__traceback__)
        error = error.__context__


class LibraryPages:
    """What a request lists, as it was when it was first asked for all of it."""

    def __init__(self, reader: LibraryReader, request: ListRequest) -> None:
        """Nothing is asked yet. The request's limit and offset are not looked at."""
        self._reader = reader
        self._request = request
        self._cancel = CancelToken()
        self._ids: PackedIds | None = None

    def count(self) -> int:
        """How many there are."""
        return len(self._all_ids())

    def page(self, first: int, number: int) -> Sequence[tuple[int, Listed | None]]:
        """`number` of them from place `first` on, with their ids; None for what has gone meanwhile.

        The first page is there at once, however long the listing is.
        """
        if self._ids is None and first == 0:
            return self._first_page(number)
        wanted = self.ids(first, number)
        with self._reader.reading(self._cancel) as store:
            found = () if store is None else listed_by_ids(store, self._request.subject, wanted)
        by_id = {one.id: one for one in found}
        return [(one, by_id.get(one)) for one in wanted]

    def ids(self, first: int, number: int) -> Sequence[int]:
        """The ids of these."""
        return self._all_ids().some(first, number)

    def place_of(self, thing_id: int) -> int | None:
        """At which place it stands, from 0; None where it is not listed."""
        return self._all_ids().place_of(thing_id)

    def leave(self) -> None:
        """Ends what is being asked with CancelledError, and all that is asked later; from any thread, at once."""
        self._cancel.cancel()

    def _first_page(self, number: int) -> Sequence[tuple[int, Listed | None]]:
        with self._reader.reading(self._cancel) as store:
            if store is None:
                return ()
            request = replace(self._understood(store), limit=number, offset=0)
            return [(one.id, one) for one in listed(store, request)]

    def _all_ids(self) -> PackedIds:
        if self._ids is None:
            with self._reader.reading(self._cancel) as store:
                self._ids = PackedIds() if store is None else listed_ids(store, self._understood(store))
        return self._ids

    def _understood(self, store: Store) -> ListRequest:
        self._request = self._reader.understood(store, self._request, self._cancel)
        return self._request
