"""The thread that fills a feed: opens track after track, and puts what is heard of them into its ring.

file → blocks of one track → one rate, cut at the joins → master, gains → overlap of tracks → ring
       track_stream          joining                      columns         crossfade           feed
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from auralis_cli.errors import AuralisError, CancelledError, InputError, unforeseen
from auralis_cli.model.playback import BROKEN_IN_A_ROW, PlayableTrack
from auralis_cli.model.player_choices import NormalizeMode
from auralis_cli.model.queue import QueueItem
from auralis_cli.player.columns import Block, TrackSound, sound_of
from auralis_cli.player.crossfade import Begin, Overlap, follow_in_album
from auralis_cli.player.feed import Feed
from auralis_cli.player.feed_request import FeederReport, FeedRequest, Following, ReportKind
from auralis_cli.player.joining import Piece, Splice
from auralis_cli.player.opening import UNFORESEEN, OpenedTrack, TrackOpening
from auralis_cli.player.playing import Playing
from auralis_cli.player.ports import PlanSource, TrackLookup
from auralis_cli.player.track_stream import TrackStream, is_read_on, open_track

# How long before the end of a track the next one is opened: a disk may have to wake up, the plan for its mastering
# takes some seconds, and twice their overlap has to be made meanwhile.
AHEAD_S = 30.0
_BLOCKS_PER_SECOND = 16
_POLL_S = 0.02


class Feeder:
    """Fills one feed by one request on a thread of its own; the feed says what it has made and when it is finished."""

    def __init__(self, feed: Feed, request: FeedRequest, lookup: TrackLookup, plans: PlanSource) -> None:
        self._feed, self._request = feed, request
        self._lookup, self._plans = lookup, plans
        self._splice: Splice[Playing] = Splice(feed.rate_hz)
        self._overlap: Overlap[Playing] = Overlap()
        # At most one that is wanted: what follows the track that is being read. Cancelled ones may still be stuck.
        self._ahead: TrackOpening | None = None
        self._cancelled: list[TrackOpening] = []
        # What is being read.
        self._current: Playing | None = None
        self._start_frame = request.first_frame
        self._broken_in_a_row = request.broken_before
        # What made it give up.
        self._problem: AuralisError | None = None
        self._thread = threading.Thread(target=self._run, name=f"feeder {request.epoch}", daemon=True)

    @property
    def feed(self) -> Feed:
        """What it fills."""
        return self._feed

    def start(self) -> None:
        """Begins; returns at once."""
        self._thread.start()

    def cancel(self) -> None:
        """Asks it to end at the next block, what it has open closed; returns at once."""
        self._feed.cancel()

    def join(self, timeout_s: float) -> bool:
        """Waits for its end; False where it is stuck in a file that does not answer."""
        deadline_s = time.monotonic() + timeout_s
        if self._thread.ident is None:
            return True
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            return False
        return all(stuck.join(max(0.0, deadline_s - time.monotonic())) for stuck in self._cancelled)

    def _run(self) -> None:
        problem: AuralisError | None = AuralisError("unforeseen", "the feeder broke off")
        try:
            problem = self._play_all()
        except AuralisError as error:
            problem = error
        except UNFORESEEN as error:
            problem = unforeseen(error)
        finally:
            self._drop_ahead()
            if self._current is not None:
                self._current.stream.close()
            self._feed.finish(problem)

    def _play_all(self) -> AuralisError | None:
        """Track after track; what made it give up, None where all was played that there is."""
        playing = self._next(Following(self._request.item, self._request.track))
        while playing is not None:
            self._read(playing)
            playing = None if self._feed.is_cancelled else self._after(playing)
        self._take_pieces(self._splice.flush())
        self._put(self._overlap.finish())
        return self._problem

    # One track

    def _read(self, playing: Playing) -> None:
        """All of a track, or as far as it goes."""
        info = playing.stream.info
        frames = max(1, info.sample_rate_hz // _BLOCKS_PER_SECOND)
        self._take_pieces(self._splice.begin(playing, info.sample_rate_hz, info.channels))
        is_whole = True
        while is_whole:
            try:
                block = playing.read(frames)
            except AuralisError as error:
                self._fail(playing, error)
                break
            except UNFORESEEN as error:
                self._fail(playing, unforeseen(error))
                break
            is_whole = len(block) == frames
            self._take_pieces(self._splice.push(block))
            if self._feed.is_cancelled:
                return
            self._tell_muting(playing)
            self._look_ahead(playing)
        self._take_pieces(self._splice.end())
        for warning in playing.stream.warnings:
            self._warn(playing, warning)

    def _take_pieces(self, pieces: Iterable[Piece[Playing]]) -> None:
        for piece in pieces:
            playing = piece.key
            if not playing.is_begun:
                playing.is_begun = True
                self._put(self._overlap.begin(playing, playing.overlap_frames))
            self._overlap.keep(playing.kept_frames)
            self._put(self._overlap.put(playing.columns_of(piece.block)))
            if piece.is_last:
                self._put(self._overlap.put(playing.rest()))
                self._put(self._overlap.end())
                self._correct_mark(playing)
            if playing.is_master_broken and not playing.is_break_told:
                playing.is_break_told = True
                self._warn(playing, "its mastering broke off; it is heard as it is")

    def _put(self, parts: Iterable[Begin[Playing] | Block]) -> None:
        """Into the ring, waiting for room; a mark comes before what it speaks of."""
        for part in parts:
            if isinstance(part, Begin):
                self._feed.marks = (*self._feed.marks, part.key.mark_at(self._feed.ring.written))
                self._tell(ReportKind.BEGUN, part.key)
            else:
                self._feed.write(part)

    def _correct_mark(self, playing: Playing) -> None:
        """Headers may lie: the length of what has ended is known."""
        told = playing.mark
        if told is not None:
            true = playing.mark_at(told.frame)
            self._feed.marks = tuple(true if mark is told else mark for mark in self._feed.marks)

    # What follows

    def _look_ahead(self, playing: Playing) -> None:
        """Opens what follows once the end is near, or nobody knows how near it is; something else once that follows."""
        if not playing.ends_within(AHEAD_S):
            return
        following = self._request.follow(playing.item)
        playing.kept_frames = 0 if following is None else self._frames(following.crossfade_s)
        if self._ahead is not None and (following is None or following.item != self._ahead.following.item):
            self._drop_ahead()
        if self._ahead is None and following is not None:
            self._ahead = self._opening(following, playing)

    def _after(self, playing: Playing) -> Playing | None:
        """What follows a track that has ended; None at the end of all."""
        if playing.was_heard:
            self._broken_in_a_row = 0
        else:
            error = playing.error or InputError(playing.track.source.name, "holds no audio")
            if self._gives_up(playing.item, error):
                return None
        return self._next(self._request.follow(playing.item))

    def _next(self, following: Following | None) -> Playing | None:
        """The first of what follows that can be played; None where nothing does, or the feed ends before it."""
        while following is not None and not self._feed.is_cancelled:
            try:
                return self._begin(following)
            except CancelledError:
                raise
            except AuralisError as error:
                self._report(ReportKind.FAILED, following.item, following.track, error=error)
                if self._gives_up(following.item, error):
                    return None
            following = self._request.follow(following.item)
        return None

    def _gives_up(self, item: QueueItem, error: AuralisError) -> bool:
        """Whether this was one track too many of which nothing was heard."""
        self._broken_in_a_row += 1
        if self._broken_in_a_row < BROKEN_IN_A_ROW:
            return False
        self._problem = error
        self._report(ReportKind.GAVE_UP, item, error=error)
        return True

    def _begin(self, following: Following) -> Playing | None:
        """The item, ready to be read; None where the feed was cancelled or ends before it. Raises AuralisError."""
        start_frame, self._start_frame = self._start_frame, 0
        ready = self._opened(following)
        if ready is None:
            return None
        before, track = self._current, following.track or ready.track
        stream = self._stream(ready, track)
        rate_hz = self._feed.rate_hz
        if before is not None and self._request.exact_rate and before.source_rate_hz != stream.info.sample_rate_hz:
            stream.close()
            return None
        try:
            overlap = 0 if before is None else self._overlap_of(before, track, following)
            if overlap:
                self._take_pieces(self._splice.flush())
            sound = self._sound(following.item, track)
            playing = Playing(following.item, track, stream, sound, rate_hz, start_frame, overlap)
        except UNFORESEEN as error:
            stream.close()
            raise unforeseen(error) from error
        except AuralisError:
            stream.close()
            raise
        if before is not None:
            before.stream.close()
        self._current = playing
        return playing

    def _stream(self, ready: OpenedTrack, track: PlayableTrack) -> TrackStream:
        if ready.stream is not None:
            return ready.stream
        before = self._current
        if before is not None and before.stream.can_be_read_on and is_read_on(before.track, track):
            return before.stream.read_on(track)
        # It was to be read on, and the track before broke off.
        try:
            return open_track(self._lookup, track)
        except UNFORESEEN as error:
            raise unforeseen(error) from error

    def _overlap_of(self, before: Playing, track: PlayableTrack, following: Following) -> int:
        """Frames: natural ends overlap, but not within one album."""
        if before.error is not None or follow_in_album(before.track, track):
            return 0
        return self._frames(following.crossfade_s)

    def _sound(self, item: QueueItem, track: PlayableTrack) -> TrackSound:
        wish, mode = self._request.settings.wish, self._request.settings.normalize
        plan = None if wish is None else self._plans.ready(track, wish)
        in_order = mode is NormalizeMode.SMART and self._is_in_album_order(item, track)
        return sound_of(track, plan, mode, in_album_order=in_order)

    def _is_in_album_order(self, item: QueueItem, track: PlayableTrack) -> bool:
        """Whether what is heard before or after a track is its neighbour in the album."""
        before = self._request.before if self._current is None else self._current.track
        if follow_in_album(before, track):
            return True
        following = None if track.album_levels is None else self._request.follow(item)
        if following is None:
            return False
        try:
            after = following.track or self._lookup.look_up(following.item.track)
        except AuralisError:
            return False
        return follow_in_album(track, after)

    # TrackOpening

    def _opening(self, following: Following, before: Playing | None) -> TrackOpening:
        def tell(ready: OpenedTrack) -> None:
            self._report(ReportKind.OPENED, following.item, ready.track)

        return TrackOpening(self._lookup, following, None if before is None else before.track, tell)

    def _opened(self, following: Following) -> OpenedTrack | None:
        """The item, as it was opened ahead or is now; None where the feed was cancelled. Raises AuralisError."""
        if self._ahead is not None and self._ahead.following.item != following.item:
            self._drop_ahead()
        if self._ahead is None:
            self._ahead = self._opening(following, self._current)
        while not self._feed.is_cancelled:
            try:
                ready = self._ahead.take(_POLL_S)
            except AuralisError:
                self._ahead = None
                raise
            if ready is not None:
                self._ahead = None
                return ready
        return None

    def _drop_ahead(self) -> None:
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead.cancel()
            self._cancelled = [stuck for stuck in self._cancelled if not stuck.join(0.0)] + [ahead]

    # Telling

    def _fail(self, playing: Playing, error: AuralisError) -> None:
        playing.error = error
        self._tell(ReportKind.FAILED, playing, error)

    def _tell_muting(self, playing: Playing) -> None:
        if playing.stream.muted_blocks and not playing.is_muting_told:
            playing.is_muting_told = True
            self._warn(playing, "holds samples that are no numbers: muted")

    def _warn(self, playing: Playing, why: str) -> None:
        self._tell(ReportKind.WARNED, playing, InputError(playing.track.source.name, why))

    def _tell(self, kind: ReportKind, playing: Playing, error: AuralisError | None = None) -> None:
        self._report(kind, playing.item, playing.track, error)

    def _report(
        self, kind: ReportKind, item: QueueItem, track: PlayableTrack | None = None, error: AuralisError | None = None
    ) -> None:
        self._request.report(FeederReport(self._request.epoch, kind, item, track, error))

    def _frames(self, seconds: float) -> int:
        return round(seconds * self._feed.rate_hz)
