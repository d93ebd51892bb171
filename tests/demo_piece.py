"""Synthesises the piece that `make demo` masters: half a minute of drums, bass, chords and a lead.

It is mixed the way many home recordings come out: too quiet, and with a few hits beyond full scale, which a float
WAV keeps. NumPy only, the same samples every time.    Usage: python demo_piece.py OUT.wav
"""

from __future__ import annotations

import struct
import sys
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]

RATE_HZ = 44_100
BEAT_S = 0.6
BAR_S = 4 * BEAT_S
BARS = 12
LENGTH_S = BARS * BAR_S + 2.2

# Am7 Fmaj7 C G, as MIDI notes: root of the bass, then the chord.
CHORDS = ((33, (57, 60, 64, 67)), (29, (53, 57, 60, 64)), (36, (55, 60, 64, 67)), (31, (55, 59, 62, 67)))
# The lead, in beats from its bar: (bar, beat, length in beats, note).
LEAD = (
    *((4, 0.0, 1.5, 76), (4, 1.5, 0.5, 74), (4, 2.0, 2.0, 72), (5, 0.0, 1.5, 72), (5, 1.5, 0.5, 74)),
    *((5, 2.0, 2.0, 69), (6, 0.0, 1.0, 67), (6, 1.0, 1.0, 72), (6, 2.0, 2.0, 76), (7, 0.0, 3.0, 74)),
    *((8, 0.0, 1.0, 76), (8, 1.0, 1.0, 79), (8, 2.0, 2.0, 81), (9, 0.0, 1.5, 79), (9, 1.5, 0.5, 76)),
    *((9, 2.0, 2.0, 77), (10, 0.0, 1.5, 76), (10, 1.5, 0.5, 74), (10, 2.0, 2.0, 72), (11, 0.0, 4.0, 74)),
)
# Hits played too hard, which leave the mix beyond full scale: bar and beat.
OVERS = ((3, 3.5), (7, 3.5), (11, 3.0), (11, 3.5))


def hertz(note: int) -> float:
    """Frequency of a MIDI note."""
    return float(440.0 * 2.0 ** ((note - 69) / 12))


def seconds(length_s: float) -> Signal:
    """The time axis of a sound."""
    return np.arange(round(length_s * RATE_HZ)) / RATE_HZ


def shaped(time: Signal, attack_s: float, release_s: float) -> Signal:
    """An envelope with smooth edges."""
    rise = np.clip(time / attack_s, 0.0, 1.0)
    fall = np.clip((time[-1] - time) / release_s, 0.0, 1.0)
    envelope: Signal = np.sin(0.5 * np.pi * rise * fall) ** 2
    return envelope


def soft_saw(frequency_hz: float, time: Signal, corner_hz: float) -> Signal:
    """A sawtooth with its upper harmonics rolled off, so that it neither aliases nor stings."""
    sound = np.zeros_like(time)
    for harmonic in range(1, 1 + int(min(6 * corner_hz, 0.45 * RATE_HZ) / frequency_hz)):
        partial_hz = harmonic * frequency_hz
        level = 1.0 / harmonic / (1.0 + (partial_hz / corner_hz) ** 2)
        sound += level * np.sin(2 * np.pi * partial_hz * time + harmonic)
    return sound


@cache
def held_note(frequency_hz: float, length_s: float, corner_hz: float) -> Signal:
    """The same of a note that stays; the piece comes back to its notes, which take long to make."""
    return soft_saw(frequency_hz, seconds(length_s), corner_hz)


def kick() -> Signal:
    """A sine falling from a click to 48 Hz."""
    time = seconds(0.45)
    phase = 2 * np.pi * (48.0 * time + 130.0 / 38.0 * (1.0 - np.exp(-38.0 * time)))
    sound: Signal = np.sin(phase) * np.exp(-7.0 * time) + 0.25 * np.sin(phase * 7) * np.exp(-160.0 * time)
    return sound


def snare(noise: np.random.Generator) -> Signal:
    """A short drum tone under a burst of bright noise."""
    time = seconds(0.3)
    bright = np.diff(noise.standard_normal(len(time)), prepend=0.0)
    sound: Signal = 0.5 * np.sin(2 * np.pi * 192 * time) * np.exp(-22 * time) + 0.3 * bright * np.exp(-17 * time)
    return sound


def hat(noise: np.random.Generator, decay_per_s: float) -> Signal:
    """Twice differentiated noise: only the top octaves are left."""
    time = seconds(0.2)
    sound: Signal = np.diff(noise.standard_normal(len(time)), n=2, prepend=[0.0, 0.0]) * np.exp(-decay_per_s * time)
    return sound


class Mix:
    """A stereo mix that sounds are laid into."""

    def __init__(self) -> None:
        self.audio = np.zeros((round(LENGTH_S * RATE_HZ), 2))

    def lay(self, sound: Signal, at_s: float, level: float, pan: float = 0.0) -> None:
        """Adds a mono sound at a place between left (−1) and right (+1), equal power."""
        start = round(at_s * RATE_HZ)
        room = min(len(sound), len(self.audio) - start)
        angle = 0.25 * np.pi * (1.0 + pan)
        self.audio[start : start + room, 0] += level * np.cos(angle) * sound[:room]
        self.audio[start : start + room, 1] += level * np.sin(angle) * sound[:room]


