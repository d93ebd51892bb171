"""`auralis list [QUERY…]`: what the library holds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.commands.asked_query import asked_query
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.listing_forms import (
    Format,
    Print0,
    check_one,
    in_format,
    in_parts,
    show_json,
    show_json_lines,
)
from auralis_cli.commands.listing_table import ListingTable
from auralis_cli.commands.options import AsJson, AsJsonLines, QueryWords
from auralis_cli.commands.ordering_options import (
    ORDERING_DETAILS,
    From,
    Smooth,
    Songs,
    To,
    check_ordering,
    ordering_of,
    tell_ordering,
)
from auralis_cli.commands.parsers import Parser
from auralis_cli.commands.query_help import field_lines
from auralis_cli.commands.verb import Page, session_of
from auralis_cli.json_form import FORMAT_VERSION, listing_lines
from auralis_cli.kinds import Whole
from auralis_cli.model.fields import FieldTable
from auralis_cli.model.journeys import OrderedTracks, Ordering
from auralis_cli.model.query_words import parse_sort
from auralis_cli.output import Output
from auralis_cli.services.listing import FIELDS_OF, Listed, ListRequest, Subject, counted, listed
from auralis_cli.terminal_text import align

if TYPE_CHECKING:
    from auralis_cli.db.store import Store

PAGE = Page(
    examples=(
        ("auralis list", "Everything, by artist, album and number."),
        ("auralis list pink floyd year:1970..1979", "Words, and a range of years."),
        ("auralis list lufs:-9.. ^genre:metal added-", "Loud, no metal, newest first."),
        ("auralis list --albums added:-3w..", "Albums that came in within three weeks."),
        ("auralis list --print0 year:..1980 | xargs -0 -n1 auralis analyze --jsonl", "Hand the files on."),
        ("auralis list -f '$artist: $title ($duration)' --limit 10", "Lines of your own."),
        ("auralis list genre:jazz --smooth", "In an order in which each sounds like the one before."),
        ("auralis list --from 12 --to 345 --songs 10", "From one track to another in ten."),
        ("auralis list --jsonl lossless:false", "All that is known of each track, for programs."),
    ),
    exit_status=(
        (0, "Listed, also where nothing is found."),
        (2, "Usage: a query, a sort key or a format that cannot be served."),
        (5, "The library cannot be used."),
        (130, "Interrupted."),
    ),
    details=(
        "ls is another name of this verb. On a terminal the listing is a table; into a pipe goes a line a track, "
        "artist - album - title without what is not known, in which control characters are shown as escapes. Paths "
        "that --format asks for keep their bytes, but for line ends. --print0 prints each path, byte for byte, with a "
        "NUL behind it.",
        *ORDERING_DETAILS,
    ),
    usage="[QUERY...]",
)
_MOST = 999_999_999
# Of a listing into a pipe.
_LINES = {
    Subject.TRACKS: ("artist", "album", "title"),
    Subject.ALBUMS: ("albumartist", "title"),
    Subject.ARTISTS: ("name",),
    Subject.GENRES: ("name",),
}


def list(  # noqa: A001
    context: typer.Context,
    query: QueryWords = None,
    albums: Annotated[bool, typer.Option("--albums", help="List the albums of the tracks found.")] = False,
    artists: Annotated[bool, typer.Option("--artists", help="List their artists.")] = False,
    genres: Annotated[bool, typer.Option("--genres", help="List their genres.")] = False,
    sort: Annotated[
        str | None,
        typer.Option(metavar="KEYS", help="Sort by fields, as year-,title+; those of the query come after."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", parser=Parser("--limit", Whole(0, _MOST)), help="List N at most."),
    ] = None,
    offset: Annotated[
        int,
        typer.Option(metavar="N", parser=Parser("--offset", Whole(0, _MOST)), help="Leave out the first N."),
    ] = 0,
    smooth: Smooth = False,
    start: From = None,
    end: To = None,
    songs: Songs = None,
    template: Format = None,
    print0: Print0 = False,
    count: Annotated[bool, typer.Option("--count", help="Print only how many there are.")] = False,
    fields: Annotated[bool, typer.Option("--fields", help="Print which fields there are.")] = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """List what the library holds: tracks, or their albums, artists or genres.

    QUERY is words that all have to be found, and conditions on fields: artist:air year:1998..2004 lufs:-9.. and such;
    auralis-query(7) tells all of it. Without any, everything is listed.
    """
    output = session_of(context).output
    check_one({"--json": json, "--jsonl": jsonl, "--format": template is not None, "--count": count and not json})
    check_one({"--json": json, "--jsonl": jsonl, "--print0": print0, "--count": count and not json})
    ordering = ordering_of(start, end, songs, smooth=smooth)
    subject = _subject({"--albums": albums, "--artists": artists, "--genres": genres})
    table = FIELDS_OF[subject]
    if fields:
        _show_fields(output, table, as_json=json)
        return 0
    parsed = asked_query(query, table)
    keys = () if sort is None else parse_sort(sort, table)
    request = ListRequest(subject, replace(parsed, sort=(*keys, *parsed.sort)), limit, offset)
    of_tracks = subject is Subject.TRACKS and not count
    is_sorted, is_cut = bool(request.query.sort), limit is not None or offset > 0
    check_ordering(ordering, is_sorted=is_sorted, is_cut=is_cut, of_tracks=of_tracks)
    show = show_json_lines if jsonl else show_json if json else _shown_as(output, subject, template, print0=print0)
    with opened_library(session_of(context), read_only=True) as store:
        if count:
            _show_count(output, counted(store, request), as_json=json)
        elif ordering is not None:
            ordered = _ordered(store, request, ordering)
            show(output, ordered.tracks)
            tell_ordering(output, ordered)
        else:
            show(output, listed(store, request))
    return 0


def _ordered(store: Store, request: ListRequest, ordering: Ordering) -> OrderedTracks:
    from auralis_cli.services.found_tracks import found_tracks
    from auralis_cli.services.journeys import journey_tracks, smooth_tracks

    if ordering.journey is not None:
        return journey_tracks(store, request.query, ordering.journey, int(time.time()))
    return smooth_tracks(store, (*found_tracks(store, request.query, limit=request.limit, offset=request.offset),))


def _subject(given: Mapping[str, bool]) -> Subject:
    check_one(given)
    return next((Subject(option[2:]) for option, is_given in given.items() if is_given), Subject.TRACKS)


def _show_fields(output: Output, table: FieldTable, *, as_json: bool) -> None:
    if as_json:
        for line in listing_lines(table.fields):
            output.result(line)
        return
    rows = field_lines(table)
    width = max(len(label) for label, _ in rows)
    for label, text in rows:
        output.result(align((label, output.styled(text, "dim")), (width, 0)))


def _show_count(output: Output, number: int, *, as_json: bool) -> None:
    if as_json:
        output.document({"auralis": FORMAT_VERSION, "count": number})
    else:
        output.result(str(number))


def _shown_as(
    output: Output, subject: Subject, template: str | None, *, print0: bool
) -> Callable[[Output, Iterable[Listed]], None]:
    """How things are shown to people and to pipes. Raises UsageError for a format that cannot be served."""
    if template is None and not print0 and output.is_on_terminal:
        return lambda output, found: _table(output, found, subject)
    if template is None and print0 and subject is Subject.TRACKS:
        template = "$path"
    if template is None:
        return in_parts(_LINES[subject], FIELDS_OF[subject], print0=print0)
    return in_format(output, template, FIELDS_OF[subject], print0=print0)


def _table(output: Output, found: Iterable[Listed], subject: Subject) -> None:
    table = ListingTable(output, subject)
    nothing = True
    for thing in found:
        if nothing:
            output.result(table.head())
        output.result(table.row(thing))
        nothing = False
    if nothing:
        output.note("nothing found")
