"""Any bytes whatever: our own parsers of headers answer or refuse, quickly, and never fall over."""

from __future__ import annotations

import os
import struct
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auralis_cli.audio.announced import announced_audio
from auralis_cli.audio.formats import FORMATS, AudioFormat
from auralis_cli.audio.mp4 import music_in_mp4
from auralis_cli.audio.mpeg import announces_length, starts_with_mpeg_audio
from auralis_cli.audio.probe import facts, sniff
from auralis_cli.errors import UnsupportedError

SOAK_CASES = 100_000


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), name) + body


def chunk(name: bytes, body: bytes, order: str = "<") -> bytes:
    return name + struct.pack(f"{order}I", len(body)) + body


TRACK = box(
    b"trak",
    box(b"edts", box(b"elst", struct.pack(">IIIiI", 0, 1, 2000, 1024, 1 << 16)))
    + box(
        b"mdia",
        box(b"mdhd", struct.pack(">IIIII", 0, 0, 0, 44_100, 89_231))
        + box(b"hdlr", b"\0" * 8 + b"soun" + b"\0" * 13)
        + box(b"minf", box(b"stbl", box(b"stts", struct.pack(">IIIIII", 0, 2, 87, 1024, 1, 143)))),
    ),
)
NOTE = box(b"----", box(b"name", b"\0\0\0\0iTunSMPB") + box(b"data", b"\0" * 8 + b" 00000000 00000840 000001CA"))
MOVIE = box(b"moov", box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, 1000, 2001)) + TRACK + box(b"udta", NOTE))
FORM = struct.pack("<HHIIHH", 1, 2, 44_100, 176_400, 4, 16)
# Heads that are right, for mutations to start from.
SEEDS: tuple[bytes, ...] = (
    b"RIFF\xff\xff\0\0WAVE" + chunk(b"fmt ", FORM) + chunk(b"LIST", b"INFO") + chunk(b"data", b"\1" * 400),
    b"RF64\xff\xff\xff\xffWAVE" + chunk(b"ds64", b"\0" * 28) + chunk(b"fmt ", FORM) + b"data\xff\xff\xff\xff\1\1",
    b"FORM\0\0\1\0AIFF" + chunk(b"COMM", b"\0\2\0\0\1\0\0\x10\x40\x0e\xac\x44" + b"\0" * 6, ">"),
    b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0" + b"\0" * 8
    + b"wave\xf3\xac\xd3\x11\x8c\xd1\0\xc0\x4f\x8e\xdb\x8a"
    + b"fmt " + b"\0" * 12 + struct.pack("<Q", 40) + FORM + b"data" + b"\0" * 12 + struct.pack("<Q", 1 << 40),
    b"caff\0\1\0\0desc\0\0\0\0\0\0\0\x20" + b"\0" * 16 + struct.pack(">II", 4, 1) + b"\0" * 8
    + b"pakt\0\0\0\0\0\0\0\x18" + b"\0" * 24 + b"data" + b"\xff" * 8,
    b".snd\0\0\0\x18\0\0\4\0\0\0\0\3\0\0\xac\x44\0\0\0\2" + b"\1" * 40,
    box(b"ftyp", b"M4A \0\0\0\0") + MOVIE + box(b"mdat", b"\1" * 40),
    box(b"ftyp", b"M4A \0\0\0\0") + b"\0\0\0\1free" + struct.pack(">Q", 16) + MOVIE,
    b"OggS\0\2" + b"\0" * 8 + b"abcd" + b"\0" * 8 + b"\x01\x1e\x01vorbis" + b"\0" * 23
    + b"OggS\0\4" + struct.pack("<q", 999) + b"abcd" + b"\0" * 8 + b"\x01\x04abcd",
    b"MP+\x07" + struct.pack("<I", 5000) + b"\0" * 12 + struct.pack("<I", 0x80100000) + b"\0" * 40,
    b"MPCKSH\x0e" + b"\0" * 4 + b"\x08\x84\x88\x35\0\0\0" + b"AP\x04abcd",
    b"DSD \x1c" + b"\0" * 23 + b"fmt \x34" + b"\0" * 7 + b"\1" * 40,
    b"ID3\x04\0\0\0\0\0\x0a" + b"\0" * 10 + b"fLaC\0\0\0\x22" + b"\1" * 34,
    b"APETAGEX\xd0\x07\0\0\x20\0\0\0" + b"\0" * 16 + b"wvpk" + b"\1" * 60,
    (b"\xff\xfb\x90\0" + b"\0" * 413) * 3,
    (b"\xff\xf1\x50\x80\x02\x1f\xfc" + b"\0" * 9) * 5,
    (b"\x0b\x77\0\0\x00\x40" + b"\0" * 122) * 5,
    (b"\x0b\x77\0\x10\x00\x80" + b"\0" * 28) * 5,
)  # fmt: skip


