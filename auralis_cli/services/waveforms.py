"""Shapes of tracks for seek bars: kept in the cache folder, drawn by a process where they are not there yet.

    waveforms = Waveforms(library, environ)
    waveforms.ask(track, lambda found: app.post_message(Drawn(found)))

Whoever asks is answered on a thread of this one's, and waits for nothing. Only what was asked for last is of interest.
"""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from auralis_cli.errors import AuralisError, InputError
from auralis_cli.model.queue import QueueTrack
from auralis_cli.model.waveform import Waveform
from auralis_cli.paths import cache_dir
from auralis_cli.services.background_verbs import own_variables
from auralis_cli.services.plan_cache import PlanCache

# Rises when what is drawn changes.
_VERSION = 1
# Of 2 kB each.
_MOST_KEPT = 4000
_PROGRAM = (sys.executable, "-m", "auralis_cli.services.waveform_drawing")

# Told the shape, or why there is none.
Drawn = Callable[[Waveform | AuralisError], None]


def waveforms_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where they lie."""
    return cache_dir(environ) / "waveforms"


class Waveforms:
    """Draws each track once; a file that crashes or hangs a decoder costs its shape, and that until the next."""

    def __init__(self, library: Path, environ: Mapping[str, str] = os.environ, *, most_kept: int = _MOST_KEPT) -> None:
        """`library` is where tracks are looked up, if it is there."""
        self._library, self._environ = library, environ
        self._cache = PlanCache(waveforms_folder(environ), most_kept, ".wave")
        self._asked: _Asked | None = None

    def ask(self, track: QueueTrack, done: Drawn) -> None:
        """Has `done` told the shape of a track, unless another is asked for before that."""
        self.withdraw()
        self._asked = asked = _Asked(done)
        threading.Thread(target=self._find, args=(track, asked), name="draws a track", daemon=True).start()

    def withdraw(self) -> None:
        """Nobody waits for what was asked for last; what is under way for it ends."""
        if self._asked is not None:
            self._asked.withdraw()
            self._asked = None

    def _find(self, track: QueueTrack, asked: _Asked) -> None:
        key = waveform_key(track)
        kept = None if key is None else self._cache.get(key)
        found = None if kept is None else Waveform.of_bytes(kept)
        if found is None:
            found = self._draw(track, asked)
            # What was written while it was read is another file now.
            if found is not None and key is not None and waveform_key(track) == key:
                self._cache.put(key, found.to_bytes())
        asked.tell(found or InputError(track.path, "cannot be drawn"))

    def _draw(self, track: QueueTrack, asked: _Asked) -> Waveform | None:
        words = (*_PROGRAM, str(self._library), track.path, str(track.cue_number), str(track.track_id or 0))
        try:
            process = subprocess.Popen(
                words, env=own_variables(self._environ), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, ValueError):
            # No more processes; or a name that no file has.
            return None
        with process:
            asked.works(process)
            data, _ = process.communicate()
        return Waveform.of_bytes(data) if process.returncode == 0 else None


class _Asked:
    """Somebody who waits for a shape."""

    def __init__(self, done: Drawn) -> None:
        self._done = done
        self._changing = threading.Lock()
        self._is_withdrawn = False
        self._process: subprocess.Popen[bytes] | None = None

    def works(self, process: subprocess.Popen[bytes]) -> None:
        """That process works for it."""
        with self._changing:
            self._process = process
            if self._is_withdrawn:
                process.kill()

    def withdraw(self) -> None:
        """Waits no more."""
        with self._changing:
            self._is_withdrawn = True
            if self._process is not None:
                self._process.kill()

    def tell(self, found: Waveform | AuralisError) -> None:
        """Tells it, if it still waits."""
        with self._changing:
            is_wanted = not self._is_withdrawn
        if is_wanted:
            self._done(found)


def waveform_key(track: QueueTrack) -> str | None:
    """What the track's audio is, without reading it; None where there is no such file."""
    try:
        status = os.stat(track.path)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    file = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return hashlib.sha256(repr((_VERSION, file, track.cue_number)).encode()).hexdigest()[:32]
