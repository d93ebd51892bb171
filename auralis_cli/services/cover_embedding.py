"""Pictures put into many files, or taken out of them, as one change of the journal that can be undone."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from auralis_cli.audio.cover_editing import EmbedCover, RemoveCovers, cannot_hold
from auralis_cli.audio.probe import sniff
from auralis_cli.audio.source_file import open_source
from auralis_cli.audio.tag_places import NO_TAGS
from auralis_cli.db.store import Store
from auralis_cli.errors import AuralisError, InputError, RefusedError, UnsupportedError
from auralis_cli.model.covers import CoverAction, CoverPlace, DescribedCover, PictureKind, digest_of_picture
from auralis_cli.model.file_rewrites import RewriteTask, Rewritten
from auralis_cli.model.library import FileFailure
from auralis_cli.model.progress import BatchProgressSink, CancelToken, PartOfBatch
from auralis_cli.model.tag_changes import TagTarget
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.changes import changes
from auralis_cli.services.covers import covers_beside, covers_in, found_cover, picture_to_embed
from auralis_cli.services.file_rewriting import RewriteOptions, rewrite_files
from auralis_cli.services.file_tags import failure_at
from auralis_cli.units import count_in_words

CoverEdit = EmbedCover | RemoveCovers
# So many files are looked at, then changed: no more pictures are held.
_FILES_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class CoverOutcome:
    """What came of the pictures of one file, or would."""

    target: TagTarget
    action: CoverAction = CoverAction.UNCHANGED
    # Those that go, and the one that comes.
    gone: tuple[DescribedCover, ...] = ()
    new: DescribedCover | None = None
    notes: tuple[str, ...] = ()
    # Of a file that stays as it is.
    failure: FileFailure | None = None


@dataclass(frozen=True, slots=True)
class CoverRequest:
    """Which files, and what of their pictures is to be changed."""

    # As the journal has it: "art embed".
    verb: str
    # What could not even be named stands in its place.
    targets: Sequence[TagTarget | FileFailure]
    # What is to be done to the file at a path; raises AuralisError where that cannot be said.
    edit_of: Callable[[Path], CoverEdit]
    rewriting: RewriteOptions
    dry_run: bool = False


class FolderCovers:
    """The picture to embed for a file: its folder's. That of the last folder is kept: an album asks for one."""

    def __init__(self, *, max_px: int | None = None) -> None:
        self._max_px = max_px
        self._last: tuple[Path, EmbedCover] | None = None

    def __call__(self, path: Path) -> EmbedCover:
        """Raises InputError where the folder has none, or one that cannot be embedded."""
        folder = path.parent
        if self._last is None or self._last[0] != folder:
            beside = covers_beside(path)
            if not beside:
                raise InputError(str(path), "has no image of a cover beside it", "cover.jpg, folder.jpg, front.png …")
            picture, _ = picture_to_embed(beside[0].data, beside[0].path, PictureKind.FRONT, max_px=self._max_px)
            self._last = folder, EmbedCover(picture)
        return self._last[1]


def edit_covers(
    store: Store, request: CoverRequest, sink: BatchProgressSink, cancel: CancelToken, clock: Callable[[], int]
) -> Generator[CoverOutcome]:
    """What came of each file, in order. Raises LibraryError where the store cannot be used, CancelledError when asked
    to stop: what was changed by then stands in the journal.
    """
    at_once = len(request.targets) if request.rewriting.all_or_nothing else _FILES_AT_ONCE
    if request.dry_run:
        for plans in _planned(request, at_once, sink, cancel):
            yield from (plan.outcome for plan in plans)
        return
    with changes(store, request.verb, request.verb, clock) as change:
        changed, through = 0, 0
        for plans in _planned(request, at_once, sink, cancel):
            part = PartOfBatch(sink, through, len(request.targets))
            through += len(plans)
            tasks = [RewriteTask(plan.outcome.target.path, plan.edit) for plan in plans if plan.edit is not None]
            for outcome in _done(plans, rewrite_files(store, change, tasks, request.rewriting, part, cancel)):
                if outcome.action is not CoverAction.UNCHANGED:
                    changed += 1
                    change.summary = _summary(outcome, changed)
                yield outcome


