"""Playlists and their entries.

An entry is a track or, where the library has none, a path. That an entry follows its track, outlives it and finds it
again is done by triggers of the schema.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches

from auralis_cli.db.connection import LibraryDatabase, Row
from auralis_cli.db.in_lists import CHUNK, marks
from auralis_cli.db.tracks import TrackRepository
from auralis_cli.errors import RefusedError, UsageError
from auralis_cli.model.playlists import (
    MAX_DESCRIPTION_LETTERS,
    NewEntry,
    Playlist,
    PlaylistEntry,
    PlaylistKind,
    check_name,
    name_key,
)

# Between two entries, so that others fit in.
_GAP = 1 << 20

_LIST = """
SELECT p.id, p.name, p.kind, p.query, p.description,
    count(e.id), coalesce(sum(e.id IS NOT NULL AND coalesce(f.status, 'missing') = 'missing'), 0),
    coalesce(sum(coalesce(t.duration_s, e.duration_s)), 0.0), p.created_at, p.updated_at
FROM playlists AS p
LEFT JOIN playlist_entries AS e ON e.playlist_id = p.id
LEFT JOIN tracks AS t ON t.id = e.track_id
LEFT JOIN files AS f ON f.id = t.file_id
WHERE {condition} GROUP BY p.id ORDER BY p.key
"""
_TRACKS_AT = """
SELECT f.path, f.path, t.cue_number, t.id FROM files AS f JOIN tracks AS t ON t.file_id = f.id
WHERE f.path IN ({marks})
UNION ALL
SELECT sheet.path, f.path, t.cue_number, t.id
FROM files AS sheet JOIN tracks AS t ON t.sheet_id = sheet.id JOIN files AS f ON f.id = t.file_id
WHERE sheet.path IN ({marks})
ORDER BY 1, 3, 2
"""
_ADD = """
INSERT INTO playlist_entries (playlist_id, position, track_id, path, cue_number, title, artist, duration_s)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
# All beyond the last one: no two entries ever have one place, not even for a moment.
_RENUMBER = """
UPDATE playlist_entries SET position = placed.position FROM (
    SELECT id, row_number() OVER (ORDER BY position) * ?1 + max(position) OVER () AS position
    FROM playlist_entries WHERE playlist_id = ?2
) AS placed WHERE placed.id = playlist_entries.id
"""


