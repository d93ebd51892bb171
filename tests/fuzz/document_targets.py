"""Files that people edit and hand on: settings, presets, preferences, plays, fingerprints, tables, ignore files."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from fingerprints import fingerprinted, landmarks
from fuzz.judging import Target

from auralis_cli.audio.ignored import Ignored
from auralis_cli.commands.presets import _in_toml
from auralis_cli.errors import InputError, UsageError
from auralis_cli.json_form import json_text
from auralis_cli.model.preferences import Aspect
from auralis_cli.model.tag_changes import Wanted
from auralis_cli.model.track_kinds import TrackKind
from auralis_cli.services.export_manifest import MANIFEST_NAME, ExportManifest
from auralis_cli.services.fingerprint_records import FingerprintRecord, line_of, record_of
from auralis_cli.services.job_records import JobRecords
from auralis_cli.services.play_records import line_of as line_of_play
from auralis_cli.services.play_records import read_plays
from auralis_cli.services.preference_documents import document_of, read_document
from auralis_cli.services.tag_tsv import parse_tsv, tsv_header, tsv_line
from auralis_cli.settings import SETTINGS
from auralis_cli.settings_edit import text_with, text_without
from auralis_cli.settings_file import check_text
from auralis_cli.tui.keymap import keymap_of

NOW = 1_700_000_000
_FILE = Path("settings.toml")


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="auralis-fuzz-"))


def settings_file(data: bytes) -> None:
    """What is read is changed as `config set` and `config reset` do, and is read again."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    found = check_text(text, _FILE)
    for key in found.lines:
        assert found.place(key)
    for key, word in found.words.items():
        SETTINGS[key].kind.parse(word)
    for key, word in (("master.intensity", "0.5"), ("presets.other.low_db", "1.5"), ("scan.ignore", "*.tmp")):
        changed = text_with(text, _FILE, key, word)
        again = check_text(changed, _FILE)
        assert again.words.items() >= {k: v for k, v in found.words.items() if k != key}.items()
        check_text(text_without(changed, _FILE, key), _FILE)
    for section in ("presets", "presets.mine", "master.intensity", "keys"):
        check_text(text_without(text, _FILE, section), _FILE)
    keymap_of(own=found.keys)


def presets(data: bytes) -> None:
    """What `presets export` says is what `presets import` takes."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    found = check_text(text, _FILE).presets
    if found:
        assert check_text("\n".join(map(_in_toml, found.values())), _FILE).presets == found


def preferences(data: bytes) -> None:
    found = read_document(io.BytesIO(data), "preferences.json", now=NOW)
    for one in found:
        # A library takes it.
        _bindable(one.choice.preset, one.observed_at, one.weight, one.choice.intensity)
    again = read_document(io.BytesIO(document_of(found)), "again", now=NOW)
    assert [replace(one, weight=round(one.weight, 3)) for one in found] == list(again)


def plays(data: bytes) -> None:
    for one in read_plays(io.BytesIO(data), "plays.jsonl"):
        if isinstance(one, InputError):
            assert str(one)
            continue
        _bindable(os.fsencode(one.path), one.content_id, one.rating, one.play_count, one.last_played_at)
        assert list(read_plays(io.BytesIO(line_of_play(one)), "again")) == [one]


def prints(data: bytes) -> None:
    for line in data.split(b"\n"):
        try:
            found = record_of(line)
        except ValueError as error:
            assert len(str(error).splitlines()) == 1, error  # noqa: PT017 - which of the two comes is not known
            continue
        _bindable(found.content_key, *found.track.fingerprint.values())
        assert record_of(line_of(found, {})) == found


def table(data: bytes) -> None:
    found = parse_tsv(data, "tags.tsv")
    for line in found.lines:
        for tags in ({}, {"title": ("a",), "genre": ("Rock", "a;b")}):
            try:
                edits = line.edits(tags)
            except UsageError:
                continue
            values = {one.field: one.values for one in edits}
            assert Wanted(edits)
            again = parse_tsv(
                f"{tsv_header(found.fields)}\n{tsv_line(line.path or '/x', values, found.fields)}\n".encode(
                    "utf-8", "surrogateescape"
                ),
                "again",
            )
            assert len(again.lines) == 1
        if line.path is not None:
            os.fsencode(line.path)


def ignore_file(data: bytes) -> None:
    ignored = Ignored().within("/music", os.fsdecode(data).splitlines(), "/music/.auralisignore")
    for path in ("/music/a/b.flac", "/music/" + "a" * 200, "/music/" + "a/" * 100 + "x", "/music/\udcff"):
        ignored.holds(path, is_folder=False)
        ignored.holds(path, is_folder=True)


def manifest(data: bytes) -> None:
    """What lies in the folder of an export may have come from anywhere."""
    folder = _folder()
    (folder / MANIFEST_NAME).write_bytes(data)
    known = ExportManifest(folder)
    for one in known:
        assert one.is_made_like(one)
        # It is asked for, beside what else is there.
        status = None
        if not (folder / one.path).is_absolute() and len(os.fsencode(one.path)) < 200:
            status = os.stat(folder) if os.path.lexists(folder / one.path) else None
        one.is_as_left(status or os.stat(folder))
    known.close()
    assert {one.path for one in ExportManifest(folder)} == {one.path for one in known}


def job_record(data: bytes) -> None:
    folder = _folder() / "jobs"
    folder.mkdir(exist_ok=True)
    (folder / "1.json").write_bytes(data)
    records = JobRecords(folder, began=lambda _pid: "then")
    for one in records.all():
        json_text(one)
    records.tidy(("scan",), "/", now=1e9)
    records.expire(now=2e9)


def _bindable(*values: object) -> None:
    for value in values:
        assert _database().execute("SELECT ?", (value,)).fetchone() == (value,)


@cache
def _database() -> sqlite3.Connection:
    return sqlite3.connect(":memory:")


_SETTINGS = (
    b'[master]\nintensity = 0.5\npreset = "mine"\n\n[presets.mine]\nbase = "warm"\nlow_db = 1.5\n\n[keys]\n'
    b'"seek +5" = "right, l"\n\n[scan]\nignore = [\n  "*.tmp",\n  "x/",\n]\n',
    b'# mine\nmaster.target = "streaming"\n[targets.radio]\nbase = "streaming"\n[limits]\njobs = 2\nmax_size = "2G"\n'
    b"[play]\nvolume = 80\ncrossfade = 1.5\n",
)
_TOML_WORDS = (
    b"[master]\n", b"[presets.mine]\n", b"[presets.'x y']\n", b"[targets.radio]\n", b"[keys]\n", b"[[presets]]\n", b"[",
    b"]", b"[limits]\n", b"[play]\n", b"[scan]\n", b"base", b"intensity", b"preset", b"low_db", b"jobs", b"ignore",
    b"volume",
    b" = ", b"0.5", b"1", b'"warm"', b'"streaming"', b"true", b'"""', b"'''", b'"', b"'", b"\n", b"#", b".", b"{",
    b"}", b",",
    b" " * 400, b"1979-05-27T07:32:00Z", b"0x", b"1_000", b"inf", b"nan", b"[a]\n", b"\\u0000", b"\\", b"master.",
    b"presets.",
    b"\t", b"{ low_db = 1 }", b"play.", b"\r\n",
)  # fmt: skip


