"""Whole processes, timed from start to end, with the most memory they held. Imports nothing large.

A child's peak memory starts at what its parent held when it was started, so whoever measures stays small.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    seconds: float
    # Of the process, or of the largest of its own children.
    peak_mib: float
    output: str
    # Of it and of its own children, however busy the machine was.
    processor_s: float = 0.0


class FailedRunError(Exception):
    """A measured process that did not succeed measures nothing."""


def run(command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> Run:
    """Runs a command to its end; what it prints goes to `log`."""
    with log.open("w+b") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    text = log.read_text(encoding="utf-8", errors="replace")
    if process.returncode != 0:
        raise FailedRunError(f"{' '.join(command)}: exit {process.returncode}\n{text[-2000:]}")
    return Run(seconds, usage.ru_maxrss / 1024, text, usage.ru_utime + usage.ru_stime)
