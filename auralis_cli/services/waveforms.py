"""Shapes of tracks for seek bars: kept in the cache folder, drawn by a worker process where they are not there yet.

    waveforms = Waveforms(library, environ)
    withdraw = waveforms.ask(track, lambda found: app.post_message(Drawn(found)))

Whoever asks is answered on a thread of this one's, and waits for nothing.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from auralis_cli.errors import AuralisError
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.queue import QueueTrack
from auralis_cli.model.waveform import Waveform
from auralis_cli.paths import cache_dir
from auralis_cli.services.newest_first import NewestFirst
from auralis_cli.services.plan_cache import PlanCache

# Rises when what is drawn changes.
_VERSION = 1
# Of 2 kB each.
_MOST_KEPT = 4000

# Told the shape, or why there is none.
Drawn = Callable[[Waveform | AuralisError], None]


def waveforms_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where they lie."""
    return cache_dir(environ) / "waveforms"


class Waveforms:
    """Draws each track once, the one that was asked for last first; a file that crashes a decoder costs its shape."""

    def __init__(
        self,
        library: Path | None,
        environ: Mapping[str, str] = os.environ,
        *,
        lane: NewestFirst | None = None,
        most_kept: int = _MOST_KEPT,
    ) -> None:
        """`library` is where tracks are looked up; None where there is none."""
        self._library = library
        self._cache = PlanCache(waveforms_folder(environ), most_kept, ".wave")
        self._lane = lane or NewestFirst()

    def ask(self, track: QueueTrack, done: Drawn) -> Callable[[], None]:
        """Has `done` told the shape of a track; calling what is returned says that nobody waits for it any more."""
        asked = _Asked(done)
        self._lane.post(partial(self._find, track, asked))
        return lambda: self._lane.post(asked.withdraw)

    def close(self) -> None:
        """Stops what is under way."""
        self._lane.close()

    # On the lane's thread

    def _find(self, track: QueueTrack, asked: _Asked) -> None:
        if asked.is_withdrawn:
            return
        key = waveform_key(track)
        if key is not None and (kept := self._cache.get(key)) and (found := Waveform.of_bytes(kept)) is not None:
            asked.done(found)
            return
        name = f"{track.path}#{track.cue_number}"
        keep = partial(self._keep, track, key)
        call = (drawn_waveform, track, self._library)
        asked.leave = self._lane.ask(key or name, track.path, call, keep, asked.done)

    def _keep(self, track: QueueTrack, key: str | None, drawn: Waveform) -> Waveform:
        # What was written while it was read is another file now.
        if key is not None and waveform_key(track) == key:
            self._cache.put(key, drawn.to_bytes())
        return drawn


class _Asked:
    """Somebody who waits for a shape; all but `done` belongs to the lane's thread."""

    def __init__(self, done: Drawn) -> None:
        self.done = done
        self.is_withdrawn = False
        self.leave: Callable[[], None] = lambda: None

    def withdraw(self) -> None:
        """Waits no more."""
        self.is_withdrawn = True
        self.leave()


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


def drawn_waveform(track: QueueTrack, library: Path | None, progress: ProgressSink, cancel: CancelToken) -> Waveform:
    """The shape of a track, drawn in this process, which is a worker: only that brings NumPy."""
    from auralis_cli.services.waveform_drawing import draw_track

    return draw_track(track, library, progress, cancel)
