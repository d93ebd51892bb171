"""What a player without a user interface says, and what makes it leave."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from fake_player import STREAM, snapshot

from auralis_cli.commands.play_headless import Teller
from auralis_cli.errors import DeviceError, InputError
from auralis_cli.model.playback import PlayableTrack, PlaybackProblem, PlayerState, Snapshot
from auralis_cli.model.queue import QueueItem, QueueTrack
from auralis_cli.model.source import AudioSource
from auralis_cli.output import Output

BROKEN = PlaybackProblem("unreadable", "/m/a.flac: is damaged", "/m/a.flac")
NO_DEVICE = PlaybackProblem("device", "sound: there is no device (a hint)", None)


def plays(revision: int, ticket: int, title: str = "A", **changed: Any) -> Snapshot:
    track = PlayableTrack(AudioSource(Path(f"/m/{ticket}.flac")), title, artist="An Artist", album="Album")
    item = QueueItem(ticket, QueueTrack(f"/m/{ticket}.flac"))
    return snapshot(
        **{
            "revision": revision, "state": PlayerState.PLAYING, "item": item, "track": track, "stream": STREAM,
            "duration_s": 245.0, "queue_index": ticket - 1, "queue_length": 12, **changed,
        }
    )  # fmt: skip


def teller(*, quit_at_end: bool = False) -> tuple[Teller, io.StringIO]:
    said = io.StringIO()
    return Teller(Output(io.StringIO(), said, {}), since=1, quit_at_end=quit_at_end), said


def test_each_track_is_said_once_when_it_begins() -> None:
    told, said = teller()
    for one in (plays(2, 1, state=PlayerState.LOADING), plays(3, 1), plays(4, 1, position_s=9.0), plays(5, 2, "B")):
        assert told.tell(one) is False
    assert said.getvalue() == "[1/12] An Artist – A (Album)  4:05\n[2/12] An Artist – B (Album)  4:05\n"


def test_it_is_said_again_after_a_stop_and_what_comes_late_is_not_said() -> None:
    told, said = teller()
    told.tell(plays(5, 1))
    assert told.tell(plays(4, 2)) is False
    assert told.tell(snapshot(revision=6)) is False
    told.tell(plays(7, 1))
    assert said.getvalue().splitlines() == ["[1/12] An Artist – A (Album)  4:05"] * 2


def test_every_problem_is_said_in_its_turn_and_once() -> None:
    told, said = teller()
    one, two, three = (PlaybackProblem("unreadable", f"/m/{number}.flac: is broken", None) for number in range(3))
    told.tell(plays(2, 1, problem=one))
    told.tell(plays(3, 1, problem=three, earlier_problems=(one, two)))
    warnings = [line for line in said.getvalue().splitlines() if not line.startswith("[")]
    assert warnings == [f"auralis: warning: /m/{number}.flac: is broken" for number in range(3)]


def test_tags_are_shown_and_never_obeyed() -> None:
    told, said = teller()
    told.tell(plays(2, 1, "\x1b[2J[bold]red\nline\u202e"))
    assert said.getvalue() == "[1/12] An Artist – \\x1b[2J[bold]red\\nline\\u202e (Album)  4:05\n"


def test_a_problem_is_said_once() -> None:
    told, said = teller()
    for revision in (2, 3):
        told.tell(plays(revision, 2, problem=BROKEN))
    told.tell(plays(4, 3, "C", problem=PlaybackProblem("unreadable", "/m/b.flac: is gone", "/m/b.flac")))
    warnings = [line for line in said.getvalue().splitlines() if "warning" in line]
    assert warnings == ["auralis: warning: /m/a.flac: is damaged", "auralis: warning: /m/b.flac: is gone"]


def test_at_the_end_of_the_queue_it_stays_unless_it_is_to_leave() -> None:
    for quit_at_end in (False, True):
        told, _ = teller(quit_at_end=quit_at_end)
        # Of before anything was to be played.
        assert told.tell(snapshot(revision=1)) is False
        told.tell(plays(2, 1))
        assert told.tell(snapshot(revision=3)) is quit_at_end


def test_without_a_device_it_ends_where_nothing_was_heard() -> None:
    told, said = teller()
    with pytest.raises(DeviceError, match="there is no device"):
        told.tell(snapshot(revision=2, state=PlayerState.ERROR, problem=NO_DEVICE))
    assert said.getvalue() == ""


def test_a_device_that_goes_later_is_said_and_waited_for() -> None:
    told, said = teller()
    told.tell(plays(2, 1))
    assert told.tell(snapshot(revision=3, state=PlayerState.ERROR, problem=NO_DEVICE)) is False
    assert said.getvalue().splitlines()[-1] == "auralis: warning: sound: there is no device (a hint)"


def test_where_nothing_can_be_heard_of_a_queue_it_is_to_leave_by_it_fails() -> None:
    for state in (PlayerState.STOPPED, PlayerState.ERROR):
        told, _ = teller(quit_at_end=True)
        with pytest.raises(InputError, match="is damaged"):
            told.tell(snapshot(revision=2, state=state, problem=BROKEN))
        stays, said = teller()
        assert stays.tell(snapshot(revision=2, state=state, problem=BROKEN)) is False
        assert said.getvalue() == "auralis: warning: /m/a.flac: is damaged\n"
