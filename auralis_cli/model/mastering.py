"""What mastering is asked for, and what it decides. Pure values; no audio in here.

A `MasterRequest` becomes a `MasteringPlan` (decided from measurements alone), which solving for the
loudness turns into a `SolvedPlan` (plan + gain), which rendering turns into a `MasterReport`
(`model/master_reports.py`).
"""

from __future__ import annotations

from enum import StrEnum

from auralis_cli.model.audio import Dither, Subtype
from auralis_cli.model.preferences import AppliedTaste
from auralis_cli.model.repair_plans import DeclipPlan, OffsetRemovalPlan, PolarityRepairPlan
from auralis_cli.model.sound_wishes import AS_THE_MUSIC_ASKS, MasteringMode, SoundWishes
from auralis_cli.model.source import AudioSource, Destination
from auralis_cli.model.targets import Target
from auralis_cli.quick_dataclasses import dataclass


class LimitedBy(StrEnum):
    """Why the output may be quieter than asked; NONE when the loudness was reached."""

    NONE = "none"
    TOO_SHORT = "too_short"
    SILENCE = "silence"
    GAIN_REDUCTION = "gain_reduction"
    PEAK_REDUCTION = "peak_reduction"
    PLR = "plr"
    SATURATION = "saturation"
    MAX_GAIN = "max_gain"
    ENCODING = "encoding"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where the loudness goes: an explicit wish is served in full at any intensity."""

    # Integrated loudness to reach, None = leave the level alone.
    loudness_lufs: float | None
    ceiling_dbtp: float
    # False when the loudness is the preset's own, which intensity scales.
    explicit: bool
    # Name of the target, which may also ask for a narrower range and an edge.
    target: str | None
    max_lra_lu: float | None = None
    clip_db: float = 0.0


@dataclass(frozen=True, slots=True)
class ToneCurve:
    """Static curve of one linear-phase FIR pair: tone, bass mono, width, all in one."""

    frequencies_hz: tuple[float, ...]
    mid_db: tuple[float, ...]
    side_db: tuple[float, ...]
    # How often the usual number of taps is doubled, for a curve that is finer.
    taps_doublings: int = 0


@dataclass(frozen=True, slots=True)
class BalancePlan:
    """Left and right raised or lowered against each other."""

    left_db: float
    right_db: float


@dataclass(frozen=True, slots=True)
class LevellerCurve:
    """Slow gain automation: one gain per hop, the first at the track's start, linear between."""

    hop_s: float
    gains_db: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SectionKind:
    """What sections of one kind (verses, say, or choruses) are given beyond what the whole track is."""

    # Tone and level together, at the frequencies of the plan.
    gains_db: tuple[float, ...]
    level_db: float


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """Sections that are held differently: linear-phase filters that cross over about the borders."""

    frequencies_hz: tuple[float, ...]
    kinds: tuple[SectionKind, ...]
    # The kind of every section, in order; from 0.
    sections: tuple[int, ...]
    # Where each but the last ends, and how long the crossing there lasts.
    borders_s: tuple[float, ...]
    crossings_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CompressorPlan:
    """A wideband, channel-linked compressor; its threshold is relative to the track's own loudness."""

    threshold_lufs: float
    ratio: float
    knee_db: float
    attack_ms: float
    release_ms: float
    max_reduction_db: float


@dataclass(frozen=True, slots=True)
class TransientPlan:
    """Onsets of the 60–500 Hz band raised (or, negative, softened) by up to `gain_db`."""

    gain_db: float


@dataclass(frozen=True, slots=True)
class SoftClipPlan:
    """Samples below the threshold are untouched, those above bend toward the ceiling."""

    threshold_dbfs: float
    ceiling_dbfs: float


@dataclass(frozen=True, slots=True)
class PeakExpansionPlan:
    """Peaks above the threshold raised, the more the higher they are, those at `full_dbtp` by `gain_db`."""

    threshold_dbtp: float
    full_dbtp: float
    gain_db: float


@dataclass(frozen=True, slots=True)
class DynamicsGoal:
    """What the dynamics are to be in the end; `range` and `peaks` of the plan are drawn by it when it is solved."""

    # None where it is not to be changed.
    lra_lu: float | None
    plr_db: float


@dataclass(frozen=True, slots=True)
class LimiterPlan:
    """The look-ahead true-peak limiter's ceiling and time constants."""

    ceiling_dbtp: float
    look_ahead_ms: float
    hold_ms: float
    recurring_hold_ms: float
    recurrence_ms: float
    fast_release_ms: float
    slow_attack_ms: float
    slow_release_ms: float


@dataclass(frozen=True, slots=True)
class LimitingBounds:
    """How much limiting this music bears; they only hold back what asks for more than `free_db`."""

    # Peak reduction always granted.
    free_db: float
    mean_reduction_db: float
    p99_reduction_db: float
    min_plr_db: float
    # Least loudness won per dB of gain.
    min_slope: float
    max_gain_db: float


