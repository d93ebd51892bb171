"""What was measured belongs to the audio it was measured of: never to other audio that only looks like it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile
from command_line import auralis
from melodies import RATE_HZ, melody

_RATE_HZ = 44_100
_QUIET, _LOUD = 0.05, 1.0


@pytest.fixture(autouse=True)
def _places_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setattr("command_line._PLACES", {"AURALIS_HOME": str(tmp_path / "home")})


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """Quiet noise, three seconds of it."""
    folder = tmp_path / "music"
    folder.mkdir()
    noise = np.random.default_rng(9).uniform(-_QUIET, _QUIET, (3 * _RATE_HZ, 2))
    soundfile.write(folder / "a.wav", noise, _RATE_HZ, subtype="PCM_16")
    return folder


def make_loud(path: Path) -> None:
    """Puts full-scale noise between the places by which a file is told; its length stays."""
    size = path.stat().st_size
    start, end = (int(size * part) & ~3 for part in (0.30, 0.45))
    noise = np.random.default_rng(1).uniform(-_LOUD, _LOUD, (end - start) // 2)
    with path.open("r+b") as file:
        file.seek(start)
        file.write((noise * 32767).astype("<i2").tobytes())


def scanned(music: Path, *words: str) -> dict[str, Any]:
    done = auralis("scan", music, *(words or ("--fingerprint",)), "--json")
    assert done.code == 0, done.err
    document: dict[str, Any] = done.document
    return document


def lufs(*names: str) -> list[float]:
    """As the library has them."""
    listed = auralis("list", "--json")
    assert listed.code == 0, listed.err
    found = {Path(one["path"]).name: one["integrated_lufs"] for one in listed.document["items"]}
    return [found[name] for name in names]


@pytest.mark.invariant("S1-M-12")
@pytest.mark.parametrize("words", [("--fingerprint",), ("--analyze",)])
def test_a_file_that_was_edited_in_between_is_measured_anew(music: Path, words: tuple[str, ...]) -> None:
    """✗ what a few blocks tell is taken for proof: both files keep the figures of the quiet one."""
    shutil.copy(music / "a.wav", music / "orig.wav")
    scanned(music, *words)
    quiet, same = lufs("a.wav", "orig.wav")
    assert quiet == same
    make_loud(music / "a.wav")
    again = scanned(music, *words)
    assert (again["updated"], again["unchanged"]) == (1, 1)
    loud, original = lufs("a.wav", "orig.wav")
    assert original == quiet
    assert loud > quiet + 10


@pytest.mark.invariant("S1-M-12")
def test_two_files_that_only_look_alike_are_measured_each_for_itself(music: Path) -> None:
    """✗ of files that are new in one scan the first is measured for both."""
    shutil.copy(music / "a.wav", music / "loud.wav")
    make_loud(music / "loud.wav")
    scanned(music)
    quiet, loud = lufs("a.wav", "loud.wav")
    assert loud > quiet + 10
    assert auralis("duplicates").out == ""


@pytest.mark.invariant("S1-M-12")
def test_what_was_only_moved_copied_or_tagged_is_not_measured_again(music: Path) -> None:
    scanned(music)
    tagged: Any = mutagen.File(music / "a.wav")
    tagged.add_tags()
    tagged.tags.add(mutagen.id3.TIT2(encoding=3, text=["Title"]))
    tagged.save()
    # As it comes from another disk: another file, of another time.
    shutil.copyfile(music / "a.wav", music / "b.wav")
    assert scanned(music)["measured"] == 0
    (music / "a.wav").unlink()
    shutil.copyfile(music / "b.wav", music / "c.wav")
    (music / "b.wav").unlink()
    moved = scanned(music)
    assert moved["measured"] == 0
    assert moved["moved"] == 1
    assert lufs("c.wav")[0] is not None


@pytest.mark.invariant("S1-M-12")
def test_gains_are_those_of_the_very_audio(music: Path) -> None:
    """✗ a gain that was kept of one file goes into another that looks like it."""
    shutil.copy(music / "a.wav", music / "orig.wav")
    make_loud(music / "a.wav")

    def gain(name: str) -> float:
        done = auralis("replaygain", music / name, "--json")
        assert done.code == 0, done.err
        tags: Any = mutagen.File(music / name).tags
        return float(tags["TXXX:REPLAYGAIN_TRACK_GAIN"].text[0].split()[0])

    loud = gain("a.wav")
    assert gain("orig.wav") > loud + 10
    assert gain("a.wav") == pytest.approx(loud)


@pytest.mark.invariant("S1-M-12")
def test_a_fingerprint_is_not_taken_in_for_other_audio(music: Path, tmp_path: Path) -> None:
    """✗ what was exported of the quiet file is imported for the loud one of the same look."""
    scanned(music)
    lines = tmp_path / "lines.jsonl"
    assert auralis("fingerprint", "--export", lines).code == 0
    shutil.rmtree(tmp_path / "home")
    scanned(music, "-q")
    assert auralis("fingerprint", "--import", lines, "-n", "--json").document["imported"] == 1
    shutil.rmtree(tmp_path / "home")
    make_loud(music / "a.wav")
    scanned(music, "-q")
    assert auralis("fingerprint", "--import", lines, "-n", "--json").document["imported"] == 0


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """A song as FLAC, and the first part of its bytes under a name that comes first."""
    folder = tmp_path / "music"
    folder.mkdir()
    soundfile.write(folder / "b_full.flac", melody(1, 40.0), RATE_HZ, subtype="PCM_16")
    data = (folder / "b_full.flac").read_bytes()
    (folder / "a_cut.flac").write_bytes(data[: len(data) * 2 // 3])
    return folder


@pytest.mark.invariant("S1-M-12")
def test_flac_that_is_cut_short_is_not_what_its_header_says(cut: Path) -> None:
    """✗ the checksum in its header makes it the whole one, with whatever was measured of either."""
    scanned(cut)
    half, full = (auralis("fingerprint", f"path:{name}", "--json").document["items"] for name in ("a_cut", "b_full"))
    assert [one["flags"] for one in half] == [["damaged"]]
    assert [one["flags"] for one in full] == [[]]


@pytest.mark.invariant("S1-M-12")
def test_a_copy_that_is_cut_or_damaged_is_not_the_one_to_keep(cut: Path) -> None:
    """✗ it is as good as the others, and the first by path."""
    data = bytearray((cut / "b_full.flac").read_bytes())
    there = len(data) * 3 // 4
    data[there : there + 4000] = np.random.default_rng(2).bytes(4000)
    (cut / "a_bad.flac").write_bytes(data)
    scanned(cut)
    (group,) = auralis("duplicates", "--json").document["groups"]
    keep, *others = group["tracks"]
    assert Path(keep["path"]).name == "b_full.flac"
    assert keep["reasons"][0] == "not damaged"
    assert {Path(one["path"]).name for one in others} == {"a_cut.flac", "a_bad.flac"}
    assert all(one["kind"] != "identical" for one in others)


@pytest.mark.invariant("S1-M-12")
def test_a_library_of_before_proofs_has_its_lookalikes_told_apart(music: Path, tmp_path: Path) -> None:
    """✗ figures that two files share since a look was taken for proof stay with both after the migration."""
    shutil.copy(music / "a.wav", music / "orig.wav")
    make_loud(music / "a.wav")
    scanned(music)
    loud, quiet = lufs("a.wav", "orig.wav")
    (library,) = tmp_path.rglob("library.db")
    with closing(sqlite3.connect(library)) as database, database:
        (quick,) = database.execute("SELECT content_id FROM files WHERE content_id NOT LIKE '%~%'").fetchone()
        database.execute("UPDATE files SET content_id = ?", (quick,))
        database.execute("UPDATE tracks SET content_key = ?", (quick,))
        database.execute("DROP TABLE audio_hashes")
        database.execute("DELETE FROM schema_versions WHERE version > 8")
        database.execute("PRAGMA user_version = 8")
    shared = set(lufs("a.wav", "orig.wav"))
    assert len(shared) == 1
    assert shared < {loud, quiet}
    scanned(music)
    assert lufs("a.wav", "orig.wav") == [loud, quiet]
