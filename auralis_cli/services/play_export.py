"""What is known of plays and ratings, written into a file as a change that can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from auralis_cli.db.store import Store
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.query import Query
from auralis_cli.services.changes import changes
from auralis_cli.services.play_records import exported_plays, line_of
from auralis_cli.whole_file import write_whole_file


def export_to_file(store: Store, query: Query, target: Path, cancel: CancelToken, *, dry_run: bool, now: int) -> int:
    """Writes a line for each track of which something is known, whole or not at all, and says how many they are.

    What is at `target` goes to the trash.
    """
    count = 0

    def lines() -> Iterator[bytes]:
        nonlocal count
        for data in exported_plays(store, query):
            cancel.raise_if_cancelled()
            count += 1
            yield line_of(data)

    if dry_run:
        return sum(1 for _ in lines())
    with changes(store, "plays export", f"plays exported to {target}", lambda: now) as change:
        write_whole_file(target, lines(), displace=lambda path: change.trash(str(path)))
        change.created(str(target))
    return count
