"""Feeds of samples that tell where they are from, and an engine driven by hand."""

from __future__ import annotations

from pathlib import Path
from queue import Empty, SimpleQueue

import numpy as np
from numpy.typing import NDArray

from auralis_cli.model.audio import StreamInfo, Subtype
from auralis_cli.model.playback import PlayableTrack
from auralis_cli.model.queue import QueueItem, QueueTrack
from auralis_cli.model.source import AudioSource
from auralis_cli.player.engine import Engine
from auralis_cli.player.feed import Feed, Mark
from auralis_cli.player.rendering import NoticeKind, read_notice
from auralis_cli.player.ring import COLUMNS, FrameRing

RATE_HZ = 44_100
_STREAM = StreamInfo(RATE_HZ, 2, None, "wav", "pcm_f32le", Subtype.FLOAT)

Frames = NDArray[np.float32]


def numbered(first: int, frames: int) -> Frames:
    """Columns of which each original sample tells its frame: exact in float32, and rising by next to nothing."""
    columns = np.zeros((frames, COLUMNS), np.float32)
    columns[:, 0] = (np.arange(first, first + frames) + 1) / 2**20
    columns[:, 1] = -columns[:, 0]
    columns[:, 2:4] = columns[:, 0:2] / 2
    columns[:, 4] = 1.0
    return columns


def constant(frames: int, *, original: float = 1.0, mastered: float = 1.0, match: float = 1.0) -> Frames:
    """Columns whose rendering is the gain they were given."""
    row = np.array([original, original, mastered, mastered, match], np.float32)
    return np.tile(row, (frames, 1))


def mark(frame: int = 0, ticket: int = 0, offset_frames: int = 0) -> Mark:
    """An item that begins at `frame`."""
    name = f"{ticket}.wav"
    item = QueueItem(ticket, QueueTrack(name))
    return Mark(frame, item, PlayableTrack(AudioSource(Path(name)), name), _STREAM, offset_frames, None)


def feed_of(columns: Frames, epoch: int = 1, *, marks: tuple[Mark, ...] | None = None, finished: bool = True) -> Feed:
    """A feed with all of it in its ring, as of a track's beginning where no marks are given."""
    feed = Feed(epoch, RATE_HZ, FrameRing(max(2 * len(columns), RATE_HZ)))
    feed.marks = (mark(),) if marks is None else marks
    feed.ring.write(columns)
    if finished:
        feed.finish()
    return feed


class Driven:
    """An engine whose device is the test."""

    def __init__(self, now_s: float = 0.0) -> None:
        self.now_s = now_s
        self.notices: SimpleQueue[int] = SimpleQueue()
        self.engine = Engine(self.notices, lambda: self.now_s)

    def render(self, frames: int, block: int = 512, delay_s: float = 0.0) -> Frames:
        """The next `frames` frames, asked for in blocks, as time passes."""
        parts = [np.zeros((0, 2), np.float32)]
        for start in range(0, frames, block):
            out = np.full((min(block, frames - start), 2), np.nan, np.float32)
            self.engine.render(out, delay_s)
            self.now_s += len(out) / RATE_HZ
            parts.append(out)
        return np.concatenate(parts)

    def told(self) -> list[tuple[int, NoticeKind]]:
        """The notices since the last time."""
        notices = []
        while True:
            try:
                notices.append(read_notice(self.notices.get_nowait()))
            except Empty:
                return notices


def numbers(rendered: Frames) -> NDArray[np.int64]:
    """The frames that `numbered` samples tell of; -1 is silence."""
    return np.rint(rendered[:, 0].astype(np.float64) * 2**20).astype(np.int64) - 1
