"""Edits files as wholes: a copy is edited and takes the file's place, so that a kill leaves the old or the new one.

    with changes(store, "tag set", "12 files", clock) as change:
        for done in rewrite_files(store, change, tasks, options, sink, cancel):
            …

What each file was can be had again: a patch from which its old bytes are made lies in the undo folder, noted in the
journal before the copy takes the file's place. What the library knows of a file changes in the transaction that notes
that it was done. The audio is the same before and after, or the edit is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from auralis_cli.db.store import Store
from auralis_cli.model.file_rewrites import RewriteTask, Rewritten
from auralis_cli.model.progress import BatchProgressSink, CancelToken
from auralis_cli.services.changes import Change


@dataclass(frozen=True, slots=True)
class RewriteOptions:
    """How files are rewritten."""

    # Whether a file keeps the time of its last change.
    keep_mtime: bool = False
    # Whether nothing is changed where one file cannot be.
    all_or_nothing: bool = False
    workers: int = 1


def rewrite_files(
    store: Store,
    change: Change,
    tasks: Sequence[RewriteTask],
    options: RewriteOptions,
    sink: BatchProgressSink,
    cancel: CancelToken,
) -> Iterator[Rewritten]:
    """Does the tasks, in their order; what cannot be done is a value with a failure. Files the library knows are read
    again, in the transaction that notes them as done.
    """
    raise NotImplementedError
