"""What the lossy encoders take: rates, channels, bit rates. Everything lossy is delivered at up to 48 kHz."""

from __future__ import annotations

from collections.abc import Callable

from auralis_cli.quick_dataclasses import dataclass

# What MPEG audio of all versions has, and what libvorbis and AAC players are tuned for.
_COMMON_RATES_HZ = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
# MPEG 1, 2 and 2.5 each know these bit rates only (layer III).
_MPEG_1_BPS = tuple(1000 * kbps for kbps in (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320))
_MPEG_2_BPS = tuple(1000 * kbps for kbps in (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160))
_MPEG_25_BPS = _MPEG_2_BPS[:8]
# AAC allows 6144 bits per channel and frame of 1024 samples.
_AAC_BITS_PER_SAMPLE = 6


@dataclass(frozen=True, slots=True)
class BitrateRange:
    """Bit rates an encoder offers, all channels together."""

    lowest_bps: int
    highest_bps: int
    # All there are, where not everything between the two is possible.
    steps_bps: tuple[int, ...] = ()

    def holds(self, bitrate_bps: int) -> bool:
        """Whether the encoder makes just this."""
        if self.steps_bps:
            return bitrate_bps in self.steps_bps
        return self.lowest_bps <= bitrate_bps <= self.highest_bps

    def nearest(self, bitrate_bps: int) -> int:
        """The offer nearest to `bitrate_bps`, the higher of two."""
        if self.steps_bps:
            return min(reversed(self.steps_bps), key=lambda step: abs(step - bitrate_bps))
        return min(max(bitrate_bps, self.lowest_bps), self.highest_bps)

    def __str__(self) -> str:
        if self.steps_bps:
            return f"{', '.join(str(step // 1000) for step in self.steps_bps)} kbit/s"
        # Rounded inwards: what is named is accepted.
        return f"{-(-self.lowest_bps // 1000)} to {self.highest_bps // 1000} kbit/s"


@dataclass(frozen=True, slots=True)
class LossyCoding:
    """One lossy encoder's limits; the default bit rate is per channel."""

    sample_rates_hz: tuple[int, ...]
    channel_counts: tuple[int, ...]
    default_bps_per_channel: int
    # By sample rate and channels.
    bitrates: Callable[[int, int], BitrateRange]

    def rate_for(self, source_rate_hz: int) -> int:
        """The rate a source is converted to: its own, else the next above, else the highest there is."""
        return min((rate for rate in self.sample_rates_hz if rate >= source_rate_hz), default=self.sample_rates_hz[-1])

    def default_bps(self, sample_rate_hz: int, channels: int) -> int:
        """What is made where nobody asks for anything else."""
        return self.bitrates(sample_rate_hz, channels).nearest(self.default_bps_per_channel * channels)


def _mp3_bitrates(sample_rate_hz: int, _channels: int) -> BitrateRange:
    steps = _MPEG_1_BPS if sample_rate_hz >= 32_000 else _MPEG_2_BPS if sample_rate_hz >= 16_000 else _MPEG_25_BPS
    return BitrateRange(steps[0], steps[-1], steps)


def _opus_bitrates(_sample_rate_hz: int, channels: int) -> BitrateRange:
    return BitrateRange(6_000 * channels, 255_000 * channels)


def _aac_bitrates(sample_rate_hz: int, channels: int) -> BitrateRange:
    return BitrateRange(8_000 * channels, _AAC_BITS_PER_SAMPLE * sample_rate_hz * channels)


def _vorbis_bitrates(sample_rate_hz: int, channels: int) -> BitrateRange:
    # Imported where it is needed: it brings libsndfile.
    from auralis_cli.audio.vorbis_quality import vorbis_bitrates

    return vorbis_bitrates(sample_rate_hz, channels)


MP3 = LossyCoding(_COMMON_RATES_HZ, (1, 2), 128_000, _mp3_bitrates)
VORBIS = LossyCoding(_COMMON_RATES_HZ, (1, 2, 3, 4, 5, 6, 7, 8), 96_000, _vorbis_bitrates)
# Decoders give 48 kHz whatever went in. libavcodec mixes up 5 and 7 channels.
OPUS = LossyCoding((48_000,), (1, 2, 3, 4, 6, 8), 80_000, _opus_bitrates)
AAC = LossyCoding(_COMMON_RATES_HZ, (1, 2, 3, 4, 5, 6), 128_000, _aac_bitrates)
