"""Backups: everything that is committed, in a file that stands alone and can be put back."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from libraries import NOW, damage, integrity, log_size, make_library, opened, titles
from patience import PATIENCE_S

from auralis_cli.db.backups import backup_folder, describe_backup, list_backups, make_backup, put_back
from auralis_cli.db.filesystem import network_filesystem
from auralis_cli.db.integrity import check_contents
from auralis_cli.db.opening import look_at, opened_as_it_is
from auralis_cli.errors import CancelledError, LibraryError, RefusedError
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.upkeep import Restoration

ADD = "INSERT INTO settings (key, value) VALUES (?, ?)"


def restored(library: Path, backup: Path, *, now: int = NOW) -> Restoration:
    return put_back(library, backup, now=now, wait_s=0.3, cancel=CancelToken())


def keys(library: Path) -> list[str]:
    with closing(sqlite3.connect(library)) as connection:
        return [row[0] for row in connection.execute("SELECT key FROM settings ORDER BY id")]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return make_library(tmp_path / "here" / "library.db")


@pytest.mark.invariant("S1-H-11")
def test_a_backup_put_back_elsewhere_holds_what_was_committed_and_nothing_else(library: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with opened(library) as store:
        for number in range(50):
            store.database.run(ADD, (f"k{number}", "x" * 5000))
        assert log_size(library) > 0
        with opened(library) as other, other.database.write():
            other.database.run(ADD, ("open", "transaction"))
            backup = store.backup(copy, CancelToken())
        assert backup.version == look_at(library).version
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.db", "here"]
    elsewhere = tmp_path / "elsewhere" / "library.db"
    assert restored(elsewhere, copy).kept is None
    assert keys(elsewhere) == [f"k{number}" for number in range(50)]
    assert titles(elsewhere) == titles(library)
    assert integrity(elsewhere) == "ok"
    with opened(elsewhere) as store:
        assert store.database.one("SELECT count(*) FROM track_search WHERE track_search MATCH 'title'") == (3,)


@pytest.mark.invariant("S1-H-11")
def test_a_backup_is_one_moment_though_others_go_on_writing(library: Path, tmp_path: Path) -> None:
    ended = threading.Event()

    def write() -> None:
        with opened(library, wait_s=PATIENCE_S) as store:
            number = 0
            while not ended.is_set():
                with store.database.write():
                    store.database.run(ADD, (f"{number}a", "x" * 3000))
                    store.database.run(ADD, (f"{number}b", "x" * 3000))
                number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with opened(library, wait_s=PATIENCE_S) as store:
            for turn in range(8):
                backup = store.backup(tmp_path / f"copy{turn}.db", CancelToken())
                found = keys(Path(backup.path))
                assert len(found) % 2 == 0
                assert found == [f"{number // 2}{'ab'[number % 2]}" for number in range(len(found))]
    finally:
        ended.set()
        writer.join(PATIENCE_S)


def test_a_backup_takes_no_other_files_name(library: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes(b"mine")
    with opened(library) as store, pytest.raises(RefusedError, match="exists"):
        store.backup(copy, CancelToken())
    assert copy.read_bytes() == b"mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.db", "here"]


def test_a_backup_that_is_interrupted_leaves_nothing(library: Path, tmp_path: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with opened(library) as store, pytest.raises(CancelledError):
        store.backup(tmp_path / "copy.db", cancel)
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


def test_a_damaged_library_is_not_backed_up(library: Path, tmp_path: Path) -> None:
    damage(library)
    with pytest.raises(LibraryError, match="damaged"), opened_as_it_is(library) as database:
        make_backup(database, tmp_path / "copy.db", cancel=CancelToken())
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


def test_what_stood_there_is_kept_and_can_be_put_back_in_its_turn(library: Path, tmp_path: Path) -> None:
    with opened(library) as store:
        store.backup(tmp_path / "copy.db", CancelToken())
        store.database.run(ADD, ("later", "1"))
    done = restored(library, tmp_path / "copy.db")
    assert keys(library) == []
    assert done.kept is not None
    assert [backup.path for backup in list_backups(library)] == [done.kept]
    restored(library, Path(done.kept), now=NOW + 1)
    assert keys(library) == ["later"]
    assert len(list_backups(library)) == 2


def test_the_log_of_what_stood_there_does_not_get_into_what_comes(library: Path, tmp_path: Path) -> None:
    with opened(library) as store:
        store.backup(tmp_path / "copy.db", CancelToken())
    # As after a kill: what is in the log is committed, but not in the file.
    with closing(sqlite3.connect(library, isolation_level=None)) as connection:
        connection.execute(ADD, ("later", "1"))
        side = {name: library.with_name(f"library.db{name}").read_bytes() for name in ("", "-wal")}
    for name, data in side.items():
        library.with_name(f"library.db{name}").write_bytes(data)
    done = restored(library, tmp_path / "copy.db")
    assert keys(library) == []
    assert integrity(library) == "ok"
    assert done.kept is not None
    assert keys(Path(done.kept)) == ["later"]


@pytest.mark.invariant("S1-H-11")
def test_the_log_of_a_damaged_library_is_kept_with_it_and_not_with_what_comes(library: Path, tmp_path: Path) -> None:
    with opened(library) as store:
        store.backup(tmp_path / "copy.db", CancelToken())
    with closing(sqlite3.connect(library, isolation_level=None)) as connection:
        connection.execute(ADD, ("later", "1"))
        log = library.with_name("library.db-wal").read_bytes()
    library.write_bytes(b"rubbish" * 9999)
    library.with_name("library.db-wal").write_bytes(log)
    done = restored(library, tmp_path / "copy.db")
    assert keys(library) == []
    assert integrity(library) == "ok"
    assert done.kept is not None
    assert Path(f"{done.kept}-wal").read_bytes() == log


def spoil_middle(path: Path) -> None:
    damage(path)


@pytest.mark.parametrize(
    "spoil",
    [spoil_middle, lambda path: path.write_bytes(b"rubbish" * 999), lambda path: path.write_bytes(b"")],
    ids=["page", "text", "empty"],
)
def test_a_damaged_library_is_kept_byte_by_byte_and_replaced(
    library: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    with opened(library) as store:
        store.backup(tmp_path / "copy.db", CancelToken())
    spoil(library)
    spoilt = library.read_bytes()
    done = restored(library, tmp_path / "copy.db")
    assert done.kept is not None
    assert Path(done.kept).read_bytes() == spoilt
    assert len(titles(library)) == 3
    assert integrity(library) == "ok"


def test_a_library_in_use_is_not_replaced(library: Path, tmp_path: Path) -> None:
    with opened(library) as store:
        store.backup(tmp_path / "copy.db", CancelToken())
        store.database.run(ADD, ("later", "1"))
        with pytest.raises(LibraryError, match=r"is in use by .*, which did not end within 0.3 s"):
            restored(library, tmp_path / "copy.db")
        assert store.database.all("SELECT key FROM settings") == [("later",)]
    assert sorted(path.name for path in library.parent.iterdir()) == ["library.db", "library.db.lock"]


def test_a_library_that_a_foreign_program_has_open_is_not_replaced(library: Path, tmp_path: Path) -> None:
    with opened(library) as store:
        store.backup(tmp_path / "copy.db", CancelToken())
    with closing(sqlite3.connect(library, isolation_level=None)) as foreign:
        foreign.execute(ADD, ("foreign", "1"))
        with pytest.raises(LibraryError, match="is in use by another program"):
            restored(library, tmp_path / "copy.db")
        foreign.execute(ADD, ("later", "1"))
    assert keys(library) == ["foreign", "later"]


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 9999")


def foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE places (id INTEGER PRIMARY KEY)")


@pytest.mark.parametrize(
    "spoil",
    [damage, newer, foreign, lambda path: path.write_bytes(b""), lambda path: path.unlink()],
    ids=["damaged", "newer", "foreign", "empty", "missing"],
)
def test_what_is_no_whole_backup_is_not_put_back(library: Path, tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    copy = tmp_path / "copy.db"
    with opened(library) as store:
        store.backup(copy, CancelToken())
    spoil(copy)
    before = library.read_bytes()
    with pytest.raises(LibraryError):
        restored(library, copy)
    assert library.read_bytes() == before
    assert not backup_folder(library).exists()
    assert sorted(path.name for path in library.parent.iterdir()) == ["library.db", "library.db.lock"]


def test_an_old_backup_is_put_back_and_migrated_by_the_next_opening(library: Path, tmp_path: Path) -> None:
    old = make_library(tmp_path / "old.db", version=1, tracks=7)
    assert restored(library, old).backup.version == 1
    assert look_at(library).is_old
    with opened(library) as store:
        assert store.database.one("SELECT count(*) FROM track_search WHERE track_search MATCH 'title'") == (7,)
    assert describe_backup(old).version == 1


def findings(library: Path) -> dict[str, bool]:
    with opened_as_it_is(library) as database:
        return {check.name: check.ok for check in check_contents(database, CancelToken())}


def test_a_whole_library_passes_every_check(library: Path) -> None:
    before = library.read_bytes()
    names = ("version", "file", "schema", "references", "search", "contents")
    assert findings(library) == dict.fromkeys(names, True)
    assert library.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "statements"),
    [
        ("references", ("PRAGMA foreign_keys = 0", "UPDATE tracks SET album_id = 99 WHERE id = 2")),
        ("schema", ("DROP INDEX tracks_title",)),
        ("schema", ("CREATE TABLE more (id INTEGER)",)),
        ("schema", ("DROP TRIGGER track_search_added",)),
        ("search", ("INSERT INTO track_search (track_search, rowid, title) VALUES ('delete', 1, 'Title 1')",)),
        ("search", ("INSERT INTO track_search (rowid, title) VALUES (77, 'nobody')",)),
        ("contents", ("UPDATE tracks SET sheet_id = 1 WHERE id = 2",)),
    ],
)
def test_what_is_wrong_is_found_and_named(library: Path, name: str, statements: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(library, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
    found = findings(library)
    assert [one for one, ok in found.items() if not ok] == [name]


def test_a_damaged_page_is_found(library: Path) -> None:
    damage(library)
    assert findings(library)["file"] is False


def test_a_check_that_is_interrupted_ends(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auralis_cli.db.interruption._STEPS_BETWEEN_LOOKS", 10)
    cancel = CancelToken()
    cancel.cancel()
    with opened_as_it_is(library) as database, pytest.raises(CancelledError):
        list(check_contents(database, cancel))


MOUNTS = """\
/dev/vda / ext4 rw 0 0
server:/music /mnt/nas nfs4 rw 0 0
//server/share /mnt/win\\040share cifs rw 0 0
you@there:/ /home/you/there fuse.sshfs rw 0 0
/dev/sdb1 /mnt/nas/disk xfs rw 0 0
/dev/sdc1 /mnt/ntfs fuseblk rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/you/library.db", None),
        ("/mnt/nas", "nfs4"),
        ("/mnt/nas/data/library.db", "nfs4"),
        ("/mnt/nas2/library.db", None),
        ("/mnt/nas/disk/library.db", None),
        ("/mnt/win share/library.db", "cifs"),
        ("/home/you/there/library.db", "fuse.sshfs"),
        ("/mnt/ntfs/library.db", None),
    ],
)
def test_network_file_systems_are_told_by_where_they_are_mounted(tmp_path: Path, path: str, kind: str | None) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert network_filesystem(Path(path), mounts) == kind
    assert network_filesystem(Path(path), tmp_path / "none") is None


def test_a_library_on_a_network_file_system_is_warned_about_when_it_is_written_to(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auralis_cli.db.store.network_filesystem", lambda _: "nfs4")
    with opened(library) as store:
        (warning,) = store.warnings
    assert "network file system (nfs4)" in warning
    with opened(library, read_only=True) as store:
        assert store.warnings == ()
