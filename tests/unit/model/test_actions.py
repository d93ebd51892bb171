"""The one table of actions: what each takes, in words and as JSON, and what is none of it."""

from __future__ import annotations

import pytest

from auralis_cli.errors import UsageError
from auralis_cli.model.action_kinds import (
    MOST_TRACKS,
    Level,
    Positions,
    Seek,
    SeekFrom,
    SeekTarget,
    SwitchOrToggle,
    Tracks,
    VolumeChange,
)
from auralis_cli.model.actions import ACTIONS, action_named
from auralis_cli.model.player_choices import DeviceName
from auralis_cli.model.queue import QueueTrack
from auralis_cli.player.control_protocol import QUERIES


@pytest.mark.parametrize("action", ACTIONS.values(), ids=lambda action: str(action.id))
def test_every_action_says_what_it_is_and_takes_what_it_says(action: object) -> None:
    assert action in ACTIONS.values()
    known = ACTIONS[getattr(action, "id")]  # noqa: B009
    assert known.id == known.id.lower()
    assert known.help.endswith(".")
    names = [one.name for one in known.arguments]
    assert len(set(names)) == len(names)
    # What may be left out stands behind what may not.
    defaults = [one.default is None for one in known.arguments]
    assert defaults == sorted(defaults, reverse=True)
    for one in known.arguments:
        if one.default is not None:
            one.kind.read(one.default)


def test_no_action_has_the_name_of_a_question() -> None:
    assert set(ACTIONS).isdisjoint(QUERIES)


@pytest.mark.parametrize(
    ("word", "target"),
    [
        ("90", SeekTarget(90.0, SeekFrom.START_S)),
        ("1:30", SeekTarget(90.0, SeekFrom.START_S)),
        ("1:01:30.5", SeekTarget(3690.5, SeekFrom.START_S)),
        ("2m", SeekTarget(120.0, SeekFrom.START_S)),
        ("0", SeekTarget(0.0, SeekFrom.START_S)),
        ("+10", SeekTarget(10.0, SeekFrom.HERE_S)),
        ("-1:00", SeekTarget(-60.0, SeekFrom.HERE_S)),
        ("50%", SeekTarget(0.5, SeekFrom.SHARE)),
        ("100%", SeekTarget(1.0, SeekFrom.SHARE)),
    ],
)
def test_a_place_in_the_track_is_said_in_many_ways(word: str, target: SeekTarget) -> None:
    assert Seek().read(word) == target


def test_numbers_of_json_are_places_and_levels_too() -> None:
    assert Seek().read(90) == SeekTarget(90.0, SeekFrom.START_S)
    assert Seek().read(12.5) == SeekTarget(12.5, SeekFrom.START_S)
    assert Seek().read(4e-06) == SeekTarget(4e-06, SeekFrom.START_S)
    assert Seek().read(-10) == SeekTarget(-10.0, SeekFrom.HERE_S)
    assert VolumeChange().read(80) == Level(80.0, False)
    assert VolumeChange().read("-5") == Level(-5.0, True)
    assert SwitchOrToggle().read(True) is True
    assert SwitchOrToggle().read("toggle") is None
    assert Positions().read([3, 1, 3]) == (0, 2)
    assert Positions().read("3 5-7,1") == (0, 2, 4, 5, 6)
    assert DeviceName().read("default") is None


@pytest.mark.parametrize(
    "word", ["", "%", "101%", "-5%", "nan", "+nan", "nan%", "++1", "+-1", "1:2:3:4", "one", "1e9", "٣", "-", "inf"]
)
def test_what_is_no_place_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="is not a place"):
        Seek().read(word)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "0",
        "-1",
        "1-",
        "3-1",
        "1--2",
        "a",
        "1.5",
        f"1-{MOST_TRACKS + 2}",
        "9" * 10,
        [],
        [0],
        ["1"],
        [True],
        0,
        1.5,
        None,
        {},
    ],
)
def test_what_is_no_position_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="is not"):
        Positions().read(value)


@pytest.mark.invariant("S0-M04")
def test_many_ranges_of_positions_are_no_more_than_one_may_be() -> None:
    """✗ each range has its bound, and a line of them none."""
    half = MOST_TRACKS // 2
    assert len(Positions().read(f"1-{half} {half + 1}-{MOST_TRACKS}")) == MOST_TRACKS
    many = [f"{first}-{first + half - 1}" for first in range(1, 5 * half, half)]
    with pytest.raises(ValueError, match="is not"):
        Positions().read(" ".join(many))
    # Nor may the same ones be named again and again.
    with pytest.raises(ValueError, match="is not"):
        Positions().read(f"1-{half} " * 5)


def test_tracks_keep_names_that_are_not_utf8() -> None:
    (track,) = Tracks().read(["/music/caf\udce9.flac"])
    assert track == QueueTrack("/music/caf\udce9.flac")


@pytest.mark.parametrize(("words", "named"), [
    (("mute", ()), {}),
    (("mute", ("on",)), {"mute": "on"}),
    (("move", ("1", "2")), {"origin": "1", "target": "2"}),
    (("remove", ("1", "3-5")), {"positions": "1 3-5"}),
])  # fmt: skip
def test_words_of_a_command_line_become_arguments(words: tuple[str, tuple[str, ...]], named: dict[str, str]) -> None:
    action = ACTIONS[words[0]]
    assert action.named(words[1]) == named
    action.read(action.named(words[1]))


@pytest.mark.parametrize(
    ("action", "words"), [("next", ("1",)), ("seek", ()), ("move", ("1",)), ("mute", ("on", "off"))]
)
def test_too_many_words_or_too_few_are_refused_with_how_it_goes(action: str, words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match=f"auralis ctl {action}"):
        ACTIONS[action].named(words)


def test_an_unknown_action_is_answered_with_the_nearest_and_all() -> None:
    with pytest.raises(UsageError, match=r"vollume: no such action \(did you mean volume\? one of watch, play, "):
        action_named("vollume", ["watch"])
