"""Covers: what a picture shows, what an image file says of itself, and which picture a track has."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from hashlib import blake2b

from auralis_cli.quick_dataclasses import dataclass


class PictureKind(StrEnum):
    """What an embedded picture shows; in the order by which ID3 and FLAC count them."""

    OTHER = "other"
    ICON = "icon"
    OTHER_ICON = "other-icon"
    FRONT = "front"
    BACK = "back"
    LEAFLET = "leaflet"
    MEDIA = "media"
    LEAD_ARTIST = "lead-artist"
    ARTIST = "artist"
    CONDUCTOR = "conductor"
    BAND = "band"
    COMPOSER = "composer"
    LYRICIST = "lyricist"
    LOCATION = "location"
    RECORDING = "recording"
    PERFORMANCE = "performance"
    VIDEO = "video"
    FISH = "fish"
    ILLUSTRATION = "illustration"
    BAND_LOGO = "band-logo"
    PUBLISHER_LOGO = "publisher-logo"

    @property
    def number(self) -> int:
        """Its number in ID3 and FLAC."""
        return tuple(PictureKind).index(self)

    @classmethod
    def of_number(cls, number: int) -> PictureKind:
        """The kind of that number; one that nobody defined is another."""
        kinds = tuple(cls)
        return kinds[number] if 0 <= number < len(kinds) else cls.OTHER


class ImageFormat(StrEnum):
    """The formats of images that are looked at."""

    JPEG = "jpeg"
    PNG = "png"
    GIF = "gif"
    WEBP = "webp"
    BMP = "bmp"

    @property
    def mime(self) -> str:
        """As tags name it."""
        return f"image/{self}"

    @property
    def extension(self) -> str:
        """How the name of a file of it ends."""
        return ".jpg" if self is ImageFormat.JPEG else f".{self}"


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What the head of an image says; the image itself was not decoded."""

    format: ImageFormat
    width_px: int
    height_px: int
    # How often a progressive JPEG paints all of itself over again.
    passes: int = 1

    @property
    def pixels(self) -> int:
        """As many as decoding has to hold."""
        return self.width_px * self.height_px


class CoverPlace(StrEnum):
    """Where a picture was found."""

    EMBEDDED = "embedded"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class FoundCover:
    """A picture of a track."""

    place: CoverPlace
    # The file it is in: the audio file, or the image beside it.
    path: str
    kind: PictureKind
    description: str
    data: bytes
    # None of one that is not decoded, by what its head says; `problem` says why.
    facts: ImageFacts | None
    problem: str | None = None

    @property
    def digest(self) -> str:
        """Equal for pictures that are the same bit for bit."""
        return digest_of_picture(self.data)

    def described(self) -> DescribedCover:
        """What is told of it, without the picture itself."""
        facts = self.facts
        return DescribedCover(
            self.place,
            self.path,
            self.kind,
            self.description,
            None if facts is None else facts.format,
            None if facts is None else facts.width_px,
            None if facts is None else facts.height_px,
            len(self.data),
            self.digest,
            self.problem,
        )


@dataclass(frozen=True, slots=True)
class DescribedCover:
    """What is told of a picture; the fields are the keys of JSON."""

    place: CoverPlace
    path: str
    kind: PictureKind
    description: str
    # None of one that is not decoded.
    format: ImageFormat | None
    width_px: int | None
    height_px: int | None
    size_bytes: int
    digest: str
    problem: str | None = None


class CoverAction(StrEnum):
    """What came of the pictures of a file, or would."""

    EMBEDDED = "embedded"
    REPLACED = "replaced"
    REMOVED = "removed"
    EXTRACTED = "extracted"
    UNCHANGED = "unchanged"


class DrawnAs(StrEnum):
    """How a picture comes into a terminal; AUTO asks its environment."""

    AUTO = "auto"
    # Two pixels in a character, above each other: every terminal with colours shows them.
    BLOCKS = "blocks"
    KITTY = "kitty"
    SIXEL = "sixel"


def digest_of_picture(data: bytes) -> str:
    """Equal for pictures that are the same bit for bit."""
    return blake2b(data, digest_size=16).hexdigest()


def shown_first(covers: Sequence[FoundCover], kind: PictureKind = PictureKind.FRONT) -> FoundCover | None:
    """The one that stands for the track: of the kind, else without one, else any; of two, what was found first."""
    ranks = (kind, PictureKind.OTHER) if kind is PictureKind.FRONT else (kind,)
    usable = [one for one in covers if one.facts is not None]
    for wanted in ranks:
        for one in usable:
            if one.kind is wanted:
                return one
    if kind is not PictureKind.FRONT:
        return None
    return next((one for one in usable if one.kind not in (PictureKind.ICON, PictureKind.OTHER_ICON)), None)
