"""The control socket: one door, for its owner alone, that no client can block, fill or break."""

from __future__ import annotations

import json
import os
import random
import resource
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from controlled_player import Controlled, RawClient, controlled, short_home
from fake_player import snapshot
from patience import PATIENCE_S, until

from auralis_cli.model.actions import ACTIONS
from auralis_cli.model.player_status import PlayerStatus
from auralis_cli.model.queue import QueueTrack
from auralis_cli.player import control
from auralis_cli.player.control_place import claim_name
from auralis_cli.player.control_protocol import LONGEST_LINE_BYTES, QUERIES, LatestEvents, snapshot_event


@pytest.fixture
def home() -> Iterator[dict[str, str]]:
    with short_home() as environ:
        yield environ


@pytest.fixture
def served(home: dict[str, str]) -> Iterator[Controlled]:
    with controlled(home) as one:
        yield one


@pytest.fixture
def client(served: Controlled) -> Iterator[RawClient]:
    one = RawClient(served.path)
    yield one
    one.close()


# What is said


def test_a_request_is_done_and_answered_under_its_own_id(served: Controlled, client: RawClient) -> None:
    client.send(b'{"id": "abc", "action": "volume", "args": {"level": 42}}\n')
    assert client.read() == {"id": "abc", "ok": None}
    assert served.player.snapshot().volume == 42.0
    client.send(b'{"action": "pause"}\n')
    assert client.read() == {"id": None, "ok": None}


def test_requests_sent_at_once_are_done_in_order(served: Controlled, client: RawClient) -> None:
    client.send(b"".join(b'{"id": %d, "action": "volume", "args": {"level": %d}}\n' % (n, n) for n in range(100)))
    assert [client.read()["id"] for _ in range(100)] == list(range(100))
    assert served.player.snapshot().volume == 99.0


def test_a_client_that_says_all_it_has_to_and_hangs_up_is_answered(served: Controlled, client: RawClient) -> None:
    client.send(b'{"id": 1, "action": "next"}\n{"id": 2, "action": "status"}\n')
    client.socket.shutdown(socket.SHUT_WR)
    assert client.read()["id"] == 1
    assert client.read()["ok"]["state"] == "stopped"
    assert client.read() is None


def test_status_tells_who_answers(client: RawClient) -> None:
    told = client.ask("status")["ok"]
    assert told["pid"] == os.getpid()
    assert told["protocol"] == 1


def test_tracks_may_come_in_turns(served: Controlled, client: RawClient) -> None:
    assert client.ask("stage", tracks=["/m/1.flac", {"path": "/m/2.cue", "cue_number": 3}])["ok"] == {"staged": 2}
    assert client.ask("stage", tracks=["/m/3.flac"])["ok"] == {"staged": 3}
    assert client.ask("add", tracks=["/m/4.flac"])["ok"] is None
    tracks = [item.track for item in served.player.queue.items]
    assert tracks == [
        QueueTrack("/m/1.flac"),
        QueueTrack("/m/2.cue", 3),
        QueueTrack("/m/3.flac"),
        QueueTrack("/m/4.flac"),
    ]
    assert client.ask("add", tracks=[])["ok"] is None
    assert len(served.player.queue.items) == 4


@pytest.mark.invariant("S0-L04")
def test_what_is_wrong_behind_staged_tracks_is_refused_as_ever(served: Controlled, client: RawClient) -> None:
    """✗ what is added to staged tracks is read by itself, and what is wrong with it is a defect of ours."""
    for wrong in (["song.flac"], [7], 7, None):
        client.ask("stage", tracks=["/m/1.flac"])
        refused = client.ask("add", tracks=wrong)
        assert (refused["id"], refused["error"]["code"]) == (7, "usage")
    assert served.player.told == []
    assert client.ask("add", tracks=["/m/2.flac"])["ok"] is None
    assert [item.track.path for item in served.player.queue.items] == ["/m/1.flac"] * 4 + ["/m/2.flac"]


