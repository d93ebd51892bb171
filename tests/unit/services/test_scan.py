"""A scan: what is new, changed, moved, gone or out of sight, and that a second one changes nothing."""

from __future__ import annotations

import os
import shutil
import unicodedata
from pathlib import Path

import pytest
from scanned_folders import Scans, music, nonzero, scans, song
from wav_bytes import wav

from auralis_cli.errors import CancelledError, InputError
from auralis_cli.model.journal import EntryState
from auralis_cli.model.library import ScanOutcome
from auralis_cli.model.progress import CancelToken
from auralis_cli.services.scan import ScanRequest, scan

__all__ = ["music", "scans"]


def test_a_second_scan_changes_nothing(scans: Scans, music: Path) -> None:
    for number in range(7):
        song(music / f"{number % 3}" / f"{number}.wav", number)
    (music / "0" / "bad.flac").write_text("no audio")
    os.mkfifo(music / "pipe.mp3")
    first = scans(music)
    assert nonzero(first.counts) == {"added": 7, "failed": 1}
    assert [Path(one.path).name for one in first.failures] == ["bad.flac"]
    before = scans.dump()
    second = scans()
    assert nonzero(second.counts) == {"unchanged": 8}
    assert second.failures == ()
    assert scans.dump() == before


def test_the_entry_of_a_scan_that_was_killed_is_closed_by_the_next(scans: Scans, music: Path) -> None:
    song(music / "a.wav", 1)
    scans(music)
    journal = scans.store.journal
    for verb in ("scan", "master", "cleanup"):
        entry = journal.begin(verb, "/music", 5)
        with journal.change(entry):
            scans.store.database.run("UPDATE tracks SET year = ?", (entry,))
    journal.begin("scan", "killed before it did anything", 5)
    scans(music)
    assert [(one.verb, one.state, one.summary) for one in journal.entries(3)] == [
        ("cleanup", EntryState.DONE, "/music, interrupted"),
        ("master", EntryState.OPEN, "/music"),
        ("scan", EntryState.DONE, "/music, interrupted"),
    ]
    assert scans.store.database.all("SELECT id FROM journal WHERE summary LIKE 'killed%'") == []


def test_what_changed_is_read_again_and_keeps_its_row(scans: Scans, music: Path) -> None:
    song(music / "a.wav", 1)
    song(music / "b.wav", 2)
    scans(music)
    before = scans.ids()
    song(music / "a.wav", 3, mtime_s=1_000_000_000)  # older than what is known: another file all the same
    assert scans.counts() == {"updated": 1, "unchanged": 1}
    assert scans.ids() == before


def test_full_reads_everything_and_changes_nothing_that_is_as_it_was(scans: Scans, music: Path) -> None:
    for number in range(3):
        song(music / f"{number}.wav", number)
    scans(music)
    before = scans.dump()
    assert scans.counts(full=True) == {"updated": 3}
    assert scans.dump() == before


def test_what_is_gone_is_missing_and_what_comes_back_is_the_same_row(scans: Scans, music: Path) -> None:
    for number in range(3):
        song(music / f"{number}.wav", number)
    scans(music)
    known = scans.files()
    (music / "1.wav").rename(music.parent / "aside.wav")
    assert scans.counts() == {"missing": 1, "unchanged": 2}
    assert scans.files()[str(music / "1.wav")] == (known[str(music / "1.wav")][0], "missing")
    assert scans.counts() == {"unchanged": 2}
    (music.parent / "aside.wav").rename(music / "1.wav")
    assert scans.counts() == {"updated": 1, "unchanged": 2}
    assert scans.files() == known


def test_a_renamed_file_keeps_its_row(scans: Scans, music: Path) -> None:
    song(music / "a" / "1.wav", 1)
    song(music / "a" / "2.wav", 2)
    scans(music)
    before = scans.ids()
    (music / "a" / "1.wav").rename(music / "a" / "0.wav")
    assert scans.counts() == {"moved": 1, "unchanged": 1}
    assert scans.ids() == {"0.wav": before["1.wav"], "2.wav": before["2.wav"]}
    assert scans.counts() == {"unchanged": 2}


def test_a_renamed_folder_keeps_its_rows(scans: Scans, music: Path) -> None:
    for number in range(5):
        song(music / "old" / "album" / f"{number}.wav", number)
    scans(music)
    before = scans.ids()
    (music / "old").rename(music / "another")
    assert scans.counts() == {"moved": 5}
    assert scans.ids() == before
    assert all("/another/" in path for path in scans.files())


