"""What can be wrong with a track: what one pass gathers about it, and what is said of it."""

from __future__ import annotations

from enum import StrEnum

from auralis_cli.quick_dataclasses import dataclass


class DefectKind(StrEnum):
    """The kinds of defects, in the order in which they are told."""

    NON_FINITE = "non_finite"
    DAMAGED = "damaged"
    TRUNCATED = "truncated"
    ABRUPT_END = "abrupt_end"
    CLIPPING = "clipping"
    TRUE_PEAK_OVERS = "true_peak_overs"
    INVERTED_POLARITY = "inverted_polarity"
    ONE_SIDED = "one_sided"
    DUAL_MONO = "dual_mono"
    DC_OFFSET = "dc_offset"
    SILENCE = "silence"
    LOSSY_SOURCE = "lossy_source"
    UPSAMPLED = "upsampled"
    PADDED_BITS = "padded_bits"


class Severity(StrEnum):
    """FAULT: the audio is not all there; WARNING: it is heard, or costs something; NOTE: may be meant."""

    FAULT = "fault"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect in words and numbers; numbers that do not concern its kind are None."""

    kind: DefectKind
    severity: Severity
    message: str
    # Where it begins, or where it is worst, and how long it lasts there.
    start_s: float | None = None
    length_s: float | None = None
    # The first frame that is no number.
    frame: int | None = None
    # How often, all channels together.
    count: int | None = None
    per_minute: float | None = None
    # From 1; 1 is left.
    channel: int | None = None
    level_dbfs: float | None = None
    true_peak_dbtp: float | None = None
    dc_offset: float | None = None
    correlation: float | None = None
    # By how much the weaker channel is below the other; None where it is silent.
    balance_lu: float | None = None
    cutoff_hz: float | None = None
    original_rate_hz: int | None = None
    stored_bits: int | None = None
    used_bits: int | None = None


@dataclass(frozen=True, slots=True)
class FlatTop:
    """Runs of 3 or more samples at one channel's own maximum, with sharp corners."""

    level_dbfs: float
    runs: int
    samples: int
    longest_frames: int
    longest_frame: int


@dataclass(frozen=True, slots=True)
class Silence:
    """A stretch in which nothing is heard; `digital` where every sample is zero."""

    start_s: float
    length_s: float
    digital: bool


@dataclass(frozen=True, slots=True)
class DefectEvidence:
    """What one pass over a track gathers, beyond its measurements, to judge its defects."""

    # Per channel.
    flat_tops: tuple[FlatTop, ...]
    # The largest |left − right|, infinite from 4 steps of 16 bit up and where there is but one channel.
    channel_difference: float
    # Stretches of at least 2 s (within: 5 s); the first and the last, and the longest within.
    leading_silence: Silence | None
    trailing_silence: Silence | None
    longest_silence: Silence | None
    silences_within: int
    # First frame of the highest true peak, and stretches above 0 dBTP.
    true_peak_frame: int
    true_peak_overs: int
    # RMS of the last 10 ms, and of the loudest 50 ms of the last 2 s.
    end_dbfs: float
    before_end_dbfs: float
