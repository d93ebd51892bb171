"""Where each format keeps tags that can be changed, who changes them, and what none of its places can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import IO

from auralis_cli.audio.tag_edit_flac import edit_flac

Editor = Callable[[IO[bytes], str, Mapping[str, Sequence[str]]], tuple[str, ...]]

# Formats without a place for tags that anybody reads.
NO_TAGS: Mapping[str, str] = {
    "w64": "W64 has no place for tags",
    "caf": "CAF has no place for tags that can be changed",
    "au": "AU has no place for tags",
    "ac3": "AC-3 has no place for tags",
    "eac3": "E-AC-3 has no place for tags",
}
# What single fields of a format cannot hold: a test and the reason.
CELLS: Mapping[tuple[str, str], tuple[Callable[[str], bool], str]] = {
    ("m4a", "bpm"): (str.isdigit, "m4a holds whole numbers of beats per minute only"),
}


def unwritable(key: str, field: str | None = None, values: Sequence[str] = ()) -> str | None:
    """Why a file of the registry's kind `key` cannot hold tags, or these values of `field`; None where it can."""
    if key in NO_TAGS:
        return NO_TAGS[key]
    if field is not None and (key, field) in CELLS:
        is_held, reason = CELLS[key, field]
        if not all(map(is_held, values)):
            return reason
    return None


def _flac(file: IO[bytes], key: str, fields: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    edit_flac(file, fields)
    return ()


EDITORS: Mapping[str, Editor] = {"flac": _flac}
