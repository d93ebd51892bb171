"""`auralis cleanup`: shows what is wrong, mends what it is told to."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Finished, auralis
from scanned_folders import song


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library of two songs and a file that is none, one of the songs gone."""
    for number in range(2):
        song(tmp_path / "music" / f"{number}.wav", number)
    (tmp_path / "music" / "bad.wav").write_bytes(b"RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\xff")
    file = tmp_path / "library.db"
    assert auralis("--library", file, "scan", tmp_path / "music").code == 3
    (tmp_path / "music" / "1.wav").unlink()
    return file


def cleanup(library: Path, *words: str) -> Finished:
    return auralis("--library", library, "cleanup", *words)


def test_it_shows_what_it_would_do_and_does_nothing(library: Path, tmp_path: Path) -> None:
    for _ in range(2):
        shown = cleanup(library)
        assert shown.code == 0
        assert f"missing    forget  {tmp_path}/music/1.wav\n" in shown.out
        assert f"corrupt    keep    {tmp_path}/music/bad.wav: " in shown.out
        assert "1 missing: --apply mends; 1 kept" in shown.err
    assert cleanup(library, "--apply", "-n").out == shown.out
    assert cleanup(library).out == shown.out


def test_a_file_that_is_gone_is_not_corrupt_as_well(library: Path, tmp_path: Path) -> None:
    (tmp_path / "music" / "bad.wav").unlink()
    findings = cleanup(library, "--json").document["findings"]
    assert sorted((Path(item["path"]).name, item["kind"]) for item in findings) == [
        ("1.wav", "missing"),
        ("bad.wav", "missing"),
    ]


def test_kinds_can_be_chosen(library: Path) -> None:
    assert cleanup(library, "--orphans").out == ""
    assert "nothing to clean up" in cleanup(library, "--orphans").err
    assert {item["kind"] for item in cleanup(library, "--missing", "--json").document["findings"]} == {"missing"}
    assert {item["kind"] for item in cleanup(library, "--corrupt", "--jsonl").lines} == {"corrupt"}


def test_findings_as_json_say_what_they_are_about(library: Path, tmp_path: Path) -> None:
    document = cleanup(library, "--json").document
    assert (document["auralis"], document["dry_run"]) == (1, True)
    missing, corrupt = document["findings"]
    assert missing == {
        "kind": "missing",
        "id": missing["id"],
        "path": f"{tmp_path}/music/1.wav",
        "action": "forget",
        "detail": None,
    }
    assert (corrupt["kind"], corrupt["action"]) == ("corrupt", "keep")
    assert corrupt["detail"]
    assert [line["dry_run"] for line in cleanup(library, "--jsonl").lines] == [True, True]
    assert cleanup(library, "--json", "--jsonl").code == 2


def test_it_mends_what_it_showed_and_undo_takes_that_back(library: Path, tmp_path: Path) -> None:
    listed = auralis("--library", library, "list", "--json").document
    mended = cleanup(library, "--apply")
    assert (mended.code, "1 missing: mended" in mended.err) == (0, True)
    assert "1.wav" not in auralis("--library", library, "list").out
    assert cleanup(library, "--missing", "--apply").out == ""
    assert auralis("--library", library, "undo", "-y").code == 0
    assert auralis("--library", library, "list", "--json").document == listed


def test_files_go_to_the_trash_only_when_somebody_says_so(library: Path, tmp_path: Path) -> None:
    refused = cleanup(library, "--corrupt", "--apply")
    assert (refused.code, "-y answers yes" in refused.err) == (2, True)
    assert (tmp_path / "music" / "bad.wav").exists()


def test_without_a_library_there_is_nothing_to_clean_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for words in ((), ("--apply",), ("--json",)):
        shown = cleanup(tmp_path / "none.db", *words)
        assert (shown.code, "nothing to clean up" in shown.err) == (0, True)
    assert list(tmp_path.iterdir()) == []


def test_duplicates_are_looked_for_when_asked_for_and_go_when_somebody_says_so(tmp_path: Path) -> None:
    library, music = tmp_path / "library.db", tmp_path / "music"
    for name in ("a.wav", "b.wav"):
        song(music / name, 1)
    auralis("--library", library, "scan", music)
    assert "nothing to clean up" in cleanup(library).err
    shown = cleanup(library, "--duplicates")
    why = f"the same audio, sample for sample: under other tags; {music}/a.wav is kept"
    assert shown.out == f"duplicate  trash   {music}/b.wav: {why}\n"
    assert "1 duplicate: --apply mends" in shown.err
    refused = cleanup(library, "--duplicates", "--apply")
    assert (refused.code, "-y answers yes" in refused.err) == (2, True)
    (finding,) = cleanup(library, "--duplicates", "--apply", "-y", "--json").document["findings"]
    assert (finding["kind"], finding["action"], finding["path"]) == ("duplicate", "trash", f"{music}/b.wav")
    assert not (music / "b.wav").exists()
    assert auralis("--library", library, "undo", "-y").code == 0
    assert (music / "b.wav").exists()
