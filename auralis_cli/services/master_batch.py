"""One master of many: skipped where it is done and unchanged, noted where it is made."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from auralis_cli.model.mastering import MasterReport, MasterRequest, MasterSkipped
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.services.master import master_file
from auralis_cli.services.receipts import Receipts


def master_unless_done(
    request: MasterRequest, receipts: Path, progress: ProgressSink, cancel: CancelToken
) -> MasterReport | MasterSkipped:
    """Masters as `master_file` does, unless that was done.

    An output that an earlier run made of the same content with the same wishes, and nobody touched since,
    stays as it is; `request.force` makes it anew.
    """
    output = request.destination.path
    if output is None:
        raise ValueError("a batch writes files")
    progress.step("reading", None)
    book = Receipts(receipts)
    key = book.key(request)
    if not request.force and book.holds(key, output):
        return MasterSkipped(request.source, request.destination)
    return master_file(request, progress, cancel, before_publishing=partial(book.put, key, output))
