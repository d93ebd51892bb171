"""Small files appear whole, with the permissions of ordinary ones, or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from auralis_cli import whole_file
from auralis_cli.errors import OutputError, RefusedError
from auralis_cli.whole_file import give_name, new_file_mode, write_whole_file


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

    def displaced(path: Path) -> None:
        seen.append(path.read_bytes())
        path.unlink()

    write_whole_file(tmp_path / "a", b"new", displace=displaced)
    write_whole_file(tmp_path / "b", b"new", displace=displaced)
    assert seen == [b"old"]
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_failure_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="folder"):
        write_whole_file(tmp_path / "folder", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.mark.invariant("S3-ENG-14")
def test_what_came_into_the_place_just_now_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")

    def displaced(path: Path) -> None:
        path.rename(tmp_path / "b")
        path.write_bytes(b"somebody else's")

    with pytest.raises(OutputError, match="File exists"):
        write_whole_file(tmp_path / "a", b"new", displace=displaced)
    assert [(path.name, path.read_bytes()) for path in sorted(tmp_path.iterdir())] == [
        ("a", b"somebody else's"),
        ("b", b"old"),
    ]


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


def without_links(*_: object, **__: object) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


@pytest.mark.invariant("S1-M-21")
@pytest.mark.skipif(sys.platform != "linux", reason="needs a rename that never replaces")
def test_a_kill_where_there_are_no_links_leaves_no_empty_file_in_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    (tmp_path / "old").write_bytes(b"song")
    monkeypatch.setattr("os.link", without_links)
    monkeypatch.setattr("os.replace", killed)
    give_name(tmp_path / "old", tmp_path / "new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("new", b"song")]


@pytest.mark.parametrize("at_one_stroke", [True, False])
def test_without_links_a_name_is_given_as_well_and_never_one_that_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_one_stroke: bool
) -> None:
    (tmp_path / "old").write_bytes(b"song")
    (tmp_path / "taken").write_bytes(b"another")
    monkeypatch.setattr("os.link", without_links)
    if not at_one_stroke:
        monkeypatch.setattr(whole_file, "_renamed_at_one_stroke", lambda *_: False)
    with pytest.raises(FileExistsError):
        give_name(tmp_path / "old", tmp_path / "taken")
    assert (tmp_path / "taken").read_bytes() == b"another"
    give_name(tmp_path / "old", tmp_path / os.fsdecode(b"n\xfcw"))
    assert sorted(path.name for path in tmp_path.iterdir()) == [os.fsdecode(b"n\xfcw"), "taken"]
    assert (tmp_path / os.fsdecode(b"n\xfcw")).read_bytes() == b"song"
    with pytest.raises(FileNotFoundError):
        give_name(tmp_path / "gone", tmp_path / "other")
    assert not (tmp_path / "other").exists()
