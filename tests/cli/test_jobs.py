"""`auralis jobs`: lists long runs, and begins again what was interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import REPOSITORY, auralis, auralis_process
from scanned_folders import song

from auralis_cli.paths import jobs_dir
from auralis_cli.services.job_records import JobRecords, RunState


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AURALIS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def music(tmp_path: Path) -> Path:
    for number in range(3):
        song(tmp_path / "music" / f"{number}.wav", number)
    return tmp_path / "music"


def interrupted(cwd: Path, *words: str) -> int:
    """The number of a record that a killed run of `words` would leave."""
    records = JobRecords(jobs_dir(), began=lambda _pid: "long ago")
    return records.begin(words[0], words, str(cwd), now=1_800_000_000.0).id


def test_a_scan_is_listed_with_its_words_and_how_it_ended(music: Path) -> None:
    assert auralis("jobs").err == "nothing runs, and nothing ran lately\n"
    assert auralis("scan", music).code == 0
    (job,) = auralis("jobs", "--json").document["items"]
    assert job["words"] == ["scan", str(music)]
    assert (job["state"], job["exit_code"], job["cwd"]) == ("finished", 0, os.getcwd())
    listed = auralis("jobs").out
    assert f"auralis scan {music}" in listed
    assert "finished" in listed


def test_a_dry_run_and_a_verb_of_one_file_are_no_jobs(music: Path) -> None:
    assert auralis("scan", "-n", music).code == 0
    assert auralis("list").code in (0, 5)
    assert auralis("jobs", "--json").document["items"] == []


def test_resume_runs_the_same_words_in_the_same_folder(music: Path, home: Path) -> None:
    """Kills the fault that something else is run."""
    elsewhere = music.parent / "elsewhere"
    elsewhere.mkdir()
    number = interrupted(music.parent, "scan", "music")
    done = auralis_process("jobs", "resume", str(number), cwd=elsewhere, AURALIS_HOME=str(home))
    assert done.code == 0, done.err
    assert "3 added" in done.out
    (job,) = auralis("jobs", "--json").document["items"]
    assert (job["words"], job["cwd"], job["state"]) == (["scan", "music"], str(music.parent), "finished")


def test_resume_ends_with_the_exit_code_and_the_errors_of_the_verb(tmp_path: Path, home: Path) -> None:
    interrupted(tmp_path, "scan", "not-there")
    done = auralis_process("jobs", "resume", AURALIS_HOME=str(home))
    assert done.code == 4
    assert "not-there" in done.err


def test_a_run_that_is_killed_is_interrupted_and_resumed(music: Path, home: Path) -> None:
    variables = {**os.environ, "AURALIS_HOME": str(home), "PYTHONPATH": str(REPOSITORY)}
    watch = [sys.executable, "-m", "auralis_cli", "scan", "--watch", "music"]
    with subprocess.Popen(watch, env=variables, cwd=music.parent, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "added" in process.stdout.readline()
        (job,) = JobRecords(jobs_dir()).all()
        assert job.state is RunState.RUNNING
        assert "runs" in auralis("jobs", "resume", str(job.id)).err
        assert auralis("jobs", "forget", str(job.id)).code == 2
        process.send_signal(signal.SIGKILL)
    (job,) = JobRecords(jobs_dir()).all()
    assert job.state is RunState.INTERRUPTED


def test_what_read_standard_input_is_not_run_again(tmp_path: Path) -> None:
    number = interrupted(tmp_path, "master", "--files-from", "-", "--out-dir", "out")
    assert auralis("jobs", "resume", str(number)).code == 2
    assert auralis("jobs", "resume").err == "there is nothing to resume\n"


def test_resume_says_where_the_folder_is_gone_and_what_is_no_job(tmp_path: Path) -> None:
    interrupted(tmp_path / "gone", "scan")
    assert auralis("jobs", "resume").code == 4
    assert auralis("jobs", "resume", "99").code == 2
    assert os.getcwd() != str(tmp_path / "gone")


def test_jobs_are_forgotten_by_number_or_when_they_are_finished(music: Path, tmp_path: Path) -> None:
    assert auralis("scan", music).code == 0
    number = interrupted(tmp_path, "scan")
    assert auralis("jobs", "forget").code == 2
    assert auralis("jobs", "forget", "--finished").code == 0
    assert [one["id"] for one in auralis("jobs", "--json").document["items"]] == [number]
    assert auralis("jobs", "forget", str(number)).code == 0
    assert auralis("jobs", "--jsonl").out == ""


def test_a_dry_run_forgets_nothing_and_runs_nothing(music: Path, tmp_path: Path) -> None:
    assert auralis("scan", music).code == 0
    number = interrupted(tmp_path, "scan", "music")
    told = auralis("jobs", "forget", "--finished", str(number), str(number), "-n", "--json").document
    assert (len(told["items"]), told["dry_run"]) == (2, True)
    assert auralis("jobs", "forget", str(number), "-n").out == "dry run: 1 job forgotten\n"
    assert auralis("jobs", "resume", "-n").out == f"dry run: auralis scan music (in {tmp_path})\n"
    assert auralis("jobs", "--json").document["items"][::-1] == told["items"][::-1]
    told = auralis("jobs", "forget", str(number), "--json").document
    assert ([one["id"] for one in told["items"]], told["dry_run"]) == ([number], False)
    assert auralis("jobs", "forget", "--finished").out == "1 job forgotten\n"


def test_names_of_any_bytes_are_shown_and_never_obeyed(tmp_path: Path) -> None:
    interrupted(tmp_path, "scan", os.fsdecode(b"m\xfc\x1b[2J"))
    assert "\x1b" not in auralis("jobs").out
    line = auralis("jobs", "--jsonl").out
    assert json.loads(line)["words"] == ["scan", os.fsdecode(b"m\xfc\x1b[2J")]
