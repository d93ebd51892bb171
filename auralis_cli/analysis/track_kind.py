"""Of which kind a track is: by a few of the figures that were measured of it."""

from __future__ import annotations

from auralis_cli.model.fingerprint import Content
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.track_kinds import TrackKind

# Where the rules of `auralis recommend` begin to say something (model/recommendation_rules.py).
_DENSE_BELOW_PLR_DB = 11.0
_PERCUSSIVE_ONSETS = 1.5
_BRIGHT_ABOVE_HZ = 1_300.0


def kind_of(analysis: TrackAnalysis) -> TrackKind | None:
    """The kind of a track; None where nothing is heard, or too little."""
    measured, found = analysis.measurements, analysis.fingerprint
    if measured.silent or measured.too_short:
        return None
    if analysis.content is Content.SPEECH:
        return TrackKind.SPEECH
    density = "dense" if measured.plr_db < _DENSE_BELOW_PLR_DB else "open"
    drive = "percussive" if found.transient_density >= _PERCUSSIVE_ONSETS else "flowing"
    colour = "bright" if found.spectral_centroid > _BRIGHT_ABOVE_HZ else "dark"
    return TrackKind(f"{density}-{drive}-{colour}")
