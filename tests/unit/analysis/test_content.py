"""The hint at speech: recorded prompts are speech, no open music is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from numpy.typing import NDArray
from open_music import open_tracks

from auralis_cli.analysis.measure import TrackMeter
from auralis_cli.model.fingerprint import Content

SPEECH = "asterisk-core-sounds-en-wav"
MUSIC = ("wesnoth", "singularity", "hyperrogue", "fretsonfire", "asc-")


def content(audio: NDArray[np.float32], rate_hz: int) -> Content:
    meter = TrackMeter(rate_hz, audio.shape[1])
    meter.add(np.ascontiguousarray(audio, np.float32))
    return meter.result().content


def beats(rate_hz: int = 22_050) -> NDArray[np.float64]:
    """A drum loop in mono: as broken as speech, but with a bass drum."""
    place = np.arange(10 * rate_hz) / rate_hz
    kick = np.exp(-30 * (place % 0.5)) * np.sin(2 * np.pi * 55 * place)
    rng = np.random.default_rng(0)
    return np.asarray(kick + 0.2 * np.exp(-60 * ((place + 0.25) % 0.5)) * rng.standard_normal(len(place)))


def voice(rate_hz: int = 22_050, seconds: float = 12.0) -> NDArray[np.float64]:
    """Four syllables a second of a buzzing 150 Hz source through formants, in phrases with pauses."""
    place = np.arange(round(seconds * rate_hz)) / rate_hz
    wave = sum(np.sin(2 * np.pi * 150 * k * place) / (1 + ((150 * k - 600) / 300) ** 2) for k in range(1, 24))
    syllable = np.maximum(0.0, np.sin(2 * np.pi * 2 * place)) ** 2
    phrase = (place % 1.0) < 0.8
    return np.asarray(wave * syllable * phrase * 0.1)


def test_syllables_in_phrases_without_bass_are_speech() -> None:
    assert content(voice()[:, None].astype(np.float32), 22_050) is Content.SPEECH


def test_a_gain_and_a_second_channel_do_not_change_the_hint() -> None:
    audio = voice()[:, None].astype(np.float32)
    assert content(audio * np.float32(0.01), 22_050) is Content.SPEECH
    assert content(np.repeat(audio, 2, axis=1), 22_050) is Content.SPEECH


def test_beats_chords_and_wide_sound_are_music() -> None:
    assert content(beats()[:, None].astype(np.float32), 22_050) is Content.MUSIC
    steady = np.sin(2 * np.pi * 440 * np.arange(22_050 * 5) / 22_050)
    assert content(steady[:, None].astype(np.float32), 22_050) is Content.MUSIC
    wide = np.stack([voice(), np.roll(voice(), 5_000)], axis=1)
    assert content(wide.astype(np.float32), 22_050) is Content.MUSIC


def test_too_little_to_judge_by_is_music() -> None:
    assert content(voice()[: 22_050 * 2, None].astype(np.float32), 22_050) is Content.MUSIC


@pytest.mark.corpus
def test_recorded_prompts_are_speech(corpus: Path) -> None:
    paths = sorted((corpus / SPEECH).rglob("*.wav"))
    prompts = [sf.read(path, dtype="float32", always_2d=True) for path in paths if "silence" not in path.parts]
    joined = np.concatenate([audio for audio, rate_hz in prompts if rate_hz == 8_000])
    pieces = [joined[start : start + 8_000 * 20] for start in range(0, len(joined) - 8_000 * 20, 8_000 * 60)]
    hints = [content(piece, 8_000) for piece in pieces]
    assert len(hints) >= 10
    assert hints.count(Content.SPEECH) >= 0.9 * len(hints)


@pytest.mark.corpus
def test_no_open_music_is_called_speech(corpus: Path) -> None:
    tracks = [track for track in open_tracks(corpus) if track.name.startswith(MUSIC)]
    assert len(tracks) >= 50
    for track in tracks:
        audio, rate_hz = sf.read(track.path, frames=15 * track.sample_rate_hz, dtype="float32", always_2d=True)
        assert content(audio, rate_hz) is Content.MUSIC, track.name
