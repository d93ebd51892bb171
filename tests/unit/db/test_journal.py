"""The journal takes back what it saw, all of it and to the last bit."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_changes import RandomChanges, check_search, dump

from auralis_cli.db.row_recorder import EXEMPT, journalled_tables, pack, unpack
from auralis_cli.db.store import Store
from auralis_cli.errors import LibraryError, RefusedError, UsageError
from auralis_cli.model.journal import EntryState, JournalEntry

NOW = 1_700_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db", program="test", now=NOW) as opened:
        yield opened


def filled(store: Store) -> None:
    """One of everything, outside of the journal: a root with a file of one track, on a playlist."""
    database = store.database
    with database.write():
        database.run("INSERT INTO roots (path, added_at) VALUES (x'2f6d', 1)")
        for number in (1, 2, 3):
            database.run(
                "INSERT INTO files (root_id, path, size_bytes, mtime_ns, device, inode, read_at) "
                "VALUES (1, ?, 1, 1, 1, 1, 1)",
                (os.fsencode(f"/m/{number}.flac"),),
            )
            database.run(
                "INSERT INTO tracks (file_id, content_key, title, title_key, added_at) VALUES (?, ?, ?, ?, 1)",
                (number, f"content{number}", f"Song {number}", f"song {number}"),
            )
            database.run("INSERT INTO track_stats (track_id, rating) VALUES (?, 4.5)", (number,))
        database.run(
            "INSERT INTO playlists (key, name, kind, created_at, updated_at) VALUES ('a', 'a', 'static', 1, 1)"
        )
        for number in (1, 2, 3):
            database.run(
                "INSERT INTO playlist_entries (playlist_id, position, track_id, path) VALUES (1, ?, ?, x'41')",
                (number, number),
            )


def changed(store: Store, *statements: str) -> int:
    """An entry of one transaction."""
    entry = store.journal.begin("test", "change", NOW)
    with store.journal.change(entry):
        for statement in statements:
            store.database.run(statement)
    store.journal.finish(entry, "changed", NOW + 1)
    return entry


def noted(store: Store, entry_id: int) -> JournalEntry:
    entry = store.journal.entry(entry_id)
    assert entry is not None
    return entry


def test_every_table_is_journalled_or_named_as_exempt(store: Store) -> None:
    tables = {row[0] for row in store.database.all("SELECT name FROM sqlite_master WHERE type = 'table'")}
    own = {name for name in tables if not name.startswith(("sqlite_", "track_search"))}
    assert own == {*journalled_tables(store.database), *EXEMPT}
    for table in journalled_tables(store.database):
        store.database.run(f"UPDATE {table} SET id = rowid WHERE id <> rowid")
        assert store.database.one(f"SELECT pk FROM pragma_table_info('{table}') WHERE name = 'id'") == (1,), table


def test_every_reference_can_be_looked_up_from_both_sides(store: Store) -> None:
    for table in journalled_tables(store.database):
        for (column,) in store.database.all('SELECT "from" FROM pragma_foreign_key_list(?)', (table,)):
            asked = f"SELECT id FROM {table} WHERE {column} BETWEEN ? AND ?"
            plan = store.database.all(f"EXPLAIN QUERY PLAN {asked}", (1, 2))[0][3]
            assert plan.startswith("SEARCH"), f"{table}.{column} has no index: {plan}"


def test_triggers_are_named_after_the_table_they_write(store: Store) -> None:
    triggers = store.database.all("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    assert triggers
    for name, statement in triggers:
        written = re.findall(r"(?:INSERT INTO|DELETE FROM|UPDATE(?! O[FN])) (\w+)", statement)
        assert written, name
        assert all(name.startswith(f"{table}_") for table in written), f"{name} writes {written}"


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32), sizes=st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=3), max_size=5))
def test_whatever_was_changed_is_taken_back_step_by_step(seed: int, sizes: list[list[int]]) -> None:
    with Store.empty(program="test", now=NOW) as store:
        changes = RandomChanges(store.database, seed)
        with store.database.write():
            changes.make(150)
        before: list[tuple[int, dict[str, list[str]]]] = []
        for transactions in sizes:
            was, entry = dump(store.database), store.journal.begin("test", "random", NOW)
            for count in transactions:
                with store.journal.change(entry):
                    changes.make(count)
            store.journal.finish(entry, "random", NOW)
            if store.journal.entry(entry) is None:
                assert dump(store.database) == was
            else:
                before.append((entry, was))
        for entry, was in reversed(before):
            store.journal.undo(entry, NOW)
            assert dump(store.database) == was
            check_search(store.database)


def test_the_random_changes_reach_every_table(store: Store) -> None:
    changes = RandomChanges(store.database, 7)
    with store.database.write():
        for _ in range(20):
            for table in journalled_tables(store.database):
                changes.change(table, "insert")
            changes.make(50)
        for table in journalled_tables(store.database) * 30:
            changes.change(table, "delete")
    for kind in ("insert", "update", "delete"):
        assert {table for table, done in changes.done if done == kind} == set(journalled_tables(store.database)), kind


def test_what_follows_a_deletion_comes_back_with_it(store: Store) -> None:
    filled(store)
    was = dump(store.database)
    entry = changed(store, "DELETE FROM files WHERE id = 2")
    assert store.database.all("SELECT track_id FROM playlist_entries ORDER BY position") == [(1,), (None,), (3,)]
    assert store.database.all("SELECT track_id FROM track_stats") == [(1,), (3,)]
    store.journal.undo(entry, NOW)
    assert dump(store.database) == was
    check_search(store.database)


def test_rows_that_changed_places_go_back(store: Store) -> None:
    filled(store)
    was = dump(store.database)
    entry = changed(
        store,
        "UPDATE playlist_entries SET position = -1 WHERE id = 1",
        "UPDATE playlist_entries SET position = 1 WHERE id = 2",
        "UPDATE playlist_entries SET position = 2 WHERE id = 1",
    )
    store.journal.undo(entry, NOW)
    assert dump(store.database) == was


def test_the_queue_forgets_what_is_gone_and_finds_what_is_back(store: Store) -> None:
    filled(store)
    entry = changed(store, "DELETE FROM files WHERE id = 2")
    added = changed(
        store,
        "INSERT INTO files (id, root_id, path, size_bytes, mtime_ns, device, inode, read_at) "
        "VALUES (9, 1, x'39', 1, 1, 1, 1, 1)",
        "INSERT INTO tracks (id, file_id, content_key, title, title_key, added_at) VALUES (9, 9, 'c', 'N', 'n', 1)",
    )
    store.database.run(
        "INSERT INTO queue_snapshots (length, current_index, position_s, repeat, shuffled) VALUES (2, 0, 0, 'off', 0)"
    )
    for position, path, track_id in ((1, b"/m/2.flac", None), (2, b"9", 9)):
        store.database.run(
            "INSERT INTO queue_items (snapshot_id, ticket, position, path, track_id) VALUES (1, 1, ?, ?, ?)",
            (position, path, track_id),
        )
    store.journal.undo(added, NOW)
    store.journal.undo(entry, NOW)
    assert store.database.all("SELECT track_id FROM queue_items ORDER BY position") == [(2,), (None,)]


def test_a_column_that_was_not_changed_keeps_what_came_later(store: Store) -> None:
    filled(store)
    entry = changed(store, "UPDATE track_stats SET rating = 1 WHERE id = 1")
    store.database.run("UPDATE track_stats SET play_count = 9 WHERE id = 1")
    store.journal.undo(entry, NOW)
    assert store.database.one("SELECT rating, play_count FROM track_stats WHERE id = 1") == (4.5, 9)


def test_thousands_of_new_rows_are_noted_as_one(store: Store) -> None:
    entry = store.journal.begin("test", "many", NOW)
    with store.journal.change(entry):
        store.database.run_many(
            "INSERT INTO artists (key, name) VALUES (?, 'x')", ((str(number),) for number in range(5000))
        )
    store.journal.finish(entry, "many", NOW)
    assert store.database.one("SELECT count(*) FROM journal_rows") == (1,)
    assert noted(store, entry).rows == 5000
    store.journal.undo(entry, NOW)
    assert store.database.one("SELECT count(*) FROM artists") == (0,)


def test_what_changed_nothing_leaves_no_entry(store: Store) -> None:
    filled(store)
    entry = changed(
        store, "UPDATE tracks SET title = 'x' WHERE id = 1", "UPDATE tracks SET title = 'Song 1' WHERE id = 1"
    )
    assert store.journal.entry(entry) is None
    assert store.journal.entries() == []


def test_a_transaction_that_fails_is_not_in_the_journal(store: Store) -> None:
    filled(store)
    was = dump(store.database)
    entry = store.journal.begin("test", "fails", NOW)
    with pytest.raises(RuntimeError), store.journal.change(entry):
        store.database.run("DELETE FROM files")
        raise RuntimeError
    with store.journal.change(entry):
        store.database.run("UPDATE tracks SET title = 'x' WHERE id = 1")
    store.journal.finish(entry, "fails", NOW)
    assert store.database.one("SELECT count(*) FROM journal_rows") == (1,)
    store.journal.undo(entry, NOW)
    assert dump(store.database) == was


def test_only_changes_within_an_entry_are_noted(store: Store) -> None:
    entry = changed(store, "INSERT INTO artists (key, name) VALUES ('a', 'a')")
    store.database.run("INSERT INTO artists (key, name) VALUES ('b', 'b')")
    assert store.database.all("SELECT entry_id, row_id, last_row_id FROM journal_rows") == [(entry, 1, 1)]
    assert store.database.all("SELECT name FROM temp.sqlite_master") == []


def test_what_later_changes_touched_is_undone_after_them(store: Store) -> None:
    filled(store)
    was = dump(store.database)
    first = changed(store, "UPDATE tracks SET title = 'one' WHERE id BETWEEN 1 AND 2")
    second = changed(store, "UPDATE tracks SET title = 'two' WHERE id = 2")
    other = changed(store, "UPDATE tracks SET title = 'three' WHERE id = 3")
    with pytest.raises(RefusedError, match=f"undo {second} first"):
        store.journal.undo(first, NOW)
    for entry in (second, first, other):
        store.journal.undo(entry, NOW)
    assert dump(store.database) == was


def test_new_rows_that_something_later_refers_to_stay(store: Store) -> None:
    filled(store)
    entry = changed(
        store,
        "INSERT INTO files (id, root_id, path, size_bytes, mtime_ns, device, inode, read_at) "
        "VALUES (9, 1, x'39', 1, 1, 1, 1, 1)",
        "INSERT INTO tracks (id, file_id, content_key, title, title_key, added_at) VALUES (9, 9, 'c', 'New', 'new', 1)",
    )
    later = changed(
        store, "INSERT INTO playlist_entries (playlist_id, position, track_id, path) VALUES (1, 9, 9, x'39')"
    )
    was = dump(store.database)
    with pytest.raises(RefusedError, match=f"undo {later} first"):
        store.journal.undo(entry, NOW)
    assert dump(store.database) == was
    store.journal.undo(later, NOW)
    store.database.run("INSERT INTO plays (track_id, started_at, played_s, outcome) VALUES (9, 1, 1.0, 'finished')")
    with pytest.raises(RefusedError, match="played"):
        store.journal.undo(entry, NOW)
    assert store.database.one("SELECT count(*) FROM plays") == (1,)


def test_what_lost_its_parent_since_waits_for_it(store: Store) -> None:
    filled(store)
    entry = changed(store, "DELETE FROM playlist_entries WHERE track_id = 2")
    later = changed(store, "DELETE FROM files WHERE id = 2")
    with pytest.raises(RefusedError, match=f"undo {later} first"):
        store.journal.undo(entry, NOW)
    store.journal.undo(later, NOW)
    store.journal.undo(entry, NOW)


def test_what_has_a_successor_of_the_same_name_is_refused(store: Store) -> None:
    filled(store)
    entry = changed(store, "DELETE FROM playlists")
    changed(
        store,
        "INSERT INTO playlists (id, key, name, kind, created_at, updated_at) VALUES (7, 'a', 'b', 'static', 2, 2)",
    )
    was = dump(store.database)
    with pytest.raises(RefusedError, match="there again"):
        store.journal.undo(entry, NOW)
    assert dump(store.database) == was


def test_a_summary_may_hold_any_name_and_be_long(store: Store) -> None:
    entry = store.journal.begin("test", "begun", NOW)
    with store.journal.change(entry):
        store.database.run("INSERT INTO genres (key, name) VALUES ('a', 'a')")
    store.journal.finish(entry, os.fsdecode(b"caf\xe9 ") + "x" * 5000, NOW)
    summary = noted(store, entry).summary
    assert summary.startswith("caf\\xe9 xxx")
    assert len(summary) == 1000


def test_an_entry_is_undone_once(store: Store) -> None:
    filled(store)
    entry = changed(store, "DELETE FROM files WHERE id = 1")
    store.journal.undo(entry, NOW + 5)
    assert (noted(store, entry).state, noted(store, entry).undone_at) == (EntryState.UNDONE, NOW + 5)
    with pytest.raises(RefusedError, match="undone already"):
        store.journal.undo(entry, NOW)
    with pytest.raises(UsageError, match="no such change"):
        store.journal.undo(entry + 1, NOW)


def test_an_entry_that_was_never_finished_can_be_undone(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    with Store.open(path, program="test", now=NOW) as store:
        filled(store)
        was = dump(store.database)
        entry = store.journal.begin("scan", "killed", NOW)
        with store.journal.change(entry):
            store.database.run("DELETE FROM files WHERE id = 1")
    with Store.open(path, program="test", now=NOW) as store:
        assert noted(store, entry).state is EntryState.OPEN
        store.journal.undo(entry, NOW)
        assert dump(store.database) == was


def test_what_is_undone_while_it_is_made_goes_no_further(store: Store) -> None:
    filled(store)
    entry = store.journal.begin("scan", "long", NOW)
    with store.journal.change(entry):
        store.database.run("DELETE FROM files WHERE id = 1")
    store.journal.undo(entry, NOW)
    with pytest.raises(LibraryError, match="undone while"), store.journal.change(entry):
        pass


def test_entries_of_two_programs_take_turns(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    with Store.open(path, program="test", now=NOW) as one, Store.open(path, program="test", now=NOW) as other:
        filled(one)
        was = dump(one.database)
        scan = one.journal.begin("scan", "long", NOW)
        with one.journal.change(scan):
            one.database.run("UPDATE tracks SET title = 'x' WHERE id = 1")
        edit = changed(other, "UPDATE tracks SET title = 'y' WHERE id = 2")
        with one.journal.change(scan):
            one.database.run("UPDATE tracks SET title = 'z' WHERE id = 2")
        one.journal.finish(scan, "long", NOW)
        # The scan began first, but what it did to the track came later.
        with pytest.raises(RefusedError, match=f"undo {scan} first"):
            other.journal.undo(edit, NOW)
        other.journal.undo(scan, NOW)
        other.journal.undo(edit, NOW)
        assert dump(one.database) == was


@given(
    st.dictionaries(
        st.text(),
        st.none()
        | st.integers(-(2**63), 2**63 - 1)
        | st.floats(allow_nan=False)
        | st.text(st.characters(codec="utf-8"))
        | st.binary(),
    )
)
def test_a_row_is_packed_exactly(values: dict[str, object]) -> None:
    assert repr(unpack(pack(values))) == repr(values)


# Undoes a library as it was handed over again and again, each time killed one statement later, and says what is there.
_KILLED = """
import os, signal, sys
from pathlib import Path
from random_changes import check_search, dump
from auralis_cli.db.store import Store

