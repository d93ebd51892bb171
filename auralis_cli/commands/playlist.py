"""`auralis playlist …`: playlists made by hand or by a query, from files and into files."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.commands.group import SubVerb
from auralis_cli.commands.inputs import listed_names
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.listing_forms import (
    Format,
    Print0,
    check_one,
    in_format,
    show_json,
    show_json_lines,
)
from auralis_cli.commands.options import AsJson, AsJsonLines, FilesFrom, NamesEndInNul, parse_path
from auralis_cli.commands.parsers import Parser
from auralis_cli.commands.playlist_text import (
    ENTRY_FIELDS,
    entry_row,
    show_change,
    show_entries,
    show_export,
    show_playlists,
)
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.errors import EXIT_PARTIAL, AuralisError, InputError, UsageError
from auralis_cli.json_form import FORMAT_VERSION, failure
from auralis_cli.kinds import Whole
from auralis_cli.model.playlists import ListedFiles, NewEntry, PlaylistChange, PlaylistFormat
from auralis_cli.model.source import STANDARD_STREAM

if TYPE_CHECKING:
    from auralis_cli.db.store import Store
    from auralis_cli.services.playlists import Doing

ABOUT = """Make, show and exchange playlists.

A playlist is static, what was put into it entry by entry, or smart, what its query finds whenever it is asked. A name
is the same whatever its case."""

_CHANGES = (
    (0, "Done."),
    (2, "Usage; or refused: no playlist of that name, or one already, or a position that is not there."),
    (5, "The library cannot be used."),
)
PAGE = Page(
    examples=(
        ("auralis playlist create Running tempo:165..180 lufs:-12..", "A playlist of what is found now."),
        ("auralis playlist create Newest --smart added:-4w.. added-", "One that is always up to date."),
        ("auralis playlist show Running --print0 | xargs -0 -n1 mpv", "Hand the files on."),
        ("auralis playlist import ~/old/*.m3u", "Take in what other programs wrote."),
        ("auralis playlist export Running /mnt/stick/Running.m3u8 --relative", "Take it along."),
    ),
    exit_status=(
        (0, "Done."),
        (1, "A playlist file cannot be written."),
        (2, "Usage; or refused: no playlist of that name, or one already; or an existing file without --force."),
        (3, "Some of the files to import could not be read; the rest is done."),
        (4, "No file to import could be read."),
        (5, "The library cannot be used."),
    ),
    details=(
        "An entry follows its file when a scan finds it elsewhere. One whose file is gone, or that the library never "
        "had, stays, with the path and the title it had, and is a track again when a scan finds it there.",
        "Every change is one entry of auralis history; auralis undo takes it back.",
    ),
)
_MOST = 999_999_999

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of a playlist.")]
Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="QUERY", help="Files and folders, or a query as in auralis list.", show_default=False),
]
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would be changed, and change nothing.")]
Kind = Annotated[
    PlaylistFormat | None,
    typer.Option("--format", metavar="FORMAT", help="m3u, m3u8, pls or xspf.", show_default="by the name of the file"),
]


def _position(option: str) -> Parser[int]:
    return Parser(option, Whole(1, _MOST))


def create(
    context: typer.Context,
    name: Name,
    words: Words = None,
    smart: Annotated[bool, typer.Option("--smart", help="Keep the query instead of what it finds now.")] = False,
    description: Annotated[
        str | None, typer.Option("--description", metavar="TEXT", help="What the playlist is for.")
    ] = None,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Make a playlist.

    Without QUERY it is empty. With --smart QUERY itself is kept, and asked whenever the playlist is.
    """
    from auralis_cli.services.playlists import create_playlist

    with _changing(context, create=True, dry_run=dry_run) as (session, store, doing):
        done = create_playlist(store, name, words or (), description, smart=smart, doing=doing)
    return _said(session, [done], dry_run=dry_run, as_json=json)


