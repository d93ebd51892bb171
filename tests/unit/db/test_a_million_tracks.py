"""A million tracks: prefix search and filtered pages are there at once, however rare or common what is asked for."""

from __future__ import annotations

import random
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import big_library
import pytest

from auralis_cli.db.store import Store
from auralis_cli.model.library import FileStatus
from auralis_cli.model.query_words import Surroundings, parse_query

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1200)]

# A page takes no longer than reading the titles and artists of so many: 20 ms on the machine this was set on.
_FLOOR_TRACKS = 100_000
_ASKED = 60
_PAGE = 50


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path: Path = tmp_path_factory.mktemp("million") / "library.db"
    started_s = time.perf_counter()
    big_library.build(path)
    print(f"built in {time.perf_counter() - started_s:.0f} s, {path.stat().st_size / 1e6:.0f} MB")
    with Store.open(path, program="test", now=big_library.MADE_AT) as store:
        yield store


def thread_s(work: Callable[[], object]) -> float:
    """Processor time, the better of two: what else the machine does is not to be measured."""
    times = []
    for _ in range(2):
        started_s = time.thread_time()
        work()
        times.append(time.thread_time() - started_s)
    return min(times)


def is_no_slower_than_the_floor(store: Store, work: Callable[[], object]) -> bool:
    """In turns, since some machines change their pace."""
    statement = "SELECT sum(length(title) + length(artist)) FROM tracks WHERE id <= ?"
    pairs = [(thread_s(work), thread_s(lambda: store.database.one(statement, (_FLOOR_TRACKS,)))) for _ in range(5)]
    took_s, floor_s = map(min, zip(*pairs, strict=True))
    print(f"{took_s * 1e3:.1f} ms where reading a tenth takes {floor_s * 1e3:.1f} ms")
    return bool(took_s < floor_s)


class Questions:
    """Words, names and folders of the library, chosen at random as often as they come there."""

    def __init__(self, store: Store) -> None:
        def column(statement: str) -> list[str]:
            return [row[0] for row in store.database.all(statement)]

        self.chance = random.Random(big_library.SEED)
        titles = column("SELECT title FROM tracks WHERE id % 997 = 0")
        self.words = [word.lower() for title in titles for word in title.split()]
        self.artists = column("SELECT name FROM artists WHERE id % 37 = 0")
        self.genres = column("SELECT name FROM genres")
        files = store.database.all("SELECT path FROM files WHERE id % 5003 = 0")
        self.folders = [path.decode().rpartition("/")[0] for (path,) in files]

    def word(self, letters: int | None = None) -> str:
        """A word, or its beginning."""
        return self.chance.choice([word for word in self.words if len(word) >= (letters or 1)])[:letters]

    def genre(self) -> str:
        return "genre:" + self.chance.choice(self.genres).lower()

    def years(self) -> str:
        first = self.chance.randint(1950, 2010)
        return f"year:{first}..{first + self.chance.choice((0, 5, 20))}"

    def levels(self) -> str:
        low = round(self.chance.uniform(-20, -5), 1)
        return f"lufs:{low}..{low + self.chance.choice((0.1, 1, 5)):.1f}"


Asked = Callable[[Questions], Sequence[str]]
SHAPES: dict[str, Asked] = {
    "a letter": lambda ask: [ask.word(1)],
    "two letters": lambda ask: [ask.word(2)],
    "three letters": lambda ask: [ask.word(3)],
    "four letters": lambda ask: [ask.word(4)],
    "a word": lambda ask: [ask.word()],
    "a word and a beginning": lambda ask: [ask.word(), ask.word(2)],
    "an artist": lambda ask: ["artist:" + ask.chance.choice(ask.artists).lower()],
    "a genre": lambda ask: [ask.genre()],
    "years": lambda ask: [ask.years()],
    "levels": lambda ask: [ask.levels()],
    "a word of some years": lambda ask: [ask.word(3), ask.years()],
    "a genre, years and levels": lambda ask: [ask.genre(), ask.years(), ask.levels()],
    "a genre, the latest first": lambda ask: [ask.genre(), "added-"],
    "the latest": lambda ask: ["added-"],
    "by artist": lambda ask: ["artist+"],
    "by title": lambda ask: ["title+"],
    "the longest": lambda ask: ["duration-"],
    "none of these": lambda ask: ["^" + ask.word(), "^" + ask.genre()],
    "a folder": lambda ask: ["path:" + ask.chance.choice(ask.folders)],
    "rated": lambda ask: ["rating:5"],
    "everything": lambda ask: [],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_page_of_a_million_tracks_is_there_at_once(store: Store, shape: str) -> None:
    ask = Questions(store)
    surroundings = Surroundings(big_library.MADE_AT)

    def page_of(words: Sequence[str]) -> None:
        list(store.listings.tracks(parse_query(words, surroundings), limit=_PAGE))

    taken: list[tuple[float, Sequence[str]]] = []
    for _ in range(_ASKED):
        words = SHAPES[shape](ask)
        taken.append((thread_s(partial(page_of, words)), words))
    taken.sort(key=lambda one: one[0])
    median, p95 = taken[_ASKED // 2], taken[int(_ASKED * 0.95)]
    print(f"{shape}: p50 {median[0] * 1e3:.1f} ms, p95 {p95[0] * 1e3:.1f} ms; slowest {taken[-1][1]}", end="; ")
    assert is_no_slower_than_the_floor(store, partial(page_of, p95[1])), p95


@pytest.mark.parametrize("thing", ["albums", "artists", "genres"])
def test_a_page_of_albums_artists_or_genres_is_there_at_once(store: Store, thing: str) -> None:
    def ask() -> None:
        assert len(list(getattr(store.listings, thing)(limit=_PAGE))) == _PAGE

    assert is_no_slower_than_the_floor(store, ask)


def test_what_is_missing_of_a_million_is_forgotten_in_little_memory(store: Store) -> None:
    missing = store.files.counts()[FileStatus.MISSING]
    assert missing > 40_000
    tracemalloc.start()
    after = 0
    while page := store.files.page(FileStatus.MISSING, after=after):
        after = page[-1].id
        store.files.remove([file.id for file in page])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert store.files.counts()[FileStatus.MISSING] == 0
    assert store.tracks.count() == big_library.TRACKS - missing
    assert peak < 20_000_000
