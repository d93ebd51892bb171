"""Meters for whole streams: blocks in, a frozen result out.

`LoudnessMeter` is the short one (loudness, peaks, levels), for what was just written and for albums;
`TrackMeter` adds spectrum, rhythm, harmony, the fingerprint and the signs of defects. Memory grows by some 4 kB per
second of audio.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from auralis_cli.analysis.content import guess_content
from auralis_cli.analysis.evidence import EvidencePart
from auralis_cli.analysis.fingerprint import Heard, fingerprint_of, powers_50ms
from auralis_cli.analysis.landmarks import landmarks_of
from auralis_cli.analysis.measurements import measurements_of
from auralis_cli.analysis.music import MusicPart
from auralis_cli.analysis.passages import passages_of
from auralis_cli.analysis.picture import PicturePart
from auralis_cli.analysis.profile_part import ProfilePart
from auralis_cli.analysis.tone import tone_profile
from auralis_cli.dsp import loudness
from auralis_cli.dsp.levels import LevelMeter
from auralis_cli.dsp.processor import check_block
from auralis_cli.dsp.sample_digest import SampleDigest
from auralis_cli.dsp.segments import Series
from auralis_cli.dsp.spectrum import LongTermSpectrum
from auralis_cli.dsp.truepeak import TruePeakMeter
from auralis_cli.model.block_levels import BlockLevels
from auralis_cli.model.measurements import Measurements, TrackAnalysis


class _LoudnessPart:
    """K-weighted energies and levels."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        weights = loudness.channel_weights(channels)
        self.energy = loudness.WeightedEnergy(sample_rate_hz, weights, (sample_rate_hz, loudness.SEGMENTS_PER_SECOND))
        self.levels = LevelMeter(sample_rate_hz, channels)
        self._segments = Series(1, np.float64)

    def add(self, block: NDArray[np.float32]) -> None:
        self._segments.append(self.energy.process(block)[:, None])
        self.levels.process(block)

    def segments(self) -> NDArray[np.float64]:
        return self._segments.column(0)


class _PeakPart:
    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self.meter = TruePeakMeter(channels)

    def add(self, block: NDArray[np.float32]) -> None:
        self.meter.process(block)


class _SpectrumPart:
    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self.spectrum = LongTermSpectrum(sample_rate_hz, channels)

    def add(self, block: NDArray[np.float32]) -> None:
        self.spectrum.process(block)


_Part = _LoudnessPart | _PeakPart | _SpectrumPart | MusicPart | EvidencePart | PicturePart | ProfilePart


class _Meter:
    """Feeds parts that do not depend on each other, in threads where it was given an executor."""

    def __init__(self, sample_rate_hz: int, channels: int, executor: Executor | None) -> None:
        self._sample_rate_hz = sample_rate_hz
        self._channels = channels
        self._executor = executor
        self._loudness = _LoudnessPart(sample_rate_hz, channels)
        self._peak = _PeakPart(sample_rate_hz, channels)
        self._parts: list[_Part] = [self._loudness, self._peak]

    def add(self, block: NDArray[np.float32]) -> None:
        """Looks at the next block, float32 `(frames, channels)`; keeps no reference to it, nothing of a wrong one."""
        check_block(block, self._channels)
        first, *others = self._parts
        if self._executor is None:
            for part in self._parts:
                part.add(block)
            return
        running = [self._executor.submit(part.add, block) for part in others]
        first.add(block)
        for part_done in running:
            part_done.result()

    def gating_blocks(self) -> NDArray[np.float64]:
        """Mean squares of the 400 ms blocks so far, for `album_lufs`."""
        hops = loudness.hop_energies(self._loudness.segments())
        return loudness.gating_blocks(hops, self._sample_rate_hz / loudness.HOPS_PER_SECOND)

    def block_levels(self) -> BlockLevels:
        """The same as levels that count, for albums whose tracks are measured apart."""
        return levels_of_blocks(self.gating_blocks())

    def _measurements(self) -> Measurements:
        part = self._loudness
        return measurements_of(
            self._sample_rate_hz,
            part.levels.result(),
            part.segments(),
            part.energy.channel_energies,
            self._peak.meter.peak(),
        )


