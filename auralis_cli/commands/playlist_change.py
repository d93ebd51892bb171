"""What the verbs of playlists that change something have in common."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.commands.library import opened_library
from auralis_cli.commands.parsers import Lookup
from auralis_cli.commands.playlist_text import show_change
from auralis_cli.commands.verb import Session, session_of
from auralis_cli.json_form import FORMAT_VERSION
from auralis_cli.model.playlists import ExportReport, PlaylistChange

if TYPE_CHECKING:
    from auralis_cli.db.store import Store
    from auralis_cli.services.playlists import Doing

Name = Annotated[str, typer.Argument(metavar="NAME", parser=Lookup("playlists"), help="The name of a playlist.")]


@contextmanager
def changing(
    context: typer.Context, *, dry_run: bool, create: bool = False, writes: bool = True
) -> Iterator[tuple[Session, Store, Doing]]:
    """The library to be changed; a dry run makes none."""
    from auralis_cli.services.playlists import Doing

    session = session_of(context)
    with opened_library(session, create=create and not dry_run, read_only=not writes) as store:
        yield session, store, Doing(int(time.time()), dry_run)


def said(
    session: Session,
    changes: Iterable[PlaylistChange],
    *,
    dry_run: bool,
    as_json: bool,
    failures: Iterable[object] = (),
    listed: bool = False,
) -> int:
    """Says what was done: one object for one playlist, a listing for several."""
    documents = [{**fields_of(change), "dry_run": dry_run} for change in changes]
    if not as_json:
        for change in changes:
            show_change(session.output, change, dry_run=dry_run)
    elif len(documents) == 1 and not listed:
        session.output.document(documents[0])
    else:
        session.output.document({"auralis": FORMAT_VERSION, "items": [*documents, *failures]})
    return 0


def fields_of(value: PlaylistChange | ExportReport) -> dict[str, object]:
    """The fields of a report, in their order."""
    return {field.name: getattr(value, field.name) for field in fields(value)}
