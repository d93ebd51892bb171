"""Listings by pages: the same things in the same order as a listing of all, and nothing goes on for nobody."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import library_of
import pytest
from patience import PATIENCE_S

from auralis_cli.db.store import Store
from auralis_cli.errors import CancelledError, InputError
from auralis_cli.model.plays import LikingWish
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.query import OfAlbum, OfArtist, Query
from auralis_cli.model.query_words import Surroundings, parse_query
from auralis_cli.services.chosen_tracks import ChosenTracks
from auralis_cli.services.library_pages import LibraryPages, LibraryReader
from auralis_cli.services.listing import ListRequest, Subject, listed, listed_ids

NOW = float(library_of.NOW)
_PANES = (Subject.TRACKS, Subject.ALBUMS, Subject.ARTISTS)


def write(path: Path, numbers: range, artists: int = 3) -> None:
    with Store.open(path, program="test", now=library_of.NOW) as store:
        library_of.put(
            store,
            [
                library_of.record(
                    f"/m/{number}.flac",
                    title=f"Title {number:03}",
                    artist=f"Artist {number % artists}",
                    artists=(f"Artist {number % artists}",),
                    albumartist="Various" if number % 2 else f"Artist {number % artists}",
                    albumartists=("Various",) if number % 2 else (f"Artist {number % artists}",),
                    album=f"Album {number // 10}",
                    track=number % 10,
                )
                for number in numbers
            ],
        )


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "library.db"
    write(path, range(300))
    return path


@pytest.fixture
def library(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(written, tmp_path))


@pytest.fixture
def reader(library: Path) -> Iterator[LibraryReader]:
    made = LibraryReader(library, lambda: NOW)
    yield made
    made.close()


def query(words: str) -> Query:
    return parse_query(words.split(), Surroundings(library_of.NOW))


@pytest.mark.invariant("S1-M-16")
@pytest.mark.parametrize("subject", list(Subject))
@pytest.mark.parametrize(
    "words",
    [
        "",
        "title:1",
        "title-",
        "artist:2 album:1",
        "artist+ title-",
        "^artist:2",
        "title::[05]$ ^album:1",
        "tit , art 2",
    ],
)
def test_pages_put_together_are_the_listing(library: Path, reader: LibraryReader, subject: Subject, words: str) -> None:
    wanted = query(words) if subject is Subject.TRACKS else replace(query(words), sort=())
    request = ListRequest(subject, wanted)
    with Store.open(library, program="test", now=library_of.NOW, read_only=True) as store:
        expected = list(listed(store, request))
    pages = LibraryPages(reader, request)
    # The first page before and after the rest is known.
    first = [thing for _, thing in pages.page(0, 7)]
    assert first == expected[:7]
    assert pages.count() == len(expected)
    found = [thing for start in range(0, len(expected) + 1, 64) for _, thing in pages.page(start, 64)]
    assert found == expected
    assert [pages.place_of(thing.id) for thing in expected[-3:]] == list(range(len(expected)))[-3:]
    assert pages.place_of(10**9) is None


def test_what_belongs_to_an_album_or_an_artist_is_found_by_its_id(library: Path) -> None:
    with Store.open(library, program="test", now=library_of.NOW, read_only=True) as store:
        for album in store.listings.albums():
            found = list(store.listings.tracks(Query().narrowed(OfAlbum(album.id))))
            assert len(found) == album.tracks
            assert {(track.album, track.albumartist) for track in found} == {(album.title, album.albumartist)}
        for artist in store.listings.artists():
            found = list(store.listings.tracks(query("title:1").narrowed(OfArtist(artist.id))))
            expected = [
                track.id
                for track in store.listings.tracks(query("title:1"))
                if artist.name in (track.artist, track.albumartist)
            ]
            assert [track.id for track in found] == expected


def test_who_does_not_wait_any_more_is_not_answered(reader: LibraryReader) -> None:
    pages = LibraryPages(reader, ListRequest())
    assert pages.page(0, 10)
    pages.leave()
    with pytest.raises(CancelledError):
        pages.page(0, 10)
    with pytest.raises(CancelledError):
        pages.count()


@pytest.mark.invariant("S2-NEW-12")
@pytest.mark.parametrize("subject", _PANES)
def test_the_ids_of_all_are_one_row_to_whoever_waits_for_them(library: Path, subject: Subject) -> None:
    """The planted fault takes them one by one: each is a turn that the screen's thread waits for."""
    with Store.open(library, program="test", now=library_of.NOW, read_only=True) as store:
        rows: list[object] = []
        stream = store.database.stream

        def counted(statement: str, values: Sequence[object] = ()) -> Iterator[tuple[object, ...]]:
            for row in stream(statement, values):
                rows.append(row)
                yield row

        store.database.stream = counted  # type: ignore[method-assign]
        ids = listed_ids(store, ListRequest(subject, query("title:1")))
        assert len(ids) > 0
        assert len(rows) == 1


