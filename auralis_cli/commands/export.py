"""`auralis export QUERY… --to DIR`: tracks into a folder or onto a stick, copied or encoded."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.audio.formats import FORMATS, WRITABLE_KEYS
from auralis_cli.commands.export_text import ExportTally, document_of, show_outcome, show_tally
from auralis_cli.commands.export_tracks import export_tracks
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.listing_forms import check_one
from auralis_cli.commands.options import (
    DEFAULT_STALL_TIMEOUT_S,
    AsJson,
    AsJsonLines,
    FilesFrom,
    Jobs,
    NamesEndInNul,
    QueryWords,
    StallTimeout,
    parse_path,
)
from auralis_cli.commands.parsers import Lookup, Parser
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.errors import AuralisError, InputError, UsageError
from auralis_cli.json_form import listing_lines
from auralis_cli.kinds import BitRate, Choice, Size
from auralis_cli.model.exports import ExportAction, ExportOutcome, ExportWish, NameKind
from auralis_cli.model.library import Track
from auralis_cli.output import Output
from auralis_cli.settings import BITRATE_RANGE_KBPS

if TYPE_CHECKING:
    from auralis_cli.db.store import Store
    from auralis_cli.services.export import ExportOrder

_COPY = "copy"
_LOSSY = tuple(row.key for row in FORMATS if row.lossy is not None)
_MAX_TOTAL_BYTES = 1 << 50

PAGE = Page(
    examples=(
        ("auralis export genre:jazz --to /media/stick", "Copy what a query finds, named by its tags."),
        (
            "auralis export rating:4.. --to phone --format opus --bitrate 96",
            "Encode what is lossless; copy the rest.",
        ),
        ("auralis export --playlist Running --to /media/stick --sync", "Keep a playlist on a stick, and nothing else."),
        ("auralis export rating- --to /media/stick --max-total 16G", "The best of it, as much as fits."),
        ("auralis export ~/new --to /media/stick --template '$artist - $title' -n", "Say what would go where."),
    ),
    exit_status=(
        (0, "Every file is there, also where there was nothing to do."),
        (1, "DIR cannot be written to: full, gone, read-only. What is there stays, and the next export goes on."),
        (2, "Usage; or refused: another export is at work in DIR."),
        (3, "Some files could not be exported; the rest is there."),
        (4, "No file could be exported, or none was found."),
        (5, "The library cannot be used."),
        (130, "Interrupted; what was done until then stays, and the next export goes on."),
    ),
    details=(
        "Files are named by --template, whose fields are those of auralis list; slashes part folders, and nothing that "
        "a tag says leads out of DIR. Names that would be the same, also where case is not told apart, are numbered, "
        "and keep their numbers.",
        "What was exported is noted in DIR, in .auralis-export.jsonl: what is there as it would be made again costs a "
        "look at it. A file whose source changed, its tags too, is made again. One that is in the way and of no export "
        "is left alone and reported, unless --force is given. --sync removes only what an export made and nobody "
        "changed since.",
        "Without --format files are copied with their time. With one, what is lossless is encoded, its samples "
        "unchanged where the format is lossless too; what is lossy, or of that lossless format already, is copied. "
        "Rates and channels that a lossy format does not hold are converted. A track of a cue sheet is cut to the "
        "sample and becomes a file of its own, flac unless --format says otherwise.",
        "A playlist becomes an m3u8 with relative paths, and holds what of it was exported.",
        "On FAT, exFAT and NTFS names are those that Windows takes, and what FAT cannot hold, 4 GiB and more, is "
        "refused before it is written; --names vfat does the same anywhere.",
        "All that was made is one change of auralis history; auralis undo moves it to the trash, and what it "
        "replaced back.",
    ),
    usage="[QUERY...] --to DIR",
    is_job=True,
)


def export(
    context: typer.Context,
    query: QueryWords = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", parser=parse_path, help="The folder; its parent has to exist.")
    ] = None,
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            parser=Parser("--format", Choice((_COPY, *WRITABLE_KEYS), str)),
            help=f"Encode as {', '.join(WRITABLE_KEYS[:-1])} or {WRITABLE_KEYS[-1]}; copy leaves files as they are.",
            show_default=True,
        ),
    ] = _COPY,
    bitrate: Annotated[
        int | None,
        typer.Option(
            "--bitrate",
            metavar="KBPS",
            parser=Parser("--bitrate", BitRate(*BITRATE_RANGE_KBPS)),
            help="Bit rate of ogg, opus, mp3 or m4a in kbit/s.",
            show_default="the format's",
        ),
    ] = None,
    force_transcode: Annotated[
        bool, typer.Option("--force-transcode", help="Encode what is lossy already too, once more.")
    ] = False,
    template: Annotated[
        str | None,
        typer.Option(
            "--template",
            metavar="TEMPLATE",
            help="Name files so, as '$albumartist/$album/${track:02} - $title'.",
            show_default="artist, album, number and title",
        ),
    ] = None,
    names: Annotated[
        NameKind,
        typer.Option(
            "--names",
            metavar="KIND",
            parser=Parser("--names", Choice(NameKind, NameKind)),
            help="Names that vfat takes, or posix; auto asks the file system.",
            show_default="auto",
        ),
    ] = NameKind.AUTO,
    playlist: Annotated[
        list[str] | None,
        typer.Option(
            "--playlist",
            metavar="NAME",
            parser=Lookup("playlists"),
            help="Export a playlist's tracks, and itself; may be repeated.",
        ),
    ] = None,
    playlists: Annotated[
        bool, typer.Option("--playlists", help="Take along every playlist that holds any of the tracks.")
    ] = False,
    sync: Annotated[
        bool, typer.Option("--sync", help="Move to the trash what was exported before and is not asked for now.")
    ] = False,
    max_total: Annotated[
        int | None,
        typer.Option(
            "--max-total",
            metavar="SIZE",
            parser=Parser("--max-total", Size(_MAX_TOTAL_BYTES)),
            help="Export as much as fits into SIZE, as 16G, in the order of the query.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Move to the trash what is in the way, of no export.")] = False,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    jobs: Jobs = None,
    stall_timeout: StallTimeout = DEFAULT_STALL_TIMEOUT_S,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Say what would be done, and change nothing.")
    ] = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Put tracks into a folder, or onto a stick: copied, or encoded.

    Named by their tags, with the playlists that hold them. Goes on where it stopped, and does only what is not done.
    Files and folders that the library does not know are exported as well.
    """
    from auralis_cli.services.export import ExportOrder
    from auralis_cli.services.export_playlists import ChosenPlaylists
    from auralis_cli.services.processors import cores

    session = session_of(context)
    check_one({"--json": json, "--jsonl": jsonl})
    if to is None:
        raise UsageError("--to", "is missing", "--to DIR says where the files go")
    now = int(time.time())
    request = ExportOrder(
        to,
        now,
        ExportWish(None if format_ == _COPY else format_, bitrate, force_transcode),
        ChosenPlaylists(tuple(playlist or ()), playlists),
        template,
        names,
        max_total,
        sync,
        force,
        dry_run,
        min(jobs or cores(), cores()),
        stall_timeout,
    )
    _check(request.wish)
    tally = ExportTally()
    with opened_library(session, create=not dry_run, read_only=dry_run) as store:
        words = tuple(query or ())
        tracks, failures = export_tracks(session, store, words, files_from, request.playlists, names_end_in_nul=null)
        if not tracks and not failures:
            raise InputError(" ".join(words), "nothing to export was found", "auralis list shows what there is")
        with closing(_told(session, store, tracks, request)) as told:
            outcomes = chain((_unreadable(error) for error in failures), told)
            _show(session.output, tally.counted(outcomes), as_json=json, as_json_lines=jsonl, dry_run=dry_run)
    if not (json or jsonl):
        show_tally(session.output, tally, to, dry_run=dry_run)
    return tally.exit_code


