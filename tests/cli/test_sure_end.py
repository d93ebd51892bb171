"""What was told to end, ends."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from command_line import REPOSITORY

HANGS = """
import threading
from auralis_cli.commands.sure_end import ended_for_sure
from auralis_cli.model.progress import CancelToken
cancel = CancelToken()
with ended_for_sure(cancel, {patience_s}):
    {before}
    threading.Event().wait({waits_s})
print("through", flush=True)
"""


def ran(before: str, waits_s: float | None, patience_s: float = 0.2) -> tuple[int, str]:
    words = [sys.executable, "-c", HANGS.format(before=before, waits_s=waits_s, patience_s=patience_s)]
    environ = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(words, env=environ, capture_output=True, text=True, timeout=60.0, check=False)
    return done.returncode, done.stdout


@pytest.mark.invariant("S1-M-29")
def test_what_waits_for_ever_ends_once_it_was_told_to() -> None:
    assert ran("cancel.cancel()", None) == (130, "")


def test_what_ends_by_itself_or_was_not_told_to_end_is_left_alone() -> None:
    assert ran("cancel.cancel()", 1.0, patience_s=600.0) == (0, "through\n")
    assert ran("pass", 1.5) == (0, "through\n")
