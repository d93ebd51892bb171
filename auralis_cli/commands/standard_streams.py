"""Audio through standard input and output: what is refused before any work is done."""

from __future__ import annotations

from collections.abc import Sequence

from auralis_cli.commands.verb import Session
from auralis_cli.errors import OutputError, RefusedError, UsageError
from auralis_cli.model.source import STANDARD_STREAM, AudioSource


def check_standard_input(session: Session, sources: Sequence[AudioSource]) -> None:
    """Raises UsageError where standard input is wanted twice, or somebody would have to type the audio."""
    wanted = sum(source.path is None for source in sources)
    if wanted > 1:
        raise UsageError(STANDARD_STREAM, "is named more than once", "standard input can be read once")
    stdin = session.streams.stdin
    if wanted and stdin is not None and stdin.isatty():
        raise RefusedError(STANDARD_STREAM, "standard input is a terminal", "pipe audio into it, or name a file")


def check_standard_output(session: Session, *, as_json: bool) -> None:
    """Raises where audio on standard output would meet a terminal, a document, or nothing at all."""
    if as_json:
        raise UsageError("--json", "standard output carries the audio", "--report FILE.json takes the result")
    stdout = session.streams.stdout
    if stdout is None:
        raise OutputError("standard output", "is closed", "pipe it on, or name OUT")
    if stdout.isatty():
        raise RefusedError(STANDARD_STREAM, "audio is not written to a terminal", "pipe it on, or name OUT")
