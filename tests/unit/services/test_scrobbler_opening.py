from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from controlled_player import short_home
from listens import TOKEN, counts, library_with
from patience import until
from sound_sinks import waited_for
from web_server import web_server

from auralis_cli.model.online import ScrobbleSettings
from auralis_cli.model.play_request import PlayRequest
from auralis_cli.model.presets import PRESETS
from auralis_cli.player.control_place import claim_name
from auralis_cli.services.player_session import PlayerPlaces, open_player
from auralis_cli.services.scrobbler_opening import listen_queued, open_scrobbler

OFFLINE = ScrobbleSettings(True, False, "https://lb.example", None)
OFF = ScrobbleSettings(False, True, "https://lb.example", None)


@contextmanager
def player(library: Path, settings: ScrobbleSettings | None, said: list[str], *, keeps: bool = True) -> Iterator[None]:
    """One without tracks, which needs no device."""
    with short_home() as environ:
        claim = claim_name(environ=environ)
        assert claim is not None
        variables = {**environ, "AURALIS_SCROBBLE_TOKEN": TOKEN}
        places = PlayerPlaces(library, PRESETS, variables, keeps, claim, lambda: None, said.append, settings)
        with open_player(places, PlayRequest()) as session:
            session.begin()
            yield


def scrobblers() -> set[threading.Thread]:
    """Those that tell, here or behind an earlier test."""
    return {thread for thread in threading.enumerate() if thread.name == "scrobbler"}


def test_a_player_tells_what_waits_from_before(tmp_path: Path) -> None:
    library, said, before = library_with(tmp_path / "library.db", 2), list[str](), scrobblers()
    with web_server() as web, player(library, ScrobbleSettings(True, True, web.address, None), said):
        waited_for(lambda: counts(library).waiting == 0, "an empty queue")
        assert len(web.requests) == 1
    assert said == []
    # One that was not given a processor is left behind at last, and ends by itself.
    until(lambda: scrobblers() <= before, "it goes on")


@pytest.mark.parametrize(
    ("is_enabled", "is_online", "keeps"), [(False, True, True), (True, False, True), (True, True, False)]
)
def test_a_player_that_is_not_to_tell_asks_nobody(
    is_enabled: bool, is_online: bool, keeps: bool, tmp_path: Path
) -> None:
    library, before = library_with(tmp_path / "library.db", 2), scrobblers()
    with web_server() as web:
        with player(library, ScrobbleSettings(is_enabled, is_online, web.address, None), [], keeps=keeps):
            assert scrobblers() <= before
        assert web.requests == []


def test_plays_are_queued_where_that_is_set_also_while_nobody_may_be_asked(tmp_path: Path) -> None:
    assert open_scrobbler(OFFLINE, tmp_path / "library.db", {}, print) is None
    assert listen_queued(OFFLINE, None) is not None
    assert listen_queued(OFF, None) is None
    assert listen_queued(None, None) is None
