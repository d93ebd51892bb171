"""Small music to export: tagged files in a folder, in a library that is kept nowhere, and exports of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from mutagen.flac import FLAC
from mutagen.oggvorbis import OggVorbis
from numpy.typing import NDArray
from scanned_folders import SilentBatchProgress

from auralis_cli.db.store import Store
from auralis_cli.model.exports import ExportOutcome
from auralis_cli.model.library import Track
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.query import EVERYTHING
from auralis_cli.services.export import ExportOrder, export
from auralis_cli.services.found_tracks import found_tracks
from auralis_cli.services.unlisted_files import library_of

NOW = 1_700_000_000
RATE_HZ = 44_100
_MTIME_S = 1_600_000_000


def noise(seed: int, frames: int = 2000, channels: int = 2, bits: int = 16) -> NDArray[np.float64]:
    """Samples of so many bits, the same for the same seed."""
    full = 1 << (bits - 1)
    samples = np.random.default_rng(seed).integers(-full // 2, full // 2, (frames, channels))
    return samples / full


def song(path: Path, seed: int, *, frames: int = 2000, subtype: str | None = "PCM_16", **tags: str) -> Path:
    """A short FLAC, Ogg or WAV at `path`; the first two with tags."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = {".flac": "FLAC", ".ogg": "OGG", ".wav": "WAV"}[path.suffix]
    bits = 24 if subtype == "PCM_24" else 16
    soundfile.write(path, noise(seed, frames, bits=bits), RATE_HZ, format=kind, subtype=subtype)
    if tags:
        tagged: Any = FLAC(path) if kind == "FLAC" else OggVorbis(path)
        tagged.update(tags)
        tagged.save()
    os.utime(path, (_MTIME_S + seed, _MTIME_S + seed))
    return path


def divided(folder: Path, *, frames: int = 3 * RATE_HZ) -> Path:
    """A FLAC of three seconds and the cue sheet that divides it into one and two."""
    song(folder / "whole.flac", 90, frames=frames, artist="Band", album="Whole")
    sheet = folder / "whole.cue"
    sheet.write_text(
        'PERFORMER "Band"\nTITLE "Whole"\nFILE "whole.flac" WAVE\n'
        '  TRACK 01 AUDIO\n    TITLE "First"\n    INDEX 01 00:00:00\n'
        '  TRACK 02 AUDIO\n    TITLE "Second"\n    INDEX 01 00:01:01\n'
    )
    return sheet


@dataclass
class Exports:
    """Music in one folder, a library of it, and the folder that is exported into."""

    music: Path
    folder: Path
    store: Store
    progress: SilentBatchProgress = field(default_factory=SilentBatchProgress)

    @classmethod
    def of(cls, music: Path, folder: Path) -> Exports:
        store, failures = library_of([str(music)], now=NOW, cancel=CancelToken())
        assert not failures
        return cls(music, folder, store)

    @property
    def tracks(self) -> list[Track]:
        return list(found_tracks(self.store, EVERYTHING))

    def reread(self) -> None:
        """The library as a scan would find the folder now."""
        self.store.close()
        self.store = Exports.of(self.music, self.folder).store

    def run(
        self,
        tracks: list[Track] | None = None,
        *,
        cancel: CancelToken | None = None,
        heed: Callable[[ExportOutcome], None] = lambda _: None,
        **wishes: Any,
    ) -> list[ExportOutcome]:
        """One export of them all, or of these; `heed` is told each outcome."""
        request = replace(ExportOrder(self.folder, NOW), **wishes)
        chosen = self.tracks if tracks is None else tracks
        outcomes = []
        for outcome in export(self.store, chosen, request, self.progress, cancel or CancelToken()):
            heed(outcome)
            outcomes.append(outcome)
        return outcomes

    def names(self) -> list[str]:
        """The files in the folder, but for the manifest."""
        files = (path for path in self.folder.rglob("*") if not path.is_dir())
        return sorted(str(path.relative_to(self.folder)) for path in files if path.name != ".auralis-export.jsonl")


def said(outcomes: list[ExportOutcome]) -> list[str]:
    """The actions, or the failures, by the name of the target."""
    lines = []
    for one in outcomes:
        what = one.action.value if one.error is None else f"{one.error.code}: {one.error.why}"
        lines.append(f"{os.path.basename(one.target)} {what}")
    return sorted(lines)
