"""What the extractor says of a file, for the tables."""

from __future__ import annotations

from pathlib import Path

from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.source import AudioSource
from auralis_cli.services.analyze import analyze_file


def hear(path: Path) -> TrackAnalysis:
    return analyze_file(AudioSource(path), SilentProgress(), CancelToken()).analysis
