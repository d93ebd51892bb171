r"""Tags as a table that spreadsheets and other programs edit: a line a file, a column a field, tabs between.

In a cell `\t`, `\n`, `\r` and `\\` are a tab, line ends and a backslash. Several values have `; ` between them, and
`\;` is a semicolon within one; a field that holds one value has no need of it. Nothing is quoted. An empty cell is no
value. Columns are told by the first line, in any order; `path` or `id` says which file a line is about.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from auralis_cli.errors import InputError
from auralis_cli.model.library import FileFailure
from auralis_cli.model.tag_changes import TagTarget, Wanted, WantedOf
from auralis_cli.model.tag_edits import TagEdit, TagValues
from auralis_cli.model.tag_fields import TAG_FIELD_OF, TagField, tag_field
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.file_tags import failure_at
from auralis_cli.services.tag_words import set_to
from auralis_cli.terminal_text import printable

if TYPE_CHECKING:
    from auralis_cli.db.store import Store

_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_UNSAFE = re.compile(r"[\\\t\n\r]")
# A letter that is escaped, or the semicolon between two values with the blank behind it.
_PARTS = re.compile(r"\\(.?)|(; ?)", re.DOTALL)
_MEANT = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\", ";": ";"}
_PATH, _ID = "path", "id"
_SHOWN_ERRORS = 20


@dataclass(frozen=True, slots=True)
class TsvLine:
    """A line of a table: of which file it is, and what its cells say, field by field."""

    number: int
    # One of them is known.
    path: str | None
    id: int | None
    cells: Mapping[str, str]

    def edits(self, tags: TagValues) -> list[TagEdit]:
        """What makes a file with these tags say what the line says; a cell that is as it was written changes nothing.

        Raises UsageError for what a field cannot hold.
        """
        fields = (TAG_FIELD_OF[name] for name in self.cells)
        return [
            set_to(field, _values(field, self.cells[field.name]))
            for field in fields
            if self.cells[field.name] != _cell(field, tags.get(field.name, ()))
        ]


@dataclass(frozen=True, slots=True)
class TsvTable:
    """A table that was read."""

    fields: tuple[TagField, ...]
    lines: tuple[TsvLine, ...]


def tsv_header(fields: Iterable[TagField]) -> str:
    """The first line."""
    return "\t".join((_PATH, *(field.name for field in fields)))


def tsv_line(path: str, tags: TagValues, fields: Iterable[TagField]) -> str:
    """The line of one file."""
    return "\t".join((_escaped(path), *(_cell(field, tags.get(field.name, ())) for field in fields)))


def parse_tsv(data: bytes, name: str) -> TsvTable:
    """The table that the file `name` holds, in UTF-8 or, as spreadsheets write it, in UTF-16.

    Raises InputError, which names the bad lines: then none of them is of use; UsageError for a column that is no field.
    """
    rows = [line.removesuffix("\r") for line in _decoded(data, name).split("\n")]
    if not rows[0].strip():
        raise InputError(name, "has no first line that names the columns")
    header = rows[0].split("\t")
    columns = _columns(header, name)
    lines: list[TsvLine] = []
    wrong: list[str] = []
    for number, row in enumerate(rows[1:], 2):
        if not row:
            continue
        try:
            lines.append(_line(number, row.split("\t"), columns))
        except ValueError as error:
            wrong.append(f"line {number} {error}")
    wrong += _named_twice(lines)
    if wrong:
        more = f"; and {len(wrong) - _SHOWN_ERRORS} more" if len(wrong) > _SHOWN_ERRORS else ""
        raise InputError(name, "; ".join(wrong[:_SHOWN_ERRORS]) + more, "nothing is changed")
    return TsvTable(tuple(column for column in columns if isinstance(column, TagField)), tuple(lines))


def _decoded(data: bytes, name: str) -> str:
    if not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        # Bytes of names that are no UTF-8 stay what they are.
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")
    try:
        return data.decode("utf-16")
    except UnicodeDecodeError as error:
        raise InputError(name, "begins as UTF-16, and is none") from error


def _columns(header: Sequence[str], name: str) -> list[TagField | str]:
    columns: list[TagField | str] = []
    for cell in header:
        word = cell.strip().lower()
        columns.append(word if word in (_PATH, _ID) else tag_field(word))
    if len(set(columns)) < len(columns):
        raise InputError(name, "has a column twice")
    if _PATH not in columns and _ID not in columns:
        raise InputError(name, "has no column that says which file a line is about", "path or id, in the first line")
    return columns


def _line(number: int, cells: Sequence[str], columns: Sequence[TagField | str]) -> TsvLine:
    if len(cells) != len(columns):
        raise ValueError(f"has {len(cells)} cells, and the first line {len(columns)}")
    path, track_id = None, None
    texts: dict[str, str] = {}
    for cell, column in zip(cells, columns, strict=True):
        if isinstance(column, TagField):
            _values(column, cell)
            texts[column.name] = cell
        elif column == _PATH:
            path = _meant(cell) or None
        elif cell:
            track_id = _number(cell)
    if path is None and track_id is None:
        raise ValueError("says nothing of which file it is about")
    return TsvLine(number, path, track_id, texts)


def _named_twice(lines: Iterable[TsvLine]) -> Iterable[str]:
    first: dict[object, int] = {}
    for line in lines:
        key = line.path if line.path is not None else line.id
        if first.setdefault(key, line.number) != line.number:
            yield f"line {line.number} is about the same file as line {first[key]}"


def _cell(field: TagField, values: Sequence[str]) -> str:
    if not field.is_several and len(values) <= 1:
        return _escaped("".join(values))
    return "; ".join(_escaped(value).replace(";", "\\;") for value in values)


def _escaped(text: str) -> str:
    return _UNSAFE.sub(lambda found: _ESCAPES[found[0]], text)


def _values(field: TagField, cell: str) -> tuple[str, ...]:
    values = _parted(cell) if field.is_several else [_meant(cell)]
    return tuple(value for value in values if value)


def _parted(cell: str) -> list[str]:
    values = [""]
    end = 0
    for found in _PARTS.finditer(cell):
        values[-1] += cell[end : found.start()]
        end = found.end()
        if found[2]:
            values.append("")
        else:
            values[-1] += _letter(found[1])
    values[-1] += cell[end:]
    return values


def _meant(cell: str) -> str:
    return re.sub(r"\\(.?)", lambda found: _letter(found[1]), cell, flags=re.DOTALL)


def _letter(escaped: str) -> str:
    if escaped not in _MEANT:
        raise ValueError(f"has \\{printable(escaped)}, which stands for nothing: \\\\ is a backslash")
    return _MEANT[escaped]


def _number(cell: str) -> int:
    if not re.fullmatch(r"\d{1,18}", cell, re.ASCII):
        raise ValueError(f"has no id but {printable(cell[:40])}")
    return int(cell)


def table_targets(store: Store, table: TsvTable) -> tuple[list[TagTarget | FileFailure], WantedOf]:
    """The files that lines are about, and what gives each what its line says."""
    targets: list[TagTarget | FileFailure] = []
    line_of: dict[str, TsvLine] = {}
    ids = store.tracks.ids_at([os.path.abspath(line.path) for line in table.lines if line.path is not None])
    for line in table.lines:
        path, track_id = line.path, line.id
        if path is None:
            track = store.tracks.get(line.id or 0)
            if track is None or track.cue_number:
                why = "the library has no such track" if track is None else "is a track of a cue sheet: it has no tags"
                targets.append(failure_at(f"id {line.id}", InputError(f"id {line.id}", f"{why} (line {line.number})")))
                continue
            path = track.path
        else:
            track_id = ids.get((os.path.abspath(path), 0))
        line_of[path] = line
        targets.append(TagTarget(path, track_id))
    return targets, lambda file: Wanted(line_of[file.path].edits(file.tags))
