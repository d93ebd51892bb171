"""Tables of windows: made once, never written, and nobody waits while another's is made."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import numpy as np
import pytest
from patience import PATIENCE_S

from auralis_cli.analysis.measure import TrackMeter
from auralis_cli.dsp import windows


@pytest.fixture(autouse=True)
def _nothing_made_yet() -> None:
    windows.hann.cache_clear()
    windows.hann_power_scale.cache_clear()


def test_a_window_is_that_of_hann() -> None:
    for length in (1, 2, 1_024, 4_095):
        wanted = np.hanning(length + 1)[:length] if length > 1 else [0.0]
        np.testing.assert_allclose(windows.hann(length), wanted, atol=1e-7)
    with pytest.raises(ValueError, match="length"):
        windows.hann(0)


def test_a_sine_has_its_mean_square() -> None:
    sine = np.sin(2 * np.pi * 0.1234 * np.arange(4_096)) * windows.hann(4_096)
    power = (np.abs(np.fft.rfft(sine)) ** 2).sum() * windows.hann_power_scale(4_096)
    assert power == pytest.approx(0.5, rel=0.01)


@pytest.mark.invariant("S0-H10")
def test_threads_that_ask_at_once_get_equal_windows_that_nobody_can_write() -> None:
    lengths, together = list(range(100, 5_100, 100)), Barrier(16)

    def ask(_: int) -> list[bytes]:
        together.wait(PATIENCE_S)
        found = [windows.hann(length) for length in lengths]
        assert not any(window.flags.writeable for window in found)
        return [window.tobytes() for window in found]

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(ask, range(16)))
    assert all(answer == answers[0] for answer in answers)
    with pytest.raises(ValueError, match="read-only"):
        windows.hann(100)[0] = 1.0


@pytest.mark.invariant("S0-H10")
def test_nobody_waits_while_the_window_of_another_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = Event(), Event()
    honest = np.cos

    def slow_for_one(angles: np.ndarray[tuple[int], np.dtype[np.float64]]) -> object:
        if len(angles) == 7:
            begun.set()
            assert go_on.wait(4 * PATIENCE_S)
        return honest(angles)

    monkeypatch.setattr(np, "cos", slow_for_one)
    with ThreadPoolExecutor(2) as threads:
        waiting = threads.submit(windows.hann, 7)
        assert begun.wait(PATIENCE_S)
        try:
            assert len(threads.submit(windows.hann, 8).result(PATIENCE_S)) == 8
            assert not waiting.done()
        finally:
            go_on.set()
    assert len(waiting.result()) == 7


@pytest.mark.invariant("S3-ENG-17")
def test_a_hundred_tracks_make_each_window_once() -> None:
    for _ in range(100):
        TrackMeter(44_100, 2)
    # Of the spectrum, of rhythm (1024) and of harmony, which shares that of the spectrum (4096).
    assert windows.hann.cache_info().misses == 2
    assert windows.hann_power_scale.cache_info().misses == 2
