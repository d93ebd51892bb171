"""`auralis ctl`: one line drives the running player, and says clearly when there is none."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import REPOSITORY, Finished, auralis
from controlled_player import Controlled, controlled, short_home
from patience import PATIENCE_S
from process_figures import least_processor_s

from auralis_cli.model.actions import ACTIONS
from auralis_cli.model.playback import PlayerState, Side
from auralis_cli.model.player_choices import NormalizeMode, RepeatMode
from auralis_cli.model.queue import QueueTrack

HEAVY = {"numpy", "numba", "soundfile", "av", "soxr", "mutagen", "rich", "textual", "pydantic", "asyncio", "peewee"}


@pytest.fixture
def home() -> Iterator[dict[str, str]]:
    with short_home() as environ:
        yield environ


@pytest.fixture
def playing(home: dict[str, str]) -> Iterator[Controlled]:
    """A player of three tracks, which plays the first."""
    with controlled(home) as one:
        one.player.set_queue([QueueTrack(f"/music/{name}.flac", track_id=name) for name in (1, 2, 3)])
        one.player.told.clear()
        yield one


def ctl(home: dict[str, str], *words: str, **how: Any) -> Finished:
    return auralis("ctl", *words, variables=home, **how)


def test_without_a_player_it_says_so_with_a_hint_and_6(home: dict[str, str]) -> None:
    for words in (["next"], ["status"], ["watch"], ["queue"], ["quit"], ["seek", "-10"]):
        done = ctl(home, *words)
        assert (done.code, done.out) == (6, "")
        assert done.err == "auralis: error: no player runs (auralis play --headless starts one)\n"
    told = ctl(home, "status", "--json")
    assert told.document["error"]["code"] == "no_player"


def test_transport_and_sound_by_one_word(playing: Controlled, home: dict[str, str]) -> None:
    player = playing.player
    for words, look, expected in (
        ("pause", lambda: player.snapshot().state, PlayerState.PAUSED),
        ("toggle", lambda: player.snapshot().state, PlayerState.PLAYING),
        ("stop", lambda: player.snapshot().state, PlayerState.STOPPED),
        ("play", lambda: player.snapshot().state, PlayerState.PLAYING),
        ("next", lambda: player.queue.index, 1),
        ("previous", lambda: player.queue.index, 0),
        ("seek 1:30", lambda: player.snapshot().position_s, 90.0),
        ("seek +10", lambda: player.snapshot().position_s, 100.0),
        ("seek -0:30", lambda: player.snapshot().position_s, 70.0),
        ("seek 50%", lambda: player.snapshot().position_s, 100.0),
        ("volume 80", lambda: player.snapshot().volume, 80.0),
        ("volume +5", lambda: player.snapshot().volume, 85.0),
        ("volume -10", lambda: player.snapshot().volume, 75.0),
        ("volume +90", lambda: player.snapshot().volume, 100.0),
        ("mute", lambda: player.snapshot().is_muted, True),
        ("mute on", lambda: player.snapshot().is_muted, True),
        ("mute off", lambda: player.snapshot().is_muted, False),
        ("enhance toggle", lambda: player.snapshot().is_enhanced, True),
        ("preset warm", lambda: player.snapshot().wish.preset, "warm"),
        ("intensity 0.7", lambda: player.snapshot().wish.intensity, 0.7),
        ("tilt 1.5", lambda: player.snapshot().wish.tilt_db, 1.5),
        ("width -1", lambda: player.snapshot().wish.width_db, -1.0),
        ("preferences off", lambda: player.snapshot().goes_by_taste, False),
        ("preferences", lambda: player.snapshot().goes_by_taste, True),
        ("normalize album", lambda: player.snapshot().normalize, NormalizeMode.ALBUM),
        ("compare", lambda: player.snapshot().compared, Side.MASTERED),
        ("compare toggle", lambda: player.snapshot().compared, Side.ORIGINAL),
        ("compare off", lambda: player.snapshot().compared, None),
        ("crossfade 4", lambda: player.snapshot().crossfade_s, 4.0),
        ("device USB", lambda: player.snapshot().device, "USB"),
        ("device default", lambda: player.snapshot().device, None),
        ("repeat one", lambda: player.snapshot().repeat, RepeatMode.ONE),
        ("consume on", lambda: player.snapshot().consume, True),
        ("stop-after-current", lambda: player.snapshot().stop_after_current, True),
        ("jump 3", lambda: player.queue.index, 2),
        ("remove 1 2", lambda: len(player.queue.items), 1),
        ("clear", lambda: len(player.queue.items), 0),
    ):
        done = ctl(home, *words.split())
        assert (done.code, done.out, done.err) == (0, "", ""), words
        assert look() == expected, words
    for words, told in (
        ("shuffle", "shuffle tracks"),
        ("shuffle albums", "shuffle albums"),
        ("shuffle off", "unshuffle"),
        ("undo", "undo"),
        ("redo", "redo"),
    ):
        assert ctl(home, *words.split()).code == 0
        assert player.told[-1] == told


def test_what_nobody_hears_since_mastering_is_off_is_said(playing: Controlled, home: dict[str, str]) -> None:
    told = "mastering is off: auralis ctl enhance on lets it be heard"
    for words in ("preset warm", "intensity 0.7", "tilt 1", "width 1", "reference off"):
        done = ctl(home, *words.split())
        assert (done.code, done.out) == (0, "")
        assert told in done.err, words
    assert told not in ctl(home, "volume", "40").err
    assert ctl(home, "enhance", "on").err == ""
    assert ctl(home, "preset", "bright").err == ""


def test_every_action_of_the_registry_stands_in_help_and_manual() -> None:
    shown = " ".join(auralis("ctl", "--help").out.replace("-\n          ", "-").split())
    page = (REPOSITORY / "man" / "man1" / "auralis-ctl.1").read_text().replace("\\-", "-")
    for action in ACTIONS.values():
        assert f"{action.id}," in shown
        assert action.usage in page, action.id


def test_a_value_that_cannot_be_is_refused_before_any_player_is_asked(home: dict[str, str]) -> None:
    for words in (
        "volume 101",
        "seek 1:2:3:4",
        "intensity nan",
        "repeat twice",
        "jump 0",
        "remove 3-1",
        "seek",
        "next 2",
        "mute maybe",
        "queue next",
        "status now",
    ):
        done = ctl(home, *words.split())
        assert (done.code, done.out) == (2, ""), words
        assert done.err.count("\n") == 1


def test_an_unknown_action_lists_the_known(home: dict[str, str]) -> None:
    done = ctl(home, "volumf")
    assert done.code == 2
    assert "volumf: no such action (did you mean volume? one of status, watch, queue, play, " in done.err


def test_what_the_player_refuses_ends_with_its_words_and_2(playing: Controlled, home: dict[str, str]) -> None:
    done = ctl(home, "preset", "nosuch")
    assert done.code == 2
    assert "nosuch: there is no such preset" in done.err
    assert playing.player.snapshot().wish.preset == "adaptive"


def test_status_has_the_keys_that_were_promised(playing: Controlled, home: dict[str, str]) -> None:
    told = ctl(home, "status", "--json").document
    promised = "state track position_s duration_s volume enhance preset intensity queue_index queue_length underruns"
    assert set(promised.split()) <= set(told)
    assert told["state"] == "playing"
    assert told["track"]["path"] == "/music/1.flac"
    assert told["track"]["track_id"] == 1
    assert (told["queue_index"], told["queue_length"]) == (0, 3)
    playing.player.clear()
    assert ctl(home, "status", "--json").document["queue_index"] is None


def test_an_action_with_json_shows_the_status_that_came_of_it(playing: Controlled, home: dict[str, str]) -> None:
    assert ctl(home, "volume", "30", "--json").document["volume"] == 30.0
    assert ctl(home, "next", "--jsonl").lines[0]["queue_index"] == 1


def test_status_for_people_and_in_a_format(playing: Controlled, home: dict[str, str]) -> None:
    ctl(home, "seek", "75")
    shown = ctl(home, "status").out
    assert shown.startswith("playing: Somebody - 1.flac\n")
    assert "1:15 of 3:20" in shown
    assert "1 of 3" in shown
    done = ctl(home, "status", "-f", "$state $artist/$title $position $position_s $queue_position")
    assert done.out == "playing Somebody/1.flac 1:15 75.0 1\n"
    refused = ctl(home, "status", "-f", "$loudness")
    assert refused.code == 2
    assert "one of state, title" in refused.err


def test_foreign_names_are_shown_not_obeyed(playing: Controlled, home: dict[str, str]) -> None:
    playing.player.set_queue([QueueTrack("/music/\x1b[31mred\n\udce9.flac")])
    for words in (["status"], ["queue"], ["status", "-f", "$title"]):
        shown = ctl(home, *words, terminal=True).out
        assert "\x1b[31m" not in shown
        assert "\\x1b[31mred\\n\\xe9.flac" in shown
    assert ctl(home, "queue", "--json").document["items"][0]["path"] == "/music/\x1b[31mred\n\udce9.flac"


def test_the_queue_is_shown_and_added_to(playing: Controlled, home: dict[str, str], tmp_path: Path) -> None:
    shown = ctl(home, "queue").out.splitlines()
    assert shown == [">  1  /music/1.flac", "   2  /music/2.flac", "   3  /music/3.flac"]
    assert ctl(home, "queue", "-f", "$position $path $current").out.splitlines()[0] == "1 /music/1.flac true"
    (tmp_path / "new.flac").touch()
    before = os.getcwd()
    os.chdir(tmp_path)
    try:
        assert ctl(home, "queue", "add", "new.flac").code == 0
        assert ctl(home, "play-next", "new.flac").code == 0
    finally:
        os.chdir(before)
    paths = [item.track.path for item in playing.player.queue.items]
    assert paths == [
        "/music/1.flac", str(tmp_path / "new.flac"), "/music/2.flac", "/music/3.flac", str(tmp_path / "new.flac"),
    ]  # fmt: skip
    assert ctl(home, "add").code == 2
    assert ctl(home, "queue", "clear").code == 0
    assert ctl(home, "queue").err == "the queue is empty\n"


def test_another_player_is_meant_by_its_name_or_process(playing: Controlled, home: dict[str, str]) -> None:
    with controlled(home, "player-77") as other:
        assert ctl(home, "volume", "20", "--player", "player-77").code == 0
        assert (other.player.snapshot().volume, playing.player.snapshot().volume) == (20.0, 100.0)
        assert ctl(home, "volume", "30", "--player", str(os.getpid())).code == 0
        done = ctl(home, "next", "--player", "nobody")
        assert done.code == 6
        assert "nobody: no such player runs (there are: player, player-77)" in done.err
    assert ctl(home, "next", "--player", "player-77").code == 6


def test_quit_asks_the_player_to_end(playing: Controlled, home: dict[str, str]) -> None:
    # Nobody waits for the fake's end: it is closed beside.
    def end() -> None:
        playing.quit_asked.wait(PATIENCE_S)
        playing.close()

    ends = threading.Thread(target=end)
    ends.start()
    assert ctl(home, "quit").code == 0
    ends.join()
    assert not playing.path.exists()
    assert ctl(home, "quit").code == 6


# As processes


def started(home: dict[str, str], *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "auralis_cli", "ctl", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **home, "PYTHONPATH": str(REPOSITORY)},
    )


def line_of(process: subprocess.Popen[str]) -> Any:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


@pytest.mark.invariant("S4-D3.5")
def test_watch_is_an_object_a_change_and_ends_quietly_with_the_player(
    playing: Controlled, home: dict[str, str]
) -> None:
    watching = started(home, "watch", "--json")
    first = line_of(watching)
    assert first["state"] == "playing"
    playing.player.set_volume(33.0)
    told = line_of(watching)
    assert told["volume"] == 33.0
    assert told["revision"] > first["revision"]
    playing.close()
    out, err = watching.communicate(timeout=PATIENCE_S)
    assert (watching.returncode, out, err) == (0, "", "")


def test_watch_dies_quietly_when_nobody_reads_any_more(playing: Controlled, home: dict[str, str]) -> None:
    watching = started(home, "watch", "--jsonl")
    line_of(watching)
    assert watching.stdout is not None
    # No change comes that it could fail to write.
    watching.stdout.close()
    assert watching.wait(timeout=PATIENCE_S) == -signal.SIGPIPE
    assert watching.stderr is not None
    assert watching.stderr.read() == ""
    watching.stderr.close()


def test_an_interrupted_watch_ends_with_130(playing: Controlled, home: dict[str, str]) -> None:
    watching = started(home, "watch")
    assert watching.stdout is not None
    assert watching.stdout.readline() == "playing: Somebody - 1.flac (1 of 3, volume 100, not mastered)\n"
    watching.send_signal(signal.SIGINT)
    assert watching.wait(timeout=PATIENCE_S) == 130
    watching.communicate()


@pytest.mark.invariant("S4-D5.4")
def test_a_watch_that_was_suspended_shows_what_is_now(playing: Controlled, home: dict[str, str]) -> None:
    watching = started(home, "watch", "--jsonl")
    line_of(watching)
    watching.send_signal(signal.SIGSTOP)
    for volume in range(2000):
        playing.player.set_volume(volume % 90)
    playing.player.set_volume(99.5)
    watching.send_signal(signal.SIGCONT)
    told = [line_of(watching)]
    while told[-1]["volume"] != 99.5:
        told.append(line_of(watching))
    revisions = [one["revision"] for one in told]
    assert revisions == sorted(set(revisions))
    watching.terminate()
    watching.communicate(timeout=PATIENCE_S)


@pytest.mark.invariant("S4-D5.4")
def test_a_watch_goes_on_with_the_player_that_comes_after(home: dict[str, str]) -> None:
    watching = started(home, "watch", "--jsonl", "--reconnect")
    with controlled(home) as first:
        first.player.set_volume(11.0)
        while (told := line_of(watching)["volume"]) != 11.0:
            assert told == 100.0
    with controlled(home) as second:
        second.player.set_volume(22.0)
        while (told := line_of(watching)["volume"]) != 22.0:
            assert told in (11.0, 100.0)
    watching.terminate()
    watching.communicate(timeout=PATIENCE_S)


def test_only_changes_of_what_is_shown_are_shown(playing: Controlled, home: dict[str, str]) -> None:
    watching = started(home, "watch", "-f", "$state $title")
    assert watching.stdout is not None
    assert watching.stdout.readline() == "playing 1.flac\n"
    for position_s in range(20):
        playing.player.change(position_s=float(position_s))
    playing.player.next()
    assert watching.stdout.readline() == "playing 2.flac\n"
    playing.close()
    assert watching.communicate(timeout=PATIENCE_S) == ("", "")


PROBE = """
import json, os, sys
from auralis_cli import __main__
os._exit = sys.exit
sys.argv[1:] = {words!r}
try:
    __main__.main()
except SystemExit as left:
    code = left.code
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""


@pytest.mark.parametrize("words", [["status", "--json"], ["seek", "+10"], ["queue"]])
def test_it_imports_nothing_heavy(words: list[str], playing: Controlled, home: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(words=["ctl", *words])],
        capture_output=True,
        text=True,
        env={**os.environ, **home, "PYTHONPATH": str(REPOSITORY)},
        timeout=60,
        check=False,
    )
    code, modules = json.loads(done.stderr.splitlines()[-1])
    assert code == 0
    assert HEAVY.isdisjoint({name.partition(".")[0] for name in modules})


def test_it_is_there_before_one_looks(playing: Controlled, home: dict[str, str]) -> None:
    def least_s(*arguments: str) -> float:
        return least_processor_s(
            [sys.executable, *arguments], env={**os.environ, **home, "PYTHONPATH": str(REPOSITORY)}
        )

    # 12 times as much where the byte code is kept; the bound only catches a heavy import.
    assert least_s("-m", "auralis_cli", "ctl", "status") < 40 * least_s("-c", "pass")
