"""Verbs as processes of their own: what they tell, how they end."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from patience import PATIENCE_S

from auralis_cli.services.background_verbs import BackgroundVerbs, JobState, VerbJob, own_command

# Says as much as a verb does, and stops as one.
_PROGRAM = """
import json, signal, sys, time
def say(value): print(json.dumps(value), file=sys.stderr, flush=True)
def stop(*_): sys.exit(130)
signal.signal(signal.SIGINT, stop)
words = sys.argv[1:]
assert words[:2] == ["--progress", "json"], words
say({"finished": "/music/a.flac", "items_done": 1, "items": 4})
say({"note": "kernels are compiled"})
print("auralis: warning: one thing", file=sys.stderr, flush=True)
if words[2] == "wait": signal.pause()
if words[2] == "list":
    for number in range(3): print(json.dumps({"id": number}), flush=True)
print("3 added in 0.1 s")
sys.exit(int(words[3]) if len(words) > 3 else 0)
"""


def verbs(told: Callable[[VerbJob], object]) -> BackgroundVerbs:
    return BackgroundVerbs((sys.executable, "-c", _PROGRAM), os.environ, told, time.monotonic)


def ended(told: SimpleQueue[VerbJob]) -> VerbJob:
    while (job := told.get(timeout=PATIENCE_S)).is_running:
        pass
    return job


def test_a_verb_tells_where_it_is_and_what_came_of_it() -> None:
    told: SimpleQueue[VerbJob] = SimpleQueue()
    heard: list[Mapping[str, Any]] = []
    verbs(told.put).begin("Look", ("list",), heard.append)
    job = ended(told)
    assert [one["id"] for one in heard] == [0, 1, 2]
    assert (job.state, job.summary, job.done, job.task) == (JobState.DONE, "3 added in 0.1 s", 0.25, "/music/a.flac")
    assert job.said == ("kernels are compiled", "auralis: warning: one thing")


@pytest.mark.parametrize(("code", "state"), [(3, JobState.PARTLY), (5, JobState.FAILED)])
def test_the_exit_code_says_what_became_of_it(code: int, state: JobState) -> None:
    told: SimpleQueue[VerbJob] = SimpleQueue()
    verbs(told.put).begin("Scan", ("scan", str(code)))
    assert ended(told).state is state


def test_a_verb_stops_when_it_is_asked_to() -> None:
    told: SimpleQueue[VerbJob] = SimpleQueue()
    all_verbs = verbs(told.put)
    number = all_verbs.begin("Wait", ("wait",))
    while told.get(timeout=PATIENCE_S).done is None:
        pass
    assert all_verbs.stop(number)
    assert ended(told).state is JobState.STOPPED
    assert not all_verbs.stop(number)
    assert not all_verbs.running


def test_a_program_that_is_not_there_is_a_failure_that_is_told() -> None:
    told: SimpleQueue[VerbJob] = SimpleQueue()
    BackgroundVerbs(("/nowhere/auralis",), os.environ, told.put, time.monotonic).begin("Scan", ("scan",))
    job = ended(told)
    assert job.state is JobState.FAILED
    assert "No such file" in job.said[-1]


def test_what_is_run_is_this_program_over_the_same_library(tmp_path: Path) -> None:
    told: SimpleQueue[VerbJob] = SimpleQueue()
    variables = {**os.environ, "AURALIS_HOME": str(tmp_path)}
    # Whatever lies in the folder it is started in.
    all_verbs = BackgroundVerbs(own_command(tmp_path / "my.db"), variables, told.put, time.monotonic)
    folder = tmp_path / "music"
    folder.mkdir()
    all_verbs.begin("Scan", ("scan", str(folder)))
    job = ended(told)
    assert (job.state, (tmp_path / "my.db").exists()) == (JobState.DONE, True), job
    all_verbs.end()


_FLOODS = """
import json, sys
for number in range(20000):
    print(json.dumps({"finished": "/music/a.flac", "items_done": number, "items": 20000}), file=sys.stderr)
print("done")
"""


@pytest.mark.invariant("S2-NEW-12")
def test_a_verb_that_tells_much_is_told_of_now_and_then(tmp_path: Path) -> None:
    told: SimpleQueue[VerbJob] = SimpleQueue()
    started_s = time.monotonic()
    command = (sys.executable, "-c", _FLOODS)
    BackgroundVerbs(command, os.environ, told.put, time.monotonic).begin("Flood", ())
    count = 1
    while told.get(timeout=PATIENCE_S).is_running:
        count += 1
    assert count <= 3 + (time.monotonic() - started_s) / 0.1
