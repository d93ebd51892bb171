"""One span of a file: the same samples as in the whole, no more, no fewer, whichever decoder reads it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from auralis_cli.audio.opening import open_audio
from auralis_cli.audio.reader import open_reader
from auralis_cli.audio.span import SpanReader
from auralis_cli.errors import InputError
from auralis_cli.model.source import SECTORS_PER_SECOND, AudioSource, CueTrack, frame_of_sector

RATE_HZ = 48_000
FRAMES = 4 * RATE_HZ + 1234
# Format → what libsndfile calls it.
WRITTEN = {
    "wav": ("WAV", "PCM_16"),
    "flac": ("FLAC", "PCM_24"),
    "aiff": ("AIFF", "PCM_16"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}
# Decoding from a little earlier brings Opus back to the same samples but for what rounding leaves.
TOLERANCES = {"opus": 1e-3}
Audio = NDArray[np.float32]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Four seconds of noise in each format."""
    folder = tmp_path_factory.mktemp("spans")
    audio = np.random.default_rng(7).uniform(-0.25, 0.25, (FRAMES, 2)).astype(np.float32)
    for name, (container, subtype) in WRITTEN.items():
        soundfile.write(folder / f"a.{name}", audio, RATE_HZ, format=container, subtype=subtype)
    return {name: folder / f"a.{name}" for name in WRITTEN}


def whole(path: Path) -> Audio:
    with open_reader(path) as reader:
        return np.concatenate(list(reader.blocks(4096)))


def track(path: Path, start_sector: int, end_sector: int | None = None) -> AudioSource:
    return AudioSource(path, cue=CueTrack(path.with_suffix(".cue"), 3, start_sector, end_sector))


def read(source: AudioSource, block_frames: int = 4096) -> Audio:
    with open_audio(source) as reader:
        return np.concatenate([np.empty((0, reader.info.channels), np.float32), *reader.blocks(block_frames)])


@pytest.mark.invariant("S2-u1")
@pytest.mark.parametrize("block_frames", [1000, 65_536])
@pytest.mark.parametrize("name", WRITTEN)
def test_a_span_is_the_same_samples_as_in_the_whole(name: str, block_frames: int, files: dict[str, Path]) -> None:
    everything = whole(files[name])
    for start, end in ((0, 75), (1, 2), (37, 150), (100, 299), (151, None)):
        first, last = start * 640, len(everything) if end is None else end * 640
        span = read(track(files[name], start, end), block_frames)
        np.testing.assert_allclose(span, everything[first:last], rtol=0, atol=TOLERANCES.get(name, 0.0))


@pytest.mark.parametrize("name", WRITTEN)
def test_a_span_announces_its_own_length_and_counts_its_own_frames(name: str, files: dict[str, Path]) -> None:
    everything = whole(files[name])
    with open_audio(track(files[name], 75, 150)) as reader:
        assert reader.info.frames == RATE_HZ
        assert reader.info.duration_s == 1.0
        out = np.empty((500, 2), np.float32)
        for frame in (0, 1000, 999, RATE_HZ - 200):
            reader.seek(frame)
            count = reader.read_into(out)
            assert count == min(500, RATE_HZ - frame)
            begin = RATE_HZ + frame
            np.testing.assert_allclose(
                out[:count], everything[begin : begin + count], rtol=0, atol=TOLERANCES.get(name, 0.0)
            )
        assert reader.read_into(out) == 0
        reader.seek(10**9)
        assert reader.read_into(out) == 0
        assert reader.warnings == ()
    with open_audio(track(files[name], 75)) as reader:
        assert reader.info.frames == len(everything) - RATE_HZ


def test_a_file_shorter_than_the_sheet_says_is_used_as_far_as_it_goes(files: dict[str, Path]) -> None:
    with open_audio(track(files["flac"], 225, 375)) as reader:
        assert reader.info.frames == FRAMES - 3 * RATE_HZ
        assert sum(len(block) for block in reader.blocks(4096)) == FRAMES - 3 * RATE_HZ
        share = round(1000 * (FRAMES - 3 * RATE_HZ) / (2 * RATE_HZ)) / 10
        assert reader.warnings == (f"truncated: {share:g} % of the track's length is there",)


