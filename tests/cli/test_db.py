"""`auralis db …` and --library: one library, decided once, kept well."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from command_line import REPOSITORY, Finished, Terminal, auralis, auralis_process
from libraries import damage, integrity, make_library, opened, titles

from auralis_cli.cli import run
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.verb import Session
from auralis_cli.db import backups
from auralis_cli.db.migrations.all import SCHEMA_VERSION
from auralis_cli.output import Output
from auralis_cli.services import library as library_service


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"AURALIS_HOME": str(tmp_path / "home")}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return make_library(tmp_path / "place" / "library.db")


def own_library(home: dict[str, str]) -> Path:
    return Path(home["AURALIS_HOME"]) / "data" / "library.db"


# Which library


def test_the_library_is_that_of_the_flag_else_the_variable_else_a_file_else_the_users_own(
    tmp_path: Path, home: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def chosen(*words: str | Path, **variables: str) -> str:
        done = auralis(*words, "db", "path", variables={**home, **variables})
        assert done.code == 0, done.err
        return done.out.rstrip("\n")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    assert chosen() == str(own_library(home))
    config = Path(home["AURALIS_HOME"]) / "config" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("[library]\nfile = '~/own.db'\n")
    assert chosen() == str(tmp_path / "user" / "own.db")
    other = tmp_path / "other.toml"
    other.write_text("[library]\nfile = 'relative.db'\n")
    assert chosen("--config", other) == str(tmp_path / "relative.db")
    assert chosen("--config", other, AURALIS_LIBRARY="/v.db") == "/v.db"
    assert chosen("--config", other, "--library", "flag.db", AURALIS_LIBRARY="/v.db") == str(tmp_path / "flag.db")
    assert chosen(AURALIS_LIBRARY="") == str(tmp_path / "user" / "own.db")


def test_a_library_without_a_name_is_a_usage_error(home: dict[str, str]) -> None:
    for words in (("--library", "", "db", "path"), ("--library", "a\0b", "db", "path"), ("--library",)):
        assert auralis(*words, variables=home).code == 2


@pytest.mark.invariant("S0-M05")
@pytest.mark.parametrize(
    "words", [("check",), ("backup",), ("restore", "-y"), ("migrate",), ("path", "--json")], ids=lambda words: words[0]
)
def test_with_a_chosen_library_no_other_one_is_touched(
    words: tuple[str, ...], library: Path, home: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert auralis("--library", library, "db", "backup", variables=home).code == 0
    own = make_library(own_library(home), tracks=9)
    before = {path: path.read_bytes() for path in own.parent.rglob("*") if path.is_file()}
    touched: list[Path] = []
    connect = sqlite3.connect

    def noted(name: str, *rest: Any, **options: Any) -> sqlite3.Connection:
        touched.append(Path(name.removeprefix("file:").partition("?")[0]))
        made: sqlite3.Connection = connect(name, *rest, **options)
        return made

    monkeypatch.setattr(sqlite3, "connect", noted)
    assert auralis("--library", library, "db", *words, variables=home).code == 0
    monkeypatch.undo()
    assert touched
    assert all(path.is_relative_to(library.parent) or str(path) == ":memory:" for path in touched)
    assert {path: path.read_bytes() for path in own.parent.rglob("*") if path.is_file()} == before


@pytest.mark.invariant("S0-M05")
def test_verbs_are_given_the_chosen_library_and_the_home_folder_stays_empty(
    library: Path, home: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    session = Session(Output(sys.stdout, sys.stderr, home), library_file=library)
    with opened_library(session, create=True) as store:
        store.database.run("INSERT INTO settings (key, value) VALUES ('a', 'b')")
        assert store.database.path == library
    assert not own_library(home).exists()
    assert capsys.readouterr().err == ""


def test_where_no_library_is_a_reading_verb_finds_an_empty_one_and_makes_none(
    home: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    session = Session(Output(sys.stdout, sys.stderr, home))
    with opened_library(session, read_only=True) as store:
        assert store.database.all("SELECT * FROM tracks") == []
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"{own_library(home)}: no library yet (auralis scan DIR makes one)\n"
    assert not own_library(home).parent.exists()


def test_a_writing_verb_makes_the_library_where_there_is_none(home: dict[str, str]) -> None:
    session = Session(Output(sys.stdout, sys.stderr, home))
    with opened_library(session, create=True):
        pass
    assert titles(own_library(home)) == []


def test_a_library_on_a_network_file_system_is_warned_about_everywhere(
    library: Path, home: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in ("store", "opening"):
        monkeypatch.setattr(f"auralis_cli.db.{place}.network_filesystem", lambda _: "nfs4")
    monkeypatch.setattr(library_service, "network_filesystem", lambda _: "nfs4")
    with opened_library(Session(Output(sys.stdout, sys.stderr, home), library_file=library), create=True):
        pass
    warned = capsys.readouterr().err
    assert warned.startswith(f"auralis: warning: {library}: lies on a network file system (nfs4)")
    assert warned.count("\n") == 1
    checked = auralis("--library", library, "db", "check", "--json", variables=home)
    assert checked.code == 0  # in danger, not damaged
    assert [check["name"] for check in checked.document["checks"] if not check["ok"]] == ["place"]
    assert (
        auralis("--library", library, "db", "path", "--json", variables=home).document["network_filesystem"] == "nfs4"
    )
    examined = auralis("--library", library, "doctor", "--json", variables=home)
    assert [check["name"] for check in examined.document["checks"] if not check["ok"]] == ["library"]


# db path


def test_path_tells_the_state_and_the_backups(library: Path, home: dict[str, str]) -> None:
    assert auralis("--library", library, "db", "backup", variables=home).code == 0
    told = auralis("--library", library, "db", "path", "--json", variables=home).document
    assert list(told) == [
        *("path", "exists", "size_bytes", "version", "newest_version", "network_filesystem", "backups")
    ]
    assert (told["path"], told["exists"], told["size_bytes"]) == (str(library), True, library.stat().st_size)
    assert told["version"] == told["newest_version"] == SCHEMA_VERSION
    (backup,) = told["backups"]
    assert list(backup) == ["path", "size_bytes", "made_at", "version"]
    missing = auralis("db", "path", "--json", variables=home).document
    assert (missing["exists"], missing["size_bytes"], missing["version"], missing["backups"]) == (False, None, None, [])
    assert not own_library(home).parent.exists()


# db check


def test_check_says_what_it_asked_and_changes_nothing(library: Path, home: dict[str, str]) -> None:
    before = library.read_bytes()
    done = auralis("--library", library, "db", "check", variables=home)
    assert (done.code, done.err) == (0, "")
    names = ["version", "file", "schema", "references", "search", "contents", "place"]
    assert [line.split()[:2] for line in done.out.splitlines()] == [["ok", name] for name in names]
    assert "3 tracks" in done.out
    told = auralis("--library", library, "db", "check", "--json", variables=home).document
    assert (told["path"], told["ok"]) == (str(library), True)
    assert [check["name"] for check in told["checks"]] == names
    assert library.read_bytes() == before


def test_check_of_a_damaged_library_ends_with_5(library: Path, home: dict[str, str]) -> None:
    damage(library)
    done = auralis("--library", library, "db", "check", "--json", variables=home)
    assert done.code == 5
    assert done.document["ok"] is False
    shown = auralis("--library", library, "db", "check", variables=home)
    assert shown.code == 5
    assert "no  file" in shown.out
    assert "→ auralis db restore" in shown.out


def test_check_does_not_migrate(tmp_path: Path, home: dict[str, str]) -> None:
    library = make_library(tmp_path / "old.db", version=1)
    before = library.read_bytes()
    done = auralis("--library", library, "db", "check", variables=home)
    assert done.code == 0
    assert f"to be migrated to {SCHEMA_VERSION}" in done.out
    assert library.read_bytes() == before


@pytest.mark.parametrize("words", [("check",), ("backup",), ("migrate",), ("restore", "-y")])
def test_where_there_is_nothing_to_keep_the_code_is_5(words: tuple[str, ...], home: dict[str, str]) -> None:
    done = auralis("db", *words, "--json", variables=home)
    assert done.code == 5
    assert done.document["error"]["code"] == "library"
    assert done.err.count("\n") == 1
    assert not own_library(home).exists()


# db backup, db restore


def test_a_backup_goes_where_it_is_told_and_never_over_a_file(
    library: Path, home: dict[str, str], tmp_path: Path
) -> None:
    def backed_up(*words: str | Path) -> Finished:
        return auralis("--library", library, "db", "backup", *words, variables=home)

    beside = backed_up()
    assert beside.code == 0
    assert Path(beside.out.rstrip("\n")).parent == backups.backup_folder(library)
    named = backed_up(tmp_path / "copy.db", "--json")
    assert named.document == {
        "path": str(tmp_path / "copy.db"),
        "size_bytes": (tmp_path / "copy.db").stat().st_size,
        "made_at": int((tmp_path / "copy.db").stat().st_mtime),
        "version": SCHEMA_VERSION,
        "dry_run": False,
    }
    again = backed_up(tmp_path / "copy.db")
    assert again.code == 2
    assert "exists" in again.err
    folder = tmp_path / "stick"
    folder.mkdir()
    assert Path(backed_up(folder).out.rstrip("\n")).parent == folder
    planned = backed_up(tmp_path / "planned.db", "-n", "--json").document
    assert (planned["dry_run"], planned["made_at"]) == (True, None)
    assert not (tmp_path / "planned.db").exists()
    assert backed_up(tmp_path / "no" / "folder.db").code == 5
    assert all(integrity(path) == "ok" for path in (tmp_path / "copy.db", *folder.iterdir()))


def test_restore_puts_the_newest_or_the_named_one_back_and_keeps_what_was_there(
    library: Path, home: dict[str, str], tmp_path: Path
) -> None:
    def restored(*words: str | Path) -> Finished:
        return auralis("--library", library, "db", "restore", *words, variables=home)

    assert auralis("--library", library, "db", "backup", variables=home).code == 0
    with opened(library) as store:
        store.database.run("UPDATE tracks SET title = 'Spoilt'")
    planned = restored("-n", "--json").document
    assert planned["dry_run"] is True
    assert set(titles(library)) == {"Spoilt"}
    done = restored("-y", "--json").document
    assert titles(library) == ["Title 1", "Title 2", "Title 3"]
    assert done["backup"] == planned["backup"]
    shown = restored("-y", done["kept"])
    assert shown.code == 0
    assert shown.out.startswith(f"{library}: is the backup of ")
    assert shown.err.startswith("what stood there is kept in ")
    assert set(titles(library)) == {"Spoilt"}


def test_restore_asks_and_does_nothing_where_nobody_answers(library: Path, home: dict[str, str]) -> None:
    assert auralis("--library", library, "db", "backup", variables=home).code == 0
    before = library.read_bytes()
    done = auralis("--library", library, "db", "restore", "--json", variables=home)
    assert done.code == 2
    assert done.document["error"]["code"] == "refused"
    assert "-y answers yes" in done.err
    assert library.read_bytes() == before


@pytest.mark.parametrize(
    ("answer", "spoilt"), [("y\n", False), ("Yes\n", False), ("\n", True), ("n\n", True), ("", True)]
)
def test_restore_does_what_is_answered(
    answer: str, spoilt: bool, library: Path, home: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert auralis("--library", library, "db", "backup", variables=home).code == 0
    with opened(library) as store:
        store.database.run("UPDATE tracks SET title = 'Spoilt'")
    typed = Terminal(answer)
    monkeypatch.setattr(sys, "stdin", typed)
    out, err = Terminal(), Terminal()
    assert run(["--library", str(library), "db", "restore"], Session(Output(out, err, home))) == 0
    assert err.getvalue().count("[y/N]") == 1
    assert ("Spoilt" in titles(library)) is spoilt


def test_a_library_in_use_is_not_restored_and_says_who_uses_it(
    library: Path, home: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert auralis("--library", library, "db", "backup", variables=home).code == 0
    with opened(library):
        monkeypatch.setattr(library_service.restore_library, "__kwdefaults__", {"wait_s": 0.2})
        done = auralis("--library", library, "db", "restore", "-y", variables=home)
    assert done.code == 5
    assert "is in use by" in done.err
    assert done.err.count("\n") == 1


# db migrate


def test_migrate_says_from_where_to_where_and_names_the_backup(tmp_path: Path, home: dict[str, str]) -> None:
    library = make_library(tmp_path / "old.db", version=1)

    def migrated(*words: str) -> Finished:
        return auralis("--library", library, "db", "migrate", *words, variables=home)

    before = library.read_bytes()
    assert "would go from version 1" in migrated("-n").out
    assert library.read_bytes() == before
    done = migrated("--json").document
    assert (done["from_version"], done["to_version"], done["dry_run"]) == (1, SCHEMA_VERSION, False)
    assert titles(Path(done["backup"]["path"])) == titles(library)
    again = migrated()
    assert (again.code, again.out) == (0, "")
    assert "nothing to migrate" in again.err


# Elsewhere


def test_doctor_tells_where_the_library_is_and_what_is_wrong_with_it(library: Path, home: dict[str, str]) -> None:
    def examined(*words: str | Path, **variables: str) -> dict[str, Any]:
        checks = auralis(*words, "doctor", "--json", variables={**home, **variables}).document["checks"]
        return next(check for check in checks if check["name"] == "library")

    assert "does not exist yet" in examined()["detail"]
    assert not own_library(home).parent.exists()
    sound = examined("--library", library)
    assert sound["ok"] is True
    assert sound["detail"].startswith(f"{library}, ")
    library.write_bytes(b"rubbish" * 9999)
    broken = examined("--library", library)
    assert (broken["ok"], "is no library" in broken["detail"]) == (False, True)
    assert examined(AURALIS_LIBRARY=str(library.parent))["ok"] is False


def test_a_full_disk_ends_with_5_and_loses_nothing(library: Path, home: dict[str, str], tmp_path: Path) -> None:
    with opened(library) as store, store.database.write():
        for number in range(300):
            store.database.run("INSERT INTO settings (key, value) VALUES (?, ?)", (str(number), "x" * 4000))
    script = "ulimit -f 300; trap '' XFSZ; exec \"$@\""
    words = [sys.executable, "-m", "auralis_cli", "--library", str(library), "db", "backup", str(tmp_path / "copy.db")]
    environment = {**os.environ, **home, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        ["bash", "-c", script, "bash", *words], capture_output=True, text=True, env=environment, timeout=60, check=False
    )
    assert done.returncode == 5
    assert done.stderr.startswith(f"auralis: error: {tmp_path / 'copy.db'}: ")
    assert done.stderr.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["place"]
    assert integrity(library) == "ok"


def test_as_a_process_it_is_quick_and_imports_little(library: Path, home: dict[str, str]) -> None:
    done = auralis_process("--library", library, "db", "check", AURALIS_HOME=home["AURALIS_HOME"])
    assert done.code == 0, done.err
    script = (
        "import sys; sys.argv[0] = 'auralis'\n"
        "from auralis_cli.services import library\n"
        "print(sorted({'numpy', 'numba', 'soundfile', 'av', 'textual', 'mutagen'} & set(sys.modules)))"
    )
    words = [sys.executable, "-c", script]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    found = subprocess.run(words, capture_output=True, text=True, env=environment, timeout=60, check=True)
    assert found.stdout == "[]\n"


def test_a_library_of_a_newer_program_is_refused_by_every_verb(library: Path, home: dict[str, str]) -> None:
    with closing(sqlite3.connect(library)) as connection:
        connection.execute("PRAGMA user_version = 9999")
    copy = library.with_name("copy.db")
    shutil.copy(library, copy)
    for words in (("check",), ("backup",), ("migrate",), ("path", "--json")):
        done = auralis("--library", library, "db", *words, variables=home)
        assert done.code == 5, words
        assert "newer auralis" in done.err
    assert library.read_bytes() == copy.read_bytes()
