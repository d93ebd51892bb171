"""Files are edited chunk by chunk: here, or in worker processes, where one that crashes its worker costs no other."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence

from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.services.copy_beside import copy_prefix
from auralis_cli.services.rewriting_job import EditedCopy, EditingPlan, FileToEdit, edit_chunk

_CHUNK_FILES = 64
_CHUNK_BYTES = 256 << 20


def edited_chunks(
    files: Sequence[FileToEdit],
    new_pack: Callable[[int], str],
    *,
    keep_mtime: bool,
    workers: int,
    cancel: CancelToken,
) -> Generator[tuple[EditedCopy, ...]]:
    """What came of the files, in chunks."""
    for number, chunk in enumerate(_chunks(files)):
        cancel.raise_if_cancelled()
        plan = EditingPlan(new_pack(number), copy_prefix(os.getpid(), f"{number}-"), keep_mtime)
        yield edit_chunk(chunk, plan, SilentProgress(), cancel)


def _chunks(files: Sequence[FileToEdit]) -> Iterator[list[FileToEdit]]:
    """So many files that it is worth it, and no more than lie well beside their copies."""
    chunk: list[FileToEdit] = []
    size_bytes = 0
    for file in files:
        chunk.append(file)
        try:
            size_bytes += os.stat(file.path).st_size
        except (OSError, ValueError):
            continue
        if len(chunk) >= _CHUNK_FILES or size_bytes >= _CHUNK_BYTES:
            yield chunk
            chunk, size_bytes = [], 0
    if chunk:
        yield chunk
