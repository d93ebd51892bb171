"""Exports: files that are whole or not there, made once, named once, and nobody else's touched."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from exported_music import NOW, Exports, divided, said, song

from auralis_cli.errors import CancelledError, OutputError, RefusedError, UsageError
from auralis_cli.model.exports import ExportAction, ExportWish, NameKind
from auralis_cli.model.library import Track
from auralis_cli.model.progress import CancelToken
from auralis_cli.services import export as export_service
from auralis_cli.services import export_folder, export_plan, export_work
from auralis_cli.services.export_folder import ExportFolder
from auralis_cli.services.export_playlists import ChosenPlaylists
from auralis_cli.services.undo import undo

MANIFEST = ".auralis-export.jsonl"
NAMES = ["Air/Moon/01 - One.flac", "Air/Moon/02 - Two.flac", "Air/Moon/Loose.ogg", "Unknown artist/Unknown album/x.wav"]


@pytest.fixture
def exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Exports]:
    """Four tracks of three kinds, and an empty place to export them to."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    music = tmp_path / "music"
    song(music / "a.flac", 1, title="One", artist="Air", album="Moon", tracknumber="1")
    song(music / "b.flac", 2, title="Two", artist="Air", album="Moon", tracknumber="2")
    song(music / "c.ogg", 3, subtype="VORBIS", title="Loose", artist="Air", album="Moon")
    song(music / "x.wav", 4)
    exports = Exports.of(music, tmp_path / "stick")
    yield exports
    exports.store.close()


def last_entry(exports: Exports) -> int:
    entry = exports.store.journal.last_not_undone()
    assert entry is not None
    return entry.id


def trashed(tmp_path: Path) -> list[str]:
    return sorted(os.listdir(tmp_path / "data" / "Trash" / "files")) if (tmp_path / "data").exists() else []


def test_copies_are_the_same_bytes_with_the_same_time_named_by_their_tags(exports: Exports) -> None:
    outcomes = exports.run()
    assert [one.action for one in outcomes] == [ExportAction.COPY] * 4
    assert exports.names() == NAMES
    for one in outcomes:
        source, target = Path(str(one.source)), Path(one.target)
        assert target.read_bytes() == source.read_bytes()
        assert target.stat().st_mtime_ns == source.stat().st_mtime_ns
    assert not list(exports.folder.rglob("*.part"))


def test_what_is_there_costs_a_look_and_is_never_opened(exports: Exports, monkeypatch: pytest.MonkeyPatch) -> None:
    exports.run()
    before = {name: (exports.folder / name).stat().st_ino for name in exports.names()}
    opened: list[object] = []
    monkeypatch.setattr(export_work, "make_file", lambda *job: opened.append(job))
    assert [one.action for one in exports.run()] == [ExportAction.KEEP] * 4
    assert opened == []
    assert {name: (exports.folder / name).stat().st_ino for name in exports.names()} == before


def test_what_changed_is_made_again_and_undo_brings_the_old_one_back(exports: Exports, tmp_path: Path) -> None:
    exports.run()
    old = (exports.folder / NAMES[0]).read_bytes()
    song(exports.music / "a.flac", 7, title="One", artist="Air", album="Moon", tracknumber="1")
    exports.reread()
    store = exports.store
    assert said(exports.run()) == ["01 - One.flac copy", "02 - Two.flac keep", "Loose.ogg keep", "x.wav keep"]
    assert (exports.folder / NAMES[0]).read_bytes() == (exports.music / "a.flac").read_bytes()
    assert trashed(tmp_path) == ["01 - One.flac"]
    undo(store, last_entry(exports), NOW)
    assert (exports.folder / NAMES[0]).read_bytes() == old
    # The manifest knows of no undo: what is there is not what it says, and is made again.
    assert said(exports.run(replace=True))[0] == "01 - One.flac copy"


def test_an_export_is_taken_back_by_undo_as_a_whole(exports: Exports, tmp_path: Path) -> None:
    exports.run()
    report = undo(exports.store, last_entry(exports), NOW)
    assert len(report.discarded) == 4
    assert exports.names() == []
    assert len(trashed(tmp_path)) == 4
    assert {one.action for one in exports.run()} == {ExportAction.COPY}