@st.composite
def heads(draw: st.DrawFn) -> bytes:
    """A right head with some bytes changed, taken out or repeated, or plain noise."""
    data = bytearray(draw(st.one_of(st.sampled_from(SEEDS), st.binary(max_size=200))))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        size = draw(st.integers(0, 8))
        kind = draw(st.sampled_from(("set", "cut", "insert", "overwrite", "end")))
        if kind == "set":
            data[at : at + size] = draw(st.binary(min_size=size, max_size=size))
        elif kind == "cut":
            del data[at : at + size]
        elif kind == "insert":
            data[at:at] = draw(st.sampled_from((b"\xff" * 4, b"\0" * 8, b"\x7f\xff\xff\xff", bytes(data[:16]))))
        elif kind == "overwrite":
            word = draw(st.sampled_from((b"\xff" * 8, b"\x7f" + b"\xff" * 7, b"\0" * 8, b"\xff\xff\xff\x7f")))
            data[at : at + len(word)] = word
        else:
            del data[at:]
    return bytes(data)


def questioned(data: bytes) -> None:
    """Asks everything that is asked of a file, and of every format at once, whatever the bytes are."""
    with tempfile.TemporaryFile(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as file:
        file.write(data)
        file.flush()
        descriptor = file.fileno()
        try:
            found = sniff(Path("a"), descriptor)
            assert found.format in FORMATS
        except UnsupportedError as error:
            assert len(str(error).splitlines()) == 1  # noqa: PT017 - which of the two comes is not known
        for row in FORMATS:
            answered(row, descriptor, data)
        assert os.lseek(descriptor, 0, os.SEEK_CUR) == len(data), "positions are the decoders'"
    assert isinstance(starts_with_mpeg_audio(data) and announces_length(data), bool)


def answered(row: AudioFormat, descriptor: int, data: bytes) -> None:
    told = facts(descriptor, data, row)
    frames = announced_audio(descriptor, row.key).frames
    assert frames is None or 0 <= frames < 1 << 64
    music = told.music
    if music is not None:
        first, length = music.in_frames(96_000)
        assert first >= 0
        assert length is None or length >= 0


@pytest.mark.invariant("S1-M-19")
@settings(max_examples=600)
@example(b"\xff\xff\xff\xffdata")
@given(heads())
def test_no_head_of_a_file_makes_a_parser_fall_over(data: bytes) -> None:
    questioned(data)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@settings(max_examples=SOAK_CASES, derandomize=False)
@given(heads())
def test_no_head_among_a_hundred_thousand_makes_a_parser_fall_over(data: bytes) -> None:
    questioned(data)


def test_the_seeds_are_of_many_formats() -> None:
    """Mutations of what nothing recognises would prove little."""
    found = set()
    for seed in SEEDS:
        with tempfile.TemporaryFile() as file:
            file.write(seed)
            file.flush()
            try:
                found.add(sniff(Path("a"), file.fileno()).format.key)
            except UnsupportedError:
                continue
    assert len(found) >= 14, found


def test_an_mp4_of_boxes_without_end_is_left_in_time(tmp_path: Path) -> None:
    """A thousand tracks of a thousand boxes each, nested as deep as is looked."""
    path = tmp_path / "a"
    path.write_bytes(box(b"moov", box(b"trak", box(b"mdia", b"\0\0\0\x08free" * 1000)) * 1000))
    with path.open("rb") as file:
        assert music_in_mp4(file.fileno()) is None
