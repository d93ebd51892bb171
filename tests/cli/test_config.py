"""`auralis config`: shows what is set, changes the file without harm, and keeps what could not be served."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from command_line import Finished, auralis, auralis_process

from auralis_cli.commands.config import TEMPLATE
from auralis_cli.config import chosen_file
from auralis_cli.errors import UsageError
from auralis_cli.model.presets import PRESETS
from auralis_cli.model.targets import TARGETS

Run = Callable[..., Finished]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the user's own file goes; it does not exist yet."""
    return tmp_path / "home" / "config" / "config.toml"


@pytest.fixture
def run(path: Path) -> Run:
    def start(*words: str | Path, **variables: str) -> Finished:
        return auralis(*words, variables={"AURALIS_HOME": str(path.parent.parent), **variables})

    return start


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_what_is_set_is_got_shown_and_unset(path: Path, run: Run) -> None:
    assert run("config", "get", "master.preset").out == "adaptive\n"
    assert run("config", "get", "master.loudness").out == "\n"
    assert run("config", "set", "master.preset", "warm") == Finished(0, "", "")
    assert run("config", "set", "master.loudness", "-16") == Finished(0, "", "")
    assert path.read_text() == '[master]\npreset = "warm"\nloudness = -16\n'
    assert run("config", "get", "master.preset").out == "warm\n"
    assert run("config", "get", "master.loudness", "--json").document == {
        "key": "master.loudness",
        "value": -16,
        "origin": f"{path}:3",
    }
    shown = run("config", "show", "--origin").out
    assert f"  {path}:2\n" in shown
    assert run("config", "unset", "master.preset").code == 0
    assert run("config", "get", "master.preset").out == "adaptive\n"
    assert "nothing to change" in run("config", "unset", "master.preset").err


def test_comments_order_and_permissions_stay(path: Path, run: Run) -> None:
    text = "# Mine.\n\n[output]  # what I see\ncolor = 'never'\n\n[master]\n# loud\npreset = 'punchy' # for now\n"
    write(path, text).chmod(0o640)
    assert run("config", "set", "master.preset", "live").code == 0
    assert path.read_text() == text.replace("'punchy'", '"live"')
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_stays_a_link(path: Path, run: Run, tmp_path: Path) -> None:
    real = write(tmp_path / "dotfiles" / "auralis.toml", "")
    path.parent.mkdir(parents=True)
    path.symlink_to(real)
    assert run("config", "set", "limits.jobs", "2").code == 0
    assert path.is_symlink()
    assert real.read_text() == "[limits]\njobs = 2\n"
    assert sorted(real.parent.iterdir()) == [real]


def test_a_dry_run_says_what_would_be_written(path: Path, run: Run) -> None:
    assert run("config", "set", "-n", "master.bits", "24").out == f"{path}: master.bits = 24\n"
    told = run("config", "set", "-n", "master.bits", "24", "--json").document
    assert told == {"path": str(path), "key": "master.bits", "before": None, "value": 24, "dry_run": True}
    assert not path.exists()
    assert run("config", "set", "-n", "master.bits", "8").code == 2


