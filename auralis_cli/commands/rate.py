"""`auralis rate VALUE [QUERY...]`: says how tracks are liked."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.commands.asked_tracks import asked_tracks, check_names, tell_failures
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.listing_forms import check_one
from auralis_cli.commands.options import AsJson, AsJsonLines, DryRun, FilesFrom, NamesEndInNul
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.errors import InputError, UsageError
from auralis_cli.json_form import FORMAT_VERSION, failure
from auralis_cli.model.action_kinds import RATING
from auralis_cli.model.plays import LikingWish
from auralis_cli.terminal_text import align, printable
from auralis_cli.units import count_in_words

if TYPE_CHECKING:
    from auralis_cli.db.store import Store
    from auralis_cli.model.library import Track
    from auralis_cli.services.rating import RatedTrack

PAGE = Page(
    examples=(
        ("auralis rate 4.5 'album:Kind of Blue'", "Rate what a query finds."),
        ("auralis rate 5 ~/Music/song.flac", "Rate a file of the library."),
        ("auralis rate none artist:kenny", "Take ratings away."),
        ("auralis rate 5 --favourite", "Rate what plays, and make it a favourite."),
        ("auralis rate --favourite play_count:50..", "Make favourites of what is played a lot."),
        ("auralis list rating:4.. favourite:yes rating-", "What came of it."),
    ),
    exit_status=(
        (0, "Done, or no track is found."),
        (2, "Usage; nothing is changed."),
        (3, "Some files are not in the library; the rest is done."),
        (4, "None of the files is in the library."),
        (5, "The library cannot be used."),
        (6, "No track is named, and no player runs that plays one."),
    ),
    details=(
        "A rating is a number from 0 to 5, fractions such as 3.5 among them; none takes it away, which is not the same "
        "as 0. Without QUERY the track is meant that the running player plays.",
        "With --favourite or --no-favourite the VALUE may be left out: then a first word that is neither a number nor "
        "none belongs to the query.",
        "Ratings stand in the library, not in the files; auralis plays import tags takes over those that other "
        "programs left in tags, auralis plays export writes them all into a file.",
    ),
    usage="[VALUE] [QUERY...]",
)


def rate(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="VALUE",
            help="A number from 0 to 5, or none; then files and folders, or a query as in auralis list.",
            show_default=False,
        ),
    ] = None,
    favourite: Annotated[
        bool | None,
        typer.Option("--favourite/--no-favourite", help="Make it a favourite, or none any more.", show_default=False),
    ] = None,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    player: Annotated[
        str | None,
        typer.Option("--player", metavar="NAME", help="Without QUERY: what the player of that name plays."),
    ] = None,
    dry_run: DryRun = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Say how you like tracks.

    Gives them a rating, or makes them favourites. Without QUERY that is the track that plays.
    """
    from auralis_cli.services.rating import rate_tracks

    session = session_of(context)
    check_one({"--json": json, "--jsonl": jsonl})
    wish, asked = _wish(tuple(words or ()), favourite)
    check_names(asked, files_from, names_end_in_nul=null)
    names_any = bool(asked) or files_from is not None
    if names_any and player is not None:
        raise UsageError("--player", "is for the track that plays", "leave QUERY out")
    with opened_library(session, read_only=dry_run) as store:
        if names_any:
            tracks, failures = asked_tracks(session, store, asked, files_from, names_end_in_nul=null)
        else:
            tracks, failures = [_playing(session, store, player)], []
        rated = rate_tracks(store, tracks, wish, lambda: int(time.time()), dry_run=dry_run)
    if json or jsonl:
        _show_json(session, rated, failures, dry_run=dry_run, lines=jsonl)
    else:
        _show(session, rated, dry_run=dry_run)
    return tell_failures(session, failures, len(rated))


def _wish(words: tuple[str, ...], favourite: bool | None) -> tuple[LikingWish, tuple[str, ...]]:
    """What is wished, and the words that are left for the query."""
    try:
        if not words:
            raise ValueError("is missing")
        return LikingWish(True, RATING.parse(words[0]), favourite), words[1:]
    except ValueError as error:
        if favourite is None:
            raise UsageError("VALUE", str(error), "auralis rate 4.5 QUERY") from error
        return LikingWish(favourite=favourite), words


def _playing(session: Session, store: Store, player: str | None) -> Track:
    """The library's track of what the running player plays."""
    from auralis_cli.commands.playing_track import playing_track

    playing = playing_track(session, player)
    number = store.tracks.ids_at([playing.path]).get((playing.path, playing.cue_number))
    track = None if number is None else store.tracks.get(number)
    if track is None:
        raise InputError(playing.path, "is not in the library", "auralis scan adds it")
    return track


def _show_json(
    session: Session, rated: Sequence[RatedTrack], failures: Sequence[InputError], *, dry_run: bool, lines: bool
) -> None:
    items = [*(_document(one, dry_run=dry_run) for one in rated), *(failure(one.what, one) for one in failures)]
    if not lines:
        session.output.document({"auralis": FORMAT_VERSION, "items": items})
        return
    for item in items:
        session.output.json_line(item)


def _document(one: RatedTrack, *, dry_run: bool) -> Mapping[str, object]:
    return {
        "id": one.track.id,
        "path": one.track.path,
        "title": one.track.title,
        "artist": one.track.artist,
        "rating": one.after.rating,
        "favourite": one.after.favourite,
        "rating_before": one.before.rating,
        "favourite_before": one.before.favourite,
        "changed": one.is_changed,
        "dry_run": dry_run,
    }


def _show(session: Session, rated: Sequence[RatedTrack], *, dry_run: bool) -> None:
    changed = [one for one in rated if one.is_changed]
    for one in changed:
        rating = "-" if one.after.rating is None else f"{one.after.rating:g}"
        name = one.track.title if one.track.artist is None else f"{one.track.artist} - {one.track.title}"
        cells = (rating, "favourite" if one.after.favourite else "", printable(name))
        session.output.result(align(cells, (4, 9, 0), right=(0,)))
    if not rated:
        session.output.note("no track is found")
        return
    done = "would be changed" if dry_run else "changed"
    as_they_were = len(rated) - len(changed)
    left = f", {as_they_were:,} as they were" if as_they_were else ""
    session.output.note(f"{count_in_words(len(changed), 'track')} {done}{left}")