def test_what_is_in_the_way_and_of_no_export_stays(exports: Exports, tmp_path: Path) -> None:
    foreign = exports.folder / NAMES[0]
    foreign.parent.mkdir(parents=True)
    foreign.write_bytes(b"mine")
    (exports.folder / NAMES[1]).mkdir()
    told = said(exports.run())
    assert told[:2] == [
        "01 - One.flac refused: is there already, and of no export",
        "02 - Two.flac refused: is no file",
    ]
    assert foreign.read_bytes() == b"mine"
    (exports.folder / NAMES[1]).rmdir()
    exports.run(replace=True)
    assert foreign.read_bytes() == (exports.music / "a.flac").read_bytes()
    assert trashed(tmp_path) == ["01 - One.flac"]


def test_a_copy_that_somebody_made_with_its_time_is_taken_as_it_is(exports: Exports) -> None:
    target = exports.folder / NAMES[3]
    target.parent.mkdir(parents=True)
    source = exports.music / "x.wav"
    target.write_bytes(source.read_bytes())
    os.utime(target, ns=(source.stat().st_mtime_ns,) * 2)
    assert "x.wav keep" in said(exports.run())
    assert "x.wav keep" in said(exports.run())


def test_sync_removes_what_an_export_made_and_nobody_changed_and_nothing_else(exports: Exports, tmp_path: Path) -> None:
    exports.run()
    (exports.folder / "note.txt").write_text("mine")
    changed = exports.folder / NAMES[1]
    changed.write_bytes(changed.read_bytes() + b"more")
    wanted = [track for track in exports.tracks if track.title == "Loose"]
    outcomes = exports.run(wanted, sync=True)
    assert said(outcomes) == ["01 - One.flac remove", "Loose.ogg keep", "x.wav remove"]
    assert exports.names() == ["Air/Moon/02 - Two.flac", "Air/Moon/Loose.ogg", "note.txt"]
    assert not (exports.folder / "Unknown artist").exists()
    entry = exports.store.journal.entry(last_entry(exports))
    assert entry is not None
    assert entry.summary == f"2 files removed from {exports.folder}"
    undo(exports.store, last_entry(exports), NOW)
    assert exports.names() == [*NAMES, "note.txt"]


def test_sync_keeps_what_it_cannot_find_the_source_of(exports: Exports) -> None:
    exports.run()
    (exports.music / "a.flac").unlink()
    told = said(exports.run(sync=True))
    assert told[0] == "01 - One.flac unreadable: does not exist"
    assert exports.names() == NAMES


@pytest.mark.invariant("S0-H02")
@pytest.mark.parametrize("path", ["../victim.flac", "/victim.flac", "link/victim.flac", "a/../../victim.flac"])
def test_a_manifest_that_somebody_else_wrote_leads_nowhere_else(exports: Exports, tmp_path: Path, path: str) -> None:
    exports.run()
    outside = tmp_path / "outside"
    outside.mkdir()
    (exports.folder / "link").symlink_to(outside)
    (exports.folder / "a").mkdir()
    path = path.replace("/victim", f"{tmp_path}/victim", 1) if path.startswith("/") else path
    victim = Path(os.path.normpath(exports.folder / path)) if "link" not in path else outside / "victim.flac"
    victim.write_bytes(b"mine")
    status = victim.stat()
    line = {"path": path, "key": "k", "made": "copy", "source_size": 4, "source_mtime_ns": 1,
            "size_bytes": status.st_size, "mtime_ns": status.st_mtime_ns}  # fmt: skip
    with (exports.folder / MANIFEST).open("a") as manifest:
        manifest.write(json.dumps(line) + "\n")
    exports.run(sync=True)
    assert victim.read_bytes() == b"mine"