class LoudnessMeter(_Meter):
    """Loudness, peaks and levels of one stream: `add` blocks, then ask for the `result`.

    An executor only changes where the work is done, never the result.
    """

    def __init__(self, sample_rate_hz: int, channels: int, executor: Executor | None = None) -> None:
        super().__init__(sample_rate_hz, channels, executor)

    def result(self) -> Measurements:
        """The measurements so far."""
        return self._measurements()


class TrackMeter(_Meter):
    """Everything about one track in one pass: `add` its blocks, then ask for the `result`.

    The picture for a plot and the profile are part of it only where asked for. An executor only changes where the
    work is done, never the result.
    """

    def __init__(
        self,
        sample_rate_hz: int,
        channels: int,
        executor: Executor | None = None,
        *,
        with_picture: bool = False,
        with_profile: bool = False,
    ) -> None:
        super().__init__(sample_rate_hz, channels, executor)
        self._spectrum = _SpectrumPart(sample_rate_hz, channels)
        self._music = MusicPart(sample_rate_hz, channels)
        self._evidence = EvidencePart(sample_rate_hz, channels)
        self._parts = [self._music, self._spectrum, *self._parts, self._evidence]
        self._picture = PicturePart(sample_rate_hz, channels) if with_picture else None
        if self._picture is not None:
            self._parts.append(self._picture)
        self._profile = ProfilePart(sample_rate_hz, channels) if with_profile else None
        if self._profile is not None:
            self._parts.append(self._profile)
        self._digest = SampleDigest(channels)
        self._result: TrackAnalysis | None = None

    def add(self, block: NDArray[np.float32]) -> None:
        """Looks at the next block, float32 `(frames, channels)`; ValueError once the result was asked for."""
        if self._result is not None:
            raise ValueError("the track has ended: its result was already asked for")
        super().add(block)
        self._digest.process(block)

    def result(self) -> TrackAnalysis:
        """Ends the track and says all about it."""
        if self._result is None:
            self._spectrum.spectrum.flush()
            self._music.flush()
            self._result = self._analyse()
        return self._result

    def _analyse(self) -> TrackAnalysis:
        measured, part, spectrum = self._measurements(), self._loudness, self._spectrum.spectrum
        frames_50ms, music = part.levels.frames_50ms(), self._music
        heard = Heard(frames_50ms, spectrum, music.onsets, music.harmony, music.antiphase)
        found = fingerprint_of(measured, heard)
        rms_50ms = np.sqrt(powers_50ms(frames_50ms, measured.channels))
        short_term = loudness.short_term_lufs(part.segments(), self._sample_rate_hz / loudness.SEGMENTS_PER_SECOND)
        return TrackAnalysis(
            measurements=measured,
            fingerprint=found.fingerprint,
            flags=found.flags,
            tempo_confidence=found.tempo_confidence,
            content=guess_content(rms_50ms, spectrum, measured.width),
            landmarks=landmarks_of(music.harmony),
            tone=tone_profile(spectrum),
            passages=passages_of(spectrum),
            short_term_lufs=tuple(np.round(short_term, 2).tolist()),
            evidence=self._evidence.result(frames_50ms, self._peak.meter.result()),
            sample_digest=self._digest.result(),
            picture=None if self._picture is None else self._picture.result(spectrum, part.segments()),
            profile=None if self._profile is None else self._profile.result(measured),
        )


def levels_of_blocks(blocks: NDArray[np.float64]) -> BlockLevels:
    """Mean squares of gating blocks as levels, less those below the absolute gate."""
    heard = blocks[np.isfinite(blocks) & (blocks > loudness.lufs_to_mean_square(loudness.ABSOLUTE_GATE_LUFS))]
    hundredths = np.rint(100.0 * (loudness.OFFSET_DB + 10.0 * np.log10(heard))).astype(np.int64)
    levels, counts = np.unique(hundredths, return_counts=True)
    return BlockLevels.of(dict(zip(levels.tolist(), counts.tolist(), strict=True)))


def album_lufs(meters: Iterable[LoudnessMeter | TrackMeter]) -> float:
    """Loudness of several tracks as one programme: one gate over all their blocks, never a mean."""
    blocks = [meter.gating_blocks() for meter in meters]
    return loudness.gate_blocks(np.concatenate(blocks)) if blocks else -math.inf
