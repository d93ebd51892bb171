"""`auralis suggest [QUERY…]`: genres and moods for tracks without, from the tags of what sounds alike."""

from __future__ import annotations

from typing import Annotated

import typer

from auralis_cli.commands.asked_query import asked_query
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.listing_forms import check_one
from auralis_cli.commands.options import AsJson, AsJsonLines, QueryWords
from auralis_cli.commands.parsers import Parser
from auralis_cli.commands.verb import Page, session_of
from auralis_cli.json_form import FORMAT_VERSION
from auralis_cli.kinds import Whole
from auralis_cli.model.suggestions import SuggestedField, TagSuggestion, TagSuggestions, Trial
from auralis_cli.output import Output
from auralis_cli.terminal_text import align, printable

PAGE = Page(
    examples=(
        ("auralis suggest", "A genre for every track that has none."),
        ("auralis suggest --field mood artist:air", "Moods, for some."),
        ("auralis suggest --json | jq .trial", "How often such suggestions are right."),
    ),
    exit_status=(
        (0, "Done, also where nothing is suggested."),
        (2, "Usage, or a query that cannot be served."),
        (5, "The library cannot be used."),
    ),
    details=(
        "The three tagged tracks of the library that sound most like a track are asked, the nearer the louder. Nothing "
        "else is known of music here: what is suggested is what you call such music yourself. Nothing is written.",
        "Before that, tagged tracks are tried, up to 1,000 of them: each is guessed from all the others, without "
        "copies of the same recording. How many were right is told beside what always saying the commonest would have "
        "got right. Where it is no better than that by more than chance (95 %), nothing is suggested, nor is a tag "
        "that fewer than five tracks have. The share behind a suggestion says how often that tag was right when it "
        "was guessed in the trial.",
    ),
    usage="[QUERY...]",
)
_MOST = 999_999_999


def suggest(
    context: typer.Context,
    query: QueryWords = None,
    field: Annotated[
        SuggestedField, typer.Option("--field", metavar="FIELD", help="What to suggest: genre or mood.")
    ] = SuggestedField.GENRE,
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="N", parser=Parser("--limit", Whole(0, _MOST)), help="For N tracks at most."),
    ] = None,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Suggest genres or moods for tracks that have none.

    They come from your own tags: from those of the tracks that sound alike. How often that is right is tried first.
    """
    from auralis_cli.services.suggestions import suggest as suggested

    session = session_of(context)
    check_one({"--json": json, "--jsonl": jsonl})
    parsed = asked_query(query)
    with opened_library(session, read_only=True) as store:
        found = suggested(store, parsed, field, limit=limit)
    if json:
        session.output.document(_document(found))
    elif jsonl:
        for one in found.suggestions:
            session.output.json_line(_item(field, one))
    else:
        _show(session.output, found.suggestions)
    if not json:
        _tell(session.output, found)
    return 0


def _show(output: Output, suggestions: tuple[TagSuggestion, ...]) -> None:
    width = max((len(printable(one.value)) for one in suggestions), default=0)
    for one in suggestions:
        named = " - ".join(printable(text) for text in (one.track.artist, one.track.title) if text)
        share = output.styled(f"{100.0 * one.confidence:3.0f} %", "dim")
        cells = (str(one.track.id), printable(one.value), share, named)
        output.result(align(cells, (6, width, 5, 0), right=(0, 2)))


def _tell(output: Output, found: TagSuggestions) -> None:
    """What stands beside the suggestions: how good they are, and why there are no more."""
    field, trial = found.field, found.trial
    if trial is not None:
        output.note(
            f"right for {trial.right} of {trial.asked} tagged tracks ({100.0 * trial.accuracy:.0f} %); always "
            f"saying {trial.commonest}: {trial.commonest_right} ({100.0 * trial.commonest_accuracy:.0f} %)"
        )
    if found.refusal is not None:
        output.note(f"nothing is suggested: {found.refusal}")
    elif not found.untagged:
        output.note(f"no track is found that has no {field}")
    if found.without_fingerprint:
        output.note(f"{found.without_fingerprint} without a fingerprint (auralis fingerprint makes them)")
    if found.silent:
        output.note(f"{found.silent} silent, and silence is like nothing")


def _document(found: TagSuggestions) -> dict[str, object]:
    return {
        "auralis": FORMAT_VERSION,
        "field": found.field,
        "untagged": found.untagged,
        "without_fingerprint": found.without_fingerprint,
        "silent": found.silent,
        "refusal": found.refusal,
        "trial": None if found.trial is None else _trial(found.trial),
        "items": [_item(found.field, one) for one in found.suggestions],
    }


def _trial(trial: Trial) -> dict[str, object]:
    return {
        "asked": trial.asked,
        "right": trial.right,
        "accuracy": trial.accuracy,
        "commonest": trial.commonest,
        "commonest_right": trial.commonest_right,
        "commonest_accuracy": trial.commonest_accuracy,
        "tags": trial.tags,
    }


def _item(field: SuggestedField, one: TagSuggestion) -> dict[str, object]:
    return {
        "id": one.track.id,
        "path": one.track.path,
        "title": one.track.title,
        "artist": one.track.artist,
        field: one.value,
        "confidence": one.confidence,
        "like": one.like,
    }
