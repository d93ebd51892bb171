"""`auralis similar QUERY/PATH`: the tracks that sound most alike."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
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
from auralis_cli.commands.options import (
    DEFAULT_MAX_BYTES,
    DEFAULT_MAX_DURATION_S,
    AsJson,
    AsJsonLines,
    MaxDuration,
    MaxSize,
)
from auralis_cli.commands.parsers import Parser
from auralis_cli.commands.query_help import QUERY_DETAILS
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.errors import InputError, UsageError
from auralis_cli.json_form import to_json
from auralis_cli.kinds import Choice, Whole
from auralis_cli.model.fields import NEIGHBOUR_FIELDS, TRACK_FIELDS
from auralis_cli.model.similarity import DimensionShare, Neighbour, Weighting
from auralis_cli.model.source import STANDARD_STREAM, AudioSource, DecodeLimits
from auralis_cli.output import Output

if TYPE_CHECKING:
    from auralis_cli.db.store import Store
    from auralis_cli.services.seeds import HeardSounds, Seed

PAGE = Page(
    examples=(
        ("auralis similar song.flac", "The ten tracks nearest to this one, in the library or not."),
        ("auralis similar --explain --limit 3 id:42", "What parts them."),
        ("auralis similar artist:air album:=10.000\\ Hz", "Of several tracks: what is nearest to their middle."),
        ("auralis similar --print0 song.flac | xargs -0 cp -t mix/", "Hand the files on."),
        ("auralis similar -f '$score $path' song.flac", "How near each is, for a program."),
        ("auralis list like:42 genre:jazz --limit 20", "The order of nearness, for whatever else a query finds."),
    ),
    exit_status=(
        (0, "Listed; also where nothing is near, as of silence."),
        (2, "Usage, or a track that has no fingerprint yet."),
        (4, "No such track, or a file that cannot be read."),
        (5, "The library cannot be used."),
        (130, "Interrupted."),
    ),
    details=(
        "Every track that has a fingerprint (auralis fingerprint) is compared, none is left out for being far in one "
        "thing. A file that is not in the library is listened to on the spot; what the library knows of the same audio "
        "is used. The track itself is left out, and so are files with the very same audio under other tags; of such "
        "copies of another the first is listed. Copies that are encoded otherwise are listed, as most alike: auralis "
        "duplicates tells them.",
        "The distance is 0 for the same sound and 1 for the most different there is; score is 1 - distance. It is the "
        "root of the weighted mean of squared differences of the 25 dimensions, each brought to 0..1 by where most of "
        "the library lies (5th to 95th percentile; typical music where the library has fewer than 30 tracks). So "
        "distances are of this library, and change a little when it grows. Loudness hardly counts: a copy at "
        "another level is the same sound.",
        "--explain says what parts two tracks: each dimension's share of the squared distance, and both values. "
        "--weights counts some dimensions double: tone (bands, brightness, noisiness), rhythm (tempo, beat, onsets), "
        "dynamics (loudness and its movement), or all the same (equal).",
        *QUERY_DETAILS,
        "$distance and $score are fields here as well.",
    ),
    usage="QUERY|PATH...",
)
_MOST = 10_000
_LINE = ("artist", "album", "title")
# What stands before a row.
_SCORE_WIDTH = 7
# So many dimensions are named to people.
_EXPLAINED = 3

Show = Callable[[Output, Sequence[Neighbour]], None]


def similar(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="QUERY|PATH",
            help="A file, in the library or not (- is standard input), or words of a query.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", parser=Parser("--limit", Whole(0, _MOST)), help="List N at most.")
    ] = 10,
    explain: Annotated[bool, typer.Option("--explain", help="Say what parts each of them from the track.")] = False,
    weights: Annotated[
        Weighting,
        typer.Option(
            metavar="NAME",
            parser=Parser("--weights", Choice(Weighting, Weighting)),
            help="What counts most: balanced, equal, tone, rhythm or dynamics.",
        ),
    ] = Weighting.BALANCED,
    max_duration: MaxDuration = DEFAULT_MAX_DURATION_S,
    max_size: MaxSize = DEFAULT_MAX_BYTES,
    template: Format = None,
    print0: Print0 = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """List the tracks that sound most like a file or a track of the library, the nearest first.

    Of several tracks, what is nearest to their middle. Tracks are compared by their fingerprints: auralis fingerprint
    makes them.
    """
    from auralis_cli.services.similarity import SimilarRequest
    from auralis_cli.services.similarity import similar as nearest

    session = session_of(context)
    check_one({"--json": json, "--jsonl": jsonl, "--format": template is not None})
    check_one({"--json": json, "--jsonl": jsonl, "--print0": print0})
    if not words:
        raise UsageError("QUERY", "what others are to be like is not named", "name a file, or words of a query")
    shown = _shown_as(session.output, template, print0=print0, explain=explain)
    show: Show = _in_json(show_json_lines) if jsonl else _in_json(show_json) if json else shown
    with opened_library(session, read_only=True) as store:
        seed = _seed(session, store, words, DecodeLimits(max_duration, max_size))
        if seed.unknown:
            session.output.note(f"{seed.unknown} more have no fingerprint yet (auralis fingerprint makes them)")
        if seed.vector is None:
            session.output.note(f"{' '.join(words)}: is silence, which is like nothing")
        show(session.output, nearest(store, seed, SimilarRequest(limit, weights, explain)))
    return 0


def _seed(session: Session, store: Store, words: Sequence[str], limits: DecodeLimits) -> Seed:
    from auralis_cli.services.seeds import seed_of

    if all(word == STANDARD_STREAM or os.path.isfile(word) for word in words):
        heard = [one for word in words for one in _heard(session, store, word, limits)]
    else:
        heard = [_heard_in_query(store, words)]
    return seed_of(store, " ".join(words), heard)


def _heard_in_query(store: Store, words: Sequence[str]) -> HeardSounds:
    from auralis_cli.services.found_tracks import found_ids
    from auralis_cli.services.seeds import heard_in_library

    ids = list(found_ids(store, asked_query(words)))
    if not ids:
        named = " ".join(words)
        hint = f"id:{named} means the track with that id" if named.isdecimal() else "auralis list shows them"
        raise InputError(named, "is no file, and the library holds no such tracks", hint)
    return heard_in_library(store, ids)


def _heard(session: Session, store: Store, word: str, limits: DecodeLimits) -> Iterator[HeardSounds]:
    """What is known of a file; where the library does not have it, it is listened to."""
    from auralis_cli.services.found_tracks import found_ids
    from auralis_cli.services.seeds import heard_in_file, heard_in_library

    if word != STANDARD_STREAM and (ids := list(found_ids(store, asked_query([word])))):
        yield heard_in_library(store, ids)
        return
    from auralis_cli.commands.inputs import Asked, inputs_of
    from auralis_cli.services.seeds import listened

    named = AudioSource(None if word == STANDARD_STREAM else Path(word), limits=limits)
    with session.output.progress() as progress:
        listen = partial(listened, progress=progress, cancel=session.cancel, streams=session.streams)
        for source in inputs_of(session, Asked([named], None, False, limits, None)).found:
            if isinstance(source, InputError):
                raise source
            session.subject = source.name
            yield heard_in_file(store, source, listen)
    session.subject = None


def _in_json(show: Callable[[Output, Sequence[object]], None]) -> Show:
    return lambda output, found: show(output, [document_of(one) for one in found])


def document_of(neighbour: Neighbour) -> Mapping[str, object]:
    """The JSON of one: all that is known of the track, how near it is, and why not nearer."""
    track = to_json(neighbour.track)
    assert isinstance(track, dict)
    return {**track, "distance": neighbour.distance, "score": neighbour.score, "explain": neighbour.explain}


def _shown_as(output: Output, template: str | None, *, print0: bool, explain: bool) -> Show:
    """How tracks are shown to people and to pipes. Raises UsageError for a format that cannot be served."""
    if template is not None or print0:
        show = in_format(output, template or "$path", NEIGHBOUR_FIELDS, print0=print0)
        return lambda output, found: show(output, map(_with_all_fields, found))
    rows = _in_table if output.is_on_terminal else _in_lines
    return lambda output, found: rows(output, found, explain=explain)


def _with_all_fields(one: Neighbour) -> SimpleNamespace:
    """What a format may ask for: the fields of the track, and how near it is."""
    of_track = {field.name: getattr(one.track, field.name) for field in TRACK_FIELDS.fields}
    return SimpleNamespace(**of_track, distance=one.distance, score=one.score)


def _in_lines(output: Output, found: Sequence[Neighbour], *, explain: bool) -> None:
    line = in_parts(_LINE, TRACK_FIELDS, print0=False)
    for one in found:
        output.exact(f"{one.score:.3f}  ", "")
        line(output, [one.track])
        if explain:
            output.result(f"{'':{_SCORE_WIDTH}}{_explanation(one)}")


def _in_table(output: Output, found: Sequence[Neighbour], *, explain: bool) -> None:
    from auralis_cli.commands.listing_table import ListingTable
    from auralis_cli.services.listing import Subject

    if not found:
        output.note("nothing found")
        return
    table = ListingTable(output, Subject.TRACKS, beside=_SCORE_WIDTH)
    output.result(output.styled(f"{'score':<{_SCORE_WIDTH}}", "dim") + table.head())
    for one in found:
        output.result(f"{one.score:<{_SCORE_WIDTH}.3f}{table.row(one.track)}")
        if explain:
            output.result(f"{'':{_SCORE_WIDTH}}{output.styled(_explanation(one), 'dim')}")


def _explanation(one: Neighbour) -> str:
    """`tempo_bpm 92 → 140 (38 %), …`: the dimensions that part them most."""
    return ", ".join(map(_share, one.explain[:_EXPLAINED])) or "the same sound"


def _share(share: DimensionShare) -> str:
    return f"{share.dimension} {_figure(share.a)} → {_figure(share.b)} ({100.0 * share.share:.0f} %)"


def _figure(value: float) -> str:
    """Three digits of it, and never a power of ten: 2410, 98.4, 0.031."""
    decimals = next((count for count, least in enumerate((100.0, 10.0, 1.0)) if abs(value) >= least), 3)
    return f"{value:.{decimals}f}"
