"""Playlists made, changed and deleted: `auralis playlist create`, `add`, `remove`, `move`, `rename`, and so on."""

from __future__ import annotations

from typing import Annotated

import typer

from auralis_cli.commands.inputs import listed_names
from auralis_cli.commands.listing_forms import check_one
from auralis_cli.commands.options import AsJson, DryRun, FilesFrom, NamesEndInNul
from auralis_cli.commands.ordering_options import From, Smooth, Songs, To, ordering_of
from auralis_cli.commands.parsers import Lookup, Parser
from auralis_cli.commands.playlist_change import Name, changing, said
from auralis_cli.errors import UsageError
from auralis_cli.kinds import Whole

_MOST = 999_999_999

Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="QUERY", help="Files and folders, or a query as in auralis list.", show_default=False),
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
    smooth: Smooth = False,
    start: From = None,
    end: To = None,
    songs: Songs = None,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Make a playlist.

    Without QUERY it is empty. With --smart QUERY itself is kept, and asked whenever the playlist is. --smooth and
    --from are as in auralis list.
    """
    from auralis_cli.services.playlists import create_playlist

    ordering = ordering_of(start, end, songs, smooth=smooth)
    check_one({"--smart": smart, "--smooth": smooth, "--from": start is not None})
    if smooth and not words:
        raise UsageError("--smooth", "what is to be put in order?", "name files or a query")
    with changing(context, create=True, dry_run=dry_run) as (session, store, doing):
        done = create_playlist(store, name, words or (), description, smart=smart, ordering=ordering, doing=doing)
    return said(session, [done], dry_run=dry_run, as_json=json)


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
    smooth: Smooth = False,
    start: From = None,
    end: To = None,
    songs: Songs = None,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Put tracks into a playlist.

    Files that the library does not have are kept by their path. A track may stand in a playlist more than once. With
    --smooth and --from, which are as in auralis list, what is added is put in order; what is there stays where it is.
    """
    from auralis_cli.services.playlists import add_to_playlist, new_entries

    ordering = ordering_of(start, end, songs, smooth=smooth)
    check_one({"--from": start is not None, "--files-from": files_from is not None})
    if not words and files_from is None and start is None:
        raise UsageError("QUERY", "what is to be added?", "name files, a query, or --files-from")
    with changing(context, dry_run=dry_run) as (session, store, doing):
        paths = () if files_from is None else listed_names(session, files_from, nul=null)
        entries = new_entries(store, words or (), paths, doing.now, ordering)
        done = add_to_playlist(store, name, entries, at, doing=doing)
    if not entries:
        session.output.note("nothing was found to add")
    return said(session, [done], dry_run=dry_run, as_json=json)


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

    with changing(context, dry_run=dry_run) as (session, store, doing):
        done = remove_from_playlist(store, name, words, doing=doing)
    if not done.removed:
        session.output.note("nothing was found to remove")
    return said(session, [done], dry_run=dry_run, as_json=json)


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

    with changing(context, dry_run=dry_run) as (session, store, doing):
        done = move_in_playlist(store, name, origin, target, doing=doing)
    return said(session, [done], dry_run=dry_run, as_json=json)


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

    with changing(context, dry_run=dry_run) as (session, store, doing):
        done = rename_playlist(store, name, new, doing=doing)
    return said(session, [done], dry_run=dry_run, as_json=json)


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

    with changing(context, dry_run=dry_run) as (session, store, doing):
        done = describe_playlist(store, name, text, doing=doing)
    return said(session, [done], dry_run=dry_run, as_json=json)


def delete(
    context: typer.Context,
    names: Annotated[
        list[str], typer.Argument(metavar="NAME", parser=Lookup("playlists"), help="The names of playlists.")
    ],
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Delete playlists.

    All that are named, or none of them. The tracks stay in the library, and auralis undo brings the playlists back.
    """
    from auralis_cli.services.playlists import delete_playlists

    with changing(context, dry_run=dry_run) as (session, store, doing):
        done = delete_playlists(store, names, doing=doing)
    return said(session, done, dry_run=dry_run, as_json=json)
