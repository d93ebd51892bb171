"""What was found out of tracks of the queue lately: so that nothing is looked up or measured twice in a row."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

from auralis_cli.model.playback import PlayableTrack, TrackLevels
from auralis_cli.model.queue import QueueTrack

_AT_HAND = 64


class KnownTracks:
    """The newest are kept. Guarded by the player's lock."""

    def __init__(self) -> None:
        self._tracks: OrderedDict[QueueTrack, PlayableTrack] = OrderedDict()

    def get(self, track: QueueTrack) -> PlayableTrack | None:
        """What is known of it; None where it was not looked up lately."""
        return self._tracks.get(track)

    def put(self, queued: QueueTrack, track: PlayableTrack) -> None:
        """It was looked up; levels that were measured before are kept."""
        known = self._tracks.pop(queued, None)
        if known is not None and known.source == track.source and track.levels is None:
            track = replace(track, levels=known.levels)
        self._tracks[queued] = track
        while len(self._tracks) > _AT_HAND:
            self._tracks.popitem(last=False)

    def measured(self, source_of: PlayableTrack, levels: TrackLevels) -> bool:
        """Its loudness is known now; False where it was before, or where nobody knows the track any more."""
        found = [queued for queued, track in self._tracks.items() if track.source == source_of.source]
        news = [queued for queued in found if self._tracks[queued].levels is None]
        for queued in news:
            self._tracks[queued] = replace(self._tracks[queued], levels=levels)
        return bool(news)

    def forget(self, queued: QueueTrack) -> None:
        """It could not be played: it is looked at anew."""
        self._tracks.pop(queued, None)
