"""Runs stages one after the other over a stream and holds each of them to its contract.

Frames in = frames out, aligned, whatever the sizes of the blocks.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from auralis_cli.errors import StageError
from auralis_cli.mastering.stages import Stage

Block = NDArray[np.float32]


class Chain:
    """Stages in a row. One chain serves one stream and one thread at a time."""

    def __init__(self, stages: tuple[Stage, ...], channels: int) -> None:
        self._stages = stages
        self._channels = channels
        self.latency_frames = sum(stage.processor.latency_frames for stage in stages)

    def process(self, block: Block) -> Block:
        """As many frames as went in, `latency_frames` late.

        Raises StageError, naming the stage, when one breaks its contract; the chain must then be
        reset or thrown away.
        """
        for stage in self._stages:
            block = _checked(stage, block, stage.processor.process(block), len(block))
        return block

    def flush(self) -> Block:
        """The last `latency_frames` frames."""
        tail = np.zeros((0, self._channels), np.float32)
        for stage in self._stages:
            through = stage.processor.process(tail)
            rest = _checked(stage, tail, stage.processor.flush(), stage.processor.latency_frames)
            tail = np.concatenate((_checked(stage, tail, through, len(tail)), rest))
        return tail

    def reset(self) -> None:
        """The state of a fresh chain."""
        for stage in self._stages:
            stage.processor.reset()

    def run(self, blocks: Iterable[Block], block_frames: int) -> Generator[Block]:
        """The whole stream, aligned, in blocks of `block_frames` (the last may be shorter).

        Closing it closes `blocks`, where they are a generator.
        """
        with closing(self._aligned(blocks)) as aligned:
            yield from _reblocked(aligned, block_frames)

    def _aligned(self, blocks: Iterable[Block]) -> Generator[Block]:
        late = self.latency_frames
        try:
            for block in blocks:
                out = self.process(block)
                dropped = min(late, len(out))
                late -= dropped
                yield out[dropped:]
            yield self.flush()[late:]
        finally:
            if isinstance(blocks, Generator):
                blocks.close()


def _checked(stage: Stage, block: Block, out: Block, frames: int) -> Block:
    if not isinstance(out, np.ndarray) or out.dtype != np.float32 or out.shape != (frames, block.shape[1]):
        shape, kind = getattr(out, "shape", None), getattr(out, "dtype", type(out).__name__)
        raise StageError(stage.name, f"returned {kind} {shape} for float32 {(frames, block.shape[1])}")
    # The sum of finite audio is finite; one NaN or Inf makes it neither.
    if not math.isfinite(float(out.sum(dtype=np.float64) if frames < 64 else out.sum())):
        raise StageError(stage.name, "returned values that are not finite")
    if frames and np.may_share_memory(out, block):
        raise StageError(stage.name, "returned its input instead of a new block")
    return out


def _reblocked(blocks: Iterable[Block], block_frames: int) -> Iterator[Block]:
    held: list[Block] = []
    have = 0
    for block in blocks:
        held.append(block)
        have += len(block)
        if have < block_frames:
            continue
        whole = np.concatenate(held) if len(held) > 1 else held[0]
        full = have - have % block_frames
        for start in range(0, full, block_frames):
            yield whole[start : start + block_frames]
        held, have = [whole[full:]], have - full
    if have:
        yield np.concatenate(held)