def undo_until(limit):
    seen = 0
    def count(statement):
        nonlocal seen
        # What only asks leaves nothing behind.
        seen += not statement.startswith(("SELECT", "PRAGMA"))
        if seen == limit:
            os.kill(os.getpid(), signal.SIGKILL)
    store = Store.open(path, program="test", now=1)
    store.database.connection().set_trace_callback(count)
    store.journal.undo(entry, 1)
    os._exit(0)

path, entry = Path(sys.argv[1]), int(sys.argv[2])
whole, limit, status = path.read_bytes(), 0, None
while status != 0:
    limit += 1
    path.write_bytes(whole)
    process = os.fork()
    if process == 0:
        undo_until(limit)
    status = os.waitpid(process, 0)[1]
    assert status in (0, signal.SIGKILL), status
    with Store.open(path, program="test", now=1) as store:
        check_search(store.database)
        print(limit, store.journal.entry(entry).state, repr(dump(store.database)), sep="\\t")
"""


@pytest.mark.invariant("S1-M-21")
def test_an_undo_that_is_killed_at_any_statement_did_all_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    with Store.open(path, program="test", now=NOW) as store:
        filled(store)
        was = repr(dump(store.database))
        entry = store.journal.begin("test", "several", NOW)
        for statement in (
            "UPDATE tracks SET title = title || '!'",
            "DELETE FROM files WHERE id = 2",
            "INSERT INTO artists (key, name) VALUES ('a', 'a')",
        ):
            with store.journal.change(entry):
                store.database.run(statement)
        store.journal.finish(entry, "several", NOW)
        now = repr(dump(store.database))
    words = [sys.executable, "-c", _KILLED, str(path), str(entry)]
    places = os.pathsep.join(place for place in sys.path if place)
    run = subprocess.run(
        words, capture_output=True, text=True, timeout=120, check=True, env={**os.environ, "PYTHONPATH": places}
    )
    outcomes = [line.split("\t") for line in run.stdout.splitlines()]
    assert len(outcomes) > 20
    for limit, state, found in outcomes:
        assert found == (was if state == EntryState.UNDONE else now), f"killed at statement {limit}"
    assert {state for _, state, _ in outcomes} == {EntryState.DONE, EntryState.UNDONE}
