"""The queue of a running player page by page, and edits of it that mean items by their tickets.

A queue moves while it plays: what was at position 7 when a key was pressed may be at 6 when the player hears of it.
Edits in here look for the items they mean just before they are told.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from auralis_cli.errors import AuralisError, LibraryError, RefusedError
from auralis_cli.model.playlists import PlaylistEntry
from auralis_cli.model.queue import Queue, QueueItem, QueueTrack
from auralis_cli.model.tag_changes import TagTarget
from auralis_cli.model.tagged_files import BETWEEN_VALUES
from auralis_cli.player.control_protocol import LONGEST_LINE_BYTES, SHOW_QUEUE
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.remote_player import QueuedItem, queued_item
from auralis_cli.version import VERSION

# So many characters of positions go into one request.
_POSITIONS_CHARACTERS = LONGEST_LINE_BYTES // 2


class TellsPlayer(Protocol):
    """What these edits need of a connection to a player."""

    def do(self, action: str, **arguments: object) -> Any:
        """Does an action, or asks a question."""
        ...


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Some items of a queue in a row, and the queue they are of."""

    revision: int
    # What plays, from 0; None where the queue is empty.
    index: int | None
    length: int
    # The place of the first of the items, from 0.
    first: int
    items: tuple[QueuedItem, ...]


class ItemText(NamedTuple):
    """What is shown of an item beside the name of its file, as far as it is known."""

    title: str | None = None
    artist: str | None = None
    album: str | None = None
    duration_s: float | None = None
    is_missing: bool = False


def queue_page(player: TellsPlayer, first: int = 0) -> QueuePage:
    """As many items from a place on as go into an answer; none behind the end."""
    told = player.do(SHOW_QUEUE, first=first)
    items = tuple(map(queued_item, told["items"]))
    return QueuePage(told["revision"], told["index"], told["length"], first, items)


def found_items(player: TellsPlayer, wanted: Mapping[int, int | None]) -> dict[int, QueuedItem]:
    """The items with these tickets by where they stand now, looked for where they stood; those that are gone are not
    in it.
    """
    while True:
        found: dict[int, QueuedItem] = {}
        left, revisions = set(wanted), set[int]()
        for page in _pages_to_look_at(player, wanted):
            revisions.add(page.revision)
            _take(page, left, found)
            if not left or len(revisions) > 1:
                break
        # Pages of two queues say neither where an item stands nor that it is gone.
        if len(revisions) <= 1:
            return dict(sorted(found.items()))


def _pages_to_look_at(player: TellsPlayer, wanted: Mapping[int, int | None]) -> Iterator[QueuePage]:
    """Those on which the items stood, then all."""
    guesses = sorted(place for place in wanted.values() if place is not None)
    while guesses:
        page = queue_page(player, guesses[0])
        yield page
        guesses = [place for place in guesses if place >= page.first + max(1, len(page.items))]
    first = 0
    while True:
        page = queue_page(player, first)
        yield page
        first += len(page.items)
        if first >= page.length or not page.items:
            return


def places_of(player: TellsPlayer, wanted: Mapping[int, int | None]) -> dict[int, int]:
    """Where the items with these tickets stand now; those that are gone are left out."""
    return {item.ticket: place for place, item in found_items(player, wanted).items()}


def whole_queue(player: TellsPlayer) -> Queue:
    """All of it as it is at one moment, to be kept: where it plays, and that it is shuffled, is of the player."""
    while True:
        page = first = queue_page(player)
        items = list(first.items)
        while page.revision == first.revision and page.items and len(items) < first.length:
            page = queue_page(player, len(items))
            items += page.items
        if page.revision == first.revision:
            queued = tuple(QueueItem(item.ticket, item.track) for item in items)
            return Queue(queued, -1 if first.index is None else first.index)


def remove_items(player: TellsPlayer, wanted: Mapping[int, int | None]) -> None:
    """Takes the items with these tickets out, wherever they stand now; those that are gone already are gone."""
    places = places_of(player, wanted)
    # From behind: what is taken out first moves nothing that is told next. Mostly it is one request, and one edit.
    for positions in reversed(list(_positions_in_lines(sorted(places.values())))):
        player.do("remove", positions=positions)


