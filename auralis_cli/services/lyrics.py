"""The words of a song: of its tags, or of a file beside it; which one wins, and how such files are read.

What tells when lines are sung goes before what does not; within that a file that somebody put beside the music goes
before the tags. Only `song.lrc` and `song.txt` beside `song.flac` are asked, and none that leads out of the folder.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path

from auralis_cli.audio.lyrics_tags import read_lyrics
from auralis_cli.errors import InputError
from auralis_cli.model.lyrics import Lyrics, parse_lyrics
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.cover_files import read_in_folder

MAX_FILE_BYTES = 2 << 20
_SUFFIXES = (".lrc", ".LRC", ".txt", ".TXT")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class LyricsPlace(StrEnum):
    """Where words are looked for."""

    FILE = "file"
    TAGS = "tags"


@dataclass(frozen=True, slots=True)
class FoundLyrics:
    """Words, and where they stand."""

    lyrics: Lyrics
    place: LyricsPlace
    # The file that holds them: the music itself, or what lies beside it.
    source: str


@dataclass(frozen=True, slots=True)
class LyricsSearch:
    """All that was found for one file, what wins first, and what of it could not be used."""

    found: tuple[FoundLyrics, ...]
    problems: tuple[InputError, ...] = ()
    # Why the tags, where the words may be as well, could not be read; one of the problems.
    unreadable: InputError | None = None


def find_lyrics(path: str, places: Sequence[LyricsPlace] = tuple(LyricsPlace)) -> LyricsSearch:
    """The words of the song in the file at `path`; raises InputError where there is no such file."""
    found: list[FoundLyrics] = []
    problems: list[InputError] = []
    unreadable = None
    if not os.path.exists(path):
        raise InputError(path, "does not exist")
    if LyricsPlace.FILE in places:
        for one in _beside(path):
            if isinstance(one, InputError):
                problems.append(one)
            else:
                found.append(one)
    if LyricsPlace.TAGS in places:
        try:
            found += [FoundLyrics(lyrics, LyricsPlace.TAGS, path) for lyrics in read_lyrics(Path(path))]
        except InputError as error:
            unreadable = error
            problems.append(error)
    # Files come before tags, and what is sorted stays in that order.
    return LyricsSearch(tuple(sorted(found, key=lambda one: not one.lyrics.is_timed)), tuple(problems), unreadable)


def decoded_text(data: bytes) -> str:
    """The text of a file by its mark, else UTF-8, else UTF-16 where every other byte is 0, else what Windows wrote."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
    if "\0" in text and len(data) % 2 == 0:
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace")
    return text


def _beside(path: str) -> Iterator[FoundLyrics | InputError]:
    folder, name = os.path.split(path)
    stem = os.path.splitext(name)[0]
    for suffix in _SUFFIXES:
        source = os.path.join(folder, stem + suffix)
        if source == path or not os.path.lexists(source):
            continue
        try:
            lyrics = parse_lyrics(decoded_text(read_in_folder(Path(folder or "."), stem + suffix, MAX_FILE_BYTES)))
        except InputError as error:
            yield error
            continue
        if lyrics:
            yield FoundLyrics(lyrics, LyricsPlace.FILE, source)
