"""Files go to the freedesktop trash and come back as they were."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

from auralis_cli.errors import OutputError, RefusedError
from auralis_cli.services import trash
from auralis_cli.services.trash import bring_back, move_to_trash


@pytest.fixture(autouse=True)
def home_trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "Trash"


def test_a_file_is_noted_as_the_specification_says_and_comes_back_as_it_was(tmp_path: Path, home_trash: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9 100%\n.flac")
    path.write_bytes(b"precious")
    path.chmod(0o640)
    os.utime(path, ns=(1, 1_234_567_890_123_456_789))
    before = path.stat()
    place = move_to_trash(path)
    assert not path.exists()
    assert place.file.parent == home_trash / "files"
    head, named, dated = place.note.read_text(encoding="ascii").splitlines()
    assert head == "[Trash Info]"
    assert unquote_to_bytes(named.removeprefix("Path=")) == os.fsencode(path)
    assert dated.startswith("DeletionDate=20")
    assert (home_trash.stat().st_mode & 0o777, place.note.stat().st_mode & 0o777) == (0o700, 0o600)
    bring_back(place, path)
    after = path.stat()
    assert path.read_bytes() == b"precious"
    assert (after.st_mode, after.st_mtime_ns, after.st_ino) == (before.st_mode, before.st_mtime_ns, before.st_ino)
    assert list((home_trash / "files").iterdir()) == list((home_trash / "info").iterdir()) == []


def test_files_of_one_name_lie_beside_each_other_whoever_brings_them(tmp_path: Path) -> None:
    paths = []
    for number in range(40):
        (tmp_path / str(number)).mkdir()
        paths.append(tmp_path / str(number) / "song.flac")
        paths[-1].write_text(str(number))
    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(move_to_trash, paths))
    assert [place.file.read_text() for place in places] == [str(number) for number in range(40)]
    assert {place.file.suffix for place in places} == {".flac"}


def test_what_lies_in_the_trash_without_a_note_stays(tmp_path: Path, home_trash: Path) -> None:
    (home_trash / "files").mkdir(parents=True)
    (home_trash / "files" / "song.flac").write_text("of another program")
    (tmp_path / "song.flac").write_text("ours")
    place = move_to_trash(tmp_path / "song.flac")
    assert place.file.read_text() == "ours"
    assert (home_trash / "files" / "song.flac").read_text() == "of another program"


@pytest.mark.parametrize("name", ["ü" * 125 + ".flac", "1. " + "x" * 252, "." + "x" * 254, "x." + "ü" * 126])
def test_the_longest_name_fits(tmp_path: Path, name: str) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / name).write_text("other")
    move_to_trash(tmp_path / "other" / name)
    path = tmp_path / name
    path.write_text("x")
    place = move_to_trash(path)
    assert place.file.name.endswith(".flac") or ".flac" not in name
    bring_back(place, path)
    assert path.read_text() == "x"


def test_a_link_goes_as_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    place = move_to_trash(tmp_path / "link")
    assert place.file.readlink() == Path("nowhere")
    bring_back(place, tmp_path / "link")
    assert (tmp_path / "link").readlink() == Path("nowhere")


def test_what_is_not_there_or_not_ours_to_move_is_one_line(tmp_path: Path, home_trash: Path) -> None:
    with pytest.raises(OutputError, match="No such file"):
        move_to_trash(tmp_path / "gone")
    assert not (home_trash / "info").exists()


def test_a_move_that_fails_gives_the_place_back(
    tmp_path: Path, home_trash: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "song").write_text("x")

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("os.rename", refuse)
    with pytest.raises(OutputError, match="Permission denied"):
        move_to_trash(tmp_path / "song")
    assert (tmp_path / "song").read_text() == "x"
    assert list((home_trash / "info").iterdir()) == []


def test_a_note_that_the_disk_has_no_room_for_leaves_nothing_behind(
    tmp_path: Path, home_trash: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "song").write_text("x")

    def full(_path: object) -> str:
        return "x" * 10_000

    monkeypatch.setattr(trash, "quote_from_bytes", full)
    monkeypatch.setattr(trash, "_volume_folders", lambda _path: iter(()))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(OutputError, match="too large"):
            move_to_trash(tmp_path / "song")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert (tmp_path / "song").read_text() == "x"
    assert list((home_trash / "info").iterdir()) == []


def test_what_came_into_the_place_stays_and_so_does_the_trash(tmp_path: Path) -> None:
    path = tmp_path / "song"
    path.write_text("old")
    place = move_to_trash(path)
    path.write_text("new")
    with pytest.raises(RefusedError, match="in the place"):
        bring_back(place, path)
    assert (path.read_text(), place.file.read_text()) == ("new", "old")
    path.unlink()
    place.file.unlink()
    with pytest.raises(RefusedError, match="not in the trash"):
        bring_back(place, path)


def test_a_folder_that_is_gone_since_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "album" / "song"
    path.parent.mkdir()
    path.write_text("x")
    place = move_to_trash(path)
    path.parent.rmdir()
    bring_back(place, path)
    assert path.read_text() == "x"


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="needs a second volume")
def test_another_volume_has_a_trash_of_its_own() -> None:
    folder = Path("/dev/shm") / f"auralis-test-{os.getpid()}"
    folder.mkdir()
    own = Path("/dev/shm") / f".Trash-{os.getuid()}"
    was_there = own.exists()
    try:
        (folder / "song").write_text("x")
        place = move_to_trash(folder / "song")
        assert place.file.parent == own / "files"
        assert f"Path={folder.name}/song\n" in place.note.read_text()
        bring_back(place, folder / "song")
        assert (folder / "song").read_text() == "x"
    finally:
        shutil.rmtree(folder)
        if not was_there:
            shutil.rmtree(own)


def test_where_nothing_can_be_moved_it_is_copied_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "song"
    path.write_text("x")
    os.utime(path, ns=(1, 1_234_567_890_123_456_789))
    link = os.link

    def far(source: Path, destination: Path, **options: bool) -> None:
        if "Trash" in str(source) or "Trash" in str(destination):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        link(source, destination, **options)

    monkeypatch.setattr("os.rename", far)
    monkeypatch.setattr("os.link", far)
    place = move_to_trash(path)
    assert not path.exists()
    bring_back(place, path)
    assert (path.read_text(), path.stat().st_mtime_ns) == ("x", 1_234_567_890_123_456_789)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["data", "song"]
    assert not place.file.exists()


@pytest.mark.invariant("S3-ENG-14")
def test_what_comes_into_a_file_while_it_is_copied_into_the_trash_is_not_lost(
    tmp_path: Path, home_trash: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "song"
    path.write_text("old")
    copied = shutil.copy2

    def far(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    def edited_meanwhile(source: Path, destination: Path, *, follow_symlinks: bool) -> None:
        copied(source, destination, follow_symlinks=follow_symlinks)
        source.write_text("an edit")

    monkeypatch.setattr("os.rename", far)
    monkeypatch.setattr("shutil.copy2", edited_meanwhile)
    with pytest.raises(OutputError, match="changed while it was copied"):
        move_to_trash(path)
    assert path.read_text() == "an edit"
    assert list((home_trash / "files").iterdir()) == list((home_trash / "info").iterdir()) == []


@pytest.mark.skipif(shutil.which("trash-list") is None, reason="needs trash-cli as a second opinion")
def test_other_trash_programs_know_what_lies_there(tmp_path: Path, home_trash: Path) -> None:
    path = tmp_path / "a song 100%.flac"
    path.write_text("x")
    move_to_trash(path)
    environment = {**os.environ, "XDG_DATA_HOME": str(home_trash.parent)}
    listed = subprocess.run(["trash-list"], capture_output=True, text=True, check=True, env=environment)
    assert listed.stdout.rstrip().endswith(str(path))
