"""Tags changed in place: the fields named, wherever the file has them, and not a byte of anything else."""

from __future__ import annotations

import io
import os
import shutil
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest
import wav_bytes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutagen import id3
from mutagen.apev2 import APEv2
from mutagen.flac import FLAC
from mutagen.mp4 import MP4
from mutagen.ogg import OggPage
from mutagen.oggvorbis import OggVorbis
from tagged_files import COVER, NEEDS_FFMPEG, SOURCES, encoded

from auralis_cli.audio.probe import sniff
from auralis_cli.audio.tag_editing import TagsEdit, change_raw_fields, change_tag_values, read_file_tags
from auralis_cli.audio.tag_reading import UNREADABLE
from auralis_cli.audio.tag_set import TagSet
from auralis_cli.audio.tags import copy_tags
from auralis_cli.audio.track_file import full_hash
from auralis_cli.errors import InputError, UnsupportedError
from auralis_cli.model.tag_edits import TagAction, TagEdit
from auralis_cli.model.tag_fields import TAG_FIELDS, TagKind

_ODD_FILES = os.environ.get("AURALIS_ODD_FILES")
_FRAMES_NOBODY_KNOWS = {
    "XYZW": b"\0what only its maker knows",
    "PRIV": b"owner\0\xff\xfe\0secret",
    "GEOB": b"\0a\0b\0c\0\1\2",
}
_POPM = b"somebody@example.org\0\xc4\0\0\0\x07"
_OLD_TAG = b"TAG" + b"Old title".ljust(30, b"\0") + b"Old artist".ljust(30, b"\0") + bytes(30) + b"1980"
_OLD_TAG = (_OLD_TAG + b"Old comment".ljust(28, b"\0") + b"\0\x03\x11").ljust(128, b"\0")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("editing")


def bare(folder: Path, name: str, tmp_path: Path) -> Path:
    """An untagged file of that kind."""
    made = folder / f"bare-{name}"
    if not made.exists():
        SOURCES[name].make(made)
    return Path(shutil.copy(made, tmp_path / f"a.{name}"))


def tagged(folder: Path, name: str, tmp_path: Path) -> Path:
    path = bare(folder, name, tmp_path)
    SOURCES[name].tag(path)
    return path


def change(path: Path, key: str, /, **changes: tuple[str, ...]) -> tuple[str, ...]:
    with path.open("r+b") as file:
        return change_tag_values(file, key, changes)


def values_of(path: Path, key: str) -> dict[str, tuple[str, ...]]:
    with path.open("rb") as file:
        return dict(read_file_tags(file, key).values)


def frame(name: str, body: bytes, version: int = 4, flags: bytes = b"\0\0") -> bytes:
    bits = 7 if version == 4 else 8
    return name.encode() + bytes(len(body) >> bits * place & (1 << bits) - 1 for place in (3, 2, 1, 0)) + flags + body


def id3_tag(*frames: bytes, version: int = 4, flags: int = 0, padding: int = 0) -> bytes:
    body = b"".join(frames) + bytes(padding)
    return b"ID3" + bytes([version, 0, flags, *(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))]) + body


def mp3_with(folder: Path, tmp_path: Path, front: bytes = b"", back: bytes = b"") -> Path:
    path = bare(folder, "mp3", tmp_path)
    path.write_bytes(front + path.read_bytes() + back)
    return path


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
    path = mp3_with(folder, tmp_path, back=_OLD_TAG)
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


def test_id3_and_ape_in_one_file_are_changed_alike(folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, "mp3", tmp_path)
    ape = APEv2()
    ape["Title"], ape["Track"], ape["mp3gain_minmax"], ape["Own"] = "Old", "1/9", "060,190", "kept"
    ape.save(path)
    path.write_bytes(path.read_bytes() + _OLD_TAG)
    audio = full_hash(str(path))
    change(path, "mp3", title=("New",), track=("4",), album=("Of ID3 only",))
    found = dict(APEv2(io.BytesIO(path.read_bytes())))
    assert {name: str(value) for name, value in found.items()} == {
        "Title": "New", "Track": "4/12", "mp3gain_minmax": "060,190", "Own": "kept"
    }  # fmt: skip
    assert (str(id3.ID3(path)["TIT2"]), str(id3.ID3(path)["TALB"])) == ("New", "Of ID3 only")
    assert path.read_bytes()[-128:][3:33].rstrip(b"\0") == b"New"
    assert full_hash(str(path)) == audio


