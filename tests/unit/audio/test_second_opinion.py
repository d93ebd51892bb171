"""Where one decoder gives a stream up, another goes on, to the sample, or nothing changes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.audio.decoder import DecodeError, DecoderStream
from auralis_cli.audio.second_opinion import SecondOpinion
from auralis_cli.model.audio import StreamInfo, Subtype

FRAMES, RATE_HZ = 1_000, 48_000


class Counting:
    """Frame n is n; from `stops_at` on it is damaged."""

    def __init__(self, stops_at: int = FRAMES, *, channels: int = 1, breaks: bool = False) -> None:
        self.info = StreamInfo(RATE_HZ, channels, FRAMES, "opus", "opus", Subtype.LOSSY)
        self._stops_at, self._breaks, self._position = stops_at, breaks, 0
        self.is_closed = False

    @property
    def warnings(self) -> tuple[str, ...]:
        return ("damaged",) if self._position == self._stops_at < FRAMES else ()

    def read_into(self, out: NDArray[np.float32]) -> int:
        if self._breaks:
            raise DecodeError("broken")
        count = min(len(out), self._stops_at - self._position)
        out[:count, 0] = np.arange(self._position, self._position + count)
        self._position += count
        return count

    def seek(self, frame: int) -> None:
        self._position = min(frame, self._stops_at)

    def close(self) -> None:
        self.is_closed = True


def heard(stream: DecoderStream) -> list[float]:
    block, found = np.empty((64, 1), np.float32), []
    while count := stream.read_into(block):
        found += block[:count, 0].tolist()
    return found


def test_another_decoder_goes_on_where_the_first_one_finds_damage() -> None:
    first, second = Counting(300), Counting()
    stream = SecondOpinion(first, lambda: second)
    assert heard(stream) == list(range(FRAMES))
    assert stream.warnings == ()
    assert (first.is_closed, second.is_closed) == (True, False)
    stream.seek(990)
    assert heard(stream) == list(range(990, FRAMES))
    stream.close()
    assert second.is_closed


def test_after_seeking_it_goes_on_from_there() -> None:
    stream = SecondOpinion(Counting(300), Counting)
    stream.seek(250)
    assert heard(stream) == list(range(250, FRAMES))


def test_what_is_whole_needs_no_other() -> None:
    def never() -> DecoderStream:
        raise AssertionError

    stream = SecondOpinion(Counting(), never)
    assert heard(stream) == list(range(FRAMES))
    assert stream.warnings == ()


@pytest.mark.parametrize("second", [Counting(300), Counting(channels=2), Counting(breaks=True), None])
def test_where_the_other_has_no_more_the_first_stays_in_charge(second: Counting | None) -> None:
    first = Counting(300)

    def opened() -> DecoderStream:
        if second is None:
            raise DecodeError("cannot be opened")
        return second

    stream = SecondOpinion(first, opened)
    assert heard(stream) == list(range(300))
    assert stream.warnings == ("damaged",)
    assert not first.is_closed
    assert second is None or second.is_closed
