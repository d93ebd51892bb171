"""The program, which sends itself a signal as it reports a step: nothing of what follows can be over by then.

Run as a program: the signal's number, whom it reaches (`process`, or `group` as Ctrl-C on a terminal does), what the
step says as JSON, then the words of the command line. Behind the step it says how long it has worked: `processor_s`.
What it is asked to stop it has to stop by itself: nothing interrupts it where it stands after a grace.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from patience import PATIENCE_S, until
from process_figures import of_session

from auralis_cli import __main__ as program
from auralis_cli.output import Output


def signalled_at(
    number: signal.Signals, step: Mapping[str, object], *words: str | Path, group: bool = False
) -> list[str]:
    """A command that runs these words and is sent the signal at its first step that says this.

    A group's has to be started in a session of its own.
    """
    told = (str(int(number)), "group" if group else "process", json.dumps(step), "--progress", "json")
    return [sys.executable, __file__, *told, *map(str, words)]


def killed_at(step: Mapping[str, object], *words: str | Path, environ: Mapping[str, str]) -> None:
    """Runs these words until they are killed at that step; nothing that was started for them is left."""
    command = signalled_at(signal.SIGKILL, step, *words)
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(command, env=environ, stdout=nowhere, stderr=nowhere, start_new_session=True)
    assert process.wait(4 * PATIENCE_S) == -signal.SIGKILL
    until(lambda: not of_session(process.pid), "what it started outlives it")


def _signal_at(number: int, whom: str, step: Mapping[str, object]) -> None:
    tell, has_come = Output.progress_line, False

    def progress_line(output: Output, value: Any) -> None:
        nonlocal has_come
        tell(output, value)
        if not has_come and step.items() <= value.items():
            has_come = True
            tell(output, {"processor_s": time.process_time()})
            os.kill(0 if whom == "group" else os.getpid(), number)

    Output.progress_line = progress_line  # type: ignore[assignment, method-assign]


if __name__ == "__main__":
    _signal_at(int(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]))
    program.GRACE_S = 20.0 * PATIENCE_S
    sys.argv[1:] = sys.argv[4:]
    program.main()