@pytest.mark.parametrize("end_sector", [450, None])
def test_a_span_beyond_the_end_is_refused(end_sector: int | None, files: dict[str, Path]) -> None:
    with pytest.raises(InputError, match=r"cue#3: begins at 5\.00 s, where its audio file has already ended"):
        open_audio(track(files["wav"], 375, end_sector))


class Unannounced:
    """A reader whose header tells no length, and which remembers whether it was closed."""

    def __init__(self, path: Path) -> None:
        self._reader = open_reader(path)
        self.info = replace(self._reader.info, frames=None)
        self.closed = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._reader, name)

    def close(self) -> None:
        self.closed = True
        self._reader.close()


def test_where_no_length_is_announced_a_span_beyond_the_end_is_found_out_by_reading(files: dict[str, Path]) -> None:
    below = Unannounced(files["wav"])
    with SpanReader(below, 5 * RATE_HZ, 6 * RATE_HZ, "a.cue#9") as reader:  # type: ignore[arg-type]
        assert reader.info.frames == RATE_HZ
        with pytest.raises(InputError, match="cue#9: begins"):
            reader.read_into(np.empty((10, 2), np.float32))
    assert below.closed


def test_a_span_ends_where_the_file_does_when_no_length_is_announced(files: dict[str, Path]) -> None:
    with SpanReader(Unannounced(files["wav"]), FRAMES - 100, None, "x") as reader:  # type: ignore[arg-type]
        assert reader.info.frames is None
        assert sum(len(block) for block in reader.blocks(64)) == 100


def test_damage_before_a_span_is_none_of_it(tmp_path: Path) -> None:
    audio = np.random.default_rng(3).uniform(-0.5, 0.5, (10 * 44_100, 2))
    path = tmp_path / "a.mp3"
    soundfile.write(path, audio, 44_100, format="MP3", subtype="MPEG_LAYER_III")
    content = bytearray(path.read_bytes())
    content[20_000:24_000] = bytes(4000)
    path.write_bytes(content)
    with open_reader(path) as reader:
        list(reader.blocks(4096))
        assert reader.warnings
    with open_audio(track(path, 6 * 75, 8 * 75)) as reader:
        assert sum(len(block) for block in reader.blocks(4096)) == 2 * 44_100
        assert reader.warnings == ()


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 5), (6, 5)])
def test_a_span_of_nothing_is_our_own_mistake(start: int, end: int, files: dict[str, Path]) -> None:
    with open_reader(files["wav"]) as reader, pytest.raises(ValueError, match="at least one frame"):
        SpanReader(reader, start, end, "x")


@pytest.mark.invariant("S2-u1")
@given(
    rate_hz=st.integers(8_000, 384_000),
    sectors=st.lists(st.integers(0, 99 * 60 * SECTORS_PER_SECOND), min_size=2, max_size=30, unique=True),
)
def test_tracks_lie_end_to_end_and_are_as_long_as_their_file(rate_hz: int, sectors: list[int]) -> None:
    starts = [frame_of_sector(sector, rate_hz) for sector in sorted(sectors)]
    lengths = [end - start for start, end in pairwise(starts)]
    assert sum(lengths) == starts[-1] - starts[0]
    assert min(lengths) > 0
    for sector, frame in zip(sorted(sectors), starts, strict=True):
        assert abs(frame - sector * rate_hz / SECTORS_PER_SECOND) <= 0.5


@pytest.mark.invariant("S2-u1")
@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 22_050, 44_100, 48_000])
def test_the_tracks_of_a_file_hold_every_frame_of_it_once(rate_hz: int, tmp_path: Path) -> None:
    frames = 3 * rate_hz + 321
    counted = (np.arange(frames) % 30_000).astype(np.int16)
    path = tmp_path / "a.wav"
    soundfile.write(path, counted, rate_hz)
    cuts = [0, 1, 7, 74, 75, 76, 131, 200, None]
    parts = [read(track(path, start, end)) for start, end in pairwise(cuts) if start is not None]
    np.testing.assert_array_equal(np.concatenate(parts)[:, 0] * 32768.0, counted)
