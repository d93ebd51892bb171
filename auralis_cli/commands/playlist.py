"""`auralis playlist …`: playlists made by hand or by a query, from files and into files."""

from __future__ import annotations

import time

import typer

from auralis_cli.commands.group import SubVerb
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.listing_forms import (
    Format,
    Print0,
    check_one,
    for_programs,
    show_json,
    show_json_lines,
)
from auralis_cli.commands.options import AsJson, AsJsonLines
from auralis_cli.commands.playlist_change import Name
from auralis_cli.commands.playlist_edits import add, create, delete, describe, move, remove, rename
from auralis_cli.commands.playlist_exchange import export, import_
from auralis_cli.commands.playlist_text import ENTRY_FIELDS, entry_row, show_entries, show_playlists
from auralis_cli.commands.verb import Page, session_of

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
        ("auralis play --playlist Running", "Play it."),
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
    rows = for_programs(output, ENTRY_FIELDS, template, print0=print0, json=json, jsonl=jsonl)
    with opened_library(session_of(context), read_only=True) as store:
        entries = playlist_entries(store, store.playlists.named(name), int(time.time()))
        if rows is None:
            show_entries(output, entries)
        else:
            rows(output, map(entry_row, entries))
    return 0


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
                ("auralis playlist create Evening genre:jazz --smooth", "Each sounds like the one before."),
                ("auralis playlist create Trip --from 12 --to 345", "From one track to another in twelve."),
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
