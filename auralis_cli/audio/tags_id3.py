"""ID3 frames (mp3, wav, aiff, dsf and others) to and from plain tags. Names: as Picard and foobar2000 map them."""

from __future__ import annotations

import re
from typing import Any

from mutagen import id3

from auralis_cli.audio.tag_names import (
    ID3_NUMBERS,
    ID3_TEXTS,
    NAMED_TEXTS,
    NAMES_OF_TEXTS,
    RECORDING_NAME,
    RECORDING_OWNER,
)
from auralis_cli.audio.tag_set import TagSet

_FRAMES = {name: frame for frame, name in ID3_TEXTS.items()}
_NUMBER_NAMES = frozenset(name for pair in ID3_NUMBERS.values() for name in pair)
# Roles in the list of people involved, by the names the fields have.
ROLES = {"producer": "producer", "engineer": "engineer", "mixer": "mix", "arranger": "arranger", "djmixer": "DJ-mix"}
_NAMES_OF_ROLES = {role.lower(): name for name, role in ROLES.items()}
PERFORMER = "performer"
PERFORMER_ROLE = re.compile(r"(.+?)\s*\(([^()]+)\)", re.DOTALL)
_DATES = ("TDRC", "TDOR", "TDRL")
# True of the source's bytes or level only: encoder, length, gain, places in the stream.
_STALE_FRAMES = frozenset(
    [
        "TSSE",
        "TENC",
        "TLEN",
        "TSIZ",
        "TDLY",
        "RVA2",
        "RVAD",
        "RGAD",
        "EQU2",
        "EQUA",
        "MLLT",
        "ASPI",
        "SEEK",
        "ETCO",
        "SYTC",
    ]
)
_UTF8 = id3.Encoding.UTF8
# What mutagen calls the comment of an old tag.
_OLD_COMMENT = "ID3v1 Comment"
# Values by name, as `TagSet.values` gives them.
Values = dict[str, tuple[str, list[str]]]
# Of frames that are kept although they are no text.
_MAX_BINARY_BYTES = 16 << 20
# "No language stated", ISO-639-2 as ID3 writes it.
NO_LANGUAGE = "XXX"


def read_id3(tags: id3.ID3) -> TagSet:
    """An ID3 tag as plain tags."""
    found = TagSet()
    has_comment = any(frame.FrameID == "COMM" and not frame.desc for frame in tags.values())
    for frame in tags.values():
        if frame.FrameID == "COMM" and frame.desc == _OLD_COMMENT:
            # Cut after 30 letters: it is the comment where there is no other.
            if not has_comment:
                found.id3_frames.append(frame)
                found.add("comment", str(frame.text[0]))
        elif frame.FrameID == "APIC":
            found.add_picture(int(frame.type), frame.mime, frame.desc, frame.data)
        elif frame.FrameID not in _STALE_FRAMES:
            found.id3_frames.append(frame)
            _read_frame(frame, found)
    return found


def _read_frame(frame: Any, found: TagSet) -> None:
    kind = frame.FrameID
    if kind in ID3_NUMBERS:
        found.add_numbered(*ID3_NUMBERS[kind], str(frame.text[0] if frame.text else ""))
    elif kind == "TXXX":
        for value in frame.text:
            found.add(NAMES_OF_TEXTS.get(frame.desc.lower(), frame.desc or "description"), str(value))
    elif kind in ("TIPL", "TMCL", "IPLS"):
        for role, person in frame.people:
            found.add(*involvement(kind, role, person))
    elif kind in ID3_TEXTS and kind.startswith("W"):
        found.add(ID3_TEXTS[kind], frame.url)
    elif kind in ID3_TEXTS:
        for value in frame.genres if kind == "TCON" else frame.text:
            found.add(ID3_TEXTS[kind], str(value))
    elif kind == "WXXX":
        found.add(f"url:{frame.desc}" if frame.desc else "url", frame.url)
    elif kind == "COMM":
        for value in frame.text:
            found.add(f"comment:{frame.desc}" if frame.desc else "comment", str(value))
    elif kind == "USLT":
        found.add("lyrics", frame.text)
    elif kind == "UFID" and frame.owner == RECORDING_OWNER:
        found.add(RECORDING_NAME, frame.data.decode("ascii", "replace"))
    else:
        found.nameless.append(kind)


