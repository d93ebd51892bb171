"""The lines around the views: which views there are, what plays, which keys matter here. Pure: parts from a state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from auralis_cli.model.player_status import PlayerStatus
from auralis_cli.terminal_text import display_width, shortened
from auralis_cli.tui.commands import label_of
from auralis_cli.tui.key_names import shown_key
from auralis_cli.tui.now_text import loudness_line
from auralis_cli.tui.ui_state import UiState
from auralis_cli.tui.widgets.one_line import Part
from auralis_cli.units import seconds_to_clock

_SIGNS = {"playing": "▶", "paused": "‖", "stopped": "■", "loading": "…", "error": "!"}
_SHORTEST_TITLE = 12
# A title of fewer says nothing.
_FEWEST_LETTERS = 3
# Always in the footer.
_HELP, _QUIT = "help", "quit"


def view_tabs(titles: Mapping[str, str], keys: Mapping[str, str], shown: str, columns: int) -> list[Part]:
    """The views with their keys; where there is no room, titles are cut, and in the end only the shown one has one."""
    cut, gap = _room_of_tabs(titles, keys, shown, columns)
    parts = []
    for name, title in titles.items():
        key = keys.get(name, "")
        is_shown = name == shown
        said = title if is_shown else title[:cut].rstrip()
        text = f" {key} {said}{gap}" if said else f" {key}{gap}" if key else ""
        parts.append(Part(text, "strong" if is_shown else "quiet", f"view {name}"))
    return parts


def _room_of_tabs(titles: Mapping[str, str], keys: Mapping[str, str], shown: str, columns: int) -> tuple[int, str]:
    """How many letters titles may have, and what stands between tabs."""
    longest = max(map(len, titles.values()), default=0)
    for cut, gap in ((longest, " "), *((letters, "") for letters in range(longest, _FEWEST_LETTERS - 1, -1))):
        width = sum(
            len(title if name == shown else title[:cut].rstrip()) + len(keys.get(name, "")) + 2 + len(gap)
            for name, title in titles.items()
        )
        if width + (not gap) <= columns:
            return cut, gap
    return 0, " "


def status_line(state: UiState, now_s: float, columns: int) -> list[Part]:
    """What plays and how; of what has no room, the title is cut first, then the figures go."""
    status = state.status
    if state.notice is not None:
        return [Part(f" {state.notice.text}", "error" if state.notice.is_error else "")]
    if status is None or not state.is_connected:
        return [Part(f" {state.gone or 'looking for the player …'}", "quiet")]
    if status.problem is not None and status.state == "error":
        return [Part(f" {status.problem.message}", "error")]
    left = list(_clock(status, state.position_s(now_s)))
    right = list(_figures(status))
    room = columns - _width(left) - 1
    while right and room - _width(right) < _SHORTEST_TITLE:
        right.pop(0)
    title = shortened(_title(status), max(room - _width(right) - 1, 0))
    gap = " " * (room - _width(right) - display_width(title))
    return [*left, Part(title, "", "jump-to-playing"), Part(gap), *right]


def footer(
    footer_lines: Sequence[str], keys: Mapping[str, str], columns: int, labels: Mapping[str, str] | None = None
) -> list[Part]:
    """Key and name of the commands that matter here, as many as there is room for; help and quit always."""
    own = labels or {}
    last = [_key_parts(line, keys, own) for line in (_HELP, _QUIT)]
    room = columns - sum(_width(one) for one in last)
    parts: list[Part] = []
    for line in footer_lines:
        one = _key_parts(line, keys, own)
        if not one or line in (_HELP, _QUIT):
            continue
        if _width(parts) + _width(one) > room:
            break
        parts += one
    return [*parts, *(part for one in last for part in one)]


def keys_to_come(begun: str, going_on: Mapping[str, str]) -> list[Part]:
    """What was pressed, and what may be pressed next: in the place of the footer while keys wait for the next."""
    parts = [Part(f" {shown_key(begun)} … ", "strong")]
    for keys, line in going_on.items():
        parts += [Part(f" {shown_key(keys)} ", "key", line), Part(f"{label_of(line)} ", "", line)]
    return [*parts, Part(f" {shown_key('escape')} ", "key"), Part("none of them ")]


def _key_parts(line: str, keys: Mapping[str, str], labels: Mapping[str, str]) -> list[Part]:
    key = keys.get(line)
    return (
        [] if key is None else [Part(f" {key} ", "key", line), Part(f"{labels.get(line) or label_of(line)} ", "", line)]
    )


def _clock(status: PlayerStatus, position_s: float) -> Iterator[Part]:
    yield Part(f" {_SIGNS.get(status.state, '?')} ", "key", "toggle")
    length = "" if status.duration_s is None else f"/{seconds_to_clock(status.duration_s)}"
    if status.track is not None:
        yield Part(f"{seconds_to_clock(int(position_s))}{length} ", "", "view now", ("seek +5", "seek -5"))


def _title(status: PlayerStatus) -> str:
    track = status.track
    if track is None:
        return "nothing is queued"
    name = track.title or track.path.rpartition("/")[2]
    return f"{track.artist} – {name}" if track.artist else name


def _figures(status: PlayerStatus) -> Iterator[Part]:
    """The least important first."""
    track = status.track
    if track is not None and track.sample_rate_hz is not None:
        yield Part(f" {track.sample_rate_hz / 1000:g}k {track.codec or track.format or ''} ", "quiet")
    if loudness := loudness_line(status):
        yield Part(f" {loudness} ", "quiet", "view studio")
    if status.queue_index is not None:
        yield Part(f" {status.queue_index + 1}/{status.queue_length} ", "quiet", "view queue")
    if status.shuffle:
        yield Part(" shuffle ", "", "shuffle")
    if status.repeat != "off":
        yield Part(f" repeat {status.repeat} ", "", "cycle-repeat")
    if status.consume:
        yield Part(" consume ", "", "consume")
    if status.stop_after_current:
        yield Part(" stops after this ", "", "stop-after-current")
    if status.compare is not None:
        yield Part(f" A/B {status.compare} ", "strong", "compare")
    elif status.enhance:
        yield Part(f" enh {status.preset} ", "key", "enhance", ("intensity +0.1", "intensity -0.1"))
    volume = " muted " if status.mute else f" vol {status.volume:.0f} "
    yield Part(volume, "error" if status.mute else "", "mute", ("volume +2", "volume -2"))


def _width(parts: Sequence[Part]) -> int:
    return sum(display_width(part.text) for part in parts)
