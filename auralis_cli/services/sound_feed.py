"""What an interface shows of the sound: frames from a process beside it, the newest only, told on a thread.

feed = SoundFeed("player", environ, tell)
feed.begin()
…
frame = feed.take()     # once `tell` was called
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress

from auralis_cli.model.sound_frame import SoundFrame
from auralis_cli.services.background_verbs import own_variables

_PROGRAM = ("-m", "auralis_cli.services.sound_watching")
_ENDS_WITHIN_S = 1.0
_RESET = b"reset\n"


class SoundFeed:
    """The meters' process of one player, while somebody looks at them."""

    def __init__(self, player: str, variables: Mapping[str, str], tell: Callable[[], object]) -> None:
        """`tell` is called from a thread when there is a frame to `take`, not again before that was taken."""
        self._words = (sys.executable, *_PROGRAM, player)
        self._variables = own_variables(variables)
        self._tell = tell
        self._newest = threading.Lock()
        self._frame: SoundFrame | None = None
        self._run: _Run | None = None
        # Why the last process ended by itself; empty where it did not.
        self.problem = ""

    @property
    def is_running(self) -> bool:
        """Whether the process is there, or about to be."""
        return self._run is not None and not self._run.has_ended.is_set()

    def begin(self) -> None:
        """Starts the process, on a thread; nothing where it runs."""
        if not self.is_running:
            self.problem = ""
            self._run = _Run(self._words, self._variables, self._take_line)
            self._run.thread.start()

    def forget_track(self) -> None:
        """Another track begins: what is reckoned of all of it begins anew."""
        if self._run is not None:
            self._run.order(_RESET)

    def end(self) -> None:
        """Ends the process; returns at once, and nothing is told any more."""
        run, self._run = self._run, None
        if run is not None:
            run.end()
        with self._newest:
            self._frame = None

    def take(self) -> SoundFrame | None:
        """The newest frame; None where there is none that was not taken."""
        with self._newest:
            frame, self._frame = self._frame, None
        return frame

    def _take_line(self, run: _Run, line: bytes) -> None:
        if run is not self._run:
            return
        try:
            told = json.loads(line)
            if "error" in told:
                self.problem = str(told["error"]["message"])
                return
            frame = SoundFrame.of_json(told)
        except (ValueError, TypeError, KeyError):
            return
        with self._newest:
            was_taken, self._frame = self._frame is None, frame
        if was_taken:
            self._tell()


class _Run:
    """One process, started, read and ended by one thread."""

    def __init__(
        self, words: tuple[str, ...], variables: Mapping[str, str], hear: Callable[[_Run, bytes], None]
    ) -> None:
        self._words, self._variables, self._hear = words, variables, hear
        # The end that orders go into; one that is closed ends the process.
        self._theirs, self._ours = os.pipe()
        os.set_blocking(self._ours, False)
        self._closing = threading.Lock()
        self.has_ended = threading.Event()
        self.thread = threading.Thread(target=self._follow, name="sound frames", daemon=True)

    def order(self, line: bytes) -> None:
        """Tells it something, if it listens."""
        with self._closing, suppress(OSError):
            if self._ours >= 0:
                os.write(self._ours, line)

    def end(self) -> None:
        """Has it end."""
        with self._closing:
            if self._ours >= 0:
                os.close(self._ours)
                self._ours = -1

    def _follow(self) -> None:
        try:
            with subprocess.Popen(
                self._words, env=dict(self._variables), stdin=self._theirs, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            ) as process:  # fmt: skip
                assert process.stdout is not None
                for line in process.stdout:
                    self._hear(self, line)
                self._let_go(process)
        except OSError:
            # No more processes: what is not measured is not shown.
            pass
        finally:
            self.end()
            os.close(self._theirs)
            self.has_ended.set()

    def _let_go(self, process: subprocess.Popen[bytes]) -> None:
        try:
            process.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