@dataclass(frozen=True, slots=True)
class _Plan:
    outcome: CoverOutcome
    # None where the file stays as it is.
    edit: CoverEdit | None = None


def _planned(
    request: CoverRequest, at_once: int, sink: BatchProgressSink, cancel: CancelToken
) -> Iterator[Sequence[_Plan]]:
    """The plans of all files, so many at a time: each of them may hold a picture."""
    total = len(request.targets)
    for start in range(0, total, max(at_once, 1)):
        plans = []
        for number, target in enumerate(request.targets[start : start + at_once], start + 1):
            cancel.raise_if_cancelled()
            plans.append(_plan(request, target))
            if request.dry_run:
                sink.overall(number, total, target.path)
        yield _all_or_nothing(plans) if request.rewriting.all_or_nothing else plans


def _plan(request: CoverRequest, target: TagTarget | FileFailure) -> _Plan:
    if isinstance(target, FileFailure):
        return _Plan(CoverOutcome(TagTarget(target.path), failure=target))
    try:
        return _plan_of(target, request.edit_of(Path(target.path)))
    except AuralisError as error:
        return _Plan(_failed(target, error))


def _plan_of(target: TagTarget, edit: CoverEdit) -> _Plan:
    path = Path(target.path)
    _check_format(path, edit)
    there = covers_in(path)
    if isinstance(edit, RemoveCovers):
        gone = tuple(one.described() for one in there if not edit.kinds or one.kind.number in edit.kinds)
        return _Plan(CoverOutcome(target, CoverAction.REMOVED, gone), edit) if gone else _Plan(CoverOutcome(target))
    alike = [one for one in there if one.kind.number == edit.picture.kind]
    if [one.digest for one in alike] == [digest_of_picture(edit.picture.data)]:
        return _Plan(CoverOutcome(target))
    action = CoverAction.REPLACED if alike else CoverAction.EMBEDDED
    new = found_cover(CoverPlace.EMBEDDED, target.path, edit.picture).described()
    return _Plan(CoverOutcome(target, action, tuple(one.described() for one in alike), new), edit)


def _check_format(path: Path, edit: CoverEdit) -> None:
    """Raises InputError for what is no audio file, UnsupportedError where its format cannot hold the picture."""
    descriptor = open_source(path)
    try:
        key = sniff(path, descriptor).format.key
    finally:
        os.close(descriptor)
    reason = NO_TAGS.get(key) if isinstance(edit, RemoveCovers) else cannot_hold(key, edit.picture)
    if reason is not None:
        raise UnsupportedError(str(path), reason)


def _all_or_nothing(plans: Sequence[_Plan]) -> Sequence[_Plan]:
    if all(plan.outcome.failure is None for plan in plans):
        return plans
    refused = RefusedError("", "is left as it is, since another file cannot be changed", "--all-or-nothing")
    return [
        plan if plan.outcome.failure is not None else _Plan(_failed(plan.outcome.target, refused)) for plan in plans
    ]


def _done(plans: Sequence[_Plan], rewritten: Iterator[Rewritten]) -> Iterator[CoverOutcome]:
    """What came of plans, by what came of the files that were to be changed."""
    for plan in plans:
        if plan.edit is None:
            yield plan.outcome
            continue
        done = next(rewritten)
        if done.failure is not None:
            yield CoverOutcome(plan.outcome.target, failure=done.failure)
        elif done.changed:
            yield replace(plan.outcome, notes=done.notes)
        else:
            yield CoverOutcome(plan.outcome.target, notes=done.notes)


def _failed(target: TagTarget, error: AuralisError) -> CoverOutcome:
    return CoverOutcome(target, failure=failure_at(target.path, error))


def _summary(latest: CoverOutcome, count: int) -> str:
    word = "taken out of" if latest.action is CoverAction.REMOVED else "put into"
    return f"covers {word} {os.path.basename(latest.target.path) if count == 1 else count_in_words(count, 'file')}"
