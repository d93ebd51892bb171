"""Plays and ratings from elsewhere and for elsewhere: `auralis plays import` and `export`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.commands.asked_query import asked_query
from auralis_cli.commands.exported_file import opened_export, target_of
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.options import AsJson, DryRun, QueryWords, parse_path
from auralis_cli.commands.parsers import Parser
from auralis_cli.commands.verb import Session, session_of
from auralis_cli.errors import EXIT_PARTIAL, InputError, RefusedError, UsageError
from auralis_cli.json_form import failure
from auralis_cli.kinds import Choice, Number
from auralis_cli.terminal_text import align, printable
from auralis_cli.units import count_in_words

if TYPE_CHECKING:
    from auralis_cli.db.store import Store
    from auralis_cli.model.plays import PlayData
    from auralis_cli.services.play_import import PlayImporting, PlayImportReport
    from auralis_cli.services.rating import RatedTrack

_SOURCES = ("tags", "beets", "mpd", "jsonl")
_PARTS = ("ratings", "favourites", "counts")
# How far ratings go: of mpdstats, and of MPD's clients.
_SCALES = {"beets": 1.0, "mpd": 10.0}
_SHOWN = 20


def import_(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE", parser=Parser("SOURCE", Choice(_SOURCES, str)), help="tags, beets, mpd or jsonl."
        ),
    ],
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE", help="The file; with tags a query, without any all.", show_default=False),
    ] = None,
    root: Annotated[
        Path | None,
        typer.Option("--root", metavar="DIR", parser=parse_path, help="Paths that begin nowhere are below DIR."),
    ] = None,
    scale: Annotated[
        float | None,
        typer.Option(
            "--scale",
            metavar="N",
            parser=Parser("--scale", Number(0.1, 1000.0)),
            help="How far ratings go there.",
            show_default="1 of beets, 10 of MPD",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="PART",
            parser=Parser("--only", Choice(_PARTS, str)),
            help="Only ratings, favourites or counts; may be given twice.",
            show_default=False,
        ),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="What is imported wins over what is known.")] = False,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Take over ratings and counts of plays.

    From the tags of files, from beets, from MPD, or from an export of this program.
    """
    from auralis_cli.services.play_import import PlayImporting, PlayPart, import_plays

    session = session_of(context)
    asked = tuple(words or ())
    _check(source, asked, root, scale)
    parts = frozenset(map(PlayPart, only or _PARTS))
    named = "tags" if source == "tags" else f"{source} {asked[0]}"
    how = PlayImporting(named, parts, replace=replace, dry_run=dry_run)
    with (
        opened_library(session, read_only=dry_run) as store,
        _found(session, store, source, asked, root, scale) as data,
    ):
        report = import_plays(store, data, how, lambda: int(time.time()), session.cancel)
    if json:
        session.output.document(_document(report, how))
    else:
        _show(session, report, dry_run=dry_run)
    for error in report.failures[:_SHOWN]:
        session.output.error(error)
    if (more := len(report.failures) - _SHOWN) > 0:
        session.output.warning(f"{more:,} more could not be read (--json lists them all)")
    if not report.failures:
        return 0
    return EXIT_PARTIAL if report.tracks or report.unmatched else InputError.exit_code


