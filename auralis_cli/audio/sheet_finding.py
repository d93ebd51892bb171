"""Which cue sheet describes an audio file: one in its own folder or in the one above that names it.

Of several the first by name counts.
"""

from __future__ import annotations

import os
from pathlib import Path

from auralis_cli.errors import InputError
from auralis_cli.model.source import CueTrack, is_cue_sheet
from auralis_cli.quick_dataclasses import dataclass

_MAX_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class Described:
    """What sheets say of one audio file."""

    sheet: str
    tracks: tuple[CueTrack, ...]
    warnings: tuple[str, ...] = ()


class SheetFinder:
    """Finds the sheet of an audio file; each folder is listed and each sheet read once.

    What it knows is as old as it is: it serves some files that are read one after the other.
    """

    def __init__(self) -> None:
        self._sheets: dict[str, tuple[str, ...]] = {}
        self._sources: dict[str, dict[str, list[CueTrack]]] = {}

    def describing(self, path: str) -> Described | None:
        """What the first sheet that names the file at `path` says of it; None where none does."""
        folder = os.path.dirname(path)
        beside = self._sheets_in(folder)
        if not (beside or self._sheets_in(os.path.dirname(folder))):
            return None
        whole = os.path.normpath(path)
        naming = [
            (sheet, tracks)
            for sheet in (*beside, *self._sheets_in(os.path.dirname(folder)))
            if (tracks := self._read(sheet).get(whole))
        ]
        if not naming:
            return None
        (sheet, tracks), *others = naming
        warnings = dict.fromkeys(line for track in tracks for line in track.warnings)
        left = [f"{os.path.basename(other)} describes it too: {os.path.basename(sheet)} counts" for other, _ in others]
        return Described(sheet, tuple(tracks), (*warnings, *left))

    def _sheets_in(self, folder: str) -> tuple[str, ...]:
        if folder not in self._sheets:
            if len(self._sheets) >= _MAX_REMEMBERED:
                self._sheets.clear()
            try:
                names = sorted(name for name in os.listdir(folder or ".") if is_cue_sheet(name))
            except OSError:
                names = []
            self._sheets[folder] = tuple(os.path.join(folder, name) for name in names)
        return self._sheets[folder]

    def _read(self, sheet: str) -> dict[str, list[CueTrack]]:
        """The tracks of a sheet by file; none of a broken one, which fails by itself."""
        if sheet not in self._sources:
            if len(self._sources) >= _MAX_REMEMBERED:
                self._sources.clear()
            by_file: dict[str, list[CueTrack]] = {}
            # Imported where it is needed: most folders have none.
            from auralis_cli.audio.cue import tracks_of

            try:
                for source in tracks_of(Path(sheet)):
                    if source.cue is not None and source.path is not None:
                        by_file.setdefault(os.path.normpath(source.path), []).append(source.cue)
            except InputError:
                by_file = {}
            self._sources[sheet] = by_file
        return self._sources[sheet]
