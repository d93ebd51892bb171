"""`auralis undo`: takes changes back, in order, across restarts."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from command_line import Finished, Terminal, auralis
from file_edits import Titled, rewrite
from random_changes import dump
from scanned_folders import NOW, SilentBatchProgress, song

from auralis_cli.db.store import Store
from auralis_cli.model.file_moves import FileMove
from auralis_cli.model.progress import CancelToken
from auralis_cli.services.changes import changes
from auralis_cli.services.file_moving import move_files


def undo(library: Path, *words: str, terminal: bool = False) -> Finished:
    return auralis("--library", library, "undo", *words, terminal=terminal)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library of three songs."""
    for number in range(3):
        song(tmp_path / "music" / f"{number}.wav", number)
    file = tmp_path / "library.db"
    assert auralis("--library", file, "scan", tmp_path / "music").code == 0
    return file


def state_of(library: Path) -> tuple[dict[str, list[str]], dict[str, str]]:
    """The rows of the library, and the hash of every file of its folder."""
    with Store.open(library, program="test", now=NOW) as store:
        rows = dump(store.database)
    files = sorted((library.parent / "music").rglob("*.wav"))
    return rows, {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_changes_are_taken_back_one_by_one_to_the_state_before_each(library: Path, tmp_path: Path) -> None:
    states = [state_of(library)]
    music = tmp_path / "music"
    for number in (3, 4):
        song(music / f"{number}.wav", number)
        assert auralis("--library", library, "scan").code == 0
        states.append(state_of(library))
    (music / "3.wav").unlink()
    assert auralis("--library", library, "cleanup", "--apply").code == 0
    for rows, _ in reversed(states):
        done = undo(library, "-y")
        assert (done.code, "undone: change" in done.err) == (0, True)
        assert state_of(library)[0] == rows
    assert undo(library, "-y").code == 0
    last = undo(library, "-y")
    assert (last.code, "nothing to undo" in last.err) == (0, True)


def test_a_dry_run_says_what_would_come_back(library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    path, new = tmp_path / "music" / "0.wav", tmp_path / "music" / "new.wav"
    before = state_of(library)
    with (
        Store.open(library, program="test", now=NOW) as store,
        changes(store, "master", "two", lambda: NOW) as change,
    ):
        change.trash(str(path))
        new.write_bytes(b"new")
        change.created(str(new))
    expected = f"back from the trash: {path}\nto the trash: {new}\n"
    assert undo(library, "-n").out == expected
    assert new.exists()
    told = undo(library, "-n", "--json").document
    assert (told["returned"], told["discarded"], told["dry_run"]) == ([str(path)], [str(new)], True)
    assert undo(library, "-y").out == expected
    assert state_of(library) == before


def test_the_last_change_is_undone_after_a_question_only(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state_of(library)
    refused = undo(library)
    assert (refused.code, "-y answers yes" in refused.err) == (2, True)
    for answer, is_undone in (("n\n", False), ("\n", False), ("y\n", True)):
        stdin = Terminal(answer)
        monkeypatch.setattr("sys.stdin", stdin)
        asked = undo(library, terminal=True)
        assert asked.code == 0
        assert "Undo change 1 (scan: " in asked.err
        assert (state_of(library) != before) == is_undone


def test_a_change_that_is_named_is_undone_without_a_question(library: Path) -> None:
    assert undo(library, "1").code == 0
    again = undo(library, "1")
    assert (again.code, "was undone already" in again.err) == (2, True)
    unknown = undo(library, "99")
    assert (unknown.code, "no such change" in unknown.err) == (2, True)


def test_a_change_that_is_not_finished_is_undone_by_its_number_only(library: Path) -> None:
    with Store.open(library, program="test", now=NOW) as store:
        entry_id = store.journal.begin("scan", "long", NOW)
        with store.journal.change(entry_id):
            store.roots.mark_scanned(1, now=NOW + 1)
    before = state_of(library)
    refused = undo(library, "-y")
    assert (refused.code, f"auralis undo {entry_id} if it was interrupted" in refused.err) == (2, True)
    assert state_of(library) == before
    assert undo(library, str(entry_id)).code == 0


def test_what_later_changes_stand_on_is_refused_with_their_numbers(library: Path, tmp_path: Path) -> None:
    song(tmp_path / "music" / "0.wav", 99, mtime_s=1_000_000_000)
    assert auralis("--library", library, "scan").code == 0
    refused = undo(library, "1", "--json")
    assert refused.code == 2
    assert refused.document["error"]["code"] == "refused"
    assert refused.document["error"]["hint"] == "undo 2 first"


def test_a_file_that_is_in_the_way_is_refused_and_nothing_changes(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    path = tmp_path / "music" / "0.wav"
    with (
        Store.open(library, program="test", now=NOW) as store,
        changes(store, "test", "one", lambda: NOW) as change,
    ):
        change.trash(str(path))
    path.write_bytes(b"somebody else's")
    before = state_of(library)
    refused = undo(library, "-y")
    assert (refused.code, "in the place" in refused.err) == (2, True)
    assert state_of(library) == before


def test_without_a_library_there_is_nothing_to_undo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = undo(tmp_path / "none.db", "-y")
    assert (done.code, "nothing to undo" in done.err) == (0, True)
    assert undo(tmp_path / "none.db", "--json").document["id"] is None
    assert undo(tmp_path / "none.db", "3").code == 2
    assert os.listdir(tmp_path) == []


@pytest.fixture
def sounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two short pieces, and a trash of its own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    noise = np.random.default_rng(1).normal(0.0, 0.05, (22_050, 1))
    (tmp_path / "in").mkdir()
    for name in ("a", "b"):
        soundfile.write(tmp_path / "in" / f"{name}.wav", noise, 44_100, subtype="PCM_16")
    return tmp_path / "in"


def test_a_master_that_replaced_a_file_is_undone_to_the_bytes_before(sounds: Path, tmp_path: Path) -> None:
    library, out = tmp_path / "library.db", tmp_path / "out.wav"
    out.write_bytes(b"precious")
    out.chmod(0o600)
    os.utime(out, ns=(1, 1_234_567_890_123_456_789))
    before = out.stat()
    done = auralis("--library", library, "master", sounds / "a.wav", out, "--force")
    assert (done.code, out.stat().st_size > 1000) == (0, True)
    assert undo(library, "-y").code == 0
    after = out.stat()
    assert out.read_bytes() == b"precious"
    assert (after.st_mode, after.st_mtime_ns) == (before.st_mode, before.st_mtime_ns)


def test_a_batch_of_masters_is_one_change(sounds: Path, tmp_path: Path) -> None:
    library, folder = tmp_path / "library.db", tmp_path / "out"
    folder.mkdir()
    (folder / "a.flac").write_bytes(b"precious")
    assert auralis("--library", library, "master", sounds, "--out-dir", folder, "--force").code == 0
    (item,) = auralis("--library", library, "history", "--json").document["items"]
    assert (item["verb"], item["summary"], item["files"]) == ("master", "2 files, a.flac the first, 1 replaced", 3)
    assert undo(library, "-y").code == 0
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("a.flac", b"precious")]


def test_a_result_that_was_edited_since_is_not_taken_away(sounds: Path, tmp_path: Path) -> None:
    library, out = tmp_path / "library.db", tmp_path / "out.wav"
    assert auralis("--library", library, "master", sounds / "a.wav", out).code == 0
    out.write_bytes(b"edited")
    refused = undo(library, "-y")
    assert (refused.code, "was changed since" in refused.err) == (2, True)
    assert out.read_bytes() == b"edited"


def test_a_library_that_cannot_be_used_fails_no_master(sounds: Path, tmp_path: Path) -> None:
    library, out = tmp_path / "library.db", tmp_path / "out.wav"
    library.write_bytes(b"no library" * 100)
    done = auralis("--library", library, "master", sounds / "a.wav", out)
    assert (done.code, out.exists()) == (0, True)
    assert "auralis: warning: auralis undo will not know of this: " in done.err


def test_what_writes_no_file_opens_no_library(sounds: Path, tmp_path: Path) -> None:
    library = tmp_path / "library.db"
    assert auralis("--library", library, "master", "-n", sounds / "a.wav", tmp_path / "out.wav").code == 0
    assert auralis("--library", library, "master", sounds / "none.wav", tmp_path / "out.wav").code == 4
    assert not library.exists()


def test_files_that_were_rewritten_and_renamed_are_what_they_were(library: Path, tmp_path: Path) -> None:
    before, music = state_of(library), tmp_path / "music"
    with Store.open(library, program="test", now=NOW) as store:
        rewrite(store, [(music / f"{number}.wav", Titled("[red]New")) for number in range(2)])
        with changes(store, "tag rename-files", "1 file", lambda: NOW) as change:
            moves = [FileMove(str(music / "2.wav"), str(music / "new.wav"))]
            list(move_files(store, change, moves, SilentBatchProgress(), CancelToken()))
    shown = auralis("--library", library, "history", "3").out
    assert f"renamed: {music}/2.wav to {music}/new.wav" in shown
    assert f"rewritten: {music}/0.wav" in auralis("--library", library, "history", "2").out
    planned = json.loads(undo(library, "-n", "--json", "3").out)
    assert (planned["renamed"], planned["dry_run"]) == ([{"from": f"{music}/new.wav", "to": f"{music}/2.wav"}], True)
    assert undo(library, "3").out == f"has its old name: {music}/2.wav (was {music}/new.wav)\n"
    assert undo(library, "2").out == f"as it was: {music}/1.wav\nas it was: {music}/0.wav\n"
    assert state_of(library)[1] == before[1]
    assert json.loads(auralis("--library", library, "scan", "--json").out)["unchanged"] == 3
