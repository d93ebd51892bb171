"""Feeding by hand: readers that say which frame is which, tracks to look up, and reading a feed to its end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from patience import PATIENCE_S

from auralis_cli.audio.opening import open_audio
from auralis_cli.audio.reader import AudioReader, ClosingReader
from auralis_cli.errors import AuralisError, InputError
from auralis_cli.model.audio import StreamInfo, Subtype
from auralis_cli.model.live_mastering import LivePlan, MasteringWish
from auralis_cli.model.playback import PlayableTrack, TrackLevels
from auralis_cli.model.queue import QueueItem, QueueTrack
from auralis_cli.model.source import AudioSource
from auralis_cli.player.feed import Feed
from auralis_cli.player.feed_request import FeederReport, FeedRequest, FeedSettings, Following, ReportKind
from auralis_cli.player.feeder import Feeder
from auralis_cli.player.ports import TrackLookup
from auralis_cli.player.ring import COLUMNS, FrameRing

Block = NDArray[np.float32]

RATE_HZ = 8_000


def coded(first: int, frames: int, channels: int = 2) -> Block:
    """Frames that say which one they are, exactly: the number modulo 2¹⁵ on the left, the rest of it on the right."""
    numbers = np.arange(first, first + frames)
    pair = np.stack((numbers % 32_768, numbers // 32_768), axis=1) / np.float32(32_768)
    block: Block = pair.astype(np.float32)[:, :channels] if channels <= 2 else np.repeat(pair[:, :1], channels, axis=1)
    return np.ascontiguousarray(block, np.float32)


def numbers_of(block: Block) -> NDArray[np.int64]:
    """Which frames those are."""
    numbers: NDArray[np.int64] = np.round(block[:, 0] * 32_768).astype(np.int64)
    return numbers + 32_768 * np.round(block[:, 1] * 32_768).astype(np.int64)


@dataclass
class Tape:
    """A track by hand: its frames, and what is wrong with it."""

    frames: int
    # Number of its first frame.
    first: int = 0
    rate_hz: int = RATE_HZ
    channels: int = 2
    # What its header says; its length where that is below 0.
    announced: int | None = -1
    # Of the error that opening it ends in.
    unreadable: str | None = None
    # Reading beyond this frame raises.
    breaks_at: int | None = None
    error: Exception = field(default_factory=lambda: InputError("tape", "cannot be decoded (torn)"))
    # Frames that are no number.
    bad_frames: tuple[int, ...] = ()
    sound: Block | None = None
    # Zeros that take no memory.
    is_silent: bool = False

    @property
    def samples(self) -> Block:
        """All of it."""
        if self.is_silent:
            return np.broadcast_to(np.zeros(self.channels, np.float32), (self.frames, self.channels))
        if self.sound is not None:
            return self.sound
        samples = coded(self.first, self.frames, self.channels)
        samples[list(self.bad_frames)] = np.nan
        return samples


class TapeReader(ClosingReader):
    """An AudioReader of a tape."""

    def __init__(self, tape: Tape, closed: Callable[[TapeReader], None]) -> None:
        self._tape, self._samples, self._closed = tape, tape.samples, closed
        self._position = 0
        announced = len(self._samples) if tape.announced == -1 else tape.announced
        self.info = StreamInfo(tape.rate_hz, self._samples.shape[1], announced, "wav", "tape", Subtype.FLOAT)
        self.warnings: tuple[str, ...] = ()

    def read_into(self, out: Block) -> int:
        """Fewer only at the end."""
        breaks_at = self._tape.breaks_at
        if breaks_at is not None and self._position + len(out) > breaks_at:
            raise self._tape.error
        block = self._samples[self._position : self._position + len(out)]
        out[: len(block)] = block
        self._position += len(block)
        return len(block)

    def seek(self, frame: int) -> None:
        """To the sample."""
        self._position = frame

    def close(self) -> None:
        """Says so."""
        self._closed(self)


class Shelf:
    """A TrackLookup of tapes by their path; a path that is none of theirs is a file."""

    def __init__(self, tapes: dict[str, Tape] | None = None) -> None:
        self.tapes = tapes or {}
        self.tracks: dict[str, PlayableTrack] = {}
        self.opened: list[str] = []
        self.files_opened: list[str] = []
        self.open_now: set[AudioReader] = set()
        self.most_open = 0
        # Who opens one of these waits until it may.
        self.slow: set[str] = set()
        self.let_open = threading.Event()
        self.asked = threading.Event()

    def look_up(self, track: QueueTrack) -> PlayableTrack:
        """Raises InputError where there is none."""
        known = self.tracks.get(track.path)
        return known or PlayableTrack(AudioSource(Path(track.path)), track.path)

    def open(self, track: PlayableTrack) -> AudioReader:
        """Its audio."""
        name = str(track.source.path)
        if name in self.slow:
            self.asked.set()
            assert self.let_open.wait(4 * PATIENCE_S)
        if name not in self.tapes:
            self.files_opened.append(name)
            return open_audio(track.source)
        tape = self.tapes[name]
        if tape.unreadable is not None:
            raise InputError(name, tape.unreadable)
        self.opened.append(name)
        reader = TapeReader(tape, self.open_now.discard)
        self.open_now.add(reader)
        self.most_open = max(self.most_open, len(self.open_now))
        return reader


class Plans:
    """A PlanSource that knows the plans it was given."""

    def __init__(self, plans: dict[str, LivePlan] | None = None) -> None:
        self.plans = plans or {}

    def ready(self, track: PlayableTrack, wish: MasteringWish) -> LivePlan | None:
        """By the path."""
        return self.plans.get(str(track.source.path))

    def request(
        self, track: PlayableTrack, wish: MasteringWish, done: Callable[[LivePlan | AuralisError], None]
    ) -> Callable[[], None]:
        """Makes none."""
        return lambda: None

    def measure(self, track: PlayableTrack, done: Callable[[TrackLevels | AuralisError], None]) -> Callable[[], None]:
        """Measures nothing."""
        return lambda: None

    def close(self) -> None:
        """Nothing to give back."""


def items_of(names: Sequence[str | QueueTrack]) -> list[QueueItem]:
    """A queue of them."""
    tracks = (QueueTrack(name) if isinstance(name, str) else name for name in names)
    return [QueueItem(ticket, track) for ticket, track in enumerate(tracks, 1)]


class Feeding:
    """A feeder at work on a queue that is played to its end."""

    def __init__(
        self,
        shelf: TrackLookup,
        names: Sequence[str | QueueTrack],
        *,
        rate_hz: int = RATE_HZ,
        ring_frames: int | None = None,
        settings: FeedSettings | None = None,
        crossfade_s: float = 0.0,
        plans: Plans | None = None,
        follow: Callable[[QueueItem], Following | None] | None = None,
        **asked: object,
    ) -> None:
        self.items = items_of(names)
        self.crossfade_s = crossfade_s
        self.reports: list[FeederReport] = []
        self.feed = Feed(1, rate_hz, FrameRing(ring_frames or rate_hz))
        request = FeedRequest(1, self.items[0], rate_hz, follow or self._follow, self.reports.append)
        request = replace(request, settings=settings or FeedSettings(), **asked)  # type: ignore[arg-type]
        self.feeder = Feeder(self.feed, request, shelf, plans or Plans())
        self.feeder.start()

    def _follow(self, item: QueueItem) -> Following | None:
        place = self.items.index(item) + 1
        return Following(self.items[place], crossfade_s=self.crossfade_s) if place < len(self.items) else None

    def take(self, frames: int) -> Block:
        """The next frames of the ring, fewer at the end."""
        taken = [np.empty((0, COLUMNS), np.float32)]
        while frames:
            wanted = min(frames, max(1, self.feed.ring.capacity // 4))
            assert self.feed.wait_filled(wanted, PATIENCE_S), "the feeder stands still"
            count = min(wanted, self.feed.ring.filled)
            if not count:
                break
            for piece in self.feed.ring.peek(count):
                taken.append(piece.copy())
            self.feed.ring.advance(count)
            frames -= count
        return np.concatenate(taken)

    def all(self) -> Block:
        """Everything to the end, after which the feeder has gone."""
        everything = self.take(1 << 40)
        assert self.feeder.join(PATIENCE_S)
        return everything

    def cancel(self) -> None:
        """Ends it before its time."""
        self.feeder.cancel()
        assert self.feeder.join(PATIENCE_S)

    def told(self, kind: ReportKind) -> list[FeederReport]:
        """What it reported of one kind."""
        return [report for report in self.reports if report.kind is kind]

    @property
    def marks(self) -> list[tuple[int, int, int | None]]:
        """Frame, ticket, length."""
        return [(mark.frame, mark.item.ticket, mark.length_frames) for mark in self.feed.marks]

    def told_anything_of(self, ticket: int) -> bool:
        """Whether any report was about that item."""
        return any(report.item.ticket == ticket for report in self.reports)
