"""A feed of sound without a process, for pilot tests of the views that show it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from auralis_cli.model.sound_frame import BANDS, SideFrame, SoundFrame
from auralis_cli.tui.sound_look import SoundLook, SoundTold


def side(lufs: float = -14.0, **other: Any) -> SideFrame:
    """Something to be heard, with a peak in the middle of the spectrum."""
    bands = tuple(-30.0 if 10 <= band < 18 else -70.0 for band in range(BANDS))
    made = SideFrame(lufs, lufs, lufs, lufs + 10.0, lufs + 10.0, lufs + 11.0, 0.8, bands, bands)
    return replace(made, **other)


def frame(**other: Any) -> SoundFrame:
    """Both sides, the master 4 dB louder."""
    return replace(SoundFrame(side(-18.0), side(-14.0), 4.0, 6.0, is_sounding=True), **other)


class FakeFeed:
    """What a `SoundFeed` is asked."""

    def __init__(self, look: SoundLook) -> None:
        self._look = look
        self.is_running = False
        self.problem = ""
        self.begun = self.ended = self.forgotten = 0
        self._frame: SoundFrame | None = None

    def begin(self) -> None:
        self.is_running = True
        self.begun += 1

    def forget_track(self) -> None:
        self.forgotten += 1

    def end(self) -> None:
        self.is_running = False
        self.ended += 1

    def take(self) -> SoundFrame | None:
        frame, self._frame = self._frame, None
        return frame

    def give(self, frame: SoundFrame) -> None:
        """Has it shown."""
        self._frame = frame
        self._look._tell(SoundTold())


@pytest.fixture
def feeds(monkeypatch: pytest.MonkeyPatch) -> list[FakeFeed]:
    """Every feed that a view makes."""
    made: list[FakeFeed] = []

    def new_feed(look: SoundLook) -> FakeFeed:
        made.append(FakeFeed(look))
        return made[-1]

    monkeypatch.setattr(SoundLook, "new_feed", new_feed)
    return made
