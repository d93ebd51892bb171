"""`like:` beside a screen: the same tracks in the same order, by a process of its own, ended when nobody waits."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from library_of import NOW
from sounding import put_sounds

from auralis_cli.db.store import Store
from auralis_cli.errors import CancelledError, UsageError
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.query import Query
from auralis_cli.model.query_words import Surroundings, parse_query
from auralis_cli.services import likeness_beside
from auralis_cli.services.likeness_beside import LikenessBeside
from auralis_cli.services.listing import ListRequest, listed

_SCRIPT = """
import sys
from pathlib import Path
from auralis_cli.model.query_words import Surroundings, parse_query
from auralis_cli.services.library_pages import LibraryPages, LibraryReader
from auralis_cli.services.listing import ListRequest
reader = LibraryReader(Path(sys.argv[1]), lambda: 0.0)
pages = LibraryPages(reader, ListRequest(query=parse_query(sys.argv[2:], Surroundings(0))))
first = [number for number, _ in pages.page(0, 5)]
assert first == list(pages.ids(0, 5))
print(*pages.ids(0, pages.count()))
print("numpy" in sys.modules)
"""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "library.db"
    with Store.open(path, program="test", now=NOW) as store:
        put_sounds(store, 60)
    return path


def query(*words: str) -> Query:
    return parse_query(words, Surroundings(NOW))


@pytest.mark.invariant("S1-M-16")
def test_pages_of_what_is_like_a_track_are_the_listing_without_numpy(library: Path) -> None:
    words = ("like:7", "^title:9")
    with Store.open(library, program="test", now=NOW, read_only=True) as store:
        expected = [str(one.id) for one in listed(store, ListRequest(query=query(*words)))]
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(library), *words], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines() == [" ".join(expected), "False"]


def test_a_ranking_is_found_once_for_all_who_want_it_until_the_library_is_another(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = LikenessBeside(library)
    found = beside.ranked(query("like:7"), 1, CancelToken())
    monkeypatch.setattr(likeness_beside, "_PROGRAM", (sys.executable, "-c", "print([5])"))
    narrower = beside.ranked(query("like:7", "title-"), 1, CancelToken())
    assert narrower.ranking == found.ranking
    assert narrower.sort
    assert beside.ranked(query("like:7"), 2, CancelToken()).ranking == [5]
    assert beside.ranked(query("title-"), 2, CancelToken()) == query("title-")


def test_what_cannot_be_ranked_is_said_as_the_listing_says_it(library: Path) -> None:
    with pytest.raises(UsageError, match="no track of the library has this id"):
        LikenessBeside(library).ranked(query("like:777"), 1, CancelToken())


@pytest.mark.invariant("S4-D5.2")
def test_the_process_ends_as_soon_as_nobody_waits(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault lets it go on: each letter of a filter would begin another."""
    endless = (sys.executable, "-c", "import threading; threading.Event().wait(20)")
    monkeypatch.setattr(likeness_beside, "_PROGRAM", endless)
    cancel = CancelToken()
    ends = threading.Timer(0.2, cancel.cancel)
    ends.start()
    with pytest.raises(CancelledError):
        LikenessBeside(library).ranked(query("like:7"), 1, cancel)
