"""Part of a track, as a preview of its master holds it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from auralis_cli.quick_dataclasses import dataclass

if TYPE_CHECKING:
    from auralis_cli.model.published_file import PublishedFile

SHORTEST_PREVIEW_S, LONGEST_PREVIEW_S = 1.0, 3600.0


@dataclass(frozen=True, slots=True)
class Passage:
    """Frames in a row."""

    first_frame: int
    frames: int

    @property
    def end_frame(self) -> int:
        """The first after it."""
        return self.first_frame + self.frames


@dataclass(frozen=True, slots=True)
class PreviewFiles:
    """What a preview wrote beside the master's passage: the same of the source, as it was."""

    start_s: float
    duration_s: float
    before: Path
    # What brings the passage of the source to the loudness of the mastered one; None where there is no loudness.
    match_gain_db: float | None
    published: PublishedFile


def before_path(path: Path) -> Path:
    """Where the passage of the source lies: `song (before).flac` beside `song.flac`."""
    return path.with_name(f"{path.stem} (before){path.suffix}")
