"""Words in time with a player: each line when it is sung, and nothing in between."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_player import snapshot
from patience import until

from auralis_cli.errors import CancelledError, NoPlayerError
from auralis_cli.model.player_status import PlayerStatus, TrackStatus
from auralis_cli.services import lyrics_following
from auralis_cli.services.lyrics_following import SongMoment, follow

LINES = "[00:00.20]one\n[00:00.40]two\n[00:00.60]three\n[00:09]last"


def status(path: Path, ticket: int = 1, **changed: Any) -> PlayerStatus:
    track = TrackStatus(str(path), changed.pop("cue_number", 0), None, ticket, title=changed.pop("title", "T"))
    told = {"state": "playing", "duration_s": 60.0, "position_s": 0.0, "revision": 1, **changed}
    base = PlayerStatus.of(snapshot())
    return PlayerStatus(**{**{name: getattr(base, name) for name in base.__slots__}, **told, "track": track})


def songs(tmp_path: Path, *texts: str) -> list[Path]:
    paths = []
    for number, text in enumerate(texts):
        path = tmp_path / f"{number}.flac"
        path.write_bytes(b"no music")
        if text:
            path.with_suffix(".lrc").write_text(text)
        paths.append(path)
    return paths


def telling(*told: tuple[float, PlayerStatus], ends_after_s: float = 0.0) -> Callable[..., Iterator[PlayerStatus]]:
    """What a player tells, each so long after the one before."""

    def watching(look_around: Callable[[], None]) -> Iterator[PlayerStatus]:
        pause = threading.Event()
        for wait_s, one in told:
            pause.wait(wait_s)
            look_around()
            yield one
        pause.wait(ends_after_s)

    return watching


class Attended:
    """A player that tells each thing once what it told before was taken, and lets some time pass behind each."""

    def __init__(self, *told: PlayerStatus, passes_s: float = 0.0) -> None:
        self.now_s = 0.0
        self._told, self._passes_s = told, passes_s
        self._looks = 0

    def follow(self) -> list[SongMoment]:
        """What who follows it is given, to its end."""
        return list(follow(self._watched, self._looked, clock=lambda: self.now_s))

    def _looked(self) -> None:
        self._looks += 1

    def _watched(self, _look_around: Callable[[], None]) -> Iterator[PlayerStatus]:
        for one in self._told:
            yield one
            self._wait_for_a_turn()
            if self._passes_s:
                self.now_s += self._passes_s
                self._wait_for_a_turn()

    def _wait_for_a_turn(self) -> None:
        """The first look may be that of a turn begun before, the second comes behind a whole one."""
        seen = self._looks
        until(lambda: self._looks >= seen + 2, "nobody looks around")


def lines_of(moments: list[SongMoment]) -> list[str | None]:
    return [None if one.found is None or one.line is None else one.found.lyrics.timed[one.line].text for one in moments]


class Waits:
    """What following waits for, with the time that it waits passing at once; takes the place of what is told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, told: PlayerStatus, ends_after_s: float) -> None:
        self.now_s, self.waited_s = 0.0, list[float]()

        def news(watcher: lyrics_following._Watcher, wait_s: float) -> PlayerStatus | None:
            self.waited_s.append(wait_s)
            if len(self.waited_s) == 1:
                return told
            self.now_s += wait_s
            watcher.has_ended = self.now_s >= ends_after_s
            return None

        monkeypatch.setattr(lyrics_following._Watcher, "news", news)


def test_lines_come_when_they_are_sung_though_the_player_says_nothing_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """✗ a line is only noticed when the player tells something."""
    (path,) = songs(tmp_path, LINES)
    waits = Waits(monkeypatch, status(path), ends_after_s=0.8)
    came = [(waits.now_s, moment) for moment in follow(telling(), lambda: None, clock=lambda: waits.now_s)]
    assert lines_of([moment for _, moment in came]) == [None, "one", "two", "three"]
    assert [at_s for at_s, _ in came[1:]] == pytest.approx([0.2, 0.4, 0.6], abs=0.003)


def test_between_lines_it_sleeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """✗ waiting by asking again and again."""
    (path,) = songs(tmp_path, "[00:09]far away")
    waits = Waits(monkeypatch, status(path), ends_after_s=0.6)
    assert len(list(follow(telling(), lambda: None, clock=lambda: waits.now_s))) == 1
    assert len(waits.waited_s) < 10


@pytest.mark.alone
def test_what_is_waited_for_takes_no_processor(tmp_path: Path) -> None:
    """✗ waiting by asking again and again, where it says that it waits."""
    (path,) = songs(tmp_path, "[00:09]far away")
    looks: list[float] = []
    begun_s, before = time.monotonic(), time.process_time()
    assert len(list(follow(telling((0.0, status(path)), ends_after_s=0.6), lambda: looks.append(1.0)))) == 1
    assert len(looks) < 10 + (time.monotonic() - begun_s) / 0.25
    assert time.process_time() - before < 0.2


def test_what_is_paused_stands_still_and_a_seek_goes_where_it_goes(tmp_path: Path) -> None:
    (path,) = songs(tmp_path, LINES)
    player = Attended(*(status(path, state="paused", position_s=at_s) for at_s in (0.25, 9.5, 0.5)), passes_s=5.0)
    assert lines_of(player.follow()) == ["one", "last", "two"]


def test_another_song_brings_its_own_words(tmp_path: Path) -> None:
    first, silent, plain = songs(tmp_path, LINES, "", "only words")
    moments = Attended(
        status(first, 1, position_s=10.0, state="paused"),
        # What is opened has no title yet, and is waited for.
        status(silent, 2, state="loading", title=None),
        status(silent, 2),
        status(plain, 3),
        status(first, 4, cue_number=3),
    ).follow()
    assert [(one.track.ticket, one.track.title) for one in moments] == [(1, "T"), (2, "T"), (3, "T"), (4, "T")]
    assert lines_of(moments) == ["last", None, None, None]
    assert [one.found is not None for one in moments] == [True, False, True, False]
    assert moments[1].problem is not None


def test_what_ends_it_is_told(tmp_path: Path) -> None:
    def broken(_look_around: Callable[[], None]) -> Iterator[PlayerStatus]:
        raise NoPlayerError("player", "it has ended")

    with pytest.raises(NoPlayerError):
        list(follow(broken, lambda: None))

    def cancelled() -> None:
        raise CancelledError

    before = set(threading.enumerate())
    with pytest.raises(CancelledError):
        list(follow(telling(*[(0.01, status(tmp_path))] * 1000), cancelled))
    # One that was not given a processor is left behind at last, and ends by itself.
    until(lambda: set(threading.enumerate()) <= before, "it watches on")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_it_ends_where_what_watches_has_broken() -> None:
    """✗ a thread that died of a defect is waited for until the end of time."""

    def defective(_look_around: Callable[[], None]) -> Iterator[PlayerStatus]:
        raise TypeError("a defect")

    assert list(follow(defective, lambda: None)) == []
