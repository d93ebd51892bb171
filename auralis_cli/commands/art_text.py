"""Covers, and what comes of changing them, as JSON and for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from auralis_cli.commands.file_failures import error_of
from auralis_cli.commands.tag_text import FileTally
from auralis_cli.commands.verb import Session
from auralis_cli.json_form import failure, listing_lines
from auralis_cli.model.covers import CoverAction, DescribedCover
from auralis_cli.output import Output
from auralis_cli.terminal_text import printable
from auralis_cli.units import bytes_in_words

if TYPE_CHECKING:
    from auralis_cli.services.cover_embedding import CoverOutcome
    from auralis_cli.services.cover_extraction import ExtractedCover


def in_words(cover: DescribedCover) -> str:
    """`front, jpeg 600 × 600, 84 kB`."""
    size = bytes_in_words(cover.size_bytes)
    if cover.format is None:
        return f"{cover.kind}, {cover.problem}, {size}"
    said = f"{cover.kind}, {cover.format} {cover.width_px} × {cover.height_px}, {size}"
    return f"{said}, {printable(cover.description)}" if cover.description else said


def show_outcomes(
    session: Session, outcomes: Iterable[CoverOutcome], *, as_json: bool, as_json_lines: bool, dry_run: bool, done: str
) -> int:
    """What came of each file's pictures, in the form that was asked for; returns the exit code."""
    output, tally = session.output, FileTally()
    documents = []
    for one in outcomes:
        for note in one.notes:
            output.warning(f"{one.target.path}: {note}")
        tally.count(output, one.failure, is_changed=one.action is not CoverAction.UNCHANGED)
        if as_json:
            documents.append(_document_of_outcome(one, dry_run=dry_run))
        elif as_json_lines:
            output.json_line(_document_of_outcome(one, dry_run=dry_run))
        elif one.action is not CoverAction.UNCHANGED:
            output.result(output.styled(printable(one.target.path), "bold"))
            for gone in one.gone:
                output.result(f"  - {output.styled(in_words(gone), 'dim')}")
            if one.new is not None:
                output.result(f"  + {in_words(one.new)}")
    return _ended(output, tally, documents if as_json else None, dry_run=dry_run, done=done)


def show_extracted(
    session: Session, found: Iterable[ExtractedCover], *, as_json: bool, as_json_lines: bool, dry_run: bool
) -> int:
    """Where each picture was written, in the form that was asked for; returns the exit code."""
    output, tally = session.output, FileTally()
    documents = []
    for one in found:
        tally.count(output, one.failure, is_changed=one.action is CoverAction.EXTRACTED)
        if as_json:
            documents.append(_document_of_extracted(one, dry_run=dry_run))
        elif as_json_lines:
            output.json_line(_document_of_extracted(one, dry_run=dry_run))
        elif one.action is CoverAction.EXTRACTED and one.path is not None and one.cover is not None:
            output.result(f"{output.styled(printable(one.path), 'bold')}  {in_words(one.cover)}")
    return _ended(output, tally, documents if as_json else None, dry_run=dry_run, done="written")


def _ended(output: Output, tally: FileTally, documents: Sequence[object] | None, *, dry_run: bool, done: str) -> int:
    if documents is not None:
        for line in listing_lines(documents):
            output.result(line)
    output.note(tally.in_words(dry_run=dry_run, done=done))
    return tally.exit_code


def _document_of_outcome(one: CoverOutcome, *, dry_run: bool) -> Mapping[str, object]:
    if one.failure is not None:
        return failure(one.target.path, error_of(one.failure))
    return {
        "path": one.target.path,
        "id": one.target.id,
        "action": one.action,
        "gone": one.gone,
        "new": one.new,
        "notes": one.notes,
        "dry_run": dry_run,
    }


def _document_of_extracted(one: ExtractedCover, *, dry_run: bool) -> Mapping[str, object]:
    if one.failure is not None:
        return failure(one.target.path, error_of(one.failure))
    return {
        "path": one.target.path,
        "id": one.target.id,
        "action": one.action,
        "file": one.path,
        "cover": one.cover,
        "dry_run": dry_run,
    }
