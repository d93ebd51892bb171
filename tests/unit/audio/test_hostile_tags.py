"""Whatever stands where tags should be: the master is finished, and one line says what was left out."""

from __future__ import annotations

import os
import struct
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutagen import id3
from mutagen.flac import FLAC, Picture
from mutagen.mp3 import MP3
from mutagen.oggopus import OggOpus
from tagged_files import NEEDS_FFMPEG, SOURCES, WRITTEN, encoded

from auralis_cli.audio.tag_set import TagSet, listed
from auralis_cli.audio.tags import copy_tags

_ODD_FILES = os.environ.get("AURALIS_ODD_FILES")
_RESULTS = ("flac", "mp3", "opus", "wav")
_TITLE = "[red]\x1b]0;x\x07\n/etc/passwd"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


def fresh(tmp_path: Path, name: str, stem: str = "out") -> Path:
    path = tmp_path / f"{stem}.{name}"
    WRITTEN[name](path)
    return path


def flac_saying(path: Path, **fields: str) -> Path:
    encoded("FLAC", "PCM_16")(path)
    file = FLAC(path)
    for name, value in fields.items():
        file[name] = [value]
    file.save()
    return path


def mp3_with(path: Path, tag: bytes) -> Path:
    encoded("MP3", "MPEG_LAYER_III")(path)
    path.write_bytes(tag + path.read_bytes())
    return path


def id3_tag(*frames: bytes, version: int = 4) -> bytes:
    body = b"".join(frames)
    size = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3" + bytes([version, 0, 0]) + size + body


def frame(name: bytes, body: bytes, flags: int = 0) -> bytes:
    size = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return name + size + struct.pack(">H", flags) + body


def assert_lines(lines: tuple[str, ...]) -> None:
    """Warnings are lines a terminal can be shown."""
    assert all(line.isprintable() and len(line) < 1000 for line in lines)


@pytest.mark.parametrize("result", _RESULTS)
def test_a_title_of_ten_megabytes_is_left_out_and_said_so(result: str, tmp_path: Path) -> None:
    source = flac_saying(tmp_path / "in.flac", title="t" * 10_000_000, artist="Somebody")
    destination = fresh(tmp_path, result)
    assert copy_tags(source, destination) == ("tags too long to be kept were left out: title",)
    assert destination.stat().st_size < 1_000_000
    back = fresh(tmp_path, "flac", "back")
    assert copy_tags(destination, back) == ()
    assert FLAC(back)["artist"] == ["Somebody"]


def test_five_thousand_titles_are_taken_up_to_what_a_flac_file_holds(tmp_path: Path) -> None:
    source = fresh(tmp_path, "opus")
    file = OggOpus(source)
    file["title"] = ["x" * 2000] * 5000
    file.save()
    destination = fresh(tmp_path, "flac")
    assert copy_tags(source, destination) == ("tags too long to be kept were left out: title",)
    assert 4000 < len(FLAC(destination)["title"]) < 5000


@pytest.mark.parametrize("result", _RESULTS)
def test_controls_are_taken_out_and_newlines_stay(result: str, tmp_path: Path) -> None:
    source = flac_saying(tmp_path / "in.flac", title=_TITLE, artist="One\0Two", comment="a\r\nb", album="fine\0\0")
    destination = fresh(tmp_path, result)
    warnings = copy_tags(source, destination)
    assert warnings == ("characters that are no text were taken out of tags: title, artist",)
    back = fresh(tmp_path, "flac", "back")
    assert copy_tags(destination, back) == ()
    found = FLAC(back)
    assert found["title"] == ["[red] ]0;x \n/etc/passwd"]
    assert found["artist"] == ["One Two"]
    assert found["comment"] == ["a\r\nb"]
    assert found["album"] == ["fine"]


def test_id3_frames_with_controls_are_not_handed_on_as_they_are(tmp_path: Path) -> None:
    source = mp3_with(tmp_path / "in.mp3", id3_tag(frame(b"TIT2", b"\3" + _TITLE.encode())))
    destination = fresh(tmp_path, "mp3")
    assert copy_tags(source, destination) == ("characters that are no text were taken out of tags: title",)
    assert "\x1b" not in str(id3.ID3(destination)["TIT2"])


