"""What holds for every processor: length, type, ownership, reset, and independence of block cuts."""

from __future__ import annotations

import importlib
import pkgutil
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from processors import PROCESSORS, RATE_HZ

import auralis_cli.dsp
from auralis_cli.dsp.fir import design_linear_phase

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auralis_cli.dsp.processor import Processor

FRAMES = 4_000
pytestmark = pytest.mark.parametrize("name", PROCESSORS)


def music(frames: int, channels: int, seed: int = 1) -> NDArray[np.float32]:
    """Hits over a tone over noise, cut off at 0.6: something for every processor to do. Read-only."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(frames)[:, None] / RATE_HZ
    hits = np.sin(2 * np.pi * 180 * time_s) * np.exp(-((time_s % 0.03) / 0.01)) * (time_s % 0.06 > 0.03)
    tone = 0.2 * np.sin(2 * np.pi * 440 * time_s)
    sound = hits + tone + 0.1 * rng.standard_normal((frames, channels))
    audio: NDArray[np.float32] = np.clip(sound, -0.6, 0.6).astype(np.float32)
    audio.flags.writeable = False
    return audio


def render(processor: Processor, audio: NDArray[np.float32], block_frames: int | None = None) -> NDArray[np.float32]:
    step = block_frames or max(1, len(audio))
    pieces = [processor.process(audio[start : start + step]) for start in range(0, len(audio), step)]
    return np.concatenate([*pieces, processor.flush()])[processor.latency_frames :]


@pytest.mark.invariant("S3-ENG-01")
@pytest.mark.invariant("S1-H-03")
@pytest.mark.parametrize("channels", [1, 2, 3, 6])
def test_sound_keeps_its_type_shape_and_finiteness(name: str, channels: int) -> None:
    out = render(PROCESSORS[name](RATE_HZ, channels), music(FRAMES, channels))
    assert out.dtype == np.float32
    assert out.shape == (FRAMES, channels)
    assert np.all(np.isfinite(out))
    assert not np.array_equal(out, music(FRAMES, channels)), "it did nothing"


@pytest.mark.invariant("S1-H-07")
@pytest.mark.invariant("S4-D2.5")
@pytest.mark.parametrize("channels", [1, 2])
def test_every_length_comes_out_as_it_went_in(name: str, channels: int) -> None:
    processor = PROCESSORS[name](RATE_HZ, channels)
    for frames in [*range(40), *range(40, 800, 37)]:  # up to three FFTs of the small filter
        processor.reset()
        assert len(render(processor, music(frames, channels))) == frames
        processor.reset()
        assert len(render(processor, music(frames, channels), 17)) == frames


@pytest.mark.invariant("S4-D2.1")
@pytest.mark.parametrize("block_frames", [1, 17, 509, FRAMES - 1, FRAMES + 1])
def test_the_result_does_not_depend_on_how_the_stream_is_cut(name: str, block_frames: int) -> None:
    audio = music(FRAMES, 2)
    whole = render(PROCESSORS[name](RATE_HZ, 2), audio)
    np.testing.assert_array_equal(render(PROCESSORS[name](RATE_HZ, 2), audio, block_frames), whole)


def test_empty_blocks_are_legal_and_change_nothing(name: str) -> None:
    audio, empty = music(FRAMES, 2), np.zeros((0, 2), np.float32)
    processor = PROCESSORS[name](RATE_HZ, 2)
    assert processor.process(empty).shape == (0, 2)
    first = processor.process(audio[:1000])
    assert processor.process(empty).shape == (0, 2)
    rest = render(processor, audio[1000:])
    whole = PROCESSORS[name](RATE_HZ, 2)
    expected = np.concatenate([whole.process(audio), whole.flush()])[whole.latency_frames :]
    np.testing.assert_array_equal(np.concatenate([first, rest])[-len(rest) :], expected[-len(rest) :])


@pytest.mark.invariant("S4-D2.2")
def test_inputs_are_not_written_and_outputs_are_not_aliases(name: str) -> None:
    audio = music(FRAMES, 2).copy()
    before = audio.copy()
    processor = PROCESSORS[name](RATE_HZ, 2)
    outputs = [processor.process(audio[start : start + 500]) for start in range(0, FRAMES, 500)]
    kept = [out.copy() for out in outputs]
    outputs.append(processor.flush())
    np.testing.assert_array_equal(audio, before)
    for index, out in enumerate(outputs):
        assert not np.shares_memory(out, audio)
        assert not any(np.shares_memory(out, other) for other in outputs[:index])
    for out, copy in zip(outputs, kept, strict=False):
        np.testing.assert_array_equal(out, copy, "a later call changed an earlier result")


def test_what_becomes_of_the_callers_arrays_does_not_matter(name: str) -> None:
    audio = music(FRAMES, 2)
    processor = PROCESSORS[name](RATE_HZ, 2)
    pieces = []
    for start in range(0, FRAMES, 300):
        borrowed = audio[start : start + 300].copy()
        out = processor.process(borrowed)
        pieces.append(out.copy())
        borrowed[:] = 9.0
        out[:] = 9.0
    pieces.append(processor.flush())
    np.testing.assert_array_equal(
        np.concatenate(pieces)[processor.latency_frames :], render(PROCESSORS[name](RATE_HZ, 2), audio)
    )


@pytest.mark.invariant("S1-M-04")
def test_a_reset_processor_equals_a_fresh_one(name: str) -> None:
    audio = music(FRAMES, 2)
    processor = PROCESSORS[name](RATE_HZ, 2)
    for leftover in (777, 1, FRAMES):
        processor.process(np.full((leftover, 2), 4.0, np.float32))
        processor.reset()
        np.testing.assert_array_equal(render(processor, audio), render(PROCESSORS[name](RATE_HZ, 2), audio))
        processor.reset()


BAD_BLOCKS = {
    "not an array": [[0.0, 0.0]],
    "float64": np.zeros((10, 2)),
    "int16": np.zeros((10, 2), np.int16),
    "float16": np.zeros((10, 2), np.float16),
    "one dimension": np.zeros(10, np.float32),
    "three dimensions": np.zeros((10, 2, 1), np.float32),
    "too few channels": np.zeros((10, 1), np.float32),
    "too many channels": np.zeros((10, 3), np.float32),
    "Fortran order": np.zeros((2, 10), np.float32).T,
    "strided": np.zeros((20, 2), np.float32)[::2],
}


@pytest.mark.invariant("S3-ENG-10")
@pytest.mark.invariant("S1-H-03")
@pytest.mark.invariant("S4-D2.4")
@pytest.mark.parametrize("wrong", BAD_BLOCKS)
def test_a_wrong_block_is_refused_and_changes_nothing(name: str, wrong: str) -> None:
    audio = music(FRAMES, 2)
    processor = PROCESSORS[name](RATE_HZ, 2)
    head = processor.process(audio[:1500])
    bad: Any = BAD_BLOCKS[wrong]
    with pytest.raises(ValueError, match="block"):
        processor.process(bad)
    tail = [processor.process(audio[1500:]), processor.flush()]
    np.testing.assert_array_equal(
        np.concatenate([head, *tail])[processor.latency_frames :], render(PROCESSORS[name](RATE_HZ, 2), audio)
    )


@pytest.mark.invariant("S3-ENG-10")
@pytest.mark.parametrize("channels", [0, -1])
def test_a_stream_without_channels_is_refused(name: str, channels: int) -> None:
    with pytest.raises(ValueError, match="channel"):
        PROCESSORS[name](RATE_HZ, channels)


@pytest.mark.invariant("S3-ENG-10")
@pytest.mark.parametrize("rate_hz", [0, -44_100])
def test_a_stream_without_a_rate_is_refused(name: str, rate_hz: int) -> None:
    with pytest.raises(ValueError, match="rate"):
        PROCESSORS[name](rate_hz, 2)


@pytest.mark.invariant("S3-ENG-02")
@pytest.mark.parametrize(
    "audio",
    [
        np.zeros((2 * FRAMES, 2)),
        np.full((2 * FRAMES, 2), 0.5),
        np.full((2 * FRAMES, 2), 1e-42),
        np.eye(2 * FRAMES, 2),
        1e-30 * np.random.default_rng(0).standard_normal((2 * FRAMES, 2)),
        1e6 * np.random.default_rng(0).standard_normal((2 * FRAMES, 2)),
    ],
    ids=["silence", "DC", "denormal", "one sample", "1e-30 noise", "120 dB over"],
)
def test_odd_signals_stay_finite(name: str, audio: NDArray[np.float64]) -> None:
    out = render(PROCESSORS[name](RATE_HZ, 2), audio.astype(np.float32))
    assert np.all(np.isfinite(out))
    assert np.max(np.abs(out)) <= 4.0 * np.max(np.abs(audio)), "more than 12 dB of gain"


@pytest.mark.invariant("S4-D2.6")
def test_interleaved_renders_do_not_hear_each_other(name: str) -> None:
    streams = [music(FRAMES, 2, seed) for seed in (1, 2)]
    processors = [PROCESSORS[name](RATE_HZ, 2) for _ in streams]
    pieces: list[list[NDArray[np.float32]]] = [[], []]
    for start in range(0, FRAMES, 250):
        for processor, stream, out in zip(processors, streams, pieces, strict=True):
            out.append(processor.process(stream[start : start + 250]))
    for processor, stream, out in zip(processors, streams, pieces, strict=True):
        out.append(processor.flush())
        alone = render(PROCESSORS[name](RATE_HZ, 2), stream)
        np.testing.assert_array_equal(np.concatenate(out)[processor.latency_frames :], alone)


@pytest.mark.invariant("S4-D2.3")
def test_renders_in_threads_equal_renders_in_turn(name: str) -> None:
    streams = [music(20_000, 2, seed) for seed in range(4)]
    alone = [render(PROCESSORS[name](RATE_HZ, 2), stream, 100) for stream in streams]
    # All meet before every block, so that none is through before another begins.
    in_step = threading.Barrier(4)

    def render_in_step(stream: NDArray[np.float32]) -> NDArray[np.float32]:
        processor = PROCESSORS[name](RATE_HZ, 2)
        pieces = []
        for start in range(0, len(stream), 100):
            in_step.wait(timeout=30)
            pieces.append(processor.process(stream[start : start + 100]))
        return np.concatenate([*pieces, processor.flush()])[processor.latency_frames :]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(render_in_step, streams))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.invariant("S4-D2.4")
def test_a_render_broken_off_leaves_the_processor_usable_after_reset(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    audio = music(FRAMES, 2)
    processor = PROCESSORS[name](RATE_HZ, 2)

    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    processor.process(audio[:700])
    with monkeypatch.context() as patch:
        for function in ("empty", "empty_like", "concatenate"):
            patch.setattr(np, function, fail)
        with pytest.raises(MemoryError):
            processor.process(audio[700:])
    processor.reset()
    np.testing.assert_array_equal(render(processor, audio), render(PROCESSORS[name](RATE_HZ, 2), audio))


def _kept_items() -> dict[str, int]:
    """How many things each module of dsp keeps in its globals."""
    kept = {}
    for module_info in pkgutil.iter_modules(auralis_cli.dsp.__path__, "auralis_cli.dsp."):
        module = importlib.import_module(module_info.name)
        for key, value in vars(module).items():
            if isinstance(value, dict | list | set) and not key.startswith("__"):
                kept[f"{module.__name__}.{key}"] = len(value)
            elif hasattr(value, "cache_info"):
                kept[f"{module.__name__}.{key}"] = value.cache_info().currsize
    return kept


@pytest.mark.invariant("S3-ENG-15")
def test_no_table_outgrows_32_sizes(name: str) -> None:
    before = _kept_items()
    for size in range(1000):
        design_linear_phase(np.array([100.0]), np.array([1.0]), 8_000 + size, taps=2 * size + 1)
    for step in range(100):
        PROCESSORS[name](RATE_HZ + 2 * step, 2)
    grown = {key: count for key, count in _kept_items().items() if count > max(32, before.get(key, 0))}
    assert grown == {}
