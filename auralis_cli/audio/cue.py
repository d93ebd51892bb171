"""The tracks of a cue sheet as things to read.

A track lasts from its INDEX 01 to the next one in the same file, so a pregap belongs to the track before it, as
in players; the last lasts to the end of the file. What lies before the first INDEX 01 of a file (a pregap, a
hidden track) is left out, as it is in players. Silence that a sheet only asks for (PREGAP, POSTGAP) is none of the
file's and not made. Data tracks are skipped. Sheets embedded in audio files are not looked for.

The names of files in a sheet are data: they are looked up in the sheet's folder and below it, nowhere else.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from auralis_cli.audio.cue_sheet import MAX_SHEET_BYTES, CueSheet, SheetTrack, parse_cue_sheet
from auralis_cli.audio.formats import FORMATS
from auralis_cli.audio.source_file import open_source
from auralis_cli.errors import InputError
from auralis_cli.model.source import SECTORS_PER_SECOND, AudioSource, CueTrack, DecodeLimits
from auralis_cli.quick_dataclasses import dataclass

# Every CD has a gap of two seconds before its first track; more than that may be music.
_SILENT_GAP_SECTORS = 2 * SECTORS_PER_SECOND
_DRIVE = re.compile(r"[A-Za-z]:")
_SEPARATORS = re.compile(r"[/\\:]")
_EXTENSIONS = tuple(extension for row in FORMATS for extension in row.extensions)


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a file of the sheet lies, and what about its name had to be guessed."""

    path: Path
    warnings: tuple[str, ...] = ()


def tracks_of(sheet: Path, limits: DecodeLimits | None = None) -> tuple[AudioSource, ...]:
    """The audio tracks of `sheet`, in its order, to be read within `limits`.

    Raises InputError where it cannot be read, is none, or names a file outside its own folder. A file it names
    that does not exist is found out when the track is opened.
    """
    parsed = parse_cue_sheet(_content(sheet), str(sheet))
    tracks = [track for track in parsed.tracks if track.is_audio]
    if not tracks:
        raise InputError(str(sheet), "has no audio tracks")
    names = dict.fromkeys(track.file for track in tracks)
    found = {name: _find(sheet, name, alone=len(names) == 1) for name in names}
    return tuple(
        AudioSource(
            path=found[track.file].path,
            limits=limits or DecodeLimits(),
            cue=CueTrack(
                sheet=sheet,
                number=track.number,
                start_sector=track.start_sector,
                end_sector=_end(track, parsed),
                tags=_tags(track, parsed),
                warnings=(*found[track.file].warnings, *_warnings(track, parsed)),
            ),
        )
        for track in tracks
    )


def _content(sheet: Path) -> bytes:
    with os.fdopen(open_source(sheet), "rb") as file:
        try:
            return file.read(MAX_SHEET_BYTES + 1)
        except OSError as error:
            raise InputError(str(sheet), f"cannot be read ({error.strerror or error})") from error


def _in_same_file(track: SheetTrack, parsed: CueSheet) -> list[SheetTrack]:
    return [other for other in parsed.tracks if other.file == track.file]


def _end(track: SheetTrack, parsed: CueSheet) -> int | None:
    later = (other.start_sector for other in _in_same_file(track, parsed) if other.start_sector > track.start_sector)
    return min(later, default=None)


def _tags(track: SheetTrack, parsed: CueSheet) -> tuple[tuple[str, str], ...]:
    """What the sheet says of the track and, where that has no word of it, of the album."""
    tags = dict(parsed.tags)
    if "albumartist" in tags:
        tags["artist"] = tags["albumartist"]
    tags["tracknumber"] = str(track.number)
    tags["tracktotal"] = str(max(other.number for other in parsed.tracks if other.is_audio))
    return tuple((tags | dict(track.tags)).items())


def _warnings(track: SheetTrack, parsed: CueSheet) -> Iterable[str]:
    if not parsed.is_unicode:
        yield "the cue sheet is of no Unicode encoding: it was read as Windows-1252"
    first = min(other.start_sector for other in _in_same_file(track, parsed))
    if track.start_sector == first and first > _SILENT_GAP_SECTORS:
        yield f"the {first / SECTORS_PER_SECOND:.2f} s before this track in its file belong to no track: left out"
    if "PRE" in track.flags:
        yield "the cue sheet says it was recorded with pre-emphasis, which is left as it is"


def _find(sheet: Path, name: str, *, alone: bool) -> _Found:
    """The file a sheet calls `name`; `alone` says that it names no other. Raises InputError outside its folder."""
    folder = sheet.parent
    exact = _inside(sheet, folder / name, name)
    if os.path.isfile(exact):
        return _Found(exact)
    # As Windows writes it; a drive is on another machine, where only the last part of the path says anything here.
    portable = _SEPARATORS.split(name)[-1] if _DRIVE.match(name) else name.replace("\\", "/")
    exact = _inside(sheet, folder / portable, name)
    similar = _similar(folder, Path(portable).parts)
    if similar is None and alone:
        similar = _sibling(folder, sheet.stem)
    if similar is None:
        return _Found(exact)
    path = _inside(sheet, similar, name)
    # Upper and lower case tell no different file.
    guessed = _folded(path.name) != _folded(exact.name)
    return _Found(path, (f"the cue sheet names {name}, which is not there: {path.name} is used",) if guessed else ())


def _inside(sheet: Path, path: Path, name: str) -> Path:
    """`path`, once it is known to lead, links followed, to a place in the sheet's folder or below."""
    try:
        leads_to = Path(os.path.realpath(path))
        root = Path(os.path.realpath(sheet.parent))
    except (OSError, ValueError) as error:
        raise InputError(str(sheet), f"names a file that cannot be: {name!r}") from error
    if not leads_to.is_relative_to(root):
        raise InputError(
            str(sheet),
            f"names {name!r}, which leads to a file outside its folder",
            "put the audio beside the cue sheet and name it",
        )
    return path


def _similar(folder: Path, parts: tuple[str, ...]) -> Path | None:
    """The file `parts` lead to where case does not count, and at last nor does the extension."""
    for number, part in enumerate(parts):
        wanted = _folded(part)
        matches = [name for name in _entries(folder) if _folded(name) == wanted]
        if not matches:
            is_last = number == len(parts) - 1
            return _sibling(folder, Path(part).stem) if is_last else None
        folder /= part if part in matches else matches[0]
    return folder if parts and os.path.isfile(folder) else None


def _sibling(folder: Path, stem: str) -> Path | None:
    """The audio file in `folder` called `stem`, of the first format in the registry's order where there are several."""
    wanted = _folded(stem)
    matches = [name for name in _entries(folder) if _folded(Path(name).stem) == wanted]
    for extension in _EXTENSIONS:
        for name in matches:
            if Path(name).suffix.lower() == extension and os.path.isfile(folder / name):
                return folder / name
    return None


def _entries(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except (OSError, ValueError):
        return []


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