def test_a_file_moved_to_another_device_is_known_by_its_content(scans: Scans, music: Path) -> None:
    """Which a copy and a removal are as well: another inode, another time."""
    song(music / "a" / "1.wav", 1)
    song(music / "2.wav", 2)
    scans(music)
    before = scans.ids()
    song(music / "b" / "renamed.wav", 1, mtime_s=1_600_000_000)
    (music / "a" / "1.wav").unlink()
    assert scans.counts() == {"moved": 1, "unchanged": 1}
    assert scans.ids() == {"renamed.wav": before["1.wav"], "2.wav": before["2.wav"]}


def test_a_copy_is_another_file(scans: Scans, music: Path) -> None:
    song(music / "1.wav", 1)
    scans(music)
    before = scans.ids()
    shutil.copy2(music / "1.wav", music / "copy.wav")
    assert scans.counts() == {"added": 1, "unchanged": 1}
    assert scans.ids()["1.wav"] == before["1.wav"]
    assert len(scans.files()) == 2


def test_copies_that_move_stay_apart_and_each_takes_the_row_most_like_it(scans: Scans, music: Path) -> None:
    song(music / "best of" / "07 song.wav", 1)
    song(music / "single" / "01 song.wav", 1)
    song(music / "other.wav", 2)
    scans(music)
    before = scans.ids()
    song(music / "new" / "01 song.wav", 1, mtime_s=1.0)
    song(music / "new" / "07 song.wav", 1, mtime_s=1.0)
    shutil.rmtree(music / "best of")
    shutil.rmtree(music / "single")
    assert scans.counts() == {"moved": 2, "unchanged": 1}
    assert scans.ids() == before


def test_names_that_were_swapped_keep_the_row_of_the_music(scans: Scans, music: Path) -> None:
    song(music / "a.wav", 1)
    song(music / "b.wav", 2)
    scans(music)
    before = scans.ids()
    (music / "a.wav").rename(music / "c")
    (music / "b.wav").rename(music / "a.wav")
    (music / "c").rename(music / "b.wav")
    assert scans.counts() == {"moved": 2}
    assert scans.ids() == {"a.wav": before["b.wav"], "b.wav": before["a.wav"]}


def test_renumbered_files_each_keep_their_row(scans: Scans, music: Path) -> None:
    for number in range(1, 5):
        song(music / f"{number}.wav", number)
    scans(music)
    before = scans.ids()
    for number in range(4, 0, -1):
        (music / f"{number}.wav").rename(music / f"{number + 1}.wav")
    assert scans.counts() == {"moved": 4}
    assert scans.ids() == {f"{number + 1}.wav": before[f"{number}.wav"] for number in range(1, 5)}


def test_a_file_put_in_the_place_of_another_is_that_place_changed(scans: Scans, music: Path) -> None:
    song(music / "a.wav", 1)
    song(music / "b.wav", 2)
    scans(music)
    before = scans.ids()
    (music / "b.wav").rename(music / "a.wav")
    assert scans.counts() == {"updated": 1, "missing": 1}
    assert scans.ids() == before


def test_a_name_in_other_case_or_another_form_of_unicode_is_a_rename(scans: Scans, music: Path) -> None:
    song(music / "Song.wav", 1)
    song(music / unicodedata.normalize("NFC", "é.wav"), 2)
    scans(music)
    before = set(scans.ids().values())
    (music / "Song.wav").rename(music / "song.wav")
    (music / unicodedata.normalize("NFC", "é.wav")).rename(music / unicodedata.normalize("NFD", "é.wav"))
    assert scans.counts() == {"moved": 2}
    assert set(scans.ids().values()) == before


def test_twins_that_differ_in_the_form_of_their_name_alone_are_two_files(scans: Scans, music: Path) -> None:
    names = [unicodedata.normalize(form, "é.wav") for form in ("NFC", "NFD")] + ["E.wav", "e.wav"]
    for number, name in enumerate(names):
        song(music / name, number)
    assert scans.counts(music) == {"added": 4}
    assert sorted(scans.ids()) == sorted(names)
    assert scans.counts() == {"unchanged": 4}


