"""Tracks of the library as things to read: their files, or the spans that cue sheets name now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from auralis_cli.audio.cue import tracks_of
from auralis_cli.errors import InputError
from auralis_cli.model.library import Track
from auralis_cli.model.source import AudioSource, DecodeLimits


def sources_of(tracks: Iterable[Track], limits: DecodeLimits) -> Iterator[AudioSource | InputError]:
    """Each track in turn as something to read; in the place of one that its cue sheet no longer has, an error."""
    sheets: dict[str, dict[int, AudioSource] | InputError] = {}
    for track in tracks:
        if not track.cue_number:
            yield AudioSource(Path(track.path), limits=limits)
            continue
        sheet = track.sheet_path or track.path
        if sheet not in sheets:
            sheets[sheet] = _tracks_of_sheet(sheet, limits)
        of_sheet = sheets[sheet]
        if isinstance(of_sheet, InputError):
            yield InputError(f"{sheet}#{track.cue_number}", of_sheet.why, of_sheet.hint)
        else:
            gone = InputError(f"{sheet}#{track.cue_number}", "is no longer in the cue sheet", "auralis scan")
            yield of_sheet.get(track.cue_number, gone)


def _tracks_of_sheet(sheet: str, limits: DecodeLimits) -> dict[int, AudioSource] | InputError:
    try:
        return {one.cue.number: one for one in tracks_of(Path(sheet), limits) if one.cue is not None}
    except InputError as error:
        return error
