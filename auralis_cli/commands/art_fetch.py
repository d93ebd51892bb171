"""`auralis art fetch`: covers for albums that have none, from the network."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import field
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.commands.art_text import in_words
from auralis_cli.commands.file_failures import error_of, exit_code_of
from auralis_cli.commands.listing_forms import check_one
from auralis_cli.commands.online_settings import Online, check_allowed, online_settings
from auralis_cli.commands.options import AsJson, AsJsonLines, FilesFrom, NamesEndInNul
from auralis_cli.commands.parsers import Parser
from auralis_cli.commands.tag_change import DryRun, KeepMtime, library_to_change
from auralis_cli.commands.tag_targets import TagWords, tag_targets
from auralis_cli.commands.tag_text import tell_failure
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.errors import UsageError
from auralis_cli.json_form import failure, listing_lines
from auralis_cli.kinds import Choice
from auralis_cli.model.library import FileFailure
from auralis_cli.output import Output
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.terminal_text import printable

if TYPE_CHECKING:
    from auralis_cli.db.store import Store
    from auralis_cli.services.cover_fetching import AlbumCover, FetchRequest
    from auralis_cli.services.cover_lookup import CoverLookup

_SIZES = ("250", "500", "1200", "full")

FETCHES = Page(
    examples=(
        ("auralis art fetch --online ~/Music/Album", "Write cover.jpg beside the music."),
        ("auralis art fetch --online -n id:1..", "Show for which albums of the library there is one."),
        ("auralis art fetch --embed --size 500 albumartist:monk", "Put it into the files."),
    ),
    exit_status=(
        (0, "Done, also where no cover was found."),
        (1, "The servers cannot be asked, or a file cannot be written."),
        (2, "Usage; or asking servers is off (see --online)."),
        (3, "Some albums or files stay as they are, with the reason; the rest is done."),
        (4, "No file could be used."),
        (5, "The library cannot be used."),
        (130, "Interrupted; what was done until then stays, and stands in auralis history."),
    ),
    details=(
        "Only albums are looked up of which a track shows no cover; with --embed those with a file that has none "
        "inside. An album is known by the id of its release in the tags (mb_album_id), else it is searched at "
        "MusicBrainz by its title and artist, and what is called exactly so is taken. The picture is that of the Cover "
        "Art Archive. Servers are told the title, the artist and the id as tags have them, and nothing else; "
        "online.musicbrainz and online.cover_art name others (see auralis-config(5)).",
        "MusicBrainz is asked once a second at most. A picture is decoded before it is written anywhere, within the "
        "bounds of all pictures, and 20 MiB.",
    ),
    usage="QUERY...",
)


def fetch(
    context: typer.Context,
    words: TagWords = None,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    embed: Annotated[
        bool, typer.Option("--embed/--to-folder", help="Put it into the files, or beside them as cover.jpg.")
    ] = False,
    size: Annotated[
        str,
        typer.Option(
            "--size",
            metavar="PX",
            parser=Parser("--size", Choice(_SIZES, str)),
            help="Its longer side: 250, 500, 1200, or full, as it is there.",
        ),
    ] = "1200",
    force: Annotated[
        bool, typer.Option("--force", help="Also where there is a cover; a file that is replaced goes to the trash.")
    ] = False,
    online: Online = False,
    dry_run: DryRun = False,
    keep_mtime: KeepMtime = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Look up covers of albums that have none, at MusicBrainz and the Cover Art Archive.

    Off unless online.enabled is set or --online is given. With -n they are looked up, and nothing is written.
    """
    session = session_of(context)
    check_one({"--json": json, "--jsonl": jsonl})
    if keep_mtime and not embed:
        raise UsageError("--keep-mtime", "is of files that a cover is put into", "give --embed as well")
    settings = online_settings(session.config, asked=online)
    check_allowed(is_allowed=settings.is_allowed)
    from auralis_cli.services.cover_fetching import FetchRequest
    from auralis_cli.services.cover_lookup import CoverSize, open_lookup
    from auralis_cli.services.file_rewriting import RewriteOptions

    lookup = open_lookup(settings, session.output.parameter, session.cancel)
    with library_to_change(session, dry_run=dry_run) as store:
        targets = tag_targets(session, store, words or (), files_from, nul=null)
        request = FetchRequest(targets, embed, CoverSize(size), force, RewriteOptions(keep_mtime=keep_mtime), dry_run)
        with closing(_told(session, store, request, lookup)) as albums:
            return _show(session.output, albums, as_json=json, as_json_lines=jsonl, dry_run=dry_run)


