"""Renders a plan over a track: the stages, the control track, and the limited signal.

The same blocks come out whatever is kept in memory: a short track is worked in place, a long one is
decoded and run through the stages again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.readahead import read_ahead
from auralis_cli.audio.replay import BLOCK_FRAMES, ReplayableAudio
from auralis_cli.dsp.limiter import apply_gain_nodes
from auralis_cli.mastering.chain import Chain
from auralis_cli.mastering.control import ControlTrack
from auralis_cli.mastering.stages import Stage, build_stages, drawn_stages
from auralis_cli.model.mastering import MasteringPlan, SolvedPlan

Block = NDArray[np.float32]

_BLOCKS_AHEAD = 3


class StagedSignal:
    """The signal between the stages and the limiter, as often as needed."""

    def __init__(self, audio: ReplayableAudio, plan: MasteringPlan) -> None:
        self._audio = audio
        self._plan = plan
        # What of the plan the audio in memory has not been through.
        self._stages_left: Callable[..., tuple[Stage, ...]] = build_stages
        self._in_place = not plan.colours
        self.channels = audio.info.channels
        self.sample_rate_hz = audio.info.sample_rate_hz

    def blocks(self) -> Generator[Block]:
        """Blocks of `BLOCK_FRAMES` (the last may be shorter), aligned with the source."""
        source = self._audio.blocks(BLOCK_FRAMES)
        if self._in_place:
            yield from Chain((), self.channels).run(source, BLOCK_FRAMES)
            return
        blocks = source
        # Every stage works on a thread of its own: their kernels and FFTs do not hold each other up.
        for stage in self._stages_left(self._plan, self.sample_rate_hz, self.channels):
            blocks = read_ahead(Chain((stage,), self.channels).run(blocks, BLOCK_FRAMES), _BLOCKS_AHEAD)
        position = 0
        with closing(blocks):
            for block in blocks:
                # What is overwritten was read long ago: the stages only ever lag.
                self._audio.overwrite(position, block)
                position += len(block)
                yield block
        self._in_place = self._audio.in_memory

    def continue_with(self, plan: MasteringPlan) -> None:
        """The same plan, to which solving has added what it has drawn."""
        self._plan = plan
        if plan.is_drawn:
            self._stages_left = drawn_stages if self._in_place else build_stages
            self._in_place = False


def measure_control(blocks: Iterable[Block], track: ControlTrack) -> None:
    """Fills `track` from the signal before the limiter, on two threads."""
    with ThreadPoolExecutor(1, "true-peak") as peaks:
        for block in blocks:
            pending = peaks.submit(track.add_peaks, block)
            track.add_energies(block)
            pending.result()
    track.finish()


def limited_blocks(blocks: Iterable[Block], track: ControlTrack, solved: SolvedPlan) -> Generator[Block]:
    """Gain and limiting of the solved plan on the signal `track` was made from, in fresh blocks."""
    limiter = solved.plan.limiter
    if limiter is None:
        yield from blocks
        return
    nodes = _NodeCursor(track.limiter_nodes(limiter, solved.gain_db))
    for block in blocks:
        out = np.empty_like(block)
        apply_gain_nodes(block, nodes.take(-(-len(block) // track.block_frames)), track.block_frames, out)
        yield out


class _NodeCursor:
    """Cuts runs of nodes, which overlap by one, anew."""

    def __init__(self, runs: Iterator[NDArray[np.float64]]) -> None:
        self._runs = runs
        self._rest = np.zeros(0)

    def take(self, blocks: int) -> NDArray[np.float64]:
        """The nodes of the next `blocks` control blocks: one more than blocks."""
        while len(self._rest) < blocks + 1:
            self._rest = np.concatenate((self._rest[:-1], next(self._runs)))
        taken = self._rest[: blocks + 1]
        self._rest = self._rest[blocks:]
        return taken
