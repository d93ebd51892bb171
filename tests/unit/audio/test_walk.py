"""Walking a folder: every audio file once, an end to every walk, and no way out of the folder named."""

from __future__ import annotations

import os
import time
from itertools import islice
from pathlib import Path

import pytest

from auralis_cli.audio import walk
from auralis_cli.audio.formats import FORMATS
from auralis_cli.audio.walk import audio_files_below
from auralis_cli.errors import InputError


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def files(folder: Path) -> list[str]:
    """The names found, relative to `folder`; nothing else may be reported."""
    found = list(audio_files_below(folder))
    assert all(isinstance(one, Path) for one in found), found
    return [str(one.relative_to(folder)) for one in found if isinstance(one, Path)]


def errors(folder: Path) -> list[str]:
    return [str(one) for one in audio_files_below(folder) if isinstance(one, InputError)]


def test_audio_files_come_in_the_order_of_their_paths(tmp_path: Path) -> None:
    for name in ("b/2.flac", "b/10.mp3", "b/c/x.ogg", "a/z.wav", "y.FLAC", "B.wav", "notes.txt", "cover.jpg", "flac"):
        touch(tmp_path / name)
    assert files(tmp_path) == ["B.wav", "a/z.wav", "b/10.mp3", "b/2.flac", "b/c/x.ogg", "y.FLAC"]


def test_every_format_of_the_registry_is_known_by_its_extensions(tmp_path: Path) -> None:
    names = sorted(f"a{extension}" for row in FORMATS for extension in row.extensions)
    for name in names:
        touch(tmp_path / name)
    assert files(tmp_path) == sorted(set(names))


def test_what_is_hidden_is_left_out(tmp_path: Path) -> None:
    for name in (".a.flac", ".auralis-123.flac", ".git/b.flac", "c/.d/e.flac", "c/f.flac"):
        touch(tmp_path / name)
    assert files(tmp_path) == ["c/f.flac"]
    # Unless it is what was named.
    assert files(tmp_path / ".git") == ["b.flac"]


def test_only_regular_files_are_audio(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    touch(tmp_path / "folder.wav" / "a.wav")
    (tmp_path / "dangling.wav").symlink_to(tmp_path / "nowhere.wav")
    (tmp_path / "device.wav").symlink_to("/dev/null")
    assert files(tmp_path) == ["folder.wav/a.wav"]


@pytest.mark.invariant("S0-H04")
def test_a_tree_of_loops_ends_and_gives_each_file_once(tmp_path: Path) -> None:
    folder = tmp_path
    for depth in range(60):
        folder = folder / f"d{depth:02d}"
        touch(folder / "song.flac")
    (folder / "up.flac").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "self").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "circle.flac").symlink_to("circle.flac")
    for name, other in (("one", "two"), ("two", "one")):
        touch(tmp_path / name / "song.wav")
        (tmp_path / name / other).symlink_to(tmp_path / other, target_is_directory=True)
    os.link(tmp_path / "one" / "song.wav", tmp_path / "one" / "hard.wav")
    (tmp_path / "one" / "soft.wav").symlink_to("song.wav")
    started = time.process_time()
    # A walk in circles would give ever more.
    found = list(islice(audio_files_below(tmp_path), 200))
    assert time.process_time() - started < 2.0
    assert all(isinstance(one, Path) for one in found)
    inodes = [one.stat().st_ino for one in found if isinstance(one, Path)]
    assert len(inodes) == len(set(inodes)) == 60 + 2


@pytest.mark.invariant("S0-H04")
def test_depth_is_bounded_and_the_bound_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "MAX_DEPTH", 2)
    for name in ("0.wav", "a/1.wav", "a/b/2.wav", "a/b/c/3.wav"):
        touch(tmp_path / name)
    found = list(audio_files_below(tmp_path))
    assert found[:3] == [tmp_path / "0.wav", tmp_path / "a/1.wav", tmp_path / "a/b/2.wav"]
    assert [str(one) for one in found[3:]] == [f"{tmp_path}/a/b: holds folders more than 2 deep, which are left out"]


@pytest.mark.invariant("S0-H02")
def test_a_link_that_leads_elsewhere_is_named_not_followed(tmp_path: Path) -> None:
    named = tmp_path / "named"
    touch(named / "a.wav")
    touch(tmp_path / "named-too" / "b.wav")
    (named / "out").symlink_to(tmp_path / "named-too", target_is_directory=True)
    (named / "out.wav").symlink_to("../named-too/b.wav")
    (named / "text").symlink_to("/etc/passwd")
    why = "is a link to a place outside the folder named (name it as well)"
    assert errors(named) == [f"{named}/out: {why}", f"{named}/out.wav: {why}"]
    assert [one for one in audio_files_below(named) if isinstance(one, Path)] == [named / "a.wav"]


@pytest.mark.invariant("S0-H02")
def test_a_link_to_a_folder_may_be_named(tmp_path: Path) -> None:
    touch(tmp_path / "real" / "a.wav")
    (tmp_path / "link").symlink_to("real", target_is_directory=True)
    assert files(tmp_path / "link") == ["a.wav"]


@pytest.mark.invariant("S0-H02")
@pytest.mark.parametrize("name", ["~x", "-rf", "a\nb", "$HOME", "日本", os.fsdecode(b"\xff\xfe latin \xe9")])
def test_names_are_bytes_and_no_orders(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path / name / f"{name}.wav")
    assert files(tmp_path) == [f"{name}/{name}.wav"]
    monkeypatch.chdir(tmp_path)
    assert list(audio_files_below(Path(name))) == [Path(name) / f"{name}.wav"]
    assert list(audio_files_below(Path())) == [Path(name) / f"{name}.wav"]


def test_a_folder_that_cannot_be_read_is_a_value_and_the_rest_is_walked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path / "a" / "locked.wav")
    touch(tmp_path / "b" / "song.wav")
    scandir = os.scandir

    def guarded(folder: str) -> object:
        if folder.endswith("/a"):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    # Whoever runs the tests may be allowed everything.
    monkeypatch.setattr(os, "scandir", guarded)
    assert errors(tmp_path) == [f"{tmp_path}/a: cannot be read (permission denied)"]
    assert [one for one in audio_files_below(tmp_path) if isinstance(one, Path)] == [tmp_path / "b" / "song.wav"]


@pytest.mark.parametrize("name", ["missing", "file.wav", "nul\0", "x" * 300])
def test_what_is_no_folder_is_one_error(name: str, tmp_path: Path) -> None:
    touch(tmp_path / "file.wav")
    (error,) = audio_files_below(tmp_path / name)
    assert isinstance(error, InputError)
    assert "cannot be read (" in str(error)