def test_the_file_of_config_is_the_one_that_is_changed(path: Path, run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    assert run("--config", other, "config", "path").out == f"{other}\n"
    assert run("config", "path").out == f"{path}\n"
    assert run("--config", other, "config", "set", "limits.jobs", "1").code == 0
    assert run("config", "set", "limits.jobs", "2", AURALIS_CONFIG=str(other)).code == 0
    assert other.read_text() == "[limits]\njobs = 2\n"
    assert not path.exists()


BROKEN = {
    "[master]\nprest = 'warm'\n": ":2: master.prest: there is no such setting (did you mean master.preset?)",
    "[mastr]\npreset = 'warm'\n": ":1: mastr: there is no such section (did you mean master?)",
    "preset = 'warm'\n": ":1: preset: there is no such section (did you mean presets?)",
    "master = 3\n": ":1: master: is a section, not a value (write [master])",
    "[master]\n\nintensity = true\n": ":3: master.intensity: true is not a number from 0 to 1",
    "[master]\nintensity = '0.5'\n": ":2: master.intensity: '0.5' in quotes is not a number from 0 to 1",
    "[master]\nintensity = [1]\n": ":2: master.intensity: [1] is not a number from 0 to 1",
    "[master]\nkeep_mtime = 1\n": ":2: master.keep_mtime: 1 is not true or false",
    "[master.preset]\nx = 1\n": ":1: master.preset: is a value, not a section",
    "[master\n": ":1: is not TOML: expected ']' at the end of a table declaration",
    "[master]\npreset = 'nobody'\n": ":2: master.preset: 'nobody' is not one of adaptive, gentle",
    "[presets.warm]\nair_db = 1\n": ":1: presets.warm: is built in and stays as it is",
    "[presets.Mine]\nair_db = 1\n": ":1: presets.Mine: 'Mine' is not a name of small letters",
    "[presets.mine]\nairdb = 1\n": ":2: presets.mine.airdb: there is no such setting (did you mean air_db?)",
    "[presets.mine]\nair_db = 9\n": ":2: presets.mine.air_db: '9' is not a number from -4 to 4",
    "[presets.mine]\nbase = 'loud'\n": ":2: presets.mine.base: 'loud' is not one of adaptive",
    "[targets.club]\ntolerance_lu = 1\n": ":1: targets.club: loudness_lufs is missing (give it, or base = ",
    "[targets.club]\nloudness_lufs = nan\n": ":2: targets.club.loudness_lufs: 'nan' is not a number from -40 to -5",
    "presets = 1\n": ":1: presets: is a section, not a value (write [presets])",
    "x = " + "[" * 2000: ": is nested too deeply",
    "x = " + "9" * 5000: ": is not TOML: ",
    "a = 1\na = 2\n": ":2: is not TOML: ",
}


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: text[:30])
def test_what_is_wrong_is_said_with_file_line_and_key(text: str, path: Path, run: Run) -> None:
    write(path, text)
    for words in (["analyze", "x.wav"], ["config", "show"], ["config", "get", "master.preset"]):
        refused = run(*words)
        assert (refused.code, refused.out) == (2, "")
        assert refused.err.startswith(f"auralis: error: {path}{BROKEN[text]}")
        assert refused.err.count("\n") == 1
    # What helps to mend it works.
    assert run("config", "path").code == 0
    assert run("analyze", "--help").code == 0
    assert run("completion", "bash").code in (0, 2)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"#" * (1 << 20) + b"#"])