@pytest.mark.parametrize("result", _RESULTS)
def test_bytes_that_are_no_utf_8_become_a_sign_for_that(result: str, tmp_path: Path) -> None:
    source = flac_saying(tmp_path / "in.flac", title="????", artist="Somebody")
    source.write_bytes(source.read_bytes().replace(b"title=????", b"title=\xff\xfe\xc3("))
    destination = fresh(tmp_path, result)
    assert_lines(copy_tags(source, destination))
    back = fresh(tmp_path, "flac", "back")
    copy_tags(destination, back)
    assert FLAC(back)["title"] == ["\ufffd\ufffd\ufffd("]


def test_names_that_are_no_unicode_are_written_without_what_is_not(tmp_path: Path) -> None:
    destination = fresh(tmp_path, "flac")
    # As a cue sheet that is not UTF-8 would give them.
    warnings = copy_tags(None, destination, (("title", "caf\udce9"),))
    assert FLAC(destination)["title"] == ["caf?"]
    assert len(warnings) == 1


@pytest.mark.parametrize("result", _RESULTS)
def test_damaged_frames_are_named_and_the_others_taken(result: str, tmp_path: Path) -> None:
    tag = id3_tag(
        frame(b"TIT2", b"\1\xff\xfe\x00\xd8"),  # half of a pair
        frame(b"TALB", b"\3Al\xffbum"),  # said to be UTF-8
        frame(b"TPE1", b"\3Somebody"),
        frame(b"XYZ1", b"unheard of"),
    )
    destination = fresh(tmp_path, result)
    warnings = copy_tags(mp3_with(tmp_path / "in.mp3", tag), destination)
    assert warnings == ("tags that are damaged or unknown were left out: TIT2, TALB, XYZ1",)
    back = fresh(tmp_path, "flac", "back")
    copy_tags(destination, back)
    assert FLAC(back)["artist"] == ["Somebody"]


def test_a_tag_cut_into_a_hundred_thousand_frames_is_refused_at_once(tmp_path: Path) -> None:
    source = mp3_with(tmp_path / "in.mp3", id3_tag(frame(b"TXXX", b"\3") * 100_000))
    started = time.process_time()
    (warning,) = copy_tags(source, fresh(tmp_path, "flac"))
    assert "pieces" in warning
    assert time.process_time() - started < 5


def test_sizes_written_as_whole_numbers_are_no_packed_frames(tmp_path: Path) -> None:
    # As iTunes wrote them; read the other way, the picture's bytes look like frames of every kind.
    data = b"\x89PNG\r\n\x1a\n" + b"\x0f" * 70_000
    body = b"\0image/png\0\3\0" + data
    tag = id3_tag(b"APIC" + struct.pack(">IH", len(body), 0) + body, frame(b"TIT2", b"\3Title"))
    destination = fresh(tmp_path, "flac")
    assert copy_tags(mp3_with(tmp_path / "in.mp3", tag), destination) == ()
    assert FLAC(destination)["title"] == ["Title"]
    assert FLAC(destination).pictures[0].data == data


def test_frames_that_say_nothing_are_not_missed(tmp_path: Path) -> None:
    tag = id3_tag(frame(b"TCOM", b"\1"), frame(b"WXXX", b"\0\0"), frame(b"TIT2", b"\3T"))
    destination = fresh(tmp_path, "flac")
    assert copy_tags(mp3_with(tmp_path / "in.mp3", tag), destination) == ()


def test_a_packed_tag_that_would_fill_memory_is_refused(tmp_path: Path) -> None:
    packed = zlib.compress(bytes(400 << 20), 1)
    source = mp3_with(tmp_path / "in.mp3", id3_tag(frame(b"TIT2", struct.pack(">I", 0) + packed, flags=0x08 | 0x01)))
    (warning,) = copy_tags(source, fresh(tmp_path, "flac"))
    assert "packed" in warning


def test_a_picture_of_nothing_and_one_of_an_unknown_kind_do_no_harm(tmp_path: Path) -> None:
    source = flac_saying(tmp_path / "in.flac", title="T")
    file = FLAC(source)
    for kind, data in ((3, b""), (77, b"something"), (4, b"\xff\xd8\xff back")):
        picture = Picture()
        picture.type, picture.mime, picture.desc, picture.data = kind, "\x1b[2J", "\0\x07", data
        file.add_picture(picture)
    file.save()
    destination = fresh(tmp_path, "mp3")
    assert copy_tags(source, destination) == ("an empty cover was left out",)
    tags: Any = MP3(destination).tags
    found = tags.getall("APIC")
    assert [(int(cover.type), cover.mime, cover.data) for cover in found] == [
        (0, "image/jpeg", b"something"),
        (4, "image/jpeg", b"\xff\xd8\xff back"),
    ]