def involvement(kind: str, role: str, person: str) -> tuple[str, str]:
    """The field and the value that one of a list of people is."""
    if kind == "TMCL" or role.lower() == PERFORMER:
        return PERFORMER, person if role.lower() in ("", PERFORMER) else f"{person} ({role})"
    return _NAMES_OF_ROLES.get(role.lower(), role or "involved"), person


def frames_of(tags: TagSet) -> list[Any]:
    """ID3v2.4 frames of plain tags, pictures included; fields without a frame of their own become TXXX.

    Frames that came from ID3 are taken as they were, unless what they say had to be changed.
    """
    if tags.id3_frames and tags.is_as_found:
        return [*_within_bounds(tags.id3_frames, tags), *_picture_frames(tags)]
    values = tags.values()
    frames = [frame for frame in tags.id3_frames if frame.FrameID in tags.nameless]
    frames = [*_within_bounds(frames, tags), *_number_frames(values), *_people_frames(values)]
    for name, (spelling, texts) in values.items():
        if name not in _NUMBER_NAMES and name not in ROLES and name != PERFORMER:
            frames.extend(_field_frames(name, spelling, texts))
    return [*frames, *_picture_frames(tags)]


def _within_bounds(frames: list[Any], tags: TagSet) -> list[Any]:
    """Without the frames whose binary data fill more than a tag has room for."""
    kept, room = [], _MAX_BINARY_BYTES
    for frame in frames:
        room_after = room - len(getattr(frame, "data", b""))
        if room_after < 0:
            tags.warnings.append(f"more than {_MAX_BINARY_BYTES >> 20} MiB of ID3 data were left out: {frame.FrameID}")
        else:
            room = room_after
            kept.append(frame)
    return kept


def _picture_frames(tags: TagSet) -> list[Any]:
    """The covers, told apart by descriptions where two of a kind share one."""
    frames: list[Any] = []
    taken: set[str] = set()
    for picture in tags.pictures:
        description = picture.description
        while description in taken:
            description += " "
        taken.add(description)
        frames.append(
            id3.APIC(encoding=_UTF8, mime=picture.mime, type=picture.kind, desc=description, data=picture.data)
        )
    return frames


def _number_frames(values: Values) -> list[Any]:
    frames = []
    for frame, names in ID3_NUMBERS.items():
        number, total = (values[name][1][0] if name in values else "" for name in names)
        text = number if "/" in number or not total else f"{number or 0}/{total}"
        if text:
            frames.append(getattr(id3, frame)(encoding=_UTF8, text=[text]))
    return frames


def _people_frames(values: Values) -> list[Any]:
    involved = [[role, person] for name, role in ROLES.items() if name in values for person in values[name][1]]
    musicians = []
    for person in values.get(PERFORMER, ("", []))[1]:
        played = PERFORMER_ROLE.fullmatch(person)
        musicians.append([played[2], played[1]] if played else [PERFORMER, person])
    frames: list[Any] = [id3.TIPL(encoding=_UTF8, people=involved)] if involved else []
    return [*frames, id3.TMCL(encoding=_UTF8, people=musicians)] if musicians else frames


def _field_frames(name: str, spelling: str, texts: list[str]) -> list[Any]:
    if name == RECORDING_NAME:
        return [id3.UFID(owner=RECORDING_OWNER, data=texts[0].encode("ascii", "replace"))]
    if name == "comment" or name.startswith("comment:"):
        return [id3.COMM(encoding=_UTF8, lang=NO_LANGUAGE, desc=spelling[len("comment:") :], text=texts)]
    if name == "lyrics":
        return [id3.USLT(encoding=_UTF8, lang=NO_LANGUAGE, desc="", text="\n\n".join(texts))]
    if (name == "url" or name.startswith("url:")) and texts[0].isascii():
        return [id3.WXXX(encoding=_UTF8, desc=spelling[len("url:") :], url=texts[0])]
    kind = _FRAMES.get(name, "TXXX")
    if kind.startswith("W") and texts[0].isascii():
        return [getattr(id3, kind)(url=texts[0])]
    if kind.startswith("T") and kind != "TXXX":
        frame = getattr(id3, kind)(encoding=_UTF8, text=texts)
        # A date that ID3 cannot parse would come out otherwise than it went in.
        if kind not in _DATES or [str(text) for text in frame.text] == [text.replace("T", " ") for text in texts]:
            return [frame]
    return [id3.TXXX(encoding=_UTF8, desc=NAMED_TEXTS.get(name, spelling), text=texts)]
