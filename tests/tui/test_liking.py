"""What plays is rated and made a favourite where no list is, and what came of it is said."""

from __future__ import annotations

import asyncio
from pathlib import Path

import library_of
from tui.fake_player import FakePlayers, app_over
from tui.watching import in_front, notice, said, until

from auralis_cli.db.store import Store
from auralis_cli.tui.track_card import TrackCard


def test_what_plays_is_liked_in_views_without_a_list(tmp_path: Path) -> None:
    """Kills: f in the first view does something that nobody is told of."""
    library = tmp_path / "data" / "library.db"
    library.parent.mkdir()
    with Store.open(library, program="test", now=library_of.NOW) as store:
        library_of.put(store, [library_of.record("/m/a.flac", title="Venus")])
    players = FakePlayers(["/m/a.flac", "/m/unknown.flac"])

    async def run() -> None:
        app = app_over(players, tmp_path, "studio")
        async with app.run_test(size=(80, 24)):
            await until(lambda: app.state.status is not None and app.state.status.track is not None)
            said(app, "favourite")
            await until(lambda: notice(app) == "Venus: a favourite")
            said(app, "rate 4")
            await until(lambda: notice(app) == "Venus: rated 4, a favourite")
            said(app, "rate 7")
            await until(lambda: "rate" in notice(app) and "7" in notice(app))
            said(app, "info")
            await in_front(app, TrackCard)

    asyncio.run(run())
    # The library was told; the player, which would tell it as well, was not.
    assert not players.player.likings
