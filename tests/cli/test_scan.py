"""`auralis scan` as a command: real files, worker processes, what it says and how it ends."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import REPOSITORY, Finished, auralis, auralis_process
from scanned_folders import music, song

__all__ = ["music"]
KEYS = ["added", "updated", "unchanged", "moved", "missing", "failed", "skipped"]

Run = Callable[..., Finished]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Command lines with a home of their own, in this process."""

    def start(*words: str | Path, **variables: str) -> Finished:
        return auralis(*words, variables={"AURALIS_HOME": str(tmp_path / "home"), **variables})

    return start


def counts(done: Finished) -> dict[str, int]:
    return {key: done.document[key] for key in KEYS if done.document[key]}


def test_a_scan_says_what_it_did_in_one_line(run: Run, music: Path) -> None:
    for number in range(3):
        song(music / f"{number}.wav", number)
    first = run("scan", music)
    assert (first.code, first.err) == (0, "")
    assert first.out.startswith("3 added in ")
    assert run("scan").out.startswith("3 unchanged in ")
    assert run("scan", "-n").out == "dry run: 3 unchanged\n"


def test_a_scan_as_json_has_every_count_and_every_failure(run: Run, music: Path) -> None:
    song(music / "good.wav", 1)
    bad = music / os.fsdecode(b"bad \xff.flac")
    bad.write_bytes(b"no audio at all")
    done = run("scan", music, "--json")
    assert done.code == 3
    assert list(done.document) == [*KEYS, "failures", "offline", "warnings", "dry_run", "seconds"]
    assert counts(done) == {"added": 1, "failed": 1}
    (failure,) = done.document["failures"]
    assert failure["path"] == str(bad)
    assert failure["error"]["code"] == "unsupported"
    assert counts(run("scan", "--json")) == {"unchanged": 2}


def test_where_every_file_fails_that_is_the_exit_code(run: Run, music: Path) -> None:
    (music / "bad.flac").write_bytes(b"no audio at all")
    assert run("scan", music).code == 4


def test_a_dry_run_makes_no_library(run: Run, music: Path, tmp_path: Path) -> None:
    song(music / "a.wav", 1)
    done = run("scan", music, "-n", "--json")
    assert (counts(done), done.document["dry_run"]) == ({"added": 1}, True)
    assert not (tmp_path / "home" / "data").exists()


def test_without_a_folder_something_has_to_be_known(run: Run) -> None:
    done = run("scan")
    assert done.code == 2
    assert "no folder is known yet" in done.err


def test_what_is_no_folder_ends_the_scan_at_once(run: Run, music: Path) -> None:
    done = run("scan", music / "nowhere")
    assert done.code == 4
    assert (
        done.err
        == f"auralis: error: {music}/nowhere: cannot be read (no such file or directory) (scan takes folders)\n"
    )


@pytest.mark.invariant("S1-H-08")
def test_what_is_left_out_is_said_by_flag_variable_and_file(run: Run, music: Path, tmp_path: Path) -> None:
    song(music / "a.wav", 1)
    song(music / "rough" / "b.wav", 2)
    song(music / "c.wav", 3)
    assert counts(run("scan", music, "-n", "--json")) == {"added": 3}
    assert counts(run("scan", music, "-n", "--json", "--ignore", "rough/")) == {"added": 2}
    assert counts(run("scan", music, "-n", "--json", AURALIS_SCAN_IGNORE="rough/\nc.*")) == {"added": 1}
    config = tmp_path / "config.toml"
    config.write_text('[scan]\nignore = ["rough/", "a.wav"]\n')
    assert counts(run("--config", config, "scan", music, "-n", "--json")) == {"added": 1}
    config.write_text("[scan]\nignore = [1]\n")
    assert run("--config", config, "scan", music, "-n").code == 2


@pytest.mark.corpus
def test_open_music_is_scanned_and_a_second_scan_changes_nothing(corpus: Path, tmp_path: Path) -> None:
    first = auralis_process("scan", corpus, "--json", AURALIS_HOME=str(tmp_path))
    assert first.code == 0, first.err
    assert first.document["added"] > 50
    assert counts(auralis_process("scan", "--json", AURALIS_HOME=str(tmp_path))) == {
        "unchanged": first.document["added"]
    }


@pytest.mark.invariant("S2-NEW-1")
@pytest.mark.parametrize("how", ["crash", "hang"])
def test_a_file_that_takes_its_worker_down_costs_itself_alone(how: str, music: Path, tmp_path: Path) -> None:
    for number in range(40):
        song(music / f"{number}.wav", number)
    song(music / "7" / f"{how}.wav", 99)
    home = str(tmp_path / "home")
    poison = os.pathsep.join([str(REPOSITORY / "tests" / "poison"), str(REPOSITORY)])
    done = auralis_process("scan", music, "--json", "--stall-timeout=2s", AURALIS_HOME=home, PYTHONPATH=poison)
    assert done.code == 3, done.err
    assert counts(done) == {"added": 40, "failed": 1}
    (failure,) = done.document["failures"]
    assert failure["path"] == str(music / "7" / f"{how}.wav")
    assert "cannot be read: " in failure["error"]["message"]
    # It is known by then, and not tried again.
    assert counts(auralis_process("scan", "--json", AURALIS_HOME=home, PYTHONPATH=poison)) == {"unchanged": 41}