@pytest.mark.parametrize("subject", _PANES)
def test_the_first_page_of_a_filter_that_finds_much_is_found_without_the_rest(tmp_path: Path, subject: Subject) -> None:
    """The planted fault finds all artists to show the first."""
    library = tmp_path / "much.db"
    write(library, range(900), artists=300)
    request = ListRequest(subject, query("title:1"))
    with Store.open(library, program="test", now=library_of.NOW, read_only=True) as store:
        first = _steps(store, lambda: list(listed(store, replace(request, limit=4))))
        assert first * 2 < _steps(store, lambda: listed_ids(store, request))


def _steps(store: Store, asked: Callable[[], object]) -> int:
    """How many steps of SQLite it takes, in tens."""
    steps: list[None] = []
    connection = store.database.of_this_thread()
    connection.set_progress_handler(lambda: steps.append(None), 10)
    asked()
    connection.set_progress_handler(None, 10)
    return len(steps)


_ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i % 100 = 0"


def test_a_long_statement_ends_when_nobody_waits(reader: LibraryReader) -> None:
    """The planted fault looks whether somebody waits only when a statement is through."""
    cancel = CancelToken()
    threading.Timer(0.1, cancel.cancel).start()
    with pytest.raises(CancelledError), reader.reading(cancel) as store:
        assert store is not None
        store.database.one(f"SELECT max(i) FROM ({_ENDLESS} LIMIT 300000)")


@pytest.mark.invariant("S2-NEW-12")
def test_whoever_drops_what_was_not_answered_waits_for_no_later_question(reader: LibraryReader) -> None:
    """The planted fault leaves the statement that was ended to whoever is told so; it ends behind what is asked next.

    On the screen that was the event loop, for as long as the next filter took.
    """

    def ask(cancel: CancelToken, begun: threading.Event) -> None:
        with reader.reading(cancel) as store:
            assert store is not None
            begun.set()
            store.database.one(f"SELECT max(i) FROM ({_ENDLESS})")

    with ThreadPoolExecutor(1) as thread:
        cancel, begun, at_it = CancelToken(), threading.Event(), threading.Event()
        asked = thread.submit(ask, cancel, begun)
        assert begun.wait(PATIENCE_S)
        # By then it is at its statement.
        at_it.wait(0.1)
        cancel.cancel()
        assert isinstance(asked.exception(), CancelledError)
        next_cancel, next_begun = CancelToken(), threading.Event()
        # Where it is waited for.
        ends = threading.Timer(PATIENCE_S, next_cancel.cancel)
        ends.start()
        following = thread.submit(ask, next_cancel, next_begun)
        assert next_begun.wait(PATIENCE_S)
        at_it.wait(0.1)
        del asked
        is_waited_for = next_cancel.is_cancelled
        next_cancel.cancel()
        ends.cancel()
        assert isinstance(following.exception(), CancelledError)
    assert not is_waited_for


def test_a_library_is_read_as_soon_as_there_is_one(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    reader = LibraryReader(path, lambda: NOW)
    assert reader.state() is None
    assert LibraryPages(reader, ListRequest()).page(0, 10) == ()
    write(path, range(3))
    state = reader.state()
    assert LibraryPages(reader, ListRequest()).count() == 3
    write(path, range(3, 5))
    assert reader.state() != state
    reader.close()


def test_what_has_gone_meanwhile_keeps_its_place_empty(library: Path, reader: LibraryReader) -> None:
    pages = LibraryPages(reader, ListRequest(query=query("title+")))
    assert pages.count() == 300
    ids = pages.ids(0, 3)
    with Store.open(library, program="test", now=library_of.NOW) as store:
        store.tracks.remove([ids[1]])
    assert [thing is None for _, thing in pages.page(0, 3)] == [False, True, False]
    assert [number for number, _ in pages.page(0, 3)] == ids


def test_chosen_tracks_are_queued_in_order_rated_and_told(library: Path) -> None:
    chosen = ChosenTracks(library, lambda: NOW)
    assert [track.track_id for track in chosen.for_queue([7, 3, 10**9])] == [7, 3]
    assert chosen.last_change() is None
    assert "2 tracks" in chosen.like([7, 3], LikingWish(rates=True, rating=4.0))
    assert chosen.track(7).rating == 4.0
    change = chosen.last_change()
    assert change is not None
    assert change.verb == "rate"
    album = chosen.track(7)
    with Store.open(library, program="test", now=library_of.NOW, read_only=True) as store:
        ids = {one.title: one.id for one in store.listings.albums() if one.albumartist == album.albumartist}
    found = chosen.ids_of(Query(), [OfAlbum(ids[album.album or ""]), OfAlbum(ids[album.album or ""])])
    assert len(found) == len(set(found))
    assert 7 in found
    with pytest.raises(InputError):
        chosen.track(10**9)
