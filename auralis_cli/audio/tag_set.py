"""Tags without a container: names as in Vorbis comments, values, pictures; and which of them go stale."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_PICTURE_BYTES = 64 << 20

# What told the level, the length or the encoder of the source tells nothing true about what was made of it.
_STALE_PREFIXES = ("replaygain_", "r128_", "mp3gain_", "accuraterip")
_STALE_NAMES = frozenset(
    {
        "itunnorm",
        "itunsmpb",
        "itunpgap",
        "encoder",
        "encoded-by",
        "encodedby",
        "encoded_by",
        "encodersettings",
        "encoder settings",
        "encoder_options",
        "encoder options",
        "encoding",
        "length",
        "duration",
        "bitrate",
        "software",
    }
)


def is_stale(name: str) -> bool:
    """Whether the field called `name` is dropped; a comment by that description is as well."""
    plain = name.lower().removeprefix("comment:").strip()
    return plain in _STALE_NAMES or plain.startswith(_STALE_PREFIXES)


@dataclass(frozen=True, slots=True)
class CoverPicture:
    """An embedded picture; `kind` counts as ID3 and FLAC both do (3 is the front cover)."""

    kind: int
    mime: str
    description: str
    data: bytes


@dataclass(slots=True)
class TagSet:
    """Fields in order, several of one name where there are several values."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    pictures: list[CoverPicture] = field(default_factory=list)
    # Kinds of ID3 frames that have no name elsewhere.
    only_in_id3: list[str] = field(default_factory=list)
    # One line for each thing that could not be taken along.
    warnings: list[str] = field(default_factory=list)

    def add(self, name: str, value: str) -> None:
        """Takes a field along, unless it is empty or stale."""
        if value and not is_stale(name):
            self.fields.append((name, value))

    def add_picture(self, picture: CoverPicture) -> None:
        """Takes a picture along, unless it is one by name only or beyond all measure."""
        if picture.mime == "-->":
            self.warnings.append("a cover that is only a link was left out")
        elif len(picture.data) > MAX_PICTURE_BYTES:
            self.warnings.append(f"a cover of {len(picture.data) >> 20} MiB was left out")
        elif picture.data:
            self.pictures.append(picture)
