"""A finished file gets its name; what had it before goes to the trash."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from auralis_cli.model.published_file import PublishedFile
from auralis_cli.services.trash import TrashPlace, bring_back, move_to_trash
from auralis_cli.whole_file import write_whole_file

if TYPE_CHECKING:
    # Costs more than writing a document.
    from auralis_cli.audio.writer import AtomicWriter


def publish(
    writer: AtomicWriter,
    path: Path,
    frames: int,
    *,
    force: bool,
    mtime_ns: int | None = None,
    ready: Callable[[Path], None] = lambda _finished: None,
) -> PublishedFile:
    """Gives the finished file its name; with `force` what had it goes to the trash, and comes back where that fails.

    `ready` sees the file just before. Raises RefusedError where the name is taken, OutputError where the disk fails.
    """
    places: list[TrashPlace] = []
    finished: list[os.stat_result] = []

    def seen(file: Path) -> None:
        finished.append(os.stat(file))
        ready(file)

    def displace(old: Path) -> None:
        places.append(move_to_trash(old))

    try:
        writer.commit(expected_frames=frames, mtime_ns=mtime_ns, displace=displace if force else None, ready=seen)
    except BaseException:
        for place in places:
            bring_back(place, path)
        raise
    replaced = str(places[0].file) if places else None
    return PublishedFile(finished[0].st_size, finished[0].st_mtime_ns, replaced)


def publish_document(path: Path, data: bytes) -> PublishedFile:
    """Writes `data` whole or not at all; what had the name goes to the trash, and comes back where that fails.

    Raises OutputError where it cannot be written.
    """
    places: list[TrashPlace] = []
    try:
        write_whole_file(path, data, displace=lambda old: places.append(move_to_trash(old)))
    except BaseException:
        for place in places:
            bring_back(place, path)
        raise
    status = os.lstat(path)
    return PublishedFile(status.st_size, status.st_mtime_ns, str(places[0].file) if places else None)


def take_back(path: Path, published: PublishedFile) -> None:
    """The place is as it was before its file got the name; what somebody else put there since stays."""
    with suppress(FileNotFoundError):
        status = os.lstat(path)
        if (status.st_size, status.st_mtime_ns) != (published.size_bytes, published.mtime_ns):
            return
        os.unlink(path)
    if published.replaced is not None:
        bring_back(TrashPlace(Path(published.replaced)), path)