@dataclass(frozen=True, slots=True)
class Reason:
    """One decision in words: the stage it concerns and why it is as it is."""

    stage: str
    text: str


@dataclass(frozen=True, slots=True)
class ReferenceFigures:
    """What a master is to be like, in the figures that are reported."""

    name: str
    # How many tracks it is the middle of.
    tracks: int
    integrated_lufs: float
    true_peak_dbtp: float
    plr_db: float
    crest_db: float
    lra_lu: float
    width_db: float
    balance_db: float


@dataclass(frozen=True, slots=True)
class MasteringPlan:
    """Every number that shapes the sound except the final gain. A stage that is None does not run."""

    # Its name; what it adds is in the stages.
    preset: str
    intensity: float
    delivery: Delivery
    # Loudness to reach after intensity, None = leave the level alone.
    goal_lufs: float | None
    # 0 classical, ambient, speech … 1 drums and density.
    character: float
    polarity_repair: PolarityRepairPlan | None
    offset_removal: OffsetRemovalPlan | None
    tone: ToneCurve | None
    leveller: LevellerCurve | None
    compressor: CompressorPlan | None
    transient: TransientPlan | None
    soft_clip: SoftClipPlan | None
    limiter: LimiterPlan | None
    bounds: LimitingBounds
    # What the gain is expected to be before anything was rendered.
    predicted_gain_db: float
    reasons: tuple[Reason, ...]
    declip: DeclipPlan | None = None
    # Beyond the tone of the whole.
    sections: SectionPlan | None = None
    mode: MasteringMode = MasteringMode.ADAPTIVE
    # None where, and only where, the mode is adaptive.
    reference: ReferenceFigures | None = None
    balance: BalancePlan | None = None
    # What is not known before the signal is: None until the plan is solved.
    goal: DynamicsGoal | None = None
    range: LevellerCurve | None = None
    peaks: PeakExpansionPlan | None = None
    # Of an album: the gain that puts its tracks where they were to each other; drawn when it is solved.
    levels: LevellerCurve | None = None
    # What was learnt of the user's choices and went into all of this; None where nothing did.
    taste: AppliedTaste | None = None

    @property
    def repairs(self) -> tuple[str, ...]:
        """What is put right, in words."""
        names, stages = ("flat tops", "inverted polarity", "an offset"), self._repair_stages
        return tuple(name for name, stage in zip(names, stages, strict=True) if stage is not None)

    @property
    def _repair_stages(self) -> tuple[object | None, ...]:
        return self.declip, self.polarity_repair, self.offset_removal

    @property
    def colours(self) -> bool:
        """Whether any stage before the gain runs."""
        static = (*self._repair_stages, self.tone, self.sections, self.balance)
        stages = (*static, self.leveller, self.compressor, self.transient, self.soft_clip)
        return any(stage is not None for stage in stages) or self.is_drawn

    @property
    def is_drawn(self) -> bool:
        """Whether stages run that solving has drawn."""
        return any(stage is not None for stage in (self.range, self.peaks, self.levels))


@dataclass(frozen=True, slots=True)
class SolvedPlan:
    """A plan with its gain: enough to render or play the master."""

    plan: MasteringPlan
    gain_db: float
    limited_by: LimitedBy
    # The bound that held the loudness back and the value it would have reached; None when nothing did.
    bound: float | None
    value: float | None
    # What the loudness will be, by arithmetic on the limited energies.
    expected_lufs: float
    # Of the limiter alone; the mean is weighted by K-weighted energy.
    max_reduction_db: float
    mean_reduction_db: float
    evaluations: int

    @property
    def leaves_samples(self) -> bool:
        """Whether every sample comes out as it went in."""
        return not self.plan.colours and self.gain_db == 0.0 and self.max_reduction_db == 0.0


@dataclass(frozen=True, slots=True)
class MasterRequest:
    """`auralis master` as it was asked for, checked by the command line's parser and by nothing else."""

    source: AudioSource
    destination: Destination
    sound: SoundWishes = AS_THE_MUSIC_ASKS
    # None: the target's or the preset's; "off" on the command line is level_off.
    loudness_lufs: float | None = None
    level_off: bool = False
    target: Target | None = None
    ceiling_dbtp: float | None = None
    # Key of the format registry; None: by the destination's name, wav for standard output.
    format: str | None = None
    # Of a lossy format, all channels together; None: the format's own default.
    bitrate_bps: int | None = None
    # None: 24, or the source's where that is less.
    subtype: Subtype | None = None
    # None: TPDF where samples are stored.
    dither: Dither | None = None
    rate_hz: int | None = None
    # Only the loudest passage of this length is written, and beside it what the source has there; None: all.
    preview_s: float | None = None
    # The result takes the source's time of modification.
    keep_mtime: bool = False
    # Folders that the destination lacks are made.
    make_folders: bool = False
    # What the pictures of a report show is measured too.
    with_curves: bool = False
    force: bool = False
