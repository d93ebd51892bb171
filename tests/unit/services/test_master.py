"""A file in, a mastered file out: what arrives, what never changes, and what is left behind when it fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import demo_piece
import numpy as np
import pytest
import second_opinion
import soundfile
from master_requests import master_request
from numpy.typing import NDArray

from auralis_cli.audio import replay
from auralis_cli.errors import CancelledError, InputError, OutputError, RefusedError, UsageError
from auralis_cli.mastering import control, render
from auralis_cli.model.audio import Dither, Subtype
from auralis_cli.model.master_reports import MasterReport
from auralis_cli.model.mastering import LimitedBy, MasterRequest
from auralis_cli.model.presets import PRESETS
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.source import AudioSource, Destination
from auralis_cli.model.targets import TARGETS
from auralis_cli.services.master import master_file, preview_master

Audio = NDArray[np.float32]
RATE = 44_100


@pytest.fixture(scope="module")
def piece() -> Audio:
    """Ten seconds of drums, bass, chords and lead, with overs."""
    return np.ascontiguousarray(demo_piece.compose()[5 * RATE : 15 * RATE])


def write(path: Path, audio: Audio, subtype: str = "PCM_16", rate: int = RATE) -> Path:
    soundfile.write(path, audio, rate, subtype=subtype)
    return path


def master(source: Path, destination: Path, **wishes: object) -> MasterReport:
    request = master_request(AudioSource(source), Destination(destination), **wishes)
    return master_file(request, SilentProgress(), CancelToken())


def samples(path: Path, dtype: str = "int32") -> NDArray[np.int32]:
    audio, _ = soundfile.read(path, dtype=dtype, always_2d=True)
    return np.asarray(audio)


def test_a_folder_that_has_the_name_of_the_result_stays_even_by_force(piece: Audio, tmp_path: Path) -> None:
    source, folder = write(tmp_path / "in.wav", piece[:RATE]), tmp_path / "out.flac"
    folder.mkdir()
    with pytest.raises(RefusedError, match="is a folder"):
        master(source, folder, force=True)
    assert folder.is_dir()


@pytest.mark.ffmpeg
@pytest.mark.parametrize("loudness_lufs", [-23.0, -16.0, -14.0])
def test_an_independent_meter_finds_the_loudness_and_the_ceiling(
    loudness_lufs: float, piece: Audio, tmp_path: Path
) -> None:
    source = write(tmp_path / "in.flac", np.clip(piece, -1, 1))
    report = master(source, tmp_path / "out.flac", loudness_lufs=loudness_lufs, subtype=Subtype.PCM_24)
    heard = second_opinion.by_ffmpeg(soundfile.read(tmp_path / "out.flac", dtype="float32")[0], RATE)
    assert report.solved.limited_by is LimitedBy.NONE
    assert heard.integrated_lufs == pytest.approx(loudness_lufs, abs=0.1)
    assert heard.true_peak_dbtp <= -1.0 + 0.05
    assert heard.integrated_lufs == pytest.approx(report.output.integrated_lufs, abs=0.05)


@pytest.mark.parametrize(
    ("subtype", "suffix"), [("PCM_16", ".flac"), ("PCM_24", ".flac"), ("PCM_24", ".wav"), ("FLOAT", ".wav")]
)
def test_intensity_0_returns_every_sample_as_it_was(subtype: str, suffix: str, piece: Audio, tmp_path: Path) -> None:
    audio = piece if subtype == "FLOAT" else np.clip(piece, -1, 1)
    source = write(tmp_path / f"in{suffix}", audio, subtype)
    master(source, tmp_path / f"out{suffix}", intensity=0.0, subtype=Subtype(subtype), preset=PRESETS["punchy"])
    dtype = "float32" if subtype == "FLOAT" else "int32"
    assert np.array_equal(samples(tmp_path / f"out{suffix}", dtype), samples(source, dtype))


@pytest.mark.invariant("S1-M-09")
@pytest.mark.parametrize(
    ("rate", "channels"), [(8_000, 1), (22_050, 2), (48_000, 1), (96_000, 2), (192_000, 2), (48_000, 6)]
)
def test_rate_channels_and_length_are_the_sources(rate: int, channels: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(rate)
    audio = (0.1 * rng.standard_normal((2 * rate + 17, channels))).astype(np.float32)
    source = write(tmp_path / "in.wav", audio, "PCM_24", rate)
    report = master(source, tmp_path / "out.flac")
    written = soundfile.info(tmp_path / "out.flac")
    assert (written.samplerate, written.channels, written.frames) == (rate, channels, 2 * rate + 17)
    assert written.subtype == "PCM_24"
    assert report.output.integrated_lufs == pytest.approx(-14.0, abs=0.1)


@pytest.mark.parametrize(
    ("subtype", "expected"), [("PCM_U8", "PCM_16"), ("PCM_16", "PCM_16"), ("PCM_24", "PCM_24"), ("FLOAT", "PCM_24")]
)
def test_24_bits_are_written_or_the_sources_where_less(
    subtype: str, expected: str, piece: Audio, tmp_path: Path
) -> None:
    source = write(tmp_path / "in.wav", 0.5 * piece[:RATE], subtype)
    master(source, tmp_path / "out.wav")
    assert soundfile.info(tmp_path / "out.wav").subtype == expected


@pytest.mark.invariant("S3-ENG-04")
@pytest.mark.parametrize(
    "frames", [1, 2, 7, 8, 9, 4_095, 4_096, 17_640, 17_641, 28_674, 65_535, 65_536, 65_537, 131_073]
)
def test_every_length_comes_back_to_the_frame(frames: int, piece: Audio, tmp_path: Path) -> None:
    source = write(tmp_path / "in.wav", piece[:frames], "FLOAT")
    report = master(source, tmp_path / "out.wav", loudness_lufs=-12.0, preset=PRESETS["punchy"])
    assert soundfile.info(tmp_path / "out.wav").frames == frames
    assert (report.solved.limited_by is LimitedBy.TOO_SHORT) == (frames < 0.4 * RATE)


@pytest.mark.invariant("S2-NEW-5")
@pytest.mark.parametrize("block_frames", [1 << 12, 24_576, 1 << 18])
def test_the_master_is_the_same_to_the_bit_for_every_block_size(
    block_frames: int, piece: Audio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "in.wav", piece, "FLOAT")
    master(source, tmp_path / "first.wav", loudness_lufs=-9.0, preset=PRESETS["punchy"])
    monkeypatch.setattr(render, "BLOCK_FRAMES", block_frames)
    monkeypatch.setattr("auralis_cli.services.master.BLOCK_FRAMES", block_frames)
    master(source, tmp_path / "second.wav", loudness_lufs=-9.0, preset=PRESETS["punchy"])
    assert (tmp_path / "first.wav").read_bytes() == (tmp_path / "second.wav").read_bytes()


@pytest.mark.invariant("S2-NEW-6")
def test_a_track_too_long_for_memory_is_mastered_to_the_same_bits(
    piece: Audio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "in.wav", piece, "FLOAT")
    wishes = {"loudness_lufs": -9.0, "preset": PRESETS["punchy"]}
    master(source, tmp_path / "short.wav", **wishes)
    kept: list[int] = []
    original = replay.ReplayableAudio.overwrite
    monkeypatch.setattr(replay, "MEMORY_BYTES", 1 << 20)
    monkeypatch.setattr(control, "_MEMORY_BYTES", 1 << 12)

    def overwrite(self: replay.ReplayableAudio, start: int, block: Audio) -> None:
        kept.append(0 if self._memory is None else self._memory.nbytes)
        original(self, start, block)

    monkeypatch.setattr(replay.ReplayableAudio, "overwrite", overwrite)
    master(source, tmp_path / "long.wav", **wishes)
    assert set(kept) == {0}
    assert (tmp_path / "short.wav").read_bytes() == (tmp_path / "long.wav").read_bytes()


@pytest.mark.invariant("S4-D2.6")
def test_two_masters_at_once_are_what_they_are_alone(piece: Audio, tmp_path: Path) -> None:
    sources = [
        write(tmp_path / f"in{k}.wav", np.roll(piece, k * RATE, axis=0)[: (k + 4) * RATE], "FLOAT") for k in range(3)
    ]
    presets = [PRESETS["punchy"], PRESETS["warm"], PRESETS["live"]]
    alone, together = tmp_path / "alone", tmp_path / "together"
    for folder in (alone, together):
        folder.mkdir()
    for source, preset in zip(sources, presets, strict=True):
        master(source, alone / source.name, preset=preset)
    with ThreadPoolExecutor(3) as threads:
        list(
            threads.map(
                lambda job: master(job[0], together / job[0].name, preset=job[1]), zip(sources, presets, strict=True)
            )
        )
    for source in sources:
        assert (alone / source.name).read_bytes() == (together / source.name).read_bytes()


def test_silence_stays_silence(tmp_path: Path) -> None:
    source = write(tmp_path / "in.wav", np.zeros((3 * RATE, 2), np.float32))
    report = master(source, tmp_path / "out.wav", loudness_lufs=-14.0, subtype=Subtype.PCM_16)
    assert not samples(tmp_path / "out.wav").any()
    assert not np.isfinite(report.output.integrated_lufs)


def test_digital_silence_around_music_stays_digital_silence(piece: Audio, tmp_path: Path) -> None:
    silence = np.zeros((RATE, 2), np.float32)
    source = write(tmp_path / "in.wav", np.concatenate((silence, piece[: 4 * RATE], silence)), "PCM_16")
    master(source, tmp_path / "out.wav", preset=PRESETS["bright"])
    out = samples(tmp_path / "out.wav")
    assert not out[: RATE // 2].any()
    assert not out[-RATE // 2 :].any()


def test_more_than_two_channels_get_one_gain(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    audio = (0.05 * rng.standard_normal((3 * RATE, 6)) * [1, 1, 1, 0.2, 0.5, 0.5]).astype(np.float32)
    audio[::5_000] *= 8
    source = write(tmp_path / "in.wav", audio, "FLOAT")
    report = master(source, tmp_path / "out.wav", loudness_lufs=-12.0, subtype=Subtype.FLOAT)
    out, _ = soundfile.read(tmp_path / "out.wav", dtype="float32")
    usable = np.abs(audio).min(axis=1) > 0.004
    gains = out[usable] / audio[usable]
    assert np.ptp(gains, axis=1).max() < 1e-4
    assert report.solved.max_reduction_db > 0.5


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_audio_that_holds_no_numbers_is_refused_with_the_place(value: float, piece: Audio, tmp_path: Path) -> None:
    broken = piece[: 2 * RATE].copy()
    broken[70_001, 1] = value
    source = write(tmp_path / "in.wav", broken, "FLOAT")
    with pytest.raises(InputError, match="frame 70001"):
        master(source, tmp_path / "out.wav")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.wav"]


def test_input_as_output_is_refused_by_whatever_name(piece: Audio, tmp_path: Path) -> None:
    source = write(tmp_path / "in.wav", piece[:RATE])
    before = source.read_bytes()
    (tmp_path / "hard.wav").hardlink_to(source)
    (tmp_path / "soft.wav").symlink_to(source)
    for name in ("in.wav", "hard.wav", "soft.wav"):
        with pytest.raises(RefusedError, match="same file"):
            master(source, tmp_path / name, force=True)
    assert source.read_bytes() == before


def test_an_existing_output_is_kept_unless_forced_and_then_lies_in_the_trash(
    piece: Audio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    source = write(tmp_path / "in.wav", piece[:RATE])
    (tmp_path / "out.wav").write_bytes(b"precious")
    with pytest.raises(RefusedError, match="exists"):
        master(source, tmp_path / "out.wav")
    assert (tmp_path / "out.wav").read_bytes() == b"precious"
    published = master(source, tmp_path / "out.wav", force=True).published
    assert published is not None
    assert published.replaced is not None
    assert Path(published.replaced).read_bytes() == b"precious"
    status = (tmp_path / "out.wav").stat()
    assert (published.size_bytes, published.mtime_ns) == (status.st_size, status.st_mtime_ns)
    assert soundfile.info(tmp_path / "out.wav").frames == RATE


def test_a_file_that_was_to_be_replaced_comes_back_when_the_new_one_cannot_have_its_name(
    piece: Audio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    source = write(tmp_path / "in.wav", piece[:RATE])
    (tmp_path / "out.wav").write_bytes(b"precious")

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("auralis_cli.audio.writer.give_name", fail)
    with pytest.raises(OutputError, match="Input/output"):
        master(source, tmp_path / "out.wav", force=True)
    assert (tmp_path / "out.wav").read_bytes() == b"precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "in.wav", "out.wav"]


def test_a_folder_that_is_missing_or_a_failing_stage_leaves_no_trace(
    piece: Audio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "in.wav", piece[: 2 * RATE])
    with pytest.raises(OutputError, match="folder"):
        master(source, tmp_path / "nowhere" / "out.wav")
    before = set(threading.enumerate())

    def fail(*_: object) -> None:
        raise OutputError("out.wav", "the disk is full")

    monkeypatch.setattr("auralis_cli.audio.writer.AtomicWriter.write", fail)
    with pytest.raises(OutputError, match="full"):
        master(source, tmp_path / "out.wav")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.wav"]
    assert set(threading.enumerate()) <= before


class _At:
    """Does something at the first report of one task."""

    def __init__(self, task: str, action: Callable[[], object]) -> None:
        self._task = task
        self._action: Callable[[], object] | None = action

    def step(self, task: str, done: float | None) -> None:
        if task == self._task and self._action is not None:
            action, self._action = self._action, None
            action()

    def note(self, message: str) -> None:
        pass


@pytest.mark.invariant("S1-M-11")
@pytest.mark.parametrize("task", ["measuring", "shaping", "solving", "rendering"])
def test_cancelling_in_any_phase_leaves_no_file_and_no_thread(task: str, piece: Audio, tmp_path: Path) -> None:
    source = write(tmp_path / "in.wav", piece)
    before = set(threading.enumerate())
    cancel = CancelToken()
    with pytest.raises(CancelledError):
        master_file(
            master_request(AudioSource(source), Destination(tmp_path / "out.wav"), preset=PRESETS["warm"]),
            _At(task, cancel.cancel),
            cancel,
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.wav"]
    assert set(threading.enumerate()) <= before


def test_a_preview_decides_what_the_master_does_and_writes_nothing(piece: Audio, tmp_path: Path) -> None:
    source = write(tmp_path / "in.wav", piece)
    request = master_request(
        AudioSource(source), Destination(tmp_path / "out.wav"), target=TARGETS["loud"], preset=PRESETS["punchy"]
    )
    preview = preview_master(request, SilentProgress(), CancelToken())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.wav"]
    report = master_file(request, SilentProgress(), CancelToken())
    assert preview.plan == report.solved.plan
    assert preview.input == report.analysis.measurements
    assert (preview.source_info, preview.output_format) == (report.source_info, report.output_format)


def test_loudness_off_keeps_the_level_and_takes_the_overs(piece: Audio, tmp_path: Path) -> None:
    source = write(tmp_path / "in.wav", piece, "FLOAT")
    report = master(source, tmp_path / "out.wav", level_off=True, intensity=0.5, subtype=Subtype.FLOAT)
    assert report.solved.gain_db == 0.0
    assert report.output.true_peak_dbtp <= -0.98
    assert report.analysis.measurements.true_peak_dbtp > 0.0


def test_intensity_0_with_the_level_left_alone_is_a_copy(piece: Audio, tmp_path: Path) -> None:
    source = write(tmp_path / "in.wav", piece, "FLOAT")
    master(source, tmp_path / "out.wav", level_off=True, intensity=0.0, subtype=Subtype.FLOAT)
    assert np.array_equal(samples(tmp_path / "out.wav", "float32"), samples(source, "float32"))


def test_a_source_that_changes_while_it_is_read_is_an_error_that_says_so(
    piece: Audio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "MEMORY_BYTES", 1 << 20)
    for frames in (5 * RATE, 9 * RATE):
        source = write(tmp_path / "in.wav", piece[: 7 * RATE], "FLOAT")
        change = _At("solving", partial(write, source, piece[:frames], "FLOAT"))
        with pytest.raises(InputError, match="changed while it was read"):
            master_file(MasterRequest(AudioSource(source), Destination(tmp_path / "out.wav")), change, CancelToken())
        assert sorted(path.name for path in tmp_path.iterdir()) == ["in.wav"]


def test_what_the_output_cannot_hold_is_refused_before_any_work(tmp_path: Path) -> None:
    source = write(tmp_path / "in.wav", np.zeros((RATE, 10), np.float32))
    with pytest.raises(UsageError, match="8 channels"):
        master_file(
            MasterRequest(AudioSource(source), Destination(tmp_path / "out.flac")),
            _At("measuring", _never),
            CancelToken(),
        )


def _never() -> None:
    raise AssertionError("work has begun")


def test_another_rate_is_converted_before_anything_is_measured(piece: Audio, tmp_path: Path) -> None:
    source = write(tmp_path / "in.wav", piece)
    report = master(source, tmp_path / "out.wav", rate_hz=48_000)
    written = soundfile.info(tmp_path / "out.wav")
    assert (written.samplerate, written.frames) == (48_000, round(len(piece) * 48_000 / RATE))
    assert report.output.integrated_lufs == pytest.approx(-14.0, abs=0.05)
    assert report.output.true_peak_dbtp <= -0.98


def test_dither_is_added_unless_refused_and_only_where_it_is_needed(piece: Audio, tmp_path: Path) -> None:
    source = write(tmp_path / "in.wav", 0.2 * piece, "PCM_24")
    for dither in Dither:
        master(source, tmp_path / f"{dither}.wav", subtype=Subtype.PCM_16, dither=dither)
    with_dither, without = samples(tmp_path / "tpdf.wav"), samples(tmp_path / "none.wav")
    difference = (with_dither.astype(np.int64) - without) >> 16
    assert 0.3 < np.mean(difference != 0) < 0.9
    assert np.abs(difference).max() <= 1


def test_floats_far_beyond_full_scale_are_mastered_like_any(piece: Audio, tmp_path: Path) -> None:
    """Samples that count to 2^15 or 2^31, as some programs write them."""
    plain = master(write(tmp_path / "plain.wav", piece, "FLOAT"), tmp_path / "plain.flac", preset=PRESETS["punchy"])
    for name, factor in (("short", 2.0**15), ("long", 2.0**31)):
        source = write(tmp_path / f"{name}.wav", piece * np.float32(factor), "FLOAT")
        loud = master(source, tmp_path / f"{name}.flac", preset=PRESETS["punchy"])
        assert loud.output.integrated_lufs == pytest.approx(plain.output.integrated_lufs, abs=0.05)
        assert loud.output.true_peak_dbtp <= -0.95


def test_mastering_a_master_changes_little(piece: Audio, tmp_path: Path) -> None:
    source = write(tmp_path / "in.wav", piece, "FLOAT")
    master(source, tmp_path / "once.wav", subtype=Subtype.FLOAT)
    again = master(tmp_path / "once.wav", tmp_path / "twice.wav", subtype=Subtype.FLOAT)
    assert abs(again.solved.gain_db) < 0.5
    assert again.solved.max_reduction_db < 1.0
