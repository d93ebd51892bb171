"""Tags without a container: names as in Vorbis comments, values, pictures; what goes stale, what is not taken."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import field
from typing import Any

from auralis_cli.audio.tag_names import ALIASES, OF_THE_WHOLE, OF_THE_WHOLE_PREFIXES
from auralis_cli.quick_dataclasses import dataclass

# Of all pictures together, of all texts together, and of one text: what a file of ours has room for.
MAX_PICTURE_BYTES = 64 << 20
MAX_TEXT_BYTES = 8 << 20
MAX_VALUE_BYTES = 1 << 20
_MAX_NAME_BYTES = 1 << 10
_MAX_NAMED = 8
_MAX_SHOWN = 60
_LAST_PICTURE_KIND = 20

# What told the level, the length or the encoder of the source tells nothing true about what was made of it.
_STALE_PREFIXES = ("replaygain_", "r128_", "mp3gain_", "accuraterip")
_STALE_NAMES = frozenset(
    """itunnorm, itunsmpb, itunpgap, encoder, encoded-by, encodedby, encoded_by, encodersettings, encoder settings,
    encoder_options, encoder options, encoding, encoding params, length, duration, bitrate, software, tool name,
    tool version""".replace("\n    ", " ").split(", ")
)
# Newlines and tabs are text; all else below the space, and DEL, is an order to a terminal or the end of a string.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")
_MIME = re.compile(r"image/[A-Za-z0-9.+-]{1,40}")
_SIGNATURES = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF8": "image/gif",
    b"BM": "image/bmp",
}


def is_stale(name: str) -> bool:
    """Whether the field called `name` is dropped; a comment by that description is as well."""
    plain = name.lower().removeprefix("comment:").strip()
    return plain in _STALE_NAMES or plain.startswith(_STALE_PREFIXES)


def shown(text: str) -> str:
    """A piece of a foreign file as part of one line."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    # Also what is none of ASCII's controls and moves a terminal's cursor, or is no letter at all.
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in whole).split())
    return line if len(line) <= _MAX_SHOWN else line[: _MAX_SHOWN - 1] + "…"


def listed(names: Iterable[str]) -> str:
    """A few names, each once, and how many more there are."""
    different = list(dict.fromkeys(shown(name) for name in names))
    more = len(different) - _MAX_NAMED
    return ", ".join(different[:_MAX_NAMED]) + (f" and {more} more" if more > 0 else "")


@dataclass(frozen=True, slots=True)
class CoverPicture:
    """An embedded picture; `kind` counts as ID3 and FLAC both do (3 is the front cover)."""

    kind: int
    mime: str
    description: str
    data: bytes
    # 0 where it was not asked.
    width_px: int = 0
    height_px: int = 0