class PlaylistRepository:
    """Playlists; positions count from 1, and one that is not there raises UsageError."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def all(self) -> tuple[Playlist, ...]:
        """All playlists by name; smart ones have no tracks of their own."""
        return tuple(map(_playlist_of, self._database.all(_LIST.format(condition="1"))))

    def find(self, name: str) -> Playlist | None:
        """The playlist of that name, whatever its case."""
        row = self._database.one(_LIST.format(condition="p.key = ?"), (name_key(name),))
        return None if row is None else _playlist_of(row)

    def named(self, name: str) -> Playlist:
        """The playlist of that name; UsageError where there is none."""
        found = self.find(name)
        if found is None:
            names: dict[str, str] = dict(self._database.all("SELECT key, name FROM playlists"))
            close = get_close_matches(name_key(name), names, n=1)
            hint = f"did you mean {names[close[0]]}?" if close else "auralis playlist list shows all"
            raise UsageError(name, "there is no playlist of that name", hint)
        return found

    def entries(self, playlist: Playlist) -> tuple[PlaylistEntry, ...]:
        """The entries of a static playlist in order, each with its track where there is one."""
        with self._database.snapshot():
            rows = self._database.all(
                "SELECT track_id, path, cue_number, title, artist, duration_s FROM playlist_entries "
                "WHERE playlist_id = ? ORDER BY position",
                (playlist.id,),
            )
            chosen = "t.id IN (SELECT track_id FROM playlist_entries WHERE playlist_id = ?)"
            found = TrackRepository(self._database).select(chosen, (playlist.id,), order=("t.id",))
            tracks = {track.id: track for track in found}
        entries = []
        for position, (track_id, path, cue_number, title, artist, duration_s) in enumerate(rows, 1):
            track = tracks.get(track_id)
            if track is not None:
                title, artist, duration_s = track.title, track.artist, track.duration_s
            entries.append(PlaylistEntry(position, os.fsdecode(path), cue_number, title, artist, duration_s, track))
        return tuple(entries)

    def totals(self, ids: Iterable[int]) -> tuple[int, int, float]:
        """Of these tracks: how many there are, how many are missing, how long they are together."""
        row = self._database.one(
            "SELECT count(*), coalesce(sum(f.status = 'missing'), 0), coalesce(sum(t.duration_s), 0.0) "
            "FROM tracks AS t JOIN files AS f ON f.id = t.file_id WHERE t.id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        assert row is not None
        return row[0], row[1], row[2]

    # Changes

    def create(self, name: str, *, query: str | None = None, description: str | None = None, now: int) -> Playlist:
        """A new playlist; with a query, which has to be one that can be parsed, a smart one."""
        kind = PlaylistKind.STATIC if query is None else PlaylistKind.SMART
        with self._database.write():
            self._check_free(name, None)
            self._database.insert(
                "INSERT INTO playlists (key, name, kind, query, description, created_at, updated_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (name_key(name), name, kind.value, query, _description(description), now, now),
            )
            return self.named(name)

    def rename(self, playlist: Playlist, name: str, *, now: int) -> None:
        """Gives a playlist another name."""
        with self._database.write():
            self._check_free(name, playlist.id)
            self._database.run(
                "UPDATE playlists SET key = ?, name = ?, updated_at = ? WHERE id = ?",
                (name_key(name), name, now, playlist.id),
            )

    def describe(self, playlist: Playlist, description: str | None, *, now: int) -> None:
        """Says what a playlist is for; nothing takes that away."""
        self._database.run(
            "UPDATE playlists SET description = ?, updated_at = ? WHERE id = ?",
            (_description(description), now, playlist.id),
        )

    def delete(self, playlist: Playlist) -> None:
        """Deletes a playlist with its entries."""
        self._database.run("DELETE FROM playlists WHERE id = ?", (playlist.id,))

    def resolve(self, entries: Iterable[NewEntry]) -> list[tuple[NewEntry, int | None]]:
        """What entries are by the library: each with its track; a file or sheet of several is all of them."""
        wanted = list(entries)
        paths = sorted({os.fsencode(entry.path) for entry in wanted})
        found: dict[bytes, list[Row]] = {}
        for start in range(0, len(paths), CHUNK // 2):
            some = paths[start : start + CHUNK // 2]
            for row in self._database.all(_TRACKS_AT.format(marks=marks(len(some))), (*some, *some)):
                found.setdefault(row[0], []).append(row)
        return [one for entry in wanted for one in _resolved(entry, found.get(os.fsencode(entry.path), []))]

    def add(self, playlist: Playlist, entries: Iterable[NewEntry], *, at: int | None = None, now: int) -> int:
        """Puts entries in, so that the first stands at position `at`, or at the end; how many there were."""
        with self._database.write():
            resolved = self.resolve(entries)
            places = self._room(playlist, at, len(resolved))
            self._database.run_many(
                _ADD,
                (
                    (
                        playlist.id,
                        place,
                        track_id,
                        os.fsencode(entry.path),
                        entry.cue_number or 0,
                        entry.title,
                        entry.artist,
                        entry.duration_s,
                    )
                    for place, (entry, track_id) in zip(places, resolved, strict=True)
                ),
            )
            self._touch(playlist, now)
            return len(resolved)

    def remove(self, playlist: Playlist, positions: Collection[int], *, now: int) -> None:
        """Takes the entries at `positions` out."""
        with self._database.write():
            places = self._places(playlist)
            self._database.run_many(
                "DELETE FROM playlist_entries WHERE playlist_id = ? AND position = ?",
                [(playlist.id, places[_index(position, len(places))]) for position in set(positions)],
            )
            self._touch(playlist, now)

    def move(self, playlist: Playlist, origin: int, target: int, *, now: int) -> None:
        """Takes an entry out and puts it in again so that it stands at position `target`."""
        with self._database.write():
            places = self._places(playlist)
            entry = self._database.one(
                "SELECT id FROM playlist_entries WHERE playlist_id = ? AND position = ?",
                (playlist.id, places[_index(origin, len(places))]),
            )
            assert entry is not None
            _index(target, len(places))
            (place,) = self._room(playlist, target, 1, moved=entry[0])
            self._database.run("UPDATE playlist_entries SET position = ? WHERE id = ?", (place, entry[0]))
            self._touch(playlist, now)

    def _places(self, playlist: Playlist, but: int | None = None) -> list[int]:
        """Where the entries of a playlist stand, in order, one of them perhaps left out."""
        rows = self._database.all(
            "SELECT position FROM playlist_entries WHERE playlist_id = ? AND id IS NOT ? ORDER BY position",
            (playlist.id, but),
        )
        return [row[0] for row in rows]

    def _room(self, playlist: Playlist, at: int | None, count: int, moved: int | None = None) -> Sequence[int]:
        """Free places for `count` entries from position `at` on; all are renumbered where there is too little room."""
        places = self._places(playlist, moved)
        index = len(places) if at is None else _index(at, len(places) + 1)
        if index == len(places):
            first = (places[-1] if places else 0) + _GAP
            return range(first, first + _GAP * count, _GAP)
        after = places[index]
        if index == 0:
            return range(after - _GAP * count, after, _GAP)
        before = places[index - 1]
        if after - before <= count:
            self._database.run(_RENUMBER, (_GAP * (count + 1), playlist.id))
            return self._room(playlist, at, count, moved)
        return [before + (after - before) * number // (count + 1) for number in range(1, count + 1)]

    def _touch(self, playlist: Playlist, now: int) -> None:
        self._database.run("UPDATE playlists SET updated_at = ? WHERE id = ?", (now, playlist.id))

    def _check_free(self, name: str, own_id: int | None) -> None:
        taken = self._database.one("SELECT id FROM playlists WHERE key = ?", (name_key(check_name(name)),))
        if taken is not None and taken[0] != own_id:
            raise RefusedError(name, "there is a playlist of that name", "another name, or delete it first")


def _playlist_of(row: Row) -> Playlist:
    return Playlist(row[0], row[1], PlaylistKind(row[2]), *row[3:])


def _resolved(entry: NewEntry, rows: Sequence[Row]) -> Iterator[tuple[NewEntry, int | None]]:
    wanted = [row for row in rows if entry.cue_number is None or row[2] == entry.cue_number]
    if not wanted:
        yield entry, None
    for _, path, cue_number, track_id in wanted:
        # What it is called, the track knows.
        yield NewEntry(os.fsdecode(path), cue_number), track_id


def _index(position: int, length: int) -> int:
    if not 1 <= position <= length:
        raise UsageError(str(position), "there is no such position", f"from 1 to {length}" if length else "it is empty")
    return position - 1


def _description(text: str | None) -> str | None:
    if text is not None and len(text) > MAX_DESCRIPTION_LETTERS:
        raise UsageError(f"{text[:40]}…", f"a description has at most {MAX_DESCRIPTION_LETTERS} letters")
    return text or None