def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", parser=parse_path, help="Where to; - is standard output.")],
    query: QueryWords = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE; the one there goes to the trash.")] = False,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Write what is known of plays and ratings.

    A line of JSON for each track; auralis plays import jsonl reads it again, here or elsewhere.
    """
    from auralis_cli.services.play_export import export_to_file
    from auralis_cli.services.play_records import exported_plays, line_of

    session = session_of(context)
    parsed = asked_query(query)
    target = target_of(file, {"--force": force, "--dry-run": dry_run, "--json": json})
    if target is None:
        with opened_library(session, read_only=True) as store:
            for data in exported_plays(store, parsed):
                session.cancel.raise_if_cancelled()
                session.output.exact(line_of(data).decode("ascii"), "")
        return 0
    if os.path.lexists(target) and not force:
        raise RefusedError(str(file), "exists", "--force moves it to the trash")
    with opened_library(session, read_only=dry_run) as store:
        count = export_to_file(store, parsed, target, session.cancel, dry_run=dry_run, now=int(time.time()))
    if json:
        session.output.document({"path": str(file), "exported": count, "dry_run": dry_run})
    else:
        session.output.result(f"{'dry run: ' if dry_run else ''}{count_in_words(count, 'track')} exported")
    return 0


def _check(source: str, words: tuple[str, ...], root: Path | None, scale: float | None) -> None:
    if source != "tags" and len(words) != 1:
        raise UsageError("FILE", "is missing" if not words else "is one", f"auralis plays import {source} FILE")
    if root is not None and source not in _SCALES:
        raise UsageError("--root", "is for beets and mpd")
    if scale is not None and source not in _SCALES:
        raise UsageError("--scale", "is for beets and mpd")
    if source == "mpd" and root is None:
        raise UsageError("--root", "is missing", "give MPD's music directory")


@contextmanager
def _found(
    session: Session, store: Store, source: str, words: tuple[str, ...], root: Path | None, scale: float | None
) -> Iterator[Iterator[PlayData | InputError]]:
    """What the source says, one by one, for as long as the context lasts."""
    below = None if root is None else os.path.abspath(root)
    if source == "tags":
        from auralis_cli.services.found_tracks import found_tracks
        from auralis_cli.services.play_import import tagged_plays

        tracks = list(found_tracks(store, asked_query(words)))
        with session.output.progress() as progress:
            yield tagged_plays(tracks, progress, session.cancel)
    elif source == "jsonl":
        from auralis_cli.services.play_records import read_plays

        with opened_export(session, words[0]) as stream:
            yield read_plays(stream, words[0])
    else:
        from auralis_cli.db.foreign_plays import beets_plays, mpd_plays

        read = beets_plays if source == "beets" else mpd_plays
        yield read(Path(words[0]), below, _SCALES[source] if scale is None else scale)


def _show(session: Session, report: PlayImportReport, *, dry_run: bool) -> None:
    output = session.output
    for one in report.tracks:
        if one.is_changed:
            output.result(align((_in_words(one), printable(_name(one))), (32, 0)))
    for path in report.unmatched:
        output.detail(f"not in the library: {path}")
    done = "would be changed" if dry_run else "changed"
    as_they_were = len(report.tracks) - report.changed
    said = [f"{count_in_words(report.changed, 'track')} {done}", f"{as_they_were:,} as they were"]
    said += [f"{count_in_words(report.plays, 'play')} for the history"] if report.plays else []
    said += [f"{len(report.unmatched):,} not in the library (-v names them)"] if report.unmatched else []
    output.note(", ".join(said))


def _in_words(one: RatedTrack) -> str:
    """`rating 4, favourite, 12 plays`: what is new."""
    before, after = one.before, one.after
    said = []
    if after.rating != before.rating:
        said.append("no rating" if after.rating is None else f"rating {after.rating:.3g}")
    if after.favourite != before.favourite:
        said.append("favourite" if after.favourite else "no favourite")
    if after.play_count != before.play_count:
        said.append(count_in_words(after.play_count, "play"))
    if after.skip_count != before.skip_count:
        said.append(count_in_words(after.skip_count, "skip"))
    return ", ".join(said) or "last played"


def _name(one: RatedTrack) -> str:
    return one.track.title if one.track.artist is None else f"{one.track.artist} - {one.track.title}"


def _document(report: PlayImportReport, how: PlayImporting) -> Mapping[str, object]:
    return {
        "source": how.source,
        "items": [
            {"id": one.track.id, "path": one.track.path, "before": one.before, "after": one.after}
            for one in report.tracks
            if one.is_changed
        ],
        "changed": report.changed,
        "unchanged": len(report.tracks) - report.changed,
        "plays": report.plays,
        "unmatched": report.unmatched,
        "failures": [failure(error.what, error) for error in report.failures],
        "dry_run": how.dry_run,
    }
