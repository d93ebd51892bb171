"""What to master a track with: judged by what the library has measured of it, else by measuring it."""

from __future__ import annotations

from pathlib import Path

from auralis_cli.errors import InputError
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.preferences import Taste
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.recommendation import RecommendReport
from auralis_cli.model.sound_wishes import SoundWishes
from auralis_cli.model.source import NO_STREAMS, AudioSource, StandardStreams
from auralis_cli.services.known_analysis import known_analysis


def recommend_file(
    source: AudioSource,
    library: Path | None,
    progress: ProgressSink,
    cancel: CancelToken,
    streams: StandardStreams = NO_STREAMS,
    *,
    taste: Taste | None = None,
) -> RecommendReport:
    """The preset and the intensity that suit `source`, and what of a taste a master of it has.

    What `library` knows by its content is not decoded.

    Raises InputError for what cannot be read, holds no audio or no sound, CancelledError when asked to stop.
    """
    known = known_analysis(library, source)
    analysis, warnings = (known, source.warnings) if known is not None else _measured(source, progress, cancel, streams)
    if analysis.measurements.meaningless is not None:
        raise InputError(source.name, analysis.measurements.meaningless)
    from auralis_cli.mastering.recommend import recommend
    from auralis_cli.mastering.taste import with_taste

    applied = with_taste(analysis, SoundWishes(taste=taste), own_loudness=True).applied
    return RecommendReport(source, recommend(analysis), known is not None, warnings, applied)


def _measured(
    source: AudioSource, progress: ProgressSink, cancel: CancelToken, streams: StandardStreams
) -> tuple[TrackAnalysis, tuple[str, ...]]:
    from auralis_cli.services.analyze import analyze_file

    report = analyze_file(source, progress, cancel, streams)
    return report.analysis, report.warnings
