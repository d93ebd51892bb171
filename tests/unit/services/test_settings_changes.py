"""A setting is changed in the user's file, and taken back where nobody wrote it since."""

from __future__ import annotations

from pathlib import Path

import pytest

from auralis_cli.config import load_config
from auralis_cli.errors import RefusedError, UsageError
from auralis_cli.services.settings_changes import change_setting, take_back


def test_a_change_holds_keeps_comments_and_can_be_taken_back(tmp_path: Path) -> None:
    variables = {"AURALIS_HOME": str(tmp_path)}
    file = tmp_path / "config" / "config.toml"
    file.parent.mkdir()
    file.write_text("# mine\n[play]\nvolume = 50\n")
    change = change_setting(variables, None, "play.volume", "70")
    assert load_config(variables).value("play.volume") == 70.0
    assert file.read_text().startswith("# mine\n")
    take_back(change)
    assert load_config(variables).value("play.volume") == 50.0
    change_setting(variables, None, "play.volume", None)
    assert not load_config(variables).values["play.volume"].is_set


def test_what_cannot_be_served_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a number from 0 to 100"):
        change_setting({"AURALIS_HOME": str(tmp_path)}, None, "play.volume", "loud")
    assert not (tmp_path / "config").exists()


def test_what_somebody_wrote_since_is_not_taken_back(tmp_path: Path) -> None:
    variables = {"AURALIS_HOME": str(tmp_path)}
    change = change_setting(variables, None, "play.volume", "70")
    change_setting(variables, None, "play.preset", "warm")
    with pytest.raises(RefusedError):
        take_back(change)
    assert load_config(variables).value("play.volume") == 70.0
