"""What `auralis playlist` does: playlists made, shown and changed, each change an entry of the journal."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

from auralis_cli.db.store import Store
from auralis_cli.errors import UsageError
from auralis_cli.model.journeys import Ordering
from auralis_cli.model.playlists import NewEntry, Playlist, PlaylistChange, PlaylistEntry, PlaylistKind
from auralis_cli.model.query import Query
from auralis_cli.model.query_words import Surroundings, parse_query, parse_text, text_of, whole_likeness
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.changes import changes
from auralis_cli.services.found_tracks import found_ids, found_tracks
from auralis_cli.services.likeness import ranked

_POSITIONS = re.compile(r"(\d{1,9})(?:(?:-|\.\.)(\d{1,9}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Doing:
    """How a change is made: when, and whether it is only to be told what it would be."""

    now: int
    dry_run: bool = False

    @contextmanager
    def change(self, store: Store, summary: str) -> Iterator[None]:
        """One transaction in an entry of the journal; a dry run takes everything back."""
        if self.dry_run:
            with suppress(_OnlyTriedError), store.database.write():
                yield
                raise _OnlyTriedError
            return
        with changes(store, "playlist", summary, lambda: self.now) as change, change.transaction():
            yield


class _OnlyTriedError(Exception):
    """Ends the transaction of a dry run."""


def list_playlists(store: Store, now: int) -> tuple[Playlist, ...]:
    """All playlists by name; what smart ones find is counted as well, where their query can still be served."""
    found = []
    for playlist in store.playlists.all():
        if playlist.query is not None:
            with suppress(UsageError):
                ids = found_ids(store, parse_text(playlist.query, Surroundings(now)))
                tracks, missing, duration_s = store.playlists.totals(ids)
                playlist = replace(playlist, tracks=tracks, missing=missing, duration_s=duration_s)
        found.append(playlist)
    return tuple(found)


def playlist_entries(store: Store, playlist: Playlist, now: int) -> Iterator[PlaylistEntry]:
    """What is in a playlist, in order: its entries, or what its query finds now."""
    if playlist.query is None:
        yield from store.playlists.entries(playlist)
        return
    tracks = found_tracks(store, parse_text(playlist.query, Surroundings(now)))
    for position, track in enumerate(tracks, 1):
        yield PlaylistEntry(position, track.path, track.cue_number, track.title, track.artist, track.duration_s, track)


def create_playlist(
    store: Store,
    name: str,
    words: Sequence[str],
    description: str | None,
    *,
    smart: bool,
    doing: Doing,
    ordering: Ordering | None = None,
) -> PlaylistChange:
    """A new playlist: of what the words find now or, where it is smart, whenever it is asked."""
    query = smart_query(words, doing.now) if smart else None
    if query is not None:
        # One like a track that has no fingerprint is refused at once, not when it is asked.
        ranked(store, parse_text(query, Surroundings(doing.now)))
    entries = [] if smart else new_entries(store, words, (), doing.now, ordering)
    with doing.change(store, f"{name} created"):
        playlist = store.playlists.create(name, query=query, description=description, now=doing.now)
        added = store.playlists.add(playlist, entries, now=doing.now) if entries else 0
        return _changed(store, playlist, added=added)


def add_to_playlist(
    store: Store, name: str, entries: Sequence[NewEntry], at: int | None, *, doing: Doing
) -> PlaylistChange:
    """Puts entries into a playlist, at the end or so that the first stands at position `at`."""
    playlist = _static(store, name)
    with doing.change(store, f"{playlist.name}: {len(entries)} added"):
        added = store.playlists.add(playlist, entries, at=at, now=doing.now) if entries else 0
        return _changed(store, playlist, added=added)


def remove_from_playlist(
    store: Store, name: str, words: Sequence[str], *, doing: Doing, as_read: Sequence[PlaylistEntry] = ()
) -> PlaylistChange:
    """Takes out the entries that words say: positions, paths, or a query.

    Nothing is done, and UsageError raised, where these, or entries `as_read` before, stand elsewhere by now.
    """
    playlist = _static(store, name)
    entries = store.playlists.entries(playlist)
    positions = _positions(store, playlist, entries, words, doing.now)
    chosen = [entry for entry in entries if entry.position in positions]
    with doing.change(store, f"{playlist.name}: {len(positions)} removed"):
        _check_places(store, playlist, [*as_read, *chosen], doing.now)
        if positions:
            store.playlists.remove(playlist, positions, now=doing.now)
        return _changed(store, playlist, removed=len(positions))


def move_in_playlist(
    store: Store, name: str, origin: int, target: int, *, doing: Doing, as_read: Sequence[PlaylistEntry] = ()
) -> PlaylistChange:
    """Moves an entry to another position; entries `as_read` as in `remove_from_playlist`."""
    playlist = _static(store, name)
    with doing.change(store, f"{playlist.name}: {origin} moved to {target}"):
        _check_places(store, playlist, as_read, doing.now)
        store.playlists.move(playlist, origin, target, now=doing.now)
        return _changed(store, playlist, moved=1)


def rename_playlist(store: Store, name: str, new: str, *, doing: Doing) -> PlaylistChange:
    """Gives a playlist another name."""
    playlist = store.playlists.named(name)
    with doing.change(store, f"{playlist.name} renamed to {new}"):
        store.playlists.rename(playlist, new, now=doing.now)
        return _changed(store, replace(playlist, name=new))


def describe_playlist(store: Store, name: str, description: str, *, doing: Doing) -> PlaylistChange:
    """Says what a playlist is for; an empty text takes that away."""
    playlist = store.playlists.named(name)
    with doing.change(store, f"{playlist.name} described"):
        store.playlists.describe(playlist, description, now=doing.now)
        return _changed(store, playlist)


def delete_playlists(store: Store, names: Sequence[str], *, doing: Doing) -> list[PlaylistChange]:
    """Deletes playlists, all or none; their tracks stay what they are."""
    playlists = {found.id: found for found in map(store.playlists.named, names)}.values()
    with doing.change(store, f"{', '.join(one.name for one in playlists)} deleted"):
        for playlist in playlists:
            store.playlists.delete(playlist)
    return [PlaylistChange(one.name, one.kind, removed=one.tracks) for one in playlists]


def new_entries(
    store: Store, words: Sequence[str], paths: Sequence[str], now: int, ordering: Ordering | None
) -> list[NewEntry]:
    """What words, as in `entries_of`, and paths stand for, in the order wanted."""
    if ordering is not None and ordering.journey is not None:
        from auralis_cli.services.playlist_order import journey_entries

        return journey_entries(store, words, ordering.journey, now)
    entries = [*(entries_of(store, words, now) if words else ()), *(NewEntry(os.path.abspath(path)) for path in paths)]
    if ordering is None:
        return entries
    from auralis_cli.services.playlist_order import smooth_entries

    return smooth_entries(store, entries)


def entries_of(store: Store, words: Sequence[str], now: int) -> list[NewEntry]:
    """What words on the command line stand for: each a file or folder, or all together a query."""
    if not all(map(os.path.exists, words)):
        return _found(store, parse_query(words, Surroundings(now, os.path.exists)))
    entries: list[NewEntry] = []
    for word in words:
        if os.path.isdir(word):
            entries += _found(store, parse_query([word], Surroundings(now, os.path.exists)))
        else:
            entries.append(NewEntry(os.path.abspath(word)))
    return entries


def smart_query(words: Sequence[str], now: int) -> str:
    """The text of a query as it is stored, proven to be one; files and folders are named by their paths."""
    if not words:
        raise UsageError("QUERY", "a smart playlist needs one")
    named = [f"path:{os.path.abspath(word)}" if os.path.exists(word) else whole_likeness(word) for word in words]
    text = text_of(named)
    parse_text(text, Surroundings(now))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise UsageError(text, "holds a name that is not UTF-8, which a stored query cannot") from None
    return text


def _found(store: Store, query: Query) -> list[NewEntry]:
    return [NewEntry(track.path, track.cue_number) for track in found_tracks(store, query)]


def _static(store: Store, name: str) -> Playlist:
    playlist = store.playlists.named(name)
    if playlist.kind is PlaylistKind.SMART:
        raise UsageError(playlist.name, "is a smart playlist: its query says what is in it")
    return playlist


def _check_places(store: Store, playlist: Playlist, as_read: Sequence[PlaylistEntry], now: int) -> None:
    if as_read:
        there = {one.position: (one.path, one.cue_number) for one in playlist_entries(store, playlist, now)}
        if any(there.get(one.position) != (one.path, one.cue_number) for one in as_read):
            raise UsageError(playlist.name, "has changed meanwhile: nothing was done")


def _positions(
    store: Store, playlist: Playlist, entries: Sequence[PlaylistEntry], words: Sequence[str], now: int
) -> set[int]:
    ranges = [_POSITIONS.fullmatch(word) for word in words]
    if all(ranges):
        return {position for one in ranges if one for position in _range(one, playlist)}
    paths = {os.path.abspath(word) for word in words} | set(words)
    named = {entry.path for entry in entries} & paths
    if all(word in named or os.path.abspath(word) in named for word in words):
        return {entry.position for entry in entries if entry.path in named}
    ids = set(found_ids(store, parse_query(words, Surroundings(now, os.path.exists))))
    return {entry.position for entry in entries if entry.track is not None and entry.track.id in ids}


def _range(found: re.Match[str], playlist: Playlist) -> range:
    first, last = int(found[1]), int(found[2] or found[1])
    if not 1 <= first <= last <= playlist.tracks:
        raise UsageError(found[0], "there is no such position", f"{playlist.name} has {playlist.tracks}")
    return range(first, last + 1)


def _changed(store: Store, playlist: Playlist, *, added: int = 0, removed: int = 0, moved: int = 0) -> PlaylistChange:
    now = store.playlists.named(playlist.name)
    return PlaylistChange(now.name, now.kind, added, removed, moved, now.tracks, now.missing)
