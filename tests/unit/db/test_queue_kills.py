"""Edits of the queue and their undo in a process that is killed before any one of its statements."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import REPOSITORY

from auralis_cli.db.store import Store
from auralis_cli.model.queue import Queue, QueueEdit, QueueTrack

KILLER = REPOSITORY / "tests" / "killed_edits.py"


def prepared(library: Path) -> None:
    """A queue with two edits that can be taken back and one that can be made again."""
    with Store.open(library, program="test", now=1) as store:
        queue = Queue()
        for number in range(3):
            queue = queue.add([QueueTrack(f"/m/{number}{letter}") for letter in "abc"]).jump(number)
            store.queue.save(queue, QueueEdit.ADD, now=number)
        store.queue.undo(now=5)


@pytest.mark.invariant("S1-M-21")
@pytest.mark.parametrize("step", ["undo", "redo", "edit"])
def test_a_kill_at_any_statement_leaves_the_queue_before_or_after(tmp_path: Path, step: str) -> None:
    """The fault: the queue is pointed at in one transaction, the history in another."""
    library = tmp_path / "library.db"
    prepared(library)
    variables = {**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'tests'}"}
    done = subprocess.run([sys.executable, KILLER, library, step], capture_output=True, text=True, env=variables)
    assert done.returncode == 0, done.stderr
    ends, *kills = map(json.loads, done.stdout.splitlines())
    assert ends["before"] != ends["after"]
    assert len(kills) > 6
    for kill in kills:
        assert kill["integrity"] == "ok"
        assert kill["found"] in (ends["before"], ends["after"]), f"killed before statement {kill['at']}"
    assert {kill["found"] for kill in kills} == {ends["before"], ends["after"]}
