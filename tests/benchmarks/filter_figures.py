"""What letters of a filter take until their rows are shown, and how long the event loop is held up by them.

    python tests/benchmarks/filter_figures.py LIBRARY SCRATCH

prints the figures as JSON. The screen is drawn into nothing, over a player without sound; `tui_table.py` runs this.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from textual.widgets import Input
from tui.fake_player import FakePlayers, app_over
from tui.watching import said

from auralis_cli.tui.app import AuralisApp
from auralis_cli.tui.library_panes import PANES
from auralis_cli.tui.widgets.long_list import LongList

_WORDS = ("blue", "tra", "sta", "rock", "year:1990..", "title:a", "^genre:rock")
# Between two letters: of a quick hand, and long enough for everything to be found.
_GAPS_S = (0.15, 15.0)
_TICK_S = 0.002


@dataclass(slots=True)
class FilterFigures:
    """In milliseconds, of every letter that was typed."""

    # Until the first rows of the tracks, of all three panes; until every total is known.
    tracks: list[float] = field(default_factory=list)
    panes: list[float] = field(default_factory=list)
    totals: list[float] = field(default_factory=list)
    # The longest that the event loop was held up while it was looked for.
    stalls: list[float] = field(default_factory=list)


async def _letter(app: AuralisApp, text: str, gap_s: float, found: FilterFigures) -> None:
    lists = {pane: app.query_one(f"#{pane}", LongList) for pane in PANES}
    before = {pane: one._pages for pane, one in lists.items()}
    begun_s = last_s = time.perf_counter()
    stall_s, shown_s, tracks_s, totals_s = 0.0, None, None, None
    app.query_one("#library-filter", Input).value = text
    while totals_s is None and time.perf_counter() < begun_s + gap_s:
        await asyncio.sleep(_TICK_S)
        now_s = time.perf_counter()
        stall_s, last_s = max(stall_s, now_s - last_s - _TICK_S), now_s
        shown = {pane for pane, one in lists.items() if one._pages is not before[pane]}
        if tracks_s is None and "tracks" in shown:
            tracks_s = now_s - begun_s
        if shown_s is None and len(shown) == len(lists):
            shown_s = now_s - begun_s
        if shown_s is not None and not any(one._fillers for one in lists.values()):
            totals_s = now_s - begun_s
    found.stalls.append(1000 * stall_s)
    for told, taken_s in ((found.tracks, tracks_s), (found.panes, shown_s), (found.totals, totals_s)):
        if taken_s is not None or told is not found.totals:
            # What was not shown before the next letter took at least as long.
            told.append(1000 * (gap_s if taken_s is None else taken_s))


async def _all(library: Path, home: Path) -> FilterFigures:
    found = FilterFigures()
    app = app_over(FakePlayers(), home, "library", library_path=library)
    async with app.run_test(size=(120, 40)):
        tracks = app.query_one("#tracks", LongList)
        while not tracks.count or tracks._fillers:
            await asyncio.sleep(0.1)
        await asyncio.sleep(3.0)
        # As the program does once it has settled.
        gc.freeze()
        said(app, "filter")
        for gap_s in _GAPS_S:
            for word in _WORDS:
                for end in range(1, len(word) + 1):
                    # Of what is only begun, some means nothing yet.
                    if ":" not in word or end == len(word):
                        await _letter(app, word[:end], gap_s, found)
                app.query_one("#library-filter", Input).value = ""
                await asyncio.sleep(2.0)
    return found


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(_all(Path(sys.argv[1]), Path(sys.argv[2]))))))
