"""How a change of the library is caught: triggers that keep each row as it was before the transaction.

The triggers live on one connection (TEMP) and copy what a row was, the first time a transaction touches it, into a
table in memory. `rows_changed` compares that with what the rows are now: what comes out is the net inverse of the
transaction. Triggers also see what foreign keys cascade to, whoever caused it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Literal

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.quick_dataclasses import dataclass

# What is no data of the user's: the journal itself, how the schema came to be, and what scans reported. Every other
# table is journalled, also one that is new (the index of words follows `tracks` by triggers of its own). The queue has
# a history and an undo of its own; its items find their tracks again by triggers. How a player was left is no change.
# What is computed of audio beside loudness and fingerprints is long, and can be computed again; what it was computed of
# stays true.
EXEMPT = (
    "journal",
    "journal_rows",
    "journal_files",
    "schema_versions",
    "scan_runs",
    "scan_failures",
    "queue_snapshots",
    "queue_items",
    "queue_state",
    "queue_history",
    "queue_templates",
    "queue_redo",
    "queue_template_tags",
    "player_state",
    "listens",
    "landmarks",
    "analyses",
    "fingerprint_failures",
    "audio_hashes",
    "similarity_state",
    "neighbours",
    "neighbour_changes",
)

# What players write too, as they play: of no change, and not to be taken back with one.
PLAYED = {"track_stats": ("play_count", "skip_count", "last_played_at")}

_PREFIX = "journal_before_"

Operation = Literal["insert", "update", "delete"]


@dataclass(frozen=True, slots=True)
class RowChange:
    """What takes back a change of a row, or of the new rows from `row_id` to `last_row_id`."""

    table: str
    row_id: int
    last_row_id: int
    operation: Operation
    # Packed: the columns that changed, of a deleted row all; None where there was no row. See `unpack`.
    before: str | None


@dataclass(frozen=True, slots=True)
class Played:
    """What a column that players write too held before a change, and what the change left in it."""

    was: int | None
    left: int | None


def journalled_tables(database: LibraryDatabase) -> tuple[str, ...]:
    """Every table of the user's data; each has a column `id` that is its rowid."""
    rows = database.all("SELECT name, type FROM pragma_table_list WHERE schema = 'main' ORDER BY name")
    return tuple(
        name for name, kind in rows if kind == "table" and name not in EXEMPT and not name.startswith("sqlite_")
    )


def columns_of(database: LibraryDatabase, table: str) -> tuple[str, ...]:
    """The columns of a table of the user's data, `id` first."""
    names = [str(row[0]) for row in database.all("SELECT name FROM pragma_table_info(?)", (table,))]
    return ("id", *(name for name in names if name != "id"))


def start_recording(database: LibraryDatabase) -> None:
    """From now on, what a transaction on this connection does to rows can be asked for with `rows_changed`."""
    kept = _tables_before(database)
    for table in kept:
        database.run(f"DELETE FROM temp.{_PREFIX}{table}")
    if not kept:
        for table in journalled_tables(database):
            for statement in _trigger_statements(table, columns_of(database, table)):
                database.run(statement)


def stop_recording(database: LibraryDatabase) -> None:
    """Takes the triggers off this connection."""
    for table in _tables_before(database):
        for event in ("insert", "update", "delete"):
            database.run(f"DROP TRIGGER temp.journal_{event}_{table}")
        database.run(f"DROP TABLE temp.{_PREFIX}{table}")


def rows_changed(database: LibraryDatabase) -> Iterator[RowChange]:
    """The net inverse of what this transaction did so far, table by table."""
    for table in _tables_before(database):
        if database.one(f"SELECT 1 FROM temp.{_PREFIX}{table} LIMIT 1") is not None:
            yield from _new_rows(database, table)
            yield from _old_rows(database, table)


def pack(values: dict[str, Any]) -> str:
    """Columns as text from which `unpack` makes the same values, to the last bit."""
    exact = {name: _exact(value) for name, value in values.items()}
    return json.dumps(exact, ensure_ascii=False, separators=(",", ":"))


def unpack(text: str) -> dict[str, Any]:
    """What `pack` was given."""
    return {name: _meant(value) if isinstance(value, dict) else value for name, value in json.loads(text).items()}


def _exact(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    return asdict(value) if isinstance(value, Played) else value


def _meant(value: dict[str, Any]) -> Any:
    return bytes.fromhex(value["hex"]) if "hex" in value else Played(**value)


def _tables_before(database: LibraryDatabase) -> list[str]:
    """The tables whose rows are kept on this connection."""
    rows = database.all("SELECT name FROM temp.sqlite_master WHERE type = 'table' ORDER BY name")
    return [name.removeprefix(_PREFIX) for (name,) in rows if name.startswith(_PREFIX)]


def _trigger_statements(table: str, columns: tuple[str, ...]) -> Iterator[str]:
    before = f"{_PREFIX}{table}"
    others = "".join(f", {name}" for name in columns[1:])
    old = ", ".join(f"old.{name}" for name in columns)
    yield f"CREATE TEMP TABLE {before} (id INTEGER PRIMARY KEY, journal_existed{others})"
    for event, row in (("INSERT", "new"), ("UPDATE", "old"), ("DELETE", "old")):
        keep = (
            f"INSERT INTO {before} (id, journal_existed) VALUES (new.id, 0)"
            if event == "INSERT"
            else f"INSERT INTO {before} (id{others}, journal_existed) VALUES ({old}, 1)"
        )
        yield (
            f"CREATE TEMP TRIGGER journal_{event.lower()}_{table} AFTER {event} ON main.{table} "
            f"WHEN NOT EXISTS (SELECT 1 FROM {before} WHERE id = {row}.id) BEGIN {keep}; END"
        )


def _new_rows(database: LibraryDatabase, table: str) -> Iterator[RowChange]:
    """Rows that were not there before, as ranges: a scan adds them by the thousand, one after the other."""
    rows = database.all(
        f"SELECT b.id FROM temp.{_PREFIX}{table} b JOIN main.{table} t ON t.id = b.id "
        "WHERE NOT b.journal_existed ORDER BY b.id"
    )
    ranges: list[list[int]] = []
    for (row_id,) in rows:
        if ranges and row_id == ranges[-1][1] + 1:
            ranges[-1][1] = row_id
        else:
            ranges.append([row_id, row_id])
    return (RowChange(table, first, last, "insert", None) for first, last in ranges)


def _old_rows(database: LibraryDatabase, table: str) -> Iterator[RowChange]:
    """Rows that were there before and are otherwise now, or gone."""
    columns, played = columns_of(database, table), PLAYED.get(table, ())
    was, now = ", ".join(f"b.{name}" for name in columns), ", ".join(f"t.{name}" for name in columns)
    rows = database.all(
        f"SELECT {was}, {now} FROM temp.{_PREFIX}{table} b LEFT JOIN main.{table} t ON t.id = b.id "
        "WHERE b.journal_existed"
    )
    width = len(columns)
    for row in rows:
        before, after = row[:width], row[width:]
        row_id = before[0]
        if after[0] is None:
            yield RowChange(table, row_id, row_id, "delete", pack(dict(zip(columns, before, strict=True))))
            continue
        # Equal is not enough: -0.0 and 0.0 are two values.
        changed = {
            name: Played(old, new) if name in played else old
            for name, old, new in zip(columns, before, after, strict=True)
            if old != new or (old.__class__ is float and repr(old) != repr(new))
        }
        if changed:
            yield RowChange(table, row_id, row_id, "update", pack(changed))
