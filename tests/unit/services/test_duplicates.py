"""Duplicates of real files are found, told, moved to the trash and brought back; what is not sure stays."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

import mutagen.flac
import numpy as np
import pytest
import soundfile
from library_of import NOW
from melodies import RATE_HZ, measure, melody, put_file
from random_changes import dump
from scanned_folders import Scans, music, scans

from auralis_cli.db.store import Store
from auralis_cli.errors import CancelledError, UsageError
from auralis_cli.model.cleanup import CleanupAction
from auralis_cli.model.duplicates import DuplicateGroup, DuplicateKind, DuplicateReport
from auralis_cli.model.playlists import NewEntry
from auralis_cli.model.plays import PlayOutcome
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.services.duplicate_removal import remove_copies
from auralis_cli.services.duplicates import find_duplicates, ignore
from auralis_cli.services.undo import undo

__all__ = ["music", "scans"]


@pytest.fixture(autouse=True)
def _trash_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def scanned(scans: Scans, music: Path) -> Store:
    """The library with all that is in the folder, measured."""
    scans(music)
    measure(scans.store, now=NOW)
    return scans.store


def found(store: Store, *, chosen: Collection[int] | None = None) -> DuplicateReport:
    return find_duplicates(store, SilentProgress(), CancelToken(), chosen=chosen)


def shown(groups: Collection[DuplicateGroup]) -> list[tuple[str, str, list[str]]]:
    """Kind, name of the copy to keep, names of the others with what becomes of them."""
    return [
        (
            group.kind.value,
            os.path.basename(group.keep.path),
            [f"{copy.action} {os.path.basename(copy.track.path)}" for copy in group.copies],
        )
        for group in groups
    ]


def removed(store: Store, groups: Collection[DuplicateGroup]) -> list[DuplicateGroup]:
    return list(remove_copies(store, groups, SilentProgress(), CancelToken(), lambda: NOW))


def last_entry(store: Store) -> int:
    return store.journal.entries(1)[0].id


def track_id(store: Store, path: Path) -> int:
    (track,) = store.tracks.by_path(str(path))
    return track.id


def test_the_same_audio_is_found_under_other_tags_and_in_another_container(scans: Scans, music: Path) -> None:
    put_file(music / "a.flac", melody(1))
    put_file(music / "b.wav", melody(1))
    (music / "c.flac").write_bytes((music / "a.flac").read_bytes())
    tags = mutagen.flac.FLAC(music / "c.flac")
    tags.update(title="Another", artist="Somebody")
    tags.save()
    put_file(music / "other.flac", melody(2))
    store = scanned(scans, music)
    assert shown(found(store).groups) == [("identical", "c.flac", ["trash a.flac", "trash b.wav"])]


def test_what_lasts_less_than_six_seconds_is_told_by_its_samples(scans: Scans, music: Path) -> None:
    put_file(music / "a.flac", melody(1, 2.0))
    put_file(music / "b.wav", melody(1, 2.0))
    put_file(music / "c.ogg", melody(1, 2.0))
    put_file(music / "d.wav", 0.5 * melody(1, 2.0))
    assert shown(found(scanned(scans, music)).groups) == [("identical", "a.flac", ["trash b.wav"])]


def test_the_same_recording_is_found_reencoded_at_another_level_and_cut(scans: Scans, music: Path) -> None:
    whole = melody(1, 40.0)
    put_file(music / "a.flac", whole)
    put_file(music / "b.ogg", whole)
    put_file(music / "c.wav", 0.25 * whole, subtype="FLOAT")
    put_file(music / "d.ogg", whole[10 * RATE_HZ : 25 * RATE_HZ])
    put_file(music / "e.flac", melody(2, 40.0))
    store = scanned(scans, music)
    (group,) = found(store).groups
    assert shown([group])[0][0] == "cut"
    assert {os.path.basename(copy.track.path): copy.kind for copy in group.copies} | {
        os.path.basename(group.keep.path): None
    } == {"a.flac": DuplicateKind.SAME, "b.ogg": DuplicateKind.SAME, "c.wav": None, "d.ogg": DuplicateKind.CUT}
    louder = next(copy for copy in group.copies if copy.track.path.endswith("a.flac"))
    assert louder.level_difference_lu == pytest.approx(12.04, abs=0.05)
    cut = group.copies[-1]
    assert cut.start_s == pytest.approx(10.0, abs=0.13)
    assert cut.end_s == pytest.approx(25.0, abs=0.13)


def test_stereo_is_kept_before_mono_and_mono_before_what_cancels_itself(scans: Scans, music: Path) -> None:
    left, right = melody(1, 12.0), melody(2, 12.0)
    middle = 0.5 * (left + right)
    put_file(music / "a.flac", middle, title="Mono")
    soundfile.write(music / "b.flac", np.stack([middle, middle], axis=1), RATE_HZ)
    soundfile.write(music / "c.flac", np.stack([left, right], axis=1), RATE_HZ)
    other = melody(3, 12.0)
    soundfile.write(music / "d.flac", np.stack([other, -other], axis=1), RATE_HZ)
    put_file(music / "e.flac", other)
    assert shown(found(scanned(scans, music)).groups) == [
        ("same", "c.flac", ["trash a.flac", "trash b.flac"]),
        ("same", "e.flac", ["trash d.flac"]),
    ]


def test_silence_is_the_same_as_nothing(scans: Scans, music: Path) -> None:
    for name in ("a.wav", "b.wav", "c.flac"):
        put_file(music / name, np.zeros(20 * RATE_HZ, np.float32))
    assert found(scanned(scans, music)).groups == ()


def test_stems_with_equal_tags_are_no_duplicates(scans: Scans, music: Path) -> None:
    for number, name in enumerate(("drums", "bass", "voice")):
        put_file(music / f"{name}.flac", melody(number), title="Song")
    assert found(scanned(scans, music)).groups == ()


def test_links_to_a_file_are_that_file(scans: Scans, music: Path, tmp_path: Path) -> None:
    put_file(music / "one" / "a.flac", melody(1))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    os.link(music / "one" / "a.flac", elsewhere / "hard.flac")
    scans(music)
    scans(elsewhere)
    (music / "links").mkdir()
    store = scanned(scans, music)
    assert len(list(store.tracks.select())) == 2
    assert found(store).groups == ()
    # A copy of it is one, and of the file with two names none goes.
    put_file(elsewhere / "0.flac", melody(1), title="Better tagged")
    scans(elsewhere)
    measure(store, now=NOW)
    (group,) = found(store).groups
    assert (os.path.basename(group.keep.path), len(group.copies)) == ("0.flac", 1)
    assert group.copies[0].action is CleanupAction.KEEP
    assert group.copies[0].stays is not None
    assert "another name here" in group.copies[0].stays


def test_a_file_with_a_name_that_the_library_does_not_know_stays(
    scans: Scans, two_copies: Store, music: Path, tmp_path: Path
) -> None:
    os.link(music / "b.ogg", tmp_path / "elsewhere.ogg")
    scans(music)
    (group,) = found(two_copies).groups
    assert group.copies[0].action is CleanupAction.KEEP
    assert group.copies[0].stays == "its file has 2 names (hard links)"


def test_a_track_of_a_cue_sheet_is_compared_and_its_file_stays(scans: Scans, music: Path) -> None:
    first, second = melody(1, 12.0), melody(2, 12.0)
    put_file(music / "album" / "album.flac", np.concatenate([first, second]))
    (music / "album" / "album.cue").write_text(
        'FILE "album.flac" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n  TRACK 02 AUDIO\n    INDEX 01 00:12:00\n'
    )
    put_file(music / "single.ogg", second)
    store = scanned(scans, music)
    (group,) = found(store).groups
    assert (group.keep.cue_number, shown([group])) == (2, [("same", "album.flac", ["trash single.ogg"])])
    put_file(music / "better.flac", second, title="Second")
    tags = mutagen.flac.FLAC(music / "better.flac")
    tags.update(artist="A", album="B", albumartist="A", date="1999", tracknumber="2", genre="C", composer="D")
    tags.save()
    scanned(scans, music)
    (group,) = found(store).groups
    assert shown([group]) == [("same", "better.flac", ["keep album.flac", "trash single.ogg"])]
    assert group.copies[0].kind is DuplicateKind.IDENTICAL
    done = removed(store, [group])
    assert [copy.error for copy in done[0].copies] == [None, None]
    assert (music / "album" / "album.flac").exists()
    assert not (music / "single.ogg").exists()


def test_what_has_no_landmarks_is_told_by_its_content_and_counted(scans: Scans, music: Path) -> None:
    put_file(music / "a.flac", melody(1))
    (music / "b.flac").write_bytes((music / "a.flac").read_bytes())
    put_file(music / "c.ogg", melody(1))
    scans(music)
    report = found(scans.store)
    assert shown(report.groups) == [("identical", "a.flac", ["trash b.flac"])]
    assert report.unknown == 2


def test_files_that_are_gone_are_not_told(scans: Scans, music: Path) -> None:
    for name in ("a.flac", "b.ogg"):
        put_file(music / name, melody(1))
    store = scanned(scans, music)
    (music / "a.flac").unlink()
    assert found(store).groups == ()


def test_the_search_can_be_stopped(scans: Scans, music: Path) -> None:
    put_file(music / "a.flac", melody(1))
    store = scanned(scans, music)
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        find_duplicates(store, SilentProgress(), cancel)


# What is said to be no duplicate


def test_what_is_said_to_be_no_duplicate_is_remembered_and_can_be_undone(scans: Scans, music: Path) -> None:
    for name in ("a.flac", "b.ogg"):
        put_file(music / name, melody(1))
    store = scanned(scans, music)
    (first,), (second,) = (store.tracks.by_path(str(music / name)) for name in ("a.flac", "b.ogg"))
    ignore(store, second, first, lambda: NOW)
    report = found(store)
    assert (report.groups, report.ignored) == ((), 1)
    (music / "a.flac").rename(music / "renamed.flac")
    scans(music)
    assert found(store).groups == ()
    assert undo(store, next(one.id for one in store.journal.entries() if one.verb == "duplicates --ignore"), NOW)
    assert len(found(store).groups) == 1
    with pytest.raises(UsageError):
        ignore(store, first, first, lambda: NOW)


def test_two_files_of_one_content_may_be_said_to_be_wanted(scans: Scans, music: Path) -> None:
    put_file(music / "album" / "a.flac", melody(1))
    (music / "best of").mkdir()
    (music / "best of" / "a.flac").write_bytes((music / "album" / "a.flac").read_bytes())
    store = scanned(scans, music)
    (group,) = found(store).groups
    ignore(store, group.keep, group.copies[0].track, lambda: NOW)
    assert found(store).groups == ()


# Into the trash


@pytest.fixture
def two_copies(scans: Scans, music: Path) -> Store:
    """A recording as flac and ogg; the latter was played, rated, and is in a playlist."""
    for name in ("a.flac", "b.ogg"):
        put_file(music / name, melody(1))
    store = scanned(scans, music)
    worse = track_id(store, music / "b.ogg")
    playlist = store.playlists.create("mine", now=NOW)
    store.playlists.add(playlist, [NewEntry(str(music / "b.ogg"))], now=NOW)
    store.plays.record(worse, started_at=100, played_s=10.0, outcome=PlayOutcome.FINISHED)
    store.plays.rate(worse, 5.0)
    return store


def test_a_copy_goes_to_the_trash_with_what_people_did_with_it_handed_over(two_copies: Store, music: Path) -> None:
    store = two_copies
    # A place for plays that says nothing stays, should the kept one be played before the undo.
    store.plays.make_room([track_id(store, music / "a.flac")])
    before = dump(store.database)
    content = (music / "b.ogg").read_bytes()
    (group,) = removed(store, found(store).groups)
    assert [(copy.action, copy.error) for copy in group.copies] == [(CleanupAction.TRASH, None)]
    assert sorted(os.listdir(music)) == ["a.flac"]
    (entry,) = store.playlists.entries(store.playlists.named("mine"))
    assert entry.track is not None
    assert (entry.track.path, entry.track.rating, entry.track.play_count) == (str(music / "a.flac"), 5.0, 1)
    assert store.files.get(str(music / "b.ogg")) is None
    assert store.journal.entries(1)[0].summary == "1 copy to the trash"
    assert found(store).groups == ()

    undo(store, last_entry(store), NOW)
    assert (music / "b.ogg").read_bytes() == content
    assert dump(store.database) == before


def _write_other_audio(path: Path) -> None:
    put_file(path, melody(7))


def _cut_in_half(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _remove(path: Path) -> None:
    path.unlink()


@pytest.mark.invariant("S3-ENG-14")
@pytest.mark.parametrize("name", ["a.flac", "b.ogg"])
@pytest.mark.parametrize("happens", [_write_other_audio, _cut_in_half, _remove])
def test_nothing_goes_where_either_file_is_not_what_was_found(
    two_copies: Store, music: Path, name: str, happens: object
) -> None:
    store, groups = two_copies, found(two_copies).groups
    assert callable(happens)
    happens(music / name)
    left, before = sorted(os.listdir(music)), dump(store.database)
    (group,) = removed(store, groups)
    (copy,) = group.copies
    assert copy.action is CleanupAction.KEEP
    assert copy.error is not None
    assert copy.stays == copy.error.why
    assert sorted(os.listdir(music)) == left
    assert dump(store.database) == before


@pytest.mark.invariant("S3-ENG-14")
def test_what_only_claims_to_be_the_same_audio_stays(
    scans: Scans, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_file(music / "a.wav", melody(1))
    data = bytearray((music / "a.wav").read_bytes())
    (music / "b.wav").write_bytes(data)
    scans(music)
    store = scans.store
    # Written to between the blocks that a look takes in, and of the time it had.
    was = (music / "b.wav").stat()
    place = len(data) // 8 * 3
    data[place : place + 200] = bytes(200)
    (music / "b.wav").write_bytes(data)
    os.utime(music / "b.wav", ns=(was.st_atime_ns, was.st_mtime_ns))
    assert shown(found(store).groups) == [("identical", "a.wav", ["trash b.wav"])]
    (group,) = removed(store, found(store).groups)
    assert group.copies[0].stays is not None
    assert "sample for sample" in group.copies[0].stays
    assert sorted(os.listdir(music)) == ["a.wav", "b.wav"]


def test_silence_that_was_never_measured_does_not_go_either(scans: Scans, music: Path) -> None:
    for name in ("a.flac", "b.flac"):
        put_file(music / name, np.zeros(RATE_HZ, np.float32))
    scans(music)
    (group,) = removed(scans.store, found(scans.store).groups)
    assert "silent" in (group.copies[0].stays or "")
    assert sorted(os.listdir(music)) == ["a.flac", "b.flac"]


def test_of_chosen_tracks_only_those_go(two_copies: Store, music: Path) -> None:
    store = two_copies
    better = found(store, chosen=[track_id(store, music / "a.flac")])
    assert shown(better.groups) == [("same", "a.flac", ["keep b.ogg"])]
    assert removed(store, better.groups) == list(better.groups)
    assert sorted(os.listdir(music)) == ["a.flac", "b.ogg"]
    assert found(store, chosen=[10_000]).groups == ()


def test_the_last_look_is_at_the_files_themselves(two_copies: Store, music: Path) -> None:
    groups = found(two_copies).groups
    (music / "b.ogg").unlink()
    os.link(music / "a.flac", music / "b.ogg")
    (group,) = removed(two_copies, groups)
    assert group.copies[0].action is CleanupAction.KEEP
    assert sorted(os.listdir(music)) == ["a.flac", "b.ogg"]


def test_analyses_that_cannot_be_read_are_done_without(two_copies: Store) -> None:
    two_copies.database.run("UPDATE analyses SET body = x'00'")
    assert shown(found(two_copies).groups) == [("same", "a.flac", ["trash b.ogg"])]
