"""Foreign meters as second opinion on our own: libebur128 (by ctypes) and ffmpeg's ebur128 filter.

Both take decoded float32 audio `(frames, channels)`, so that a difference is the meter's and not the decoder's.
Tests skip with the reason `EBUR128_MISSING` or `FFMPEG_MISSING` where the tool is not installed.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import math
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

EBUR128_MISSING = "needs libebur128 as a second opinion (Debian: apt-get install libebur128-1)"
FFMPEG_MISSING = "needs ffmpeg as a second opinion (Debian: apt-get install ffmpeg)"

_MODE_I = 0b101
_MODE_LRA = 0b1011
_MODE_TRUE_PEAK = 0b110001


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a foreign meter reads. Not measured is None; silence is −inf."""

    integrated_lufs: float
    lra_lu: float
    true_peak_dbtp: float
    sample_peak_dbfs: float | None
    momentary_max_lufs: float
    short_term_max_lufs: float


@cache
def _ebur128() -> ctypes.CDLL | None:
    name = ctypes.util.find_library("ebur128")
    if name is None:
        return None
    library = ctypes.CDLL(name)
    double_out = ctypes.POINTER(ctypes.c_double)
    state = ctypes.c_void_p
    library.ebur128_init.restype = state
    library.ebur128_init.argtypes = [ctypes.c_uint, ctypes.c_ulong, ctypes.c_int]
    library.ebur128_destroy.argtypes = [ctypes.POINTER(state)]
    library.ebur128_add_frames_float.argtypes = [state, ctypes.POINTER(ctypes.c_float), ctypes.c_size_t]
    for reading in ("loudness_global", "loudness_range", "loudness_momentary", "loudness_shortterm"):
        getattr(library, f"ebur128_{reading}").argtypes = [state, double_out]
    for reading in ("true_peak", "sample_peak"):
        getattr(library, f"ebur128_{reading}").argtypes = [state, ctypes.c_uint, double_out]
    return library


def has_ebur128() -> bool:
    return _ebur128() is not None


def has_ffmpeg() -> bool:
    return shutil.which("ffmpeg") is not None


def _checked(status: int) -> None:
    if status != 0:
        raise RuntimeError(f"libebur128 refused with status {status}")


def _as_db(amplitude: float) -> float:
    return 20.0 * math.log10(amplitude) if amplitude > 0.0 else -math.inf


class Ebur128:
    """One run of libebur128 over a stream; a context manager, because its state lives in C."""

    def __init__(self, channels: int, sample_rate_hz: int) -> None:
        library = _ebur128()
        if library is None:
            raise RuntimeError(EBUR128_MISSING)
        self._library = library
        self._channels = channels
        mode = _MODE_I | _MODE_LRA | _MODE_TRUE_PEAK
        self._state = ctypes.c_void_p(library.ebur128_init(channels, sample_rate_hz, mode))
        if not self._state:
            raise RuntimeError(f"libebur128 refuses {channels} channels at {sample_rate_hz} Hz")

    def __enter__(self) -> Ebur128:
        return self

    def __exit__(self, *_: object) -> None:
        self._library.ebur128_destroy(ctypes.byref(self._state))

    def add(self, block: NDArray[np.float32]) -> None:
        block = np.ascontiguousarray(block, dtype=np.float32)
        pointer = block.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        _checked(self._library.ebur128_add_frames_float(self._state, pointer, len(block)))

    def _read(self, name: str, *channel: int) -> float:
        value = ctypes.c_double()
        _checked(getattr(self._library, f"ebur128_{name}")(self._state, *channel, ctypes.byref(value)))
        return value.value

    @property
    def integrated_lufs(self) -> float:
        return self._read("loudness_global")

    @property
    def lra_lu(self) -> float:
        return self._read("loudness_range")

    @property
    def momentary_lufs(self) -> float:
        return self._read("loudness_momentary")

    @property
    def short_term_lufs(self) -> float:
        return self._read("loudness_shortterm")

    @property
    def true_peak_dbtp(self) -> float:
        return _as_db(max(self._read("true_peak", channel) for channel in range(self._channels)))

    @property
    def sample_peak_dbfs(self) -> float:
        return _as_db(max(self._read("sample_peak", channel) for channel in range(self._channels)))


