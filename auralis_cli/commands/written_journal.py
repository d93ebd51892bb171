"""What verbs wrote that are not about the library, noted in the journal, so that `auralis undo` takes it back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from auralis_cli.commands.library import opened_library
from auralis_cli.commands.master_display import Result
from auralis_cli.commands.verb import Session
from auralis_cli.errors import LibraryError
from auralis_cli.model.master_reports import MasterReport
from auralis_cli.model.published_file import PublishedFile


def note_masters(session: Session, results: Sequence[Result], report: tuple[Path, PublishedFile] | None = None) -> None:
    """One entry for all files that were written, the report on them among them; none where none was."""
    files = [
        (one.destination.path, one.published)
        for one in results
        if isinstance(one, MasterReport) and one.destination.path is not None and one.published is not None
    ]
    files += [
        (one.preview.before, one.preview.published)
        for one in results
        if isinstance(one, MasterReport) and one.preview is not None
    ]
    files += [report] if report is not None else []
    if files:
        note_in_journal(session, "master", files)


def note_in_journal(session: Session, verb: str, files: Sequence[tuple[Path, PublishedFile]]) -> None:
    """One entry for `files`. A library that cannot be used fails no verb that wrote them: a warning says so."""
    # Imported only now: until here it would cost time, and memory that the sound needs.
    from auralis_cli.services.changes import changes

    try:
        with (
            opened_library(session, create=True) as store,
            changes(store, verb, _in_words(files), lambda: int(time.time())) as change,
        ):
            for path, published in files:
                change.published(str(path), published)
    except LibraryError as error:
        session.output.warning(f"auralis undo will not know of this: {error}")


def _in_words(files: Sequence[tuple[Path, PublishedFile]]) -> str:
    """`out.flac`, or `12 files in mastered, 3 replaced`."""
    replaced = sum(published.replaced is not None for _, published in files)
    if len(files) == 1:
        return f"{files[0][0].name}{', replaced' if replaced else ''}"
    tail = f", {replaced} replaced" if replaced else ""
    return f"{len(files)} files, {files[0][0].name} the first{tail}"