def test_what_is_no_settings_file_is_refused(content: bytes, run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_bytes(content)
    for file in (other, tmp_path, tmp_path / "missing.toml"):
        refused = run("--config", file, "config", "show")
        assert refused.code == 2
        assert refused.err.startswith(f"auralis: error: {file}: ")


def test_set_refuses_what_could_not_be_served_and_mends_what_is_broken(path: Path, run: Run) -> None:
    write(path, "[master]\nintensity = 7\n")
    assert run("config", "set", "master.preset", "warm").code == 2
    assert path.read_text() == "[master]\nintensity = 7\n"
    assert run("config", "set", "master.intensity", "0.5").code == 0
    assert run("config", "set", "master.target", "nowhere").code == 2
    assert run("config", "set", "presets.mine.base", "warm").code == 0
    assert run("config", "set", "master.preset", "mine").code == 0
    assert "master.preset: 'mine' is not one of" in run("config", "unset", "presets.mine").err
    assert run("config", "get", "master.preset").out == "mine\n"
    assert run("config", "set", "master.prest", "x").err.endswith("(did you mean master.preset?)\n")
    assert run("config", "set", "presets.warm.air_db", "1").code == 2


def test_presets_of_ones_own_master_as_their_base_with_what_they_change(path: Path, run: Run, tmp_path: Path) -> None:
    rate = 44_100
    noise = 0.1 * np.random.default_rng(3).standard_normal((4 * rate, 2))
    song, out = tmp_path / "song.wav", tmp_path / "out.wav"
    soundfile.write(song, noise, rate, subtype="PCM_24")
    write(path, "[presets.same]\nbase = 'live'\n[presets.louder]\nbase = 'live'\nloudness_lu = 3\n")

    def plan(preset: str) -> dict[str, object]:
        document = run("master", song, out, "-n", "--json", "--preset", preset).document
        found = dict(document["plan"])
        assert found.pop("preset") == preset
        return found

    assert plan("same") == plan("live")
    assert plan("louder")["goal_lufs"] == -11.0
    assert run("master", song, out, "-n", "--preset", "other").err.startswith(
        "auralis: error: --preset: 'other' is not one of adaptive, gentle, warm, bright, punchy, live, same, louder"
    )
    assert run("config", "get", "presets.louder.loudness_lu").out == "3.0\n"
    assert "presets.louder" in run("config", "show").out
    names = [preset["name"] for preset in run("config", "show", "--json").document["presets"]]
    assert names == [*PRESETS, "same", "louder"]


def test_targets_of_ones_own_are_delivered_to_and_verified(path: Path, run: Run, tmp_path: Path) -> None:
    time_s = np.arange(4 * 48_000) / 48_000
    tone = 10 ** (-18 / 20) * np.sin(2 * np.pi * 1000 * time_s)
    song = tmp_path / "tone.wav"
    soundfile.write(song, np.stack([tone, tone], axis=1), 48_000, subtype="FLOAT")
    write(path, "[targets.radio]\nloudness_lufs = -18\ntolerance_lu = 0.2\n[targets.tv]\nbase = 'broadcast'\n")
    delivery = run("master", song, tmp_path / "out.wav", "-n", "--json", "--target", "tv").document["plan"]["delivery"]
    assert (delivery["target"], delivery["loudness_lufs"]) == ("tv", TARGETS["broadcast"].loudness_lufs)
    assert delivery["max_lra_lu"] == TARGETS["broadcast"].max_lra_lu
    passed = run("verify", song, "--target", "radio", "--json")
    assert (passed.code, passed.document["target"]) == (0, "radio")
    assert passed.document["checks"][0]["limit"] == {"min": -18.2, "max": -17.8}
    assert run("verify", song, "--target", "tv").code == 1
    assert run("verify", song, AURALIS_VERIFY_TARGET="radio").code == 0


def editor(tmp_path: Path, script: str) -> str:
    """An editor that is a script; $1 is the file."""
    program = tmp_path / "editor"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


def test_an_edit_is_put_in_place_when_it_can_be_served(path: Path, run: Run, tmp_path: Path) -> None:
    assert run("config", "edit", EDITOR=editor(tmp_path, "printf '[limits]\\njobs = 2\\n' > \"$1\"")).code == 0
    assert path.read_text() == "[limits]\njobs = 2\n"
    assert "nothing has changed" in run("config", "edit", EDITOR="true").err
    assert run("config", "edit", EDITOR="false", VISUAL="true").code == 0


def test_a_broken_edit_is_kept_aside_and_the_next_begins_with_it(path: Path, run: Run, tmp_path: Path) -> None:
    write(path, "[limits]\njobs = 2\n")
    refused = run("config", "edit", EDITOR=editor(tmp_path, 'echo "job = 3 # mine" >> "$1"'))
    kept = path.with_name("config.toml.rejected")
    assert refused.code == 2
    assert refused.err.startswith(f"auralis: error: {path}:3: limits.job: there is no such setting (your text is kept")
    assert path.read_text() == "[limits]\njobs = 2\n"
    assert kept.read_text() == "[limits]\njobs = 2\njob = 3 # mine\n"
    assert run("config", "edit", EDITOR=editor(tmp_path, "sed -i 's/^jobs.*//; s/^job /jobs /' \"$1\"")).code == 0
    assert path.read_text() == "[limits]\n\njobs = 3 # mine\n"
    assert not kept.exists()


@pytest.mark.parametrize("command", ["false", "/no/such/editor", "sh -c 'rm \"$1\"' sh"])
def test_an_editor_that_fails_changes_nothing(command: str, path: Path, run: Run) -> None:
    write(path, "[limits]\njobs = 2\n")
    failed = run("config", "edit", EDITOR=command)
    assert failed.code == 1
    assert failed.err.count("\n") == 1
    assert path.read_text() == "[limits]\njobs = 2\n"


def test_without_a_terminal_no_editor_is_started_that_was_not_named(path: Path) -> None:
    refused = auralis_process("config", "edit", AURALIS_HOME=str(path.parent.parent), EDITOR="", VISUAL="")
    assert refused.code == 2
    assert "there is no terminal" in refused.err


def test_the_template_can_be_served_when_its_comments_are_taken_away(path: Path, run: Run) -> None:
    lines = [line.removeprefix("# ") for line in TEMPLATE.splitlines()]
    start = lines.index("[master]")
    write(path, "\n".join(line if line != "#" else "" for line in lines[start:]))
    assert run("config", "get", "master.target").out == "apple\n"


def test_a_file_that_cannot_be_written_is_one_line(path: Path, run: Run) -> None:
    path.parent.parent.mkdir(parents=True)
    path.parent.write_text("in the way")
    failed = run("config", "set", "limits.jobs", "2")
    assert failed.code in (1, 2)
    assert failed.err.startswith(f"auralis: error: {path}: ")
    assert failed.err.count("\n") == 1


def test_doctor_says_where_the_settings_are_and_whether_they_can_be_served(path: Path, run: Run) -> None:
    def check() -> dict[str, object]:
        checks = run("doctor", "--json").document["checks"]
        return next(one for one in checks if one["name"] == "settings")

    assert check()["ok"]
    assert f"{path} does not exist" in str(check()["detail"])
    write(path, "[limits]\njobs = 0\n")
    assert not check()["ok"]
    assert f"{path}:2: limits.jobs" in str(check()["detail"])


def test_a_settings_file_of_nobody_is_a_usage_error() -> None:
    """Kills: a home folder that is not there, told as a defect of ours."""
    with pytest.raises(UsageError, match="AURALIS_CONFIG: '~nobody-at-all/x' is not the name of a file"):
        chosen_file({"AURALIS_CONFIG": "~nobody-at-all/x"}, None)
