"""What a track measures. Plain numbers: −inf stands for "there is none", never NaN."""

from __future__ import annotations

from dataclasses import field

from auralis_cli.model.defects import DefectEvidence
from auralis_cli.model.fingerprint import Content, Fingerprint, FingerprintedTrack, FingerprintFlag
from auralis_cli.model.landmarks import Landmarks
from auralis_cli.model.picture import TrackPicture
from auralis_cli.model.sound_profile import SoundProfile
from auralis_cli.quick_dataclasses import dataclass

# Whole numbers of 32 bits taken for floats reach +187; the powers of what lies 85 dB above this exceed float32.
MAX_PEAK_DBFS = 300.0


@dataclass(frozen=True, slots=True)
class Measurements:
    """Loudness, peaks, dynamics, faults and stereo image of one stream.

    Loudness is BS.1770-4 / EBU R128; mono is measured as one loudspeaker, 3.01 LU below dual mono.
    """

    duration_s: float
    frames: int
    sample_rate_hz: int
    channels: int
    # −inf for silence and below 0.4 s (`too_short`).
    integrated_lufs: float
    momentary_max_lufs: float
    # −inf below 3 s.
    short_term_max_lufs: float
    # 0 below 3 s.
    lra_lu: float
    true_peak_dbtp: float
    sample_peak_dbfs: float
    # True peak − integrated loudness; −inf where there is none.
    plr_db: float
    # Sample peak − RMS over all channels, whole track; −inf for silence.
    crest_db: float
    # The mean of the channel where it is largest, and of every channel.
    dc_offset: float
    dc_offsets: tuple[float, ...]
    # Three or more neighbouring samples of a channel at full scale.
    clipping_runs: int
    clipped_samples: int
    # ΣLR/√(ΣLL·ΣRR): 0 where one channel is silent, 1 where both are.
    correlation: float
    # Side energy ÷ (mid + side) energy, 0…1.
    width: float
    # K-weighted level of left against right, ungated; ±inf where one is silent, 0 where both are.
    balance_lu: float
    # 10th percentile of short-term loudness; −inf below 3 s.
    noise_floor_lufs: float
    # Where the first NaN or Inf stands; the other figures mean nothing then.
    first_non_finite_frame: int | None
    # 16 or 24 where all samples lie on that grid, else None.
    on_grid_bits: int | None
    # Below 0.4 s, where loudness is undefined.
    too_short: bool
    # Every sample is zero.
    silent: bool

    @property
    def meaningless(self) -> str | None:
        """What there is in the audio that no sound can be made of, None where there is nothing."""
        if self.first_non_finite_frame is not None:
            return f"holds NaN or Inf at frame {self.first_non_finite_frame}"
        if self.sample_peak_dbfs > MAX_PEAK_DBFS:
            return f"holds values of up to {self.sample_peak_dbfs:+.0f} dBFS, which are no sound"
        return None


@dataclass(frozen=True, slots=True)
class ToneProfile:
    """The track's average spectrum in 1/3-octave bands, over windows within 10 dB of the mean power.

    Powers are mean squares in dB (a full-scale sine in both channels has −3 dB in mid), −inf for none.
    """

    frequencies_hz: tuple[float, ...]
    mid_db: tuple[float, ...]
    side_db: tuple[float, ...]
    # 95th − 10th percentile over time of each band's level; steady bands are hiss, hum or a drone.
    spread_db: tuple[float, ...]
    # Where a codec's or a resampler's low-pass seems to lie.
    cutoff_hz: float | None


@dataclass(frozen=True, slots=True)
class Passages:
    """How tone and level go on over the track: one value a second."""

    # The middles of octaves.
    frequencies_hz: tuple[float, ...]
    # For each of them the power of mid and side together, in half dB: whole numbers, -240 at least.
    halves_db: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class TrackAnalysis:
    """All that one pass over a track finds out."""

    measurements: Measurements
    # NaN throughout where the samples are no numbers (`Measurements.meaningless`).
    fingerprint: Fingerprint
    flags: tuple[FingerprintFlag, ...]
    # 0…1.
    tempo_confidence: float
    content: Content
    tone: ToneProfile
    # 3 s windows at 10 Hz, in whole hundredths; value i belongs to the window ending 3 + i/10 s in.
    short_term_lufs: tuple[float, ...]
    # What defects are judged by (`analysis/defects.py`).
    evidence: DefectEvidence
    # Of every sample: whether this is the analysis of what is decoded now (`dsp/sample_digest.py`).
    sample_digest: str = ""
    # By which sections are found.
    passages: Passages = Passages((), ())
    # By which the same recording is known again; None where it is too short for any.
    landmarks: Landmarks | None = None
    # Only where a plot was asked for.
    picture: TrackPicture | None = field(default=None, compare=False)
    # Only where there is a reference to compare it with.
    profile: SoundProfile | None = field(default=None, compare=False)

    @property
    def fingerprinted(self) -> FingerprintedTrack:
        """What of it is stored as fingerprint; ValueError where that is no number."""
        return FingerprintedTrack(self.fingerprint, self.flags, self.tempo_confidence)
