"""The models that queries are written with describe the tables that the migrations make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import peewee
import pytest

from auralis_cli.db import schema, schema_likeness, schema_upkeep
from auralis_cli.db.store import Store

_TYPES = {
    peewee.AutoField: "INTEGER",
    peewee.IntegerField: "INTEGER",
    peewee.ForeignKeyField: "INTEGER",
    peewee.TextField: "TEXT",
    peewee.FloatField: "REAL",
    peewee.BlobField: "BLOB",
}
MODELS = {
    model._meta.table_name: model
    for module in (schema, schema_likeness, schema_upkeep)
    for model in vars(module).values()
    if isinstance(model, type) and issubclass(model, peewee.Model) and model not in (peewee.Model, schema.LibraryTable)
}


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.empty(program="test", now=1) as store:
        yield store


def _tables(store: Store) -> set[str]:
    rows = store.database.all("SELECT name, type FROM pragma_table_list WHERE schema = 'main'")
    return {name for name, kind in rows if kind == "table" and not name.startswith("sqlite_")}


def test_every_table_has_a_model(store: Store) -> None:
    assert MODELS.keys() == _tables(store)


@pytest.mark.parametrize("table", sorted(MODELS))
def test_a_model_has_the_columns_of_its_table(store: Store, table: str) -> None:
    stored = {
        name: (kind, bool(not_null) or bool(key), _literal(default))
        for _, name, kind, not_null, default, key in store.database.all(f"PRAGMA table_info({table})")
    }
    described = {
        field.column_name: (_TYPES[type(field)], not field.null, field.default)
        for field in MODELS[table]._meta.sorted_fields
    }
    assert described == stored
    assert list(described)[1:] == list(stored)[1:]


@pytest.mark.parametrize("table", sorted(MODELS))
def test_a_model_has_the_keys_and_indexes_of_its_table(store: Store, table: str) -> None:
    meta = MODELS[table]._meta
    rows = store.database.all(f"PRAGMA foreign_key_list({table})")
    assert {(field.column_name, field.rel_model._meta.table_name, field.on_delete) for field in meta.refs} == {
        (row[3], row[2], row[6]) for row in rows
    }
    described = {(tuple(columns), unique) for columns, unique in meta.indexes} | {
        ((field.column_name,), True) for field in meta.sorted_fields if field.unique
    }
    assert described == set(_indexes(store, table))


def _indexes(store: Store, table: str) -> Iterator[tuple[tuple[str, ...], bool]]:
    for row in store.database.all(f"PRAGMA index_list({table})"):
        columns = store.database.all("SELECT name FROM pragma_index_info(?) ORDER BY seqno", (row[1],))
        # An expression has no name.
        yield tuple(name for (name,) in columns if name is not None), bool(row[2])


def _literal(default: str | None) -> Any:
    if default is None:
        return None
    return default.strip("'") if default.startswith("'") else int(default)
