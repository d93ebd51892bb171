"""Takes over what another program, tags or an export say of how tracks are liked and were played.

A file is the library's where their paths are the same to the byte; of an export also where one track alone has the
same audio. Nothing is guessed from names. Counts never go down and ratings that are there stay, unless it is wished.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field, replace
from enum import StrEnum
from itertools import islice
from pathlib import Path

from auralis_cli.audio.opened_tags import asked_of_tags
from auralis_cli.audio.rating_tags import read_play_data
from auralis_cli.db.store import Store
from auralis_cli.errors import InputError
from auralis_cli.model.library import Track
from auralis_cli.model.plays import Liking, PastPlay, PlayData
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.changes import changes
from auralis_cli.services.rating import RatedTrack
from auralis_cli.units import count_in_words

_CHUNK = 500


class PlayPart(StrEnum):
    """What may be taken over."""

    RATINGS = "ratings"
    FAVOURITES = "favourites"
    COUNTS = "counts"


@dataclass(frozen=True, slots=True)
class PlayImporting:
    """How it is taken over."""

    # What the source is called in the journal.
    source: str
    parts: frozenset[PlayPart] = frozenset(PlayPart)
    # Whether what is said replaces what is known.
    replace: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class PlayImportReport:
    """What came of it."""

    # Every track that was found, and how it is liked now.
    tracks: tuple[RatedTrack, ...]
    # Plays that were added to the history.
    plays: int
    unmatched: tuple[str, ...]
    failures: tuple[InputError, ...]

    @property
    def changed(self) -> int:
        """How many tracks are liked otherwise."""
        return sum(one.is_changed for one in self.tracks)


@dataclass(slots=True)
class _Gathered:
    """What is found so far."""

    before: dict[int, Liking] = field(default_factory=dict)
    after: dict[int, Liking] = field(default_factory=dict)
    known_plays: dict[int, set[PastPlay]] = field(default_factory=dict)
    new_plays: list[tuple[int, PastPlay]] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    failures: list[InputError] = field(default_factory=list)


def import_plays(
    store: Store,
    found: Iterable[PlayData | InputError],
    how: PlayImporting,
    clock: Callable[[], int],
    cancel: CancelToken,
) -> PlayImportReport:
    """Takes over what is found, all of it in one change of the journal, or says what that would do."""
    gathered = _Gathered()
    for some in _chunks(found):
        cancel.raise_if_cancelled()
        _gather(store, some, how, gathered)
    tracks = {track.id: track for track in store.tracks.by_ids(list(gathered.before))}
    rated = tuple(
        RatedTrack(tracks[number], gathered.before[number], liking) for number, liking in gathered.after.items()
    )
    changed = {one.track.id: (one.before, one.after) for one in rated if one.is_changed}
    report = PlayImportReport(rated, len(gathered.new_plays), tuple(gathered.unmatched), tuple(gathered.failures))
    if (changed or gathered.new_plays) and not how.dry_run:
        store.plays.make_room(changed)
        said = [count_in_words(len(changed), "track")]
        said += [count_in_words(len(gathered.new_plays), "play")] if gathered.new_plays else []
        summary = f"{how.source}: {', '.join(said)}"
        with changes(store, "plays import", summary, clock) as change, change.transaction():
            store.plays.like(changed)
            store.plays.add_past(gathered.new_plays)
    return report


def tagged_plays(
    tracks: Sequence[Track], progress: ProgressSink, cancel: CancelToken
) -> Iterator[PlayData | InputError]:
    """What the tags of the tracks' files say; tracks of cue sheets have none of their own."""
    whole = [track for track in tracks if not track.cue_number]
    for number, track in enumerate(whole):
        cancel.raise_if_cancelled()
        progress.step("reading tags", number / len(whole))
        try:
            told = asked_of_tags(Path(track.path), read_play_data)
        except InputError as error:
            yield error
            continue
        if (told.rating, told.is_favourite, told.play_count) != (None, None, None):
            yield PlayData(track.path, rating=told.rating, favourite=told.is_favourite, play_count=told.play_count)


def _chunks(found: Iterable[PlayData | InputError]) -> Iterator[list[PlayData | InputError]]:
    rest = iter(found)
    while some := list(islice(rest, _CHUNK)):
        yield some


def _gather(store: Store, some: Sequence[PlayData | InputError], how: PlayImporting, gathered: _Gathered) -> None:
    data = [one for one in some if isinstance(one, PlayData)]
    gathered.failures += [one for one in some if isinstance(one, InputError)]
    matched = _matched(store, data)
    ids = set(matched.values())
    new = [number for number in ids if number not in gathered.before]
    likings = store.plays.likings(new)
    for number in new:
        gathered.before[number] = gathered.after[number] = likings.get(number, Liking())
    if any(one.plays for one in data):
        unasked = [number for number in ids if number not in gathered.known_plays]
        past = store.plays.past(unasked)
        gathered.known_plays.update({number: set(past.get(number, ())) for number in unasked})
    for index, one in enumerate(data):
        found = matched.get(index)
        if found is None:
            gathered.unmatched.append(one.path if not one.cue_number else f"{one.path}#{one.cue_number}")
            continue
        gathered.after[found] = merged(gathered.after[found], one, how)
        if PlayPart.COUNTS in how.parts:
            _add_plays(gathered, found, one.plays)


def merged(known: Liking, data: PlayData, how: PlayImporting) -> Liking:
    """What is known of a track with what is said of it."""
    result = known
    if PlayPart.RATINGS in how.parts and data.rating is not None and (known.rating is None or how.replace):
        result = replace(result, rating=data.rating)
    if PlayPart.FAVOURITES in how.parts and data.favourite is not None and (data.favourite or how.replace):
        result = replace(result, favourite=data.favourite)
    if PlayPart.COUNTS not in how.parts:
        return result
    if data.play_count is not None:
        result = replace(result, play_count=data.play_count if how.replace else max(known.play_count, data.play_count))
    if data.skip_count is not None:
        result = replace(result, skip_count=data.skip_count if how.replace else max(known.skip_count, data.skip_count))
    if data.last_played_at is not None:
        latest = data.last_played_at if how.replace else max(known.last_played_at or 0, data.last_played_at)
        result = replace(result, last_played_at=latest)
    return result


def _add_plays(gathered: _Gathered, track_id: int, plays: Sequence[PastPlay]) -> None:
    if not plays:
        return
    known = gathered.known_plays[track_id]
    for play in plays:
        if play not in known:
            known.add(play)
            gathered.new_plays.append((track_id, play))


def _matched(store: Store, data: Sequence[PlayData]) -> dict[int, int]:
    """Which of `data`, by index, is which track."""
    ids = store.tracks.ids_at({one.path for one in data})
    found = {
        index: ids[one.path, one.cue_number] for index, one in enumerate(data) if (one.path, one.cue_number) in ids
    }
    strangers = {index: one for index, one in enumerate(data) if index not in found and one.content_id is not None}
    if strangers:
        alike = store.tracks.ids_of_contents({one.content_id for one in strangers.values() if one.content_id})
        for index, one in strangers.items():
            same = alike.get((one.content_id or "", one.cue_number), ())
            if len(same) == 1:
                found[index] = same[0]
    return found