def test_many_at_once_are_each_answered_what_they_asked(served: Controlled) -> None:
    wrong: list[object] = []

    def asks(number: int) -> None:
        one = RawClient(served.path)
        for turn in range(100):
            name = f"{number}-{turn}"
            one.send(f'{{"id": "{name}", "action": "add", "args": {{"tracks": ["/m/{name}"]}}}}\n'.encode())
            if (answered := one.read()) != {"id": name, "ok": None}:
                wrong.append(answered)
        one.close()

    threads = [threading.Thread(target=asks, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert wrong == []
    paths = [item.track.path for item in served.player.queue.items]
    for number in range(8):
        assert [path for path in paths if path.startswith(f"/m/{number}-")] == [f"/m/{number}-{n}" for n in range(100)]


def test_staged_tracks_are_of_their_connection(served: Controlled, client: RawClient) -> None:
    client.ask("stage", tracks=["/m/1.flac"])
    other = RawClient(served.path)
    other.ask("add", tracks=["/m/2.flac"])
    other.close()
    assert [item.track.path for item in served.player.queue.items] == ["/m/2.flac"]


def test_a_long_queue_is_told_page_by_page(served: Controlled, client: RawClient) -> None:
    served.player.add([QueueTrack(f"/music/{number:06}/caf\udce9 {'x' * 50}.flac") for number in range(5000)])
    found: list[dict[str, Any]] = []
    first: int | None = 0
    while first is not None:
        page = client.ask("queue", first=first)["ok"]
        assert (page["length"], page["index"]) == (5000, 0)
        found += page["items"]
        first = page["next"]
    assert [one["path"] for one in found] == [item.track.path for item in served.player.queue.items]


@pytest.mark.invariant("S4-D5.4")
def test_whoever_watches_is_told_at_once_and_of_every_change(served: Controlled, client: RawClient) -> None:
    client.send(b'{"id": 1, "action": "watch"}\n')
    assert client.read() == {"id": 1, "ok": None}
    first = client.read()
    assert (first["event"], first["snapshot"]["volume"]) == ("snapshot", 100.0)
    served.player.set_volume(50.0)
    second = client.read()
    assert second["snapshot"]["volume"] == 50.0
    assert second["seq"] > first["seq"]
    served.close()
    assert client.read()["event"] == "quit"
    assert client.read() is None


def held_at_next(served: Controlled, client: RawClient, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A request that the player is at until the event is set."""
    held, asked = threading.Event(), threading.Event()

    def next_track() -> None:
        asked.set()
        held.wait(PATIENCE_S)

    monkeypatch.setattr(served.player, "next", next_track)
    client.send(b'{"id": 1, "action": "next"}\n')
    assert asked.wait(PATIENCE_S)
    return held


def test_nobody_waits_for_a_verb_that_waits(
    served: Controlled, client: RawClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = held_at_next(served, client, monkeypatch)
    watching = RawClient(served.path)
    # Accepted and told of changes, while the verb of another is under way.
    served.player.change(volume=12.0)
    held.set()
    assert client.read() == {"id": 1, "ok": None}
    assert watching.ask("status")["ok"]["volume"] == 12.0
    watching.close()


@pytest.mark.invariant("S0-L04")
def test_a_defect_in_a_verb_costs_one_answer(
    served: Controlled, client: RawClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(served.player, "next", broken)
    failed = client.ask("next")
    # Whoever tells answers by their ids has one for each request.
    assert (failed["id"], failed["error"]["code"]) == (7, "failed")
    assert client.ask("pause") == {"id": 7, "ok": None}


def test_what_the_end_leaves_undone_is_answered_under_its_own_id(
    served: Controlled, client: RawClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = held_at_next(served, client, monkeypatch)
    other = RawClient(served.path)
    other.send(b'{"id": "b", "action": "pause"}\n')
    until(lambda: sum(one.is_busy for one in tuple(served.server._clients)) == 2)
    ends = threading.Thread(target=served.close)
    ends.start()
    refused = other.read()
    assert (refused["id"], refused["error"]["code"]) == ("b", "no_player")
    held.set()
    ends.join()
    other.close()


def test_quitting_is_answered_before_the_end(served: Controlled, client: RawClient) -> None:
    client.send(b'{"id": 1, "action": "quit"}\n')
    assert served.quit_asked.wait(PATIENCE_S)
    served.close()
    assert client.read() == {"id": 1, "ok": None}
    assert client.read() is None


# What is wrong

WRONG: list[tuple[bytes, str]] = [
    (b"next", "is no JSON"),
    (b'{"action": "next"', "is no JSON"),
    (b"[1, 2]", "is no JSON object"),
    (b"\xff\xfe\x00", "is no JSON"),
    (b"[" * 100_000, "nested too deeply"),
    # Not too deep to be read, but to be answered.
    (b'{"id": ' + b"[" * 70 + b"]" * 70 + b', "action": "next"}', "nested too deeply"),
    (b'{"id": ' + b"[" * 600 + b"]" * 600 + b', "action": "next"}', "nested too deeply"),
    (b'{"action": "volume", "args": {"level": ' + b'{"x": ' * 480 + b"7" + b"}" * 482, "nested too deeply"),
    (b'{"action": "volume", "args": {"level": NaN}}', "NaN is no JSON"),
    (b'{"action": "volume", "args": {"level": Infinity}}', "Infinity is no JSON"),
    (b"{}", "names no action"),
    (b'{"action": 7}', "names no action"),
    (b'{"action": "next", "args": [1]}', "no JSON object"),
    (b'{"action": "volumf"}', "no such action"),
    (b'{"action": "' + b"x" * 10_000 + b'"}', "no such action"),
    (b'{"action": "volume"}', "is missing"),
    (b'{"action": "volume", "args": {"level": null}}', "is missing"),
    (b'{"action": "volume", "args": {"loud": 7}}', "has no argument"),
    (b'{"action": "volume", "args": {"level": [80]}}', "is not"),
    (b'{"action": "volume", "args": {"level": true}}', "is not"),
    (b'{"action": "volume", "args": {"level": ' + b"9" * 5000 + b"}}", ""),
    (b'{"action": "jump", "args": {"position": 5}}', ""),
    (b'{"action": "move", "args": {"origin": 1}}', "is missing"),
    (b'{"action": "queue", "args": {"first": -1}}', "is not"),
    (b'{"action": "preset", "args": {"name": "nosuch"}}', "there is no such preset"),
    (b'{"pad": "' + b"x" * LONGEST_LINE_BYTES + b'"}', "is longer than"),
    (b"x" * (3 * LONGEST_LINE_BYTES), "is longer than"),
]


@pytest.mark.invariant("S0-L04")
@pytest.mark.parametrize(("line", "words"), WRONG, ids=range(len(WRONG)))
def test_whatever_is_wrong_is_answered_in_the_one_shape_and_changes_nothing(
    line: bytes, words: str, served: Controlled, client: RawClient
) -> None:
    before = served.player.snapshot()
    client.send(line + b"\n")
    answered = client.read()
    assert set(answered) == {"id", "error"}
    described = answered["error"]
    assert {"code", "message"} <= set(described) <= {"code", "message", "hint"}
    assert all(isinstance(text, str) and 0 < len(text) < 2000 for text in described.values())
    assert described["code"] == "usage"
    assert words in described["message"]
    assert served.player.snapshot() == before
    # The next one is heard.
    assert client.ask("status")["id"] == 7


def test_noise_is_answered_line_by_line_and_ends_nothing(served: Controlled) -> None:
    noise = random.Random(6)
    pieces = [b"{", b"}", b'"action"', b":", b'"next"', b'"args"', b"[", b"]", b",", b"null", b"1e9", b"\xff", b"\x00"]
    for _ in range(20):
        one = RawClient(served.path)
        lines = [b"".join(noise.choices(pieces, k=noise.randrange(1, 30))) for _ in range(30)]
        one.send(b"\n".join(lines) + b"\n")
        for _ in lines:
            assert set(one.read()) in ({"id", "error"}, {"id", "ok"})
        one.close()
    alive = RawClient(served.path)
    assert alive.ask("status")["id"] == 7
    alive.close()


def test_an_unknown_action_is_answered_with_the_known(client: RawClient) -> None:
    hint = client.ask("xyzzy")["error"]["hint"]
    assert all(name in hint for name in (*ACTIONS, *QUERIES))


PATHS = [
    "",
    "song.flac",
    "./song.flac",
    "../song.flac",
    "-",
    "http://example.org/a.flac",
    "file:///m/a.flac",
    "/m/a\0b",
]


@pytest.mark.invariant("S1-H-12")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("action", ["add", "play-next", "set-queue", "stage"])
def test_a_path_that_is_not_absolute_never_reaches_the_player(
    action: str, path: str, served: Controlled, client: RawClient
) -> None:
    for tracks in ([path], [{"path": path}], path, ["/m/a.flac", path]):
        assert client.ask(action, tracks=tracks)["error"]["code"] == "usage"
    assert served.player.told == []
    assert client.ask("add", tracks=["/m/b.flac"])["ok"] is None
    assert [item.track.path for item in served.player.queue.items] == ["/m/b.flac"]


@pytest.mark.invariant("S1-H-12")
def test_a_track_says_nothing_but_its_path_and_numbers(served: Controlled, client: RawClient) -> None:
    for track in (
        {"path": "/m/a.flac", "raw": "s16le"}, {"cue_number": 1}, {"path": 7}, {"path": "/m/a", "cue_number": -1},
        {"path": "/m/a", "cue_number": "1"}, {"path": "/m/a", "track_id": 0}, {"path": "/m/a", "track_id": True},
        7, None,
    ):  # fmt: skip
        assert client.ask("add", tracks=[track])["error"]["code"] == "usage"
    assert served.player.told == []


# Who may


@pytest.mark.invariant("S0-H01")
def test_socket_and_folder_are_for_their_owner_alone(served: Controlled) -> None:
    assert stat.S_IMODE(os.stat(served.path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(served.path.parent).st_mode) == 0o700
    assert os.stat(served.path.parent).st_uid == os.geteuid()


@pytest.mark.invariant("S0-H01")
def test_another_user_is_refused_before_anything_is_done(home: dict[str, str]) -> None:
    with controlled(home, peer=lambda _client: os.geteuid() + 1) as served:
        stranger = RawClient(served.path)
        with suppress(BrokenPipeError):  # it may be hung up on already
            stranger.send(b'{"action": "volume", "args": {"level": 1}}\n')
        assert stranger.read()["error"]["code"] == "refused"
        assert stranger.read() is None
        assert served.player.snapshot().volume == 100.0
        until(lambda: served.said == ["player: it is another user's"])
        stranger.close()


@pytest.mark.invariant("S0-H01")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_another_user_does_not_even_get_to_the_socket(served: Controlled) -> None:
    child = os.fork()
    if child == 0:
        code = 0
        os.setuid(65534)
        try:
            socket.socket(socket.AF_UNIX).connect(os.fspath(served.path))
        except PermissionError:
            code = 13
        os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 13


@pytest.mark.invariant("S1-M-25")
def test_nothing_listens_on_a_network(served: Controlled, client: RawClient) -> None:
    client.ask("status")
    ours = set()
    for number in os.listdir("/proc/self/fd"):
        try:
            ours.add(os.readlink(f"/proc/self/fd/{number}"))
        except OSError:
            continue
    for table in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        for line in Path(f"/proc/self/net/{table}").read_text().splitlines()[1:]:
            assert f"socket:[{line.split()[9]}]" not in ours, (table, line)


# Bounds


@pytest.mark.invariant("S0-M04")
def test_what_is_kept_for_a_watcher_that_does_not_read_is_bounded(served: Controlled) -> None:
    deaf = RawClient(served.path)
    deaf.send(b'{"action": "watch"}\n')
    until(lambda: any(one.is_watching for one in tuple(served.server._clients)))
    (one,) = served.server._clients
    title = "x" * 2000
    served.player.set_queue([QueueTrack(f"/m/{title}")])

    def is_behind() -> bool:
        # A server that is busy tells of many changes at once.
        for volume in range(100):
            served.player.change(volume=float(volume))
        return one.has_to_read

    until(is_behind)
    for volume in range(5000):
        served.player.change(volume=float(volume % 100))
    assert len(one._outgoing) < 20_000
    served.player.change(volume=77.5)
    # What it reads in the end is the newest.
    assert deaf.read()["ok"] is None
    while deaf.read()["snapshot"]["volume"] != 77.5:
        pass
    deaf.close()


@pytest.mark.invariant("S0-M04")
def test_a_client_that_only_asks_is_not_read_from(served: Controlled) -> None:
    served.player.add([QueueTrack(f"/m/{number}/{'y' * 100}.flac") for number in range(600)])
    deaf = RawClient(served.path)
    deaf.socket.setblocking(False)
    until(lambda: len(served.server._clients) == 1)
    (one,) = served.server._clients
    other = RawClient(served.path)
    request = b'{"action": "queue"}\n'
    sent = 0
    idle = 0
    while idle < 20:
        try:
            sent += deaf.socket.send(request * 100)
            idle = 0
        except BlockingIOError:
            idle += 1
            # Who is answered behind it shows that the server had its turn to read on.
            assert other.ask("status")["id"] == 7
    assert sent < 4_000_000
    assert len(one._incoming) <= 2 * LONGEST_LINE_BYTES
    assert len(one._outgoing) < 500_000
    deaf.close()
    other.close()


@pytest.mark.invariant("S0-M04")
def test_there_are_only_so_many_clients(served: Controlled) -> None:
    clients = [RawClient(served.path) for _ in range(control.MOST_CLIENTS)]
    for one in clients:
        assert one.ask("status")["id"] == 7
    late = RawClient(served.path)
    refused = late.read()["error"]
    assert refused["code"] == "no_player"
    assert late.read() is None
    assert len(served.server._clients) == control.MOST_CLIENTS
    clients.pop().close()
    until(lambda: len(served.server._clients) < control.MOST_CLIENTS)
    again = RawClient(served.path)
    assert again.ask("status")["id"] == 7
    for one in (*clients, late, again):
        one.close()


def test_where_no_handle_is_left_clients_wait(served: Controlled, client: RawClient) -> None:
    assert client.ask("status")["id"] == 7
    late = socket.socket(socket.AF_UNIX)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/proc/self/fd"))) + 1, hard))
    spare = []
    with suppress(OSError):
        while True:
            spare.append(os.dup(0))
    try:
        late.connect(os.fspath(served.path))
        assert client.ask("volume", level=5) == {"id": 7, "ok": None}
    finally:
        for number in spare:
            os.close(number)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    late.sendall(b'{"action": "next"}\n')
    late.settimeout(PATIENCE_S)
    assert json.loads(late.recv(1000)) == {"id": None, "ok": None}
    late.close()


def test_who_reads_nothing_for_long_is_let_go_with_a_reason(home: dict[str, str]) -> None:
    with controlled(home, unread_for_s=0.05) as served:
        patient = RawClient(served.path)
        patient.send(b'{"action": "watch"}\n')
        deaf = RawClient(served.path)
        deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        served.player.add([QueueTrack(f"/m/{number}/{'y' * 100}.flac") for number in range(600)])
        deaf.send(b'{"action": "queue"}\n' * 40)
        until(lambda: served.said == ["a client was let go: it has read nothing for 0.05 s"])
        until(lambda: len(served.server._clients) == 1)
        # Silence is no reason: who has read everything may stay.
        assert patient.read()["ok"] is None
        deaf.close()
        patient.close()


# Order


@pytest.mark.invariant("S4-D5.1")
def test_a_change_told_late_does_not_undo_a_newer_one(served: Controlled, client: RawClient) -> None:
    old = served.player.snapshot()
    client.send(b'{"action": "watch"}\n')
    client.read()
    client.read()
    served.player.set_volume(5.0)
    assert client.read()["snapshot"]["volume"] == 5.0
    served.player.tell(old)
    # Who comes now is told what is newest.
    other = RawClient(served.path)
    assert other.ask("watch") == {"id": 7, "ok": None}
    assert other.read()["snapshot"]["volume"] == 5.0
    other.close()
    served.player.mute(on=True)
    told = client.read()["snapshot"]
    assert (told["volume"], told["mute"]) == (5.0, True)


@pytest.mark.invariant("S4-D5.1")
def test_events_in_any_order_lead_to_the_same_state() -> None:
    events = [
        json.loads(snapshot_event(number, PlayerStatus.of(snapshot(revision=number, volume=float(number)))))
        for number in range(1, 50)
    ]
    for seed in range(20):
        shuffled = random.Random(seed).sample(events, len(events))
        latest = LatestEvents()
        passed = [status.volume for status in map(latest.take, shuffled) if status is not None]
        assert passed[-1] == 49.0
        assert passed == sorted(passed)


def test_a_gap_in_the_numbers_says_that_something_was_missed(served: Controlled, client: RawClient) -> None:
    client.send(b'{"action": "watch"}\n')
    client.read()
    first = client.read()["seq"]
    for number in range(50):
        served.player.set_volume(float(number))
    seqs = [first]
    volume = -1.0
    while volume != 49.0:
        event = client.read()
        seqs.append(event["seq"])
        volume = event["snapshot"]["volume"]
    assert seqs == sorted(set(seqs))
    assert seqs[-1] - first == 50


# Ends


def open_things() -> tuple[int, int]:
    return len(os.listdir("/proc/self/fd")), threading.active_count()


def no_more_than(before: tuple[int, int]) -> bool:
    """What earlier tests have left may go meanwhile."""
    return all(now <= then for now, then in zip(open_things(), before, strict=True))


def hangs_up_at_once(_one: RawClient) -> None:
    pass


def hangs_up_in_a_line(one: RawClient) -> None:
    one.send(b'{"action": "ne')


def hangs_up_before_the_answer(one: RawClient) -> None:
    one.send(b'{"action": "queue"}\n' * 200)


def hangs_up_while_watching(one: RawClient) -> None:
    one.send(b'{"action": "watch"}\n')
    one.read()


def hangs_up_with_staged_tracks(one: RawClient) -> None:
    one.ask("stage", tracks=["/m/1.flac"] * 100)


@pytest.mark.invariant("S4-D3.5")
@pytest.mark.parametrize(
    "phase",
    [
        hangs_up_at_once,
        hangs_up_in_a_line,
        hangs_up_before_the_answer,
        hangs_up_while_watching,
        hangs_up_with_staged_tracks,
    ],
)
def test_a_client_that_is_gone_leaves_nothing_behind(phase: Callable[[RawClient], None], served: Controlled) -> None:
    handles, _ = open_things()
    # The thread that does what is asked begins with the first request.
    warm = RawClient(served.path)
    warm.ask("status")
    warm.close()
    until(lambda: open_things()[0] <= handles)
    before = open_things()
    served.player.add([QueueTrack(f"/m/{number}/{'y' * 100}.flac") for number in range(300)])
    for _ in range(20):
        one = RawClient(served.path)
        phase(one)
        one.close()
        served.player.change(volume=1.0)
    # One that came and went may still wait to be taken in.
    until(lambda: no_more_than(before))
    alive = RawClient(served.path)
    assert alive.ask("status")["id"] == 7
    alive.close()


@pytest.mark.invariant("S4-D3.5")
def test_a_server_that_ends_gives_everything_back(home: dict[str, str]) -> None:
    before = open_things()
    for _ in range(3):
        with controlled(home) as served:
            clients = [RawClient(served.path) for _ in range(4)]
            for one in clients:
                one.ask("watch")
        served.close()
        assert not served.path.exists()
        assert served.player.subscribers == 0
        for one in clients:
            one.close()
    until(lambda: no_more_than(before))
    claim = claim_name(environ=home)
    assert claim is not None
    claim.release()


@pytest.mark.invariant("S4-D3.5")
def test_a_server_that_is_held_up_is_not_waited_for_and_gives_everything_back_when_it_goes_on(
    home: dict[str, str],
) -> None:
    """✗ what it waits on is closed under it, and it dies of that with its good-bye unsaid."""
    held, is_held = threading.Event(), threading.Event()

    def peer(_client: object) -> int:
        is_held.set()
        held.wait(4 * PATIENCE_S)
        return os.geteuid()

    with controlled(home, peer=peer, ends_within_s=0.0) as served:
        one = RawClient(served.path)
        assert is_held.wait(PATIENCE_S)
        served.close()
        assert served.server._thread.is_alive()
        held.set()
        served.server._thread.join()
        assert one.read() is None
        one.close()
        claim = claim_name(environ=home)
        assert claim is not None
        claim.release()


def test_nobody_is_told_of_what_nobody_asked(served: Controlled, client: RawClient) -> None:
    served.player.set_volume(3.0)
    assert client.ask("mute") == {"id": 7, "ok": None}


def test_a_status_lives_through_json_whatever_is_in_it() -> None:
    told = PlayerStatus.of(replace(snapshot(), duration_s=float("inf"), position_s=1.23456))
    read = json.loads(snapshot_event(1, told))["snapshot"]
    assert PlayerStatus.read({**read, "of_a_newer_player": 1}) == replace(told, duration_s=None)
