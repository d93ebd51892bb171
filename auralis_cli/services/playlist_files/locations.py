"""How an entry of a playlist file names its file, and text that stays on one line.

A name is read as the bytes it is. Only where there is no such file, what the writer may have meant is tried as well:
another encoding, spaces around, percent escapes, the separators of Windows.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import quote, unquote_to_bytes

from auralis_cli.quick_dataclasses import dataclass

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(//)?")
_FILE_URI = re.compile(r"file:(?://(?:localhost)?(?=/))?", re.IGNORECASE)
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")
# Its colon is a bare one: a folder called `C:` has it escaped.
_URI_OF_DRIVE = re.compile(r"/?[A-Za-z]:(?:/|\\|%5C)", re.IGNORECASE)
# What a relative path may begin with and be taken for nothing else.
_PLAIN_START = re.compile(r"[^\W_][^:]*(?:/|$)")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a playlist file stands: what its relative names are relative to, and what there is."""

    folder: str
    exists: Callable[[str], bool] = os.path.isfile


class NotAFile(ValueError):  # noqa: N818 - no failure: an entry that is kept out
    """An entry that names no file of this machine."""


def path_of(word: str, place: Place, otherwise: str | None = None) -> str:
    """The path that an entry means; `otherwise` is the word in the encoding the file may be in.

    A path of Windows stays as it is: no file of ours, but an entry. Raises NotAFile for what is on the network.
    """
    # No writer begins a name with blanks, but people do.
    word = word.lstrip(" \t")
    if "\0" in word:
        raise NotAFile(word)
    if found := _FILE_URI.match(word):
        return path_of_uri_path(word[found.end() :], place)
    if (scheme := _SCHEME.match(word)) and scheme[2]:
        raise NotAFile(word)
    if _WINDOWS.match(word):
        return word
    exact = _joined(word, place)
    if place.exists(exact):
        return exact
    meant = (_joined(name, place) for name in _readings(word, otherwise))
    return next((name for name in meant if name != exact and place.exists(name)), exact)


def path_of_uri_path(escaped: str, place: Place) -> str:
    """The path that the percent-escaped path of a URI means."""
    if escaped.startswith("//"):
        raise NotAFile(escaped)
    word = os.fsdecode(unquote_to_bytes(escaped.split("?")[0].split("#")[0].encode("utf-8", "surrogateescape")))
    if "\0" in word or not word:
        raise NotAFile(escaped)
    if _URI_OF_DRIVE.match(escaped):
        return word.removeprefix("/")
    return word if word.startswith("\\\\") else _joined(word, place)


def uri_path_of(path: str) -> str:
    """What stands behind `file://` for an absolute path, or one of Windows."""
    if _WINDOWS.match(path) and not path.startswith("\\"):
        return "/" + quote(os.fsencode(path), safe="/:")
    return quote(os.fsencode(path), safe="/")


def word_for(path: str, relative_to: str | None) -> str:
    """How `path` is written: as it is, or seen from a folder, never to be taken for a comment or a URI."""
    if relative_to is None or not path.startswith("/"):
        return path
    relative = os.path.relpath(path, relative_to)
    return relative if _PLAIN_START.match(relative) or relative.startswith("../") else f"./{relative}"


def one_line(text: str) -> str:
    """`text` without anything that could end a line or be obeyed; a space stands for it."""
    if text.isprintable():
        return text.strip()
    return "".join(" " if unicodedata.category(letter) in _CONTROLS else letter for letter in text).strip()


_CONTROLS = ("Cc", "Zl", "Zp", "Cs")


def display_name(artist: str | None, title: str | None) -> str:
    """`Artist - Title`, as files with one field for both have it."""
    return " - ".join(one_line(part) for part in (artist, title) if part and one_line(part))


def artist_and_title(name: str) -> tuple[str | None, str | None]:
    """What `display_name` was made of: the artist in front of the first dash, where there is one."""
    artist, dash, title = one_line(name).partition(" - ")
    if dash and artist.strip() and title.strip():
        return artist.strip(), title.strip()
    return None, one_line(name) or None


def _readings(word: str, otherwise: str | None) -> Iterator[str]:
    for name in (word, otherwise):
        if name is not None:
            yield name
            yield name.strip()
            yield os.fsdecode(unquote_to_bytes(name.strip().encode("utf-8", "surrogateescape")).replace(b"\0", b""))
            yield name.strip().replace("\\", "/")


def _joined(name: str, place: Place) -> str:
    path = os.path.normpath(os.path.join(place.folder, name))
    return "/" + path.lstrip("/") if path.startswith("//") else path
