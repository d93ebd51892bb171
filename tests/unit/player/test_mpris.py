"""The player as playerctl and desktops see it, on a bus of the test's own."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from images import image
from patience import PATIENCE_S
from session_bus import BUS_MISSING, SessionBus, has_session_bus, session_bus
from sound_sinks import waited_for
from tagged_files import encoded

from auralis_cli.errors import UsageError
from auralis_cli.model.actions import action_named
from auralis_cli.model.covers import digest_of_picture
from auralis_cli.model.live_mastering import MasteringWish
from auralis_cli.model.playback import PlayableTrack, PlayerState, Snapshot
from auralis_cli.model.player_choices import NormalizeMode, RepeatMode
from auralis_cli.model.queue import QueueItem, QueueTrack
from auralis_cli.model.source import AudioSource
from auralis_cli.player import mpris
from auralis_cli.player.desktop import session_bus_address, show_on_desktop
from auralis_cli.player.mpris import BUS_NAME, Mpris
from auralis_cli.player.mpris_properties import player_properties, track_metadata
from auralis_cli.services.thumbnails import cover_url

pytestmark = pytest.mark.skipif(not has_session_bus(), reason=BUS_MISSING)

EMPTY = Snapshot(
    revision=1,
    state=PlayerState.STOPPED,
    item=None,
    track=None,
    stream=None,
    position_s=0.0,
    duration_s=None,
    volume=100.0,
    is_muted=False,
    normalize=NormalizeMode.OFF,
    normalize_db=0.0,
    is_enhanced=False,
    wish=MasteringWish(),
    plan_stage=None,
    compared=None,
    repeat=RepeatMode.OFF,
    is_shuffled=False,
    consume=False,
    stop_after_current=False,
    crossfade_s=0.0,
    queue_index=-1,
    queue_length=0,
    queue_revision=0,
    device=None,
    sample_rate_hz=None,
    underruns=0,
    problem=None,
)


def playing(path: Path, **fields: object) -> Snapshot:
    """A second track of three, 12 s into 4 minutes."""
    track = PlayableTrack(AudioSource(path), "Hyæna", artist="Band", album="Album", disc=1, track=7, duration_s=240.0)
    begun = replace(
        EMPTY,
        state=PlayerState.PLAYING,
        item=QueueItem(5, QueueTrack(str(path))),
        track=track,
        position_s=12.0,
        duration_s=240.0,
        queue_index=1,
        queue_length=3,
    )
    return replace(begun, **fields)  # type: ignore[arg-type]


class ToldPlayer:
    """A player that plays nothing: notes what it is told, after checking it by the registry."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.now = snapshot
        self.told: list[tuple[str, dict[str, object]]] = []
        self.callbacks: list[Callable[[Snapshot], None]] = []

    def snapshot(self) -> Snapshot:
        return self.now

    def subscribe(self, callback: Callable[[Snapshot], None]) -> Callable[[], None]:
        self.callbacks.append(callback)
        return lambda: self.callbacks.remove(callback)

    def perform(self, action: str, arguments: Mapping[str, object]) -> None:
        action_named(action).read(arguments)
        self.told.append((action, dict(arguments)))

    def become(self, **fields: object) -> None:
        self.now = replace(self.now, revision=self.now.revision + 1, **fields)  # type: ignore[arg-type]
        for callback in self.callbacks:
            callback(self.now)


