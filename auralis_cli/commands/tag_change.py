"""What the verbs that change tags have in common: their options, the question, the showing of what came of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.commands.library import opened_library
from auralis_cli.commands.listing_forms import check_one
from auralis_cli.commands.query_inputs import asks_library
from auralis_cli.commands.questions import confirmed
from auralis_cli.commands.tag_targets import Target
from auralis_cli.commands.tag_text import show_outcomes
from auralis_cli.commands.verb import Session
from auralis_cli.quick_dataclasses import dataclass

if TYPE_CHECKING:
    from auralis_cli.db.store import Store
    from auralis_cli.model.tag_changes import WantedOf
    from auralis_cli.services.file_rewriting import RewriteOptions

# More files than so many are asked about.
ASKED_FILES = 100
# Fewer are worked on in this process: workers have to start.
_FILES_FOR_WORKERS = 100

DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Show what would be changed, and change nothing.")]
KeepMtime = Annotated[bool, typer.Option("--keep-mtime", help="Files keep the time of their last change.")]
AllOrNothing = Annotated[bool, typer.Option("--all-or-nothing", help="Change no file where one cannot be.")]


@dataclass(frozen=True, slots=True)
class TagManner:
    """How the user wants it done and shown."""

    dry_run: bool = False
    yes: bool = False
    keep_mtime: bool = False
    all_or_nothing: bool = False
    jobs: int | None = None
    as_json: bool = False
    as_json_lines: bool = False

    def __post_init__(self) -> None:
        check_one({"--json": self.as_json, "--jsonl": self.as_json_lines})


@contextmanager
def library_to_change(session: Session, *, dry_run: bool, words: Sequence[str] = ()) -> Iterator[Store]:
    """The library, in whose journal the change stands; a dry run makes none, and `words` that ask it neither."""
    makes_one = not dry_run and not any(map(asks_library, words))
    with opened_library(session, create=makes_one, read_only=dry_run) as store:
        yield store


def change_tags(
    session: Session,
    store: Store,
    verb: str,
    targets: Sequence[Target],
    wanted_of: WantedOf,
    manner: TagManner,
    *,
    leaves_out: bool = False,
) -> int:
    """Changes the tags of files, or says what would be changed, and returns the exit code."""
    from auralis_cli.services.tag_editing import TagRequest, edit_tags

    if not agreed(session, len(targets), f"Change the tags of {len(targets):,} files?", manner):
        session.output.note("nothing is changed")
        return 0
    rewriting = rewriting_of(manner, len(targets))
    request = TagRequest(verb, targets, wanted_of, rewriting, dry_run=manner.dry_run, leaves_out=leaves_out)
    with (
        session.output.batch_progress() as progress,
        closing(edit_tags(store, request, progress, session.cancel, lambda: int(time.time()))) as outcomes,
    ):
        return show_outcomes(
            session,
            outcomes,
            as_json=manner.as_json,
            as_json_lines=manner.as_json_lines,
            dry_run=manner.dry_run,
        )


def rewriting_of(manner: TagManner, files: int) -> RewriteOptions:
    """How so many files are rewritten."""
    from auralis_cli.services.file_rewriting import RewriteOptions
    from auralis_cli.services.processors import cores

    workers = min(manner.jobs or cores(), cores()) if files > _FILES_FOR_WORKERS else 1
    return RewriteOptions(manner.keep_mtime, manner.all_or_nothing, workers)


def agreed(session: Session, files: int, question: str, manner: TagManner) -> bool:
    """Whether so many files may be changed; few are not asked about."""
    if manner.dry_run or files <= ASKED_FILES:
        return True
    return confirmed(session, f"{files:,} files", question, yes=manner.yes)
