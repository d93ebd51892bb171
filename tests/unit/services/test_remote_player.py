"""A player in another process, as those who drive it see it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from controlled_player import Controlled, controlled, short_home
from patience import PATIENCE_S, until

from auralis_cli.errors import InputError, LibraryError, NoPlayerError, UsageError
from auralis_cli.model.queue import QueueTrack
from auralis_cli.player.control_place import socket_path
from auralis_cli.player.control_protocol import error_of
from auralis_cli.services import remote_player
from auralis_cli.services.remote_player import RemotePlayer, is_running, watch


@pytest.fixture
def home() -> Iterator[dict[str, str]]:
    with short_home() as environ:
        yield environ


@pytest.fixture
def served(home: dict[str, str]) -> Iterator[Controlled]:
    with controlled(home) as one:
        yield one


@pytest.fixture
def remote(served: Controlled, home: dict[str, str]) -> Iterator[RemotePlayer]:
    with RemotePlayer(environ=home) as one:
        yield one


def tracks(count: int) -> list[QueueTrack]:
    return [QueueTrack(f"/music/{number:06}/caf\udce9.flac", number % 3, number + 1) for number in range(count)]


def test_the_queue_goes_over_and_comes_back_as_it_is(remote: RemotePlayer, served: Controlled) -> None:
    remote.set_queue(tracks(5), start=2, play=False)
    assert served.player.snapshot().state == "stopped"
    remote.add([QueueTrack("/a")])
    remote.play_next([QueueTrack("/b")])
    remote.insert(0, [QueueTrack("/c")])
    queue = remote.queue()
    assert [(item.ticket, item.track) for item in queue.items] == [
        (item.ticket, item.track) for item in served.player.queue.items
    ]
    assert (queue.index, queue.revision) == (3, served.player.snapshot().queue_revision)
    remote.do("clear")
    assert remote.queue().index is None


def test_more_tracks_than_go_into_a_line_are_one_edit(remote: RemotePlayer, served: Controlled) -> None:
    many = tracks(20_000)
    remote.add(many, play=True)
    assert served.player.told == ["add", "jump 0"]
    assert [item.track for item in served.player.queue.items] == many
    assert [item.track for item in remote.queue().items] == many


def test_tracks_handed_over_are_played_from_the_first_of_them(remote: RemotePlayer, served: Controlled) -> None:
    remote.set_queue(tracks(3))
    remote.add(tracks(2), play=True)
    assert (served.player.queue.index, remote.status().state) == (3, "playing")


def test_what_is_refused_is_raised_as_what_it_is(remote: RemotePlayer) -> None:
    with pytest.raises(UsageError, match="there is no such preset"):
        remote.do("preset", name="nosuch")
    assert remote.status().preset == "adaptive"
    for code, kind in (("library", LibraryError), ("unreadable", InputError), ("of a newer player", Exception)):
        error = error_of({"code": code, "message": "so it is", "hint": "do that"})
        assert isinstance(error, kind)
        assert str(error) == "so it is (do that)"


def test_who_is_refused_is_told_why(served: Controlled, home: dict[str, str]) -> None:
    from auralis_cli.player.control import MOST_CLIENTS

    many = [RemotePlayer(environ=home) for _ in range(MOST_CLIENTS)]
    for one in many:
        one.status()
    with RemotePlayer(environ=home) as late, pytest.raises(NoPlayerError, match="clients already"):
        late.status()
    for one in many:
        one.close()


def test_who_is_refused_to_watch_is_told_why_and_does_not_ask_again_at_once(
    served: Controlled, home: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills: what the player refuses with is taken for the end of the connection, and another one is made at once."""
    from auralis_cli.player.control import MOST_CLIENTS

    connected, asked, looked = remote_player.connected, list[str](), list[int]()

    def counted(name: str, *how: Any) -> socket.socket:
        asked.append(name)
        assert len(asked) < 10, "it asks again and again"
        return connected(name, *how)

    def look_around() -> None:
        looked.append(len(asked))
        if len(looked) == 2:
            raise KeyboardInterrupt

    with ExitStack() as open_ones:
        for _ in range(MOST_CLIENTS):
            open_ones.enter_context(RemotePlayer(environ=home)).status()
        monkeypatch.setattr(remote_player, "connected", counted)
        with pytest.raises(NoPlayerError, match="clients already"):
            next(watch(environ=home))
        assert len(asked) == 1
        # Who waits for a player waits for room as well, and can be ended meanwhile.
        with pytest.raises(KeyboardInterrupt):
            next(watch(environ=home, reconnect=True, look_around=look_around))
        assert looked[-1] == 3


