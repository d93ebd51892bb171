"""Questions before something is done that the user might not mean."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from auralis_cli.commands.verb import Session
from auralis_cli.errors import RefusedError

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def confirmed(session: Session, what: str, question: str, *, yes: bool) -> bool:
    """Whether the user wants it. Raises RefusedError, about `what`, where nobody can answer."""
    if yes:
        return True
    if not (session.output.can_ask and sys.stdin is not None and sys.stdin.isatty()):
        raise RefusedError(what, f"nobody is there to answer: {question}", "-y answers yes")
    session.output.ask(f"{question} [y/N]")
    answer = sys.stdin.readline().strip().lower()
    session.cancel.raise_if_cancelled()
    return answer in ("y", "yes")