def test_a_file_with_an_ape_tag_alone_gets_no_other(folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, "mp3-ape", tmp_path)
    change(path, "mp3", title=("New",))
    assert path.read_bytes()[:3] != b"ID3"
    assert APEv2(path)["Title"] == "New"
    assert COVER in path.read_bytes()


def test_a_new_tag_is_not_made_for_gains_alone_to_hide_what_others_say(folder: Path, tmp_path: Path) -> None:
    path = mp3_with(folder, tmp_path)
    ape = APEv2()
    ape["mp3gain_minmax"] = "060,190"
    ape.save(path)
    change(path, "mp3", title=("New",))
    assert str(id3.ID3(path)["TIT2"]) == "New"
    assert list(APEv2(path)) == ["mp3gain_minmax"]


def test_what_stands_behind_and_before_an_ape_tag_stays(folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, "mp3-ape", tmp_path)
    lyrics = b"LYRICSBEGININD0000200" + b"000021" + b"LYRICS200"
    path.write_bytes(path.read_bytes() + lyrics + _OLD_TAG)
    change(path, "mp3", composer=("Somebody else",))
    assert path.read_bytes().endswith(lyrics + _OLD_TAG)
    assert values_of(path, "mp3")["composer"] == ("Somebody else",)


def wav_with(path: Path, *chunks: bytes) -> Path:
    path.write_bytes(wav_bytes.wav(bytes(4 * 4801), after=b"".join(chunks)))
    return path


def info(**texts: bytes) -> bytes:
    entries = b"".join(wav_bytes.chunk(name.encode(), text) for name, text in texts.items())
    return wav_bytes.chunk(b"LIST", b"INFO" + entries)


def test_list_info_of_a_wav_file_is_kept_in_step_with_id3(tmp_path: Path) -> None:
    before = info(INAM=b"Old\0", IART=b"Somebody\0", ITRK=b"3\0", ISFT=b"An editor\0")
    path = wav_with(tmp_path / "a.wav", before, wav_bytes.chunk(b"bext", b"kept" * 9))
    audio = full_hash(str(path))
    change(path, "wav", title=("New",), albumartist=("Various",))
    data = path.read_bytes()
    assert b"INAM\x04\0\0\0New\0" in data
    assert b"IART\x09\0\0\0Somebody" in data
    assert b"kept" * 9 in data
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    # ID3 came into being, and says what INFO says.
    assert values_of(path, "wav") == {
        "title": ("New",), "artist": ("Somebody",), "albumartist": ("Various",), "track": ("3",)
    }  # fmt: skip
    assert full_hash(str(path)) == audio
    change(path, "wav", title=(), artist=(), track=(), albumartist=())
    assert (values_of(path, "wav"), b"INAM" in path.read_bytes()) == ({}, False)
    assert b"ISFT\x0a\0\0\0An editor" in path.read_bytes()


@pytest.mark.parametrize("behind", [b"", b"\0", b"garbage that is no chunk at all", _OLD_TAG])
def test_what_stands_behind_the_chunks_of_a_wav_file_stays_there(behind: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes.wav(bytes(4 * 4801), after=info(INAM=b"Old\0")) + behind)
    audio = full_hash(str(path))
    for title in ("New", "A longer one" * 50, "Short"):
        change(path, "wav", title=(title,))
        assert values_of(path, "wav") == {"title": (title,)}
    data = path.read_bytes()
    assert data.endswith(behind)
    assert int.from_bytes(data[4:8], "little") == len(data) - 8 - len(behind)
    assert full_hash(str(path)) == audio
    change(path, "wav", title=())
    assert path.read_bytes() == wav_bytes.wav(bytes(4 * 4801)) + behind


def test_a_wav_file_whose_chunks_do_not_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes.wav(bytes(400), data_size=100_000))
    with pytest.raises(ValueError, match="do not end where the file does"):
        change(path, "wav", title=("New",))


