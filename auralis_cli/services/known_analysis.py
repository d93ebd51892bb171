"""What the library knows of audio that is about to be measured.

What is found is of a file that is as the library knows it, or of one all of whose audio has the same hash. Whoever
shapes sound by it decodes the audio first, which has to be done anyway, and compares every sample all the same
(`TrackAnalysis.sample_digest`): it may have been written to since.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from auralis_cli.errors import InputError
from auralis_cli.model.audio import StreamInfo
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.source import AudioSource

if TYPE_CHECKING:
    from auralis_cli.db.audio_hashes import AudioHashRepository


def known_analysis(library: Path | None, source: AudioSource, info: StreamInfo | None = None) -> TrackAnalysis | None:
    """The stored analysis of what seems to be this audio, and could be of the stream that `info` is of.

    None where there is none, and wherever the library or the file cannot be asked.
    """
    if library is None or not library.exists() or not _is_file(source):
        return None
    from auralis_cli.db.analysis_lookup import find_analysis
    from auralis_cli.services.stored_analysis import ANALYSIS_VERSION, undamaged_analysis

    analysis = undamaged_analysis(
        find_analysis(library, lambda hashes: content_key_of(source, hashes), version=ANALYSIS_VERSION)
    )
    return analysis if analysis is not None and (info is None or _fits(analysis, info)) else None


def content_key_of(source: AudioSource, hashes: AudioHashRepository) -> str | None:
    """By what the library that has these `hashes` knows this audio; None where it does not."""
    if source.path is None or not _is_file(source):
        return None
    from auralis_cli.audio.track_file import content_of, full_hash
    from auralis_cli.db.content_keys import content_key, quick_id
    from auralis_cli.services.scan_work import stat_now

    path = os.path.abspath(source.path)
    try:
        quick, found = content_of(path), hashes.id_of_file(stat_now(path))
        if found is None or quick_id(found) != quick:
            known = hashes.of_quick([quick]).get(quick)
            audio_hash = full_hash(path) if known else None
            found = next((name for name, one in (known or {}).items() if one == audio_hash), None)
    except InputError:
        return None
    return None if found is None else content_key(found, source.cue.number if source.cue is not None else 0)


def _is_file(source: AudioSource) -> bool:
    """What is none is not even opened."""
    return source.path is not None and source.raw is None and os.path.isfile(source.path)


def _fits(analysis: TrackAnalysis, info: StreamInfo) -> bool:
    """Whether it can be of this stream: a resampled one is another, and so is one that was cut."""
    measured = analysis.measurements
    same_kind = (measured.sample_rate_hz, measured.channels) == (info.sample_rate_hz, info.channels)
    return same_kind and info.frames in (None, measured.frames)
