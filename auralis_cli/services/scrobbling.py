"""Tells a server of the plays that wait, until all are told or it does not want any now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from auralis_cli.model.listens import Listen
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.listen_queue import ListenQueue
from auralis_cli.services.listenbrainz import MOST_AT_ONCE, ListenServer, Submitted, Verdict


@dataclass(frozen=True, slots=True)
class SendReport:
    """What came of telling them."""

    sent: int = 0
    # Those that the server will never take.
    refused: int = 0
    # Why it ended before all were told; None where all were, or were refused.
    stopped: Submitted | None = None
    # Whether another process is telling them.
    is_elsewhere: bool = False


def send_listens(
    queue: ListenQueue,
    server: ListenServer,
    *,
    refused_too: bool = False,
    told: Callable[[int], None] = lambda _sent: None,
) -> SendReport:
    """Tells all that wait, the oldest first; `told` hears how many are through. Raises LibraryError, CancelledError."""
    if not queue.waiting(1, refused_too=refused_too):
        return SendReport()
    with queue.telling() as is_ours:
        if not is_ours:
            return SendReport(is_elsewhere=True)
        report, last = SendReport(), None
        while report.stopped is None:
            batch = queue.waiting(MOST_AT_ONCE, refused_too=refused_too, behind=last)
            if not batch:
                break
            report, last = _sent(queue, server, batch, report), batch[-1]
            told(report.sent)
        return report


def _sent(queue: ListenQueue, server: ListenServer, batch: Sequence[Listen], report: SendReport) -> SendReport:
    """A batch; where one of them spoils it, that one is found by halves."""
    outcome = server.submit(batch)
    ids = [one.id for one in batch]
    match outcome.verdict:
        case Verdict.TAKEN:
            queue.taken(ids)
            return replace(report, sent=report.sent + len(ids))
        case Verdict.REFUSED if len(ids) > 1:
            middle = len(ids) // 2
            report = _sent(queue, server, batch[:middle], report)
            return report if report.stopped is not None else _sent(queue, server, batch[middle:], report)
        case Verdict.REFUSED:
            queue.failed(ids, outcome.why, refused=True)
            return replace(report, refused=report.refused + 1)
    if outcome.verdict is Verdict.LATER:
        queue.failed(ids, outcome.why, refused=False)
    return replace(report, stopped=outcome)
