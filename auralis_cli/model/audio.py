"""What a stream of audio is: rate, channels, container, and how its samples are stored."""

from __future__ import annotations

from enum import StrEnum

from auralis_cli.quick_dataclasses import dataclass

MIN_SAMPLE_RATE_HZ = 8_000
MAX_SAMPLE_RATE_HZ = 384_000
MAX_CHANNELS = 32


def check_sample_rate(rate_hz: float) -> None:
    """The one judge of sample rates, of files, flags and requests alike; raises ValueError saying what is allowed."""
    # Written so that NaN fails it.
    if not MIN_SAMPLE_RATE_HZ <= rate_hz <= MAX_SAMPLE_RATE_HZ or rate_hz != int(rate_hz):
        raise ValueError(f"{rate_hz} Hz ({MIN_SAMPLE_RATE_HZ} to {MAX_SAMPLE_RATE_HZ} Hz are supported)")


class Subtype(StrEnum):
    """How one sample is stored. LOSSY covers every codec that keeps no samples at all."""

    PCM_8 = "PCM_8"
    PCM_16 = "PCM_16"
    PCM_24 = "PCM_24"
    PCM_32 = "PCM_32"
    FLOAT = "FLOAT"
    DOUBLE = "DOUBLE"
    LOSSY = "LOSSY"

    @property
    def bits(self) -> int | None:
        """Bits of one stored sample, None where samples are not stored."""
        return {"PCM_8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "FLOAT": 32, "DOUBLE": 64}.get(self.value)


class Dither(StrEnum):
    """What is added before samples are rounded: triangular noise, or nothing."""

    TPDF = "tpdf"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """A decoded stream as its reader announces it."""

    sample_rate_hz: int
    channels: int
    # A claim of the header, None where there is none: only reading to the end tells.
    frames: int | None
    # Key of the format registry (`auralis_cli/audio/formats.py`), e.g. "flac".
    format: str
    # The codec's own name, e.g. "flac", "pcm_s16le", "mp3", "opus".
    codec: str
    subtype: Subtype

    @property
    def duration_s(self) -> float | None:
        """Length by the header's claim, None where it makes none."""
        return None if self.frames is None else self.frames / self.sample_rate_hz


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """What a writer is asked to produce."""

    format: str
    sample_rate_hz: int
    channels: int
    subtype: Subtype
    # TPDF dither of 2 LSB peak to peak is added before rounding to PCM.
    dither: Dither
    # Of a lossy format, all channels together; None where samples are stored.
    bitrate_bps: int | None = None
