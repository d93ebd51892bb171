"""Playlists from files and into files: `auralis playlist import` and `export`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.commands.exported_file import target_of
from auralis_cli.commands.options import AsJson, DryRun, parse_path
from auralis_cli.commands.playlist_change import Name, changing, fields_of, said
from auralis_cli.commands.playlist_text import show_export
from auralis_cli.commands.verb import Session
from auralis_cli.errors import EXIT_PARTIAL, AuralisError, InputError, UsageError
from auralis_cli.json_form import failure
from auralis_cli.model.playlists import ListedFiles, PlaylistChange, PlaylistFormat
from auralis_cli.model.source import STANDARD_STREAM

if TYPE_CHECKING:
    from auralis_cli.db.store import Store
    from auralis_cli.services.playlists import Doing

Kind = Annotated[
    PlaylistFormat | None,
    typer.Option("--format", metavar="FORMAT", help="m3u, m3u8, pls or xspf.", show_default="by the name of the file"),
]


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
    with changing(context, create=True, dry_run=dry_run) as (session, store, doing):
        for path in files:
            try:
                done.append(_imported(session, store, path, name, kind, doing))
            except (InputError, UsageError) as error:
                if len(files) == 1:
                    raise
                session.output.error(error)
                failures.append((path, error))
    items = [failure(path, error) for path, error in failures]
    said(session, done, dry_run=dry_run, as_json=json, failures=items, listed=len(files) > 1)
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

    target = None if target_of(file, {"--force": force}) is None else file
    request = ExportRequest(name, target, format_for(target, kind), relative, force)
    with changing(context, dry_run=dry_run, writes=target is not None) as (session, store, doing):
        output = session.output if target is not None else session.output.aside()
        report = export_playlist(store, request, lambda data: session.output.exact(os.fsdecode(data), ""), doing=doing)
    for warning in report.warnings:
        output.warning(warning)
    if json:
        output.document({**fields_of(report), "dry_run": dry_run})
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
