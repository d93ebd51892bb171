"""Kinds of tracks, so few that what is liked of one track of a kind tells something of the next: one table."""

from __future__ import annotations

from enum import StrEnum


class TrackKind(StrEnum):
    """Speech, or music by how dense, how percussive and how bright it is."""

    SPEECH = "speech"
    DENSE_PERCUSSIVE_BRIGHT = "dense-percussive-bright"
    DENSE_PERCUSSIVE_DARK = "dense-percussive-dark"
    DENSE_FLOWING_BRIGHT = "dense-flowing-bright"
    DENSE_FLOWING_DARK = "dense-flowing-dark"
    OPEN_PERCUSSIVE_BRIGHT = "open-percussive-bright"
    OPEN_PERCUSSIVE_DARK = "open-percussive-dark"
    OPEN_FLOWING_BRIGHT = "open-flowing-bright"
    OPEN_FLOWING_DARK = "open-flowing-dark"

    @property
    def words(self) -> str:
        """`speech`, or `dense, percussive, bright music`."""
        return self.value if self is TrackKind.SPEECH else f"{self.value.replace('-', ', ')} music"
