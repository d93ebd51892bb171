"""A headless player as a process of its own, started for an interface that may end, crash or sleep beside it."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from auralis_cli.errors import OutputError
from auralis_cli.services.background_verbs import own_variables
from auralis_cli.settings import SETTINGS

_LAST_LINES_BYTES = 4000
# How the command line begins the line of a failure.
_ERROR = "auralis: error: "


class PlayerProcess:
    """Starts `play --headless`, and says when it has ended and why.

    It belongs to no terminal, so that neither Ctrl-C nor a lost terminal reaches it. Where a player runs already, it
    hands over what it was to play and ends well.
    """

    def __init__(
        self,
        command: Sequence[str],
        variables: Mapping[str, str],
        log_file: Path,
        ended: Callable[[int, str], object],
        *,
        again: Sequence[str] = (),
    ) -> None:
        """`command` is what `play` is put behind; `ended` is told exit code and error, on a thread.

        `again` are the words for one that is started after the first has ended.
        """
        self._command = tuple(command)
        # What it says is read.
        self._variables = {**own_variables(variables), SETTINGS["output.color"].variable: "never"}
        self._log_file = log_file
        self._ended = ended
        self._again = tuple(again)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether it is there: it is the player then, or will be."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Its number, once it was started."""
        return None if self._process is None else self._process.pid

    def begin(self, words: Sequence[str] = (), *, stdin: int = subprocess.DEVNULL) -> None:
        """Starts it with the words of `play`; OutputError where what it says cannot be kept."""
        try:
            self._log_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._log_file.open("wb") as log:
                self._process = subprocess.Popen(
                    (*self._command, "play", "--headless", *words),
                    stdin=stdin, stdout=subprocess.DEVNULL, stderr=log, env=self._variables, start_new_session=True,
                )  # fmt: skip
        except OSError as error:
            raise OutputError(str(self._log_file), error.strerror or "cannot be written") from error
        threading.Thread(target=self._await, args=(self._process,), name="awaits the player", daemon=True).start()

    def begin_again(self) -> None:
        """Starts another, which goes on where the last one stopped."""
        self.begin(self._again)

    def _await(self, process: subprocess.Popen[bytes]) -> None:
        code = process.wait()
        self._ended(code, self._complaint())

    def _complaint(self) -> str:
        """The error it ended with; empty where it said none, as one that was killed."""
        try:
            with self._log_file.open("rb") as log:
                log.seek(max(0, log.seek(0, os.SEEK_END) - _LAST_LINES_BYTES))
                lines = log.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return ""
        errors = (line.removeprefix(_ERROR) for line in reversed(lines) if line.startswith(_ERROR))
        return next(errors, "")
