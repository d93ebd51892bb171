"""Reading a cue sheet: where tracks begin in which file, and what they are called. Text in, values out, no files.

Written here because what PyPI has either knows only the tidiest sheets or wraps a C parser. Real sheets are
untidy, so whatever does not tell where a track lies is skipped. Times are in sectors, 75 a second, which sheets
call frames.
"""

from __future__ import annotations

import re
from dataclasses import field

from auralis_cli.errors import InputError
from auralis_cli.model.source import SECTORS_PER_SECOND
from auralis_cli.quick_dataclasses import dataclass

MAX_SHEET_BYTES = 1 << 20

_LINE_END = re.compile(r"\r\n|\r|\n")
_INDEX = re.compile(r"(\d{1,2})\s+(\d{1,4}):([0-5]?\d)[:.]([0-6]?\d|7[0-4])(?!\d)", re.ASCII)
_NUMBER = re.compile(r"\d{1,3}(?!\d)", re.ASCII)
_NOTHING = re.compile(r"[0\s]*")
# Words that may follow the name of a file without being part of it.
_FILE_TYPES = ("WAVE", "WAV", "MP3", "AIFF", "AIF", "BINARY", "MOTOROLA", "FLAC", "APE", "OGG", "OPUS", "M4A", "AAC")
# What sheets call a field → what Vorbis comments do, before the first track and in one.
_ALBUM_TAGS = {
    "TITLE": "album",
    "PERFORMER": "albumartist",
    "SONGWRITER": "composer",
    "CATALOG": "barcode",
    "REM COMMENT": "comment",
    "REM COMPOSER": "composer",
    "REM DATE": "date",
    "REM DISCID": "discid",
    "REM DISCNUMBER": "discnumber",
    "REM GENRE": "genre",
    "REM TOTALDISCS": "disctotal",
}
_TRACK_TAGS = {**_ALBUM_TAGS, "TITLE": "title", "PERFORMER": "artist", "ISRC": "isrc"}
# Written as zeros where there is none.
_CODES = ("barcode", "isrc")


@dataclass(frozen=True, slots=True)
class SheetTrack:
    """One TRACK of a sheet."""

    number: int
    # False for data.
    is_audio: bool
    # As the sheet names it: untrusted.
    file: str
    # INDEX 01.
    start_sector: int
    flags: tuple[str, ...]
    # Named as in Vorbis comments.
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CueSheet:
    """What a sheet says; its tracks are in order and have distinct numbers, those of one file distinct starts."""

    tags: tuple[tuple[str, str], ...]
    tracks: tuple[SheetTrack, ...]
    # False where the bytes are of no Unicode encoding, so that accents were guessed.
    is_unicode: bool


def parse_cue_sheet(data: bytes, name: str) -> CueSheet:
    """The sheet in `data`; errors call it `name`. Raises InputError, and nothing else, for what is none."""
    if len(data) > MAX_SHEET_BYTES:
        raise InputError(name, f"is no cue sheet (larger than {MAX_SHEET_BYTES >> 20} MiB)")
    text, is_unicode = _decoded(data)
    parser = _Parser(name)
    for line in _LINE_END.split(text):
        parser.add(line)
    return CueSheet(tuple(parser.tags.items()), parser.tracks(), is_unicode)


