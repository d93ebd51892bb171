"""Names for files made from what tags say: safe on every file system, whatever the tags hold."""

from __future__ import annotations

import os
import unicodedata

from auralis_cli.model.source import CueTrack

# File systems take 255 bytes; room is left for what temporary names add.
MAX_NAME_BYTES = 200
# FAT, exFAT and Windows take none of these, and Unix no slash.
_FORBIDDEN = frozenset('/\\<>:"|?*')
_SLASH = frozenset("/")


def output_name(track: CueTrack, extension: str) -> str:
    """`07 - Title.flac` for a track of a sheet, `07.flac` without a title; distinct within one sheet.

    `extension` comes with its dot. What titles may hold and names may not becomes `_`.
    """
    number = f"{track.number:02d}"
    title = dict(track.tags).get("title", "")
    room = MAX_NAME_BYTES - len(f"{number} - {extension}".encode())
    safe = shortened_name(_safe(title), room)
    return f"{number} - {safe}{extension}" if safe else number + extension


def safe_name(text: str, *, portable: bool = True) -> str:
    """`text` as a name, or a part of one, on one line of printable characters: `_` stands for what names do not hold.

    A `portable` one is a name on FAT, exFAT and Windows too; else only slashes and what steers a terminal are replaced.
    """
    forbidden = _FORBIDDEN if portable else _SLASH
    return "".join("_" if _is_forbidden(character, forbidden) else character for character in " ".join(text.split()))


def shortened_name(text: str, room_bytes: int) -> str:
    """As much of `text` as fits, cut between characters; bytes of names that are no UTF-8 are kept."""
    encoded = os.fsencode(text)
    if len(encoded) <= room_bytes:
        return text
    kept = text[:room_bytes]
    while len(os.fsencode(kept)) > room_bytes:
        kept = kept[:-1]
    return kept.rstrip(" .")


def _safe(text: str) -> str:
    """A name without space or dot at its end, which Windows would drop."""
    return safe_name(text).rstrip(" .")


def _is_forbidden(character: str, forbidden: frozenset[str]) -> bool:
    # Control and format characters (line ends, escapes, reversed writing), lone surrogates.
    return character in forbidden or unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