def _told(session: Session, store: Store, request: FetchRequest, lookup: CoverLookup) -> Generator[AlbumCover]:
    from auralis_cli.services.cover_fetching import fetch_covers

    with session.output.batch_progress() as progress:
        yield from fetch_covers(store, request, lookup, progress, session.cancel, lambda: int(time.time()))


@dataclass(slots=True)
class _AlbumTally:
    counts: dict[str, int] = field(default_factory=dict)
    failures: list[FileFailure] = field(default_factory=list)

    def add(self, one: AlbumCover) -> None:
        """Counts one album."""
        self.counts[one.outcome] = self.counts.get(one.outcome, 0) + 1
        self.failures += one.failures

    @property
    def exit_code(self) -> int:
        """0; 3 where some failed, and the code of failing where all did."""
        return exit_code_of([error_of(one) for one in self.failures], is_any_done=bool(self.counts.keys() - {"failed"}))

    def in_words(self, *, dry_run: bool) -> str:
        """`12 fetched, 3 not found`."""
        words = {
            "fetched": "to be fetched" if dry_run else "fetched",
            "has_one": "with a cover",
            "not_found": "not found",
        }
        said = [f"{self.counts[kind]:,} {word}" for kind, word in words.items() if self.counts.get(kind)]
        said += [f"{len(self.failures):,} failed"] if self.failures else []
        return f"{'dry run: ' if dry_run else ''}{', '.join(said) or 'nothing to do'}"


def _show(output: Output, albums: Generator[AlbumCover], *, as_json: bool, as_json_lines: bool, dry_run: bool) -> int:
    tally, documents = _AlbumTally(), []
    for one in albums:
        for number, failed in enumerate(one.failures, len(tally.failures)):
            tell_failure(output, failed, number)
        tally.add(one)
        told = [_document(one, dry_run=dry_run)] if not one.failures or one.files else []
        told += [failure(failed.path, error_of(failed)) for failed in one.failures]
        if as_json:
            documents += told
        elif as_json_lines:
            for document in told:
                output.json_line(document)
        elif one.found is not None and one.cover is not None:
            _show_album(output, one)
        elif not one.failures:
            output.detail(f"{one.path}: {one.outcome.replace('_', ' ')}")
    if as_json:
        for line in listing_lines(documents):
            output.result(line)
    output.note(tally.in_words(dry_run=dry_run))
    return tally.exit_code


def _show_album(output: Output, one: AlbumCover) -> None:
    assert one.found is not None
    assert one.cover is not None
    said = "" if one.found.score is None else f", fits to {one.found.score} %"
    output.result(output.styled(printable(f"{one.names.artist or '?'} - {one.names.album or '?'}"), "bold"))
    output.result(f"  {in_words(one.cover)}{said}")
    for file in one.files:
        output.result(f"  + {printable(file)}")


def _document(one: AlbumCover, *, dry_run: bool) -> Mapping[str, object]:
    found = one.found
    return {
        "path": one.path,
        "album": one.names.album,
        "albumartist": one.names.artist,
        "outcome": one.outcome,
        "release_id": None if found is None else found.release_id,
        "score": None if found is None else found.score,
        "from": None if found is None else found.place,
        "cover": one.cover,
        "files": one.files,
        "dry_run": dry_run,
    }
