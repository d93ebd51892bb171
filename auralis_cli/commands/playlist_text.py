"""Playlists as people read them, and their entries as rows for programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, make_dataclass

from auralis_cli.model.fields import TRACK_FIELDS, Field, FieldKind, FieldTable
from auralis_cli.model.library import FileStatus, Track
from auralis_cli.model.playlists import ExportReport, Playlist, PlaylistChange, PlaylistEntry, PlaylistKind
from auralis_cli.output import Output
from auralis_cli.terminal_text import align, display_width, printable, shortened
from auralis_cli.units import count_in_words, seconds_to_clock

_WIDEST, _NARROWEST, _LONGEST_NAME = 120, 20, 40
# Columns of a position, of a length, of what is wrong.
_PLACE, _CLOCK, _REMARK = 5, 8, 10
_OWN_FIELDS = (
    Field("position", FieldKind.WHOLE, (), "The place in the playlist, from 1."),
    Field("missing", FieldKind.FLAG, (), "Whether there is nothing to play."),
)
ENTRY_FIELDS = FieldTable(
    "playlist entry",
    (*_OWN_FIELDS, *TRACK_FIELDS.fields),
    {**TRACK_FIELDS.by_name, **{field.name: field for field in _OWN_FIELDS}},
)


# An entry with the keys of a track, empty where the library has none.
_ROW = make_dataclass(
    "_ROW", ["position", "missing", *(field.name for field in fields(Track))], frozen=True, slots=True
)


def entry_row(entry: PlaylistEntry) -> object:
    """The entry with its position, whether it is missing, and everything that is known of its track."""
    known = {field.name: None if entry.track is None else getattr(entry.track, field.name) for field in fields(Track)}
    own = {name: getattr(entry, name) for name in ("path", "cue_number", "title", "artist", "duration_s")}
    row: object = _ROW(position=entry.position, missing=entry.is_missing, **{**known, **own})
    return row


def show_playlists(output: Output, playlists: Iterable[Playlist]) -> None:
    """A line each, with the query of those that have one."""
    found = list(playlists)
    if not found:
        output.note("no playlists")
        return
    names = [shortened(printable(one.name), _LONGEST_NAME) for one in found]
    widths = (max(map(display_width, names)), 7, _CLOCK, 0)
    for one, name in zip(found, names, strict=True):
        remarks = []
        if one.missing:
            remarks.append(output.styled(f"{one.missing:,} missing", "red"))
        if one.kind is PlaylistKind.SMART:
            remarks.append(output.styled(printable(one.query or ""), "dim"))
        cells = (name, f"{one.tracks:,}", seconds_to_clock(one.duration_s), "  ".join(remarks))
        output.result(align(cells, widths, right=(1, 2)))


def show_entries(output: Output, entries: Iterable[PlaylistEntry]) -> None:
    """A line each: position, who and what, how long; what is missing says so, with its path."""
    room = max(_NARROWEST, output.columns(_WIDEST) - _PLACE - _CLOCK - _REMARK - 6)
    for entry in entries:
        length = "" if entry.duration_s is None else seconds_to_clock(entry.duration_s)
        line = align((f"{entry.position}", named_entry(entry, room), length), (_PLACE, room, _CLOCK), right=(0, 2))
        if entry.is_missing:
            line = f"{output.styled(line, 'dim')}  {output.styled('missing', 'red')}"
        elif entry.track is not None and entry.track.status is not FileStatus.PRESENT:
            line = f"{output.styled(line, 'dim')}  {output.styled(entry.track.status, 'red')}"
        output.result(line)


def named_entry(entry: PlaylistEntry, columns: int) -> str:
    """Who and what; of a track that the library does not have also the end of its path, as much as there is room."""
    named = " - ".join(printable(part) for part in (entry.artist, entry.title) if part)
    if entry.track is not None:
        return shortened(named, columns)
    path = printable(entry.path) + (f"#{entry.cue_number}" if entry.cue_number else "")
    room = columns - display_width(f"{named} ()") if named else columns
    if room < _NARROWEST:
        return shortened(named, columns)
    if display_width(path) > room:
        cut = len(path) - room + 1
        while display_width(path[cut:]) > room - 1:
            cut += 1
        path = "…" + path[cut:]
    return f"{named} ({path})" if named else path


def show_change(output: Output, change: PlaylistChange, *, dry_run: bool) -> None:
    """What was done, or would be, in a line."""
    counts = ((change.added, "added"), (change.removed, "removed"), (change.moved, "moved"))
    done = [f"{count:,} {word}" for count, word in counts if count]
    if change.kind is PlaylistKind.STATIC:
        done.append(count_in_words(change.tracks, "entry", "entries"))
    else:
        done.append("smart")
    if change.missing:
        done.append(f"{change.missing:,} missing")
    output.result(f"{'dry run: ' if dry_run else ''}{printable(change.name)}: {', '.join(done)}")


def show_export(output: Output, report: ExportReport, *, dry_run: bool) -> None:
    """Where the playlist went, or would go."""
    target = "standard output" if report.path is None else printable(report.path)
    entries = count_in_words(report.entries, "entry", "entries")
    output.result(f"{'dry run: ' if dry_run else ''}{target}: {entries} of {printable(report.name)}, {report.format}")
