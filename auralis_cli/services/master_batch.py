"""One master of many: skipped where it is done and unchanged, noted where it is made."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from auralis_cli.errors import OutputError, RefusedError
from auralis_cli.model.master_reports import MasterPreview, MasterReport, MasterSkipped
from auralis_cli.model.mastering import MasterRequest
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.services.master import master_file, preview_master
from auralis_cli.services.receipts import Receipts


def master_unless_done(
    request: MasterRequest, receipts: Path, library: Path | None, progress: ProgressSink, cancel: CancelToken
) -> MasterReport | MasterSkipped:
    """Masters as `master_file` does, unless that was done.

    An output that an earlier run made of the same content with the same wishes, and nobody touched since,
    stays as it is; `request.force` makes it anew. Where it cannot be noted what was made, the report says so.
    """
    book = Receipts(receipts)
    output, key, is_done = _before(request, book, progress)
    if is_done:
        return MasterSkipped(request.source, request.destination)
    failures: list[str] = []
    note = partial(note_made, book, key, output, failures)
    report = master_file(request, progress, cancel, library=library, before_publishing=note)
    return replace(report, warnings=(*report.warnings, *failures))


def preview_unless_done(
    request: MasterRequest, receipts: Path, library: Path | None, progress: ProgressSink, cancel: CancelToken
) -> MasterPreview | MasterSkipped:
    """Foretells what `master_unless_done` would do, and writes nothing."""
    _, _, is_done = _before(request, Receipts(receipts), progress)
    if is_done:
        return MasterSkipped(request.source, request.destination, dry_run=True)
    return preview_master(request, progress, cancel, library=library)


def note_made(book: Receipts, key: str, output: Path, failures: list[str], finished: Path) -> None:
    """Puts a receipt: a master without its receipt is still a master, as where the home may not be written to."""
    try:
        book.put(key, output, finished)
    except OutputError as error:
        failures.append(f"no later batch will know that this is done: {error}")


def _before(request: MasterRequest, book: Receipts, progress: ProgressSink) -> tuple[Path, str, bool]:
    """Where the result goes, the key of its receipt, and whether it is there and may stay."""
    output = request.destination.path
    if output is None:
        raise ValueError("a batch writes files")
    progress.step("reading", None)
    key = book.key(request)
    is_done = not request.force and book.holds(key, output)
    if not (is_done or request.force):
        refuse_made_before(book, output)
    return output, key, is_done


def refuse_made_before(book: Receipts, output: Path) -> None:
    """Raises RefusedError where an earlier run made `output` of something else: it may be all there is of that."""
    if book.made(output):
        why = "was made before of other content, with other wishes or by another version"
        raise RefusedError(str(output), why, "--force makes it anew; the old file goes to the trash")
