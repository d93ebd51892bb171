"""One table of values that cannot be, tried at every door: flags, settings, variables, `ctl`, socket, the player."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import auralis
from controlled_player import Controlled, RawClient, controlled, short_home

from auralis_cli.errors import UsageError

# Of each action: its argument, and what that may not be. A name of the right shape that names nothing is refused by
# whoever knows the names.
BAD = {
    "intensity": ("amount", ["nan", "-inf", "-0.1", "1.0001", "1e400", "", "0,5"]),
    "preset": ("name", ["", "Warm", "../warm", "x" * 41, "nosuch"]),
    "volume": ("level", ["nan", "inf", "101", "", "loud"]),
    "crossfade": ("seconds", ["nan", "-1", "12.5", ""]),
    "normalize": ("mode", ["", "Album", "nan"]),
    "repeat": ("mode", ["", "twice", "1"]),
}
ROWS = [(action, argument, word) for action, (argument, words) in BAD.items() for word in words]
# What only JSON can say.
BAD_JSON: list[object] = [None, True, [], {}, [0.5], {"value": 0.5}]


Served = tuple[Controlled, dict[str, str]]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with short_home() as home, controlled(home) as one:
        yield one, home


@pytest.fixture
def client(served: Served) -> Iterator[RawClient]:
    one = RawClient(served[0].path)
    yield one
    one.close()


@pytest.mark.invariant("S2-NEW-3")
@pytest.mark.parametrize(("action", "argument", "word"), ROWS)
def test_a_value_that_cannot_be_is_refused_at_every_door(
    action: str, argument: str, word: str, served: Served, client: RawClient, tmp_path: Path
) -> None:
    player, home = served[0].player, served[1]
    before = player.snapshot()
    file = tmp_path / "config.toml"
    # A number of TOML where it is one, nan and inf too.
    is_number = re.fullmatch(r"-?(nan|inf|\d+(\.\d+)?(e\d+)?)", word) and action not in ("normalize", "repeat")
    file.write_text(f"[play]\n{action} = {word if is_number else json.dumps(word)}\n")
    song = tmp_path / "in.wav"
    song.touch()
    variables = {f"AURALIS_PLAY_{action.upper()}": word}
    doors: dict[str, Callable[[], int]] = {
        "flag": lambda: auralis("play", "--headless", f"--{action}={word}", song).code,
        "variable": lambda: auralis("play", "--headless", song, variables=variables).code,
        "settings": lambda: auralis("--config", file, "play", "--headless", song).code,
        "ctl": lambda: auralis("ctl", action, "--", word, variables=home).code,
        "socket": lambda: 2 if client.ask(action, **{argument: word})["error"]["code"] == "usage" else 0,
    }
    if action in ("intensity", "preset"):
        doors["master"] = lambda: auralis("master", f"--{action}={word}", song, tmp_path / "out.flac").code
    # An empty variable is one that is not set.
    if not word:
        del doors["variable"]
    assert {door: code() for door, code in doors.items()} == dict.fromkeys(doors, 2)
    assert player.snapshot() == before


@pytest.mark.invariant("S2-NEW-3")
@pytest.mark.parametrize("action", BAD)
def test_json_that_is_no_such_value_is_refused(action: str, served: Served, client: RawClient) -> None:
    player = served[0].player
    before = player.snapshot()
    for value in BAD_JSON:
        assert client.ask(action, **{BAD[action][0]: value})["error"]["code"] == "usage", value
    assert player.snapshot() == before


@pytest.mark.invariant("S2-NEW-3")
def test_nan_never_becomes_a_bound(served: Served, client: RawClient) -> None:
    player = served[0].player
    before = player.snapshot()
    for action, argument in (("volume", "level"), ("intensity", "amount"), ("crossfade", "seconds"), ("seek", "to")):
        for text in ("NaN", "Infinity", "-Infinity", '"nan"', '"+nan"', '"nan%"', "1e999"):
            client.send(f'{{"action": "{action}", "args": {{"{argument}": {text}}}}}\n'.encode())
            assert client.read()["error"]["code"] == "usage", (action, text)
    assert player.snapshot() == before
    for verb in (player.set_volume, player.intensity, player.crossfade):
        with pytest.raises(UsageError):
            verb(float("nan"))


@pytest.mark.invariant("S2-NEW-3")
@pytest.mark.parametrize(
    ("action", "argument", "word", "field", "value"),
    [
        ("intensity", "amount", "0.25", "intensity", 0.25),
        ("preset", "name", "warm", "preset", "warm"),
        ("tilt", "tilt_db", "1.5", "tilt_db", 1.5),
        ("width", "width_db", "-0.5", "width_db", -0.5),
        ("volume", "level", "40", "volume", 40.0),
        ("crossfade", "seconds", "2.5", "crossfade_s", 2.5),
        ("normalize", "mode", "smart", "normalize", "smart"),
        ("repeat", "mode", "one", "repeat", "one"),
    ],
)
def test_a_value_that_can_be_is_the_same_by_ctl_and_by_socket(
    action: str, argument: str, word: str, field: str, value: object, served: Served, client: RawClient
) -> None:
    assert auralis("ctl", action, word, variables=served[1]).code == 0
    assert client.ask("status")["ok"][field] == value
    for said in (word, value):
        assert client.ask(action, **{argument: said}) == {"id": 7, "ok": None}
        assert client.ask("status")["ok"][field] == value