@pytest.fixture(autouse=True)
def _no_bus_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that halts keeps a bus from answering longer than the player waits for it."""
    monkeypatch.setattr(mpris, "_PATIENCE_S", PATIENCE_S)


@pytest.fixture
def bus() -> Iterator[SessionBus]:
    with session_bus() as running:
        yield running


@pytest.fixture
def player(tmp_path: Path) -> ToldPlayer:
    return ToldPlayer(playing(tmp_path / "a song.flac"))


@pytest.fixture
def shown(bus: SessionBus, player: ToldPlayer) -> Iterator[Mpris]:
    # Its time stands still, as the position of that player does.
    shown = Mpris(player, player.perform, bus.address, clock=lambda: 0.0)
    waited_for(lambda: "auralis" in bus.asked("playerctl", "-l").stdout, "the player on the bus")
    yield shown
    shown.close()


@pytest.mark.usefixtures("shown")
def test_playerctl_reads_what_plays(bus: SessionBus, player: ToldPlayer, tmp_path: Path) -> None:
    wanted = "{{status}}|{{title}}|{{artist}}|{{album}}|{{xesam:trackNumber}}|{{mpris:length}}|{{volume}}"
    assert bus.playerctl("metadata", "--format", wanted) == "Playing|Hyæna|Band|Album|7|240000000|1.0"
    assert bus.playerctl("metadata", "xesam:url") == (tmp_path / "a song.flac").as_uri()
    assert bus.playerctl("metadata", "mpris:trackid") == "'/org/auralis/queue/5'"
    assert (bus.playerctl("loop"), bus.playerctl("shuffle")) == ("None", "Off")
    # It reckons on by itself from what it was told.
    asked_s = time.monotonic()
    position_s = float(bus.playerctl("position"))
    assert 12.0 <= position_s <= 12.1 + time.monotonic() - asked_s
    player.become(state=PlayerState.PAUSED, volume=47.0, repeat=RepeatMode.ONE, is_shuffled=True)
    waited_for(lambda: bus.playerctl("status") == "Paused", "the news")
    assert (bus.playerctl("loop"), bus.playerctl("shuffle"), bus.playerctl("volume")) == ("Track", "On", "0.470000")


@pytest.mark.usefixtures("shown")
def test_playerctl_tells_the_player_what_the_registry_of_actions_knows(bus: SessionBus, player: ToldPlayer) -> None:
    commands: dict[tuple[str, ...], tuple[str, dict[str, object]]] = {
        ("play",): ("play", {}),
        ("pause",): ("pause", {}),
        ("play-pause",): ("toggle", {}),
        ("stop",): ("stop", {}),
        ("next",): ("next", {}),
        ("previous",): ("previous", {}),
        ("position", "30.5"): ("seek", {"to": "30.500000"}),
        ("position", "10+"): ("seek", {"to": "22.000000"}),
        ("position", "50-"): ("seek", {"to": "0.000000"}),
        ("volume", "0.5"): ("volume", {"level": "50.00"}),
        ("volume", "2.0"): ("volume", {"level": "100.00"}),
        ("loop", "Playlist"): ("repeat", {"mode": "all"}),
        ("shuffle", "On"): ("shuffle", {"order": "on"}),
    }
    for words in commands:
        bus.playerctl(*words)
    waited_for(lambda: len(player.told) >= len(commands), "the last of them")
    assert player.told == list(commands.values())


@pytest.mark.invariant("S4-D1.2")
def test_what_is_asked_is_judged_by_what_the_player_does_not_by_what_the_bus_was_told_last(
    bus: SessionBus, player: ToldPlayer, shown: Mpris
) -> None:
    """✗ a pause right behind a play means nothing, for the bus still says that it is stopped."""
    interface = "org.mpris.MediaPlayer2.Player"
    target = ("--print-reply", f"--dest={BUS_NAME}", "/org/mpris/MediaPlayer2")

    def call(method: str) -> None:
        assert bus.asked("dbus-send", *target, f"{interface}.{method}").returncode == 0

    def shuffle(on: str) -> None:
        words = (
            "org.freedesktop.DBus.Properties.Set",
            f"string:{interface}",
            "string:Shuffle",
            f"variant:boolean:{on}",
        )
        assert bus.asked("dbus-send", *target, *words).returncode == 0

    player.become(state=PlayerState.STOPPED, queue_index=2)
    waited_for(lambda: bus.playerctl("status") == "Stopped", "what it did before")
    # Nobody was told of what it does since.
    player.now = replace(player.now, state=PlayerState.LOADING, queue_index=0)
    call("Pause")
    call("Next")
    shuffle("true")
    shuffle("false")
    player.now = replace(player.now, is_shuffled=True)
    shuffle("true")
    orders = [("shuffle", {"order": order}) for order in ("on", "off")]
    assert player.told == [("pause", {}), ("next", {}), *orders]


@pytest.mark.usefixtures("shown")
def test_a_seek_beyond_the_end_is_the_next_track_and_one_for_another_track_is_none(
    bus: SessionBus, player: ToldPlayer
) -> None:
    def call(method: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        name = f"org.mpris.MediaPlayer2.Player.{method}"
        target = ("--print-reply", f"--dest={BUS_NAME}", "/org/mpris/MediaPlayer2", name)
        return bus.asked("dbus-send", *target, *arguments)

    call("Seek", "int64:300000000")
    call("SetPosition", "objpath:/org/auralis/queue/4", "int64:1000000")
    call("SetPosition", "objpath:/org/auralis/queue/5", "int64:240000001")
    call("SetPosition", "objpath:/org/auralis/queue/5", "int64:1000000")
    assert call("OpenUri", "string:file:///m/a%20b%ff.flac").returncode == 0
    assert "only addresses of local files" in call("OpenUri", "string:http://example.org/a.flac").stderr
    assert player.told == [
        ("next", {}),
        ("seek", {"to": "1.000000"}),
        ("add", {"tracks": [os.fsdecode(b"/m/a b\xff.flac")], "play": "on"}),
    ]


@pytest.mark.usefixtures("shown")
def test_desktops_are_told_of_jumps_and_of_nothing_that_follows_by_itself(bus: SessionBus, player: ToldPlayer) -> None:
    command = ["dbus-monitor", "--session", "type=signal,path=/org/mpris/MediaPlayer2"]
    watching = subprocess.Popen(command, env={**os.environ, **bus.variables}, stdout=subprocess.PIPE, text=True)
    assert watching.stdout is not None
    lines: list[str] = []
    reading = threading.Thread(target=lambda: lines.extend(watching.stdout or ()))
    reading.start()
    try:
        # The monitor listens once it hears of something.
        def is_heard() -> bool:
            player.become(volume=player.now.volume - 1.0)
            return any("Volume" in line for line in lines)

        waited_for(is_heard, "dbus-monitor")
        player.become(is_muted=True)
        player.become(position_s=100.0)
        player.become(position_s=100.01)
        player.become(is_shuffled=True)
        waited_for(lambda: any("Shuffle" in line for line in lines), "the last signal")
    finally:
        watching.terminate()
        reading.join()
        watching.stdout.close()
        watching.wait()
    heard = "".join(lines)
    assert heard.count("member=Seeked") == 1
    assert "int64 100000000" in heard
    assert "Position" not in heard


def test_hostile_tags_do_not_cost_the_connection(bus: SessionBus, player: ToldPlayer, shown: Mpris) -> None:
    odd = Path(os.fsdecode(b"/m/\xff\n.flac"))
    track = PlayableTrack(AudioSource(odd), "a\0b\ud800\x1b[31m", artist="\udcff", track=1 << 40, duration_s=1e30)
    player.become(item=QueueItem(6, QueueTrack(str(odd))), track=track, duration_s=1e30)
    waited_for(lambda: "queue/6" in bus.playerctl("metadata", "mpris:trackid"), "the odd track")
    assert bus.playerctl("metadata", "xesam:title") == "ab?\x1b[31m"
    assert bus.playerctl("metadata", "xesam:url") == "file:///m/%FF%0A.flac"
    assert bus.asked("playerctl", "metadata", "xesam:trackNumber").stdout == ""


def test_what_the_player_refuses_is_an_error_of_the_bus_in_one_line(bus: SessionBus, player: ToldPlayer) -> None:
    def refuse(action: str, _arguments: Mapping[str, object]) -> None:
        raise UsageError(action, "is refused")

    shown = Mpris(player, refuse, bus.address)
    waited_for(lambda: "auralis" in bus.asked("playerctl", "-l").stdout, "the player on the bus")
    for words in (("next",), ("volume", "0.3")):
        done = bus.asked("playerctl", *words)
        assert done.stderr.rstrip().endswith(f"{words[0]}: is refused")
        assert "Traceback" not in done.stderr
    shown.close()


def test_a_second_player_has_a_name_of_its_own(bus: SessionBus, player: ToldPlayer, shown: Mpris) -> None:
    second = Mpris(player, player.perform, bus.address)
    waited_for(lambda: f"auralis.instance{os.getpid()}" in bus.asked("playerctl", "-l").stdout, "the second")
    second.close()
    waited_for(lambda: bus.playerctl("-l").splitlines() == ["auralis"], "the end of the second")


def test_a_bus_that_is_lost_is_no_error(
    bus: SessionBus, player: ToldPlayer, shown: Mpris, capfd: pytest.CaptureFixture[str]
) -> None:
    bus.stop()
    waited_for(lambda: not player.callbacks, "the end of the subscription")
    player.become(volume=3.0)
    shown.close()
    shown.close()
    assert capfd.readouterr() == ("", "")


def test_without_a_bus_nothing_is_shown_and_nothing_fails(
    player: ToldPlayer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert show_on_desktop(player, player.perform, {}) is None
    assert session_bus_address({"XDG_RUNTIME_DIR": str(tmp_path)}) is None
    gone = show_on_desktop(player, player.perform, {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/none"})
    assert gone is not None
    gone.close()
    assert capfd.readouterr() == ("", "")


def test_no_thread_and_no_socket_outlives_it(bus: SessionBus, player: ToldPlayer) -> None:
    threads, handles = set(threading.enumerate()), len(os.listdir("/proc/self/fd"))

    def is_given_back() -> bool:
        # What earlier tests have left may go meanwhile.
        return set(threading.enumerate()) <= threads and len(os.listdir("/proc/self/fd")) <= handles

    for _ in range(5):
        Mpris(player, player.perform, bus.address).close()
    waited_for(is_given_back, "what was given back")
    assert player.callbacks == []


def test_without_a_track_there_is_no_metadata_and_nothing_that_could_be_done() -> None:
    properties = player_properties(EMPTY, None)
    assert properties["Metadata"] == ("a{sv}", {})
    assert not any(properties[name][1] for name in properties if name.startswith("Can"))


def test_a_track_that_was_not_looked_at_yet_is_named_by_its_file() -> None:
    known = track_metadata(replace(playing(Path("/m/x.flac")), track=None, duration_s=None), None)
    assert known["xesam:title"] == ("s", "x.flac")
    assert "mpris:length" not in known


def test_the_cover_is_shown_once_it_is_found(bus: SessionBus, tmp_path: Path) -> None:
    (tmp_path / "cöver x").mkdir()
    (tmp_path / "cöver x" / "cover.jpg").write_bytes(image())
    encoded("FLAC", "PCM_16")(tmp_path / "cöver x" / "1.flac")
    player = ToldPlayer(playing(tmp_path / "cöver x" / "1.flac"))
    shown = Mpris(player, player.perform, bus.address, partial(cover_url, environ={"AURALIS_HOME": str(tmp_path)}))
    url = (tmp_path / "cache" / "covers" / f"{digest_of_picture(image())}-512.jpg").as_uri()
    waited_for(lambda: bus.asked("playerctl", "metadata", "mpris:artUrl").stdout.strip() == url, "the cover")
    shown.close()
