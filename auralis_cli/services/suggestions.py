"""Genres and moods for tracks without: what those of the user's own tracks that sound alike are tagged with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from auralis_cli.analysis.neighbour_votes import LEAST_TRACKS, NeighbourVotes, Tagged
from auralis_cli.db.store import Store
from auralis_cli.model.fields import TRACK_FIELDS
from auralis_cli.model.library import Track
from auralis_cli.model.query import Clause, Query, TextIs, TextMatch
from auralis_cli.model.suggestions import SuggestedField, TagSuggestion, TagSuggestions, Trial
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.found_tracks import found_tracks
from auralis_cli.services.journeys import rows_of_tracks, signs_of
from auralis_cli.services.sound_matrix import SoundMatrix, load_matrix


@dataclass(frozen=True, slots=True)
class _Known:
    """Tagged tracks, one of each content."""

    ids: tuple[int, ...]
    tagged: Tagged


def suggest(store: Store, query: Query, field: SuggestedField, *, limit: int | None = None) -> TagSuggestions:
    """What the field may be of tracks that the query finds and that have none: of `limit` tracks at most.

    Nothing where no tag has enough tracks, or where trying it on the tagged tracks does not beat always saying the
    commonest.
    """
    matrix = load_matrix(store)
    found = list(found_tracks(store, _without(query, field), limit=limit))
    rows = rows_of_tracks(store, matrix, [track.id for track in found])
    known = _known(store, matrix, field)
    deaf = [track.id for track in found if track.id not in rows]
    silent = len(store.fingerprints.of_tracks(deaf))
    nothing = TagSuggestions(field, (), None, len(found), len(deaf) - silent, silent)
    votes = NeighbourVotes(known.tagged)
    if max(votes.counts.values(), default=0) < LEAST_TRACKS:
        return replace(nothing, refusal=f"no {field} has {LEAST_TRACKS} tracks with a fingerprint to learn from")
    trial = votes.trial()
    if not trial.beats_the_commonest:
        why = f"the guesses are no better than always {trial.commonest!r}, but by chance"
        return replace(nothing, trial=trial, refusal=why)
    points = [(track, matrix.points[rows[track.id]]) for track in found if track.id in rows]
    return replace(nothing, trial=trial, suggestions=tuple(_suggested(points, votes, trial, known.ids)))


def _suggested(
    points: Sequence[tuple[Track, NDArray[np.float32]]], votes: NeighbourVotes, trial: Trial, ids: Sequence[int]
) -> Iterator[TagSuggestion]:
    """What the neighbours say, where the trial says how much that is worth."""
    worth = {one.tag: one.right / one.guessed for one in trial.tags}
    for track, point in points:
        guess = votes.guess(point)
        if guess is not None and guess.tag in worth:
            yield TagSuggestion(track, guess.tag, worth[guess.tag], tuple(ids[row] for row in guess.rows))


def _known(store: Store, matrix: SoundMatrix, field: SuggestedField) -> _Known:
    tags = store.kinds.genres() if field is SuggestedField.GENRE else store.kinds.moods()
    first = store.similarity.first_tracks(tags)
    tracks = store.tracks.by_ids(list(first.values()))
    rows = rows_of_tracks(store, matrix, [track.id for track in tracks])
    tracks = tuple(track for track in tracks if track.id in rows)
    places = [rows[track.id] for track in tracks]
    own = [tags[int(matrix.ids[row])] for row in places]
    return _Known(tuple(track.id for track in tracks), Tagged(matrix.points[places], signs_of(tracks), own))


def _without(query: Query, field: SuggestedField) -> Query:
    """What of the query has no such tag."""
    untagged = Clause(TextIs(TRACK_FIELDS.by_name[field], TextMatch.HOLDS, ""), negated=True)
    return replace(query, alternatives=tuple((*clauses, untagged) for clauses in query.alternatives or ((),)))
