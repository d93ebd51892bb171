"""Which tracks are one album, and the folded text that names are compared, sorted and searched by.

An album is told by its MusicBrainz id; else by title, folder and, where one is named, its album artist: not by artist
or year, which differ within compilations and soundtracks. The folders of its discs count as the folder above them, or
as one of the same name without the disc.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from hashlib import blake2b
from typing import TYPE_CHECKING

from auralis_cli.quick_dataclasses import dataclass

if TYPE_CHECKING:
    from auralis_cli.model.library import TrackTags

VARIOUS_ARTISTS = "Various Artists"
_VARIOUS = frozenset(
    ["various artists", "various", "va", "v.a.", "v/a", "various artist", "diverse", "verschiedene interpreten"]
)
# MusicBrainz' own id for "Various Artists".
_VARIOUS_ID = "89ad4ac3-39f7-470e-963a-56509c546377"
_KEY_BYTES = 16
_DISC_FOLDER = re.compile(
    r"(?:cd|dvd|sacd|lp|dis[ck]|disque|disco|vinyl|volume|vol\.?|side|seite)[ ._-]*#?(\d{1,2}|[a-h]|one|two|three|four)"
    r"(?:[ ._-]*[-(:\[].*)?",
    re.IGNORECASE,
)
# At the end of a folder's name: `Hits (CD 2)`, `Hits - Disc Two`.
_DISC_ENDING = re.compile(
    r"(?:[ ._-]+[(\[]?|[(\[])(?:cd|dvd|dis[ck])[ ._-]*#?(?:\d{1,2}|one|two|three|four)[)\]]?$", re.IGNORECASE
)
_DISC_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4}
# Accents of the Latin, Greek and Cyrillic scripts; the voicing marks of Japanese make other letters.
_ACCENTS = re.compile("[\u0300-\u036f]+")
_TYPOGRAPHY = str.maketrans("‘’‚‛“”„‟‐‑‒–—−´`", "''''\"\"\"\"------''")


def fold(text: str) -> str:
    """`text` as it is compared: compatible forms, no case, no accents, plain quotes and dashes, single spaces."""
    if text.isascii():
        return " ".join(text.lower().replace("`", "'").split())
    decomposed = unicodedata.normalize("NFKD", text.translate(_TYPOGRAPHY).casefold())
    plain = unicodedata.normalize("NFKC", _ACCENTS.sub("", decomposed)).casefold()
    return " ".join(plain.translate(_TYPOGRAPHY).split())


def sort_key(name: str | None, sort_name: str | None = None) -> str:
    """What a listing sorts by: the name for sorting where there is one, folded, else the name without its article."""
    if sort_name:
        return fold(sort_name)
    folded = fold(name or "")
    return folded.removeprefix("the ") or folded


def is_various(artist: str | None) -> bool:
    """Whether `artist` says that there are many."""
    return artist is not None and fold(artist) in _VARIOUS


def disc_of_folder(name: str) -> int | None:
    """The number of the disc a folder of this name holds (`CD1`, `Disc 2 - Live`), None where it is no such name."""
    if len(name) > 100 or (found := _DISC_FOLDER.fullmatch(name)) is None:
        return None
    word = found[1].lower()
    if word.isascii() and word.isdigit():
        return int(word) or None
    return _DISC_WORDS.get(word) or ord(word) - ord("a") + 1


def album_folder(path: str) -> str:
    """The folder of the album the file at `path` is on: its own, the one above that of its disc, or, of
    `Hits (CD 2)`, `Hits`, which need not be there.
    """
    folder = os.path.dirname(path)
    above, name = os.path.split(folder)
    if above and disc_of_folder(name) is not None:
        return above
    ending = _DISC_ENDING.search(name)
    return os.path.join(above, name[: ending.start()]) if ending and ending.start() else folder


def album_key(tags: TrackTags, path: str) -> str | None:
    """Equal for the tracks of one album, different for others: 32 hexadecimal digits; None without an album.

    `path` is that of the file, or of the cue sheet for its tracks.
    """
    if tags.mb_album_id:
        return _digest("id", tags.mb_album_id)
    if not tags.album:
        return None
    by_one = not tags.compilation and not is_various(tags.albumartist)
    artist = fold(tags.albumartist or "") if by_one else ""
    return _digest("folder", album_folder(path), fold(tags.album), artist)


@dataclass(frozen=True, slots=True)
class AlbumCredit:
    """Who an album is by."""

    # None where no track says.
    albumartist: str | None
    compilation: bool


def album_credit(tracks: Iterable[TrackTags]) -> AlbumCredit:
    """Who the album of these tracks (all there are with its key) is by.

    It is the album artist they name first. Without one it is the artist of all of them, or "Various Artists", a
    compilation, where the first of their artists differ.
    """
    flagged = False
    artists: dict[str, str] = {}
    for tags in tracks:
        flagged = flagged or tags.compilation
        if tags.albumartist:
            various = is_various(tags.albumartist) or tags.mb_albumartist_ids == (_VARIOUS_ID,)
            return AlbumCredit(tags.albumartist, flagged or various)
        artist = tags.artists[0] if tags.artists else tags.artist
        if artist:
            artists.setdefault(fold(artist), artist)
    if len(artists) > 1:
        return AlbumCredit(VARIOUS_ARTISTS, True)
    return AlbumCredit(next(iter(artists.values()), None), flagged)


def _digest(*parts: str) -> str:
    """A key of one length that any path can be part of."""
    data = "\0".join(parts).encode("utf-8", "surrogateescape")
    return blake2b(data, digest_size=_KEY_BYTES).hexdigest()
