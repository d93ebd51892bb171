"""The real stream, by PortAudio and ALSA, into a device that keeps what it is given."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from patience import PATIENCE_S
from sound_sinks import FileSink, waited_for, without_silence
from sounding_feeds import RATE_HZ, Driven, feed_of, mark, numbered, numbers

from auralis_cli.dsp import playback_mix
from auralis_cli.errors import DeviceError
from auralis_cli.player import devices, output
from auralis_cli.player.devices import chosen_device, output_devices
from auralis_cli.player.engine import Engine
from auralis_cli.player.feed import Feed, FeedPlace
from auralis_cli.player.output import PortAudioOutput, output_opener
from auralis_cli.player.rendering import NoticeKind
from auralis_cli.player.ring import FrameRing

Told = list[tuple[int, NoticeKind]]


@pytest.fixture(autouse=True)
def _no_device_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that halts keeps a callback, or the end of a stream, longer than a device may take for it."""
    monkeypatch.setattr(output, "STALLED_AFTER_S", 4 * PATIENCE_S)
    monkeypatch.setattr(output, "_LETS_GO_WITHIN_S", PATIENCE_S)


def silence(out: np.ndarray, delay_s: float = 0.0) -> None:
    out[:] = 0.0


def opened(sink: FileSink, render: Any = silence, lost: Any = lambda _: None, rate_hz: int = RATE_HZ) -> Any:
    return output_opener(sink.device, 0.1)(rate_hz, render, lost)


def played_to_the_end(sink: FileSink, driven: Driven, epoch: int, feeds: list[Feed]) -> Told:
    """Plays until the feed of `epoch` has ended; a device that makes nobody wait is made to wait for the feeder."""
    told: Told = []

    def render(out: np.ndarray, delay_s: float = 0.0) -> None:
        for feed in feeds:
            feed.wait_filled(len(out) + 5_000, PATIENCE_S)
        driven.engine.render(out, delay_s)
        driven.now_s += len(out) / RATE_HZ

    def has_ended() -> bool:
        told.extend(driven.told())
        return (epoch, NoticeKind.FEED_ENDED) in told

    stream = opened(sink, render)
    stream.start()
    try:
        waited_for(has_ended, "the end")
    finally:
        stream.close()
    return told


