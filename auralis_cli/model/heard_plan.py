"""How what plays is mastered, as interfaces are told: a few numbers and the tone curve, small and without NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from auralis_cli.quick_dataclasses import dataclass

if TYPE_CHECKING:
    from auralis_cli.model.live_mastering import LivePlan
    from auralis_cli.model.mastering import MasteringPlan


@dataclass(frozen=True, slots=True)
class HeardPlan:
    """The plan of the track that sounds; the fields are the keys of JSON."""

    preset: str
    intensity: float
    # level, predicted, solved
    stage: str
    gain_db: float
    ceiling_dbtp: float | None
    # The stages that run, in their order, in words.
    stages: tuple[str, ...]
    # The tone curve of mid and side, a point each third of an octave; empty where the tone is left alone.
    frequencies_hz: tuple[float, ...] = ()
    mid_db: tuple[float, ...] = ()
    side_db: tuple[float, ...] = ()

    @classmethod
    def of(cls, live: LivePlan) -> Self:
        """What is told of a plan."""
        plan = live.solved.plan
        tone = plan.tone
        curves = () if tone is None else (tone.frequencies_hz, tone.mid_db, tone.side_db)
        return cls(
            live.wish.preset,
            live.wish.intensity,
            live.stage.value,
            round(live.solved.gain_db, 2),
            None if plan.limiter is None else plan.limiter.ceiling_dbtp,
            tuple(_running(plan)),
            *(tuple(round(float(value), 2) for value in curve) for curve in curves),
        )

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> Self:
        """The plan of its JSON; TypeError for what is none."""
        lists = {name: tuple(told.get(name, ())) for name in ("stages", "frequencies_hz", "mid_db", "side_db")}
        return cls(**{**told, **lists})

    def tone_db(self, frequency_hz: float) -> tuple[float, float]:
        """Mid and side at a frequency, linear between points; nothing where the tone is left alone."""
        places = self.frequencies_hz
        if not places:
            return 0.0, 0.0
        above = next((number for number, place in enumerate(places) if place >= frequency_hz), len(places) - 1)
        below = max(above - 1, 0)
        width = places[above] - places[below]
        share = min(max((frequency_hz - places[below]) / width, 0.0), 1.0) if width > 0.0 else 0.0
        mid, side = (curve[below] + share * (curve[above] - curve[below]) for curve in (self.mid_db, self.side_db))
        return mid, side


def _running(plan: MasteringPlan) -> list[str]:
    # As `mastering/stages.py` calls and orders them, which brings NumPy.
    stages = {
        "declip": plan.declip, "polarity repair": plan.polarity_repair, "offset removal": plan.offset_removal,
        "balance": plan.balance, "tone": plan.tone, "sections": plan.sections, "leveller": plan.leveller,
        "compressor": plan.compressor, "transients": plan.transient, "soft clip": plan.soft_clip, "range": plan.range,
        "peaks": plan.peaks, "levels": plan.levels, "limiter": plan.limiter,
    }  # fmt: skip
    return [name for name, stage in stages.items() if stage is not None]
