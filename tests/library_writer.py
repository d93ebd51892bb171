"""A program that writes to a library until it is stopped: `auralis write`, a verb that only tests have.

It runs by the program's own command line, so that it ends as every verb does: `library_writer.py --library FILE write`.
"""

from __future__ import annotations

import sys
from itertools import count
from typing import Annotated

import typer

from auralis_cli import cli
from auralis_cli.__main__ import main
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.verb import Page, VerbCommand, build_verb, session_of
from auralis_cli.db.connection import BUSY_TIMEOUT_S

ROWS_IN_A_BATCH = 200
_INSERT = "INSERT INTO settings (key, value) VALUES (?, ?)"


def write(
    context: typer.Context,
    batches: Annotated[int, typer.Option("--batches", metavar="N", help="End after so many; 0 never does.")] = 0,
    fail: Annotated[bool, typer.Option("--fail", help="End with a failure.")] = False,
    wait_s: Annotated[float, typer.Option("--wait", metavar="S", help="Wait for others so long.")] = BUSY_TIMEOUT_S,
) -> int:
    """Write batches of rows, each in a transaction, and print the number of each that is committed."""
    session = session_of(context)
    with opened_library(session, create=True) as store:
        store.database.busy_timeout_s = wait_s
        row = store.database.one("SELECT coalesce(max(CAST(key AS INTEGER)), -1) FROM settings")
        first = 0 if row is None else int(row[0]) + 1
        for number in count(first):
            if batches and number >= first + batches:
                break
            session.cancel.raise_if_cancelled()
            with store.database.write():
                for index in range(ROWS_IN_A_BATCH):
                    store.database.run(_INSERT, (f"{number}/{index}", "x" * 1000))
            session.output.result(str(number))
            session.output.flush()
        if fail:
            raise ArithmeticError("told to fail")
    return 0


if __name__ == "__main__":
    page = Page((("auralis write", "Write."),), ((0, "Done."),))
    verb: VerbCommand = build_verb("write", "Write.", write, page)
    cli.VERBS["write"] = "Write."
    vars(cli)["load_verb"] = lambda _: verb
    sys.argv[0] = "auralis"
    main()
