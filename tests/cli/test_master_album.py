"""`auralis master --album`: what is one album, in what order, and what is shown of it."""

from __future__ import annotations

import json
from pathlib import Path

import demo_piece
import numpy as np
import pytest
import soundfile
from command_line import auralis
from mutagen.flac import FLAC
from numpy.typing import NDArray

RATE = 44_100


@pytest.fixture(scope="module")
def piece() -> NDArray[np.float32]:
    return np.clip(demo_piece.compose()[5 * RATE : 13 * RATE], -1.0, 1.0).astype(np.float32)


def track(path: Path, piece: NDArray[np.float32], number: int, **tags: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, piece[number * RATE : number * RATE + RATE * 3 // 2], RATE, subtype="PCM_16")
    if tags:
        file = FLAC(path)
        file.update(tags)
        file.save()
    return path


def test_albums_are_told_by_tags_and_come_in_the_order_of_their_tracks(
    piece: NDArray[np.float32], tmp_path: Path
) -> None:
    """Kills: tracks in the order of their names, albums taken together."""
    music = tmp_path / "music"
    for number, name in enumerate(("z opening", "m middle", "a closing"), 1):
        tags = {"album": "Night", "albumartist": "Us", "tracknumber": str(number), "title": name}
        track(music / f"{name}.flac", piece, number, **tags)
    for number, name in enumerate(("other 10.wav", "other 9.wav")):
        track(music / name, piece, number + 3)
    done = auralis("master", "--album", "--out-dir", tmp_path / "out", "--json", "-j", "2", "--loudness", "-20", music)
    assert done.code == 0, done
    items = done.document["items"]
    order = ["z opening", "m middle", "a closing", "other 9", "other 10"]
    assert [Path(one["path"]).stem for one in items] == order
    assert [(one["album"]["title"], one["album"]["number"], one["album"]["tracks"]) for one in items] == [
        *(("Night", number, 3) for number in (1, 2, 3)),
        *(("music", number, 2) for number in (1, 2)),
    ]
    assert all(one["album"]["integrated_lufs"] == pytest.approx(-20.0, abs=0.05) for one in items)
    assert len({one["gain_db"] for one in items}) == 2
    assert FLAC(tmp_path / "out" / "m middle.flac")["title"] == ["m middle"]
    assert "5 of 5 done" in done.err
    again = auralis("master", "--album", "--out-dir", tmp_path / "out", "--json", "--loudness", "-20", music)
    assert [one["skipped"] for one in again.document["items"]] == [True] * 5


def test_a_track_that_cannot_be_read_fails_its_album_and_no_other(piece: NDArray[np.float32], tmp_path: Path) -> None:
    for number in (1, 2):
        track(tmp_path / "in" / "A" / f"{number}.flac", piece, number, album="A", tracknumber=str(number))
        track(tmp_path / "in" / "B" / f"{number}.flac", piece, number, album="B", tracknumber=str(number))
    (tmp_path / "in" / "A" / "3.flac").write_bytes(b"fLaC" + bytes(100))
    done = auralis("master", "--album", "--out-dir", tmp_path / "out", "--jsonl", tmp_path / "in")
    assert done.code == 3, done
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert [Path(one["path"]).name for one in lines] == ["A", "1.flac", "2.flac"]
    assert lines[0]["error"]["code"] == "unreadable"
    (said,) = [line for line in done.err.splitlines() if "3.flac" in line]
    assert "nothing of the album A is written" in said
    assert sorted(path.name for path in (tmp_path / "out").rglob("*.*")) == ["1.flac", "2.flac"]


def test_the_tracks_of_a_sheet_are_an_album(piece: NDArray[np.float32], tmp_path: Path) -> None:
    soundfile.write(tmp_path / "side.wav", piece, RATE, subtype="PCM_16")
    sheet = tmp_path / "side.cue"
    sheet.write_text(
        'TITLE "Side"\nPERFORMER "Us"\nFILE "side.wav" WAVE\n'
        "  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n  TRACK 02 AUDIO\n    INDEX 01 00:03:37\n"
    )
    done = auralis("master", "--album", "--out-dir", tmp_path / "out", "--to", "wav", sheet)
    assert done.code == 0, done
    assert "Side: 2 tracks as one" in done.err
    frames = [soundfile.info(path).frames for path in sorted((tmp_path / "out").iterdir())]
    assert sum(frames) == len(piece)


def test_an_album_needs_a_folder_for_its_files(tmp_path: Path) -> None:
    done = auralis("master", "--album", tmp_path / "in.flac", tmp_path / "out.flac")
    assert done.code == 2
    assert "--album: makes a file of every track (give --out-dir for them)" in done.err


def test_a_dry_run_tells_the_plan_of_an_album_once(piece: NDArray[np.float32], tmp_path: Path) -> None:
    for number in (1, 2):
        track(tmp_path / "in" / f"{number}.wav", piece, number)
    done = auralis("master", "--album", "-n", "--explain", "--out-dir", tmp_path / "out", tmp_path / "in")
    assert done.code == 0, done
    assert done.out.count("(predicted)") == 2
    assert done.out.count("level ") == 1
    assert not (tmp_path / "out").exists()
