"""What interfaces are told of the plan that plays."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast

from fake_player import FakePlayer

from auralis_cli.json_form import json_text
from auralis_cli.mastering.early_plans import level_plan
from auralis_cli.mastering.stages import DRAWN_STAGES, STAGES
from auralis_cli.model.heard_plan import HeardPlan
from auralis_cli.model.live_mastering import LivePlan, MasteringWish
from auralis_cli.model.mastering import ToneCurve
from auralis_cli.model.playback import TrackLevels
from auralis_cli.model.presets import PRESETS
from auralis_cli.player.actions import PlayerActions
from auralis_cli.player.control_protocol import PLAN, Request, read_line
from auralis_cli.player.control_requests import answer


def live_plan(tone: ToneCurve | None = None) -> LivePlan:
    made = level_plan(TrackLevels(-20.0, -3.0), MasteringWish("adaptive", 0.7), PRESETS["adaptive"])
    return replace(made, solved=replace(made.solved, plan=replace(made.solved.plan, tone=tone)))


TONE = ToneCurve((50.0, 100.0, 200.0), (1.0, 2.0, -1.0), (0.0, -4.0, 0.0))


def asked(player: FakePlayer) -> object:
    request = Request(1, PLAN, {})
    return read_line(answer(PlayerActions(player.as_player, lambda: None), None, request).line)["ok"]  # type: ignore[arg-type]


def test_the_player_says_by_what_plan_the_track_that_sounds_is_mastered() -> None:
    player = FakePlayer()
    assert asked(player) is None
    player.change(plan=live_plan(TONE))
    told = asked(player)
    assert isinstance(told, dict)
    plan = HeardPlan.of_json(told)
    assert (plan.preset, plan.intensity, plan.stage) == ("adaptive", 0.7, "level")
    assert plan.stages == ("tone", "limiter")
    assert plan.frequencies_hz == TONE.frequencies_hz
    assert HeardPlan.of_json(json.loads(json_text(plan))) == plan


def test_every_stage_that_runs_is_told_by_its_name_in_the_order_of_the_chain() -> None:
    names = (
        "declip", "polarity_repair", "offset_removal", "sections", "balance", "leveller", "compressor", "transient",
        "soft_clip", "range", "peaks", "levels",
    )  # fmt: skip
    live = live_plan(TONE)
    running = replace(live.solved.plan, **cast(Any, dict.fromkeys(names, ())))
    told = HeardPlan.of(replace(live, solved=replace(live.solved, plan=running)))
    assert told.stages == (*(name for name, _ in (*STAGES, *DRAWN_STAGES)), "limiter")


def test_the_tone_between_two_points_is_between_theirs_and_beyond_the_ends_as_there() -> None:
    plan = HeardPlan.of(live_plan(TONE))
    assert [plan.tone_db(hz) for hz in (20.0, 50.0, 75.0, 150.0, 9000.0)] == [
        (1.0, 0.0), (1.0, 0.0), (1.5, -2.0), (0.5, -2.0), (-1.0, 0.0),
    ]  # fmt: skip
    assert HeardPlan.of(live_plan()).tone_db(1000.0) == (0.0, 0.0)
