"""The chain holds every stage to its contract and keeps the stream aligned."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.errors import StageError
from auralis_cli.mastering.chain import Chain
from auralis_cli.mastering.stages import Stage

Block = NDArray[np.float32]


class Delay:
    """A stage that only lags."""

    def __init__(self, frames: int, channels: int = 2) -> None:
        self.latency_frames = frames
        self._channels = channels
        self.reset()

    def reset(self) -> None:
        self._held = np.zeros((self.latency_frames, self._channels), np.float32)

    def process(self, block: Block) -> Block:
        whole = np.concatenate((self._held, block))
        self._held = whole[len(block) :]
        return whole[: len(block)].copy()

    def flush(self) -> Block:
        return self._held.copy()


class Rogue(Delay):
    """A stage that does as it is told until its n-th block."""

    def __init__(self, fault: Callable[[Block], object], at_block: int = 0) -> None:
        super().__init__(0)
        self._fault = fault
        self._at_block = at_block
        self._blocks = 0

    def process(self, block: Block) -> Block:
        out = block.copy()
        if self._blocks == self._at_block:
            out = self._fault(out if self._fault is not _same_array else block)  # type: ignore[assignment]
        self._blocks += 1
        return out


def _same_array(block: Block) -> object:
    return block


def _with(value: float) -> Callable[[Block], object]:
    def plant(block: Block) -> object:
        block[len(block) // 2, 1] = value
        return block

    return plant


def noise(frames: int) -> Block:
    return np.random.default_rng(frames).standard_normal((frames, 2)).astype(np.float32)


@pytest.mark.invariant("S3-ENG-08")
@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        (lambda block: block[:-1], "float32 .100, 2."),
        (lambda block: np.concatenate((block, block[:1])), "float32 .100, 2."),
        (lambda block: block[:, :1], "float32 .100, 2."),
        (lambda block: block.astype(np.float64), "float64"),
        (lambda block: None, "NoneType"),
        (_same_array, "instead of a new block"),
    ],
)
def test_a_stage_that_breaks_the_contract_is_named(fault: Callable[[Block], object], complaint: str) -> None:
    chain = Chain((Stage("good", Delay(3)), Stage("rogue", Rogue(fault))), 2)
    with pytest.raises(StageError, match=complaint) as caught:
        chain.process(noise(100))
    assert caught.value.what == "rogue"


@pytest.mark.invariant("S3-ENG-09")
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_value_that_is_not_finite_stops_the_render_and_names_the_stage(value: float, position: int) -> None:
    stages = [Stage(f"stage {k}", Delay(5)) for k in range(3)]
    stages[position] = Stage("poisoned", Rogue(_with(value), at_block=2))
    chain = Chain(tuple(stages), 2)
    chain.process(noise(64))
    chain.process(noise(64))
    with pytest.raises(StageError, match="not finite") as caught:
        chain.process(noise(64))
    assert caught.value.what == "poisoned"


@pytest.mark.invariant("S4-D2.4")
def test_after_a_failure_a_reset_chain_is_as_good_as_new() -> None:
    rogue = Rogue(_with(np.nan), at_block=3)
    chain = Chain((Stage("delay", Delay(7)), Stage("rogue", rogue)), 2)
    for _ in range(3):
        chain.process(noise(51))
    with pytest.raises(StageError):
        chain.process(noise(51))
    chain.reset()
    fresh = Chain((Stage("delay", Delay(7)), Stage("delay 0", Delay(0))), 2)
    audio = noise(333)
    # What the delay still held of the failed stream would come first, where the latency is not yet dropped.
    assert np.array_equal(chain.process(audio), fresh.process(audio))
    assert np.array_equal(chain.flush(), fresh.flush())


@pytest.mark.invariant("S2-NEW-8")
@pytest.mark.parametrize("frames", [0, 1, 2, 63, 64, 65, 127, 128, 129, 1000])
@pytest.mark.parametrize("cut", [1, 17, 64, 509])
def test_frames_in_are_frames_out_and_stay_in_place(frames: int, cut: int) -> None:
    audio = noise(frames)
    chain = Chain((Stage("a", Delay(40)), Stage("b", Delay(0)), Stage("c", Delay(90))), 2)
    blocks = list(chain.run((audio[start : start + cut] for start in range(0, frames, cut)), 64))
    assert all(len(block) == 64 for block in blocks[:-1])
    out = np.concatenate([np.zeros((0, 2), np.float32), *blocks])
    assert np.array_equal(out, audio)
