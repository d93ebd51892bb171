"""A million tracks on the screen: what is typed is answered, what is scrolled to is there, memory stays bounded."""

from __future__ import annotations

import asyncio
import os
import random
import time
from pathlib import Path

import big_library
import pytest
from tui.fake_player import FakePlayers, app_over
from tui.watching import said, until

from auralis_cli.tui.widgets.long_list import LongList
from auralis_cli.tui.widgets.row_pages import MOST_PAGES

pytestmark = [pytest.mark.soak, pytest.mark.alone]
# Of the 95th of a hundred jumps, and of what the process grows by while they are made.
_JUMP_S, _GROWTH_BYTES = 0.1, 80 << 20
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES


@pytest.mark.invariant("S1-M-17")
def test_a_million_tracks_scroll_and_filter_as_a_few_do(tmp_path: Path) -> None:
    library = tmp_path / "library.db"
    big_library.build(library)

    async def run() -> None:
        app = app_over(FakePlayers(), tmp_path, "library", library_path=library)
        async with app.run_test(size=(120, 40)):
            tracks = app.query_one("#tracks", LongList)
            said(app, "panes")
            await until(lambda: tracks.count == big_library.TRACKS)
            before, chance, jumps = resident_bytes(), random.Random(big_library.SEED), []
            for _ in range(100):
                begun = time.perf_counter()
                tracks.move_to(chance.randrange(big_library.TRACKS))
                while tracks.row is None:
                    await asyncio.sleep(0.001)
                jumps.append(time.perf_counter() - begun)
            assert sorted(jumps)[94] < _JUMP_S
            assert len(tracks._pages) <= MOST_PAGES
            assert resident_bytes() - before < _GROWTH_BYTES
            for text in ("r", "ro", "roc", "rock"):
                said(app, f"filter {text}")
                await asyncio.sleep(0.05)
            await until(lambda: 0 < tracks.count < big_library.TRACKS)

    asyncio.run(run())
