"""Fields of ID3v2 tags changed frame by frame; which frame a field has depends on the version of the tag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auralis_cli.audio.id3_tag import Id3Frame, Id3Tag, plain_body
from auralis_cli.audio.tag_names import (
    ALIASES,
    ID3_NUMBERS,
    ID3_TEXTS,
    NAMED_TEXTS,
    NAMES_OF_TEXTS,
    RECORDING_NAME,
    RECORDING_OWNER,
)
from auralis_cli.audio.tags_id3 import NO_LANGUAGE, PERFORMER, PERFORMER_ROLE, ROLES, involvement
from auralis_cli.audio.texts_id3 import OddTagError, strings_of
from auralis_cli.model.tag_fields import TAG_FIELD_OF_VORBIS

_FRAMES = {name: frame for frame, name in ID3_TEXTS.items()}
_NUMBER_FRAMES = {name: frame for frame, names in ID3_NUMBERS.items() for name in names}
# Version 2.3 has the year, the day and the time apart; neither moods nor titles of discs; one list of people.
_OLD_DATES = {"TYER": "date", "TDAT": "date", "TIME": "date", "TORY": "originaldate"}
_NEW_ONLY = ("TMOO", "TSST")
_PEOPLE = ("TIPL", "TMCL", "IPLS")
# Gains as they were kept before ReplayGain was a text: of whom, RVA2 says in its name.
VOLUME_FRAMES = ("RVA2", "XRVA", "RGAD")
_DAY_LETTERS = 10
_DESCRIPTION = "description"
_LATIN_1, _UTF_16, _UTF_8 = b"\0", b"\1", b"\3"
_ENDS = {0: b"\0", 1: b"\0\0", 2: b"\0\0", 3: b"\0"}


def id3_names(tag: Id3Tag) -> set[str]:
    """The fields that the frames hold, by the names of Vorbis comments."""
    return {name for frame in tag.frames for name in _names_of(frame, tag.version)}


def change_frames(tag: Id3Tag, fields: Mapping[str, Sequence[str]]) -> None:
    """Puts the values of the fields in the place of those that are there, in whatever frames.

    A frame without a name of its own elsewhere has that of its kind: `rva2` without values takes such frames away.
    """
    left = {name.lower(): (name, tuple(values)) for name, values in fields.items()}
    for number, total in ID3_NUMBERS.values():
        if number in left or total in left:
            _change_pair(tag, number, *(left.pop(name, ("", ()))[1] for name in (number, total)))
    for name, (spelling, values) in left.items():
        places = _places(tag, name, is_emptied=not values)
        if name in ROLES or name == PERFORMER:
            _put(tag, places, [])
            _change_people(tag, name, values)
        else:
            old = tag.frames[places[0]] if places else None
            _put(tag, places, _made(tag.version, name, spelling, values, old) if values else [])


def _places(tag: Id3Tag, name: str, *, is_emptied: bool) -> list[int]:
    """Where the frames are that hold the field; lists of people hold others besides."""
    found = []
    for place, frame in enumerate(tag.frames):
        names = () if frame.name in _PEOPLE else _names_of(frame, tag.version)
        # A description is the comment only as long as there is no other.
        if name in names and (names[0] != _DESCRIPTION or is_emptied):
            found.append(place)
    return found


def _put(tag: Id3Tag, places: Sequence[int], new: Sequence[Id3Frame]) -> None:
    """In the place of the first, or at the end."""
    for place in reversed(places):
        del tag.frames[place]
    first = places[0] if places else len(tag.frames)
    tag.frames[first:first] = new


def _names_of(frame: Id3Frame, version: int) -> tuple[str, ...]:
    """What a frame is read as."""
    name = frame.name
    if name in ID3_NUMBERS:
        return ID3_NUMBERS[name]
    if name in ID3_TEXTS or name in _OLD_DATES:
        return (ID3_TEXTS.get(name) or _OLD_DATES[name],)
    if name in _PEOPLE:
        return tuple(involvement(name, role, person)[0] for role, person in _people(frame, version))
    if name in VOLUME_FRAMES:
        return _names_of_volumes(frame, version)
    if name in ("TXXX", "COMM", "USLT", "UFID", "WXXX"):
        return _names_of_described(frame, version)
    return (name.lower(),)


def _names_of_volumes(frame: Id3Frame, version: int) -> tuple[str, ...]:
    """Players take what is not said to be the album's for the track's."""
    body = plain_body(frame, version) or b""
    of = "album" if frame.name != "RGAD" and body.partition(b"\0")[0].lower() == b"album" else "track"
    return (f"replaygain_{of}_gain", f"replaygain_{of}_peak")


def _names_of_described(frame: Id3Frame, version: int) -> tuple[str, ...]:
    body = plain_body(frame, version)
    if not body:
        return ()
    if frame.name == "UFID":
        return (RECORDING_NAME,) if body.partition(b"\0")[0] == RECORDING_OWNER.encode() else ()
    if frame.name == "USLT":
        return ("lyrics",)
    description = _description(body, 4 if frame.name == "COMM" else 1)
    if description is None:
        return ()
    if frame.name == "COMM":
        return (f"comment:{description}" if description else "comment",)
    if frame.name == "WXXX":
        return (f"url:{description}" if description else "url",)
    name = NAMES_OF_TEXTS.get(description, description) or _DESCRIPTION
    return (name, ALIASES[name]) if name in ALIASES else (name,)


def _description(body: bytes, start: int) -> str | None:
    """In lower case; None where it cannot be read."""
    try:
        return (strings_of(body[:1] + body[start:]) or [""])[0].lower()
    except OddTagError:
        return None


def _change_pair(tag: Id3Tag, name: str, numbers: Sequence[str], totals: Sequence[str]) -> None:
    number, total = (values[0] if values else "" for values in (numbers, totals))
    text = f"{number or 0}/{total}" if total else number
    kind = _NUMBER_FRAMES[name]
    places = sorted({place for each in ID3_NUMBERS[kind] for place in _places(tag, each, is_emptied=True)})
    _put(tag, places, [_text_frame(tag.version, kind, [text])] if text else [])


def _change_people(tag: Id3Tag, name: str, values: Sequence[str]) -> None:
    """Roles are names within frames of pairs: those of other roles stay."""
    for place, frame in reversed(list(enumerate(tag.frames))):
        if frame.name in _PEOPLE and name in _names_of(frame, tag.version):
            kept = [pair for pair in _people(frame, tag.version) if involvement(frame.name, *pair)[0] != name]
            tag.frames[place : place + 1] = [_pairs_frame(tag.version, frame.name, kept)] if kept else []
    pairs = [_pair_of(name, value, tag.version) for value in values]
    if pairs:
        kind = "IPLS" if tag.version == 3 else "TMCL" if name == PERFORMER else "TIPL"
        places = [place for place, frame in enumerate(tag.frames) if frame.name == kind]
        others = [pair for place in places for pair in _people(tag.frames[place], tag.version)]
        _put(tag, places, [_pairs_frame(tag.version, kind, [*others, *pairs])])


def _pair_of(name: str, value: str, version: int) -> tuple[str, str]:
    if name != PERFORMER:
        return ROLES[name], value
    played = PERFORMER_ROLE.fullmatch(value)
    # In the one list of version 2.3 an instrument could not be told from a role.
    return (played[2], played[1]) if played and version == 4 else (PERFORMER, value)


def _people(frame: Id3Frame, version: int) -> list[tuple[str, str]]:
    try:
        texts = strings_of(plain_body(frame, version) or b"")
    except OddTagError:
        return []
    return list(zip(texts[::2], texts[1::2], strict=False))


def _pairs_frame(version: int, kind: str, pairs: Sequence[tuple[str, str]]) -> Id3Frame:
    return _text_frame(version, kind, [text for pair in pairs for text in pair])


def _made(version: int, name: str, spelling: str, values: Sequence[str], old: Id3Frame | None) -> list[Id3Frame]:
    """The frames that say it; `old` is what said it before."""
    if name == RECORDING_NAME and values[0].isascii():
        return [Id3Frame("UFID", RECORDING_OWNER.encode() + b"\0" + values[0].encode())]
    if name == "lyrics" or name == "comment" or name.startswith("comment:"):
        return [_remark(version, name, spelling.partition(":")[2], values, old)]
    kind = _FRAMES.get(name, "TXXX")
    if kind.startswith("W") and values[0].isascii():
        return [Id3Frame(kind, values[0].encode())]
    if (name == "url" or name.startswith("url:")) and values[0].isascii():
        encoding, (description,) = _encoded(version, [spelling.partition(":")[2]])
        return [Id3Frame("WXXX", encoding + description + _ENDS[encoding[0]] + values[0].encode())]
    if version == 3 and name in ("date", "originaldate"):
        return _old_dates(name, values)
    if kind == "TXXX" or kind.startswith("W") or (version == 3 and kind in _NEW_ONLY):
        return [_text_frame(version, "TXXX", [_label(name, spelling), *values])]
    return [_text_frame(version, kind, values)]


def _label(name: str, spelling: str) -> str:
    """What a text of one's own is called."""
    return NAMED_TEXTS.get(name) or (name.upper() if name in TAG_FIELD_OF_VORBIS else spelling)


