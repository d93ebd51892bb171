"""The stream to a sound device, by PortAudio."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auralis_cli.errors import DeviceError
from auralis_cli.player.devices import CHANNELS, OutputDevice, chosen_device, look_again, portaudio
from auralis_cli.player.ports import OutputOpener, Render

# A device that asks for nothing for so long while it should play has gone, whatever it says.
STALLED_AFTER_S = 2.0
# What a device says of its delay is believed up to here.
_LONGEST_DELAY_S = 5.0
# And a device has so long to let go, beyond its latency.
_LETS_GO_WITHIN_S = 1.0
_LETTING_GO = "output-end"
_INVALID_RATE = -9997


def output_opener(device: str | None, latency_s: float) -> OutputOpener:
    """What opens the device of that name, the system's own choice for None, at about that latency."""

    def open_output(sample_rate_hz: int, render: Render, lost: Callable[[str], None]) -> PortAudioOutput:
        try:
            return _opened(chosen_device(device), sample_rate_hz, latency_s, render, lost)
        except DeviceError:
            if any(thread.name == _LETTING_GO for thread in threading.enumerate()):
                # PortAudio ends its streams before it looks, and would wait for the one that stands still.
                raise
            # It may have come since PortAudio last looked, or be another by now.
            look_again()
            return _opened(chosen_device(device), sample_rate_hz, latency_s, render, lost)

    return open_output


def _opened(
    device: OutputDevice, rate_hz: int, latency_s: float, render: Render, lost: Callable[[str], None]
) -> PortAudioOutput:
    sound = portaudio()
    try:
        return PortAudioOutput(device, rate_hz, latency_s, render, lost)
    except sound.PortAudioError as error:
        if rate_hz == device.rate_hz or _INVALID_RATE not in error.args:
            raise DeviceError(device.name, f"cannot be opened: {error.args[0]}") from error
    try:
        return PortAudioOutput(device, device.rate_hz, latency_s, render, lost)
    except sound.PortAudioError as error:
        raise DeviceError(device.name, f"cannot be opened: {error.args[0]}") from error


class PortAudioOutput:
    """An `OutputStream`: float32 in two channels as rendered, neither clipped nor dithered on the way.

    While it is started a thread watches over it, for a device may also go without a word.
    """

    def __init__(
        self, device: OutputDevice, rate_hz: int, latency_s: float, render: Render, lost: Callable[[str], None]
    ) -> None:
        """Raises PortAudio's own error."""
        self._device = device
        self._render = render
        self._lost = lost
        # Blocks asked for, and those for which the device had run dry before.
        self._blocks = 0
        self._device_underruns = 0
        self._ending = threading.Event()
        self._losing = threading.Lock()
        self._is_lost = False
        # It did not let go in time, and is not asked again.
        self._is_stuck = False
        self._watch: threading.Thread | None = None
        self._stream: Any = portaudio().OutputStream(
            samplerate=rate_hz,
            # As many frames as the device likes: fewer, longer blocks wait less often for the interpreter.
            blocksize=0,
            device=device.number,
            channels=CHANNELS,
            dtype="float32",
            latency=latency_s,
            clip_off=True,
            dither_off=True,
            callback=self._fill,
            finished_callback=self._finished,
        )

    @property
    def sample_rate_hz(self) -> int:
        """Of the stream; the device's own where it does not take the one asked for."""
        return int(self._stream.samplerate)

    @property
    def device(self) -> str:
        """Its name."""
        return self._device.name

    @property
    def latency_s(self) -> float:
        """As PortAudio states it for the open stream."""
        return float(self._stream.latency)

    @property
    def device_underruns(self) -> int:
        """How often the device had run dry because it was asked too late; not for want of sound of ours."""
        return self._device_underruns

    def start(self) -> None:
        """Raises DeviceError; started twice is fine."""
        if self._watch is not None:
            return
        self._ending.clear()
        try:
            self._stream.start()
        except portaudio().PortAudioError as error:
            raise DeviceError(self.device, f"cannot be started: {error.args[0]}") from error
        self._watch = threading.Thread(target=self._watch_over, name="output-watch", daemon=True)
        self._watch.start()

    def close(self) -> None:
        """After what was rendered; closing twice is fine. A device that does not let go is left to itself."""
        # Not aborted: that cancels the thread wherever it stands, as may be while it waits for the interpreter.
        if self._end_watch():
            self._within_time(self._stream.stop, self._stream.close)
        else:
            self._within_time(self._stream.close)

    def _end_watch(self) -> bool:
        """Whether it was started."""
        self._ending.set()
        watch, self._watch = self._watch, None
        if watch is not None and watch is not threading.current_thread():
            watch.join()
        return watch is not None

    def _within_time(self, *steps: Callable[[], None]) -> None:
        """A server that stands still would hold us for ever, so another thread waits for it."""
        if self._is_stuck:
            return

        def take() -> None:
            for step in steps:
                # Of a device that is gone nothing more can be asked.
                with suppress(portaudio().PortAudioError):
                    step()

        ending = threading.Thread(target=take, name=_LETTING_GO, daemon=True)
        ending.start()
        ending.join(self.latency_s + _LETS_GO_WITHIN_S)
        self._is_stuck = ending.is_alive()

    def _fill(self, out: NDArray[np.float32], _frames: int, time: Any, status: Any) -> None:
        """PortAudio's thread; see `rendering.py` for what may not be done here."""
        self._blocks += 1
        if status.output_underflow:
            self._device_underruns += 1
        delay_s = time.outputBufferDacTime - time.currentTime
        self._render(out, delay_s if 0.0 <= delay_s <= _LONGEST_DELAY_S else self._stream.latency)

    def _finished(self) -> None:
        if not self._ending.is_set():
            self._lose("stopped by itself")

    def _watch_over(self) -> None:
        blocks = self._blocks
        while not self._ending.wait(STALLED_AFTER_S):
            if blocks == self._blocks:
                self._lose(f"asked for nothing for {STALLED_AFTER_S:g} s")
                return
            blocks = self._blocks

    def _lose(self, why: str) -> None:
        with self._losing:
            if self._is_lost:
                return
            self._is_lost = True
        self._lost(why)