def _decoded(data: bytes) -> tuple[str, bool]:
    """UTF-16 by its mark or its zeros, else UTF-8, else Windows-1252, which takes any bytes; and whether Unicode."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace"), True
    if data[:2].count(0) == 1:
        return data.decode("utf-16-be" if data[0] == 0 else "utf-16-le", "replace"), True
    try:
        return data.decode("utf-8-sig"), True
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), False


@dataclass(slots=True)
class _OpenTrack:
    """A track whose lines are still being read."""

    line: int
    number: int
    is_audio: bool
    flags: tuple[str, ...] = ()
    # Number of the index → the file it lies in, and where.
    indexes: dict[int, tuple[str, int]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


class _Parser:
    """Takes a sheet line by line; lines of no known kind are skipped."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._line = 0
        self._file: str | None = None
        self._open: list[_OpenTrack] = []
        self.tags: dict[str, str] = {}

    def add(self, line: str) -> None:
        """The next line."""
        self._line += 1
        word, rest = _first_word(line.replace("\0", ""))
        if word == "FILE":
            self._file = _file_name(rest)
        elif word == "TRACK":
            self._begin_track(rest)
        elif word == "INDEX":
            self._add_index(rest)
        elif word == "FLAGS" and self._open:
            self._open[-1].flags = tuple(rest.upper().split())
        elif word == "REM":
            field_name, value = _first_word(rest)
            self._add_tag(f"REM {field_name}", value)
        else:
            self._add_tag(word, rest)

    def tracks(self) -> tuple[SheetTrack, ...]:
        """All tracks, after the last line."""
        if not self._open:
            raise InputError(self._name, "is no cue sheet (it has no TRACK)")
        tracks = tuple(self._closed(track) for track in self._open)
        # Per file, where the track before began.
        last: dict[str, SheetTrack] = {}
        for opened, track in zip(self._open, tracks, strict=True):
            before = last.get(track.file)
            if before is not None and track.start_sector <= before.start_sector:
                raise self._error(f"track {track.number} begins no later than track {before.number}", opened.line)
            last[track.file] = track
        return tracks

    def _begin_track(self, rest: str) -> None:
        word, kind = _first_word(rest)
        if not _NUMBER.fullmatch(word):
            raise self._error("a TRACK has no number")
        number = int(word)
        if any(track.number == number for track in self._open):
            raise self._error(f"there is a second track {number}")
        self._open.append(_OpenTrack(self._line, number, is_audio=_first_word(kind)[0] in ("AUDIO", "")))

    def _add_index(self, rest: str) -> None:
        if not self._open or self._file is None:
            raise self._error("an INDEX comes before the first FILE and TRACK")
        found = _INDEX.match(rest)
        if found is None:
            raise self._error("an INDEX is not of the form 01 mm:ss:ff")
        index, minutes, seconds, sectors = (int(group) for group in found.groups())
        # Where it lies is told by the FILE above it: a pregap may end the file before.
        place = (self._file, (minutes * 60 + seconds) * SECTORS_PER_SECOND + sectors)
        self._open[-1].indexes.setdefault(index, place)

    def _add_tag(self, sheet_name: str, text: str) -> None:
        names, tags = (_TRACK_TAGS, self._open[-1].tags) if self._open else (_ALBUM_TAGS, self.tags)
        name, value = names.get(sheet_name), _unquoted(text)
        if name is not None and value and not (name in _CODES and _NOTHING.fullmatch(value)):
            tags.setdefault(name, value)

    def _closed(self, track: _OpenTrack) -> SheetTrack:
        if not track.indexes:
            raise self._error(f"track {track.number} has no INDEX", track.line)
        file, sector = track.indexes[1 if 1 in track.indexes else min(track.indexes)]
        if not file:
            raise self._error(f"no FILE is named for track {track.number}", track.line)
        return SheetTrack(track.number, track.is_audio, file, sector, track.flags, tuple(track.tags.items()))

    def _error(self, why: str, line: int | None = None) -> InputError:
        return InputError(self._name, f"is a damaged cue sheet: {why} (line {line or self._line})")


def _first_word(text: str) -> tuple[str, str]:
    """The first word in capitals, and what follows it."""
    words = text.split(None, 1)
    return (words[0].upper() if words else ""), (words[1].strip() if len(words) > 1 else "")


def _unquoted(text: str) -> str:
    """What stands between the first quote and the last, should it begin with one; inner quotes may be doubled."""
    if text.startswith('"'):
        end = text.rfind('"')
        text = text[1:end] if end > 0 else text[1:]
    return text.replace('\\"', '"').replace('""', '"').strip()


def _file_name(text: str) -> str:
    """The name in a FILE line, with or without quotes, without the type behind it."""
    if text.startswith('"') and text.rfind('"') > 0:
        return text[1 : text.rfind('"')]
    words = text.rsplit(None, 1)
    has_type = len(words) == 2 and words[1].upper() in _FILE_TYPES
    return (words[0] if has_type else text).strip('" ')