@pytest.mark.invariant("S0-H02")
@pytest.mark.parametrize("name", ["~x", "-rf", "a\nb", "$HOME", "日本", os.fsdecode(b"\xff\xfe latin \xe9"), "%s", "'"])
def test_any_name_survives(name: str, scans: Scans, music: Path) -> None:
    song(music / name / f"{name}.wav", 1)
    assert scans.counts(music) == {"added": 1}
    assert list(scans.files()) == [str(music / name / f"{name}.wav")]
    assert scans.counts(music / name) == {"unchanged": 1}


@pytest.mark.invariant("S0-H02")
def test_a_root_is_what_a_name_leads_to(scans: Scans, music: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song(music / "a" / "1.wav", 1)
    (music.parent / "link").symlink_to("music", target_is_directory=True)
    monkeypatch.chdir(music / "a")
    assert scans.counts(Path("../../link/a/..")) == {"added": 1}
    assert scans.counts(music.parent / "link") == {"unchanged": 1}
    assert [root.path for root in scans.store.roots.all()] == [str(music)]
    assert list(scans.files()) == [str(music / "a" / "1.wav")]


@pytest.mark.invariant("S0-H02")
def test_a_link_out_of_the_root_is_skipped_and_said(scans: Scans, music: Path) -> None:
    song(music / "1.wav", 1)
    song(music.parent / "private" / "2.wav", 2)
    (music / "out").symlink_to("../private", target_is_directory=True)
    report = scans(music)
    assert nonzero(report.counts) == {"added": 1, "skipped": 1}
    assert report.warnings == (f"{music}/out: is a link to a place outside the folder named (name it as well)",)


@pytest.mark.parametrize("name", ["nowhere", "file", "nul\0"])
def test_what_is_no_folder_is_refused(name: str, scans: Scans, music: Path) -> None:
    (music / "file").write_text("")
    with pytest.raises(InputError):
        scans(music / name)
    assert scans.store.roots.all() == ()


def test_a_folder_below_a_root_is_refreshed_alone(scans: Scans, music: Path) -> None:
    song(music / "a" / "1.wav", 1)
    song(music / "b" / "2.wav", 2)
    scans(music)
    song(music / "a" / "3.wav", 3)
    song(music / "b" / "4.wav", 4)
    (music / "b" / "2.wav").unlink()
    assert scans.counts(music / "a") == {"added": 1, "unchanged": 1}
    assert [root.path for root in scans.store.roots.all()] == [str(music)]
    assert scans.counts() == {"added": 1, "missing": 1, "unchanged": 2}


def test_a_folder_that_went_from_a_root_takes_its_files_along(scans: Scans, music: Path) -> None:
    song(music / "a" / "1.wav", 1)
    song(music / "b" / "2.wav", 2)
    scans(music)
    shutil.rmtree(music / "a")
    assert scans.counts(music / "a") == {"missing": 1}


def test_a_folder_above_a_root_takes_it_in(scans: Scans, music: Path) -> None:
    song(music / "a" / "1.wav", 1)
    song(music / "2.wav", 2)
    scans(music / "a")
    before = scans.ids()
    assert scans.counts(music) == {"added": 1, "unchanged": 1}
    assert scans.counts() == {"unchanged": 2}
    assert scans.ids()["1.wav"] == before["1.wav"]
    assert [root.path for root in scans.store.roots.all()] == [str(music)]


def test_a_hidden_folder_that_is_named_is_a_root_of_its_own(scans: Scans, music: Path) -> None:
    song(music / "1.wav", 1)
    song(music / ".hidden" / "2.wav", 2)
    scans(music)
    assert scans.counts(music / ".hidden") == {"added": 1}
    assert scans.counts(music) == {"unchanged": 1}
    assert scans.counts() == {"unchanged": 2}


def test_a_file_moved_to_another_root_keeps_its_row(scans: Scans, music: Path) -> None:
    other = music.parent / "other"
    for number in range(3):
        song(music / f"{number}.wav", number)
    song(other / "9.wav", 9)
    scans(music, other)
    before = scans.ids()
    (music / "1.wav").rename(other / "1.wav")
    shutil.copy(music / "2.wav", other / "2.wav")
    (music / "2.wav").unlink()
    # The root that it left is not even looked at.
    assert scans.counts(other) == {"moved": 2, "unchanged": 1}
    assert scans.counts() == {"unchanged": 4}
    assert scans.ids() == before


def test_what_the_user_ignores_from_now_on_leaves_the_library_and_may_come_back(scans: Scans, music: Path) -> None:
    song(music / "a" / "1.wav", 1)
    song(music / "b" / "2.wav", 2)
    scans(music)
    before = scans.ids()
    (music / ".auralisignore").write_text("b/\n")
    assert scans.counts() == {"missing": 1, "unchanged": 1}
    (music / ".auralisignore").unlink()
    assert scans.counts(ignore=("a",)) == {"missing": 1, "updated": 1}
    assert scans.counts() == {"updated": 1, "unchanged": 1}
    assert scans.ids() == before


def test_a_dry_run_says_the_same_and_changes_nothing(scans: Scans, music: Path) -> None:
    for number in range(4):
        song(music / f"{number}.wav", number)
    scans(music)
    song(music / "1.wav", 11)
    (music / "2.wav").rename(music / "two.wav")
    (music / "3.wav").unlink()
    song(music / "4.wav", 4)
    before = scans.dump()
    would = scans.counts(dry_run=True)
    assert scans.dump() == before
    assert would == {"added": 1, "updated": 1, "moved": 1, "missing": 1, "unchanged": 1} == scans.counts()


def test_a_scan_is_one_change_and_one_that_found_nothing_is_none(scans: Scans, music: Path) -> None:
    song(music / "1.wav", 1)
    scans(music)
    scans()
    entries = scans.store.journal.entries()
    assert [entry.verb for entry in entries] == ["scan"]
    assert "1 added" in entries[0].summary
    runs = scans.store.scans.latest(5)
    assert [nonzero(run.counts) for run in runs] == [{"unchanged": 1}, {"added": 1}]


def test_what_was_applied_before_an_interrupt_stays_and_the_next_scan_goes_on(
    scans: Scans, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auralis_cli.services.scan.BATCH_FILES", 64)
    for number in range(200):
        song(music / f"{number:03d}.wav", number)
    cancel = CancelToken()

    class Impatient:
        def item(self, name: str, task: str, done: float | None) -> None: ...

        def note(self, message: str) -> None: ...

        def overall(self, done: int, total: int, finished: str | None) -> None:
            if done >= 100:
                cancel.cancel()

    with pytest.raises(CancelledError):
        scan(scans.store, ScanRequest((music,)), Impatient(), cancel, now=1)
    kept = scans.ids()
    assert len(kept) == 128
    assert scans.store.scans.latest()[0].outcome is ScanOutcome.INTERRUPTED
    assert scans.counts() == {"added": 72, "unchanged": 128}
    assert scans.ids().items() >= kept.items()


def sheet(path: Path, audio: str, tracks: int) -> Path:
    """A cue sheet of tracks of one second each."""
    lines = [f"  TRACK {number + 1:02d} AUDIO\n    INDEX 01 00:0{number}:00\n" for number in range(tracks)]
    path.write_text(f'FILE "{audio}" WAVE\n' + "".join(lines))
    return path


def numbers(scans: Scans) -> list[int]:
    return [row[0] for row in scans.store.database.all("SELECT cue_number FROM tracks ORDER BY 1")]


def test_a_sheet_that_comes_changes_or_goes_has_its_audio_read_again(scans: Scans, music: Path) -> None:
    (music / "album.wav").write_bytes(wav(b"\1\2\3\4" * 44_100 * 4))
    assert scans.counts(music) == {"added": 1}
    assert numbers(scans) == [0]
    cue = sheet(music / "album.cue", "album.wav", 2)
    assert scans.counts() == {"added": 1, "updated": 1}
    assert numbers(scans) == [1, 2]
    sheet(cue, "album.wav", 3)
    os.utime(cue, (1.0, 1.0))
    assert scans.counts() == {"updated": 2}
    assert numbers(scans) == [1, 2, 3]
    assert scans.counts() == {"unchanged": 2}
    cue.unlink()
    assert scans.counts() == {"missing": 1, "updated": 1}
    assert numbers(scans) == [0]
    assert scans.counts() == {"unchanged": 1}


def test_a_sheet_that_changes_has_nothing_read_again_that_lies_deeper_than_it_reaches(
    scans: Scans, music: Path
) -> None:
    (music / "artist" / "album").mkdir(parents=True)
    for number, folder in enumerate((music, music / "artist", music / "artist" / "album")):
        song(folder / f"{number}.wav", number)
    cue = sheet(music / "all.cue", "0.wav", 2)
    scans(music)
    cue.unlink()
    assert scans.counts() == {"updated": 2, "unchanged": 1, "missing": 1}
