"""Kernels are compiled at their first use on a machine; the user is told why that takes a moment."""

from __future__ import annotations

import os
import subprocess
import sys

from auralis_cli.dsp._jit import kernels_are_compiled
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.services.background_verbs import own_variables
from auralis_cli.services.processors import cores

_OTHER_HALF = (sys.executable, "-m", "auralis_cli.services.kernel_exercises")
_LOOK_S = 0.05


def announce_compilation(progress: ProgressSink) -> None:
    """One note where no earlier run has left compiled kernels."""
    if not kernels_are_compiled():
        progress.note("compiling kernels for this machine, once (up to a minute)")


def compile_kernels(progress: ProgressSink, cancel: CancelToken) -> None:
    """Compiles what a master needs where no earlier run has: half of it here, half of it in a process beside.

    Without a second core, or where that process fails, kernels are compiled as they are used.
    Raises CancelledError when asked to stop.
    """
    if kernels_are_compiled():
        return
    announce_compilation(progress)
    if cores() < 2:
        return
    from auralis_cli.services.kernel_exercises import exercise_rhythm_and_spectra

    try:
        beside = subprocess.Popen(
            _OTHER_HALF, env=own_variables(os.environ),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except OSError:
        return
    try:
        exercise_rhythm_and_spectra()
        while not _has_ended(beside):
            cancel.raise_if_cancelled()
    finally:
        beside.kill()
        beside.wait()


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it has, after a moment's wait."""
    try:
        process.wait(_LOOK_S)
    except subprocess.TimeoutExpired:
        return False
    return True
