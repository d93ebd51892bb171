"""`auralis undo [ID]`: takes a change back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.commands.history import ENTRY, in_one_line
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.options import AsJson
from auralis_cli.commands.questions import Yes, confirmed
from auralis_cli.commands.verb import Page, session_of
from auralis_cli.terminal_text import printable

if TYPE_CHECKING:
    from auralis_cli.services.undo import UndoReport

PAGE = Page(
    examples=(
        ("auralis undo", "Take the last change back, after a question."),
        ("auralis undo -n", "Say what that would do."),
        ("auralis undo 12", "Take back a change of auralis history."),
    ),
    exit_status=(
        (0, "Done, or there is nothing to undo."),
        (1, "A file cannot be moved; nothing in the library is changed, and undo may be tried again."),
        (
            2,
            "Usage; or refused: later changes stand on this one, a file was changed since, is not in the trash any "
            "more, or another is in its place; or nobody can be asked. Nothing is changed.",
        ),
        (5, "The library cannot be used."),
    ),
    details=(
        "Undone is all of a change or nothing of it: afterwards library and files are what they were. Files come back "
        "from the trash with their times and permissions; files that the change made go there. Files whose tags it "
        "changed are made what they were, byte for byte; files that it renamed get their old names. What that takes "
        "lies in the state folder: some hundred bytes a file, and pictures that were removed. Of more than 8 GiB the "
        "oldest goes, which is said; such a change cannot be undone any more.",
        "Changes of different things are undone in any order. Where a later one touched the same, it is named and has "
        "to be undone first. What was interrupted can be undone as well, by its ID: it may be under way still.",
    ),
)


def undo(
    context: typer.Context,
    entry_id: ENTRY = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Say what would be undone, and change nothing.")
    ] = False,
    yes: Yes = False,
    json: AsJson = False,
) -> int:
    """Take a change back.

    Takes back the change ID of auralis history; without ID the last one, after a question.
    """
    from auralis_cli.services.scan_lock import one_scan_at_a_time
    from auralis_cli.services.undo import last_change, preview_undo
    from auralis_cli.services.undo import undo as undo_change

    session = session_of(context)
    with opened_library(session, read_only=dry_run or not session.library_path.exists()) as store:
        chosen = entry_id
        if chosen is None:
            last = last_change(store)
            if last is None:
                session.output.note("nothing to undo")
                if json:
                    session.output.document(_document(None, dry_run=dry_run))
                return 0
            chosen = last.id
        report = preview_undo(store, chosen)
        if not dry_run:
            question = f"Undo {in_one_line(report.entry)}?"
            if entry_id is None and not confirmed(session, f"change {chosen}", question, yes=yes):
                session.output.note("nothing is changed")
                return 0
            with one_scan_at_a_time(store.database.path, session.output.note, session.cancel):
                report = undo_change(store, chosen, int(time.time()))
    if json:
        session.output.document(_document(report, dry_run=dry_run))
        return 0
    for path in report.returned:
        session.output.result(f"back from the trash: {printable(path)}")
    for path in report.discarded:
        session.output.result(f"to the trash: {printable(path)}")
    for path in report.restored:
        session.output.result(f"as it was: {printable(path)}")
    for new, old in report.renamed:
        session.output.result(f"has its old name: {printable(old)} (was {printable(new)})")
    session.output.note(f"{'would be undone' if dry_run else 'undone'}: {in_one_line(report.entry)}")
    return 0


def _document(report: UndoReport | None, *, dry_run: bool) -> Mapping[str, object]:
    """The JSON of what was undone; without a report of nothing."""
    return {
        "id": None if report is None else report.entry.id,
        "verb": None if report is None else report.entry.verb,
        "summary": None if report is None else report.entry.summary,
        "rows": 0 if report is None else report.entry.rows,
        "returned": () if report is None else report.returned,
        "discarded": () if report is None else report.discarded,
        "restored": () if report is None else report.restored,
        "renamed": [] if report is None else [{"from": new, "to": old} for new, old in report.renamed],
        "dry_run": dry_run,
    }
