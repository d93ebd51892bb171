"""A tap lasts as long as the connection that asked for it, and no longer."""

from __future__ import annotations

from pathlib import Path

import pytest
from controlled_player import Controlled, controlled, short_home
from patience import PATIENCE_S, until

from auralis_cli.errors import NoPlayerError, UsageError
from auralis_cli.player.control_place import tap_path
from auralis_cli.player.control_protocol import TAP
from auralis_cli.player.tap import SoundTap, TapReader
from auralis_cli.services.remote_player import RemotePlayer


def tapped(one: Controlled) -> SoundTap:
    one.player.tap = SoundTap(tap_path(one.path), frames=4_096)
    return one.player.tap


def test_it_is_there_until_the_last_connection_that_asked_for_it_ends() -> None:
    with short_home() as environ, controlled(environ) as one:
        tap = tapped(one)
        first, second, other = (RemotePlayer(environ=environ, patience_s=PATIENCE_S) for _ in range(3))
        path = Path(first.do(TAP)["path"])
        assert Path(second.do(TAP)["path"]) == path == tap_path(one.path)
        TapReader(path)
        other.close()
        first.close()
        assert second.status() is not None
        assert tap.ring is not None
        second.close()
        until(lambda: not path.exists())
        assert tap.ring is None


def test_it_is_gone_once_the_player_no_longer_listens() -> None:
    with short_home() as environ, controlled(environ) as one:
        tap = tapped(one)
        with RemotePlayer(environ=environ, patience_s=PATIENCE_S) as client:
            client.do(TAP)
            one.close()
            assert tap.ring is None
            assert not tap_path(one.path).exists()


@pytest.mark.invariant("S2-u6")
def test_a_folder_that_is_taken_away_ends_neither_who_answers_nor_how_it_ends() -> None:
    """✗ what cannot be taken away of a client that is gone ends the thread that answers all others."""
    with short_home() as environ, controlled(environ) as one:
        tap = tapped(one)
        first, other = (RemotePlayer(environ=environ, patience_s=PATIENCE_S) for _ in range(2))
        first.do(TAP)
        assert other.status() is not None
        folder = one.path.parent
        folder.rename(folder.with_name("elsewhere"))
        folder.touch()
        first.close()
        until(lambda: tap.ring is None)
        assert other.status() is not None
        one.close()
        with pytest.raises(NoPlayerError, match="has ended"):
            other.status()
        other.close()


def test_a_player_without_a_place_for_it_says_so() -> None:
    with short_home() as environ, controlled(environ), RemotePlayer(environ=environ, patience_s=PATIENCE_S) as client:
        with pytest.raises(UsageError, match="no place"):
            client.do(TAP)
        assert client.status() is not None
