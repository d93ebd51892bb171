"""Runs the command line for tests: in this process with streams of their own, or as a process."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auralis_cli.cli import run
from auralis_cli.commands.verb import Session
from auralis_cli.output import Output

REPOSITORY = Path(__file__).resolve().parent.parent


# The one variable that every run in this process is given: where nothing of the user's is.
_PLACES = {"AURALIS_HOME": os.environ["AURALIS_HOME"]}


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Finished:
    """What a run left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as JSON, NaN and Infinity refused."""

        def refuse(word: str) -> None:
            raise AssertionError(f"{word} is not JSON")

        return json.loads(self.out, parse_constant=refuse)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Finished]


def auralis(*words: str | Path, terminal: bool = False, variables: Mapping[str, str] | None = None) -> Finished:
    """One command line, run in this process."""
    stream = Terminal if terminal else io.StringIO
    out, err = stream(), stream()
    code = run([str(word) for word in words], Session(Output(out, err, {**_PLACES, **(variables or {})})))
    return Finished(code, out.getvalue(), err.getvalue())


def auralis_process(*words: str | Path, cwd: Path | None = None, **variables: str) -> Finished:
    """One command line as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "auralis_cli", *(os.fspath(word) for word in words)],
        capture_output=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **variables},
        timeout=120,
        check=False,
    )
    return Finished(done.returncode, done.stdout.decode(), done.stderr.decode())
