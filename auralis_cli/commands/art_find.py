"""`auralis art find`: which picture each track shows, and which shows none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.commands.art_text import in_words
from auralis_cli.commands.file_failures import error_of
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.listing_forms import check_one
from auralis_cli.commands.options import AsJson, AsJsonLines, FilesFrom, NamesEndInNul
from auralis_cli.commands.tag_targets import TagWords, tag_targets
from auralis_cli.commands.tag_text import FileTally
from auralis_cli.commands.verb import session_of
from auralis_cli.json_form import failure, listing_lines
from auralis_cli.model.covers import PictureKind
from auralis_cli.output import Output
from auralis_cli.terminal_text import align, printable
from auralis_cli.units import count_in_words

if TYPE_CHECKING:
    from auralis_cli.services.covers import CoverFinding

_PLACE_COLUMNS = 8
_NOTHING = "-"

Kind = Annotated[
    PictureKind,
    typer.Option("--kind", metavar="KIND", help=f"Which picture: {', '.join(PictureKind)}.", show_default="front"),
]


def find(
    context: typer.Context,
    words: TagWords = None,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    missing: Annotated[bool, typer.Option("--missing", help="Only those that show none.")] = False,
    folders: Annotated[
        bool, typer.Option("--folders", help="One for each folder: what its first track that has a cover shows.")
    ] = False,
    kind: Kind = PictureKind.FRONT,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Say which cover each track shows.

    That is the one in its file, else an image beside it: cover, folder, front, album, or the only one there is.
    """
    from auralis_cli.services.covers import find_covers, one_per_folder

    session, tally = session_of(context), FileTally()
    output = session.output
    check_one({"--json": json, "--jsonl": jsonl})
    with opened_library(session, read_only=True) as store:
        targets = tag_targets(session, store, words or (), files_from, nul=null, of_sheets=True)
    findings = find_covers(targets, kind, session.cancel)
    if folders:
        findings = one_per_folder(findings)
    counted = _counted(output, findings, tally)
    kept = (one for one in counted if not missing or one.cover is None)
    if json:
        for line in list(listing_lines(map(_document, kept))):
            output.result(line)
    elif jsonl:
        for one in kept:
            output.json_line(_document(one))
    else:
        _show(output, kept)
    things = count_in_words(tally.changed, "folder" if folders else "track")
    output.note(f"{things} with a cover, {tally.unchanged:,} without")
    return tally.exit_code


def _counted(output: Output, findings: Iterable[CoverFinding], tally: FileTally) -> Iterator[CoverFinding]:
    for one in findings:
        tally.count(output, one.failure, is_changed=one.cover is not None)
        yield one


def _show(output: Output, findings: Iterable[CoverFinding]) -> None:
    for one in findings:
        if one.failure is not None:
            continue
        cover, path = one.cover, printable(one.target.path)
        if cover is None:
            output.result(align((output.styled(_NOTHING, "dim"), path), (_PLACE_COLUMNS, 0)))
            continue
        said = in_words(cover) if cover.path == one.target.path else f"{printable(cover.path)}, {in_words(cover)}"
        output.result(align((str(cover.place), f"{path}  {output.styled(said, 'dim')}"), (_PLACE_COLUMNS, 0)))


def _document(one: CoverFinding) -> Mapping[str, object]:
    if one.failure is not None:
        return failure(one.target.path, error_of(one.failure))
    return {"path": one.target.path, "id": one.target.id, "cover": one.cover}