def _preferences() -> bytes:
    choice = {"observed_at": NOW - 9, "kind": next(iter(TrackKind)).value, "weight": 1.0}
    choices = [{**choice, **{str(one): None for one in Aspect}, "preset": "warm", "intensity": 0.5}]
    return json.dumps({"format": "auralis preferences", "version": 1, "choices": choices * 2}).encode()


_PLAYS = (
    b'{"path": "/m/a.flac", "cue_number": 0, "content_id": "x", "rating": 4.5, "favourite": true, "play_count": 3, '
    b'"skip_count": 1, "last_played_at": 1700000000, '
    b'"plays": [{"started_at": 1, "played_s": 2.5, "outcome": "finished"}]}'
)
_JOB = (
    b'{"verb": "scan", "words": ["scan", "/m"], "cwd": "/", "pid": 1, "process_began": "then", "begun_at": 1.0, '
    b'"state": "running", "done": 1, "total": 2, "ended_at": null, "exit_code": null}'
)
_MANIFEST = (
    b'{"auralis_export": 1}\n{"path": "a/b.opus", "key": "x", "made": "opus 128000", "source_size": 1, '
    b'"source_mtime_ns": 1700000000000000000, "size_bytes": 5, "mtime_ns": 1700000000000000000}'
)
_JSON_WORDS = (b"{", b"}", b"[", b"]", b":", b",", b'"', b'"path"', b'"/a"', b"null", b"true", b"1", b"-1.5",
    b"\\u0000",
               b"\\ud800", b'"version"', b'"choices"', b'"plays"', b" ", b"\n", b'"words"', b'"dims"')  # fmt: skip
_TSV_WORDS = (b"path", b"id", b"title", b"artist", b"genre", b"year", b"\t", b"\n", b"\r\n", b"; ", b"\\;", b"\\t",
    b"\\", b"/m/a",
              b"1", b"a", b"\xff\xfe", b"\xef\xbb\xbf", b"lyrics", b"track", b"\0")  # fmt: skip
_IGNORE_WORDS = (b"*", b"**", b"/", b"a", b"!", b"[", b"]", b"[a-z]", b"?", b"\\", b"\n", b"#", b" ", b".flac",
    b"**/", b"*a", b"x",
                 b"[!a]", b"[[:alpha:]]", b"\xff", b"/**", b"[^")  # fmt: skip
_PRINT = line_of(FingerprintRecord("test:a", fingerprinted(1), landmarks(9)), {"path": "/m/a"}).strip()

TARGETS = (
    Target("settings", settings_file, _SETTINGS, _TOML_WORDS, weight=2),
    Target("presets", presets, (b"[presets.mine]\nlow_db = 1.5\n[presets.b]\nbase = 'warm'\n", *_SETTINGS),
    _TOML_WORDS),
    Target("preferences", preferences, (_preferences(),), _JSON_WORDS, is_json=True),
    Target("plays", plays, (_PLAYS, _PLAYS + b"\n" + _PLAYS), _JSON_WORDS, is_json=True),
    Target("fingerprints", prints, (_PRINT,), _JSON_WORDS, is_json=True),
    Target("tag-table", table, (b"path\ttitle\tgenre\n/m/a.flac\tOne\tRock; Live\n", b"id\ttrack\n7\t3\n"),
           _TSV_WORDS, weight=2),
    Target("ignore-file", ignore_file, (b"*.tmp\n!keep.tmp\n/a/**/b\n[a-c]?.flac\n",), _IGNORE_WORDS, weight=1),
    Target("export-manifest", manifest, (_MANIFEST,), _JSON_WORDS, is_json=True, weight=1),
    Target("job-record", job_record, (_JOB,), _JSON_WORDS, is_json=True, weight=1),
)  # fmt: skip
