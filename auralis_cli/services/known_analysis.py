"""What the library knows of audio that is about to be measured.

A content id is told by a few blocks of a file, so what is found by it is only a guess: whoever shapes sound by it
decodes the audio first, which has to be done anyway, and compares every sample (`TrackAnalysis.sample_digest`).
"""

from __future__ import annotations

import os
from pathlib import Path

from auralis_cli.errors import InputError
from auralis_cli.model.audio import StreamInfo
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.source import AudioSource


def known_analysis(library: Path | None, source: AudioSource, info: StreamInfo | None = None) -> TrackAnalysis | None:
    """The stored analysis of what seems to be this audio, and could be of the stream that `info` is of.

    None where there is none, and wherever the library or the file cannot be asked.
    """
    if library is None or not library.exists() or (key := content_key_of(source)) is None:
        return None
    from auralis_cli.db.analysis_lookup import find_analysis
    from auralis_cli.services.stored_analysis import ANALYSIS_VERSION, undamaged_analysis

    analysis = undamaged_analysis(find_analysis(library, key, version=ANALYSIS_VERSION))
    return analysis if analysis is not None and (info is None or _fits(analysis, info)) else None


def content_key_of(source: AudioSource) -> str | None:
    """By what a library would know this audio; None where that cannot be told."""
    # What is no file is not even opened.
    if source.path is None or source.raw is not None or not os.path.isfile(source.path):
        return None
    from auralis_cli.audio.track_file import content_of
    from auralis_cli.db.content_keys import content_key

    try:
        return content_key(content_of(str(source.path)), source.cue.number if source.cue is not None else 0)
    except InputError:
        return None


def _fits(analysis: TrackAnalysis, info: StreamInfo) -> bool:
    """Whether it can be of this stream: a resampled one is another, and so is one that was cut."""
    measured = analysis.measurements
    same_kind = (measured.sample_rate_hz, measured.channels) == (info.sample_rate_hz, info.channels)
    return same_kind and info.frames in (None, measured.frames)
