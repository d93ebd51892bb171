"""Small files appear whole, with the permissions of ordinary ones, or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from auralis_cli.errors import OutputError, RefusedError
from auralis_cli.whole_file import new_file_mode, write_whole_file


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_a_file_has_the_users_mode_unless_another_is_asked_for(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write_whole_file(tmp_path / "a", b"ordinary")
        write_whole_file(tmp_path / "b", b"private", mode=0o600)
        assert new_file_mode() == 0o666 & ~umask
        assert os.umask(umask) == umask
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o666 & ~umask
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o600


def test_what_stood_there_is_handed_over_before_it_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    seen: list[bytes] = []
    write_whole_file(tmp_path / "a", b"new", displace=lambda path: seen.append(path.read_bytes()))
    write_whole_file(tmp_path / "b", b"new", displace=lambda path: seen.append(path.read_bytes()))
    assert seen == [b"old"]
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_failure_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="folder"):
        write_whole_file(tmp_path / "folder", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_folder_is_nothing_that_a_file_takes_the_place_of(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "song").write_bytes(b"precious")
    (tmp_path / "link").symlink_to("folder")
    seen: list[Path] = []
    for name in ("folder", "link"):
        with pytest.raises(RefusedError, match="is a folder"):
            write_whole_file(tmp_path / name, b"new", displace=seen.append)
    assert seen == []
    assert (tmp_path / "link" / "song").read_bytes() == b"precious"
