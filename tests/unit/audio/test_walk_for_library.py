"""The walk as the library takes it: stats in the order of the store, links, ignore files, folders of systems."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auralis_cli.audio.walk import Gap, Walk
from auralis_cli.errors import InputError
from auralis_cli.model.library import FileStat


def touch(path: Path, content: bytes = b"") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def names(walk: Walk, folder: Path) -> list[str]:
    return [os.path.relpath(found.path, folder) for found in walk if isinstance(found, FileStat)]


def gaps(walk: Walk) -> list[Gap]:
    return [found for found in walk if isinstance(found, Gap)]


def test_a_file_is_what_one_stat_says_of_it(tmp_path: Path) -> None:
    song = touch(tmp_path / "a" / "song.flac", b"12345")
    status = song.stat()
    assert list(Walk(str(tmp_path))) == [
        FileStat(str(song), 5, status.st_mtime_ns, status.st_dev, status.st_ino),
    ]


_NAME = st.text(st.sampled_from("aA b-./é\U0001d11e日".replace("/", "")), min_size=1, max_size=3) | st.sampled_from(
    [os.fsdecode(b"\xff"), os.fsdecode(b"\xc3("), "\ue000", "a!", "a0", "a~"]
)


@given(
    paths=st.sets(st.lists(_NAME.filter(lambda name: name[0] != "."), min_size=1, max_size=3).map(tuple), max_size=9)
)
def test_files_come_in_the_byte_order_of_their_paths(
    paths: set[tuple[str, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("order")
    for parts in paths:
        touch(folder.joinpath(*parts[:-1], parts[-1] + ".flac"))
    found = [one.path for one in Walk(str(folder)) if isinstance(one, FileStat)]
    assert found == sorted(found, key=os.fsencode)
    assert len(found) == len(paths)


def test_cue_sheets_are_files_of_the_library(tmp_path: Path) -> None:
    for name in ("album.cue", "album.flac", "notes.txt"):
        touch(tmp_path / name)
    assert names(Walk(str(tmp_path), sheets=True), tmp_path) == ["album.cue", "album.flac"]
    assert names(Walk(str(tmp_path)), tmp_path) == ["album.flac"]


@pytest.mark.parametrize(
    "name", ["$RECYCLE.BIN", "System Volume Information", "lost+found", "@eaDir", ".Trash-1000", "node_modules", ".git"]
)
def test_folders_of_systems_and_programs_hold_no_music(name: str, tmp_path: Path) -> None:
    touch(tmp_path / name / "a.flac")
    assert list(Walk(str(tmp_path))) == []


@pytest.mark.invariant("S0-H04")
def test_what_a_link_leads_to_is_known_by_its_own_name(tmp_path: Path) -> None:
    """Whichever of the two names comes first: or else a scan of one folder alone would see other files."""
    touch(tmp_path / "m" / "song.flac")
    for link in ("a", "z"):
        (tmp_path / link).symlink_to("m", target_is_directory=True)
    (tmp_path / "a.flac").symlink_to("m/song.flac")
    assert names(Walk(str(tmp_path)), tmp_path) == ["m/song.flac"]
    assert list(Walk(str(tmp_path / "m"), within=str(tmp_path))) != []


def test_a_link_to_what_has_no_name_of_its_own_is_followed(tmp_path: Path) -> None:
    """As in a tree of git-annex, whose files are links into a hidden folder."""
    touch(tmp_path / ".annex" / "0f" / "SHA256-abc")
    touch(tmp_path / ".annex" / "shelf" / "x.mp3")
    (tmp_path / "song.flac").symlink_to(".annex/0f/SHA256-abc")
    (tmp_path / "twice.flac").symlink_to(".annex/0f/SHA256-abc")
    (tmp_path / "more").symlink_to(".annex/shelf", target_is_directory=True)
    (tmp_path / ".annex" / "shelf" / "circle").symlink_to("..", target_is_directory=True)
    assert sorted(names(Walk(str(tmp_path)), tmp_path)) == ["more/x.mp3", "song.flac"]


def test_an_ignore_file_holds_in_its_folder_and_below(tmp_path: Path) -> None:
    for name in ("a.flac", "rough/a.flac", "b/rough/a.flac", "b/live.flac", "b/keep.flac", "c/live.flac"):
        touch(tmp_path / name)
    touch(tmp_path / ".auralisignore", b"# drafts\nrough/\n")
    touch(tmp_path / "b" / ".auralisignore", b"*.flac\n!keep.flac\n")
    assert names(Walk(str(tmp_path)), tmp_path) == ["a.flac", "b/keep.flac", "c/live.flac"]


def test_patterns_of_the_settings_hold_everywhere_and_ignore_files_overrule_them(tmp_path: Path) -> None:
    for name in ("a.flac", "b/a.flac", "c/a.flac", os.fsdecode(b"\xff.flac")):
        touch(tmp_path / name)
    touch(tmp_path / "c" / ".auralisignore", b"!a.flac")
    walk = Walk(str(tmp_path), ignore=("a.flac",))
    assert names(walk, tmp_path) == ["c/a.flac", os.fsdecode(b"\xff.flac")]


def test_a_part_of_a_library_is_walked_by_the_rules_of_the_whole(tmp_path: Path) -> None:
    touch(tmp_path / "b" / "c" / "draft.flac")
    touch(tmp_path / "b" / "c" / "song.flac")
    touch(tmp_path / ".auralisignore", b"draft.*")
    touch(tmp_path / "elsewhere.flac")
    (tmp_path / "b" / "c" / "up.flac").symlink_to("../../elsewhere.flac")
    part = tmp_path / "b" / "c"
    assert names(Walk(str(part), within=str(tmp_path)), part) == ["song.flac"]
    assert gaps(Walk(str(part), within=str(tmp_path))) == []


@pytest.mark.parametrize("hostile", ["fifo", "folder", "long", "bad"])
def test_an_ignore_file_that_is_none_is_reported_and_not_heeded(hostile: str, tmp_path: Path) -> None:
    touch(tmp_path / "a.flac")
    path = tmp_path / ".auralisignore"
    if hostile == "fifo":
        os.mkfifo(path)
    elif hostile == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"x" * (1 << 20) + b"y" if hostile == "long" else b"!\n")
    (gap,) = gaps(Walk(str(tmp_path)))
    assert isinstance(gap.error, InputError)
    assert str(path) in str(gap.error)
    assert not gap.hides
    assert names(Walk(str(tmp_path)), tmp_path) == ["a.flac"]


def test_files_below_a_folder_that_cannot_be_read_may_still_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path / "a" / "locked.wav")
    scandir = os.scandir

    def guarded(folder: str) -> object:
        if folder.endswith("/a"):
            raise OSError(5, "Input/output error")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", guarded)
    assert [(gap.path, gap.hides) for gap in gaps(Walk(str(tmp_path)))] == [(str(tmp_path / "a"), True)]


def test_what_is_no_regular_file_is_not_even_asked_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp3")
    assert list(Walk(str(tmp_path))) == []