def _check(wish: ExportWish) -> None:
    if wish.bitrate_bps is not None and wish.format not in _LOSSY:
        raise UsageError("--bitrate", "is of what is encoded as ogg, opus, mp3 or m4a", "give --format as well")
    if wish.force_transcode and wish.format is None:
        raise UsageError("--force-transcode", "says what becomes of files that are encoded", "give --format as well")


def _told(session: Session, store: Store, tracks: Sequence[Track], request: ExportOrder) -> Generator[ExportOutcome]:
    from auralis_cli.services.export import export as export_all

    with session.output.batch_progress() as progress:
        yield from export_all(store, tracks, request, progress, session.cancel)


def _unreadable(error: AuralisError) -> ExportOutcome:
    return ExportOutcome(ExportAction.COPY, "", error.what, error=error)


def _show(
    output: Output, outcomes: Iterable[ExportOutcome], *, as_json: bool, as_json_lines: bool, dry_run: bool
) -> None:
    documents = (document_of(one, dry_run=dry_run) for one in outcomes)
    if as_json:
        # All at once: where the run is stopped, its failure is the one document.
        for line in list(listing_lines(documents)):
            output.result(line)
    elif as_json_lines:
        for document in documents:
            output.json_line(document)
    else:
        for one in outcomes:
            show_outcome(output, one, dry_run=dry_run)
