"""`auralis presets`: what there is, and the way from one settings file into another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Finished, auralis

from auralis_cli.model.presets import PRESETS

Run = Callable[..., Finished]

EVENING = '[presets.evening]\nbase = "gentle"\nlow_db = 0.5\n'


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Finished]:
    def start(*words: str | Path, home: str = "home") -> Finished:
        return auralis(*words, variables={"AURALIS_HOME": str(tmp_path / home)})

    return start


def settings(tmp_path: Path, text: str, home: str = "home") -> Path:
    path = tmp_path / home / "config" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_all_presets_are_listed_with_what_they_add(tmp_path: Path, run: Run) -> None:
    settings(tmp_path, EVENING)
    items = run("presets", "list", "--json").document["items"]
    assert [one["name"] for one in items] == [*PRESETS, "evening"]
    assert items[-1]["low_db"] == 0.5
    assert items[-1]["loudness_lu"] == PRESETS["gentle"].loudness_lu
    assert "presence_db=-1.5" in run("presets", "list").out
    assert "fast_release_ms" in run("presets", "show", "warm").out


def test_what_one_exports_another_imports_to_the_last_number(tmp_path: Path, run: Run) -> None:
    settings(tmp_path, EVENING)
    told = run("presets", "export", "--to", tmp_path / "mine.toml", "-n", "--json").document
    assert (told["exported"], told["dry_run"], (tmp_path / "mine.toml").exists()) == (["evening"], True, False)
    assert run("presets", "export", "--to", tmp_path / "mine.toml").out == "1 preset exported\n"
    assert run("presets", "export", "--to", "-").out == run("presets", "export").out
    assert run("presets", "export").out == (tmp_path / "mine.toml").read_text()
    assert run("presets", "import", "-n", tmp_path / "mine.toml", home="other").out == "evening: added\n"
    assert not (tmp_path / "other" / "config").exists()
    assert run("presets", "import", tmp_path / "mine.toml", home="other").out == "evening: added\n"
    theirs = run("presets", "show", "evening", "--json", home="other").document
    mine = run("presets", "show", "evening", "--json").document
    assert {**theirs, "origin": ""} == {**mine, "origin": ""}
    assert run("presets", "import", tmp_path / "mine.toml", home="other").out == "evening: unchanged\n"


def test_a_preset_that_is_another_is_replaced_only_by_force(tmp_path: Path, run: Run) -> None:
    path = settings(tmp_path, '# mine\n[presets.evening]\nair_db = 1.0\n[master]\npreset = "evening"\n')
    theirs = tmp_path / "theirs.toml"
    theirs.write_text(EVENING + "[presets.new]\nair_db = 2\n")
    refused = run("presets", "import", theirs)
    assert refused.code == 2
    assert "evening" in refused.err
    assert "[presets.new]" not in path.read_text()
    assert run("presets", "import", "--force", theirs).out == "evening: replaced\nnew: added\n"
    assert "# mine" in path.read_text()
    shown = run("presets", "show", "evening", "--json").document
    assert (shown["low_db"], shown["air_db"]) == (0.5, PRESETS["gentle"].air_db)
    assert run("config", "get", "master.preset").out == "evening\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[master]\npreset = 'warm'\n", "holds no presets"),
        ("[presets.warm]\nlow_db = 1\n", "is built in"),
        ("[presets.mine]\nlow_db = 99\n", "theirs.toml:2"),
        ("no toml", "is not TOML"),
    ],
)
def test_what_cannot_be_served_changes_nothing(text: str, said: str, tmp_path: Path, run: Run) -> None:
    theirs = tmp_path / "theirs.toml"
    theirs.write_text(text)
    done = run("presets", "import", theirs)
    assert done.code == 2
    assert said in done.err
    assert not (tmp_path / "home" / "config").exists()


def test_built_in_presets_are_not_exported_and_files_not_overwritten(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills: an old file that --force destroys."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    settings(tmp_path, EVENING)
    assert "is built in" in run("presets", "export", "warm").err
    (tmp_path / "mine.toml").write_text("kept")
    assert run("presets", "export", "--to", tmp_path / "mine.toml").code == 2
    assert (tmp_path / "mine.toml").read_text() == "kept"
    assert run("presets", "export", "--force", "--to", tmp_path / "mine.toml").code == 0
    assert "evening" in (tmp_path / "mine.toml").read_text()
    assert run("undo", "-y").code == 0
    assert (tmp_path / "mine.toml").read_text() == "kept"