def by_ebur128(audio: NDArray[np.float32], sample_rate_hz: int, *, hop_s: float = 0.1) -> Opinion:
    """libebur128's reading; `hop_s` is the grid of the momentary and short-term maxima (10 ms costs 10 times 100 ms).

    Its true peak is 4-fold below 96 kHz and 2-fold below 192 kHz.
    """
    hop = max(1, round(hop_s * sample_rate_hz))
    momentary = short_term = -math.inf
    with Ebur128(audio.shape[1], sample_rate_hz) as meter:
        for start in range(0, len(audio), hop):
            meter.add(audio[start : start + hop])
            fed_s = min(start + hop, len(audio)) / sample_rate_hz
            if fed_s >= 0.4:
                momentary = max(momentary, meter.momentary_lufs)
            if fed_s >= 3.0:
                short_term = max(short_term, meter.short_term_lufs)
        return Opinion(
            integrated_lufs=meter.integrated_lufs,
            lra_lu=meter.lra_lu,
            true_peak_dbtp=meter.true_peak_dbtp,
            sample_peak_dbfs=meter.sample_peak_dbfs,
            momentary_max_lufs=momentary,
            short_term_max_lufs=short_term,
        )


def by_ffmpeg(audio: NDArray[np.float32], sample_rate_hz: int) -> Opinion:
    """ffmpeg's reading of its last 100 ms frame, to three decimals (peaks to 0.001 of full scale, some 0.01 dB).

    What follows the last whole 100 ms does not count; its summary on stderr has one decimal only and is not used.
    """
    if not has_ffmpeg():
        raise RuntimeError(FFMPEG_MISSING)
    command = ["ffmpeg", "-v", "error", "-f", "f32le", "-ar", str(sample_rate_hz)]
    command += ["-ac", str(audio.shape[1]), "-i", "pipe:0", "-af"]
    command += ["ebur128=peak=true:metadata=1,ametadata=mode=print:file=-", "-f", "null", "-"]
    raw = np.ascontiguousarray(audio, dtype="<f4").tobytes()
    done = subprocess.run(command, input=raw, capture_output=True, check=True)
    last: dict[str, float] = {}
    momentary = short_term = -math.inf
    for line in done.stdout.decode().splitlines():
        if not line.startswith("lavfi.r128."):
            continue
        key, _, text = line.removeprefix("lavfi.r128.").partition("=")
        last[key] = value = float(text)
        if key == "M":
            momentary = max(momentary, value)
        elif key == "S":
            short_term = max(short_term, value)
    if not last:
        raise RuntimeError("ffmpeg printed no loudness: the audio is shorter than 100 ms")
    peak = max(value for key, value in last.items() if key.startswith("true_peaks_ch"))
    return Opinion(
        integrated_lufs=last["I"],
        lra_lu=last["LRA"],
        true_peak_dbtp=_as_db(peak),
        sample_peak_dbfs=None,
        momentary_max_lufs=momentary,
        short_term_max_lufs=short_term,
    )


def oversampled_peak_dbtp(
    audio: NDArray[np.float32], *, factor: int = 16, block_frames: int = 1 << 16, context_frames: int = 512
) -> float:
    """Peak of the band-limited signal on a grid `factor` times finer: exact interpolation by zero-padded FFT.

    Works block by block with `context_frames` on both sides, tapered so that the cut does not ring.
    """
    frames, channels = audio.shape
    fade = np.sin(np.linspace(0.0, np.pi / 2, context_frames // 2, dtype=np.float64)) ** 2
    window = np.ones(block_frames + 2 * context_frames)
    window[: len(fade)], window[-len(fade) :] = fade, fade[::-1]
    peak = 0.0
    for channel in range(channels):
        padded = np.concatenate([np.zeros(context_frames), audio[:, channel], np.zeros(block_frames + context_frames)])
        for start in range(0, frames, block_frames):
            piece = padded[start : start + len(window)]
            if np.max(np.abs(piece)) < 0.5 * peak:  # no music overshoots its samples by 6 dB
                continue
            spectrum = np.fft.rfft(piece * window)
            spectrum[-1] *= 0.5  # the bin at half the rate is no longer its own mirror
            fine = np.fft.irfft(spectrum, factor * len(window)) * factor
            inner = fine[factor * context_frames : -factor * context_frames]
            peak = max(peak, float(np.max(np.abs(inner))))
    return _as_db(peak)
