"""The stages before the limiter, in their order, each built from its part of the plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import numpy as np

from auralis_cli.dsp.automation import GainAutomation
from auralis_cli.dsp.channel_gains import ChannelGains
from auralis_cli.dsp.dc import OffsetRemoval
from auralis_cli.dsp.declip import Declipper
from auralis_cli.dsp.dynamics import Compressor, CompressorSettings
from auralis_cli.dsp.expansion import PeakExpansion, PeakExpansionSettings
from auralis_cli.dsp.fir import LinearPhaseFir, default_taps, design_linear_phase
from auralis_cli.dsp.polarity import PolarityFlip
from auralis_cli.dsp.processor import Processor
from auralis_cli.dsp.section_tone import SectionTone
from auralis_cli.dsp.softclip import SoftClip, SoftClipSettings
from auralis_cli.dsp.transient import TransientEnhancer, TransientSettings
from auralis_cli.model.mastering import LevellerCurve, MasteringPlan
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.units import db_to_gain


@dataclass(frozen=True, slots=True)
class Stage:
    """A processor under the name by which reasons, reports and errors call it."""

    name: str
    processor: Processor


Builder = Callable[[MasteringPlan, int, int], Processor | None]


def _declip(plan: MasteringPlan, sample_rate_hz: int, channels: int) -> Processor | None:
    settings = plan.declip
    return Declipper(settings.levels, settings.max_rise_db, sample_rate_hz, channels) if settings is not None else None


def _polarity_repair(plan: MasteringPlan, sample_rate_hz: int, channels: int) -> Processor | None:
    settings = plan.polarity_repair
    return PolarityFlip(settings.channel - 1, sample_rate_hz, channels) if settings is not None else None


def _offset_removal(plan: MasteringPlan, sample_rate_hz: int, channels: int) -> Processor | None:
    settings = plan.offset_removal
    return OffsetRemoval(settings.window_ms, sample_rate_hz, channels) if settings is not None else None


def _tone(plan: MasteringPlan, sample_rate_hz: int, channels: int) -> Processor | None:
    curve = plan.tone
    if curve is None:
        return None
    frequencies = np.array(curve.frequencies_hz)
    taps = ((default_taps(sample_rate_hz) + 1) << curve.taps_doublings) - 1
    mid = design_linear_phase(frequencies, np.array(curve.mid_db), sample_rate_hz, taps)
    if channels == 1 or curve.side_db == curve.mid_db:
        return LinearPhaseFir(mid, None, channels)
    side = design_linear_phase(frequencies, np.array(curve.side_db), sample_rate_hz, taps)
    return LinearPhaseFir(mid, side, channels)


def _sections(plan: MasteringPlan, sample_rate_hz: int, channels: int) -> Processor | None:
    sections = plan.sections
    if sections is None:
        return None
    frequencies = np.array(sections.frequencies_hz)
    taps = [design_linear_phase(frequencies, np.array(kind.gains_db), sample_rate_hz) for kind in sections.kinds]
    return SectionTone(taps, sections.sections, sections.borders_s, sections.crossings_s, sample_rate_hz, channels)


def _balance(plan: MasteringPlan, sample_rate_hz: int, channels: int) -> Processor | None:
    gains = plan.balance
    return None if gains is None else ChannelGains((gains.left_db, gains.right_db), sample_rate_hz)


def _leveller(plan: MasteringPlan, sample_rate_hz: int, channels: int) -> Processor | None:
    return _automation(plan.leveller, sample_rate_hz, channels)


def _range(plan: MasteringPlan, sample_rate_hz: int, channels: int) -> Processor | None:
    return _automation(plan.range, sample_rate_hz, channels)


def _levels(plan: MasteringPlan, sample_rate_hz: int, channels: int) -> Processor | None:
    return _automation(plan.levels, sample_rate_hz, channels)


def _automation(curve: LevellerCurve | None, sample_rate_hz: int, channels: int) -> Processor | None:
    if curve is None:
        return None
    return GainAutomation(np.array(curve.gains_db), curve.hop_s, sample_rate_hz, channels)


def _compressor(plan: MasteringPlan, sample_rate_hz: int, channels: int) -> Processor | None:
    settings = plan.compressor
    if settings is None:
        return None
    values = asdict(settings)
    return Compressor(CompressorSettings(threshold_db=values.pop("threshold_lufs"), **values), sample_rate_hz, channels)


def _transients(plan: MasteringPlan, sample_rate_hz: int, channels: int) -> Processor | None:
    settings = plan.transient
    if settings is None:
        return None
    return TransientEnhancer(TransientSettings(gain_db=settings.gain_db), sample_rate_hz, channels)


def _soft_clip(plan: MasteringPlan, sample_rate_hz: int, channels: int) -> Processor | None:
    settings = plan.soft_clip
    if settings is None:
        return None
    limits = SoftClipSettings(db_to_gain(settings.threshold_dbfs), db_to_gain(settings.ceiling_dbfs))
    return SoftClip(limits, sample_rate_hz, channels)


def _peaks(plan: MasteringPlan, sample_rate_hz: int, channels: int) -> Processor | None:
    settings = plan.peaks
    if settings is None:
        return None
    return PeakExpansion(PeakExpansionSettings(**asdict(settings)), sample_rate_hz, channels)


# The order of the chain; what is static comes first, what only shapes level last.
STAGES: tuple[tuple[str, Builder], ...] = (
    ("declip", _declip),
    ("polarity repair", _polarity_repair),
    ("offset removal", _offset_removal),
    ("balance", _balance),
    ("tone", _tone),
    ("sections", _sections),
    ("leveller", _leveller),
    ("compressor", _compressor),
    ("transients", _transients),
    ("soft clip", _soft_clip),
)
# What solving draws, by the signal as it comes out of the others.
DRAWN_STAGES: tuple[tuple[str, Builder], ...] = (
    ("range", _range),
    ("peaks", _peaks),
    ("levels", _levels),
)


def build_stages(plan: MasteringPlan, sample_rate_hz: int, channels: int, first_frame: int = 0) -> tuple[Stage, ...]:
    """The stages this plan runs, in order, fresh, for a stream that begins at `first_frame` of the track."""
    return _built((*STAGES, *DRAWN_STAGES), plan, sample_rate_hz, channels, first_frame)


def drawn_stages(plan: MasteringPlan, sample_rate_hz: int, channels: int) -> tuple[Stage, ...]:
    """The last of them: those that were drawn when the plan was solved."""
    return _built(DRAWN_STAGES, plan, sample_rate_hz, channels, 0)


def _built(
    builders: tuple[tuple[str, Builder], ...],
    plan: MasteringPlan,
    sample_rate_hz: int,
    channels: int,
    first_frame: int,
) -> tuple[Stage, ...]:
    stages = []
    for name, builder in builders:
        processor = builder(plan, sample_rate_hz, channels)
        if isinstance(processor, Declipper | GainAutomation | SectionTone):
            processor.begin_at(first_frame)
        if processor is not None:
            stages.append(Stage(name, processor))
    return tuple(stages)
