"""Whether this installation really decodes: a short tone, encoded by the libraries themselves, read by our reader."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from auralis_cli.audio.formats import FORMATS, Decoder
from auralis_cli.audio.reader import open_reader

SAMPLE_RATE_HZ = 48_000
TONE_HZ = 1000.0
TONE_DBFS = -12.0
_BIT_RATE = 192_000

Tone = NDArray[np.float32]


def _by_libsndfile(container: str, subtype: str, path: Path, tone: Tone) -> None:
    soundfile.write(path, tone, SAMPLE_RATE_HZ, format=container, subtype=subtype)


def _by_pyav(muxer: str, codec: str, path: Path, tone: Tone) -> None:
    import av

    with av.open(str(path), "w", format=muxer) as container:
        stream = container.add_stream(codec, rate=SAMPLE_RATE_HZ, layout="stereo")
        assert isinstance(stream, av.AudioStream)
        stream.bit_rate = _BIT_RATE
        encoder = stream.codec_context
        encoder.open()
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(tone.T), format="fltp", layout="stereo")
        frame.sample_rate = SAMPLE_RATE_HZ
        resampler = av.AudioResampler(encoder.format, "stereo", SAMPLE_RATE_HZ, encoder.frame_size or None)
        for ready in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(stream.encode(ready))
        container.mux(stream.encode(None))


# How each format that a library writes is tried; all of these must decode.
_TRIALS: dict[str, Callable[[Path, Tone], None]] = {
    "wav": partial(_by_libsndfile, "WAV", "PCM_16"),
    "w64": partial(_by_libsndfile, "W64", "PCM_16"),
    "flac": partial(_by_libsndfile, "FLAC", "PCM_16"),
    "aiff": partial(_by_libsndfile, "AIFF", "PCM_16"),
    "caf": partial(_by_libsndfile, "CAF", "PCM_16"),
    "au": partial(_by_libsndfile, "AU", "PCM_16"),
    "ogg": partial(_by_libsndfile, "OGG", "VORBIS"),
    "opus": partial(_by_libsndfile, "OGG", "OPUS"),
    "m4a": partial(_by_pyav, "ipod", "aac"),
    "wma": partial(_by_pyav, "asf", "wmav2"),
    "wv": partial(_by_pyav, "wv", "wavpack"),
    "tta": partial(_by_pyav, "tta", "tta"),
    "aac": partial(_by_pyav, "adts", "aac"),
    "ac3": partial(_by_pyav, "ac3", "ac3"),
    "eac3": partial(_by_pyav, "eac3", "eac3"),
    "mp3": partial(_by_libsndfile, "MP3", "MPEG_LAYER_III"),
}
# Nothing here writes these: that their decoders are built in is all that can be asked.
_UNTRIED = {
    "oggflac": "flac",
    "spx": "speex",
    "ape": "ape",
    "mpc": "mpc7",
    "mpc8": "mpc8",
    "dsf": "dsd_lsbf_planar",
    "dff": "dsd_msbf",
    "tak": "tak",
}


def decoder_versions() -> dict[str, str]:
    """The decoding libraries that can be loaded, with their versions."""
    versions = {Decoder.LIBSNDFILE.value: str(soundfile.__libsndfile_version__)}
    if not missing_decoders():
        import av

        versions[Decoder.PYAV.value] = av.__version__
    return versions


def missing_decoders() -> dict[Decoder, tuple[str, ...]]:
    """Each decoding library that cannot be loaded, with the formats that nobody else reads."""
    try:
        import av  # noqa: F401 - whether it can be is the question
    except ImportError:
        return {Decoder.PYAV: tuple(row.key for row in FORMATS if row.decoders == (Decoder.PYAV,))}
    return {}


def trial_formats() -> tuple[str, ...]:
    """The formats that can be tried with the libraries there are."""
    lost = {key for keys in missing_decoders().values() for key in keys}
    return tuple(row.key for row in FORMATS if row.key in _TRIALS and row.key not in lost)


def decoders_not_built_in() -> tuple[str, ...]:
    """The formats that cannot be tried and whose decoders PyAV lacks."""
    if missing_decoders():
        return ()
    from av.codec import codecs_available

    return tuple(key for key, codec in _UNTRIED.items() if codec not in codecs_available)


def decoded_level_dbfs(name: str, folder: Path) -> float:
    """The RMS, plus 3 dB, of half a second of tone encoded as the format `name` and decoded again.

    A working decoder gives `TONE_DBFS`. Raises InputError where nothing decodes, RuntimeError where
    the library cannot encode.
    """
    time_s = np.arange(SAMPLE_RATE_HZ // 2) / SAMPLE_RATE_HZ
    tone = (10.0 ** (TONE_DBFS / 20.0) * np.sin(2.0 * np.pi * TONE_HZ * time_s)).astype(np.float32)
    path = folder / f"trial.{name}"
    _TRIALS[name](path, np.stack([tone, tone], axis=1))
    with open_reader(path) as reader:
        decoded = np.concatenate(list(reader.blocks(4096)))
    middle = decoded[len(decoded) // 4 : -len(decoded) // 4].astype(np.float64)
    power = float(np.mean(middle**2)) if middle.size else 0.0
    return float(10.0 * np.log10(2.0 * power)) if power > 0.0 else -np.inf