def test_nothing_is_written_through_a_link_that_leads_out(exports: Exports, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    exports.folder.mkdir()
    (exports.folder / "Air").symlink_to(outside)
    told = said(exports.run())
    assert told[0].startswith("01 - One.flac refused: a link in its path leads out")
    assert os.listdir(outside) == []
    assert exports.names() == [NAMES[3]]


def test_a_damaged_manifest_costs_no_file(exports: Exports) -> None:
    exports.run()
    manifest = exports.folder / MANIFEST
    lines = manifest.read_bytes().splitlines(keepends=True)
    torn = lines[-1][:20]
    manifest.write_bytes(b"".join(lines[:-1]) + b'{"path": 7}\n\xff\xfe[]\n"x"\n' + torn)
    # Copies are known by their size and time.
    assert {one.action for one in exports.run()} == {ExportAction.KEEP}
    manifest.write_text('{"auralis_export": 2}\n')
    with pytest.raises(RefusedError, match="newer version"):
        exports.run()


def test_two_exports_are_not_at_work_in_one_folder(exports: Exports) -> None:
    exports.folder.mkdir()
    with ExportFolder(exports.folder), pytest.raises(RefusedError, match="another export"):
        exports.run()
    exports.run()


def test_what_a_killed_export_left_begun_is_removed_and_made_again(exports: Exports) -> None:
    exports.run()
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = exports.folder / "Air" / "Moon" / f".auralis-{dead.pid}-x.part"
    others = exports.folder / "Air" / "Moon" / f".auralis-{os.getpid()}-x.part"
    left.write_bytes(b"half")
    others.write_bytes(b"of a program that lives")
    (exports.folder / NAMES[0]).write_bytes(b"named, but not on the disk when the power failed")
    lines = [json.loads(line) for line in (exports.folder / MANIFEST).read_text().splitlines()]
    for line in lines[1:2]:
        line["size_bytes"] = line["mtime_ns"] = None
    (exports.folder / MANIFEST).write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert said(exports.run())[0] == "01 - One.flac copy"
    assert (exports.folder / NAMES[0]).read_bytes() == (exports.music / "a.flac").read_bytes()
    assert (left.exists(), others.exists()) == (False, True)


def noted_as_done(exports: Exports) -> set[str]:
    lines = map(json.loads, filter(str.strip, (exports.folder / MANIFEST).read_text().splitlines()))
    return {line["path"] for line in lines if line.get("size_bytes") is not None}


def test_files_are_noted_once_they_are_on_the_disk_and_the_next_are_made_meanwhile(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills the faults that what may be lost yet is noted as done, and that the disk is waited for at each batch."""
    begun, may_end = threading.Event(), threading.Event()
    synced: list[int] = []

    def slow_disk(files: Sequence[int]) -> None:
        begun.set()
        assert may_end.wait(30.0)
        synced.append(len(files))

    monkeypatch.setattr(export_service, "sync_files", slow_disk)
    monkeypatch.setattr(export_service, "_BATCH_FILES", 2)
    noted: list[set[str]] = []

    def look(_outcome: object) -> None:
        noted.append(noted_as_done(exports))
        assert len(noted[-1]) <= sum(synced)
        if len(noted) == 3:
            assert begun.wait(30.0)
            assert len(exports.names()) == 3
            threading.Timer(0.3, may_end.set).start()

    first, second, *_ = exports.run(heed=look)
    on_disk = {os.path.relpath(one.target, exports.folder) for one in (first, second)}
    assert noted == [set(), set(), set(), on_disk]
    assert noted_as_done(exports) == set(NAMES)


def test_a_disk_that_loses_what_it_took_ends_it_and_everything_can_be_undone(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing_disk(_files: Sequence[int]) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(export_service, "sync_files", failing_disk)
        broken.setattr(export_service, "_BATCH_FILES", 2)
        with pytest.raises(OutputError, match="the disk: Input/output error"):
            exports.run()
    assert noted_as_done(exports) == set()
    assert exports.names() == NAMES
    assert len(undo(exports.store, last_entry(exports), NOW).discarded) == 4
    assert {one.action for one in exports.run()} == {ExportAction.COPY}


def test_a_stick_that_is_taken_out_ends_it_in_one_line_and_the_next_goes_on(exports: Exports, tmp_path: Path) -> None:
    away = tmp_path / "in a pocket"

    def take_out(_outcome: object) -> None:
        if not away.exists():
            exports.folder.rename(away)
            # Where a stick was mounted, its folder is.
            exports.folder.mkdir()

    with pytest.raises(OutputError, match="is gone: taken out, or unmounted") as failed:
        exports.run(heed=take_out)
    assert "goes on" in str(failed.value)
    assert os.listdir(exports.folder) == []
    exports.folder.rmdir()
    away.rename(exports.folder)
    actions = [one.action for one in exports.run()]
    assert len(actions) == 4
    assert exports.names() == NAMES
    for name, source in zip(NAMES, ("a.flac", "b.flac", "c.ogg", "x.wav"), strict=True):
        assert (exports.folder / name).read_bytes() == (exports.music / source).read_bytes()


@pytest.mark.parametrize("line", [b"[" * 100_000, b'{"path": ' * 50_000, b"null", b"\xff\xfe"])
def test_a_list_of_what_was_exported_that_is_damaged_is_read_as_far_as_it_can_be(exports: Exports, line: bytes) -> None:
    exports.run()
    with open(exports.folder / MANIFEST, "ab") as stream:
        stream.write(b"\n" + line + b"\n")
    assert {one.action for one in exports.run()} == {ExportAction.KEEP}


def test_a_folder_that_is_not_there_is_made_but_never_what_it_would_be_mounted_in(exports: Exports) -> None:
    exports.folder = exports.folder / "no such stick" / "music"
    with pytest.raises(OutputError, match="the folder it is to be made in does not exist"):
        exports.run()
    assert not exports.folder.parent.exists()


def test_without_room_nothing_is_begun(exports: Exports, monkeypatch: pytest.MonkeyPatch) -> None:
    needed = sum(track.size_bytes for track in exports.tracks)
    monkeypatch.setattr(ExportFolder, "free_bytes", property(lambda _: needed + 100))
    with pytest.raises(OutputError, match=r"stick: has .* free, and about .* are needed"):
        exports.run()
    assert exports.names() == []
    assert exports.store.journal.last_not_undone() is None


def test_a_disk_that_fills_up_ends_it_with_that(exports: Exports, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(*_job: object) -> None:
        monkeypatch.setattr(ExportFolder, "free_bytes", property(lambda _: 0))
        raise OutputError("x", "the disk is full")

    monkeypatch.setattr("auralis_cli.services.export.make_file", fill)
    with pytest.raises(OutputError, match="stick: the disk is full"):
        exports.run()


def test_what_can_be_written_goes_on_where_one_file_cannot(exports: Exports, monkeypatch: pytest.MonkeyPatch) -> None:
    make = export_work.make_file

    def fail_once(job: export_work.ExportJob, *rest: object) -> object:
        if job.target.name.startswith("01"):
            raise OutputError(str(job.target), "holds 3 of the 4 frames written")
        return make(job, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("auralis_cli.services.export.make_file", fail_once)
    assert said(exports.run())[0] == "01 - One.flac output: holds 3 of the 4 frames written"
    assert exports.names() == NAMES[1:]


def test_as_much_is_exported_as_fits_in_the_order_asked_for(exports: Exports) -> None:
    tracks = sorted(exports.tracks, key=lambda track: track.title)
    sizes = {track.title: track.size_bytes for track in tracks}
    exports.run([tracks[1], tracks[0], *tracks[2:]], max_bytes=sizes["One"] + sizes["Loose"])
    assert exports.names() == [NAMES[0], NAMES[2]]
    assert exports.progress.notes == ["2 tracks left out, for which --max-total leaves no room"]


def test_fat_takes_no_file_of_four_gib_and_no_odd_names(exports: Exports, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_folder, "filesystem_kind", lambda _: "vfat")
    song(exports.music / "x.wav", 4, frames=20_000)
    monkeypatch.setattr(export_folder, "_FAT_MAX_BYTES", (exports.music / "x.wav").stat().st_size - 1)
    song(exports.music / "q.flac", 9, title='Who? "Me": <a>|b*', artist="aux.", album="con")
    exports.reread()
    told = said(exports.run())
    assert "x.wav refused: would be larger than 4 GiB, which FAT does not hold" in told
    (odd,) = (name for name in exports.names() if "Who" in name)
    assert odd == "_aux/_con/Who_ _Me__ _a__b_.flac"


def test_the_names_of_the_file_system_can_be_chosen(exports: Exports) -> None:
    song(exports.music / "q.flac", 9, title="Who?", artist="Air", album="Moon")
    exports.reread()
    exports.run(names=NameKind.POSIX, template="$title")
    assert "Who?.flac" in exports.names()
    exports.run(names=NameKind.VFAT, template="$title", sync=True)
    assert exports.names() == ["Loose.ogg", "One.flac", "Two.flac", "Who_.flac", "x.wav"]


def test_a_template_without_what_it_names_is_that_files_failure(exports: Exports) -> None:
    told = said(exports.run(template="${track:02} $title"))
    assert [line for line in told if "unreadable" in line] == [" unreadable: has no track to be named by"] * 2
    assert exports.names() == ["01 One.flac", "02 Two.flac"]
    with pytest.raises(UsageError, match="TEMPLATE"):
        exports.run(template="../$title")


def test_a_dry_run_tells_the_same_and_changes_nothing(exports: Exports, tmp_path: Path) -> None:
    exports.store.playlists.create("Best", query="artist:air", now=NOW)
    along = ChosenPlaylists(all=True)
    planned = said(exports.run(dry_run=True, playlists=along))
    assert not exports.folder.exists()
    assert said(exports.run(playlists=along)) == planned
    before = exports.names()
    wanted = [track for track in exports.tracks if track.title == "One"]
    planned = said(exports.run(wanted, dry_run=True, sync=True))
    assert exports.names() == before
    assert said(exports.run(wanted, sync=True)) == planned
    assert exports.names() == NAMES[:1]


def test_who_stops_it_finds_what_was_done_and_it_goes_on(exports: Exports) -> None:
    cancel = CancelToken()
    with pytest.raises(CancelledError):
        exports.run(cancel=cancel, heed=lambda _: cancel.cancel())
    assert len(exports.names()) == 1
    assert not list(exports.folder.rglob("*.part"))
    assert len(exports.store.journal.files(last_entry(exports))) == 1
    assert sorted(one.action for one in exports.run()) == [ExportAction.COPY] * 3 + [ExportAction.KEEP]


def test_who_stops_it_while_it_looks_what_is_there_waits_for_no_more_files(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel, looked_at = CancelToken(), list[str]()
    look = export_plan._status_of

    def stops(track: Track) -> os.stat_result:
        looked_at.append(track.path)
        cancel.cancel()
        return look(track)

    monkeypatch.setattr(export_plan, "_status_of", stops)
    with pytest.raises(CancelledError):
        exports.run(cancel=cancel)
    assert len(looked_at) == 1


def test_tracks_of_the_folder_itself_are_no_originals(exports: Exports) -> None:
    exports.folder = exports.music / "stick"
    exports.run()
    exports.reread()
    assert len(exports.tracks) == 8
    assert {one.action for one in exports.run()} == {ExportAction.KEEP}
    assert exports.progress.notes == [f"{exports.folder}: 4 tracks of the folder itself left out"]


def test_names_that_are_not_utf_8_are_copied_byte_by_byte(exports: Exports) -> None:
    name = os.fsdecode(b"caf\xe9.wav")
    song(exports.music / "y.wav", 5).rename(exports.music / name)
    exports.reread()
    outcomes = exports.run(template="${file}")
    assert any(os.fsencode(one.target).endswith(b"_caf\xe9.wav.wav") for one in outcomes)
    assert {one.action for one in exports.run(template="${file}")} == {ExportAction.KEEP}


@pytest.mark.invariant("S0-L06")
def test_playlists_hold_what_was_exported_of_them_and_no_title_adds_an_entry(exports: Exports) -> None:
    hostile = "[red]\x1b]0;x\x07\n/etc/passwd"
    song(exports.music / "h.flac", 8, title=hostile, artist="#EXTINF:1\r\n/etc/shadow", album="Moon")
    exports.reread()
    store = exports.store
    store.database.run("UPDATE tracks SET title = ? WHERE title LIKE '[red]%'", (hostile,))
    store.playlists.create("Mine / \x1b[31m best"[:7], query="artist:air , title::red", now=NOW)
    store.playlists.create("Nothing", query="artist:nobody", now=NOW)
    outcomes = exports.run(playlists=ChosenPlaylists(all=True))
    (made,) = [Path(one.target) for one in outcomes if one.action is ExportAction.PLAYLIST]
    assert made.name == "Mine _.m3u8"
    lines = made.read_text().splitlines()
    assert "\x1b" not in made.read_text()
    entries = [line for line in lines if not line.startswith("#")]
    assert len(entries) == 4
    assert all((made.parent / line).is_file() for line in entries)
    assert not any(line.startswith("/") for line in entries)
    again = exports.run(playlists=ChosenPlaylists(all=True))
    assert {one.action for one in again} == {ExportAction.KEEP}


def test_a_playlist_follows_what_is_exported_and_goes_with_it(exports: Exports) -> None:
    exports.store.playlists.create("Best", query="artist:air", now=NOW)
    named = ChosenPlaylists(("best",))
    exports.run(named.tracks_of(exports.store, NOW), playlists=named)
    assert exports.names() == ["Air/Moon/01 - One.flac", "Air/Moon/02 - Two.flac", "Air/Moon/Loose.ogg", "Best.m3u8"]
    one = [track for track in exports.tracks if track.title == "Two"]
    assert "Best.m3u8 playlist" in said(exports.run(one, playlists=named, sync=True))
    assert (exports.folder / "Best.m3u8").read_text().splitlines()[-1] == "Air/Moon/02 - Two.flac"
    exports.run(one, sync=True)
    assert exports.names() == ["Air/Moon/02 - Two.flac"]
    (exports.folder / "Best.m3u8").write_text("mine")
    (refused,) = [one for one in exports.run(one, playlists=named) if one.error is not None]
    assert refused.action is ExportAction.PLAYLIST
    assert (exports.folder / "Best.m3u8").read_text() == "mine"


def test_tracks_of_a_cue_sheet_and_what_is_encoded_come_from_workers(exports: Exports) -> None:
    divided(exports.music / "d")
    exports.reread()
    outcomes = exports.run(wish=ExportWish("opus"))
    assert {one.error for one in outcomes} == {None}
    assert exports.names() == [
        "Air/Moon/01 - One.opus", "Air/Moon/02 - Two.opus", "Air/Moon/Loose.ogg",
        "Band/Whole/01 - First.opus", "Band/Whole/02 - Second.opus", "Unknown artist/Unknown album/x.opus",
    ]  # fmt: skip
    assert {one.action for one in exports.run(wish=ExportWish("opus"))} == {ExportAction.KEEP}
    others = exports.run(wish=ExportWish("opus", 64_000), dry_run=True)
    assert {one.action for one in others} == {ExportAction.KEEP, ExportAction.TRANSCODE}


KILLS = 4


@pytest.mark.parametrize("kills", [KILLS, pytest.param(100, marks=[pytest.mark.soak, pytest.mark.timeout(900)])])
def test_killed_at_any_moment_it_goes_on_and_every_file_is_whole(tmp_path: Path, kills: int) -> None:
    """Kills the fault that a file has its name before it is whole, and that one named but not noted is refused."""
    music, stick = tmp_path / "music", tmp_path / "stick"
    for number in range(60):
        song(music / f"{number:02}.flac", number, title=f"T{number:02}", artist="A", album="B")
    rng = random.Random(7)
    command = [sys.executable, "-m", "auralis_cli", "--library", str(tmp_path / "l.db"), "export", str(music)]
    places = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), "XDG_DATA_HOME": str(tmp_path / "data")}
    for _ in range(kills):
        process = subprocess.Popen([*command, "--to", str(stick)], env=places, stdout=-3, stderr=-3)
        while not (stick / MANIFEST).exists() and process.poll() is None:
            threading.Event().wait(0.002)
        threading.Event().wait(rng.uniform(0.0, 0.15))
        process.send_signal(signal.SIGKILL)
        process.wait()
        for path in stick.rglob("*.flac"):
            assert path.read_bytes() == (music / f"{path.stem[1:]}.flac").read_bytes()
    done = subprocess.run([*command, "--to", str(stick)], env=places, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(list(stick.rglob("*.flac"))) == 60
    assert not list(stick.rglob("*.part"))
