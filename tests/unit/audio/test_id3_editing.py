"""ID3 tags of every version changed frame by frame: what is not named stays the bytes it is."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from edited_files import OLD_TAG, bare, change, frame, id3_tag, mp3_with, values_of
from mutagen import id3

from auralis_cli.audio.tag_editing import change_raw_fields
from auralis_cli.audio.track_file import full_hash

_FRAMES_NOBODY_KNOWS = {
    "XYZW": b"\0what only its maker knows",
    "PRIV": b"owner\0\xff\xfe\0secret",
    "GEOB": b"\0a\0b\0c\0\1\2",
}
_POPM = b"somebody@example.org\0\xc4\0\0\0\x07"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("editing")


def test_frames_that_nobody_changes_stay_the_bytes_they_are(folder: Path, tmp_path: Path) -> None:
    packed = frame("TXXX", struct.pack(">I", 9) + zlib.compress(b"\3own\0kept"), flags=b"\0\x09")
    others = [frame(name, body) for name, body in _FRAMES_NOBODY_KNOWS.items()]
    others += [frame("POPM", _POPM), frame("TENC", b"\0Somebody"), packed, frame("COMM", b"\0eng" + b"other\0words")]
    path = mp3_with(folder, tmp_path, id3_tag(*others[:3], frame("TIT2", b"\3Old"), *others[3:]))
    assert change(path, "mp3", title=("New",), genre=("Rock", "Pop")) == ()
    data = path.read_bytes()
    assert all(data.count(other) == 1 for other in others)
    assert b"".join((others[2], frame("TIT2", b"\3New"), others[3])) in data
    assert values_of(path, "mp3") == {"title": ("New",), "genre": ("Rock", "Pop")}


@pytest.mark.parametrize("text", ["Plain", "Café", "日本語"])
def test_a_tag_of_version_2_3_stays_one_and_has_nothing_of_2_4(text: str, folder: Path, tmp_path: Path) -> None:
    path = mp3_with(folder, tmp_path, id3_tag(frame("TIT2", b"\0Old", 3), frame("POPM", _POPM, 3), version=3))
    changes = {"title": (text,), "artist": (text, "Two"), "mood": ("Calm",), "disc_title": (text,), "comment": (text,)}
    people = {"performer": ("P. Player (violin)", "Q. Player"), "producer": ("R. Producer",), "lyrics": (text,)}
    assert change(path, "mp3", **changes, **people, date=("1984-05-03",), original_date=("1979",)) == ()
    data = path.read_bytes()
    assert data[3] == 3
    assert not [name for name in (b"TDRC", b"TDOR", b"TMOO", b"TSST", b"TIPL", b"TMCL") if name in data[:4000]]
    tag: Any = id3.ID3(path, translate=False)
    assert (tag["TYER"].text, tag["TDAT"].text, tag["TORY"].text) == (["1984"], ["0305"], ["1979"])
    assert all(frame.encoding in (0, 1) for frame in tag.values() if hasattr(frame, "encoding"))
    dates = {"date": ("1984-05-03",), "original_date": ("1979",)}
    assert values_of(path, "mp3") == {**changes, **people, **dates}


@pytest.mark.parametrize("date", ["1984", "1984-05", "1984-05-03"])
def test_a_date_of_any_length_is_read_back_from_version_2_3(date: str, folder: Path, tmp_path: Path) -> None:
    old = id3_tag(
        frame("TYER", b"\x001970", 3), frame("TDAT", b"\x000101", 3), frame("TIME", b"\x001200", 3), version=3
    )
    path = mp3_with(folder, tmp_path, old)
    change(path, "mp3", date=(date,), original_date=(date,))
    assert values_of(path, "mp3") == {"date": (date,), "original_date": (date,)}
    change(path, "mp3", date=(), original_date=())
    assert b"ID3" not in path.read_bytes()


@pytest.mark.parametrize("oddity", ["2.2", "unsynchronised", "extended", "footer", "whole sizes"])
def test_oddly_stored_tags_are_followed(oddity: str, folder: Path, tmp_path: Path) -> None:
    title, artist = b"\3" + b"Old" * 60, b"\3Somebody"
    tag = {
        "2.2": b"ID3\2\0\0\0\0\0\x20" + b"TT2\0\0\4\0Old" + b"TP1\0\0\x09\0Somebody" + bytes(7),
        "unsynchronised": id3_tag(frame("TIT2", b"\1\xff\x00\xfeO\0l\0d\0"), frame("TPE1", artist), flags=0x80),
        "extended": id3_tag(b"\0\0\0\6\1\0", frame("TIT2", title), frame("TPE1", artist), flags=0x40),
        "footer": id3_tag(frame("TIT2", title), frame("TPE1", artist), flags=0x10),
        "whole sizes": id3_tag(frame("TIT2", title, 3), frame("TPE1", artist, 3)),
    }[oddity]
    foot = b"3DI" + tag[3:10] if oddity == "footer" else b""
    path = mp3_with(folder, tmp_path, tag + foot)
    audio = full_hash(str(path))
    change(path, "mp3", title=("New",))
    assert values_of(path, "mp3") == {"title": ("New",), "artist": ("Somebody",)}
    assert full_hash(str(path)) == audio
    assert str(id3.ID3(path)["TPE1"]) == "Somebody"


def test_a_tag_cut_into_a_hundred_thousand_pieces_is_refused_at_once(folder: Path, tmp_path: Path) -> None:
    pieces = frame("XXXX", b"") * 100_000
    path = mp3_with(folder, tmp_path, id3_tag(pieces, b"\xff" * 20))
    with path.open("r+b") as file, pytest.raises(ValueError, match="cut into"):
        change_raw_fields(file, "mp3", {"title": ("New",)})


def test_the_old_tag_at_the_end_is_kept_in_step_and_never_made(folder: Path, tmp_path: Path) -> None:
    path = mp3_with(folder, tmp_path, back=OLD_TAG)
    assert values_of(path, "mp3")["comment"] == ("Old comment",)
    change(path, "mp3", title=("A title of more than the thirty letters there are",), genre=("Jazz",), track=("9",))
    old = path.read_bytes()[-128:]
    assert old[:33] == b"TAGA title of more than the thirt"
    assert (old[33:43], old[126], old[127]) == (b"Old artist", 9, 8)
    # The new tag says what the old one said, for readers who find it look no further.
    assert str(id3.ID3(path, load_v1=False)["TPE1"]) == "Old artist"
    change(path, "mp3", title=(), artist=(), comment=(), date=(), genre=(), track=())
    assert path.read_bytes()[-128:].strip(b"\0") == b"TAG" + bytes(124) + b"\xff"
    assert values_of(path, "mp3") == {}
    new = bare(folder, "mp3", tmp_path)
    change(new, "mp3", title=("New",))
    assert new.read_bytes()[-128:-125] != b"TAG"
