"""Rewrites or renames files, or undoes that, in processes that kill themselves at one moment after another.

A moment is a statement of the library's, or a call that makes, writes, syncs, renames or removes a file. Run as a
program, so that forking concerns nobody else: WORK, FOLDER with music/ in it, KILLS, SEED; prints what was found wrong.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from file_edits import LATER, State, Titled, rewrite, state_of
from libraries import integrity, opened
from scanned_folders import SilentBatchProgress

from auralis_cli.db.store import Store
from auralis_cli.errors import RefusedError
from auralis_cli.model.file_moves import FileMove
from auralis_cli.model.progress import CancelToken
from auralis_cli.services.changes import changes
from auralis_cli.services.file_moving import move_files
from auralis_cli.services.scan import ScanRequest, scan
from auralis_cli.services.undo import undo

_MOMENTS = ("replace", "rename", "link", "fsync", "unlink", "open", "write", "utime", "close")


def until(at: int, library: Path, work: Callable[[Store], None]) -> int:
    """Does the work in a process that is killed before its moment number `at`; how many it came by where it was not."""
    seen, told = os.pipe()
    child = os.fork()
    if child == 0:
        left = at

        def moment(*_: object) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        with opened(library) as store:
            store.database.of_this_thread().set_trace_callback(moment)
            for name in _MOMENTS:
                setattr(os, name, _counted(getattr(os, name), moment))
            work(store)
            store.database.of_this_thread().set_trace_callback(None)
        _plain_write(told, str(at - left).encode())
        os._exit(0)
    os.close(told)
    _, status = os.waitpid(child, 0)
    came_by = os.read(seen, 20)
    os.close(seen)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the work failed"
    return int(came_by or b"0")


_plain_write = os.write


def _counted(call: Callable[..., Any], moment: Callable[[], None]) -> Callable[..., Any]:
    def counted(*args: Any, **options: Any) -> Any:
        moment()
        return call(*args, **options)

    return counted


class Trial:
    """One folder of music, and what it is before and after."""

    def __init__(self, folder: Path, work: str) -> None:
        self.folder = folder
        self.work = {"rewrite": self.rewrite, "all": self.rewrite_all, "move": self.move}[work]
        self.music, self.library = folder / "music", folder / "home" / "library.db"
        self.library.parent.mkdir(exist_ok=True)
        with opened(self.library) as store:
            scan(store, ScanRequest((self.music,)), SilentBatchProgress(), CancelToken(), now=LATER)
        self.old = state_of(self.music)
        # The journal has an entry already, that of the scan.
        self.entry = 2
        for name in ("music", "home"):
            shutil.copytree(folder / name, folder / "kept" / name)
        self.moments = until(1 << 40, self.library, self.work)
        self.new = state_of(self.music)
        self.moments_of_undo = until(1 << 40, self.library, self.undo)

    def fresh(self) -> None:
        """All as before."""
        for name in ("music", "home"):
            shutil.rmtree(self.folder / name)
            shutil.copytree(self.folder / "kept" / name, self.folder / name)

    def rewrite(self, store: Store) -> None:
        rewrite(store, [(Path(path), Titled("New", "m" * 300)) for path in self.old])

    def rewrite_all(self, store: Store) -> None:
        rewrite(store, [(Path(path), Titled("New", "m" * 300)) for path in self.old], all_or_nothing=True)

    def move(self, store: Store) -> None:
        """A circle of four, a chain of four, and the others into a new folder."""
        paths = [Path(path) for path in self.old]
        names = [*paths[1:4], paths[0], *paths[5:8], self.music / "last.wav"]
        names += [self.music / "new" / path.name for path in paths[8:]]
        with changes(store, "tag rename-files", "a test", lambda: LATER) as change:
            moves = [FileMove(str(old), str(new)) for old, new in zip(paths, names, strict=True)]
            for moved in move_files(store, change, moves, SilentBatchProgress(), CancelToken()):
                assert moved.failure is None

    def undo(self, store: Store) -> None:
        undo(store, self.entry, now=9)

    def mixed(self) -> str | None:
        """What is neither old nor new."""
        now = state_of(self.music)
        if self.work == self.move:
            # Under a name or another; a file may have two for a moment.
            return None if set(now.values()) == set(self.old.values()) else "a file is gone, or another one"
        visible = {path: found for path, found in now.items() if not Path(path).name.startswith(".auralis-")}
        if visible.keys() != self.old.keys():
            return f"files: {sorted(visible)}"
        for path, (mode, _, digest) in visible.items():
            if (mode, digest) not in ((self.old[path][0], self.old[path][2]), (self.new[path][0], self.new[path][2])):
                return f"{path} is neither old nor new"
        return None

    def not_undone(self) -> str | None:
        """What undoing leaves otherwise than it was."""
        with opened(self.library) as store:
            try:
                self.undo(store)
            except RefusedError as error:
                # Nothing had come of it.
                if store.journal.entry(self.entry) is not None:
                    return str(error)
            except Exception as error:
                if store.journal.entry(self.entry) is not None:
                    return str(error)
            rows = store.database.all("SELECT title FROM tracks")
            if any(title in ("New", "last") for (title,) in rows):
                return "the library has it as it was not"
        if integrity(self.library) != "ok":
            return "the library is damaged"
        now: State = state_of(self.music)
        left = {path: found for path, found in now.items() if path not in self.old}
        if left and self.has_entry():
            return f"left behind: {sorted(left)}"
        wrong = [path for path in self.old if now.get(path) != self.old[path]]
        return f"not as they were: {wrong}" if wrong else None

    def has_entry(self) -> bool:
        with opened(self.library) as store:
            return store.journal.entry(self.entry) is not None


def main(work: str, folder: Path, kills: int, seed: int) -> None:
    os.environ["AURALIS_HOME"] = str(folder / "home")
    trial = Trial(folder, work)
    chosen = random.Random(seed)
    wrong: list[str] = []
    for number in range(kills):
        trial.fresh()
        at = chosen.randint(1, trial.moments)
        until(at, trial.library, trial.work)
        found = trial.mixed()
        if found is None and number % 2:
            # The undoing is killed as well.
            at_undo = chosen.randint(1, trial.moments_of_undo)
            if trial.has_entry():
                until(at_undo, trial.library, trial.undo)
                found = trial.mixed()
            with opened(trial.library) as store:
                entry = store.journal.entry(trial.entry)
                is_undone = entry is not None and entry.undone_at is not None
            if found is None and not is_undone:
                found = trial.not_undone()
        elif found is None:
            found = trial.not_undone()
        if found is not None:
            wrong.append(f"killed at {at} of {trial.moments}: {found}")
    print(json.dumps({"moments": trial.moments, "moments_of_undo": trial.moments_of_undo, "wrong": wrong}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
