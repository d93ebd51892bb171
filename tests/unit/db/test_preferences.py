"""Choices in the library: bounded, weighed by ratings, and none lost whoever notes at the same time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import REPOSITORY
from libraries import NOW, make_library, opened

from auralis_cli.db.preference_lookup import find_observations
from auralis_cli.db.store import Store
from auralis_cli.model.preferences import OBSERVED_FOR_S, Observation, SoundChoice
from auralis_cli.model.track_kinds import TrackKind

DARK, SPEECH = TrackKind.OPEN_FLOWING_DARK, TrackKind.SPEECH
# Notes as `master` does, once a byte comes in.
NOTER = """
import sys
from pathlib import Path
from auralis_cli.db.store import Store
from auralis_cli.model.preferences import Observation, SoundChoice
from auralis_cli.model.track_kinds import TrackKind
now = int(sys.argv[2])
with Store.open(Path(sys.argv[1]), program="test", now=now, wait_s=60.0) as store:
    store.preferences.counts()
    print("ready", flush=True)
    sys.stdin.read(1)
    store.preferences.add([Observation(TrackKind.SPEECH, SoundChoice(preset="theirs"), now)], now=now)
"""


def tilt(value: float, at: int = NOW, kind: TrackKind = DARK, key: str | None = None) -> Observation:
    return Observation(kind, SoundChoice(tilt_db=value), at, content_key=key)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return make_library(tmp_path / "library.db")


@pytest.fixture
def store(library: Path) -> Iterator[Store]:
    with opened(library) as store:
        yield store


def test_what_is_noted_is_there_the_newest_first(store: Store) -> None:
    full = Observation(SPEECH, SoundChoice("warm", 0.25, -3.0, 3.0, -6.0), NOW - 5, 0.5, "key")
    store.preferences.add([full, tilt(0.1), tilt(0.2)], now=NOW)
    assert store.preferences.all(now=NOW) == (tilt(0.2), tilt(0.1), full)
    assert store.preferences.counts() == {DARK.value: 2, SPEECH.value: 1}


def test_what_is_older_than_a_year_counts_no_more_and_goes(store: Store) -> None:
    store.preferences.add([tilt(0.1, NOW - OBSERVED_FOR_S)], now=NOW)
    assert len(store.preferences.all(now=NOW)) == 1
    assert store.preferences.all(now=NOW + 1) == ()
    store.preferences.add([tilt(0.2, NOW + 1)], now=NOW + 1)
    assert sum(store.preferences.counts().values()) == 1


def test_of_too_many_the_oldest_go(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auralis_cli.db.preferences.MOST_OBSERVED", 3)
    store.preferences.add([tilt(0.1 * number, NOW - number) for number in (2, 0, 4, 1, 3)], now=NOW)
    assert [one.observed_at for one in store.preferences.all(now=NOW)] == [NOW, NOW - 1, NOW - 2]
    assert sum(store.preferences.counts().values()) == 3


def test_a_choice_weighs_as_its_track_is_rated_later(store: Store) -> None:
    store.preferences.add([tilt(0.1, key="id1"), tilt(0.2, key="id2"), tilt(0.3, key="gone")], now=NOW)
    store.plays.rate(1, 5.0)
    store.plays.rate(2, 0.0)
    assert {one.choice.tilt_db: one.weight for one in store.preferences.all(now=NOW)} == {0.1: 1.5, 0.2: 0.5, 0.3: 1.0}


def test_nothing_is_left_of_what_was_forgotten(store: Store) -> None:
    store.preferences.add([tilt(0.1), tilt(0.2, kind=SPEECH), tilt(0.3)], now=NOW)
    assert store.preferences.forget(SPEECH) == 1
    assert [one.kind for one in store.preferences.all(now=NOW)] == [DARK, DARK]
    assert store.preferences.forget(None) == 2
    assert store.database.one("SELECT count(*) FROM preferences_observed") == (0,)


def test_what_a_newer_program_calls_a_kind_is_left_alone(store: Store, library: Path) -> None:
    store.preferences.add([tilt(0.1)], now=NOW)
    store.database.run("UPDATE preferences_observed SET kind = 'polka'")
    assert store.preferences.all(now=NOW) == ()
    assert store.preferences.counts() == {"polka": 1}


def test_asking_in_passing_never_fails(store: Store, library: Path, tmp_path: Path) -> None:
    store.preferences.add([tilt(0.1)], now=NOW)
    assert find_observations(library, now=NOW) == (tilt(0.1),)
    assert find_observations(tmp_path / "none.db", now=NOW) == ()
    assert find_observations(make_library(tmp_path / "old.db", version=7), now=NOW) == ()
    (tmp_path / "damaged.db").write_bytes(b"no library" * 500)
    assert find_observations(tmp_path / "damaged.db", now=NOW) == ()


def test_of_two_processes_that_note_at_once_none_loses_a_choice(store: Store, library: Path) -> None:
    """Kills: the choices that are there are read, and written back with the new one."""
    other = subprocess.Popen(
        [sys.executable, "-c", NOTER, library, str(NOW)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(REPOSITORY)},
    )
    assert other.stdin is not None
    assert other.stdout is not None
    assert other.stdout.readline() == b"ready\n"
    with store.database.write():
        store.preferences.add([tilt(0.1)], now=NOW)
        other.stdin.write(b"x")
        other.stdin.flush()
        # It waits for us; what it has read by now it has read before us.
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(0.4)
    other.communicate(timeout=60)
    assert other.returncode == 0
    assert {one.choice.preset for one in find_observations(library, now=NOW)} == {None, "theirs"}
