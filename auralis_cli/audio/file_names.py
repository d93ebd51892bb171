"""Names for files made from what tags say: safe on every file system, whatever the tags hold."""

from __future__ import annotations

import unicodedata

from auralis_cli.model.source import CueTrack

# File systems take 255 bytes; room is left for what temporary names add.
MAX_NAME_BYTES = 200
# FAT, exFAT and Windows take none of these, and Unix no slash.
_FORBIDDEN = frozenset('/\\<>:"|?*')


def output_name(track: CueTrack, extension: str) -> str:
    """`07 - Title.flac` for a track of a sheet, `07.flac` without a title; distinct within one sheet.

    `extension` comes with its dot. What titles may hold and names may not becomes `_`.
    """
    number = f"{track.number:02d}"
    title = dict(track.tags).get("title", "")
    room = MAX_NAME_BYTES - len(f"{number} - {extension}".encode())
    safe = _shortened(_safe(title), room)
    return f"{number} - {safe}{extension}" if safe else number + extension


def _safe(text: str) -> str:
    """`text` on one line of printable characters; no space or dot at its end, which Windows would drop."""
    kept = "".join("_" if _is_forbidden(character) else character for character in " ".join(text.split()))
    return kept.rstrip(" .")


def _is_forbidden(character: str) -> bool:
    # Control and format characters (line ends, escapes, reversed writing), lone surrogates.
    return character in _FORBIDDEN or unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _shortened(text: str, room_bytes: int) -> str:
    """As much of `text` as fits, cut between characters."""
    encoded = text.encode()
    return text if len(encoded) <= room_bytes else encoded[:room_bytes].decode(errors="ignore").rstrip(" .")
