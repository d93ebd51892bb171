"""Edits a stored queue again and again, each time in a process that kills itself before another of its statements.

Run as a program, so that forking concerns nobody else; prints what the library holds after each.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from libraries import integrity, opened

from auralis_cli.db.store import Store
from auralis_cli.model.queue import QueueEdit, QueueTrack


def edit(store: Store, step: str) -> None:
    if step == "undo":
        store.queue.undo(now=9)
    elif step == "redo":
        store.queue.redo(now=9)
    else:
        store.queue.save(store.queue.load().add([QueueTrack("/m/new")]), QueueEdit.ADD, now=9)


def edit_until(library: Path, step: str, at: int) -> bool:
    """Whether the step came to its end before its statement number `at`; 0 lets it."""
    child = os.fork()
    if child == 0:
        left = at

        def count(_statement: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        with opened(library) as store:
            store.database.of_this_thread().set_trace_callback(count)
            edit(store, step)
            store.database.of_this_thread().set_trace_callback(None)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return not os.WIFSIGNALED(status)


def said(library: Path) -> str:
    with opened(library) as store:
        return repr((store.queue.load(), store.queue.load_history()))


def main(library: Path, step: str) -> None:
    whole = library.read_bytes()
    before = said(library)
    assert edit_until(library, step, 0)
    print(json.dumps({"before": before, "after": said(library)}))
    at, ended = 0, False
    while not ended:
        at += 1
        library.write_bytes(whole)
        for beside in ("-wal", "-shm"):
            library.with_name(library.name + beside).unlink(missing_ok=True)
        ended = edit_until(library, step, at)
        print(json.dumps({"at": at, "integrity": integrity(library), "found": said(library)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
