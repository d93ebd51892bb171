"""Tags shown: `auralis tag show`, `fields`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated

import typer

from auralis_cli.commands.file_failures import error_of
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.listing_forms import Format, Print0, check_one, in_format, show_json, show_json_lines
from auralis_cli.commands.options import AsJson, AsJsonLines, FilesFrom, NamesEndInNul
from auralis_cli.commands.query_inputs import asks_library
from auralis_cli.commands.tag_targets import TagWords, Target, tag_targets
from auralis_cli.commands.tag_text import FileTally, document_of_file, show_file
from auralis_cli.commands.verb import Session, session_of
from auralis_cli.errors import AuralisError
from auralis_cli.json_form import failure
from auralis_cli.model.library import FileFailure
from auralis_cli.model.tag_fields import TAG_FIELDS, TagField
from auralis_cli.model.tagged_files import TAGGED_FILE_FIELDS, TaggedFile, row_of
from auralis_cli.terminal_text import align

Fields = Annotated[
    str | None, typer.Option("--fields", metavar="FIELDS", help="Only these, as in title,artist.", show_default="all")
]


def show(
    context: typer.Context,
    words: TagWords = None,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    fields: Fields = None,
    template: Format = None,
    print0: Print0 = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Show what the tags of files say.

    It is read from the files themselves. The fields of --format are those of auralis tag fields, and path, name,
    folder, format, year and original_year.
    """
    from auralis_cli.services.tag_words import parse_fields

    session = session_of(context)
    check_one({"--json": json, "--jsonl": jsonl, "--format": template is not None})
    check_one({"--json": json, "--jsonl": jsonl, "--print0": print0})
    chosen = None if fields is None else parse_fields(fields)
    in_lines = in_format(session.output, template or "$path", TAGGED_FILE_FIELDS, print0=print0)
    tally = FileTally()
    with asked_files(session, words or (), files_from, nul=null, with_ids=json or jsonl) as targets:
        files = read_files(session, targets, tally, chosen)
        if json or jsonl:
            (show_json_lines if jsonl else show_json)(session.output, map(_document, files))
        elif template is not None or print0:
            in_lines(session.output, map(row_of, _readable(files)))
        else:
            for one in _readable(files):
                show_file(session.output, one)
    return tally.exit_code


def fields(context: typer.Context, json: AsJson = False) -> int:
    """List the tags that can be edited.

    What a file holds beyond them is shown, and never changed.
    """
    output = session_of(context).output
    if json:
        show_json(output, map(_document_of_field, TAG_FIELDS))
        return 0
    for one in TAG_FIELDS:
        many = "several" if one.is_several else ""
        also = output.styled(f"  also {', '.join(one.aliases)}", "dim") if one.aliases else ""
        output.result(align((output.styled(one.name, "cyan"), one.kind, many, one.help + also), (19, 12, 7, 0)))
    return 0


def _document_of_field(one: TagField) -> dict[str, object]:
    return {
        "name": one.name,
        "aliases": list(one.aliases),
        "kind": one.kind,
        "several": one.is_several,
        "vorbis": one.vorbis,
        "help": one.help,
    }


@contextmanager
def asked_files(
    session: Session, words: Sequence[str], files_from: str | None, *, nul: bool, with_ids: bool = False
) -> Iterator[list[Target]]:
    """The files that are asked for; the library is only opened where words ask it, or where there is one that may know
    the ids of files.
    """
    if not (any(map(asks_library, words)) or (with_ids and session.library_path.exists())):
        yield tag_targets(session, None, words, files_from, nul=nul)
        return
    with opened_library(session, read_only=True) as store:
        yield tag_targets(session, store, words, files_from, nul=nul)


def read_files(
    session: Session, targets: Sequence[Target], tally: FileTally, chosen: Sequence[TagField] | None
) -> Iterator[TaggedFile | FileFailure]:
    """What the tags of each file say, of `chosen` fields alone; failures in their place, and on stderr."""
    from auralis_cli.services.file_tags import failure_at, read_tagged_file

    names = None if chosen is None else [field.name for field in chosen]
    for target in targets:
        session.cancel.raise_if_cancelled()
        try:
            found = target if isinstance(target, FileFailure) else read_tagged_file(target)
        except AuralisError as error:
            found = failure_at(target.path, error)
        tally.count(session.output, found if isinstance(found, FileFailure) else None, is_changed=False)
        if names is not None and isinstance(found, TaggedFile):
            tags = {name: found.tags[name] for name in names if name in found.tags}
            found = replace(found, tags=tags, other={})
        yield found


def _readable(files: Iterable[TaggedFile | FileFailure]) -> Iterator[TaggedFile]:
    return (one for one in files if isinstance(one, TaggedFile))


def _document(one: TaggedFile | FileFailure) -> object:
    return failure(one.path, error_of(one)) if isinstance(one, FileFailure) else document_of_file(one)
