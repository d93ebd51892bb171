"""`auralis stats [QUERY…]`: the library in numbers and bars."""

from __future__ import annotations

from typing import Annotated

import typer

from auralis_cli.commands.asked_query import asked_query
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.options import AsJson, QueryWords
from auralis_cli.commands.parsers import Parser
from auralis_cli.commands.verb import Page, session_of
from auralis_cli.kinds import Whole
from auralis_cli.model.library_stats import LibraryStats

PAGE = Page(
    examples=(
        ("auralis stats", "The whole library."),
        ("auralis stats genre:jazz year:1950..1969", "What it has of one kind."),
        ("auralis stats --json | jq .median_lufs", "One of the numbers."),
    ),
    exit_status=(
        (0, "Done, also where there is no library yet."),
        (2, "Usage, or a query that cannot be served."),
        (5, "The library cannot be used."),
    ),
    details=(
        "Formats, rates and bits are counted by file, years, genres and artists by track, loudness by recording: the "
        "same audio in two files is one. Only what was measured has a loudness.",
        "With a query, playlists, plays and the last scan are still those of the whole library. QUERY is as in "
        "auralis list.",
    ),
    usage="[QUERY...]",
)

_DEFAULT_TOP = 10


def stats(
    context: typer.Context,
    query: QueryWords = None,
    top: Annotated[
        int,
        typer.Option(
            "--top",
            metavar="N",
            parser=Parser("--top", Whole(1, 1000)),
            help="How many genres and artists to name.",
        ),
    ] = _DEFAULT_TOP,
    json: AsJson = False,
) -> int:
    """Show the library in numbers.

    Counts, bars and shares: formats, decades, loudness, genres, artists, what is measured and what is missing.
    """
    from auralis_cli.commands.stats_text import show_stats
    from auralis_cli.services.library_stats import library_stats

    session = session_of(context)
    parsed = asked_query(query)
    with opened_library(session, read_only=True) as store:
        counted = library_stats(store, parsed, top=top)
    if json:
        session.output.document(document_of(counted))
    else:
        show_stats(session.output, counted)
    return 0


def document_of(stats: LibraryStats) -> dict[str, object]:
    """The JSON of a library in numbers."""
    return {
        "tracks": stats.tracks,
        "duration_s": stats.duration_s,
        "files": stats.files,
        "size_bytes": stats.size_bytes,
        "albums": stats.albums,
        "artists": stats.artists,
        "genres": stats.genres,
        "playlists": stats.playlists,
        "formats": [{"format": one.value, "files": one.files, "size_bytes": one.size_bytes} for one in stats.formats],
        "sample_rates": [
            {"sample_rate_hz": one.value, "files": one.files, "size_bytes": one.size_bytes}
            for one in stats.sample_rates_hz
        ],
        "bits": [{"bits": one.value, "files": one.files, "size_bytes": one.size_bytes} for one in stats.bits],
        "lossless_files": stats.lossless,
        "missing_files": stats.missing,
        "unreadable_files": stats.unreadable,
        "years": stats.years,
        "loudness": stats.loudness,
        "median_lufs": stats.median_lufs,
        "measured_tracks": stats.measured,
        "fingerprinted_tracks": stats.fingerprinted,
        "top_genres": [{"genre": one.name, "tracks": one.tracks} for one in stats.top_genres],
        "top_artists": [{"artist": one.name, "tracks": one.tracks} for one in stats.top_artists],
        "plays": stats.plays,
        "last_scan": stats.last_scan,
    }
