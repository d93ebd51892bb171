"""Tags of many files changed as one change of the journal that can be undone.

What is to be changed is found out first, file by file, and told the same way whether it is done or only planned. A file
that says already what it is to say is not touched.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from auralis_cli.audio.tag_editing import TagsEdit
from auralis_cli.audio.tag_places import unwritable
from auralis_cli.db.store import Store
from auralis_cli.errors import AuralisError, RefusedError, UnsupportedError
from auralis_cli.model.file_rewrites import RewriteTask, Rewritten
from auralis_cli.model.library import FileFailure
from auralis_cli.model.progress import BatchProgressSink, CancelToken, PartOfBatch
from auralis_cli.model.tag_changes import FieldChange, TagOutcome, TagTarget, WantedOf
from auralis_cli.model.tag_edits import TagEdit, edited
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.changes import Change, changes
from auralis_cli.services.file_rewriting import RewriteOptions, rewrite_files
from auralis_cli.services.file_tags import failure_at, read_tagged_file
from auralis_cli.units import count_in_words

# So many files are read, then changed, then told of: what is known of them is held no longer.
_FILES_AT_ONCE = 5_000
_NAMED_FIELDS = 5


@dataclass(frozen=True, slots=True)
class TagRequest:
    """Which files, and what of their tags is to be changed."""

    # As the journal has it: "tag set".
    verb: str
    # What could not even be named stands in its place.
    targets: Sequence[TagTarget | FileFailure]
    wanted_of: WantedOf
    rewriting: RewriteOptions
    dry_run: bool = False
    # Whether what the format of a file cannot hold is left out and said, instead of failing the file.
    leaves_out: bool = False


def edit_tags(
    store: Store, request: TagRequest, sink: BatchProgressSink, cancel: CancelToken, clock: Callable[[], int]
) -> Generator[TagOutcome]:
    """What came of each file, in order. Raises LibraryError where the store cannot be used, CancelledError when asked
    to stop: what was changed by then stands in the journal.
    """
    at_once = 1 if request.dry_run else _FILES_AT_ONCE
    at_once = len(request.targets) if request.rewriting.all_or_nothing else at_once
    if request.dry_run:
        for plans in _planned(request, at_once, sink, cancel):
            yield from (plan.outcome for plan in plans)
        return
    with changes(store, request.verb, count_in_words(len(request.targets), "file"), clock) as change:
        summary = _Summary()
        through = 0
        for plans in _planned(request, at_once, sink, cancel):
            part = PartOfBatch(sink, through, len(request.targets))
            through += len(plans)
            with closing(_rewritten(store, change, plans, request.rewriting, part, cancel)) as rewritten:
                for outcome in _done(plans, rewritten):
                    summary.count(outcome)
                    change.summary = summary.in_words()
                    yield outcome


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done to one file."""

    outcome: TagOutcome
    # None where it stays as it is.
    edits: tuple[TagEdit, ...] = ()


def _planned(
    request: TagRequest, at_once: int, sink: BatchProgressSink, cancel: CancelToken
) -> Generator[Sequence[_Plan]]:
    """The plans of all files, so many at a time; where one of a whole fails, all of it."""
    total = len(request.targets)
    for start in range(0, total, max(at_once, 1)):
        plans = []
        for number, target in enumerate(request.targets[start : start + at_once], start):
            cancel.raise_if_cancelled()
            plans.append(_plan(request, target))
            if request.dry_run:
                sink.overall(number + 1, total, target.path)
        yield _all_or_nothing(plans) if request.rewriting.all_or_nothing else plans


def _plan(request: TagRequest, target: TagTarget | FileFailure) -> _Plan:
    if isinstance(target, FileFailure):
        return _Plan(TagOutcome(TagTarget(target.path), failure=target))
    try:
        file = read_tagged_file(target)
        wanted = request.wanted_of(file)
        after = edited(file.tags, wanted.edits)
        notes = _left_out(file.format, after, leaves_out=request.leaves_out)
    except AuralisError as error:
        return _Plan(TagOutcome(target, failure=failure_at(target.path, error)))
    found = {name: FieldChange(tuple(file.tags.get(name, ())), values) for name, values in after.items()}
    edits = tuple(edit for edit in wanted.edits if edit.field in found)
    return _Plan(TagOutcome(target, found, (*wanted.notes, *notes)), edits)


def _left_out(key: str, after: dict[str, tuple[str, ...]], *, leaves_out: bool) -> tuple[str, ...]:
    """Takes what the format cannot hold out of `after`, a line for each; UnsupportedError unless it may be left out."""
    reasons = {name: unwritable(key, name, values) for name, values in after.items()}
    held = {name: reason for name, reason in reasons.items() if reason is not None}
    # A format without any place for tags takes nothing at all.
    whole = unwritable(key)
    if held and (not leaves_out or whole is not None):
        raise UnsupportedError("", whole or next(iter(held.values())))
    for name in held:
        del after[name]
    return tuple(f"{name} is left out: {reason}" for name, reason in held.items())


def _all_or_nothing(plans: Sequence[_Plan]) -> Sequence[_Plan]:
    if all(plan.outcome.failure is None for plan in plans):
        return plans
    refused = RefusedError("", "is left as it is, since another file cannot be changed", "--all-or-nothing")
    return [
        plan
        if plan.outcome.failure is not None
        else _Plan(TagOutcome(plan.outcome.target, failure=failure_at(plan.outcome.target.path, refused)))
        for plan in plans
    ]


def _rewritten(
    store: Store,
    change: Change,
    plans: Sequence[_Plan],
    rewriting: RewriteOptions,
    sink: BatchProgressSink,
    cancel: CancelToken,
) -> Generator[Rewritten]:
    """What came of the files that are to be changed."""
    tasks = [RewriteTask(plan.outcome.target.path, TagsEdit(plan.edits)) for plan in plans if plan.edits]
    if tasks:
        yield from rewrite_files(store, change, tasks, rewriting, sink, cancel)


def _done(plans: Sequence[_Plan], rewritten: Iterator[Rewritten]) -> Iterator[TagOutcome]:
    """What came of plans, by what came of the files that were to be changed."""
    for plan in plans:
        outcome = plan.outcome
        if not plan.edits:
            yield outcome
            continue
        done = next(rewritten)
        if done.failure is not None:
            yield TagOutcome(outcome.target, notes=outcome.notes, failure=done.failure)
        else:
            now = outcome.changes if done.changed else {}
            yield replace(outcome, changes=now, notes=tuple(dict.fromkeys((*outcome.notes, *done.notes))))


class _Summary:
    """What the journal says of the change."""

    def __init__(self) -> None:
        self._files = 0
        self._first = ""
        self._fields: dict[str, None] = {}

    def count(self, outcome: TagOutcome) -> None:
        """One more file."""
        if outcome.changes:
            self._files += 1
            self._first = self._first or os.path.basename(outcome.target.path)
            self._fields.update(dict.fromkeys(outcome.changes))

    def in_words(self) -> str:
        """`genre of song.flac`, `title, artist of 12 files`."""
        more = len(self._fields) - _NAMED_FIELDS
        named = ", ".join(list(self._fields)[:_NAMED_FIELDS]) + (f" and {more} more" if more > 0 else "")
        return f"{named} of {self._first if self._files == 1 else count_in_words(self._files, 'file')}"
