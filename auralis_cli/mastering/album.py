"""What an album's plan leaves out: whatever would draw its tracks together."""

from __future__ import annotations

from dataclasses import replace

from auralis_cli.model.mastering import MasteringPlan, Reason

_LEFT_OUT = ("leveller", "compressor")


def keeping_relations(plan: MasteringPlan) -> MasteringPlan:
    """The plan for all tracks as one stream, without the stages that make what is loud quieter than the rest."""
    dropped = [name for name in _LEFT_OUT if getattr(plan, name) is not None]
    reasons = tuple(reason for reason in plan.reasons if reason.stage not in dropped)
    if dropped:
        why = f"no {' and no '.join(dropped)}: tracks keep their levels to each other"
        reasons = (*reasons, Reason("album", why))
    return replace(plan, leveller=None, compressor=None, reasons=reasons)
