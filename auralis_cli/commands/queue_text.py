"""The queue as people read it, its tracks as rows for programs, its history and its templates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, make_dataclass

from auralis_cli.commands.playlist_text import named_entry
from auralis_cli.model.fields import TRACK_FIELDS, Field, FieldKind, FieldTable
from auralis_cli.model.library import FileStatus, Track
from auralis_cli.model.player_choices import RepeatMode
from auralis_cli.model.playlists import PlaylistEntry
from auralis_cli.model.queue import Queue, QueueHistoryEntry, QueueTemplate
from auralis_cli.output import Output
from auralis_cli.terminal_text import align, display_width, printable, shortened
from auralis_cli.units import count_in_words, moment_in_words, seconds_to_clock

_WIDEST, _NARROWEST, _LONGEST_NAME = 120, 20, 40
# Columns of the mark, a position, a length, of what is wrong.
_MARK, _PLACE, _CLOCK, _REMARK = 1, 6, 8, 10
_OWN_FIELDS = (
    Field("position", FieldKind.WHOLE, (), "The place in the queue, from 1."),
    Field("current", FieldKind.FLAG, (), "Whether it is the one that plays, or would."),
)
QUEUE_FIELDS = FieldTable(
    "queue track",
    (*_OWN_FIELDS, *TRACK_FIELDS.fields),
    {**TRACK_FIELDS.by_name, **{field.name: field for field in _OWN_FIELDS}},
)
# An item with the keys of a track, empty where the library has none.
_ROW = make_dataclass(
    "_ROW", ["position", "current", *(field.name for field in fields(Track))], frozen=True, slots=True
)


def queue_row(entry: PlaylistEntry, queue: Queue) -> object:
    """A track of the queue with its position, and everything that is known of it."""
    known = {field.name: None if entry.track is None else getattr(entry.track, field.name) for field in fields(Track)}
    own = {name: getattr(entry, name) for name in ("path", "cue_number", "title", "artist", "duration_s")}
    row: object = _ROW(position=entry.position, current=entry.position == queue.index + 1, **{**known, **own})
    return row


def show_queue(output: Output, entries: Iterable[PlaylistEntry], queue: Queue) -> None:
    """A line each: a mark at the current one, position, who and what, how long; then how it goes on at the end."""
    room = max(_NARROWEST, output.columns(_WIDEST) - _MARK - _PLACE - _CLOCK - _REMARK - 8)
    total_s, unknown = 0.0, 0
    for entry in entries:
        total_s += entry.duration_s or 0.0
        unknown += entry.duration_s is None
        length = "" if entry.duration_s is None else seconds_to_clock(entry.duration_s)
        is_current = entry.position == queue.index + 1
        cells = (">" if is_current else "", f"{entry.position}", named_entry(entry, room), length)
        line = align(cells, (_MARK, _PLACE, room, _CLOCK), right=(1, 3))
        status = None if entry.track is None else entry.track.status
        if status not in (None, FileStatus.PRESENT):
            line = f"{output.styled(line, 'dim')}  {output.styled(str(status), 'red')}"
        output.result(output.styled(line, "bold") if is_current else line)
    if not queue.items:
        output.note("the queue is empty")
        return
    remarks = [count_in_words(len(queue.items), "track", "tracks")]
    if total_s > 0.0:
        remarks.append(f"{'at least ' if unknown else ''}{seconds_to_clock(total_s)}")
    if queue.repeat is not RepeatMode.OFF:
        remarks.append(f"repeats {queue.repeat}")
    if queue.is_shuffled:
        remarks.append("shuffled")
    output.note(", ".join(remarks))


def show_history(output: Output, done: Sequence[QueueHistoryEntry], undone: Sequence[QueueHistoryEntry]) -> None:
    """A line each: what can be made again, then what can be taken back, the newest first."""
    if not done and not undone:
        output.note("the queue was not edited yet")
    for entry in reversed(undone):
        output.result(output.styled(_edit_in_words(entry, "undone"), "dim"))
    for entry in done:
        output.result(_edit_in_words(entry, ""))


def show_templates(output: Output, templates: Sequence[QueueTemplate]) -> None:
    """A line each: name, how many tracks, how often it was loaded, tags."""
    if not templates:
        output.note("no templates")
        return
    names = [shortened(printable(one.name), _LONGEST_NAME) for one in templates]
    widths = (max(map(display_width, names)), 7, 16, 0)
    for one, name in zip(templates, names, strict=True):
        loaded = "" if one.loaded_at is None else moment_in_words(one.loaded_at)
        tags = " ".join(f"#{printable(tag)}" for tag in one.tags)
        output.result(align((name, f"{one.items:,}", loaded, tags), widths, right=(1,)))


def _edit_in_words(entry: QueueHistoryEntry, state: str) -> str:
    before = count_in_words(entry.items, "track", "tracks")
    side = "after it" if state else "before it"
    return align((moment_in_words(entry.edited_at), entry.edit, state, f"{before} {side}"), (16, 10, 6, 0))
