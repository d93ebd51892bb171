"""`scan --fingerprint`, then `master`: what was measured is not measured again, and nobody hears a difference."""

from __future__ import annotations

import shutil
from pathlib import Path

import demo_piece
import pytest
import soundfile
from command_line import Finished, auralis

RATE = 44_100


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Three tracks and their library."""
    home = tmp_path_factory.mktemp("scanned")
    piece, music = demo_piece.compose(), home / "music"
    music.mkdir()
    for number, name in enumerate(("one.flac", "two.wav", "three.ogg")):
        start = number * RATE
        soundfile.write(music / name, 0.4 * piece[start : start + 4 * RATE], RATE)
    done = auralis("--library", home / "library.db", "scan", music, "--fingerprint", "-j", "1", "-q")
    assert done.code == 0, done
    return home / "library.db", music


def origins(done: Finished) -> list[str]:
    assert done.code == 0, done
    return [item["analysis"] for item in done.document["items"]]


def test_a_batch_is_the_same_to_the_last_byte_with_the_library_and_without(
    scanned: tuple[Path, Path], tmp_path: Path
) -> None:
    library, music = scanned
    with_it = auralis("--library", library, "master", music, "--out-dir", tmp_path / "with", "-j", "2", "--json")
    without = auralis(
        "--library", tmp_path / "none.db", "master", music, "--out-dir", tmp_path / "without", "-j", "1", "--json"
    )
    assert origins(with_it) == ["stored"] * 3
    assert origins(without) == ["measured"] * 3
    for name in ("one.flac", "two.flac", "three.flac"):
        assert (tmp_path / "with" / name).read_bytes() == (tmp_path / "without" / name).read_bytes()
    for known, unknown in zip(with_it.document["items"], without.document["items"], strict=True):
        for key in ("input", "output", "plan", "limited_by", "gain_db", "gain_reduction_db", "warnings"):
            assert known[key] == unknown[key]


@pytest.mark.parametrize("dry_run", [[], ["-n"]])
def test_one_track_says_by_what_analysis_it_was_planned(
    dry_run: list[str], scanned: tuple[Path, Path], tmp_path: Path
) -> None:
    library, music = scanned
    names = [music / "one.flac", tmp_path / "out.flac"]
    known = auralis("--library", library, "master", *names, "--json", *dry_run).document
    assert known["analysis"] == "stored"
    if not dry_run:
        again = auralis("--library", library, "master", *names, "--force")
        assert again.err.rstrip().endswith("; the library had measured it")
    names[1] = tmp_path / "again.flac"
    unknown = auralis("--library", tmp_path / "none.db", "master", *names, "--json", *dry_run).document
    assert unknown["analysis"] == "measured"
    assert known["plan"] == unknown["plan"]


def test_the_explanation_says_so_alone_and_in_a_batch(scanned: tuple[Path, Path], tmp_path: Path) -> None:
    library, music = scanned
    said = "from the library, which has measured these very samples"
    alone = auralis("--library", library, "master", music / "one.flac", tmp_path / "one.flac", "--explain")
    many = auralis("--library", library, "master", music, "--out-dir", tmp_path / "all", "--explain")
    unknown = auralis(
        "--library", tmp_path / "none.db", "master", music / "one.flac", tmp_path / "two.flac", "--explain"
    )
    assert (alone.out.count(said), many.out.count(said), unknown.out.count(said)) == (1, 3, 0)


def test_a_query_is_mastered_and_recommended_from_the_library(scanned: tuple[Path, Path], tmp_path: Path) -> None:
    library, _ = scanned
    done = auralis("--library", library, "master", "title:t", "--out-dir", tmp_path / "out", "-n", "--json")
    assert origins(done) == ["stored"] * 2
    assert origins(auralis("--library", library, "recommend", "title:t", "--json")) == ["stored"] * 2


def test_a_file_edited_since_the_scan_is_measured_anew(scanned: tuple[Path, Path], tmp_path: Path) -> None:
    library, music = scanned
    edited = tmp_path / "two.wav"
    shutil.copy(music / "two.wav", edited)
    with edited.open("r+b") as file:
        # A few samples where no content id looks.
        file.seek(200_000)
        file.write(bytes(400))
    done = auralis("--library", library, "master", edited, tmp_path / "out.flac", "--json")
    assert done.document["analysis"] == "measured"
