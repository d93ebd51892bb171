"""Records of long runs: one writer each, gone processes, expiry, names of any bytes."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from auralis_cli.errors import OutputError
from auralis_cli.services.job_records import (
    KEPT_RECORDS,
    KEPT_S,
    JobNote,
    JobRecord,
    JobRecords,
    RunState,
    process_began,
)

NOW = 1_800_000_000.0


@pytest.fixture
def records(tmp_path: Path) -> JobRecords:
    return JobRecords(tmp_path / "jobs")


def begun(records: JobRecords, *words: str, now: float = NOW) -> JobRecord:
    return records.begin("scan", words or ("scan",), "/music", now=now)


def ended(records: JobRecords, *words: str, now: float = NOW, state: RunState = RunState.FINISHED) -> JobRecord:
    record = replace(begun(records, *words, now=now), state=state, ended_at=now, exit_code=0)
    records.put(record)
    return record


def test_what_runs_is_listed_first_and_the_latest_before_the_others(records: JobRecords) -> None:
    running = begun(records, "scan", "a")
    others = [ended(records, "scan", str(number)) for number in range(3)]
    assert [one.id for one in records.all()] == [running.id, *(one.id for one in reversed(others))]


def test_a_record_whose_process_is_gone_was_interrupted(records: JobRecords) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        record = replace(begun(records), pid=process.pid, process_began=process_began(process.pid))
        records.put(record)
        found = records.get(record.id)
        assert found is not None
        assert found.state is RunState.RUNNING
        process.kill()
    found = records.get(record.id)
    assert found is not None
    assert found.state is RunState.INTERRUPTED
    assert found.is_resumable


def test_another_process_of_the_same_number_is_not_taken_for_it(records: JobRecords) -> None:
    record = replace(begun(records), process_began="1 another-start")
    records.put(record)
    found = records.get(record.id)
    assert found is not None
    assert found.state is RunState.INTERRUPTED


@pytest.mark.invariant("S1-M-10")
def test_two_writers_never_share_a_number(records: JobRecords, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kills the fault that a record takes its name whether or not another has it."""
    real, stale = JobRecords._numbers, [True, True]
    # Both look at the same moment, when nothing is there yet.
    monkeypatch.setattr(JobRecords, "_numbers", lambda own: [] if stale and stale.pop() else real(own))
    assert [begun(records, "scan", str(number)).id for number in range(2)] == [1, 2]
    assert sorted(one.words[1] for one in records.all()) == ["0", "1"]


@pytest.mark.invariant("S1-M-10")
def test_of_ten_thousand_jobs_the_latest_are_kept_and_none_that_is_old(records: JobRecords, tmp_path: Path) -> None:
    templates = [ended(records, "scan", "0", now=NOW - ago_s) for ago_s in (KEPT_S + 60, 60, 60)]
    for number in range(4, 10_001):
        # Every third began and ended too long ago, whatever its number.
        template = tmp_path / "jobs" / f"{templates[number % 3].id}.json"
        os.link(template, tmp_path / "jobs" / f"{number}.json")
    note = JobNote(records, "scan", ["scan", "new"], "/music", lambda: NOW)
    note.heard(1, 2)
    note.ended(RunState.FINISHED, 0)
    kept = records.all()
    assert kept[0].words == ("scan", "new")
    assert 0 < len(kept) <= KEPT_RECORDS + 1 <= 200
    assert all(NOW - (one.ended_at or one.begun_at) <= KEPT_S for one in kept)


def test_what_runs_never_expires(records: JobRecords) -> None:
    running = begun(records, now=NOW - 10 * KEPT_S)
    records.expire(now=NOW)
    assert [one.id for one in records.all()] == [running.id]


def test_words_and_folders_of_any_bytes_come_back(records: JobRecords) -> None:
    word, folder = os.fsdecode(b"/m\xfc/\n.flac"), os.fsdecode(b"/\xff")
    record = records.begin("master", ["master", word], folder, now=NOW)
    found = records.get(record.id)
    assert found is not None
    assert (found.words, found.cwd) == (("master", word), folder)
    assert os.fsencode(found.words[1]) == b"/m\xfc/\n.flac"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"words": "scan"}', '{"words": ["scan"], "state": "dancing"}'])
def test_what_is_no_record_is_passed_over(records: JobRecords, tmp_path: Path, text: str) -> None:
    kept = begun(records)
    (tmp_path / "jobs" / "7.json").write_text(text)
    (tmp_path / "jobs" / "no-number.json").write_text(text)
    assert [one.id for one in records.all()] == [kept.id]
    assert begun(records).id == 8


def test_a_note_is_written_at_most_once_a_second_and_at_the_end(records: JobRecords, tmp_path: Path) -> None:
    now = [NOW]
    note = JobNote(records, "scan", ["scan"], "/music", lambda: now[0])
    assert records.all() == []
    seen = set()
    for step in range(100):
        now[0] = NOW + 0.05 * step
        note.heard(step, 100)
        seen.add((tmp_path / "jobs" / "1.json").stat().st_ino)
    assert len(seen) <= 6
    note.ended(RunState.FAILED, 3)
    (record,) = records.all()
    assert (record.state, record.done, record.total, record.exit_code) == (RunState.FAILED, 99, 100, 3)


def test_the_same_words_in_the_same_folder_take_the_place_of_what_they_left(records: JobRecords) -> None:
    ended(records, "scan", "a", state=RunState.INTERRUPTED)
    other = ended(records, "scan", "b", state=RunState.INTERRUPTED)
    note = JobNote(records, "scan", ["scan", "a"], "/music", lambda: NOW)
    note.heard(0, 1)
    assert {one.words[1] for one in records.all()} == {"a", "b"}
    assert [one.id for one in records.all() if one.words[1] == "b"] == [other.id]
    # Nothing was left to do, so that no record was begun.
    JobNote(records, "scan", ["scan", "b"], "/music", lambda: NOW).ended(RunState.FINISHED, 0)
    assert [one.words[1] for one in records.all()] == ["a"]


def test_where_nothing_can_be_written_the_work_goes_on(tmp_path: Path) -> None:
    (tmp_path / "jobs").write_text("no folder")
    note = JobNote(JobRecords(tmp_path / "jobs"), "scan", ["scan"], "/music", lambda: NOW)
    note.heard(1, 2)
    note.ended(RunState.FINISHED, 0)
    assert JobRecords(tmp_path / "jobs").all() == []


@pytest.mark.parametrize("fails", ["json.dump", "pathlib.Path.replace"])
def test_a_record_that_the_disk_has_no_room_for_leaves_nothing_behind(
    records: JobRecords, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    running = begun(records)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(fails, full)
    with pytest.raises(OutputError, match="No space left"):
        records.put(replace(running, done=1))
    assert [path.name for path in (tmp_path / "jobs").iterdir()] == [f"{running.id}.json"]
    found = records.get(running.id)
    assert found is not None
    assert found.done is None


def test_a_run_that_could_not_be_told_of_for_a_while_is_told_to_have_ended(
    records: JobRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = JobNote(records, "scan", ("scan",), "/music", lambda: NOW)
    note.heard(0, 2)
    with monkeypatch.context() as full:
        full.setattr(JobRecords, "put", lambda *_: no_room())
        monkeypatch.setattr(note, "_clock", lambda: NOW + 10)
        note.heard(1, 2)
    note.ended(RunState.FINISHED, 0)
    [record] = records.all()
    assert (record.state, record.exit_code) == (RunState.FINISHED, 0)


def no_room() -> None:
    raise OutputError("jobs", "No space left on device")
