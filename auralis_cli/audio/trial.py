"""Whether this installation really decodes: a short tone, encoded by libsndfile, read back by our reader."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import soundfile

from auralis_cli.audio.reader import open_reader

SAMPLE_RATE_HZ = 48_000
TONE_HZ = 1000.0
TONE_DBFS = -12.0
# Format → what libsndfile calls it; all of these must decode.
TRIAL_FORMATS: dict[str, tuple[str, str]] = {
    "wav": ("WAV", "PCM_16"),
    "aiff": ("AIFF", "PCM_16"),
    "flac": ("FLAC", "PCM_16"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}


def decoder_versions() -> dict[str, str]:
    """The decoding libraries by name, with their versions."""
    return {"libsndfile": soundfile.__libsndfile_version__, "PyAV": av.__version__}


def decoded_level_dbfs(name: str, folder: Path) -> float:
    """The RMS, plus 3 dB, of half a second of tone encoded as the format `name` and decoded again.

    A working decoder gives `TONE_DBFS`. Raises InputError where nothing decodes, RuntimeError where
    libsndfile cannot encode.
    """
    container, subtype = TRIAL_FORMATS[name]
    time_s = np.arange(SAMPLE_RATE_HZ // 2) / SAMPLE_RATE_HZ
    tone = (10.0 ** (TONE_DBFS / 20.0) * np.sin(2.0 * np.pi * TONE_HZ * time_s)).astype(np.float32)
    path = folder / f"trial.{name}"
    soundfile.write(path, np.stack([tone, tone], axis=1), SAMPLE_RATE_HZ, format=container, subtype=subtype)
    with open_reader(path) as reader:
        decoded = np.concatenate(list(reader.blocks(4096)))
    middle = decoded[len(decoded) // 4 : -len(decoded) // 4].astype(np.float64)
    power = float(np.mean(middle**2)) if middle.size else 0.0
    return float(10.0 * np.log10(2.0 * power)) if power > 0.0 else -np.inf
