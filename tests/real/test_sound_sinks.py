"""The sound devices of these tests lose nothing and add nothing: what proofs with them say holds."""

from __future__ import annotations

from threading import Event

import numpy as np
import sounddevice
from patience import PATIENCE_S
from sound_sinks import FileSink, PulseSink, waited_for, without_silence

RATE_HZ = 44_100
# So long may the system give this process no processor before what is played has a hole.
LATENCY_S = 1.0


def played(device: str, sounding: np.ndarray, silence_frames: int) -> None:
    """Plays, then silence: what a device holds back at its end is thrown away when it stops."""
    whole = np.concatenate([sounding, np.zeros((silence_frames, 2), np.float32)])
    at = 0
    ended = Event()

    def fill(out: np.ndarray, frames: int, _time: object, _status: object) -> None:
        nonlocal at
        part = whole[at : at + frames]
        out[: len(part)] = part
        out[len(part) :] = 0.0
        at += frames
        if at >= len(whole):
            raise sounddevice.CallbackStop

    with sounddevice.OutputStream(
        RATE_HZ,
        channels=2,
        dtype="float32",
        device=device,
        latency=LATENCY_S,
        callback=fill,
        prime_output_buffers_using_stream_callback=True,
        finished_callback=ended.set,
    ):
        assert ended.wait(PATIENCE_S)


def noise(frames: int) -> np.ndarray:
    """No sample is zero, so that its ends are found."""
    drawn = np.random.default_rng(1).uniform(0.01, 0.5, (frames, 2))
    return drawn.astype(np.float32)


def test_the_file_sink_keeps_every_sample_of_each_opening(file_sink: FileSink) -> None:
    signal = noise(100_003)
    played(file_sink.device, signal, 0)
    played("default", signal[:5_001], 0)
    first, second = file_sink.recordings()
    assert np.array_equal(without_silence(first), signal)
    assert np.array_equal(without_silence(second), signal[:5_001])


def test_the_pulse_sink_plays_every_sample_in_order(pulse_sink: PulseSink) -> None:
    # All of it is with the device before that begins.
    signal = noise(RATE_HZ // 2 + 1)
    with pulse_sink.recording() as heard:
        played(pulse_sink.device, signal, round(1.5 * LATENCY_S * RATE_HZ))
        waited_for(lambda: len(without_silence(heard())) >= len(signal), "what was played")
        assert np.array_equal(without_silence(heard()), signal)
