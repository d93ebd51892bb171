"""Edits of a running player's queue from the command line: what was chosen is meant, not where it stood."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from controlled_player import controlled, short_home

from auralis_cli.model.queue import Queue, QueueTrack
from auralis_cli.services.queue_editing import RunningQueue, removing
from auralis_cli.services.remote_player import RemotePlayer


@pytest.mark.invariant("S4-D1.3")
def test_what_is_chosen_is_taken_out_though_the_queue_moved_while_it_was_chosen() -> None:
    """✗ items are taken out by where they stood before the library was asked for them."""
    with short_home() as environ, controlled(environ) as one, RemotePlayer(environ=environ) as remote:
        remote.set_queue([QueueTrack(f"/m/{letter}.flac") for letter in "abcdef"], play=False)

        def slowly(queue: Queue) -> Sequence[int]:
            # Meanwhile one was consumed, and another one that is chosen was taken out by somebody else.
            one.player.remove([0, 4])
            return [place for place, item in enumerate(queue.items) if item.track.path[3] in "ce"]

        report = RunningQueue(remote).do(removing(slowly), dry_run=False)
        assert [item.track.path[3] for item in one.player.queue.items] == ["b", "d", "f"]
        assert report is not None
        assert (report.edit, report.tracks) == ("remove", 3)
        one.player.told.clear()
        assert RunningQueue(remote).do(removing(lambda _: []), dry_run=False) is None
        assert one.player.told == []
