"""Small libraries of files that nobody reads: what a scan would have found, said in a line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from auralis_cli.db.store import Store
from auralis_cli.model.library import FileKind, FileRecord, FileStat, TrackRecord, TrackTags

NOW = 1_700_000_000


def record(path: str, *, title: str | None = None, duration_s: float = 60.0, **tags: object) -> FileRecord:
    """A FLAC file with one track, told by its path."""
    name = path.rpartition("/")[2].rpartition(".")[0]
    track = TrackRecord(replace(TrackTags(title=title or name), **tags), duration_s)  # type: ignore[arg-type]
    stat = FileStat(path, 1_000_000, NOW * 10**9, 1, abs(hash(path)) % 10**9)
    return FileRecord(
        stat, FileKind.AUDIO, f"test:{name}", "flac", "flac", 44_100, 2, 16, 900_000, duration_s, True, (track,)
    )


def divided(path: str, sheet: str, titles: Iterable[str]) -> list[FileRecord]:
    """A file that a cue sheet divides into tracks of a minute, and the sheet."""
    whole = record(path)
    tracks = tuple(
        TrackRecord(TrackTags(title=title), 60.0, number, sheet, (number - 1) * 60 * 44_100, number * 60 * 44_100)
        for number, title in enumerate(titles, 1)
    )
    sheet_stat = whole.stat._replace(path=sheet, inode=whole.stat.inode + 1)
    return [FileRecord(sheet_stat, FileKind.SHEET, f"test:{sheet[-20:]}"), replace(whole, tracks=tracks)]


def put(store: Store, records: Iterable[FileRecord], *, root: str = "/m") -> None:
    """Applies records as a scan of `root` does."""
    folder = next((one for one in store.roots.all() if one.path == root), None) or store.roots.add(root, now=NOW)
    with store.database.write():
        store.files.apply(list(records), root_id=folder.id, now=NOW)
