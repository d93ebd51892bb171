"""What tells of plays beside the player: when, how often, and that nobody waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from listens import all_told, counts, library_with, names_told, playable, server_at
from patience import PATIENCE_S, HandClock, until
from player_fakes import PlayerRig
from web_server import Asked, Told, WebServer, web_server

from auralis_cli.db.store import Store
from auralis_cli.errors import UsageError
from auralis_cli.model.plays import PlayOutcome
from auralis_cli.services.listen_queue import ListenQueue
from auralis_cli.services.player_memory import LibraryMemory
from auralis_cli.services.scrobbler import Scrobbler
from auralis_cli.services.web_client import WebBounds, WebClient

pytestmark = pytest.mark.usefixtures("patient_memory")


@contextmanager
def scrobbling(library: Path, web: WebServer, said: list[str] | None = None, **how: Any) -> Iterator[Scrobbler]:
    complain = (said if said is not None else []).append
    made = Scrobbler(ListenQueue(library), lambda cancel: server_at(web, cancel), complain, **how)
    try:
        yield made
    finally:
        made.close()


def test_what_waited_is_told_when_the_player_begins_and_each_play_as_it_ends(tmp_path: Path) -> None:
    library = library_with(tmp_path / "library.db", 2)
    with web_server() as web, scrobbling(library, web) as scrobbler:
        until(lambda: names_told(web) == [["0", "1"]])
        memory = LibraryMemory(library, listen_queued=scrobbler.wake)
        memory.record_play(playable("a"), 1_700_000_100, 60.0, PlayOutcome.FINISHED)
        memory.record_play(playable("b", 2), 1_700_000_200, 3.0, PlayOutcome.SKIPPED)
        # Not of the library, and too short.
        memory.record_play(playable("c", None), 1_700_000_300, 60.0, PlayOutcome.FINISHED)
        memory.record_play(playable("d", None, 9.0), 1_700_000_400, 9.0, PlayOutcome.FINISHED)
        until(lambda: all_told(web) == ["0", "1", "a", "c"])
        until(lambda: counts(library).waiting == 0)
        memory.close()
        told = [asked.document for asked in web.requests]
    assert told[-1]["payload"][0]["listened_at"] in (1_700_000_100, 1_700_000_300)
    with Store.open(library, program="test", now=1) as store:
        assert len(store.plays.history(limit=9)) == 2


def test_without_scrobbling_nothing_is_queued(tmp_path: Path) -> None:
    library = library_with(tmp_path / "library.db")
    memory = LibraryMemory(library)
    memory.record_play(playable("a"), 1, 60.0, PlayOutcome.FINISHED)
    memory.close()
    assert counts(library).waiting == 0


def test_a_server_that_is_down_is_tried_again_and_gets_each_play_once(tmp_path: Path) -> None:
    library = library_with(tmp_path / "library.db", 3)
    answers = [Told(503), Told(429, headers={"Retry-After": "0"}), Told(200, b"x", announced=9)]
    with (
        web_server(lambda _asked: answers.pop(0) if answers else Told()) as web,
        scrobbling(library, web, first_retry_s=0.05),
    ):
        until(lambda: counts(library).waiting == 0)
        assert names_told(web) == [["0", "1", "2"]] * 4


def test_the_server_is_left_alone_for_as_long_as_it_asks(tmp_path: Path) -> None:
    library, clock = library_with(tmp_path / "library.db", 1), HandClock()
    with (
        web_server(Told(429, headers={"Retry-After": "1"})) as web,
        scrobbling(library, web, first_retry_s=0.01, clock=clock) as scrobbler,
    ):
        until(lambda: len(web.requests) == 1)
        # When it is answered, and how long that leaves to be waited.
        clock.wait_for_looks(2)
        clock.now_s = 0.9
        scrobbler.wake()
        # The first look may be an earlier one's; who looks again after the second has asked nothing.
        clock.wait_for_looks(3)
        assert len(web.requests) == 1
        clock.now_s = 1.1
        scrobbler.wake()
        until(lambda: len(web.requests) == 2)


def test_a_token_that_the_server_does_not_know_is_said_once_and_ends_it(tmp_path: Path) -> None:
    library, said = library_with(tmp_path / "library.db", 3), list[str]()
    with web_server(Told(401)) as web, scrobbling(library, web, said, first_retry_s=0.01) as scrobbler:
        until(lambda: said != [])
        scrobbler.wake()
        threading.Event().wait(0.1)
        assert len(web.requests) == 1
    assert said == [f"plays are queued, and not told: {web.address}/1/submit-listens answers 401"]
    assert counts(library).waiting == 3


def test_what_it_takes_to_ask_a_server_and_is_missing_is_said(tmp_path: Path) -> None:
    said: list[str] = []

    def refuse(_cancel: object) -> Any:
        raise UsageError("scrobble", "there is no token")

    made = Scrobbler(ListenQueue(library_with(tmp_path / "library.db", 1)), refuse, said.append)
    until(lambda: said)
    made.close()
    assert said == ["plays are queued, and not told: scrobble: there is no token"]


def test_the_player_is_not_held_up_by_a_server_that_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_s = 2.0 * PATIENCE_S
    monkeypatch.setitem(vars(WebClient)["post"].__kwdefaults__, "bounds", WebBounds(read_s=long_s, total_s=long_s))
    library, stuck = library_with(tmp_path / "library.db", 3), threading.Event()

    def answer(_asked: Asked) -> Told:
        stuck.wait(long_s)
        return Told()

    with web_server(answer) as web:
        made = Scrobbler(ListenQueue(library), lambda cancel: server_at(web, cancel), print)
        until(lambda: len(web.requests) == 1)
        begun = time.monotonic()
        rig = PlayerRig()
        rig.player.subscribe(made.hear)
        rig.playing(2)
        memory = LibraryMemory(library, listen_queued=made.wake)
        memory.record_play(playable("a"), 5, 60.0, PlayOutcome.FINISHED)
        memory.close()
        made.close()
        took = time.monotonic() - begun
        stuck.set()
    assert took < PATIENCE_S
    assert counts(library).waiting == 4


def test_what_plays_now_is_told_once_for_each_track_and_not_kept(tmp_path: Path) -> None:
    library = library_with(tmp_path / "library.db")
    with web_server() as web, scrobbling(library, web) as scrobbler:
        rig = PlayerRig()
        snapshot = rig.playing(2).snapshot
        assert snapshot.track is not None
        first = replace(snapshot, track=replace(snapshot.track, artist="Ann", duration_s=60.0))
        for revision in range(3):
            scrobbler.hear(replace(first, revision=revision))
        until(lambda: len(web.requests) == 1)
        told = web.requests[0].document
        assert told["listen_type"] == "playing_now"
        assert list(told["payload"][0]) == ["track_metadata"]
        threading.Event().wait(0.05)
        assert len(web.requests) == 1
    assert counts(library).waiting == 0


def test_while_another_process_tells_them_this_one_does_not(tmp_path: Path) -> None:
    library = library_with(tmp_path / "library.db", 1)
    with web_server() as web, ListenQueue(library).telling() as is_ours:
        assert is_ours
        with scrobbling(library, web):
            threading.Event().wait(0.2)
            assert web.requests == []
