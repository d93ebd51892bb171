"""`auralis duplicates`: shows what is there more than once, and moves to the trash what it is told to."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Finished, auralis
from library_of import NOW
from melodies import measure, melody, put_file

from auralis_cli.db.store import Store


@pytest.fixture(autouse=True)
def _trash_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """A recording as flac and ogg, and another one."""
    put_file(tmp_path / "music" / "a.flac", melody(1), title="Song")
    put_file(tmp_path / "music" / "new" / "b.ogg", melody(1))
    put_file(tmp_path / "music" / "c.flac", melody(2), title="Other")
    return tmp_path / "music"


@pytest.fixture
def library(tmp_path: Path, music: Path) -> Path:
    """A library of these, measured."""
    file = tmp_path / "library.db"
    assert auralis("--library", file, "scan", music).code == 0
    with Store.open(file, program="test", now=NOW) as store:
        measure(store, now=NOW)
    return file


def duplicates(library: Path, *words: str | Path) -> Finished:
    return auralis("--library", library, "duplicates", *words)


def test_it_shows_the_copy_to_keep_and_what_would_go_and_does_nothing(library: Path, music: Path) -> None:
    for words in ((), ("--apply", "-n")):
        shown = duplicates(library, *words)
        assert shown.code == 0
        head, keep, copy = shown.out.splitlines()
        assert head == "the same recording"
        assert keep == f"    keep   {music}/a.flac: lossless"
        assert copy.startswith(f"    trash  {music}/new/b.ogg: the same recording: vorbis ")
        assert copy.endswith(" % of the landmarks differ")
        assert shown.err.startswith("1 recording more than once; 1 file (")
        assert "--apply moves to the trash" in shown.err
    assert (music / "new" / "b.ogg").exists()


def test_as_json_a_group_names_the_track_to_keep_among_its_tracks(library: Path, music: Path) -> None:
    document = duplicates(library, "--json").document
    assert (document["auralis"], document["dry_run"], document["ignored"], document["unknown"]) == (1, True, 0, 0)
    (group,) = document["groups"]
    keep, copy = group["tracks"]
    assert (group["kind"], group["keep"]) == ("same", keep["id"])
    assert (keep["path"], keep["action"], keep["reasons"]) == (f"{music}/a.flac", "keep", ["lossless"])
    assert (copy["path"], copy["action"], copy["kind"]) == (f"{music}/new/b.ogg", "trash", "same")
    assert 0.0 < copy["error_rate"] < 0.1
    assert abs(copy["level_difference_lu"]) < 0.5
    assert (copy["start_s"], copy["end_s"], copy["stays"]) == (None, None, None)
    assert duplicates(library, "--jsonl").lines == [{**group, "dry_run": True}]
    assert duplicates(library, "--json", "--jsonl").code == 2


def test_a_query_keeps_to_what_it_finds_and_only_that_goes(library: Path, music: Path) -> None:
    assert duplicates(library, "other").out == ""
    (group,) = duplicates(library, "--json", music / "new").document["groups"]
    assert [track["action"] for track in group["tracks"]] == ["keep", "trash"]
    (group,) = duplicates(library, "--json", "song").document["groups"]
    assert [track["action"] for track in group["tracks"]] == ["keep", "keep"]
    assert group["tracks"][1]["stays"] == "it was not asked for"


def test_copies_go_only_when_somebody_says_so_and_undo_brings_them_back(library: Path, music: Path) -> None:
    listed = auralis("--library", library, "list", "--json").document
    refused = duplicates(library, "--apply")
    assert (refused.code, "-y answers yes" in refused.err) == (2, True)
    assert (music / "new" / "b.ogg").exists()
    done = duplicates(library, "--apply", "-y", "--json")
    assert (done.code, done.document["dry_run"]) == (0, False)
    assert "1 file (" in done.err
    assert "moved to the trash" in done.err
    assert not (music / "new" / "b.ogg").exists()
    assert "no duplicates" in duplicates(library).err
    assert duplicates(library, "--apply").code == 0
    assert auralis("--library", library, "undo", "-y").code == 0
    assert (music / "new" / "b.ogg").exists()
    assert auralis("--library", library, "list", "--json").document == listed


def test_what_cannot_go_is_a_failure_in_its_place(library: Path, music: Path) -> None:
    put_file(music / "new" / "b.ogg", melody(9))
    failed = duplicates(library, "--apply", "-y", "--json")
    assert failed.code == 1
    copy = failed.document["groups"][0]["tracks"][1]
    assert (copy["action"], copy["error"]["code"]) == ("keep", "unreadable")
    assert "was changed since it was scanned" in copy["error"]["message"]
    assert f"auralis: error: {music}/new/b.ogg: was changed" in failed.err


def test_what_is_no_duplicate_is_remembered_and_counted(library: Path, music: Path) -> None:
    a, b = music / "a.flac", music / "new" / "b.ogg"
    assert duplicates(library, "-n", "--ignore", a, b).code == 0
    assert len(duplicates(library, "--json").document["groups"]) == 1
    done = duplicates(library, "--ignore", b, a, "--json")
    assert [Path(one["path"]).name for one in done.document["ignored"]] == ["b.ogg", "a.flac"]
    shown = duplicates(library)
    assert (shown.out, "1 pair left out as no duplicates" in shown.err) == ("", True)
    assert auralis("--library", library, "undo", "-y").code == 0
    assert len(duplicates(library, "--json").document["groups"]) == 1


def test_tracks_to_ignore_are_named_by_path_id_or_query(library: Path, music: Path) -> None:
    ids = [
        str(track["id"])
        for track in auralis("--library", library, "list", "--json", "--sort", "path").document["items"]
    ]
    assert duplicates(library, "--ignore", ids[0], f"id:{ids[2]}").code == 0
    assert duplicates(library).out == ""
    for words in (("--ignore", "song", "nothing"), ("--ignore", "song", music), ("--ignore", ids[0], ids[0])):
        assert duplicates(library, *words).code == 2
    assert duplicates(library, "--ignore", ids[0], ids[1], "--apply").code == 2
    assert duplicates(library, "--ignore", ids[0], ids[1], "--", "song").code == 2


def test_tracks_that_are_not_fingerprinted_are_counted(library: Path, music: Path) -> None:
    put_file(music / "d.ogg", melody(3))
    auralis("--library", library, "scan", music)
    assert "1 track not fingerprinted yet (auralis fingerprint)" in duplicates(library).err


def test_without_a_library_there_are_no_duplicates(tmp_path: Path) -> None:
    for words in ((), ("--apply",), ("--json",)):
        shown = duplicates(tmp_path / "none.db", *words)
        assert (shown.code, "no duplicates" in shown.err) == (0, True)
    assert list(tmp_path.iterdir()) == []
