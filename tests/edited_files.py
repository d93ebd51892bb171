"""Files whose tags tests change: made once, copied for each, some of them tagged by hand, byte by byte."""

from __future__ import annotations

import shutil
from pathlib import Path

import wav_bytes
from tagged_files import SOURCES

from auralis_cli.audio.tag_editing import change_tag_values, read_file_tags

# An ID3v1 tag: number 3, of genre 17.
OLD_TAG = b"TAG" + b"Old title".ljust(30, b"\0") + b"Old artist".ljust(30, b"\0") + bytes(30) + b"1980"
OLD_TAG = (OLD_TAG + b"Old comment".ljust(28, b"\0") + b"\0\x03\x11").ljust(128, b"\0")


def bare(folder: Path, name: str, tmp_path: Path) -> Path:
    """An untagged file of that kind."""
    made = folder / f"bare-{name}"
    if not made.exists():
        SOURCES[name].make(made)
    return Path(shutil.copy(made, tmp_path / f"a.{name}"))


def tagged(folder: Path, name: str, tmp_path: Path) -> Path:
    """A file of that kind that says everything."""
    path = bare(folder, name, tmp_path)
    SOURCES[name].tag(path)
    return path


def change(path: Path, key: str, /, **changes: tuple[str, ...]) -> tuple[str, ...]:
    """Changes the tags of a file by the names of the table."""
    with path.open("r+b") as file:
        return change_tag_values(file, key, changes)


def values_of(path: Path, key: str) -> dict[str, tuple[str, ...]]:
    """What the tags of a file say by those names."""
    with path.open("rb") as file:
        return dict(read_file_tags(file, key).values)


def frame(name: str, body: bytes, version: int = 4, flags: bytes = b"\0\0") -> bytes:
    """A frame of an ID3 tag."""
    bits = 7 if version == 4 else 8
    return name.encode() + bytes(len(body) >> bits * place & (1 << bits) - 1 for place in (3, 2, 1, 0)) + flags + body


def id3_tag(*frames: bytes, version: int = 4, flags: int = 0, padding: int = 0) -> bytes:
    """An ID3 tag of these frames."""
    body = b"".join(frames) + bytes(padding)
    return b"ID3" + bytes([version, 0, flags, *(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))]) + body


def mp3_with(folder: Path, tmp_path: Path, front: bytes = b"", back: bytes = b"") -> Path:
    """An mp3 with these bytes before and behind it."""
    path = bare(folder, "mp3", tmp_path)
    path.write_bytes(front + path.read_bytes() + back)
    return path


def wav_with(path: Path, *chunks: bytes) -> Path:
    """A WAV of a moment, with these chunks behind it."""
    path.write_bytes(wav_bytes.wav(bytes(4 * 4801), after=b"".join(chunks)))
    return path


def info(**texts: bytes) -> bytes:
    """A LIST INFO chunk."""
    entries = b"".join(wav_bytes.chunk(name.encode(), text) for name, text in texts.items())
    return wav_bytes.chunk(b"LIST", b"INFO" + entries)
