"""The one way by which verbs come to an open library."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from auralis_cli.commands.verb import Session
from auralis_cli.version import VERSION

if TYPE_CHECKING:
    from auralis_cli.db.store import Store


@contextmanager
def opened_library(session: Session, *, create: bool = False, read_only: bool = False) -> Iterator[Store]:
    """The library of this run, open; closed on every way out.

    Where there is none yet, `create` makes it. Otherwise the verb is given an empty one that is kept nowhere, so that
    its listing is empty, and a note says how a library comes to be. With `read_only` nothing can be written, and the
    library may lie where nothing may be.
    """
    from auralis_cli.db.store import Store

    path, now = session.library_path, int(time.time())
    if not create and not path.exists():
        session.output.note(f"{path}: no library yet (auralis scan DIR makes one)")
        opened = Store.empty(program=VERSION, now=now)
    else:
        opened = Store.open(path, program=VERSION, now=now, read_only=read_only)
    with opened as store:
        for warning in store.warnings:
            session.output.warning(warning)
        yield store
