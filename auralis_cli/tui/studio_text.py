"""What the studio reads off a moment of sound: meters as lines, words about the mastering. Pure."""

from __future__ import annotations

import math
from collections import deque

from auralis_cli.model.heard_plan import HeardPlan
from auralis_cli.model.player_status import PlayerStatus
from auralis_cli.model.sound_frame import FLOOR_DB, SideFrame, SoundFrame
from auralis_cli.terminal_text import number
from auralis_cli.tui.plot_scales import frequency_at
from auralis_cli.tui.widgets.meter_bars import Meter

# Where the bars of levels begin and end, and from where they are warm and hot.
_LOWEST_DB, _HIGHEST_DB = -48.0, 3.0
_WARM_LUFS, _HOT_LUFS = -16.0, -9.0
_WARM_DBFS, _HOT_DBFS = -6.0, -1.0
_MOST_REDUCTION_DB = 12.0
_DASH = "–"
_NOTHING = SideFrame(FLOOR_DB, FLOOR_DB, FLOOR_DB, FLOOR_DB, FLOOR_DB, FLOOR_DB, 0.0, (), ())
METER_LINES = 9
# Of the history of reduction: a dot of its plot.
MOMENT_S = 0.1
_KEPT_MOMENTS = 600


def heard_side(status: PlayerStatus | None) -> str:
    """`mastered` or `original`, which sounds as well until something is known of the master."""
    return "original" if _awaits_master(status) else _wished_side(status)


def _wished_side(status: PlayerStatus | None) -> str:
    if status is None:
        return "original"
    return status.compare or ("mastered" if status.enhance else "original")


def _awaits_master(status: PlayerStatus | None) -> bool:
    return status is not None and _wished_side(status) == "mastered" and status.plan_stage is None


def heard_frame(frame: SoundFrame, status: PlayerStatus | None) -> SideFrame:
    """The side that is heard."""
    return frame.mastered if heard_side(status) == "mastered" else frame.original


def meter_lines(frame: SoundFrame | None, status: PlayerStatus | None) -> list[Meter]:
    """The meters of the side that is heard; empty bars where nothing is."""
    side = _NOTHING if frame is None else heard_frame(frame, status)
    is_silent = frame is None or not frame.is_sounding
    levels = [
        _loudness("Momentary", side.momentary_lufs, is_silent=is_silent),
        _loudness("Short-term", side.short_term_lufs, is_silent=is_silent),
        _loudness("Integrated", side.integrated_lufs, is_silent=False),
        _peak("True peak", side.true_peak_dbtp, is_silent=False),
        _peak("Left", side.left_dbfs, is_silent=is_silent),
        _peak("Right", side.right_dbfs, is_silent=is_silent),
    ]
    return [*levels, _correlation(side, is_silent=is_silent), *_gain(frame, is_silent=is_silent)]


def mastering_lines(status: PlayerStatus | None) -> list[str]:
    """Preset, intensity, and what is heard."""
    if status is None:
        return ["no player"]
    state = "on" if status.enhance else "off"
    lines = [
        f"Enhancement  {state}",
        f"Preset       {status.preset}",
        f"Intensity    {intensity_bar(status.intensity)}",
    ]
    until = " as yet" if _awaits_master(status) else ""
    if status.compare is not None and not until:
        lines.append(f"A/B          {status.compare}, matched")
    else:
        lines.append(f"Heard        the {heard_side(status)}{until}")
    return lines


def intensity_bar(intensity: float) -> str:
    """`●●●●●●●○○○ 0.7`."""
    filled = round(min(max(intensity, 0.0), 1.0) * 10)
    return f"{'●' * filled}{'○' * (10 - filled)} {intensity:g}"


def _share(level_db: float) -> float:
    return (level_db - _LOWEST_DB) / (_HIGHEST_DB - _LOWEST_DB)


def _loudness(name: str, lufs: float, *, is_silent: bool) -> Meter:
    return _level(name, lufs, _WARM_LUFS, _HOT_LUFS, is_silent=is_silent)


def _peak(name: str, dbfs: float, *, is_silent: bool) -> Meter:
    return _level(name, dbfs, _WARM_DBFS, _HOT_DBFS, is_silent=is_silent)


