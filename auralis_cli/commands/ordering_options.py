"""The options by which tracks are put in an order that is easy on the ear, and what they cannot be combined with."""

from __future__ import annotations

from typing import Annotated

import typer

from auralis_cli.commands.parsers import Parser
from auralis_cli.errors import UsageError
from auralis_cli.kinds import Whole
from auralis_cli.model.journeys import DEFAULT_SONGS, MAX_SONGS, JourneyEnds, OrderedTracks, Ordering
from auralis_cli.output import Output

Smooth = Annotated[
    bool, typer.Option("--smooth", help="Put the tracks in an order in which each sounds like the one before.")
]
From = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="TRACK",
        help="Go from this track, an id, a path or a query that finds one, to that of --to in even steps.",
    ),
]
To = Annotated[str | None, typer.Option("--to", metavar="TRACK", help="The last track of the way.")]
Songs = Annotated[
    int | None,
    typer.Option(
        "--songs",
        metavar="N",
        parser=Parser("--songs", Whole(2, MAX_SONGS)),
        help="How many tracks the way has, with the first and the last.",
        show_default=str(DEFAULT_SONGS),
    ),
]
ORDERING_DETAILS = (
    "--smooth looks for a short way through all tracks found, from one to the next that sounds like it: up to 20,000 "
    "of them. Sort keys and --limit say which are taken, not in which order they come. --from and --to go from one "
    "track to another through those that QUERY finds: no step is larger than it has to be, all are as even as can be, "
    "and no recording comes twice. Both need fingerprints; tracks without, and silent ones, stand at the end of "
    "--smooth, and are never on the way.",
)


def ordering_of(start: str | None, end: str | None, songs: int | None, *, smooth: bool) -> Ordering | None:
    """What the options say together; None where they say nothing."""
    if start is None and end is None:
        if songs is not None:
            raise UsageError("--songs", "says how many there are on the way from one track to another", "--from, --to")
        return Ordering() if smooth else None
    if start is None or end is None:
        raise UsageError("--from" if end is None else "--to", "goes from one track to another", "give --from and --to")
    if smooth:
        raise UsageError("--smooth", "excludes --from", "choose one")
    return Ordering(JourneyEnds(start, end, DEFAULT_SONGS if songs is None else songs))


def check_ordering(ordering: Ordering | None, *, is_sorted: bool, is_cut: bool, of_tracks: bool) -> None:
    """Raises UsageError for what an ordering cannot be combined with."""
    if ordering is None:
        return
    option = "--smooth" if ordering.journey is None else "--from"
    if not of_tracks:
        raise UsageError(option, "is for tracks, one by one", "without --albums, --artists, --genres and --count")
    if ordering.journey is not None and is_cut:
        raise UsageError(option, "says itself which tracks there are", "--songs says how many")
    if ordering.journey is None and is_sorted and not is_cut:
        raise UsageError(option, "takes the place of sorting", "with --limit, sort keys say which tracks are taken")


def tell_ordering(output: Output, ordered: OrderedTracks) -> None:
    """Says what could not be put in order, and how large the steps are."""
    if count := ordered.without_fingerprint:
        tracks = "1 track without a fingerprint stands" if count == 1 else f"{count} tracks without fingerprints stand"
        output.note(f"{tracks} at the end (auralis fingerprint makes them)")
    if count := ordered.silent:
        tracks = "1 silent track stands" if count == 1 else f"{count} silent tracks stand"
        output.note(f"{tracks} at the end: silence is like nothing")
    if steps := ordered.steps:
        output.detail(f"steps: {sum(steps) / len(steps):.3f} on average, {max(steps):.3f} the longest")
