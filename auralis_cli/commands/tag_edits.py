"""Tags changed: `auralis tag set`, `remove`, `copy`, `from-names`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auralis_cli.commands.options import AsJson, AsJsonLines, FilesFrom, Jobs, NamesEndInNul, parse_path
from auralis_cli.commands.parsers import Lookup
from auralis_cli.commands.questions import Yes
from auralis_cli.commands.tag_change import (
    AllOrNothing,
    DryRun,
    KeepMtime,
    TagManner,
    change_tags,
    library_to_change,
)
from auralis_cli.commands.tag_targets import TagWords, tag_targets
from auralis_cli.commands.verb import session_of
from auralis_cli.errors import UsageError

_EVERY_FIELD = "all"


def set_(
    context: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="EDIT",
            parser=Lookup("edits"),
            help="FIELD=VALUE sets, FIELD= empties, FIELD+=VALUE adds, FIELD-=VALUE takes one value away; all other "
            "words are files and folders, or a query as in auralis list.",
        ),
    ],
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    dry_run: DryRun = False,
    keep_mtime: KeepMtime = False,
    all_or_nothing: AllOrNothing = False,
    jobs: Jobs = None,
    yes: Yes = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Change tags.

    A field that is set twice has both values. Shown is what changes in each file: before → after.
    """
    from auralis_cli.model.tag_changes import Wanted
    from auralis_cli.services.tag_words import parse_edits, parted_words

    session = session_of(context)
    manner = TagManner(dry_run, yes, keep_mtime, all_or_nothing, jobs, json, jsonl)
    edit_words, asked = parted_words(words)
    if not edit_words:
        raise UsageError("EDIT", "what is to be changed?", "as in genre=Rock, genre+=Live, genre-=Pop, comment=")
    wanted = Wanted(parse_edits(edit_words))
    with library_to_change(session, dry_run=dry_run, words=asked) as store:
        targets = tag_targets(session, store, asked, files_from, nul=null)
        return change_tags(session, store, "tag set", targets, lambda _: wanted, manner)


def remove(
    context: typer.Context,
    fields: Annotated[
        str, typer.Argument(metavar="FIELDS", help="The fields, as in comment,lyrics; all for every one of the table.")
    ],
    words: TagWords = None,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    dry_run: DryRun = False,
    keep_mtime: KeepMtime = False,
    all_or_nothing: AllOrNothing = False,
    jobs: Jobs = None,
    yes: Yes = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Take tags away.

    Pictures, ReplayGain and whatever auralis tag fields does not name stay.
    """
    from auralis_cli.model.tag_changes import Wanted
    from auralis_cli.model.tag_edits import TagAction, TagEdit
    from auralis_cli.services.tag_words import parse_fields

    session = session_of(context)
    manner = TagManner(dry_run, yes, keep_mtime, all_or_nothing, jobs, json, jsonl)
    wanted = Wanted([TagEdit(field.name, TagAction.SET) for field in parse_fields(fields)])
    with library_to_change(session, dry_run=dry_run, words=words or ()) as store:
        targets = tag_targets(session, store, words or (), files_from, nul=null)
        return change_tags(session, store, "tag remove", targets, lambda _: wanted, manner)


def copy(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="FROM", parser=parse_path, help="The file or folder they are in.")],
    destination: Annotated[Path, typer.Argument(metavar="TO", parser=parse_path, help="The one that takes them over.")],
    fields: Annotated[
        str, typer.Option("--fields", metavar="FIELDS", help="Only these, as in title,artist.", show_default="all")
    ] = _EVERY_FIELD,
    dry_run: DryRun = False,
    keep_mtime: KeepMtime = False,
    all_or_nothing: AllOrNothing = False,
    jobs: Jobs = None,
    yes: Yes = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Copy tags from file to file.

    Of folders, those of files of the same name, whatever its ending. What FROM does not say stays in TO as it is.
    """
    from auralis_cli.services.tag_copying import copied_from, paired
    from auralis_cli.services.tag_words import parse_fields

    session = session_of(context)
    manner = TagManner(dry_run, yes, keep_mtime, all_or_nothing, jobs, json, jsonl)
    chosen = parse_fields(fields)
    targets, sources = paired(source, destination)
    with library_to_change(session, dry_run=dry_run) as store:
        wanted_of = copied_from(sources, chosen)
        return change_tags(session, store, "tag copy", targets, wanted_of, manner, leaves_out=True)


def from_names(
    context: typer.Context,
    template: Annotated[
        str,
        typer.Argument(
            metavar="TEMPLATE", help="What names look like, as '$artist/$album/$track - $title'; $_ is anything."
        ),
    ],
    words: TagWords = None,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    only_missing: Annotated[bool, typer.Option("--only-missing", help="Only fields that have no value yet.")] = False,
    dry_run: DryRun = False,
    keep_mtime: KeepMtime = False,
    all_or_nothing: AllOrNothing = False,
    jobs: Jobs = None,
    yes: Yes = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Set tags to what names of files say.

    The template is held against the end of each path, its ending left out. A file whose name is of another form fails.
    """
    from auralis_cli.services.name_templates import parse_name_pattern
    from auralis_cli.services.tags_from_names import named_by

    session = session_of(context)
    manner = TagManner(dry_run, yes, keep_mtime, all_or_nothing, jobs, json, jsonl)
    wanted_of = named_by(parse_name_pattern(template), only_missing=only_missing)
    with library_to_change(session, dry_run=dry_run, words=words or ()) as store:
        targets = tag_targets(session, store, words or (), files_from, nul=null)
        return change_tags(session, store, "tag from-names", targets, wanted_of, manner)
