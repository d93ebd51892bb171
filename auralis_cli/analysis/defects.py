"""What is wrong with a track: pure decisions from what one pass measured.

The bounds were set on the open music, on samples that were never encoded, and on both sent through
encoders and resamplers; `tests/benchmarks/defects_table.py` measures how often they are right.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from auralis_cli.analysis.clipped import FULL_SCALE_DBFS, clipped_channels
from auralis_cli.analysis.evidence import SAME_CHANNEL
from auralis_cli.analysis.polarity import is_inverted
from auralis_cli.model.audio import StreamInfo, Subtype
from auralis_cli.model.defects import Defect, DefectEvidence, DefectKind, Severity
from auralis_cli.model.measurements import Measurements, TrackAnalysis
from auralis_cli.units import db_to_gain

_FEW_RUNS = 3
# An offset of −60 dBFS, and what a bass note cut off within its period leaves at most in a second.
_OFFSET = 1e-3
_OFFSET_SECONDS = 8e-3
_ONE_SIDED_LU = 40.0
_ABRUPT_MIN_S = 3.0
_ABRUPT_DBFS = -40.0
_ABRUPT_DROP_DB = 10.0
_SPECTRUM_MIN_S = 3.0
# Low-passes of encoders; what lies above is the filter of a converter at 44.1 kHz.
_CODEC_HZ = (15_000.0, 20_600.0)
_LOWER_RATES_HZ = (8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000)
# Where resamplers' low-passes fall, in parts of the lower rate's Nyquist frequency, and where most do.
_RESAMPLER_SHARE = (0.84, 1.03)
_USUAL_SHARE = 0.95


def find_defects(analysis: TrackAnalysis, info: StreamInfo, faults: Iterable[str]) -> tuple[Defect, ...]:
    """All defects, in the order of `DefectKind`; `faults` is what the reader says of damage and of an early end."""
    measured = analysis.measurements
    told = [_told(fault) for fault in faults]
    if measured.first_non_finite_frame is not None:
        # No other figure means anything then.
        found = [_non_finite(measured, measured.first_non_finite_frame), *told]
    elif measured.frames == 0:
        found = told
    else:
        found = [*told, *_of_sound(analysis, info, ends_early=any(one.kind is DefectKind.TRUNCATED for one in told))]
    order = list(DefectKind)
    return tuple(sorted(found, key=lambda defect: order.index(defect.kind)))


def _of_sound(analysis: TrackAnalysis, info: StreamInfo, *, ends_early: bool) -> Iterator[Defect]:
    measured, evidence = analysis.measurements, analysis.evidence
    yield from _silence(measured, evidence)
    if measured.silent:
        return
    if not ends_early:
        yield from _abrupt_end(measured, evidence)
    yield from _clipping(analysis, info.subtype)
    yield from _overs(measured, evidence)
    yield from _stereo(analysis)
    yield from _offset(measured)
    if info.subtype is not Subtype.LOSSY:
        yield from _band_limit(measured, analysis.tone.cutoff_hz)
        yield from _padded_bits(measured, info.subtype)


def _told(fault: str) -> Defect:
    kind = DefectKind.DAMAGED if fault.startswith("damaged") else DefectKind.TRUNCATED
    return Defect(kind, Severity.FAULT, fault)


def _non_finite(measured: Measurements, frame: int) -> Defect:
    return Defect(
        DefectKind.NON_FINITE,
        Severity.FAULT,
        f"NaN or Inf at frame {frame}, {at(frame / measured.sample_rate_hz)}: the figures mean nothing",
        start_s=frame / measured.sample_rate_hz,
        frame=frame,
    )


def _abrupt_end(measured: Measurements, evidence: DefectEvidence) -> Iterator[Defect]:
    loud = evidence.end_dbfs > max(_ABRUPT_DBFS, evidence.before_end_dbfs - _ABRUPT_DROP_DB)
    if loud and measured.duration_s >= _ABRUPT_MIN_S:
        yield Defect(
            DefectKind.ABRUPT_END,
            Severity.NOTE,
            f"ends in the middle of the sound: {evidence.end_dbfs:.0f} dBFS in the last 10 ms",
            start_s=measured.duration_s,
            level_dbfs=evidence.end_dbfs,
        )


def _clipping(analysis: TrackAnalysis, subtype: Subtype) -> Iterator[Defect]:
    measured = analysis.measurements
    # Of 8 bit every slow wave is a staircase.
    clipped = [] if subtype is Subtype.PCM_8 else clipped_channels(analysis)
    if not clipped:
        return
    count = sum(top.runs for _, top in clipped)
    channel, worst = max(clipped, key=lambda one: one[1].longest_frames)
    start_s, length_s = (frames / measured.sample_rate_hz for frames in (worst.longest_frame, worst.longest_frames))
    per_minute = count * 60.0 / measured.duration_s
    turned_down = "" if worst.level_dbfs >= FULL_SCALE_DBFS else ", turned down since"
    rate = f" ({per_minute:.0f} a minute)" if measured.duration_s >= 60.0 and per_minute >= 1.0 else ""
    yield Defect(
        DefectKind.CLIPPING,
        Severity.NOTE if count < _FEW_RUNS else Severity.WARNING,
        f"{_times(count, 'flat top')} at {worst.level_dbfs:z.1f} dBFS{turned_down}{rate}; "
        f"the longest {length_s * 1e3:.2g} ms{_in(channel, measured.channels)} {at(start_s)}",
        start_s=start_s,
        length_s=length_s,
        count=count,
        per_minute=per_minute,
        channel=channel,
        level_dbfs=worst.level_dbfs,
    )


def _overs(measured: Measurements, evidence: DefectEvidence) -> Iterator[Defect]:
    # What a meter shows as 0.0 dBTP is not over.
    if evidence.true_peak_overs == 0 or measured.true_peak_dbtp < 0.05:
        return
    start_s = evidence.true_peak_frame / measured.sample_rate_hz
    count = evidence.true_peak_overs
    yield Defect(
        DefectKind.TRUE_PEAK_OVERS,
        Severity.WARNING,
        f"{_times(count, 'true peak')} above full scale; the highest {measured.true_peak_dbtp:+.2f} dBTP {at(start_s)}",
        start_s=start_s,
        count=count,
        per_minute=count * 60.0 / measured.duration_s,
        true_peak_dbtp=measured.true_peak_dbtp,
    )


def _stereo(analysis: TrackAnalysis) -> Iterator[Defect]:
    measured = analysis.measurements
    if measured.channels != 2:
        return
    difference = analysis.evidence.channel_difference
    if abs(measured.balance_lu) >= _ONE_SIDED_LU:
        weak = 2 if measured.balance_lu > 0 else 1
        level = "silent" if math.isinf(measured.balance_lu) else f"{abs(measured.balance_lu):.0f} LU below the other"
        yield Defect(
            DefectKind.ONE_SIDED,
            Severity.WARNING,
            f"{'left' if weak == 1 else 'right'} is {level}",
            channel=weak,
            balance_lu=abs(measured.balance_lu),
        )
    elif difference <= SAME_CHANNEL and 100.0 * difference <= db_to_gain(measured.sample_peak_dbfs):
        how = "the same in every sample" if difference == 0.0 else "the same but for rounding"
        yield Defect(DefectKind.DUAL_MONO, Severity.NOTE, f"left and right are {how}: mono in two channels")
    elif is_inverted(analysis):
        yield Defect(
            DefectKind.INVERTED_POLARITY,
            Severity.WARNING,
            f"one channel is upside down (correlation {measured.correlation:+.2f}): left and right cancel in mono",
            correlation=measured.correlation,
        )


def _offset(measured: Measurements) -> Iterator[Defect]:
    if measured.duration_s < 1.0 or abs(measured.dc_offset) <= _OFFSET + _OFFSET_SECONDS / measured.duration_s:
        return
    channel = max(range(measured.channels), key=lambda index: abs(measured.dc_offsets[index])) + 1
    yield Defect(
        DefectKind.DC_OFFSET,
        Severity.WARNING,
        f"an offset of {measured.dc_offset * 100:+.2f} % of full scale{_in(channel, measured.channels)}",
        channel=channel,
        dc_offset=measured.dc_offset,
    )


def _silence(measured: Measurements, evidence: DefectEvidence) -> Iterator[Defect]:
    places = (
        (evidence.leading_silence, "at the start", 1),
        (evidence.longest_silence, "within", evidence.silences_within),
        (evidence.trailing_silence, "at the end", 1),
    )
    for silence, place, count in places:
        if silence is None:
            continue
        throughout = silence.length_s >= measured.duration_s
        kind = "digital silence" if silence.digital else "next to silence"
        where = f"{place}, {at(silence.start_s)}" if place == "within" else place
        more = f"; {count} such breaks" if count > 1 else ""
        yield Defect(
            DefectKind.SILENCE,
            Severity.WARNING if throughout else Severity.NOTE,
            f"nothing but {kind}" if throughout else f"{silence.length_s:.1f} s of {kind} {where}{more}",
            start_s=silence.start_s,
            length_s=min(silence.length_s, measured.duration_s),
            count=count,
        )


def _band_limit(measured: Measurements, cutoff_hz: float | None) -> Iterator[Defect]:
    if cutoff_hz is None or measured.duration_s < _SPECTRUM_MIN_S:
        return
    original_rate_hz = _lower_rate_hz(measured.sample_rate_hz, cutoff_hz)
    shown = f"nothing above {cutoff_hz / 1e3:.1f} kHz"
    if original_rate_hz is not None:
        yield Defect(
            DefectKind.UPSAMPLED,
            Severity.WARNING,
            f"{shown}: was {original_rate_hz / 1e3:g} kHz before it became {measured.sample_rate_hz / 1e3:g} kHz",
            cutoff_hz=cutoff_hz,
            original_rate_hz=original_rate_hz,
        )
    elif measured.sample_rate_hz >= 44_100 and _CODEC_HZ[0] <= cutoff_hz <= _CODEC_HZ[1]:
        yield Defect(
            DefectKind.LOSSY_SOURCE,
            Severity.WARNING,
            f"{shown}, cut off steeply, as lossy encoders do (mp3, AAC, Vorbis, Opus)",
            cutoff_hz=cutoff_hz,
        )


def _lower_rate_hz(sample_rate_hz: int, cutoff_hz: float) -> int | None:
    """The rate the music once had; None where the cut-off says nothing, or is rather that of a codec."""
    if _CODEC_HZ[0] <= cutoff_hz <= _CODEC_HZ[1]:
        return None
    shares = {rate_hz: cutoff_hz / (rate_hz / 2.0) for rate_hz in _LOWER_RATES_HZ if rate_hz < sample_rate_hz}
    fitting = [rate_hz for rate_hz, share in shares.items() if _RESAMPLER_SHARE[0] <= share <= _RESAMPLER_SHARE[1]]
    return min(fitting, key=lambda rate_hz: abs(shares[rate_hz] - _USUAL_SHARE), default=None)


def _padded_bits(measured: Measurements, subtype: Subtype) -> Iterator[Defect]:
    stored, used = subtype.bits, measured.on_grid_bits
    floating = subtype in (Subtype.FLOAT, Subtype.DOUBLE)
    # 24 bit as float are as they should be.
    if stored is None or used is None or used >= (24 if floating else stored):
        return
    yield Defect(
        DefectKind.PADDED_BITS,
        Severity.NOTE,
        f"{used} bit stored as {stored} bit{' float' if floating else ''}",
        stored_bits=stored,
        used_bits=used,
    )


def at(seconds: float) -> str:
    """`at 1:02.5`."""
    minutes, rest = divmod(round(seconds * 10), 600)
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"at {clock}:{rest // 10:02d}.{rest % 10}"


def _times(count: int, thing: str) -> str:
    return f"1 {thing}" if count == 1 else f"{count} {thing}s"


def _in(channel: int, channels: int) -> str:
    if channels == 1:
        return ""
    return f" on the {('left', 'right')[channel - 1]}" if channels == 2 else f" in channel {channel}"