def test_text_chunks_of_an_aiff_file_are_kept_in_step_with_id3(tmp_path: Path) -> None:
    path = tmp_path / "a.aiff"
    encoded("AIFF", "PCM_16")(path)
    data = path.read_bytes()
    texts = b"NAME\0\0\0\3Old\0" + b"ANNO\0\0\0\4Said" + b"ANNO\0\0\0\5Again\0"
    path.write_bytes(data[:4] + (len(data) + len(texts) - 8).to_bytes(4, "big") + data[8:] + texts)
    audio = full_hash(str(path))
    assert values_of(path, "aiff") == {"title": ("Old",), "comment": ("Said", "Again")}
    change(path, "aiff", title=("New",), comment=("Once",))
    data = path.read_bytes()
    assert b"NAME\0\0\0\3New\0" in data
    assert data.count(b"ANNO") == 1
    assert values_of(path, "aiff") == {"title": ("New",), "comment": ("Once",)}
    assert full_hash(str(path)) == audio


def test_padding_is_used_up_before_a_flac_file_grows(folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, "flac", tmp_path)
    change(path, "flac", title=("Makes room",))
    before = path.read_bytes()
    change(path, "flac", title=("A title that takes somewhat more room",))
    after = path.read_bytes()
    assert len(after) == len(before)
    assert after[-2000:] == before[-2000:]
    change(path, "flac", comment=("x" * 100_000,))
    assert len(path.read_bytes()) > len(before)
    found = FLAC(path)
    assert (found["comment"], found.pictures[0].data) == (["x" * 100_000], COVER)


@pytest.mark.parametrize("name", ["mp3", "flac", "ogg", "opus"])
def test_a_file_whose_tags_have_room_keeps_its_size(name: str, folder: Path, tmp_path: Path) -> None:
    path = bare(folder, name, tmp_path)
    change(path, name, title=("A title",))
    size = path.stat().st_size
    change(path, name, title=("Another title, and a longer one",), genre=("Rock",))
    assert path.stat().st_size == size


def test_comments_by_other_names_and_what_is_no_utf_8_stay(folder: Path, tmp_path: Path) -> None:
    path = bare(folder, "flac", tmp_path)
    change(path, "flac", title=("????",), artist=("Somebody",), mood=("Calm",))
    data = path.read_bytes()
    path.write_bytes(data.replace(b"TITLE=????", b"OWN=caf\xe9=\xff").replace(b"MOOD=Calm", b"no equals"))
    change(path, "flac", artist=("Somebody else",))
    assert b"OWN=caf\xe9=\xff" in path.read_bytes()
    assert b"no equals" in path.read_bytes()
    assert b"ARTIST=Somebody else" in path.read_bytes()


def test_a_vorbis_field_is_changed_by_whatever_name_it_has(folder: Path, tmp_path: Path) -> None:
    path = bare(folder, "flac", tmp_path)
    file: Any = FLAC(path)
    file.tags.extend([("Year", "1998"), ("TrackNumber", "3/12"), ("totaldiscs", "2"), ("DESCRIPTION", "Said")])
    file.save()
    change(path, "flac", date=("1999",), track=("4",), disc=("1",), comment=("Said again",))
    changed: Any = FLAC(path)
    assert list(changed.tags) == [
        ("Year", "1999"), ("TrackNumber", "4/12"), ("totaldiscs", "2"), ("DESCRIPTION", "Said again"),
        ("DISCNUMBER", "1"),
    ]  # fmt: skip


def test_an_id3_tag_before_a_flac_stream_is_changed_too(folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, "flac", tmp_path)
    path.write_bytes(id3_tag(frame("TIT2", b"\3Old"), frame("TPE2", b"\3Kept")) + path.read_bytes())
    change(path, "flac", title=("New",), genre=("Rock",))
    data = path.read_bytes()
    assert frame("TIT2", b"\3New") + frame("TPE2", b"\3Kept") in data
    assert b"TCON" not in data[: data.index(b"fLaC")]
    assert FLAC(path)["title"] == ["New"]


@NEEDS_FFMPEG
@pytest.mark.parametrize("name", ["oggflac", "ogg", "opus", "spx"])
def test_ogg_pages_are_counted_on_when_comments_grow_and_shrink(name: str, folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, name, tmp_path)
    audio = full_hash(str(path))
    for text in ("x" * 300_000, "short", "y" * 70_000):
        change(path, SOURCES[name].key, comment=(text,))
        data, numbers, place = path.read_bytes(), [], 0
        while place < len(data):
            assert data[place : place + 4] == b"OggS"
            numbers.append(int.from_bytes(data[place + 18 : place + 22], "little"))
            segments = data[place + 27 : place + 27 + data[place + 26]]
            place += 27 + len(segments) + sum(segments)
        assert numbers == list(range(len(numbers)))
        assert values_of(path, SOURCES[name].key)["comment"] == (text,)
        assert full_hash(str(path)) == audio
    command = ("ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-")
    assert subprocess.run(command, check=True, capture_output=True).stderr == b""


