"""`auralis art show`: covers drawn in the terminal, or told of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.commands.art_find import Kind
from auralis_cli.commands.art_text import in_words
from auralis_cli.commands.file_failures import error_of
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.listing_forms import check_one
from auralis_cli.commands.options import AsJson, AsJsonLines, FilesFrom, NamesEndInNul
from auralis_cli.commands.parsers import Parser
from auralis_cli.commands.tag_targets import TagWords, Target, tag_targets
from auralis_cli.commands.tag_text import FileTally
from auralis_cli.commands.verb import Session, session_of
from auralis_cli.errors import InputError, RefusedError
from auralis_cli.json_form import failure, listing_lines
from auralis_cli.kinds import Whole
from auralis_cli.model.covers import DrawnAs, FoundCover, PictureKind
from auralis_cli.model.library import FileFailure
from auralis_cli.output import Output
from auralis_cli.terminal_text import printable

if TYPE_CHECKING:
    from auralis_cli.services.cover_drawing import Canvas

_WIDEST_COLUMNS = 400
# A pipe has no size.
_PIPE_COLUMNS, _PIPE_ROWS = 40, 400
# What stays free on a terminal: what is said of the picture, and the next prompt.
_FREE_ROWS = 3
_MOST_SHOWN = 5


def show(
    context: typer.Context,
    words: TagWords = None,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    kind: Kind = PictureKind.FRONT,
    drawn_as: Annotated[
        DrawnAs,
        typer.Option(
            "--as",
            metavar="HOW",
            help="Draw with blocks, which every terminal with colours shows, or as kitty or sixel images; auto asks "
            "the environment.",
        ),
    ] = DrawnAs.AUTO,
    columns: Annotated[
        int | None,
        typer.Option(
            "--columns",
            metavar="N",
            parser=Parser("--columns", Whole(1, _WIDEST_COLUMNS)),
            help="At most so wide.",
            show_default="the terminal",
        ),
    ] = None,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Show covers in the terminal.

    Each picture once, however many tracks have it. JSON tells of all pictures of each track instead.
    """
    session, tally = session_of(context), FileTally()
    check_one({"--json": json, "--jsonl": jsonl})
    as_data = json or jsonl
    # Refused before anything is read.
    canvas = None if as_data else _canvas(session.output, drawn_as, columns)
    with opened_library(session, read_only=True) as store:
        targets = tag_targets(session, store, words or (), files_from, nul=null, of_sheets=True)
    if canvas is not None:
        return _draw(session, targets, kind, canvas)
    documents = (_document(session, one, tally) for one in targets)
    if json:
        for line in list(listing_lines(documents)):
            session.output.result(line)
    else:
        for document in documents:
            session.output.json_line(document)
    return tally.exit_code


def _canvas(output: Output, drawn_as: DrawnAs, columns: int | None) -> Canvas:
    from auralis_cli.services.cover_drawing import canvas_for

    if not output.is_on_terminal:
        if drawn_as is DrawnAs.AUTO:
            raise RefusedError("standard output", "is no terminal", "--as blocks draws all the same, --json tells")
        return canvas_for(output.variables, drawn_as, (columns or _PIPE_COLUMNS, _PIPE_ROWS), None)
    if output.variables.get("TERM") == "dumb" and drawn_as is DrawnAs.AUTO:
        raise RefusedError("the terminal", "shows no colours, says TERM", "--as blocks draws all the same")
    wide, high, width_px, height_px = output.window()
    wide, high = wide or 80, high or 24
    cell_px = (width_px // wide, height_px // high) if width_px and height_px else None
    return canvas_for(output.variables, drawn_as, (min(columns or wide, wide), max(high - _FREE_ROWS, 1)), cell_px)


def _draw(session: Session, targets: Sequence[Target], kind: PictureKind, canvas: Canvas) -> int:
    from auralis_cli.services.covers import cover_of
    from auralis_cli.services.file_tags import failure_at

    output, tally = session.output, FileTally()
    shown: set[str] = set()
    left_out: set[str] = set()
    for target in targets:
        session.cancel.raise_if_cancelled()
        try:
            if isinstance(target, FileFailure):
                raise error_of(target)
            cover = cover_of(Path(target.path), kind)
            if cover is None:
                raise InputError(target.path, "has no cover" if kind is PictureKind.FRONT else f"has no {kind} picture")
            if cover.digest not in shown and len(shown) >= _MOST_SHOWN:
                left_out.add(cover.digest)
            elif cover.digest not in shown:
                _draw_one(output, cover, target.path, canvas)
                shown.add(cover.digest)
        except InputError as error:
            tally.count(output, failure_at(target.path, error), is_changed=False)
        else:
            tally.count(output, None, is_changed=False)
    if left_out:
        output.note(f"{len(left_out):,} more pictures are not shown: name fewer tracks")
    return tally.exit_code


def _draw_one(output: Output, cover: FoundCover, path: str, canvas: Canvas) -> None:
    from auralis_cli.services.cover_drawing import drawn
    from auralis_cli.services.cover_images import decoded_image

    try:
        # A picture is decoded no larger than the room has pixels.
        most_px = max(canvas.columns * canvas.cell_width_px, canvas.rows * canvas.cell_height_px)
        image = decoded_image(cover.data, most_px)
    except ValueError as error:
        raise InputError(path, f"its cover {error}") from error
    for line in drawn(image, canvas):
        output.exact(line)
    output.result(output.styled(f"{printable(cover.path)}: {in_words(cover.described())}", "dim"))
    output.flush()


def _document(session: Session, target: Target, tally: FileTally) -> Mapping[str, object]:
    from auralis_cli.services.covers import covers_beside, covers_in
    from auralis_cli.services.file_tags import failure_at

    session.cancel.raise_if_cancelled()
    try:
        if isinstance(target, FileFailure):
            raise error_of(target)
        path = Path(target.path)
        covers = [one.described() for one in (*covers_in(path), *covers_beside(path))]
    except InputError as error:
        tally.count(session.output, failure_at(target.path, error), is_changed=False)
        return failure(target.path, error)
    tally.count(session.output, None, is_changed=False)
    return {"path": target.path, "id": target.id, "covers": covers}