def _positions_in_lines(places: Sequence[int]) -> Iterator[str]:
    """These places as ranges of positions, `1-5 8`, as many as go into a request."""
    line: list[str] = []
    characters = 0
    # Of places in a row, each is as far from its number among them as the first.
    for _, row in groupby(enumerate(places), lambda numbered: numbered[1] - numbered[0]):
        run = [place for _, place in row]
        line.append(f"{run[0] + 1}-{run[-1] + 1}")
        characters += len(line[-1]) + 1
        if characters > _POSITIONS_CHARACTERS:
            yield " ".join(line)
            line, characters = [], 0
    if line:
        yield " ".join(line)


def move_items(player: TellsPlayer, wanted: Mapping[int, int | None], by: int) -> None:
    """Moves each of these items by so many places, as a block: at an end it stays as it is."""
    places = sorted(places_of(player, wanted).values())
    if not places:
        raise RefusedError("queue", "what was to be moved is gone")
    for origin, target in block_moves(places, by, queue_page(player, places[-1]).length):
        player.do("move", origin=origin + 1, target=target + 1)


def gather_items(player: TellsPlayer, wanted: Mapping[int, int | None], *, at_end: bool) -> None:
    """Brings these items together: at the end of the queue, else behind what plays."""
    places = sorted(places_of(player, wanted).values())
    page = queue_page(player)
    moves = to_end(places, page.length) if at_end else behind(places, -1 if page.index is None else page.index)
    for origin, target in moves:
        player.do("move", origin=origin + 1, target=target + 1)


def to_end(places: Sequence[int], length: int) -> list[tuple[int, int]]:
    """The single moves, in order, that bring the items at these places to the end."""
    if places and places[0] == length - len(places):
        return []
    return [(place - n, length - 1) for n, place in enumerate(places) if place - n != length - 1]


def behind(places: Sequence[int], index: int) -> list[tuple[int, int]]:
    """The single moves, in order, that bring the items at these places behind that at `index`, which itself stays."""
    moves, gone, brought = [], 0, 0
    for place in places:
        if place == index:
            continue
        # Each that comes from before makes room there.
        gone += place < index
        brought += 1
        moves.append((place - gone + 1 if place < index else place, index - gone + brought))
    return [(origin, target) for origin, target in moves if origin != target]


def block_moves(places: Sequence[int], by: int, length: int) -> Iterator[tuple[int, int]]:
    """The single moves, in order, that carry the items at these places so far; none where one would fall off."""
    if not places or places[0] + by < 0 or places[-1] + by >= length:
        return
    for place in reversed(places) if by > 0 else places:
        yield place, place + by


def play_item(player: TellsPlayer, ticket: int, place: int | None) -> None:
    """Plays the item with that ticket; RefusedError where it is gone."""
    found = places_of(player, {ticket: place})
    if ticket not in found:
        raise RefusedError("queue", "that track is no longer in it")
    player.do("jump", position=found[ticket] + 1)


def described(library: Path, items: Sequence[QueuedItem]) -> list[ItemText | None]:
    """What the library knows of these items; None for those it does not have, for all where it cannot be asked."""
    if items and library.exists():
        # Not for a screen that is just coming up.
        from auralis_cli.db.store import Store
        from auralis_cli.services.queue_editing import queue_entries

        try:
            with Store.open(library, program=VERSION, now=0, read_only=True) as store:
                queued = tuple(QueueItem(place, item.track) for place, item in enumerate(items))
                return [_text_of(entry) for entry in queue_entries(store, Queue(queued, 0))]
        except LibraryError:
            pass
    return [None] * len(items)


def described_by_tags(track: QueueTrack) -> ItemText:
    """What the tags of a file say that no library has; nothing where they cannot be read."""
    from auralis_cli.services.file_tags import read_tagged_file

    if track.cue_number:
        return ItemText(is_missing=not os.path.exists(track.path))
    try:
        tags = read_tagged_file(TagTarget(track.path)).tags
    except AuralisError:
        return ItemText(is_missing=not os.path.exists(track.path))
    title, artist, album = (BETWEEN_VALUES.join(tags.get(name, ())) or None for name in ("title", "artist", "album"))
    return ItemText(title, artist, album)


def _text_of(entry: PlaylistEntry) -> ItemText | None:
    track = entry.track
    if track is None:
        return None
    return ItemText(entry.title, entry.artist, track.album, entry.duration_s, entry.is_missing)


def _take(page: QueuePage, left: set[int], found: dict[int, QueuedItem]) -> None:
    for place, item in enumerate(page.items, page.first):
        if item.ticket in left:
            left.remove(item.ticket)
            found[place] = item
