"""Files named after their tags: `auralis tag rename-files`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from auralis_cli.commands.file_failures import error_of
from auralis_cli.commands.listing_forms import show_json, show_json_lines
from auralis_cli.commands.options import AsJson, AsJsonLines, FilesFrom, NamesEndInNul, parse_path
from auralis_cli.commands.parsers import Parser
from auralis_cli.commands.questions import Yes
from auralis_cli.commands.tag_change import DryRun, TagManner, agreed, library_to_change
from auralis_cli.commands.tag_targets import TagWords, tag_targets
from auralis_cli.commands.tag_text import FileTally
from auralis_cli.commands.verb import Session, session_of
from auralis_cli.json_form import failure
from auralis_cli.kinds import Choice
from auralis_cli.model.exports import NameKind
from auralis_cli.model.file_moves import MovedFile
from auralis_cli.output import Output
from auralis_cli.terminal_text import printable


def rename_files(
    context: typer.Context,
    template: Annotated[
        str, typer.Argument(metavar="TEMPLATE", help="The name, as '$artist - $title', or folders too, without ending.")
    ],
    words: TagWords = None,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            metavar="DIR",
            parser=parse_path,
            help="The folder below which the files are put.",
            show_default="the library's root, or without a slash each file's own folder",
        ),
    ] = None,
    names: Annotated[
        NameKind,
        typer.Option(
            "--names",
            metavar="KIND",
            parser=Parser("--names", Choice((NameKind.VFAT, NameKind.POSIX), NameKind)),
            help="Names that vfat takes, as every file system does, or posix.",
        ),
    ] = NameKind.VFAT,
    dry_run: DryRun = False,
    yes: Yes = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Name files after their tags.

    A template without a slash leaves each file in its folder, unless --to names another. No file ever takes the name of
    another.
    """
    from auralis_cli.model.tagged_files import TAGGED_FILE_FIELDS
    from auralis_cli.services.file_renaming import RenameRequest
    from auralis_cli.services.file_renaming import rename_files as rename
    from auralis_cli.services.name_templates import NameRules, parse_name_template

    session = session_of(context)
    manner = TagManner(dry_run, yes, as_json=json, as_json_lines=jsonl)
    made = parse_name_template(template, TAGGED_FILE_FIELDS)
    folder = None if to is None else os.path.abspath(to)
    with library_to_change(session, dry_run=dry_run, words=words or ()) as store:
        targets = tag_targets(session, store, words or (), files_from, nul=null)
        if not agreed(session, len(targets), f"Rename {len(targets):,} files?", manner):
            session.output.note("nothing is changed")
            return 0
        request = RenameRequest(targets, made, NameRules(names is NameKind.VFAT), folder, dry_run)
        with (
            session.output.batch_progress() as progress,
            closing(rename(store, request, progress, session.cancel, lambda: int(time.time()))) as moved,
        ):
            return _show(session, moved, manner)


def _show(session: Session, moved: Iterable[MovedFile], manner: TagManner) -> int:
    tally = FileTally()
    counted = _counted(session.output, moved, tally)
    documents = (_document(one, dry_run=manner.dry_run) for one in counted)
    if manner.as_json:
        # All at once: where the run is stopped, its failure is the one document.
        show_json(session.output, list(documents))
    elif manner.as_json_lines:
        show_json_lines(session.output, documents)
    else:
        for one in counted:
            if one.failure is None and one.path != one.new_path:
                session.output.result(
                    f"{session.output.styled(printable(one.path), 'dim')} → {printable(one.new_path)}"
                )
    session.output.note(tally.in_words(dry_run=manner.dry_run, done="renamed"))
    return tally.exit_code


def _counted(output: Output, moved: Iterable[MovedFile], tally: FileTally) -> Iterator[MovedFile]:
    for one in moved:
        for note in one.notes:
            output.warning(f"{one.path}: {note}")
        for companion in one.companions:
            output.detail(f"goes along: {companion}")
        tally.count(output, one.failure, is_changed=one.path != one.new_path)
        yield one


def _document(one: MovedFile, *, dry_run: bool) -> Mapping[str, object]:
    if one.failure is not None:
        return failure(one.path, error_of(one.failure))
    return {
        "path": one.path,
        "new_path": one.new_path,
        "companions": list(one.companions),
        "notes": list(one.notes),
        "dry_run": dry_run,
    }
