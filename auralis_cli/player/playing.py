"""One item of the queue while a feeder plays it: its stream, what is made of it, and what its mark says."""

from __future__ import annotations

from auralis_cli.errors import AuralisError
from auralis_cli.model.live_mastering import LivePlan
from auralis_cli.model.playback import PlayableTrack, TrackLevels
from auralis_cli.model.queue import QueueItem
from auralis_cli.player.columns import Block, TrackColumns, TrackSound
from auralis_cli.player.feed import Mark
from auralis_cli.player.joining import converted_frames, start_for
from auralis_cli.player.track_stream import TrackStream

# A track of which so much was read has been heard, though it may be broken further on.
_HEARD_S = 1.0


class Playing:
    """An opened item from `start_frame` on, which is counted at the feed's rate; owned by the feeder's thread."""

    def __init__(
        self,
        item: QueueItem,
        track: PlayableTrack,
        stream: TrackStream,
        sound: TrackSound,
        rate_hz: int,
        start_frame: int = 0,
        overlap_frames: int = 0,
    ) -> None:
        """Goes to where it begins; raises InputError. `overlap_frames`: with the end of the track before."""
        self.item, self.track, self.stream = item, track, stream
        self.overlap_frames = overlap_frames
        # So much of its end may overlap with what follows, as far as that is known.
        self.kept_frames = 0
        self.error: AuralisError | None = None
        self.mark: Mark | None = None
        self.is_begun = self.is_muting_told = self.is_break_told = False
        self._sound, self._rate_hz, self._start_frame = sound, rate_hz, start_frame
        # By the header, and in the end the true one.
        self._length_frames = None if stream.info.frames is None else self._converted(stream.info.frames)
        self._columns = TrackColumns(sound, rate_hz, stream.info.channels, start_frame)
        # Converted frames that come before those that are asked for.
        self._skipped_frames = self._made_frames = self._read_frames = 0
        if start_frame:
            first_frame = self._columns.first_frame
            source_frame, first_made = start_for(first_frame, stream.info.sample_rate_hz, rate_hz)
            stream.seek(source_frame)
            self._skipped_frames = first_frame - first_made

    @property
    def source_rate_hz(self) -> int:
        """Of its file."""
        return self.stream.info.sample_rate_hz

    @property
    def was_heard(self) -> bool:
        """Whether it is no broken track, though maybe one that breaks off."""
        if self.error is None:
            return self._read_frames > 0 or self._start_frame > 0
        return self._read_frames >= _HEARD_S * self.stream.info.sample_rate_hz

    @property
    def is_master_broken(self) -> bool:
        """Whether the rest of it is heard without mastering."""
        return self._columns.broken is not None

    def ends_within(self, seconds: float) -> bool:
        """Whether it ends so soon by its header, or nobody knows when."""
        frames, rate_hz = self.stream.info.frames, self.stream.info.sample_rate_hz
        return frames is None or frames - self.stream.position <= seconds * rate_hz

    def read(self, frames: int) -> Block:
        """The next block of its file; raises InputError."""
        block = self.stream.read(frames)
        self._read_frames += len(block)
        return block

    def columns_of(self, block: Block) -> Block:
        """What is complete by a converted block of it."""
        skipped = min(self._skipped_frames, len(block))
        self._skipped_frames -= skipped
        columns = self._columns.process(block[skipped:])
        self._made_frames += len(columns)
        return columns

    def rest(self) -> Block:
        """The last columns, after which its length is known."""
        columns = self._columns.flush()
        self._made_frames += len(columns)
        # Where it began beyond its end, that is where the file ends.
        end = self._start_frame + self._made_frames
        self._length_frames = end if self._made_frames else min(end, self._converted(self.stream.position))
        return columns

    def mark_at(self, frame: int) -> Mark:
        """What stands in the feed where it begins."""
        plan = self._sound.plan
        self.mark = Mark(
            frame,
            self.item,
            self.track,
            self.stream.info,
            offset_frames=self._start_frame,
            length_frames=self._length_frames,
            plan_stage=None if plan is None else plan.stage,
            normalize_db=self._sound.original_db,
            levels=_levels(plan) or self.track.levels,
            mastered_levels=_mastered_levels(plan),
            plan=plan,
        )
        return self.mark

    def _converted(self, frames: int) -> int:
        return converted_frames(frames, self.stream.info.sample_rate_hz, self._rate_hz)


def _levels(plan: LivePlan | None) -> TrackLevels | None:
    """Of the track as it is, where that was analysed for its plan."""
    if plan is None or plan.input_lufs is None:
        return None
    return TrackLevels(plan.input_lufs, plan.input_true_peak_dbtp)


def _mastered_levels(plan: LivePlan | None) -> TrackLevels | None:
    """Of its master: the ceiling is what the true peak does not exceed."""
    if plan is None or plan.output_lufs is None:
        return None
    limiter = plan.solved.plan.limiter
    return TrackLevels(plan.output_lufs, None if limiter is None else limiter.ceiling_dbtp)