def test_a_player_that_has_ended_is_said(remote: RemotePlayer, served: Controlled, home: dict[str, str]) -> None:
    assert is_running(environ=home)
    served.close()
    with pytest.raises(NoPlayerError, match="it has ended"):
        remote.status()
    assert not is_running(environ=home)


def test_quitting_waits_until_the_player_is_gone(remote: RemotePlayer, served: Controlled) -> None:
    def end() -> None:
        served.quit_asked.wait(PATIENCE_S)
        served.close()

    ends = threading.Thread(target=end)
    ends.start()
    remote.quit()
    assert not served.path.exists()
    ends.join()


def test_a_player_that_is_gone_before_it_has_answered_has_quit(home: dict[str, str]) -> None:
    """Kills: on a busy machine quitting fails, although there is no player any more."""
    path = socket_path("player", home)
    path.parent.mkdir(mode=0o700)
    asked: list[bytes] = []

    def end(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        asked.append(connection.recv(4096))
        connection.close()

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        with RemotePlayer(environ=home, patience_s=PATIENCE_S) as remote:
            ends = threading.Thread(target=end, args=(listener,))
            ends.start()
            remote.quit()
            ends.join()
            # One that is not there is none that has done something.
            with pytest.raises(NoPlayerError, match="it has ended"):
                remote.status()
    assert b'"quit"' in asked[0]


def test_watching_ends_with_the_player(served: Controlled, home: dict[str, str]) -> None:
    told = watch(environ=home)
    assert next(told).state == "stopped"
    served.player.play()
    assert next(told).state == "playing"
    served.close()
    assert list(told) == []


def test_watching_what_does_not_run_is_an_error_unless_it_is_waited_for(home: dict[str, str]) -> None:
    with pytest.raises(NoPlayerError):
        next(watch(environ=home))

    class EnoughError(Exception):
        pass

    def look_around() -> None:
        raise EnoughError

    with pytest.raises(EnoughError):
        next(watch(environ=home, reconnect=True, look_around=look_around))


def test_a_player_that_hangs_is_said_to_who_watches_and_to_who_comes_when_no_more_may_wait(
    home: dict[str, str],
) -> None:
    """Kills: a first word is waited for for ever; a full queue of connections is told in the system's words."""
    path = socket_path("player", home)
    path.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as hangs, ExitStack() as waiting:
        hangs.bind(str(path))
        hangs.listen(0)
        with pytest.raises(NoPlayerError, match="does not answer"):
            next(watch(environ=home, patience_s=0.05))
        for _ in range(3):
            one = waiting.enter_context(socket.socket(socket.AF_UNIX))
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.connect(str(path))
        with pytest.raises(NoPlayerError, match="does not answer"):
            RemotePlayer(environ=home)
        looked = 0

        def look_around() -> None:
            nonlocal looked
            looked += 1
            if looked == 3:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            next(watch(environ=home, patience_s=0.01, reconnect=True, look_around=look_around))


@pytest.mark.invariant("S4-D5.4")
def test_a_watcher_that_was_let_go_sees_what_is_now(home: dict[str, str]) -> None:
    with controlled(home, unread_for_s=0.05) as served:
        told = watch(environ=home)
        next(told)
        served.player.add([QueueTrack("/m/" + "x" * 3000)])
        (one,) = served.server._clients
        volume = 0

        def is_let_go() -> bool:
            nonlocal volume
            volume += 1
            served.player.change(volume=float(volume % 90))
            return one not in served.server._clients

        # Nothing is read: the socket fills up, and the client is let go of.
        until(is_let_go, "it is kept")
        served.player.change(volume=99.0)
        revisions = []
        while (status := next(told)).volume != 99.0:
            revisions.append(status.revision)
        assert revisions == sorted(revisions)
        told.close()  # type: ignore[attr-defined]


@pytest.mark.invariant("S4-D5.4")
def test_a_watcher_that_waits_sees_all_of_the_next_player(home: dict[str, str]) -> None:
    with controlled(home) as first:
        first.player.set_volume(10.0)
        told = watch(environ=home, reconnect=True)
        assert next(told).volume == 10.0
        for _ in range(20):
            first.player.mute()
        assert next(told).mute is not None
    with controlled(home) as second:
        # Numbers begin anew; nothing happens before it is asked.
        second.player.set_volume(20.0)
        while (status := next(told)).volume != 20.0:
            assert status.volume == 10.0
        assert not status.mute
        told.close()  # type: ignore[attr-defined]
