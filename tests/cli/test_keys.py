"""`auralis keys` prints which key says what, with the user's own among them, and names what conflicts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Finished, auralis

from auralis_cli.settings import KEY_PRESETS, SETTINGS
from auralis_cli.tui.key_presets import DEFAULT_KEYS, PRESET_KEYS
from auralis_cli.tui.keymap import keymap_of

Keys = Callable[..., Finished]


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """Runs the verb for a user whose settings file says `own` below [keys]."""
    (tmp_path / "config").mkdir()

    def start(*words: str, own: str = "", **variables: str) -> Finished:
        (tmp_path / "config" / "config.toml").write_text(f"[keys]\n{own}\n")
        return auralis("keys", *words, variables={"AURALIS_HOME": str(tmp_path), **variables})

    return start


def test_it_prints_each_key_with_its_command_line(keys: Keys) -> None:
    lines = keys().out.splitlines()
    assert len(lines) == len(DEFAULT_KEYS)
    assert any(line.split()[:2] == ["space", "p"] and " toggle " in line for line in lines)
    items = json.loads(keys("--json").out)["items"]
    assert {one["line"]: one["keys"] for one in items}["undo"] == ["u"]


def test_the_keys_of_another_player_are_chosen_by_a_setting_or_an_option(keys: Keys) -> None:
    chosen = keys("--preset", "cmus").out
    assert chosen == keys(**{SETTINGS["play.keys"].variable: "cmus"}).out
    assert chosen != keys().out
    refused = keys("--preset", "emacs")
    assert (refused.code, "cmus" in refused.err) == (2, True)


def test_keys_of_ones_own_win_and_what_they_take_is_said(keys: Keys) -> None:
    done = keys(own='"seek +5" = "right, l"')
    assert "l: 'seek +5' takes it from 'right'" in done.err
    assert next(line for line in done.out.splitlines() if " seek +5 " in line).split()[:2] == ["→", "l"]
    assert not any(line.split()[1] == "right" for line in done.out.splitlines())


WRONG = {
    "one key for two": ('"seek +5" = "l"\n"next" = "l"', 3, "is given to 'seek +5' and to 'next'"),
    "one key that begins another": ('"seek +5" = "l"\n"next" = "l n"', 3, "and to 'next' by ln, which begins with it"),
    "no end of keys": ('"next" = "x escape"', 2, "'x escape' is no key"),
    "no command": ('"sek +5" = "l"', 2, "no such command (did you mean seek?)"),
    "no key": ('"next" = "hyper+l"', 2, "'hyper+l' is no key"),
    "no text": ('"next" = 5', 2, "is not keys in quotes"),
}


@pytest.mark.invariant("S1-L-08")
@pytest.mark.parametrize("what", WRONG)
def test_keys_that_cannot_be_served_are_named_with_their_line(what: str, keys: Keys, tmp_path: Path) -> None:
    text, line, why = WRONG[what]
    refused = keys(own=text)
    assert refused.code == 2
    assert f"{tmp_path / 'config' / 'config.toml'}:{line}" in refused.err
    assert why in refused.err


def test_keys_one_after_the_other_take_the_first_of_them_from_whom_it_belonged_to(keys: Keys) -> None:
    done = keys(own='"view queue" = "g q, z a"')
    assert "g: 'view queue' (gq) takes it from 'top'" in done.err
    assert "z: 'view queue' (za) takes it from 'previous'" in done.err
    assert next(line for line in done.out.splitlines() if " view queue " in line).split()[:2] == ["gq", "za"]
    assert json.loads(keys("--json", "--preset", "vim").out)["items"][0]["line"]
    assert keymap_of("vim").keys_of("top") == ("g g", "home")


@pytest.mark.invariant("S1-L-08")
@pytest.mark.parametrize("preset", KEY_PRESETS)
def test_no_key_says_two_things_in_one_view_and_no_command_loses_its_keys(preset: str) -> None:
    """Kills: one more line with a key that another has."""
    keymap = keymap_of(preset)
    assert keymap.conflicts() == ()
    assert [line for line in DEFAULT_KEYS if not keymap.keys_of(line)] == []


def test_every_preset_that_can_be_set_is_there() -> None:
    assert tuple(PRESET_KEYS) == KEY_PRESETS