def play_drums(mix: Mix, noise: np.random.Generator) -> None:
    """Hats from the start, kick and snare from the third bar, a fill with the overs every four bars."""
    for bar in range(BARS):
        at = bar * BAR_S
        for eighth in range(8):
            open_hat = eighth == 7 and bar % 2 == 1
            level = (0.022 if eighth % 2 else 0.014) * (0.6 if bar < 2 else 1.0)
            mix.lay(hat(noise, 14.0 if open_hat else 55.0), at + eighth * BEAT_S / 2, level, pan=0.35)
        if bar < 2:
            continue
        for beat in (0.0, 1.75, 2.0) if bar % 2 else (0.0, 2.5):
            mix.lay(kick(), at + beat * BEAT_S, 0.19)
        for beat in (1.0, 3.0):
            mix.lay(snare(noise), at + beat * BEAT_S, 0.19, pan=-0.1)
    for bar, beat in OVERS:
        at = bar * BAR_S + beat * BEAT_S
        mix.lay(kick(), at, 0.57)
        mix.lay(snare(noise), at, 0.64, pan=-0.1)


def play_harmony(mix: Mix, space: Mix) -> None:
    """Wide chords throughout, a bass from the second bar."""
    for bar in range(BARS):
        root, chord = CHORDS[bar % len(CHORDS)]
        at = bar * BAR_S
        time = seconds(BAR_S + 0.5)
        for voice, note in enumerate(chord):
            for side in (-1.0, 1.0):
                pad = held_note(hertz(note) * (1.0 + side * 0.0022), BAR_S + 0.5, 1500.0) * shaped(time, 0.25, 0.6)
                mix.lay(pad, at, 0.026, pan=side * (0.55 + 0.1 * voice))
                space.lay(pad, at, 0.018, pan=-side)
        if bar == 0:
            continue
        for beat, length, octave in ((0.0, 1.4, 0), (1.5, 0.45, 12), (2.0, 0.9, 0), (3.0, 0.9, 0)):
            tone = seconds(length * BEAT_S)
            bass = held_note(hertz(root + octave), length * BEAT_S, 260.0) * shaped(tone, 0.008, 0.06)
            mix.lay(bass, at + beat * BEAT_S, 0.062)


def play_lead(mix: Mix, space: Mix) -> None:
    """A singing tone with vibrato and an echo on either side."""
    for bar, beat, length, note in LEAD:
        time = seconds(length * BEAT_S)
        vibrato = 0.0009 * np.sin(2 * np.pi * 5.2 * time) * np.clip(4.0 * time - 1.0, 0.0, 1.0)
        voice = soft_saw(hertz(note), time + vibrato / 5.2, 2600.0) * shaped(time, 0.02, 0.09)
        at = bar * BAR_S + beat * BEAT_S
        mix.lay(voice, at, 0.062, pan=0.08)
        space.lay(voice, at, 0.05)
        for echo in (1, 2, 3):
            mix.lay(voice, at + 0.75 * echo * BEAT_S, 0.022 * 0.5 ** (echo - 1), pan=0.6 * (-1.0) ** echo)


def reverberated(dry: Signal, noise: np.random.Generator) -> Signal:
    """A room: each channel convolved with its own decaying noise."""
    time = seconds(1.6)
    size = len(dry) + len(time)
    wet = np.empty_like(dry)
    for channel in range(2):
        room = np.cumsum(noise.standard_normal(len(time))) * 0.02 + noise.standard_normal(len(time))
        room *= np.exp(-4.2 * time) * np.clip(time / 0.012, 0.0, 1.0) / 60.0
        wet[:, channel] = np.fft.irfft(np.fft.rfft(dry[:, channel], size) * np.fft.rfft(room, size), size)[: len(dry)]
    return wet


def compose() -> NDArray[np.float32]:
    """The whole piece, float32 `(frames, 2)` at 44.1 kHz."""
    noise = np.random.default_rng(20)
    mix, space = Mix(), Mix()
    play_drums(mix, noise)
    play_harmony(mix, space)
    play_lead(mix, space)
    audio = mix.audio + reverberated(space.audio, noise)
    edge = shaped(seconds(LENGTH_S), 0.005, 1.4)[: len(audio), None]
    return (audio * edge).astype(np.float32)


def write_float_wav(path: Path, audio: NDArray[np.float32], rate_hz: int) -> None:
    """A WAV of 32-bit float samples, which keeps what lies beyond full scale."""
    channels = audio.shape[1]
    data = audio.astype("<f4").tobytes()
    form = struct.pack("<HHIIHHH", 3, channels, rate_hz, rate_hz * channels * 4, channels * 4, 32, 0)
    fact = struct.pack("<I", len(audio))
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"fact" + struct.pack("<I", len(fact)) + fact
    chunks += b"data" + struct.pack("<I", len(data)) + data
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)


if __name__ == "__main__":
    write_float_wav(Path(sys.argv[1]), compose(), RATE_HZ)