def list_(context: typer.Context, json: AsJson = False, jsonl: AsJsonLines = False) -> int:
    """List the playlists.

    Prints the name of each, how many tracks it has, how many of them are missing, and how long it is.
    """
    from auralis_cli.services.playlists import list_playlists

    session = session_of(context)
    check_one({"--json": json, "--jsonl": jsonl})
    with opened_library(session, read_only=True) as store:
        found = list_playlists(store, int(time.time()))
    show = show_json_lines if jsonl else show_json if json else show_playlists
    show(session.output, found)
    return 0


def show(
    context: typer.Context,
    name: Name,
    template: Format = None,
    print0: Print0 = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Show what is in a playlist.

    The fields of --format are those of auralis list, and position and missing.
    """
    from auralis_cli.services.playlists import playlist_entries

    output = session_of(context).output
    check_one({"--json": json, "--jsonl": jsonl, "--format": template is not None})
    check_one({"--json": json, "--jsonl": jsonl, "--print0": print0})
    rows = (
        None if template is None and not print0 else in_format(output, template or "$path", ENTRY_FIELDS, print0=print0)
    )
    if json or jsonl:
        rows = show_json if json else show_json_lines
    with opened_library(session_of(context), read_only=True) as store:
        entries = playlist_entries(store, store.playlists.named(name), int(time.time()))
        if rows is None:
            show_entries(output, entries)
        else:
            rows(output, map(entry_row, entries))
    return 0


def add(
    context: typer.Context,
    name: Name,
    words: Words = None,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    at: Annotated[
        int | None,
        typer.Option("--at", metavar="N", parser=_position("--at"), help="Where the first goes; else the end."),
    ] = None,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Put tracks into a playlist.

    Files that the library does not have are kept by their path. A track may stand in a playlist more than once.
    """
    from auralis_cli.services.playlists import add_to_playlist, entries_of

    if not words and files_from is None:
        raise UsageError("QUERY", "what is to be added?", "name files, a query, or --files-from")
    with _changing(context, dry_run=dry_run) as (session, store, doing):
        entries = entries_of(store, words, doing.now) if words else []
        if files_from is not None:
            listed = listed_names(session, files_from, nul=null)
            entries += [NewEntry(os.path.abspath(path)) for path in listed]
        done = add_to_playlist(store, name, entries, at, doing=doing)
    return _said(session, [done], dry_run=dry_run, as_json=json)


def remove(
    context: typer.Context,
    name: Name,
    words: Annotated[
        list[str],
        typer.Argument(metavar="POSITION", help="Positions such as 3 or 5-9; or paths; or a query."),
    ],
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Take entries out of a playlist.

    The first one has the position 1, as playlist show tells. The files stay where they are.
    """
    from auralis_cli.services.playlists import remove_from_playlist

    with _changing(context, dry_run=dry_run) as (session, store, doing):
        done = remove_from_playlist(store, name, words, doing=doing)
    return _said(session, [done], dry_run=dry_run, as_json=json)


def move(
    context: typer.Context,
    name: Name,
    origin: Annotated[int, typer.Argument(metavar="FROM", parser=_position("FROM"), help="The position it has.")],
    target: Annotated[int, typer.Argument(metavar="TO", parser=_position("TO"), help="The position it is to have.")],
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Move an entry of a playlist.

    What stands between the two positions moves up or down by one.
    """
    from auralis_cli.services.playlists import move_in_playlist

    with _changing(context, dry_run=dry_run) as (session, store, doing):
        done = move_in_playlist(store, name, origin, target, doing=doing)
    return _said(session, [done], dry_run=dry_run, as_json=json)


def rename(
    context: typer.Context,
    name: Name,
    new: Annotated[str, typer.Argument(metavar="NEW", help="The name it is to have.")],
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Give a playlist another name.

    Another case of the same letters is another name, too.
    """
    from auralis_cli.services.playlists import rename_playlist

    with _changing(context, dry_run=dry_run) as (session, store, doing):
        done = rename_playlist(store, name, new, doing=doing)
    return _said(session, [done], dry_run=dry_run, as_json=json)


def describe(
    context: typer.Context,
    name: Name,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What it is for; an empty text takes that away.")],
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Say what a playlist is for.

    The text is told by playlist list --json.
    """
    from auralis_cli.services.playlists import describe_playlist

    with _changing(context, dry_run=dry_run) as (session, store, doing):
        done = describe_playlist(store, name, text, doing=doing)
    return _said(session, [done], dry_run=dry_run, as_json=json)


def delete(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="NAME", help="The names of playlists.")],
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Delete playlists.

    All that are named, or none of them. The tracks stay in the library, and auralis undo brings the playlists back.
    """
    from auralis_cli.services.playlists import delete_playlists

    with _changing(context, dry_run=dry_run) as (session, store, doing):
        done = delete_playlists(store, names, doing=doing)
    return _said(session, done, dry_run=dry_run, as_json=json)


def import_(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", parser=parse_path, help="Playlist files; - is standard input."),
    ],
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="What to call it.", show_default="as in the file, or its name"),
    ] = None,
    kind: Kind = None,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Make playlists of playlist files.

    Reads m3u, m3u8, pls and xspf. Nothing that a file names is opened, and nothing is fetched: what is on the network
    is left out. A list of paths, as find prints them, is an m3u as well.
    """
    if name is not None and len(files) > 1:
        raise UsageError("--name", "names one playlist", f"{len(files)} files are given")
    failures: list[tuple[Path, AuralisError]] = []
    done: list[PlaylistChange] = []
    with _changing(context, create=True, dry_run=dry_run) as (session, store, doing):
        for path in files:
            try:
                done.append(_imported(session, store, path, name, kind, doing))
            except (InputError, UsageError) as error:
                if len(files) == 1:
                    raise
                session.output.error(error)
                failures.append((path, error))
    items = [failure(path, error) for path, error in failures]
    _said(session, done, dry_run=dry_run, as_json=json, failures=items, listed=len(files) > 1)
    if not failures:
        return 0
    return EXIT_PARTIAL if done else max(error.exit_code for _, error in failures)


def export(
    context: typer.Context,
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="FILE", parser=parse_path, help="Where to; - is standard output.")],
    kind: Kind = None,
    relative: Annotated[bool, typer.Option("--relative", help="Name files as seen from the folder of FILE.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE; the one there goes to the trash.")] = False,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Write a playlist into a file.

    As m3u, m3u8, pls or xspf. Missing entries go along. Titles are kept to their line, whatever is in them.
    """
    from auralis_cli.services.playlist_exchange import ExportRequest, export_playlist
    from auralis_cli.services.playlist_files.files import format_for

    target = None if str(file) == STANDARD_STREAM else file
    request = ExportRequest(name, target, format_for(target, kind), relative, force)
    with _changing(context, dry_run=dry_run, writes=target is not None) as (session, store, doing):
        output = session.output if target is not None else session.output.aside()
        report = export_playlist(store, request, lambda data: session.output.exact(os.fsdecode(data), ""), doing=doing)
    for warning in report.warnings:
        output.warning(warning)
    if json:
        output.document({**_fields(report), "dry_run": dry_run})
    elif target is not None or dry_run:
        show_export(output, report, dry_run=dry_run)
    return 0


def _imported(
    session: Session, store: Store, path: Path, name: str | None, kind: PlaylistFormat | None, doing: Doing
) -> PlaylistChange:
    from auralis_cli.services.playlist_exchange import import_playlist, name_for
    from auralis_cli.services.playlist_files.files import read_playlist_file

    is_stdin = str(path) == STANDARD_STREAM
    listed = _read_stdin(session, kind) if is_stdin else read_playlist_file(path, kind)
    for warning in listed.warnings:
        session.output.warning(f"{path}: {warning}")
    return import_playlist(store, name or name_for(listed, None if is_stdin else path), listed, doing=doing)


def _read_stdin(session: Session, kind: PlaylistFormat | None) -> ListedFiles:
    from auralis_cli.services.playlist_files.files import MAX_BYTES, read_playlist_bytes

    stream = session.streams.stdin
    if stream is None:
        raise InputError(STANDARD_STREAM, "standard input is closed", "pipe a playlist into it")
    data = bytearray()
    while len(data) <= MAX_BYTES and (piece := stream.read(1 << 20)):
        data += piece
    return read_playlist_bytes(bytes(data), STANDARD_STREAM, os.getcwd(), kind or PlaylistFormat.M3U)


@contextmanager
def _changing(
    context: typer.Context, *, dry_run: bool, create: bool = False, writes: bool = True
) -> Iterator[tuple[Session, Store, Doing]]:
    """The library to be changed; a dry run makes none."""
    from auralis_cli.services.playlists import Doing

    session = session_of(context)
    with opened_library(session, create=create and not dry_run, read_only=not writes) as store:
        yield session, store, Doing(int(time.time()), dry_run)


def _said(
    session: Session,
    changes: Iterable[PlaylistChange],
    *,
    dry_run: bool,
    as_json: bool,
    failures: Iterable[object] = (),
    listed: bool = False,
) -> int:
    """Says what was done: one object for one playlist, a listing for several."""
    documents = [{**_fields(change), "dry_run": dry_run} for change in changes]
    if not as_json:
        for change in changes:
            show_change(session.output, change, dry_run=dry_run)
    elif len(documents) == 1 and not listed:
        session.output.document(documents[0])
    else:
        session.output.document({"auralis": FORMAT_VERSION, "items": [*documents, *failures]})
    return 0


def _fields(value: object) -> dict[str, object]:
    from dataclasses import fields

    return {field.name: getattr(value, field.name) for field in fields(value)}  # type: ignore[arg-type]


def _page(*examples: tuple[str, str], exit_status: tuple[tuple[int, str], ...] = _CHANGES) -> Page:
    return Page(examples, exit_status)


VERBS = {
    "create": SubVerb(
        "Make a playlist.",
        create,
        Page(
            (
                ("auralis playlist create Jazz genre:jazz", "Of what is found now."),
                ("auralis playlist create Loud --smart lufs:-8..", "Of what is found whenever it is asked."),
            ),
            _CHANGES,
            usage="NAME [QUERY...]",
        ),
    ),
    "list": SubVerb("List the playlists.", list_, _page(("auralis playlist list --json", "With their queries."))),
    "show": SubVerb(
        "Show what is in a playlist.",
        show,
        _page(("auralis playlist show Jazz -f '$position $artist - $title'", "In a form of your own.")),
    ),
    "add": SubVerb(
        "Put tracks into a playlist.",
        add,
        Page(
            (
                ("auralis playlist add Jazz artist:monk year:..1960", "What a query finds."),
                ("auralis playlist add Jazz ~/Music/new/*.flac --at 1", "Files, at the top."),
            ),
            _CHANGES,
            usage="NAME [QUERY...]",
        ),
    ),
    "remove": SubVerb(
        "Take entries out of a playlist.",
        remove,
        _page(
            ("auralis playlist remove Jazz 3 10-12", "By their positions."),
            ("auralis playlist remove Jazz genre:swing", "Those that a query finds."),
        ),
    ),
    "move": SubVerb("Move an entry.", move, _page(("auralis playlist move Jazz 12 1", "To the top."))),
    "rename": SubVerb("Give a playlist another name.", rename, _page(("auralis playlist rename Jazz Bebop", "So."))),
    "describe": SubVerb(
        "Say what a playlist is for.",
        describe,
        _page(("auralis playlist describe Jazz 'for late evenings'", "In words.")),
    ),
    "delete": SubVerb("Delete playlists.", delete, _page(("auralis playlist delete Jazz Loud", "Two of them."))),
    "import": SubVerb(
        "Make playlists of playlist files.",
        import_,
        _page(
            ("auralis playlist import old.m3u --name Old", "Under another name."),
            ("find ~/Music -name '*live*' | auralis playlist import - --name Live", "Of a list of paths."),
            exit_status=PAGE.exit_status,
        ),
    ),
    "export": SubVerb(
        "Write a playlist into a file.",
        export,
        _page(
            ("auralis playlist export Jazz jazz.xspf", "The format is told by the name."),
            ("auralis playlist export Jazz - | mpv --playlist=-", "Through a pipe, as m3u."),
            exit_status=PAGE.exit_status,
        ),
    ),
}