@dataclass(slots=True)
class TagSet:
    """Fields in order, several of one name where there are several values."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    pictures: list[CoverPicture] = field(default_factory=list)
    # The frames as they were, for a result that keeps ID3 too; pictures are not among them.
    id3_frames: list[Any] = field(default_factory=list)
    # Kinds of ID3 frames and MP4 atoms that have no name elsewhere.
    nameless: list[str] = field(default_factory=list)
    # One line for each thing that could not be taken along as it was.
    warnings: list[str] = field(default_factory=list)
    _text_bytes: int = 0
    _cleaned: list[str] = field(default_factory=list)
    _too_long: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.fields or self.pictures or self.id3_frames)

    @property
    def is_as_found(self) -> bool:
        """Whether the fields say all that the source's texts said."""
        return not (self._cleaned or self._too_long)

    def add(self, name: str, value: str) -> None:
        """Takes a field along, unless it is empty or beyond all measure."""
        value = value.rstrip("\0")
        if not value:
            return
        clean_name, clean_value = _clean(name), _clean(value)
        name_bytes, value_bytes = len(clean_name.encode()), len(clean_value.encode())
        size = name_bytes + value_bytes
        if name_bytes > _MAX_NAME_BYTES or value_bytes > MAX_VALUE_BYTES or self._text_bytes + size > MAX_TEXT_BYTES:
            self._too_long.append(name[: 2 * _MAX_SHOWN])
            return
        if (clean_name, clean_value) != (name, value):
            self._cleaned.append(name)
            clean_name, clean_value = clean_name.strip(), clean_value.strip()
        if clean_value:
            self._text_bytes += size
            self.fields.append((clean_name or "description", clean_value))

    def add_numbered(self, number: str, total: str, text: str) -> None:
        """Takes "3/12" along as the number and the total."""
        first, _, last = text.partition("/")
        self.add(number, first.strip())
        self.add(total, last.strip())

    def add_picture(self, kind: int, mime: str, description: str, data: bytes) -> None:
        """Takes a picture along, unless it is one by name only, empty, or beyond all measure."""
        if mime == "-->":
            self.warnings.append("a cover that is only a link was left out")
        elif not data:
            self.warnings.append("an empty cover was left out")
        elif len(data) + sum(len(picture.data) for picture in self.pictures) > MAX_PICTURE_BYTES:
            self.warnings.append(f"a cover of {len(data) >> 20} MiB was left out")
        else:
            kind = kind if 0 <= kind <= _LAST_PICTURE_KIND else 0
            description = _clean(description)[:_MAX_NAME_BYTES]
            self.pictures.append(CoverPicture(kind, _mime_of(data, mime), description, data))

    def describe_part(self, fields: Iterable[tuple[str, str]]) -> None:
        """Makes it the tags of a part of the source, of which `fields` are known: these win over the file's."""
        self.fields = [
            (name, value)
            for name, value in self.fields
            if _canonical(name) not in OF_THE_WHOLE and not name.lower().startswith(OF_THE_WHOLE_PREFIXES)
        ]
        self.override(fields)

    def override(self, fields: Iterable[tuple[str, str]]) -> None:
        """Puts `fields` in the place of those by the same names."""
        fields = tuple(fields)
        known = {_canonical(name) for name, _ in fields}
        self.fields = [(name, value) for name, value in self.fields if _canonical(name) not in known]
        self.id3_frames = []
        for name, value in fields:
            self.add(name, value)

    def drop_stale(self) -> None:
        """Leaves out what is true of the source's level, length or encoder only."""
        self.fields = [(name, value) for name, value in self.fields if not is_stale(name)]
        self.id3_frames = [frame for frame in self.id3_frames if not is_stale(getattr(frame, "desc", ""))]
        self._cleaned = [name for name in self._cleaned if not is_stale(name)]
        self._too_long = [name for name in self._too_long if not is_stale(name)]

    def says_more_than_stale(self) -> bool:
        """Whether anything would be left without what is stale."""
        return bool(
            self.pictures
            or any(not is_stale(name) for name, _ in self.fields)
            or any(not is_stale(getattr(frame, "desc", "")) for frame in self.id3_frames)
        )

    def values(self) -> dict[str, tuple[str, list[str]]]:
        """The fields by their usual name in lower case: how it is spelt, and its values.

        Another name for a thing means it only where the thing itself is missing.
        """
        found: dict[str, tuple[str, list[str]]] = {}
        for name, value in self.fields:
            found.setdefault(name.lower(), (name, []))[1].append(value)
        for alias in [name for name in found if name in ALIASES]:
            usual = ALIASES[alias]
            if usual not in found:
                found[usual] = (usual, found.pop(alias)[1])
            elif found[usual][1] == found[alias][1]:
                del found[alias]
        return found

    def add_unsaid(self, more: TagSet) -> None:
        """Takes along what is not said yet, of another place in the same file."""
        known = self.values()
        for name, (spelling, values) in more.values().items():
            if name not in known:
                for value in values:
                    self.add(spelling, value)
        self.pictures = self.pictures or more.pictures
        self.id3_frames += more.id3_frames
        self.nameless += more.nameless
        self.warnings += [line for line in more.report() if line not in self.warnings]

    def report(self) -> tuple[str, ...]:
        """All warnings, each once."""
        lines = list(dict.fromkeys(self.warnings))
        if self._too_long:
            lines.append(f"tags too long to be kept were left out: {listed(self._too_long)}")
        if self._cleaned:
            lines.append(f"characters that are no text were taken out of tags: {listed(self._cleaned)}")
        return tuple(lines)


def _canonical(name: str) -> str:
    return ALIASES.get(name.lower(), name.lower())


def _clean(text: str) -> str:
    """Text that every format holds and no terminal obeys: no controls, nothing that is no Unicode."""
    return _CONTROLS.sub(" ", text).encode("utf-8", "replace").decode("utf-8")


def _mime_of(data: bytes, stated: str) -> str:
    """What the picture is by its first bytes, else what it is said to be."""
    for signature, mime in _SIGNATURES.items():
        if data.startswith(signature):
            return mime
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return stated if _MIME.fullmatch(stated) else "image/jpeg"
