"""What a scan makes of files that it knows by their content alone."""

from __future__ import annotations

import music_records

from auralis_cli.db.store import Store
from auralis_cli.model.library import FileRecord, StoredFile
from auralis_cli.services.scan_apply import Applier

COPIES = 40


def copies(folder: str) -> list[FileRecord]:
    """Files that sound the same."""
    return [music_records.record(f"{folder}/{number}.flac", content="flac:same") for number in range(COPIES)]


def test_each_of_many_copies_is_looked_for_once_and_stands_for_one_new_file() -> None:
    asked: list[str] = []

    def is_gone(row: StoredFile) -> bool:
        asked.append(row.path)
        return row.path not in ("/music/old/0.flac", "/music/old/1.flac")

    with Store.empty(program="test", now=1) as store:
        root = store.roots.add("/music", now=1)
        store.files.apply(copies("/music/old"), root_id=root.id, now=1)
        applier = Applier(store, dry_run=True, now=2)
        applier.apply(copies("/music/new"), {}, is_gone)
    assert sorted(asked) == sorted(record.stat.path for record in copies("/music/old"))
    assert (applier.counts.moved, applier.counts.added) == (COPIES - 2, 2)
    assert len(applier.moved_ids) == COPIES - 2