@pytest.mark.parametrize("result", ["flac", "opus"])
def test_a_cover_beyond_16_mib_is_left_out_where_there_is_no_room(result: str, tmp_path: Path) -> None:
    source = fresh(tmp_path, "mp3")
    tag = id3.ID3()
    tag.add(id3.TIT2(encoding=3, text=["T"]))
    tag.add(id3.APIC(mime="image/png", type=3, desc="", data=b"\x89PNG\r\n\x1a\n" + bytes(17 << 20)))
    tag.save(source)
    destination = fresh(tmp_path, result)
    assert copy_tags(source, destination) == ("a cover of 17 MiB was left out: the format holds up to 16 MiB",)
    kind: Any = {"flac": FLAC, "opus": OggOpus}[result]
    assert kind(destination)["title"] == ["T"]


def test_an_id3_tag_of_much_foreign_data_leaves_room_for_the_audio(tmp_path: Path) -> None:
    source = fresh(tmp_path, "mp3")
    tag = id3.ID3()
    for index in range(3):
        tag.add(id3.GEOB(encoding=3, mime="x/y", filename="", desc=str(index), data=bytes(7 << 20)))
    tag.save(source)
    destination = fresh(tmp_path, "wav")
    assert copy_tags(source, destination) == ("more than 16 MiB of ID3 data were left out: GEOB",)
    assert 14 << 20 < destination.stat().st_size < 16 << 20
    assert soundfile.info(destination).frames == 48_000


def test_the_names_in_a_warning_are_bounded_and_printable() -> None:
    found = TagSet()
    for index in range(1000):
        found.add(f"name\x1b[2J {index}" + "n" * 500, "v\x07")
    (line,) = found.report()
    assert line.isprintable()
    assert len(line) < 800
    assert line.endswith("and 992 more")


def _spoiled(data: bytes) -> st.SearchStrategy[bytes]:
    """The file with some bytes overwritten where tags are, near its ends, and perhaps cut."""
    near_an_end = st.one_of(st.integers(0, 3000), st.integers(len(data) - 3000, len(data) - 1))
    places = st.lists(st.tuples(near_an_end, st.integers(0, 255)), max_size=12)
    length = st.one_of(st.just(len(data)), st.integers(64, len(data)))
    return st.tuples(places, length).map(lambda spoil: _overwritten(data, *spoil))


def _overwritten(data: bytes, places: list[tuple[int, int]], length: int) -> bytes:
    spoiled = bytearray(data)
    for place, value in places:
        spoiled[place] = value
    return bytes(spoiled[:length])


@pytest.mark.parametrize("name", ["mp3", "flac", "ogg", "opus", "wav", "aiff", "mp3-ape", "ape", "dff", "dsf"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_spoiled_tags_end_in_a_line_never_in_an_exception(name: str, data: st.DataObject, folder: Path) -> None:
    original = folder / f"{name}.bin"
    if not original.exists():
        SOURCES[name].make(original)
        SOURCES[name].tag(original)
    source, destination = folder / "spoiled.bin", folder / "result.flac"
    source.write_bytes(data.draw(_spoiled(original.read_bytes())))
    if not destination.exists():
        encoded("FLAC", "PCM_16")(destination)
    assert_lines(copy_tags(source, destination))
    assert soundfile.info(destination).frames == 48_000


def test_the_name_of_a_frame_that_no_terminal_shows_is_shown_without_what_steers_one() -> None:
    assert listed(["\x80IT2", "T\x9b1mT", "TIT2"]) == "IT2, T 1mT, TIT2"


def _odd_files() -> Iterator[Path]:
    for path in sorted(Path(_ODD_FILES or ".").rglob("*")) if _ODD_FILES else ():
        if path.is_file():
            yield path


@NEEDS_FFMPEG
@pytest.mark.skipif(not _ODD_FILES, reason="needs a folder of odd audio files: set AURALIS_ODD_FILES")
@pytest.mark.parametrize("result", ["flac", "mp3", "m4a", "opus", "wav", "aiff"])
def test_the_tags_of_odd_files_go_where_they_can_and_the_rest_is_said(result: str, tmp_path: Path) -> None:
    destination = tmp_path / f"out.{result}"
    WRITTEN[result](destination)
    blank = destination.read_bytes()
    for source in _odd_files():
        destination.write_bytes(blank)
        assert_lines(copy_tags(source, destination))
