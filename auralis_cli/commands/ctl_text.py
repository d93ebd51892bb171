"""What a running player does and has queued, as people read it and as rows for formats."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, make_dataclass
from typing import Any

from auralis_cli.commands.listing_forms import in_format, show_json, show_json_lines
from auralis_cli.errors import UsageError
from auralis_cli.model.fields import Field, FieldKind, FieldTable
from auralis_cli.model.player_status import PlayerStatus, TrackStatus
from auralis_cli.model.queue import QueueTrack
from auralis_cli.model.templates import Template, parse_template
from auralis_cli.output import Output
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.terminal_text import align, printable
from auralis_cli.units import seconds_to_clock


def _table(subject: str, *rows: tuple[str, FieldKind, str]) -> FieldTable:
    """A name with what it is also called, `position_s position`; its kind, and what it means."""
    fields = [Field(words.split()[0], kind, tuple(words.split()[1:]), text) for words, kind, text in rows]
    return FieldTable(subject, tuple(fields), {name: one for one in fields for name in (one.name, *one.aliases)})


_TEXT, _WHOLE, _NUMBER, _FLAG = FieldKind.TEXT, FieldKind.WHOLE, FieldKind.NUMBER, FieldKind.FLAG
STATUS_FIELDS = _table(
    "player",
    ("state", _TEXT, "stopped, loading, playing, paused or error."),
    ("title", _TEXT, "The track's title; before it is known, the name of its file."),
    ("artist", _TEXT, "By whom it is."),
    ("album", _TEXT, "On which album it is."),
    ("disc", _WHOLE, "The number of the disc."),
    ("track", _WHOLE, "Its number on the disc."),
    ("path", FieldKind.PATH, "Its file, or the cue sheet."),
    ("cue_number", _WHOLE, "Its number in the cue sheet, 0 for a whole file."),
    ("track_id", _WHOLE, "Its number in the library."),
    ("position_s position", FieldKind.DURATION, "How far it has played, seconds."),
    ("duration_s duration", FieldKind.DURATION, "How long it is, seconds."),
    ("volume", _NUMBER, "0 to 100."),
    ("mute", _FLAG, "Whether it is muted."),
    ("enhance", _FLAG, "Whether the master is heard."),
    ("preset", _TEXT, "The character of the master."),
    ("intensity", _NUMBER, "How far the mastering goes, 0 to 1."),
    ("mastering_mode", _TEXT, "By what the master is decided: adaptive, reference or hybrid."),
    ("reference", _TEXT, "What it is to sound like."),
    ("tilt_db", _NUMBER, "How much brighter the master is wished, 100 Hz to 10 kHz, dB."),
    ("width_db", _NUMBER, "How much wider, dB of the side."),
    ("preferences", _FLAG, "Whether what was learnt of your choices is used."),
    ("taste", _TEXT, "What of your taste is in the master that is heard, and how certain that is."),
    ("plan_stage", _TEXT, "What is known of what is mastered: level, predicted or solved."),
    ("integrated_lufs", _NUMBER, "How loud the track is as it is, LUFS, once that is known."),
    ("true_peak_dbtp", _NUMBER, "Its true peak, dBTP."),
    ("mastered_lufs", _NUMBER, "How loud its master is, while that is heard, LUFS."),
    ("mastered_true_peak_dbtp", _NUMBER, "What the true peak of the master does not exceed, dBTP."),
    ("compare", _TEXT, "Which side is heard while they are compared."),
    ("normalize", _TEXT, "By what loudness tracks are made equal."),
    ("normalize_db", _NUMBER, "What that changes the level by, dB."),
    ("repeat", _TEXT, "off, all or one."),
    ("shuffle", _FLAG, "Whether the queue is shuffled."),
    ("consume", _FLAG, "Whether played tracks leave the queue."),
    ("stop_after_current", _FLAG, "Whether it stops at the end of the track."),
    ("crossfade_s crossfade", FieldKind.DURATION, "How long tracks fade into each other, seconds."),
    ("queue_index", _WHOLE, "The track's place in the queue, from 0."),
    ("queue_position", _WHOLE, "The same from 1, as ctl jump takes it."),
    ("queue_length", _WHOLE, "How many tracks are queued."),
    ("device", _TEXT, "The audio device."),
    ("sample_rate_hz", _WHOLE, "Its sample rate, Hz."),
    ("underruns", _WHOLE, "How often there was nothing to play in time."),
    ("problem", _TEXT, "What went wrong last."),
)
QUEUE_FIELDS = _table(
    "queued track",
    ("position", _WHOLE, "Its place in the queue, from 1."),
    ("current", _FLAG, "Whether it is what plays."),
    ("path", FieldKind.PATH, "Its file, or the cue sheet."),
    ("cue_number", _WHOLE, "Its number in the cue sheet, 0 for a whole file."),
    ("track_id", _WHOLE, "Its number in the library."),
)

# How far the mastering of what plays is, where it is not all there.
_PREPARED = {
    None: " (as it is, until it is analysed)",
    "level": " (its level only, until it is analysed)",
    "predicted": " (predicted, until it is solved)",
}

_StatusRow = make_dataclass("_StatusRow", [field.name for field in STATUS_FIELDS.fields], frozen=True, slots=True)


@dataclass(frozen=True, slots=True)
class QueuedRow:
    """A place in the queue of a running player, with the keys of its JSON."""

    position: int
    current: bool
    path: str
    cue_number: int
    track_id: int | None

    @classmethod
    def of(cls, index: int, track: QueueTrack, *, current: bool) -> QueuedRow:
        """The track at a place counted from 0."""
        return cls(index + 1, current, track.path, track.cue_number, track.track_id)


def status_row(status: PlayerStatus) -> object:
    """The status with the keys of its track beside its own, for formats."""
    told: dict[str, Any] = asdict(status)
    track: Mapping[str, Any] = told["track"] or {}
    told |= {name: track.get(name) for name in ("title", "artist", "album", "disc", "track", "path")}
    told |= {name: track.get(name) for name in ("cue_number", "track_id", "integrated_lufs", "true_peak_dbtp")}
    told["title"] = None if status.track is None else name_of(status.track)
    told["queue_position"] = None if status.queue_index is None else status.queue_index + 1
    told["problem"] = None if status.problem is None else status.problem.message
    told["taste"] = None if status.taste is None else status.taste.words
    row: object = _StatusRow(**{field.name: told[field.name] for field in STATUS_FIELDS.fields})
    return row


def name_of(track: TrackStatus) -> str:
    """Its title; before it is known, the name of its file."""
    return track.title or _file_name(track.path, track.cue_number)


def title_of(track: TrackStatus) -> str:
    """`Artist - Title`."""
    return name_of(track) if track.artist is None else f"{track.artist} - {name_of(track)}"


def show_status(output: Output, status: PlayerStatus) -> None:
    """All of it, in lines."""
    output.result(output.styled(printable(headline(status)), "bold"))
    for name, text in _details(status):
        output.result("  " + align((name, printable(text)), (11, 0)))


def line_of(status: PlayerStatus) -> str:
    """What changes when something happens, in one line."""
    place = "" if status.queue_index is None else f"{status.queue_index + 1} of {status.queue_length}, "
    volume = "muted" if status.mute else f"volume {status.volume:g}"
    mastering = f"mastered: {status.preset} {status.intensity:g}" if status.enhance else "not mastered"
    return f"{headline(status)} ({place}{volume}, {mastering})"


def headline(status: PlayerStatus) -> str:
    """`playing: Artist - Title`."""
    return status.state if status.track is None else f"{status.state}: {title_of(status.track)}"


def show_queue(output: Output, rows: Sequence[QueuedRow]) -> None:
    """A line for each place."""
    if not rows:
        output.note("the queue is empty")
    width = len(str(len(rows)))
    for row in rows:
        line = align(
            (">" if row.current else " ", str(row.position), printable(_listed(row))), (1, width, 0), right=(1,)
        )
        output.result(output.styled(line, "bold") if row.current else line)


def _details(status: PlayerStatus) -> Iterator[tuple[str, str]]:
    if status.track is not None:
        if status.track.album:
            yield "album", status.track.album
        end = "" if status.duration_s is None else f" of {seconds_to_clock(status.duration_s)}"
        yield "position", f"{seconds_to_clock(status.position_s)}{end}"
    place = "empty" if status.queue_index is None else f"{status.queue_index + 1} of {status.queue_length:,}"
    ways = [f"repeat {status.repeat}"] if status.repeat != "off" else []
    ways += [word for word, is_so in (("shuffled", status.shuffle), ("consume", status.consume)) if is_so]
    ways += ["stops after this track"] if status.stop_after_current else []
    yield "queue", ", ".join((place, *ways))
    yield "volume", f"{status.volume:g}{', muted' if status.mute else ''}"
    is_heard = status.enhance and status.state in ("playing", "paused")
    stage = _PREPARED.get(status.plan_stage, "") if is_heard else ""
    heard = f", comparing: {status.compare}" if status.compare else ""
    is_on = "on" if status.enhance else "off"
    by = "" if status.reference is None else f", {status.mastering_mode}: {status.reference}"
    lean = f", tilt {status.tilt_db:+g} dB" if status.tilt_db else ""
    lean += f", width {status.width_db:+g} dB" if status.width_db else ""
    yield "mastering", f"{is_on}, {status.preset} at {status.intensity:g}{lean}{by}{stage}{heard}"
    if status.taste is not None:
        yield "by taste", status.taste.words
    if status.normalize != "off":
        yield "normalize", f"{status.normalize}, {status.normalize_db:+.1f} dB"
    if status.crossfade_s:
        yield "crossfade", f"{status.crossfade_s:g} s"
    if status.device is not None:
        rate = "" if status.sample_rate_hz is None else f", {status.sample_rate_hz} Hz"
        underruns = f", {status.underruns} underrun{'s' * (status.underruns != 1)}" if status.underruns else ""
        yield "device", f"{status.device}{rate}{underruns}"
    if status.problem is not None:
        where = f"{status.problem.path}: " if status.problem.path else ""
        yield "problem", f"{where}{status.problem.message}"


def _listed(row: QueuedRow) -> str:
    return row.path if not row.cue_number else f"{row.path}#{row.cue_number}"


def _file_name(path: str, cue_number: int) -> str:
    name = os.path.basename(path)
    return f"{name}#{cue_number}" if cue_number else name


class StatusForm:
    """The form that is asked for: lines for people, lines of a format, or JSON."""

    def __init__(self, output: Output, template: str | None, *, as_json: bool, as_json_lines: bool) -> None:
        self._output = output
        self._template = template
        self._as_json = as_json
        self._as_json_lines = as_json_lines
        # What was shown last of changes.
        self._before: object = None

    def show(self, status: PlayerStatus) -> None:
        """The whole status. Raises UsageError for a format that cannot be served."""
        if self._as_json:
            self._output.document(status)
        elif self._as_json_lines:
            self._output.json_line(status)
        elif self._template is not None:
            self._in_format(self._template, STATUS_FIELDS, (status_row(status),))
        else:
            show_status(self._output, status)

    def show_change(self, status: PlayerStatus) -> None:
        """A line for each change of what is shown; as JSON, an object for each change."""
        if self._as_json or self._as_json_lines:
            self._output.json_line(status)
            return
        if self._template is None:
            line = line_of(status)
        else:
            line = self._parsed(self._template, STATUS_FIELDS).fill(status_row(status), lambda text, _is_path: text)
        if line == self._before:
            return
        self._before = line
        if self._template is None:
            self._output.result(printable(line))
        else:
            self.show(status)

    def show_queue(self, rows: Sequence[QueuedRow]) -> None:
        """What is queued. Raises UsageError for a format that cannot be served."""
        if self._as_json or self._as_json_lines:
            (show_json if self._as_json else show_json_lines)(self._output, rows)
        elif self._template is not None:
            self._in_format(self._template, QUEUE_FIELDS, rows)
        else:
            show_queue(self._output, rows)

    def _in_format(self, template: str, fields: FieldTable, things: Sequence[object]) -> None:
        self._parsed(template, fields)
        in_format(self._output, template, fields, print0=False)(self._output, things)

    def _parsed(self, template: str, fields: FieldTable) -> Template:
        try:
            return parse_template(template, fields)
        except UsageError as error:
            names = ", ".join(field.name for field in fields.fields)
            raise UsageError(error.what, error.why, f"one of {names}") from error
