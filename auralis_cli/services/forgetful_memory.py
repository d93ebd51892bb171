"""The memory of a player that keeps nothing."""

from __future__ import annotations

from auralis_cli.model.playback import PlayableTrack, PlayerSettings
from auralis_cli.model.plays import LikingWish, PlayOutcome
from auralis_cli.model.queue import Queue, QueueEdit


class ForgetfulMemory:
    """Takes what `player/ports.py` says a memory takes, and keeps none of it."""

    @property
    def keeps(self) -> bool:
        """Nothing is."""
        return False

    def save_queue(self, queue: Queue, edit: QueueEdit) -> None:
        """Not kept."""

    def save_undone(self, queue: Queue) -> None:
        """Not kept."""

    def save_redone(self, queue: Queue) -> None:
        """Not kept."""

    def save_place(self, queue: Queue, settings: PlayerSettings, *, playing: bool) -> None:
        """Not kept."""

    def record_play(self, track: PlayableTrack, started_at: int, played_s: float, outcome: PlayOutcome) -> None:
        """Not kept."""

    def like(self, track_id: int, wish: LikingWish) -> None:
        """Not kept; who asks `keeps` before does not come here."""

    def close(self) -> None:
        """Nothing is left to write."""
