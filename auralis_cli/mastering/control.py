"""The control track: all the limiter and the loudness need to know of a whole track.

Per control block (some 0.18 ms) one true-peak value and one K-weighted energy of the signal before
the limiter: 44 kB per second of audio. Beyond `memory_bytes` it lies in an unlinked file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.limiter import GainCurve, LimiterSettings, NodeCurve
from auralis_cli.dsp.loudness import WeightedEnergy, channel_weights
from auralis_cli.dsp.truepeak import TruePeakEnvelope, control_block_frames
from auralis_cli.model.mastering import LimiterPlan

_CHUNK_BLOCKS = 1 << 18
_MEMORY_BYTES = 64 << 20
Column = NDArray[np.float32]


class _Series:
    """An append-only float32 series, in memory until it is long, then in a file that has no name."""

    def __init__(self, folder: Path, memory_bytes: int) -> None:
        self._folder = folder
        self._memory_bytes = memory_bytes
        self._pieces: list[Column] = []
        self._file: IO[bytes] | None = None
        self.length = 0

    def append(self, piece: Column) -> None:
        self.length += len(piece)
        if self._file is None:
            self._pieces.append(piece)
            if self.length * 4 <= self._memory_bytes:
                return
            self._file = tempfile.TemporaryFile(dir=self._folder, prefix=".auralis-")  # noqa: SIM115
            pieces, self._pieces = self._pieces, []
        else:
            pieces = [piece]
        for part in pieces:
            self._file.write(part.data)

    def chunks(self, size: int) -> Iterator[Column]:
        """The series from its start, in pieces of `size` (the last may be shorter)."""
        if self._file is None:
            if len(self._pieces) > 1:
                self._pieces = [np.concatenate(self._pieces)]
            whole = self._pieces[0] if self._pieces else np.zeros(0, np.float32)
            for start in range(0, self.length, size):
                yield whole[start : start + size]
            return
        self._file.flush()
        for start in range(0, self.length, size):
            self._file.seek(4 * start)
            yield np.frombuffer(self._file.read(4 * size), np.float32)

    def close(self) -> None:
        self._pieces = []
        if self._file is not None:
            self._file.close()


class ControlTrack:
    """Collects true peaks and energies of blocks in order, and replays them as often as needed."""

    def __init__(self, sample_rate_hz: int, channels: int, spool_folder: Path, memory_bytes: int | None = None) -> None:
        self.sample_rate_hz, self.channels = sample_rate_hz, channels
        self.spool_folder, self._memory_bytes = spool_folder, memory_bytes
        self.block_frames = control_block_frames(sample_rate_hz)
        self._peak_meter = TruePeakEnvelope(channels, self.block_frames)
        self._energy_meter = WeightedEnergy(sample_rate_hz, channel_weights(channels), (self.block_frames, 1))
        half = (_MEMORY_BYTES if memory_bytes is None else memory_bytes) // 2
        self._peaks = _Series(spool_folder, half)
        self._energies = _Series(spool_folder, half)
        self.frames = 0
        self.true_peak = 0.0

    @property
    def blocks(self) -> int:
        """Control blocks so far; the last may be incomplete."""
        return -(-self.frames // self.block_frames)

    def add_peaks(self, block: NDArray[np.float32]) -> None:
        """The true-peak half; may run beside `add_energies` in another thread."""
        self._store_peaks(self._peak_meter.process(block))

    def add_energies(self, block: NDArray[np.float32]) -> None:
        """The loudness half, which also counts the frames."""
        self.frames += len(block)
        self._energies.append(self._energy_meter.process(block).astype(np.float32))

    def finish(self) -> None:
        """No more blocks will come."""
        self._store_peaks(self._peak_meter.flush())
        self._energies.append(self._energy_meter.flush().astype(np.float32))
        if not self._peaks.length == self._energies.length == self.blocks:
            raise ValueError(f"{self._peaks.length} peaks, {self._energies.length} energies, {self.blocks} blocks")

    def _store_peaks(self, peaks: Column) -> None:
        if len(peaks):
            self.true_peak = max(self.true_peak, float(peaks.max()))
        self._peaks.append(peaks)

    def energies(self) -> Iterator[Column]:
        """The energies alone, in chunks."""
        return self._energies.chunks(_CHUNK_BLOCKS)

    def gain_nodes(self, curve: NodeCurve) -> Iterator[NDArray[np.float64]]:
        """Nodes of `curve` over the whole track, in runs that overlap by one node: n + 1 nodes for n blocks."""
        carried = np.zeros(0)
        for peaks in self._peaks.chunks(_CHUNK_BLOCKS):
            nodes = np.concatenate((carried, curve.nodes(peaks)))
            if len(nodes) > 1:
                yield nodes
                carried = nodes[-1:].copy()
            else:
                carried = nodes
        nodes = np.concatenate((carried, curve.flush()))
        if len(nodes) > 1:
            yield nodes

    def limiter_nodes(self, limiter: LimiterPlan, gain_db: float) -> Iterator[NDArray[np.float64]]:
        """Nodes of the limiter behind this gain, likewise."""
        return self.gain_nodes(GainCurve(LimiterSettings(**asdict(limiter)), self.sample_rate_hz, gain_db))

    def times(self, runs: Iterable[NDArray[np.float64]]) -> ControlTrack:
        """The track of the same signal under a gain that moves slowly, given by nodes as `gain_nodes` gives them."""
        made = self.fresh()
        peaks = ColumnCursor(self._peaks.chunks(_CHUNK_BLOCKS))
        energies = ColumnCursor(self.energies())
        for nodes in runs:
            count = len(nodes) - 1
            highest, middle = np.maximum(nodes[:-1], nodes[1:]), 0.5 * (nodes[:-1] + nodes[1:])
            made._store_peaks((peaks.take(count) * highest).astype(np.float32))
            made._energies.append((energies.take(count) * middle**2).astype(np.float32))
        made.frames = self.frames
        return made

    def fresh(self) -> ControlTrack:
        """An empty one for another signal as long."""
        return ControlTrack(self.sample_rate_hz, self.channels, self.spool_folder, self._memory_bytes)

    def close(self) -> None:
        """Gives memory and disk back."""
        self._peaks.close()
        self._energies.close()


class ColumnCursor:
    """Hands out the peaks or energies of a control track in runs of any length."""

    def __init__(self, chunks: Iterator[Column]) -> None:
        self._chunks = chunks
        self._rest = np.zeros(0, np.float32)

    def take(self, count: int) -> Column:
        """The next `count`; fewer only at the end."""
        pieces = [self._rest]
        have = len(self._rest)
        while have < count:
            piece = next(self._chunks, None)
            if piece is None:
                break
            pieces.append(piece)
            have += len(piece)
        whole = np.concatenate(pieces) if len(pieces) > 1 else pieces[0]
        self._rest = whole[count:]
        return whole[:count]