def test_bytes_that_opus_keeps_behind_its_comments_stay(folder: Path, tmp_path: Path) -> None:
    path = bare(folder, "opus", tmp_path)
    change(path, "opus", title=("Old title",))
    data = path.read_bytes()
    at = data.index(b"TITLE=Old title") + len(b"TITLE=Old title")
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\1binary that is kept")
    # The checksum of the page is stated anew.
    with path.open("r+b") as file:
        OggPage(file)
        offset = file.tell()
        page = OggPage(file)
        file.seek(offset)
        file.write(page.write())
    change(path, "opus", title=("A new title that is longer than the old one",))
    assert b"\1binary that is kept" in path.read_bytes()


@NEEDS_FFMPEG
@pytest.mark.parametrize("flags", [(), ("-movflags", "+faststart")])
def test_an_mp4_file_finds_its_sound_when_its_tags_grow(flags: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "a.m4a"
    tone = ("-f", "lavfi", "-i", "sine=frequency=400:duration=2")
    subprocess.run(["ffmpeg", "-v", "error", *tone, *flags, str(path)], check=True)
    file: Any = MP4(path)
    file["pgap"], file["rtng"], file["©too"] = True, [1], ["An encoder"]
    file["----:com.apple.iTunes:iTunSMPB"] = [b" 00000000 00000840"]
    file.save()
    audio = full_hash(str(path))
    change(path, "m4a", lyrics=("x" * 200_000,), title=("New",), track=("3",), disc_total=("2",))
    assert full_hash(str(path)) == audio
    found: Any = MP4(path)
    assert (found["pgap"], found["rtng"], found["©too"]) == (True, [1], ["An encoder"])
    assert bytes(found["----:com.apple.iTunes:iTunSMPB"][0]) == b" 00000000 00000840"
    assert (found["trkn"], found["disk"]) == ([(3, 0)], [(0, 2)])
    assert subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-f", "null", "-"]).returncode == 0


def test_raw_fields_keep_the_spelling_that_is_there_and_take_the_one_given(folder: Path, tmp_path: Path) -> None:
    gains = {"replaygain_track_gain": ("-7.00 dB",), "REPLAYGAIN_ALBUM_GAIN": ("-6.00 dB",)}
    mp3 = mp3_with(
        folder, tmp_path, id3_tag(frame("TXXX", b"\3Replaygain_Track_Gain\0-1 dB"), frame("RVA2", b"x\0\1\0\0\0"))
    )
    with mp3.open("r+b") as file:
        change_raw_fields(file, "mp3", {**gains, "rva2": ()})
    tag = id3.ID3(mp3)
    assert [(each.desc, each.text) for each in tag.getall("TXXX")] == [
        ("replaygain_track_gain", ["-7.00 dB"]), ("REPLAYGAIN_ALBUM_GAIN", ["-6.00 dB"])
    ]  # fmt: skip
    assert not tag.getall("RVA2")
    ogg = bare(folder, "ogg", tmp_path)
    with ogg.open("r+b") as file:
        change_raw_fields(file, "ogg", gains)
        change_raw_fields(file, "ogg", {"REPLAYGAIN_TRACK_GAIN": ("-8.00 dB",)})
    found: Any = OggVorbis(ogg)
    assert [pair for pair in found.tags if "gain" in pair[0].lower()] == [
        ("replaygain_track_gain", "-8.00 dB"), ("REPLAYGAIN_ALBUM_GAIN", "-6.00 dB")
    ]  # fmt: skip


@pytest.mark.invariant("S1-M-22")
@pytest.mark.parametrize("name", ["id", "_meta", "__class__", "save", "path", "rating", "replaygain_track_gain"])
def test_no_name_but_one_of_the_table_is_changed(name: str, folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, "flac", tmp_path)
    before = path.read_bytes()
    with pytest.raises(KeyError):
        change(path, "flac", **{name: ("x",)})
    assert path.read_bytes() == before


def test_edits_are_done_in_order_to_what_the_file_says(folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, "flac", tmp_path)
    edits = (
        TagEdit("genre", TagAction.ADD, ("Live", "Jazz")),
        TagEdit("genre", TagAction.REMOVE, ("weird",)),
        TagEdit("title", TagAction.SET, ("New",)),
        TagEdit("mood", TagAction.REMOVE),
    )
    with path.open("r+b") as file:
        assert TagsEdit(edits).apply(file, "flac") == ()
        before = path.read_bytes()
        assert TagsEdit(edits).apply(file, "flac") == ()
    assert path.read_bytes() == before
    found = values_of(path, "flac")
    assert (found["genre"], found["title"], "mood" in found) == (("Jazz", "Live"), ("New",), False)


def test_an_edit_that_a_format_cannot_hold_says_why_in_one_line(folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, "mp3", tmp_path)
    edit = TagsEdit((TagEdit("genre", TagAction.ADD, ("17",)),))
    with path.open("r+b") as file, pytest.raises(UnsupportedError, match="no genre that is a number") as caught:
        edit.apply(file, "mp3")
    assert "\n" not in str(caught.value)


def test_tags_changed_here_go_along_when_music_is_mastered(folder: Path, tmp_path: Path) -> None:
    source, result = wav_with(tmp_path / "in.wav", info(IART=b"Somebody\0")), tmp_path / "out.flac"
    change(source, "wav", title=("New",))
    encoded("FLAC", "PCM_16")(result)
    assert copy_tags(source, result) == ()
    assert (FLAC(result)["title"], FLAC(result)["artist"]) == (["New"], ["Somebody"])


_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=40).map(str.strip)
_ONES = [field.name for field in TAG_FIELDS if field.kind is TagKind.TEXT and field.name not in ("website", "license")]
_SEVERAL = {field.name for field in TAG_FIELDS if field.is_several} - {"genre"}


