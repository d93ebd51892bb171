"""Changes of a library that mean nothing and touch everything: any table, any column its schema lets in."""

from __future__ import annotations

import random
import re
import sqlite3
from contextlib import suppress
from dataclasses import dataclass

import peewee

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.row_recorder import journalled_tables

_WORDS = ("a", "b", "c", "Ä", "x\0y", "new\nline", '{"hex": "41"}', "1", "'quoted'", "☃" * 3)
_END_OF_COLUMN = r"(?=,\s*\w+ (?:INTEGER|REAL|TEXT|BLOB)\b|\) STRICT)"
_NUMBERS = (0, 1, 2, 3, 5, 44_100, 2**53 + 1, 2**63 - 1)
_FRACTIONS = (0.0, -0.0, 0.1, 1.0, 1 / 3, 5e-324, 1e6, -14.000000000000002)


def dump(database: LibraryDatabase) -> dict[str, list[str]]:
    """Every row of the user's data, to the last bit."""
    return {
        table: [repr(row) for row in database.all(f"SELECT * FROM {table} ORDER BY id")]
        for table in journalled_tables(database)
    }


def check_search(database: LibraryDatabase) -> None:
    """The index of words agrees with the tracks, or this raises."""
    database.run("INSERT INTO track_search (track_search, rank) VALUES ('integrity-check', 1)")


class RandomChanges:
    """A generator of changes; the same seed makes the same ones."""

    def __init__(self, database: LibraryDatabase, seed: int) -> None:
        self._database = database
        self._random = random.Random(seed)
        self._tables = journalled_tables(database)
        # What the schema let in.
        self.done: set[tuple[str, str]] = set()

    def make(self, count: int) -> None:
        """Tries `count` changes in the caller's transaction; those that the schema refuses do not happen."""
        for _ in range(count):
            self.change(
                self._random.choice(self._tables), self._random.choice(("insert", "insert", "update", "delete"))
            )

    def change(self, table: str, kind: str) -> None:
        """Tries one change."""
        columns = self._columns(table)
        with suppress(peewee.IntegrityError, sqlite3.IntegrityError), self._database.write():
            if kind == "insert":
                needed = [name for name, column in columns.items() if column.is_needed]
                others = [name for name in columns if name not in (*needed, "id")]
                names = needed + self._random.sample(others, min(len(others), self._random.randrange(4)))
                marks = ", ".join("?" * len(names))
                values = [self._value(columns[name]) for name in names]
                changed = self._database.run(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", values)
            elif kind == "update":
                name = self._random.choice([name for name in columns if name != "id"])
                value = self._value(columns[name])
                changed = self._database.run(f"UPDATE {table} SET {name} = ? WHERE {self._some_row(table)}", (value,))
            else:
                changed = self._database.run(f"DELETE FROM {table} WHERE {self._some_row(table)}")
            if changed:
                self.done.add((table, kind))

    def _some_row(self, table: str) -> str:
        ids = [row[0] for row in self._database.all(f"SELECT id FROM {table}")]
        return f"id = {self._random.choice(ids)}" if ids and self._random.random() < 0.8 else f"id % 3 = {len(ids) % 3}"

    def _columns(self, table: str) -> dict[str, _Column]:
        schema = str((self._database.one("SELECT sql FROM sqlite_master WHERE name = ?", (table,)) or ("",))[0])
        columns: dict[str, _Column] = {}
        for name, kind, must_be, default in self._database.all(
            'SELECT name, type, "notnull", dflt_value FROM pragma_table_info(?)', (table,)
        ):
            words = re.search(
                rf"\b{name} {kind}\b(.*?)(?=,\s*\w+ (?:INTEGER|REAL|TEXT|BLOB)\b|\) STRICT)", schema, re.S
            )
            assert words is not None, f"{table}.{name}"
            is_needed = (must_be and default is None) or (name == "id" and "CHECK" in words[1])
            columns[name] = _Column(name, kind, words[1], is_needed, may_lack=not must_be)
        return columns

    def _value(self, column: _Column) -> object:
        pick = self._random.choice
        if column.may_lack and not column.is_needed and self._random.random() < 0.3:
            return None
        if referred := re.search(r"REFERENCES (\w+)", column.words):
            ids = [row[0] for row in self._database.all(f"SELECT id FROM {referred[1]}")]
            return pick(ids) if ids else None
        if allowed := re.search(r" IN \((.*?)\)", column.words):
            return pick([int(word) if word.isdecimal() else word for word in re.findall(r"\w+", allowed[1])])
        if bounds := re.search(rf"CHECK \({column.name} BETWEEN (\S+) AND ([^\s)]+)", column.words):
            low, high = float(bounds[1]), float(bounds[2])
            return pick((low, high, low / 3 + high * 2 / 3)) if column.kind == "REAL" else int(pick((low, high)))
        if column.kind == "TEXT":
            return pick(_WORDS)
        if column.kind == "REAL":
            return pick(_FRACTIONS)
        if column.kind == "BLOB":
            return bytes(self._random.randrange(256) for _ in range(self._random.randrange(1, 5)))
        return pick(_NUMBERS)


@dataclass(frozen=True)
class _Column:
    name: str
    kind: str
    # What the schema says beyond that.
    words: str
    is_needed: bool
    may_lack: bool
