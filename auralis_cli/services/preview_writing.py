"""A preview: the loudest passage of a track, mastered as in the whole of its master, and beside it as it was.

The whole track is measured, decided on and solved for, so the passage is the one that `master` would write, sample for
sample; only its edges are faded, by 10 ms, so that none clicks.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from auralis_cli.analysis.loudest import loudest_passage
from auralis_cli.analysis.measure import LoudnessMeter
from auralis_cli.audio.replay import BLOCK_FRAMES, ReplayableAudio
from auralis_cli.audio.writer import AtomicWriter
from auralis_cli.model.audio import Dither, OutputFormat
from auralis_cli.model.mastering import MasterRequest, SolvedPlan
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.passages import Passage, PreviewFiles, before_path
from auralis_cli.model.published_file import PublishedFile
from auralis_cli.services.encoding import Encoded
from auralis_cli.services.passes import BlockWriter, Rendering
from auralis_cli.services.publishing import publish, take_back
from auralis_cli.services.streaming import copy_source_tags

FADE_S = 0.010
Block = NDArray[np.float32]


class PassageWriter:
    """Takes a whole stream and hands on one passage of it, faded in and out."""

    def __init__(self, writer: BlockWriter, passage: Passage, sample_rate_hz: int, channels: int) -> None:
        self._writer, self._passage = writer, passage
        self._fade_frames = min(round(FADE_S * sample_rate_hz), passage.frames // 2)
        self._meter = LoudnessMeter(sample_rate_hz, channels)
        self._position = 0

    def write(self, block: Block) -> None:
        """Looks at the next block, float32 `(frames, channels)`."""
        first = max(self._passage.first_frame - self._position, 0)
        end = min(self._passage.end_frame - self._position, len(block))
        if first < end:
            part = self._faded(block[first:end], self._position + first - self._passage.first_frame)
            self._meter.add(part)
            self._writer.write(part)
        self._position += len(block)

    def integrated_lufs(self) -> float:
        """Loudness of the passage."""
        return self._meter.result().integrated_lufs

    def _faded(self, part: Block, place: int) -> Block:
        """`part`, which begins `place` frames into the passage."""
        frames = place + np.arange(len(part))
        edge = np.minimum(frames + 1, self._passage.frames - frames)
        if not len(part) or self._fade_frames == 0 or edge.min() > self._fade_frames:
            return np.ascontiguousarray(part)
        gain = np.minimum(edge / (self._fade_frames + 1), 1.0).astype(np.float32)
        return np.ascontiguousarray(part * gain[:, None])


class Preview:
    """The two files of a preview. The first, which is begun at once, holds what the source has there.

    A context: leaving it without `write` removes every trace.
    """

    def __init__(
        self, audio: ReplayableAudio, analysis: TrackAnalysis, request: MasterRequest, output: OutputFormat
    ) -> None:
        if request.preview_s is None or request.destination.path is None:
            raise ValueError("a preview has a length and a place")
        self._request, self._output, self._path = request, output, request.destination.path
        self.passage = loudest_passage(analysis, request.preview_s)
        grid = analysis.measurements.on_grid_bits
        stays = grid is not None and grid <= (output.subtype.bits or 0)
        stored = replace(output, dither=Dither.NONE) if stays else output
        self._before_path = before_path(self._path)
        self._before = AtomicWriter(
            self._before_path, stored, expected_frames=self.passage.frames, first_frame=self.passage.first_frame
        )
        try:
            self._before_lufs = self._take_before(audio)
        except BaseException:
            self._before.__exit__(None, None, None)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._before.__exit__(kind, error, trace)

    def write(
        self, rendering: Rendering, solved: SolvedPlan, output: OutputFormat, ready: Callable[[Path], None]
    ) -> tuple[Encoded, PublishedFile, PreviewFiles]:
        """Renders the whole, writes the passage, and gives both files their names; measured is the whole master."""
        source, force, passage = self._request.source, self._request.force, self.passage
        keeps = self._request.keep_mtime and source.path is not None
        mtime_ns = os.stat(source.path).st_mtime_ns if keeps and source.path is not None else None
        with AtomicWriter(
            self._path, output, expected_frames=passage.frames, first_frame=passage.first_frame
        ) as writer:
            cut = PassageWriter(writer, passage, output.sample_rate_hz, output.channels)
            measured = rendering.write(solved, cut)
            writer.close_audio()
            warnings = copy_source_tags(source, writer.temporary_path)
            copy_source_tags(source, self._before.temporary_path)
            before = publish(self._before, self._before_path, passage.frames, mtime_ns=mtime_ns, force=force)
            try:
                published = publish(writer, self._path, passage.frames, mtime_ns=mtime_ns, ready=ready, force=force)
            except BaseException:
                take_back(self._before_path, before)
                raise
        gain_db = cut.integrated_lufs() - self._before_lufs
        files = PreviewFiles(
            passage.first_frame / output.sample_rate_hz,
            passage.frames / output.sample_rate_hz,
            self._before_path,
            round(gain_db, 2) if math.isfinite(gain_db) else None,
            before,
        )
        return Encoded(measured, solved, warnings=warnings), published, files

    def _take_before(self, audio: ReplayableAudio) -> float:
        output = self._output
        cut = PassageWriter(self._before, self.passage, output.sample_rate_hz, output.channels)
        with closing(audio.blocks(BLOCK_FRAMES)) as blocks:
            for block in blocks:
                cut.write(block)
        self._before.close_audio()
        return cut.integrated_lufs()
