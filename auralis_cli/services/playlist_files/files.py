"""Playlist files of any kind: read within bounds, written whole or not at all.

Nothing that an entry names is opened, nothing is fetched.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from auralis_cli.errors import InputError, UnsupportedError, UsageError
from auralis_cli.model.playlists import ListedFile, ListedFiles, PlaylistFormat
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.playlist_files.listing import Listing, Malformed, WrittenFile
from auralis_cli.services.playlist_files.locations import Place
from auralis_cli.services.playlist_files.m3u import read_m3u, write_m3u
from auralis_cli.services.playlist_files.pls import read_pls, write_pls
from auralis_cli.services.playlist_files.xspf import read_xspf, write_xspf

MAX_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class _Kind:
    """A format of playlist files."""

    # How such a file begins, in small letters; what is plain text may begin with anything.
    begins: bytes
    read: Callable[[bytes, Listing], None]
    write: Callable[[str | None, Iterator[ListedFile], str | None], WrittenFile]


_KINDS = {
    PlaylistFormat.M3U: _Kind(b"#extm3u", read_m3u, write_m3u),
    PlaylistFormat.M3U8: _Kind(b"#extm3u", read_m3u, write_m3u),
    PlaylistFormat.PLS: _Kind(b"[playlist]", read_pls, write_pls),
    PlaylistFormat.XSPF: _Kind(b"<", read_xspf, write_xspf),
}


def read_playlist_file(path: Path, kind: PlaylistFormat | None = None) -> ListedFiles:
    """What the playlist file at `path` lists. Raises InputError where it is none, or too large."""
    try:
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
            raise InputError(str(path), "is no file")
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(str(path), error.strerror or "cannot be read") from error
    return read_playlist_bytes(
        data, str(path), os.path.dirname(os.path.abspath(path)), kind or PlaylistFormat.of_name(path)
    )


def read_playlist_bytes(data: bytes, name: str, folder: str, kind: PlaylistFormat | None) -> ListedFiles:
    """What a playlist file of the name `name` lists; relative paths are seen from `folder`."""
    if len(data) > MAX_BYTES:
        raise InputError(name, f"is too large for a playlist (more than {MAX_BYTES >> 20} MiB)")
    known = _by_beginning(data) or kind
    if known is None:
        raise UnsupportedError(name, "is no playlist file of a known kind", "name it with --format, if it is one")
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(name, "is no playlist file: it holds NUL characters")
    listing = Listing(Place(folder))
    try:
        _KINDS[known].read(data, listing)
    except Malformed as error:
        raise InputError(name, str(error)) from error
    return listing.listed()


def playlist_file(
    kind: PlaylistFormat, title: str | None, entries: Iterable[ListedFile], relative_to: str | None = None
) -> WrittenFile:
    """A playlist file; paths are seen from the folder `relative_to`, absolute where that is None."""
    return _KINDS[kind].write(title, iter(entries), relative_to)


def format_for(path: Path | None, kind: PlaylistFormat | None) -> PlaylistFormat:
    """The format to write: the one that is asked for, else what the name says; M3U to a pipe."""
    known = kind or (PlaylistFormat.M3U if path is None else PlaylistFormat.of_name(path))
    if known is None:
        names = ", ".join(f".{one}" for one in PlaylistFormat)
        raise UsageError(str(path), "its name does not say what kind of playlist to write", f"{names}, or --format")
    return known


def _by_beginning(data: bytes) -> PlaylistFormat | None:
    beginning = data[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return next((kind for kind, row in _KINDS.items() if beginning.startswith(row.begins)), None)
