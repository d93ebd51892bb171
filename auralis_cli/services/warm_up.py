"""Kernels are compiled at their first use on a machine; the user is told why that takes a moment."""

from __future__ import annotations

from auralis_cli.dsp._jit import kernels_are_compiled
from auralis_cli.model.progress import ProgressSink


def announce_compilation(progress: ProgressSink) -> None:
    """One note where no earlier run has left compiled kernels."""
    if not kernels_are_compiled():
        progress.note("compiling kernels for this machine, once (up to a minute)")
