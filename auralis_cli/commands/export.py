"""`auralis export QUERY… --to DIR`: tracks into a folder or onto a stick, copied or encoded."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from itertools import chain
from typing import TYPE_CHECKING

import typer

from auralis_cli.audio.formats import FORMATS
from auralis_cli.commands.export_options import (
    COPY,
    Bitrate,
    DryRun,
    Force,
    ForceTranscode,
    FormatKey,
    MaxTotal,
    NamesFor,
    OutDir,
    PlaylistNames,
    Playlists,
    Sync,
    Template,
)
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
)
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.errors import AuralisError, InputError, UsageError
from auralis_cli.json_form import listing_lines
from auralis_cli.model.exports import ExportAction, ExportOutcome, ExportWish, NameKind
from auralis_cli.model.library import Track
from auralis_cli.output import Output

if TYPE_CHECKING:
    from auralis_cli.db.store import Store
    from auralis_cli.services.export import ExportOrder

_LOSSY = tuple(row.key for row in FORMATS if row.lossy is not None)

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
    to: OutDir = None,
    format_: FormatKey = COPY,
    bitrate: Bitrate = None,
    force_transcode: ForceTranscode = False,
    template: Template = None,
    names: NamesFor = NameKind.AUTO,
    playlist: PlaylistNames = None,
    playlists: Playlists = False,
    sync: Sync = False,
    max_total: MaxTotal = None,
    force: Force = False,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    jobs: Jobs = None,
    stall_timeout: StallTimeout = DEFAULT_STALL_TIMEOUT_S,
    dry_run: DryRun = False,
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
        ExportWish(None if format_ == COPY else format_, bitrate, force_transcode),
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
