"""What is wrong with a track and is put right before anything else: decided from its measurements alone."""

from __future__ import annotations

from auralis_cli.analysis.clipped import clipped_channels
from auralis_cli.analysis.polarity import is_inverted
from auralis_cli.model.mastering import Reason
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.repair_plans import DeclipPlan, OffsetRemovalPlan, PolarityRepairPlan
from auralis_cli.model.sound_wishes import SoundWishes
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.units import db_to_gain

# An average offset above this (−60 dBFS) is no music; it may drift, as synthesisers' do.
_DC_FAULT = 1e-3
_DC_WINDOW_MS = 80.0
_MAX_RISE_DB = 6.0
# Where more of a channel is flat, there is too little left to foretell its tops by, or they are meant.
_DENSE_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Repairs:
    """Each is None where nothing is wrong, or nothing is to be repaired."""

    declip: DeclipPlan | None = None
    polarity: PolarityRepairPlan | None = None
    offset: OffsetRemovalPlan | None = None
    reasons: tuple[Reason, ...] = ()


def decide_repairs(analysis: TrackAnalysis, wishes: SoundWishes) -> Repairs:
    """A fault is mended whole, or not at all: at intensity 0, and where no repairs are wished for.

    An offset goes at any intensity.
    """
    if not wishes.repairs:
        return Repairs(reasons=_left_alone(analysis))
    declip, polarity = None, None
    reasons: list[Reason] = []
    if wishes.intensity > 0.0:
        declip, why = _decide_declip(analysis)
        reasons += why
        if is_inverted(analysis):
            polarity = PolarityRepairPlan(channel=2)
            correlation = analysis.measurements.correlation
            why_polarity = f"right turned over: left and right cancel in mono (correlation {correlation:+.2f})"
            reasons.append(Reason("polarity repair", why_polarity))
    offset_removal = None
    if has_offset(analysis):
        offset_removal = OffsetRemovalPlan(_DC_WINDOW_MS)
        dc = analysis.measurements.dc_offset
        reasons.append(Reason("offset removal", f"offset of {dc:+.4f} takes headroom and is not heard"))
    return Repairs(declip, polarity, offset_removal, tuple(reasons))


def has_offset(analysis: TrackAnalysis) -> bool:
    """Whether there is one that takes headroom."""
    return abs(analysis.measurements.dc_offset) > _DC_FAULT


def _decide_declip(analysis: TrackAnalysis) -> tuple[DeclipPlan | None, tuple[Reason, ...]]:
    measured = analysis.measurements
    clipped = clipped_channels(analysis)
    if not clipped or measured.silent:
        return None, ()
    dense = [top for _, top in clipped if top.samples > _DENSE_SHARE * measured.frames]
    if dense:
        share_pct = 100.0 * max(top.samples for top in dense) / measured.frames
        why = f"left clipped: {share_pct:.0f} % of the samples are flat, too many to tell what was there"
        return None, (Reason("declip", why),)
    levels = [0.0] * measured.channels
    for channel, top in clipped:
        levels[channel - 1] = db_to_gain(top.level_dbfs)
    runs, level_dbfs = sum(top.runs for _, top in clipped), max(top.level_dbfs for _, top in clipped)
    tops = "1 flat top" if runs == 1 else f"{runs} flat tops"
    why = (
        f"{tops} at {level_dbfs:z.1f} dBFS rounded as the sound around them suggests, at most {_MAX_RISE_DB:.0f} dB up"
    )
    return DeclipPlan(tuple(levels), _MAX_RISE_DB), (Reason("declip", why),)


def _left_alone(analysis: TrackAnalysis) -> tuple[Reason, ...]:
    """What would have been repaired."""
    found = {
        "flat tops": bool(clipped_channels(analysis)) and not analysis.measurements.silent,
        "inverted polarity": is_inverted(analysis),
        "an offset": has_offset(analysis),
    }
    named = [name for name, is_there in found.items() if is_there]
    return (Reason("repair", f"left as it is, as asked: {', '.join(named)}"),) if named else ()