def some_values(name: str) -> st.SearchStrategy[tuple[str, ...]]:
    most = 4 if name in _SEVERAL else 1
    return st.lists(_TEXTS.filter(bool), max_size=most, unique=True).map(tuple)


_CHANGES = st.lists(st.sampled_from(sorted({*_ONES} - {"genre", "performer"})).flatmap(
    lambda name: st.tuples(st.just(name), some_values(name))), min_size=1, max_size=6)  # fmt: skip


@pytest.mark.parametrize("name", ["mp3", "flac", "ogg", "wv", "wav", "m4a", "dsf"])
@NEEDS_FFMPEG
@given(steps=_CHANGES)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_says_what_it_was_made_to_say_whatever_came_before(
    name: str, steps: list[tuple[str, tuple[str, ...]]], folder: Path, tmp_path: Path
) -> None:
    path = bare(folder, name, tmp_path)
    audio, expected = full_hash(str(path)), values_of(path, SOURCES[name].key)
    for field, texts in steps:
        change(path, SOURCES[name].key, **{field: texts})
        expected = {**expected, field: texts}
        found = values_of(path, SOURCES[name].key)
        assert found == {known: said for known, said in expected.items() if said}
    assert full_hash(str(path)) == audio


def test_the_tags_of_two_places_say_together_what_one_does_not() -> None:
    first, second = TagSet([("title", "A")]), TagSet([("Title", "B"), ("year", "1999")])
    first.add_unsaid(second)
    assert first.fields == [("title", "A"), ("date", "1999")]


@pytest.mark.skipif(not _ODD_FILES, reason="needs a folder of odd audio files: set AURALIS_ODD_FILES")
def test_every_odd_file_takes_a_title_and_nothing_else_or_is_refused(tmp_path: Path) -> None:
    changed = 0
    for source in sorted(Path(_ODD_FILES or ".").rglob("*")):
        if not source.is_file():
            continue
        path = Path(shutil.copy(source, tmp_path / "copy"))
        try:
            audio = full_hash(str(path))
        except InputError:
            continue
        with path.open("r+b") as file:
            key = sniff(path, file.fileno()).format.key
            try:
                before = read_file_tags(file, key)
                change_tag_values(file, key, {"title": ("Neuer Τίτλος",)})
            except (*UNREADABLE, UnsupportedError):
                continue
            after = read_file_tags(file, key)
        assert dict(after.values) == {**before.values, "title": ("Neuer Τίτλος",)}, source
        assert (after.others, after.pictures) == (before.others, before.pictures), source
        assert full_hash(str(path)) == audio, source
        changed += 1
    assert changed > 150
