"""What the ring holds of a track: its original, its master, and how much louder that one is, frame by frame."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from auralis_cli.errors import StageError
from auralis_cli.mastering.live import LiveMaster
from auralis_cli.model.live_mastering import LivePlan
from auralis_cli.model.playback import PlayableTrack, TrackLevels
from auralis_cli.model.player_choices import NormalizeMode
from auralis_cli.player.level_match import LevelMatch, Matched
from auralis_cli.player.normalization import normalize_gain_db
from auralis_cli.player.ring import COLUMNS, MATCH
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.units import db_to_gain

Block = NDArray[np.float32]

# Where both sides are one.
_EVEN = np.ones(1, np.float32)


@dataclass(frozen=True, slots=True)
class TrackSound:
    """How a track is to sound: its plan, None where it is not mastered, and what its levels are changed by."""

    plan: LivePlan | None
    original_db: float
    mastered_db: float


def sound_of(track: PlayableTrack, plan: LivePlan | None, mode: NormalizeMode, *, in_album_order: bool) -> TrackSound:
    """Both sides at the loudness that `mode` asks for: the master has another one than what it was made of."""
    original_db = normalize_gain_db(track, mode, in_album_order=in_album_order)
    if plan is None or mode is NormalizeMode.OFF or plan.output_lufs is None:
        return TrackSound(plan, original_db, original_db)
    limiter = plan.solved.plan.limiter
    levels = TrackLevels(plan.output_lufs, None if limiter is None else limiter.ceiling_dbtp)
    mastered = replace(track, levels=levels, album_levels=None)
    return TrackSound(plan, original_db, normalize_gain_db(mastered, mode, in_album_order=False))


class TrackColumns:
    """Makes the five columns of one track from `start_frame` to its end; for one stream and one thread."""

    def __init__(self, sound: TrackSound, rate_hz: int, channels: int, start_frame: int = 0) -> None:
        self._original_gain = np.float32(db_to_gain(sound.original_db))
        self._mastered_gain = np.float32(db_to_gain(sound.mastered_db))
        self._start_frame = start_frame
        self._master: LiveMaster | None = None
        self._match: LevelMatch | None = None
        if sound.plan is not None:
            self._master = LiveMaster(sound.plan.solved, rate_hz, channels, start_frame)
            self._match = LevelMatch(rate_hz, channels, _expected_db(sound.plan))
        # From which frame of the track on `process` wants to be fed: a master depends on what was before.
        self.first_frame = start_frame if self._master is None else self._master.first_frame
        # Number of the frame that comes next, and what of the original waits for its master.
        self._next_frame = self.first_frame
        self._waiting = np.empty((0, channels), np.float32)
        # What broke the mastering of this track; the rest of it is heard as it is.
        self.broken: StageError | None = None

    def process(self, block: Block) -> Block:
        """What is complete by `block`, float32 `(frames, channels)`, as `(frames, 5)`."""
        heard = block[max(0, self._start_frame - self._next_frame) :]
        self._next_frame += len(block)
        if self._match is None:
            return self._columns(Matched(heard, heard, _EVEN))
        self._waiting = np.concatenate((self._waiting, heard))
        return self._columns(self._match.process(*self._pair(self._mastered(block))))

    def flush(self) -> Block:
        """The rest, once the track has ended."""
        if self._match is None:
            return np.empty((0, COLUMNS), np.float32)
        last = self._columns(self._match.process(*self._pair(self._mastered(None))))
        return np.concatenate((last, self._columns(self._match.flush())))

    def _mastered(self, block: Block | None) -> Block:
        """The master as far as it is known by `block`, or all of it; where it broke, silence and then the original."""
        if self._master is None:
            return self._waiting
        try:
            return self._master.flush() if block is None else self._master.process(block)
        except StageError as error:
            self.broken, self._master = error, None
            return np.zeros_like(self._waiting)

    def _pair(self, mastered: Block) -> tuple[Block, Block]:
        """The master and the original of the same frames, which waits no more."""
        original, self._waiting = self._waiting[: len(mastered)], self._waiting[len(mastered) :]
        return original, mastered

    def _columns(self, matched: Matched) -> Block:
        """Mono fills both of its columns."""
        columns = np.empty((len(matched.original), COLUMNS), np.float32)
        np.multiply(matched.original, self._original_gain, out=columns[:, 0:2])
        np.multiply(matched.mastered, self._mastered_gain, out=columns[:, 2:4])
        columns[:, MATCH] = matched.match * (self._mastered_gain / self._original_gain)
        return columns


def _expected_db(plan: LivePlan) -> float:
    """By how much the whole master is louder; 0 where that is not known."""
    if plan.output_lufs is None or plan.input_lufs is None:
        return 0.0
    return plan.output_lufs - plan.input_lufs
