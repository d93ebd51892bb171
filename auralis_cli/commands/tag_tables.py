"""Tags as a table that other programs edit: `auralis tag export`, `import`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from auralis_cli.commands.inputs import read_whole
from auralis_cli.commands.options import AsJson, AsJsonLines, FilesFrom, Jobs, NamesEndInNul
from auralis_cli.commands.questions import Yes
from auralis_cli.commands.tag_change import (
    AllOrNothing,
    DryRun,
    KeepMtime,
    TagManner,
    change_tags,
    library_to_change,
)
from auralis_cli.commands.tag_show import asked_files, read_files
from auralis_cli.commands.tag_targets import TagWords
from auralis_cli.commands.tag_text import FileTally
from auralis_cli.commands.verb import session_of
from auralis_cli.model.tagged_files import TaggedFile
from auralis_cli.terminal_text import printable

USUAL_FIELDS = "title,artist,album,albumartist,track,track_total,disc,disc_total,date,genre,composer,comment"


def export(
    context: typer.Context,
    words: TagWords = None,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    fields: Annotated[
        str, typer.Option("--fields", metavar="FIELDS", help="The columns, as in title,artist; all for every field.")
    ] = USUAL_FIELDS,
) -> int:
    """Print tags as a table of tab-separated values.

    The first line names the columns, each further one is a file.
    """
    from auralis_cli.services.tag_tsv import tsv_header, tsv_line
    from auralis_cli.services.tag_words import parse_fields

    session = session_of(context)
    chosen = parse_fields(fields)
    tally = FileTally()
    with asked_files(session, words or (), files_from, nul=null) as targets:
        shown = _for_a_terminal if session.output.is_on_terminal else str
        session.output.exact(tsv_header(chosen))
        for one in read_files(session, targets, tally, chosen):
            if isinstance(one, TaggedFile):
                session.output.exact(shown(tsv_line(os.path.abspath(one.path), one.tags, chosen)))
    return tally.exit_code


def _for_a_terminal(line: str) -> str:
    return "\t".join(map(printable, line.split("\t")))


def import_(
    context: typer.Context,
    table: Annotated[str, typer.Argument(metavar="FILE", help="What auralis tag export printed, edited; - is stdin.")],
    dry_run: DryRun = False,
    keep_mtime: KeepMtime = False,
    all_or_nothing: AllOrNothing = False,
    jobs: Jobs = None,
    yes: Yes = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Set tags to what a table says.

    A cell that says what the file says changes nothing, an empty one takes the field away, and a field without a
    column stays as it is.
    """
    from auralis_cli.services.tag_tsv import parse_tsv, table_targets

    session = session_of(context)
    manner = TagManner(dry_run, yes, keep_mtime, all_or_nothing, jobs, json, jsonl)
    parsed = parse_tsv(read_whole(session, table), table)
    with library_to_change(session, dry_run=dry_run) as store:
        targets, wanted_of = table_targets(store, parsed)
        return change_tags(session, store, "tag import", targets, wanted_of, manner)
