"""The texts of plain ID3 tags, which nearly all are, without a library; what is not plain is left to mutagen."""

from __future__ import annotations

from auralis_cli.audio.file_window import FileWindow
from auralis_cli.audio.survey import Survey, Texts
from auralis_cli.audio.tag_names import (
    ID3_NUMBERS,
    ID3_TEXTS,
    LIBRARY_NAMES,
    NAMES_OF_TEXTS,
    RECORDING_NAME,
    RECORDING_OWNER,
)

HEAD_BYTES = 10
V1_BYTES = 128
_MAX_FRAMES = 4096
_MAX_TEXT_BYTES = 1 << 20
_ODD_FLAGS = 0xC0
_ENCODINGS = ("latin-1", "utf-16", "utf-16-be", "utf-8")
_NAMES = {frame.encode(): name for frame, name in ID3_TEXTS.items() if name in LIBRARY_NAMES}
_PAIRS = {frame.encode(): names for frame, names in ID3_NUMBERS.items()}
_OTHERS = (b"TXXX", b"COMM", b"UFID", b"TYER", b"TDAT", b"TORY")
_WANTED = frozenset([*_NAMES, *_PAIRS, *_OTHERS])
_DATE_BYTES = 4
_GENRE_WORDS = {"RX": "Remix", "CR": "Cover"}


class OddTagError(ValueError):
    """The tag is not written plainly."""


def plain_id3_texts(file: FileWindow, start: int) -> Texts:
    """What the library keeps of the ID3v2.3 or 2.4 tag at `start`; raises OddTagError for any that needs more care."""
    head = file.at(start, HEAD_BYTES)
    version = head[3]
    if version not in (3, 4) or head[5] & _ODD_FLAGS:
        raise OddTagError("version or flags")
    texts: Texts = {}
    place, end = start + HEAD_BYTES, start + HEAD_BYTES + syncsafe(head[6:10])
    for _ in range(_MAX_FRAMES):
        head = file.at(place, HEAD_BYTES)
        name = head[:4]
        if place + HEAD_BYTES > end or not name.strip(b"\0"):
            return _with_dates(texts)
        if len(head) < HEAD_BYTES or not name.isalnum():
            raise OddTagError("frames")
        raw = head[4:8]
        size = syncsafe(raw) if version == 4 else int.from_bytes(raw, "big")
        # Sizes of version 2.4 may wrongly be whole numbers: a byte or what follows them tells.
        if (version == 4 and max(raw) > 0x7F) or place + HEAD_BYTES + size > end:
            raise OddTagError("sizes")
        place += HEAD_BYTES
        if name in _WANTED:
            if head[9] or size > _MAX_TEXT_BYTES:
                raise OddTagError("packed")
            _read(name, file.at(place, size), texts)
        place += size
    raise OddTagError("too many frames")


def take_id3(file: FileWindow, start: int, found: Survey) -> None:
    """Gives `found` the texts of the ID3v2 tag at `start`, or notes that they are odd."""
    try:
        found.texts = plain_id3_texts(file, start)
    except OddTagError:
        found.has_odd_tags = True


def _read(frame: bytes, body: bytes, texts: Texts) -> None:
    if (name := _NAMES.get(frame)) is not None:
        values = strings_of(body)
        _add(texts, name, genres_of(values) if name == "genre" else values)
    elif frame in _PAIRS:
        number, _, total = (strings_of(body) or [""])[0].partition("/")
        for name, text in zip(_PAIRS[frame], (number, total), strict=True):
            _add(texts, name, [text.strip()])
    elif frame == b"TXXX":
        description, *values = strings_of(body) or [""]
        name = NAMES_OF_TEXTS.get(description.lower(), description.lower())
        if name in LIBRARY_NAMES:
            _add(texts, name, values)
    elif frame == b"COMM":
        description, *values = strings_of(body[:1] + body[4:]) or [""]
        if not description:
            _add(texts, "comment", values)
    elif frame == b"UFID":
        owner, _, data = body.partition(b"\0")
        if owner == RECORDING_OWNER.encode():
            _add(texts, RECORDING_NAME, [data.decode("ascii", "replace")])
    else:
        _add(texts, frame.decode("ascii"), strings_of(body))


def _add(texts: Texts, name: str, values: list[str]) -> None:
    kept = [value for value in values if value]
    if kept:
        texts.setdefault(name, []).extend(kept)


def strings_of(body: bytes) -> list[str]:
    """The strings of a frame, which begins with their encoding; raises OddTagError for what is none."""
    if not body:
        return []
    if body[0] >= len(_ENCODINGS):
        raise OddTagError("encoding")
    data = body[1:]
    if body[0] in (1, 2):
        return _wide_strings(data, body[0] == 1)
    try:
        return data.decode(_ENCODINGS[body[0]]).rstrip("\0").split("\0")
    except UnicodeDecodeError as error:
        raise OddTagError("text") from error


def _wide_strings(data: bytes, is_marked: bool) -> list[str]:
    """UTF-16; each string may begin with a mark of its order of bytes."""
    order = "utf-16-be"
    if is_marked:
        if data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            if data.strip(b"\0"):
                raise OddTagError("text")
            return [""]
        order = "utf-16-le" if data[:2] == b"\xff\xfe" else "utf-16-be"
    try:
        text = data[: len(data) & ~1].decode(order)
    except UnicodeDecodeError as error:
        raise OddTagError("text") from error
    strings = text.rstrip("\0").split("\0")
    if any(string.startswith("\ufffe") for string in strings):
        raise OddTagError("text")
    return [string.removeprefix("\ufeff") for string in strings]


def _with_dates(texts: Texts) -> Texts:
    """Version 2.3 has the year and the day apart."""
    years, days, first = texts.pop("TYER", None), texts.pop("TDAT", None), texts.pop("TORY", None)
    if years and "date" not in texts:
        year, day = years[0].strip()[:_DATE_BYTES], (days or [""])[0].strip()
        has_day = len(day) == _DATE_BYTES and day.isascii() and day.isdigit()
        texts["date"] = [f"{year}-{day[2:]}-{day[:2]}" if has_day else year]
    if first and "originaldate" not in texts:
        texts["originaldate"] = first
    return texts


def genres_of(values: list[str]) -> list[str]:
    """Genres as words: ID3 has them as `17`, `(17)`, `(17)(Remix)` or `(4)Eurodisco` as well."""
    if not any(value[:1] == "(" or value.isdigit() or value in _GENRE_WORDS for value in values):
        return values
    # Imported where it is needed: most tags have words.
    from mutagen.id3 import TCON

    return list(TCON(encoding=3, text=values).genres)


def syncsafe(size: bytes) -> int:
    """A number of 28 bits in four bytes."""
    return size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3]


def v1_texts(tag: bytes) -> Texts:
    """The old tag of 128 bytes, whose texts are cut after 30 letters."""
    texts: Texts = {}
    if len(tag) != V1_BYTES or tag[:3] != b"TAG":
        return texts
    for name, first, last in (("title", 3, 33), ("artist", 33, 63), ("album", 63, 93), ("date", 93, 97)):
        _add(texts, name, [tag[first:last].split(b"\0", 1)[0].decode("latin-1").strip()])
    has_number = not tag[125] and tag[126]
    _add(texts, "comment", [tag[97 : 125 if has_number else 127].split(b"\0", 1)[0].decode("latin-1").strip()])
    if has_number:
        texts["tracknumber"] = [str(tag[126])]
    if tag[127] != 0xFF:
        _add(texts, "genre", genres_of([str(tag[127])]))
    return texts