def _remark(version: int, name: str, description: str, values: Sequence[str], old: Id3Frame | None) -> Id3Frame:
    """A comment or lyrics, in the language of the old one."""
    kind = "USLT" if name == "lyrics" else "COMM"
    body = plain_body(old, version) if old is not None and old.name == kind else None
    language = body[1:4] if body and len(body) >= 4 else NO_LANGUAGE.encode("ascii")
    values = ["\n\n".join(values)] if kind == "USLT" else values
    encoding, texts = _encoded(version, [description, *values])
    return Id3Frame(kind, encoding + language + _ENDS[encoding[0]].join(texts))


def _old_dates(name: str, values: Sequence[str]) -> list[Id3Frame]:
    """Version 2.3 knows a year and a day of it; what it cannot say is said as version 2.4 does, besides."""
    text = values[0]
    year, new = ("TYER", "TDRC") if name == "date" else ("TORY", "TDOR")
    frames = [_text_frame(3, year, [text[:4]])] if text[:4].isdigit() else []
    if name == "date" and len(text) == _DAY_LETTERS and frames:
        return [*frames, _text_frame(3, "TDAT", [text[8:10] + text[5:7]])]
    return frames if frames and text == text[:4] else [*frames, _text_frame(3, new, values)]


def _text_frame(version: int, kind: str, texts: Sequence[str]) -> Id3Frame:
    encoding, encoded = _encoded(version, texts)
    return Id3Frame(kind, encoding + _ENDS[encoding[0]].join(encoded))


def _encoded(version: int, texts: Sequence[str]) -> tuple[bytes, list[bytes]]:
    """The mark of the encoding and the texts in it: UTF-8 came with version 2.4."""
    if version == 4:
        return _UTF_8, [text.encode() for text in texts]
    try:
        return _LATIN_1, [text.encode("latin-1") for text in texts]
    except UnicodeEncodeError:
        return _UTF_16, [b"\xff\xfe" + text.encode("utf-16-le") for text in texts]
