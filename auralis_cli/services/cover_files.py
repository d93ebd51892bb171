"""Images that lie beside music: which of a folder is its cover, and reading it without ever leaving the folder.

A name may lead elsewhere: a symbolic link to a private file, a `../..` in something that was stored. What it resolves
to has to lie in the folder, and is opened part by part from there, no link followed: what is put in the way between
the question and the opening changes nothing.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from auralis_cli.errors import InputError
from auralis_cli.units import bytes_in_words

# What players and taggers call it; of two in a folder, the one named first here is the cover.
COVER_NAMES = ("cover", "folder", "front", "album", "albumart")
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp")
MAX_IMAGE_FILE_BYTES = 32 << 20

_FILE_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
_FOLDER_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY | os.O_NOFOLLOW
# A folder of photographs is no album: no more names than that are looked at.
_MAX_NAMES = 20_000


def cover_names_in(folder: Path, *, only_named: bool = False) -> tuple[str, ...]:
    """The images that may be the folder's cover, likeliest first: those that are named so, else its only image."""
    images = list(_images_in(folder))
    ranked = sorted((rank, name) for name in images if (rank := _rank(name)) is not None)
    if ranked:
        return tuple(name for _, name in ranked)
    return (images[0],) if len(images) == 1 and not only_named else ()


def read_in_folder(folder: Path, name: str, max_bytes: int = MAX_IMAGE_FILE_BYTES) -> bytes:
    """The bytes of a file below `folder`; raises InputError where the name leads out of it, or to no such file."""
    shown = os.path.join(folder, name)
    if "\0" in name:
        raise InputError(shown, "is no possible file name")
    try:
        home = os.path.realpath(folder, strict=True)
        inside = os.path.relpath(os.path.realpath(os.path.join(home, name), strict=True), home)
        if inside.split(os.sep, 1)[0] in (os.pardir, os.curdir):
            raise InputError(shown, "leads out of its folder, and is not read")
        return _read(_opened(home, inside.split(os.sep)), shown, max_bytes)
    except OSError as error:
        raise InputError(shown, f"cannot be read ({error.strerror or error})") from error


def _images_in(folder: Path) -> Iterator[str]:
    """Names of its images, in the order of names; none where it cannot be read."""
    try:
        names = os.listdir(folder)
    except OSError:
        return
    if len(names) <= _MAX_NAMES:
        yield from sorted(
            name
            for name in names
            if os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES
            and not name.startswith(".")
            and os.path.isfile(os.path.join(folder, name))
        )


def _rank(name: str) -> tuple[int, int] | None:
    """Where a name stands among those of covers; None where it is none. `AlbumArt_{…}_Large.jpg` is Windows' own."""
    stem, suffix = os.path.splitext(name.lower())
    stem = "albumart" if stem.startswith("albumart_") and not stem.endswith("_small") else stem
    return (COVER_NAMES.index(stem), IMAGE_SUFFIXES.index(suffix)) if stem in COVER_NAMES else None


def _opened(home: str, parts: list[str]) -> int:
    """A descriptor of what lies below `home`, each part of the way opened from the one before."""
    descriptor = os.open(home, _FOLDER_FLAGS)
    for index, part in enumerate(parts):
        try:
            flags = _FILE_FLAGS if index == len(parts) - 1 else _FOLDER_FLAGS
            inner = os.open(part, flags, dir_fd=descriptor)
        finally:
            os.close(descriptor)
        descriptor = inner
    return descriptor


def _read(descriptor: int, shown: str, max_bytes: int) -> bytes:
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise InputError(shown, "is not a file")
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise InputError(shown, f"is larger than {bytes_in_words(max_bytes)}")
    return data