def fed(feed: Feed, sound: np.ndarray) -> threading.Thread:
    def run() -> None:
        feed.write(sound)
        feed.finish()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_every_frame_reaches_the_device_bit_for_bit_and_nothing_is_compiled_on_the_way(file_sink: FileSink) -> None:
    sound = np.random.default_rng(1).uniform(0.01, 1.5, (100_001, 5)).astype(np.float32)
    driven = Driven()
    compiled = len(playback_mix._mix.signatures)
    feed = Feed(1, RATE_HZ, FrameRing(RATE_HZ // 2))
    feed.marks = (mark(),)
    driven.engine.play(feed)
    feeder = fed(feed, sound)
    played_to_the_end(file_sink, driven, 1, [feed])
    feeder.join()
    assert np.array_equal(without_silence(file_sink.recorded), sound[:, :2])
    assert len(playback_mix._mix.signatures) == compiled
    assert driven.engine.underruns == 0


def test_a_hand_over_is_aligned_to_the_frame_at_the_device(file_sink: FileSink) -> None:
    driven = Driven()
    old, new = (Feed(epoch, RATE_HZ, FrameRing(RATE_HZ)) for epoch in (1, 2))
    old.marks, new.marks = (mark(),), (mark(offset_frames=30_000),)
    driven.engine.play(old)
    driven.engine.hand_over(new, FeedPlace(old, 30_000))
    feeders = [fed(old, numbered(0, 60_000)), fed(new, numbered(30_000, 50_000))]
    told = played_to_the_end(file_sink, driven, 2, [old, new])
    old.cancel()
    for feeder in feeders:
        feeder.join()
    assert np.array_equal(numbers(without_silence(file_sink.recorded)), np.arange(80_000))
    assert (2, NoticeKind.HANDED_OVER) in told


def test_devices_are_found_by_their_names_or_parts_of_them(file_sink: FileSink) -> None:
    names = [device.name for device in output_devices()]
    assert file_sink.device in names
    assert chosen_device("FILENULL").name == "filenull"
    assert chosen_device("ilenu").name == "filenull"
    assert chosen_device(None).name in names
    with pytest.raises(DeviceError, match=r"gramophone: is no device here \(there are: "):
        chosen_device("gramophone")


def test_a_name_of_several_devices_is_refused_with_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    there = tuple(devices.OutputDevice(number, f"card {number}", 48_000, False) for number in range(2))
    monkeypatch.setattr(devices, "output_devices", lambda: there)
    with pytest.raises(DeviceError, match=r"card: is the name of more than one device \(there are: card 0, card 1\)"):
        chosen_device("card")
    assert chosen_device("card 1").number == 1
    monkeypatch.setattr(devices, "output_devices", lambda: ())
    with pytest.raises(DeviceError, match="there is no device to play on"):
        chosen_device(None)


def test_a_device_that_is_not_there_is_looked_for_again_because_it_may_have_come(
    file_sink: FileSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str | None] = []

    def look(name: str | None) -> Any:
        looked.append(name)
        if len(looked) == 1:
            raise DeviceError("turntable", "is no device here")
        return chosen_device(file_sink.device)

    monkeypatch.setattr(output, "chosen_device", look)
    stream = output_opener("turntable", 0.1)(RATE_HZ, silence, lambda _: None)
    assert looked == ["turntable", "turntable"]
    assert stream.device == "filenull"
    stream.close()
    with pytest.raises(DeviceError, match="gramophone"):
        chosen_device("gramophone")


class StubbornPortAudio:
    """A PortAudio that cannot be begun for a while; what is asked of it until then is refused, as the real one does."""

    class PortAudioError(Exception):
        pass

    def __init__(self, fails: int) -> None:
        self.default = SimpleNamespace(device=(-1, 0))
        self._fails, self._is_begun = fails, True

    def _terminate(self) -> None:
        self._check()
        self._is_begun = False

    def _initialize(self) -> None:
        self._fails -= 1
        self._is_begun = self._fails < 0
        self._check()

    def query_devices(self) -> list[dict[str, object]]:
        self._check()
        return [{"name": "card", "default_samplerate": 48_000.0, "max_output_channels": 2}] if self._fails < 0 else []

    def _check(self) -> None:
        if not self._is_begun:
            raise self.PortAudioError("PortAudio not initialized")


@pytest.mark.invariant("S0-M08")
def test_a_portaudio_that_could_not_be_begun_anew_is_said_and_begun_at_the_next_try(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """✗ it is to be ended before it is begun, which fails as long as it is not."""
    stubborn = StubbornPortAudio(fails=2)
    made: list[devices.OutputDevice] = []
    monkeypatch.setattr(devices, "portaudio", lambda: stubborn)
    monkeypatch.setattr(output, "_opened", lambda device, *_how: made.append(device))
    opens = output_opener(None, 0.1)
    for _ in range(2):
        with pytest.raises(DeviceError, match="PortAudio"):
            opens(RATE_HZ, silence, lambda _: None)
    opens(RATE_HZ, silence, lambda _: None)
    assert [device.name for device in made] == ["card"]


def test_a_rate_the_device_does_not_take_falls_back_to_its_own(
    file_sink: FileSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = devices.portaudio()
    real = sound.OutputStream

    def refuses(*, samplerate: int, **others: Any) -> Any:
        if samplerate == 96_000:
            raise sound.PortAudioError("Error opening OutputStream: Invalid sample rate", -9997)
        return real(samplerate=samplerate, **others)

    monkeypatch.setattr(sound, "OutputStream", refuses)
    stream = opened(file_sink, rate_hz=96_000)
    assert stream.sample_rate_hz == chosen_device(file_sink.device).rate_hz != 96_000
    stream.close()


def test_a_stream_can_be_started_and_closed_twice_and_leaves_no_thread(file_sink: FileSink) -> None:
    before = threading.active_count()
    blocks = threading.Semaphore(0)

    def render(out: np.ndarray, delay_s: float = 0.0) -> None:
        out[:] = 0.0
        blocks.release()

    lost: list[str] = []
    stream = opened(file_sink, render, lost.append)
    stream.start()
    stream.start()
    assert blocks.acquire(timeout=PATIENCE_S)
    stream.close()
    stream.close()
    waited_for(lambda: threading.active_count() <= before, "the end of the threads")
    assert lost == []
    assert stream.device == "filenull"
    assert 0.0 < stream.latency_s < 0.5


def test_a_stream_that_ends_by_itself_is_lost_once(file_sink: FileSink) -> None:
    sound = devices.portaudio()
    lost: list[str] = []

    def end(_out: np.ndarray, delay_s: float = 0.0) -> None:
        raise sound.CallbackAbort

    stream = opened(file_sink, end, lost.append)
    stream.start()
    waited_for(lambda: lost, "word of the loss")
    stream.close()
    assert lost == ["stopped by itself"]


def test_a_device_that_asks_for_nothing_any_more_is_lost_once(
    file_sink: FileSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills: only a stream that says that it ended is lost."""
    monkeypatch.setattr(output, "STALLED_AFTER_S", 0.05)
    lost: list[str] = []
    goes_on = threading.Event()

    def stand_still(out: np.ndarray, delay_s: float = 0.0) -> None:
        out[:] = 0.0
        goes_on.wait(4 * PATIENCE_S)

    stream = opened(file_sink, stand_still, lost.append)
    stream.start()
    waited_for(lambda: lost, "word of the loss")
    goes_on.set()
    stream.close()
    assert lost == ["asked for nothing for 0.05 s"]


def test_a_device_that_does_not_let_go_is_left_to_itself(file_sink: FileSink, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kills: the player waits for a server that stands still."""
    monkeypatch.setattr(output, "_LETS_GO_WITHIN_S", 0.05)
    lets_go, stands_still = threading.Event(), threading.Event()

    def stand_still(out: np.ndarray, delay_s: float = 0.0) -> None:
        out[:] = 0.0
        stands_still.set()
        lets_go.wait(4 * PATIENCE_S)

    stream = opened(file_sink, stand_still)
    stream.start()
    assert stands_still.wait(PATIENCE_S)
    stream.close()
    # Nor is PortAudio begun anew for another device, which would wait for this one.
    with pytest.raises(DeviceError, match="turntable"):
        output_opener("turntable", 0.1)(RATE_HZ, silence, lambda _: None)
    assert any(thread.name == "output-end" for thread in threading.enumerate())
    lets_go.set()
    waited_for(lambda: not any(thread.name == "output-end" for thread in threading.enumerate()), "its end")


def test_a_delay_that_cannot_be_is_taken_for_the_latency_of_the_stream(file_sink: FileSink) -> None:
    class Time:
        currentTime = 10.0  # noqa: N815
        outputBufferDacTime = 0.0  # noqa: N815

    class Status:
        output_underflow = True

    delays: list[float] = []
    stream: PortAudioOutput = opened(file_sink, lambda _out, delay_s: delays.append(delay_s))
    stream._fill(np.zeros((1, 2), np.float32), 1, Time(), Status())
    Time.outputBufferDacTime = 10.25
    stream._fill(np.zeros((1, 2), np.float32), 1, Time(), Status())
    assert delays == [stream.latency_s, 0.25]
    assert stream.device_underruns == 2
    stream.close()


def test_the_engine_is_what_a_device_calls(file_sink: FileSink) -> None:
    driven = Driven()
    engine: Engine = driven.engine
    engine.play(feed_of(numbered(0, 1_000)))
    stream = opened(file_sink, engine.render)
    stream.start()
    waited_for(lambda: (1, NoticeKind.MARK_PASSED) in driven.told(), "the first frame")
    stream.close()
