"""What is missing is told in the words of the system at hand."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from command_line import REPOSITORY

from auralis_cli.services.remedies import EXTRAS, System, how_to_get, how_to_get_extra, missing_extras, this_system


@pytest.mark.parametrize(
    ("text", "system"),
    [
        ("ID=debian\n", System.DEBIAN),
        ('NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n', System.DEBIAN),
        ("ID='fedora'\n", System.FEDORA),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', System.FEDORA),
        ("ID=manjaro\nID_LIKE=arch\n", System.ARCH),
        ("ID=slackware\n", None),
        ("no rows at all", None),
    ],
)
def test_a_system_is_told_by_what_it_says_of_itself(text: str, system: System | None, tmp_path: Path) -> None:
    (tmp_path / "os-release").write_text(text)
    assert this_system("Linux", tmp_path / "os-release") is system


def test_a_mac_and_a_system_that_says_nothing(tmp_path: Path) -> None:
    assert this_system("Darwin", tmp_path / "none") is System.MACOS
    assert this_system("Linux", tmp_path / "none") is None


def test_the_command_is_the_one_of_the_system() -> None:
    assert how_to_get("portaudio", System.DEBIAN) == "sudo apt install libportaudio2"
    assert how_to_get("portaudio", System.MACOS) == "brew install portaudio"
    everywhere = how_to_get("ffmpeg", None)
    assert all(system.value in everywhere for system in System)


def test_an_extra_is_added_the_way_the_program_was_installed(tmp_path: Path) -> None:
    assert how_to_get_extra("web", environment=tmp_path) == "pip install 'auralis-cli[web]'"
    (tmp_path / "pyvenv.cfg").touch()
    assert (
        how_to_get_extra("mpris", "web", environment=tmp_path) == f"{tmp_path}/bin/pip install 'auralis-cli[mpris,web]'"
    )
    (tmp_path / "pipx_metadata.json").touch()
    assert how_to_get_extra("mpris", "web", environment=tmp_path) == "pipx inject auralis-cli dbus-fast textual-serve"


def test_extras_are_those_that_pyproject_declares() -> None:
    declared = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    # Those who work on the program have further ones.
    of_users = {name: lines for name, lines in declared.items() if name not in ("dev", "fuzz")}
    assert {name: [re.split("[<>=]", line)[0] for line in lines] for name, lines in of_users.items()} == {
        extra.name: [extra.package] for extra in EXTRAS
    }


def test_extras_that_are_missing_are_named() -> None:
    assert missing_extras(lambda module: True) == ()
    assert missing_extras(lambda module: module != "httpx") == tuple(one for one in EXTRAS if one.module == "httpx")
