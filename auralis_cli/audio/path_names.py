"""What the names of a file and its folders say of a track whose tags do not."""

from __future__ import annotations

import os
import re
from dataclasses import replace

from auralis_cli.model.album_grouping import disc_of_folder
from auralis_cli.model.folders import is_below
from auralis_cli.model.library import TrackTags
from auralis_cli.model.plausible import MAX_NUMBER, MAX_YEAR, plain_text, whole_number
from auralis_cli.quick_dataclasses import dataclass

# "01 - Title", "1-03 Title", "01. Title", "(01) Title", "A1 Title" is left alone.
_NUMBERED = re.compile(r"[(\[]?(?:(\d)[-.](?=\d\d\b))?(\d{1,3})(?:[)\]]?(?:\s*[-._)\]]\s*|\s+))(?=\S)", re.ASCII)
_DASH = re.compile(r"\s+[-–—]\s+")
# "Album (1999)", "Album [1999]", "1999 - Album", "(1999) Album".
_YEAR_BEHIND = re.compile(r"\s*[(\[](\d{4})(?:[^)\]]*)[)\]]\s*$", re.ASCII)
_YEAR_BEFORE = re.compile(r"[(\[]?(\d{4})[)\]]?\s*[-–—._ ]\s*(?=\D)", re.ASCII)
_EARLIEST_YEAR = 1860
# Folders that are called after no album.
_NO_ALBUMS = frozenset(
    ["music", "musik", "audio", "mp3", "flac", "songs", "tracks", "downloads", "download", "unsorted", "misc"]
)


@dataclass(frozen=True, slots=True)
class PathNames:
    """What a path says; None where it is silent."""

    title: str
    artist: str | None = None
    album: str | None = None
    albumartist: str | None = None
    track: int | None = None
    disc: int | None = None
    year: int | None = None


def names_in(path: str, root: str | None = None) -> PathNames:
    """What the file's name and those of the folders above it say, `root` and what is above it left out.

    "Artist/Album (1999)/CD2/01 - Title.ext", "Artist - Album/1-03 Artist - Title.ext" and what is like them.
    """
    folders, stem = _parts(path, root)
    disc = disc_of_folder(folders[-1]) if folders else None
    if disc is not None:
        folders = folders[:-1]
    artist, album, year = _album_folder(folders)
    disc_in_name, track, rest = _numbered(stem)
    parts = _DASH.split(rest, maxsplit=2)
    name_artist = None
    if len(parts) == 3 and track is None and parts[1].isdigit():
        # "Artist - 03 - Title"
        track = whole_number(parts[1], 1, MAX_NUMBER)
        name_artist, title = parts[0], parts[2]
    elif len(parts) >= 2:
        name_artist, title = parts[0], rest[len(parts[0]) :].lstrip(" -–—")
    else:
        title = rest
    return PathNames(
        title=plain_text(title) or plain_text(stem) or "?",
        artist=plain_text(name_artist or "") or artist,
        album=album,
        albumartist=artist,
        track=track,
        disc=disc or disc_in_name,
        year=year,
    )


def completed(tags: TrackTags, names: PathNames) -> TrackTags:
    """`tags` with what they do not say taken from the path.

    A title is always found. Who and which album is only taken where tags say nothing of either: half of each makes
    albums that are none.
    """
    if tags.title and (tags.album or tags.artist):
        return tags
    found = replace(tags, title=tags.title or names.title)
    if tags.album or tags.artist or tags.albumartist:
        return found
    artists = (names.artist,) if names.artist else ()
    return replace(
        found,
        artist=names.artist,
        artists=artists,
        album=names.album,
        albumartist=names.albumartist if names.album else None,
        albumartists=(names.albumartist,) if names.albumartist and names.album else (),
        track=tags.track or names.track,
        disc=tags.disc or names.disc,
        year=tags.year or names.year,
    )


def _parts(path: str, root: str | None) -> tuple[list[str], str]:
    """The folders below the root and the name without its extension, as text."""
    folder, name = os.path.split(path)
    stem = os.path.splitext(name)[0]
    if root and is_below(folder, root):
        folder = folder[len(root.rstrip("/")) :]
    folders = [part for part in _text(folder).split("/") if part and part != "."]
    return folders, _text(stem)


def _text(name: str) -> str:
    """Bytes that are no UTF-8 as marks of replacement; underscores, where there are no spaces, as spaces."""
    text = os.fsencode(name).decode("utf-8", "replace")
    return text if " " in text else text.replace("_", " ")


def _album_folder(folders: list[str]) -> tuple[str | None, str | None, int | None]:
    """Artist, album and year by the last folder and the one above."""
    if not folders or folders[-1].casefold() in _NO_ALBUMS:
        return None, None, None
    name, year = folders[-1], None
    if found := _YEAR_BEHIND.search(name):
        year, name = _year(found[1]), name[: found.start()] if _year(found[1]) else name
    elif found := _YEAR_BEFORE.match(name):
        year, name = _year(found[1]), name[found.end() :] if _year(found[1]) else name
    parts = _DASH.split(name)
    if len(parts) >= 3 and year is None and (year := _year(parts[1])):
        # "Artist - 1999 - Album"
        parts = [parts[0], " - ".join(parts[2:])]
    if len(parts) >= 2:
        return plain_text(parts[0]), plain_text(" - ".join(parts[1:])), year
    above = folders[-2] if len(folders) > 1 and folders[-2].casefold() not in _NO_ALBUMS else ""
    return plain_text(above), plain_text(name), year


def _year(digits: str) -> int | None:
    return whole_number(digits, _EARLIEST_YEAR, MAX_YEAR) if digits < "2100" else None


def _numbered(stem: str) -> tuple[int | None, int | None, str]:
    """Disc, track and what follows them."""
    found = _NUMBERED.match(stem)
    if found is None:
        alone = whole_number(stem, 1, 999)
        return None, alone, stem
    return (int(found[1]) if found[1] else None), int(found[2]) or None, stem[found.end() :]