def _level(name: str, level: float, warm: float, hot: float, *, is_silent: bool) -> Meter:
    if level <= FLOOR_DB or is_silent:
        return Meter(name, _DASH, 0.0, 0.0)
    style = "hot" if level >= hot else "warm" if level >= warm else "calm"
    return Meter(name, number(level), 0.0, _share(level), style)


def _correlation(side: SideFrame, *, is_silent: bool) -> Meter:
    """From the middle to the left where channels are against each other, to the right where they are alike."""
    if is_silent:
        return Meter("Correlation", _DASH, 0.5, 0.5)
    style = "hot" if side.correlation < 0.0 else "calm"
    return _from_middle("Correlation", f"{side.correlation:+.2f}", side.correlation, style)


def _gain(frame: SoundFrame | None, *, is_silent: bool) -> list[Meter]:
    """What the master does to the level, and how far it is held back from where it was held back least."""
    if frame is None or is_silent:
        return [Meter("Gain", _DASH, 0.0, 0.0), Meter("Reduction", _DASH, 0.0, 0.0)]
    reduced = frame.reduction_db / _MOST_REDUCTION_DB
    return [
        _from_middle("Gain", f"{frame.gain_db:+.1f}", frame.gain_db / _MOST_REDUCTION_DB),
        Meter("Reduction", number(frame.reduction_db), 0.0, reduced, "warm"),
    ]


def _from_middle(name: str, reading: str, share: float, style: str = "calm") -> Meter:
    """A bar to the left, or to the right, by as much as -1 to 1 says."""
    start, end = sorted((0.5, 0.5 + share / 2.0))
    return Meter(name, reading, start, end, style)


def plan_lines(plan: HeardPlan | None) -> list[str]:
    """What the chain does, and to what level."""
    if plan is None:
        return []
    ceiling = "none" if plan.ceiling_dbtp is None else f"{number(plan.ceiling_dbtp)} dBTP"
    chain = ", ".join(plan.stages) or "nothing but gain"
    return [f"Gain         {plan.gain_db:+.1f} dB", f"Ceiling      {ceiling}", f"Chain        {chain}"]


def tone_title(plan: HeardPlan | None) -> str:
    """What the plot of the tone shows."""
    if plan is None:
        return "tone: not known yet"
    if not plan.frequencies_hz:
        return "tone: left alone"
    sides = "mid and side alike" if plan.mid_db == plan.side_db else "mid over side"
    return f"tone ±{tone_range_db(plan):g} dB: {sides}"


def tone_curves(plan: HeardPlan | None, dots: int) -> list[list[float]]:
    """Mid, and side where that is another, a level for each dot from the left."""
    if plan is None or dots < 1:
        return []
    levels = [plan.tone_db(frequency_at(dot / max(dots - 1, 1))) for dot in range(dots)]
    curves = [[mid for mid, _side in levels], [side for _mid, side in levels]]
    return curves if plan.mid_db != plan.side_db else curves[:1]


def tone_range_db(plan: HeardPlan | None) -> float:
    """How far up and down the plot of the tone goes: as far as is needed, in steps of 3 dB."""
    highest = 0.0 if plan is None else max(map(abs, (*plan.mid_db, *plan.side_db)), default=0.0)
    return 3.0 * max(math.ceil(highest / 3.0), 1)


class ReductionHistory:
    """How far the master was held back, a moment at a time, of the last seconds."""

    def __init__(self) -> None:
        self._moments: deque[float] = deque(maxlen=_KEPT_MOMENTS)
        self._moment = -1

    def add(self, at_s: float, reduction_db: float) -> None:
        """What is held back at that time; of a moment the most is kept, one that was missed is as the one before."""
        moment = int(at_s / MOMENT_S)
        if self._moments and moment == self._moment:
            self._moments[-1] = max(self._moments[-1], reduction_db)
            return
        missed = moment - self._moment - 1 if self._moments else 0
        self._moments.extend([self._moments[-1] if self._moments else 0.0] * min(missed, _KEPT_MOMENTS))
        self._moments.append(reduction_db)
        self._moment = moment

    @property
    def moment(self) -> int:
        """The number of the newest moment, which is another where there is more to show."""
        return self._moment

    def forget(self) -> None:
        """Another track, or nobody looks."""
        self._moments.clear()

    def newest(self, count: int) -> list[float]:
        """The last so many, the newest last; nothing was held back before the first."""
        found = list(self._moments)[-count:] if count > 0 else []
        return [0.0] * (count - len(found)) + found
