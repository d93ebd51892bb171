"""Through pipes on either side: the same master, to the sample, and no more kept than was promised."""

from __future__ import annotations

import io
import os
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import demo_piece
import numpy as np
import pytest
import soundfile
from master_requests import master_request
from numpy.typing import NDArray
from patience import until
from wav_bytes import Trickle, chunk, fmt, wav

from auralis_cli.audio import replay, spool
from auralis_cli.audio.opening import open_audio
from auralis_cli.audio.replay import ReplayableAudio
from auralis_cli.dsp import limiter
from auralis_cli.errors import CancelledError, InputError, OutputError
from auralis_cli.mastering import render
from auralis_cli.model.audio import StreamInfo, Subtype
from auralis_cli.model.master_reports import MasterReport
from auralis_cli.model.mastering import MasterRequest
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.source import AudioSource, DecodeLimits, Destination, RawEncoding, RawPcm, StandardStreams
from auralis_cli.services import passes
from auralis_cli.services.analyze import analyze_file
from auralis_cli.services.master import master_file, preview_master

Audio = NDArray[np.float32]
RATE = 44_100
STDIN, STDOUT = AudioSource(None), Destination(None)


class Sink(io.BytesIO):
    """A consumer whose reader leaves after so many writes, once `before` returns."""

    def __init__(self, writes: int, before: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.left = threading.Event()
        self._writes = writes
        self._before = before

    def write(self, data: object) -> int:
        if self._writes == 0:
            self._before()
            self.left.set()
            raise BrokenPipeError
        self._writes -= 1
        return len(memoryview(data))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def piece() -> Audio:
    """Eight seconds of drums, bass, chords and lead."""
    return np.ascontiguousarray(np.clip(demo_piece.compose()[5 * RATE : 13 * RATE], -1, 1))


@pytest.fixture(scope="module")
def song(piece: Audio, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("song") / "song.wav"
    soundfile.write(path, piece, RATE, subtype="PCM_24")
    return path


def master(
    source: AudioSource, destination: Destination, stdin: BinaryIO | None = None, stdout: BinaryIO | None = None,
    **wishes: object,
) -> MasterReport:  # fmt: skip
    request = master_request(source, destination, **wishes)
    return master_file(request, SilentProgress(), CancelToken(), StandardStreams(stdin, stdout))


def samples(data: bytes | Path) -> NDArray[np.int32]:
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    return np.asarray(soundfile.read(file, dtype="int32", always_2d=True)[0])


@pytest.mark.invariant("S2-u13")
@pytest.mark.parametrize("memory_bytes", [None, 1 << 20])
def test_a_master_through_pipes_is_the_master_of_the_file(
    memory_bytes: int | None, song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    master(AudioSource(song), Destination(tmp_path / "file.wav"))
    if memory_bytes is not None:  # too long for memory: spooled
        monkeypatch.setattr(replay, "MEMORY_BYTES", memory_bytes)
    for size in (None, 0, 0xFFFFFFFF):
        data = song.read_bytes()
        if size is not None:
            at = data.index(b"data") + 4
            data = data[:4] + b"\xff" * 4 + data[8:at] + size.to_bytes(4, "little") + data[at + 4 :]
        out = io.BytesIO()
        report = master(STDIN, STDOUT, Trickle(data, 50_001), out)
        assert np.array_equal(samples(out.getvalue()), samples(tmp_path / "file.wav"))
        assert (report.source.name, report.destination.name) == ("-", "-")


@pytest.mark.parametrize("suffix", [".flac", ".aiff", ".ogg"])
def test_what_is_no_wav_is_read_by_way_of_a_file(suffix: str, piece: Audio, tmp_path: Path) -> None:
    path = tmp_path / f"in{suffix}"
    soundfile.write(path, piece[:RATE], RATE)
    out = io.BytesIO()
    master(STDIN, STDOUT, Trickle(path.read_bytes(), 60_000), out)
    master(AudioSource(path), Destination(tmp_path / "file.wav"), subtype=Subtype.PCM_24)
    assert np.array_equal(samples(out.getvalue()), samples(tmp_path / "file.wav"))


@pytest.mark.parametrize("subtype", [None, Subtype.PCM_16, Subtype.PCM_24, Subtype.FLOAT])
def test_what_goes_to_a_pipe_is_wav_with_true_sizes(subtype: Subtype | None, song: Path) -> None:
    out = io.BytesIO()
    report = master(AudioSource(song), STDOUT, None, out, subtype=subtype)
    data = out.getvalue()
    frames = report.analysis.measurements.frames
    with open_audio(STDIN, Trickle(data, 9999)) as reader:
        assert reader.info.frames == frames == sum(len(block) for block in reader.blocks(1000))
        assert reader.info.subtype is (subtype or Subtype.PCM_24)
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    at = data.index(b"data")
    assert int.from_bytes(data[at + 4 : at + 8], "little") == len(data) - at - 8


def test_a_format_that_is_no_wav_is_complete_before_its_first_byte_goes_out(song: Path, tmp_path: Path) -> None:
    out = io.BytesIO()
    master(AudioSource(song), STDOUT, None, out, format="flac")
    master(AudioSource(song), Destination(tmp_path / "file.flac"), subtype=Subtype.PCM_24)
    assert out.getvalue() == (tmp_path / "file.flac").read_bytes()


def test_pcm_of_a_16_bit_source_is_24_bits_wide_in_a_pipe(piece: Audio) -> None:
    out = io.BytesIO()
    master(STDIN, STDOUT, Trickle(wav((piece[:RATE] * 32767).astype("<i2").tobytes()), 9999), out)
    with open_audio(STDIN, io.BytesIO(out.getvalue())) as reader:
        assert reader.info.subtype is Subtype.PCM_24


@pytest.mark.parametrize("encoding", list(RawEncoding))
def test_raw_samples_are_what_the_user_says(encoding: RawEncoding, piece: Audio, tmp_path: Path) -> None:
    audio = piece[:9001]
    scale = {"u": 127.0, "s": 2.0 ** (int(encoding[1:].rstrip("lbe")) - 1) - 1, "f": 1.0}[encoding[0]]
    order = ">" if encoding.endswith("be") else "<"
    width = int(encoding[1:].rstrip("lbe")) // 8
    if encoding[0] == "f":
        data = audio.astype(f"{order}f{width}").tobytes()
    else:
        whole = np.round(audio.astype(np.float64) * scale).astype("<i8") + (128 if encoding[0] == "u" else 0)
        octets = whole.reshape(-1, 1).view(np.uint8)[:, :width]
        data = (octets if order == "<" else octets[:, ::-1]).tobytes()
    raw = RawPcm(encoding, RATE, 2)
    (tmp_path / "in.raw").write_bytes(data)
    for source, stdin in ((AudioSource(None, raw), Trickle(data, 4093)), (AudioSource(tmp_path / "in.raw", raw), None)):
        with open_audio(source, stdin) as reader:
            read = np.concatenate(list(reader.blocks(1000)))
            assert np.abs(read - audio).max() <= 1.01 / scale
            assert (reader.info.codec, reader.warnings) == (f"pcm_{encoding}", ())


@pytest.mark.parametrize("piped", [True, False])
def test_raw_samples_that_end_within_a_frame_say_so(piped: bool, tmp_path: Path) -> None:
    raw, data = RawPcm(RawEncoding.S24LE, RATE, 2), b"\1" * (6 * 100 + 5)
    (tmp_path / "in.raw").write_bytes(data)
    source = AudioSource(None if piped else tmp_path / "in.raw", raw)
    with open_audio(source, Trickle(data)) as reader:
        assert sum(len(block) for block in reader.blocks(64)) == 100
        assert reader.warnings == ("truncated: ends within a frame (5 of 6 bytes)",)


def test_raw_files_can_be_sought_in(tmp_path: Path) -> None:
    (tmp_path / "in.raw").write_bytes(np.arange(1000, dtype="<i2").tobytes())
    with open_audio(AudioSource(tmp_path / "in.raw", RawPcm(RawEncoding.S16LE, 8000, 1))) as reader:
        for frame in (900, 10, 0, 999):
            reader.seek(frame)
            assert next(reader.blocks(1))[0, 0] == frame / 32_768


def test_rates_and_channels_beyond_ours_are_refused_for_raw_samples_too() -> None:
    with pytest.raises(ValueError, match="supported"):
        RawPcm(RawEncoding.S16LE, 1000, 2)
    with pytest.raises(InputError, match="supported"):
        open_audio(AudioSource(None, RawPcm(RawEncoding.S16LE, RATE, 99)), io.BytesIO(b"\0" * 1000))


# ---- limits ------------------------------------------------------------------------------------------------------


class Yes(io.RawIOBase):
    """`yes`: no end of it is meant to be seen."""

    given_bytes = 0

    def read(self, size: int = -1) -> bytes:
        if self.given_bytes > 64 << 20:
            return b""
        self.given_bytes += size
        return b"y\n" * (size // 2)

    def readable(self) -> bool:
        return True


@pytest.mark.invariant("S1-M-30")
@pytest.mark.parametrize(
    ("limits", "hint"),
    [(DecodeLimits(max_bytes=10 << 20), "--max-size"), (DecodeLimits(max_duration_s=30.0), "--max-duration")],
)
def test_a_stream_without_end_is_capped_while_it_is_read(limits: DecodeLimits, hint: str, tmp_path: Path) -> None:
    stream = Yes()
    source = AudioSource(None, RawPcm(RawEncoding.S16LE, RATE, 2), limits)
    with pytest.raises(InputError, match=hint) as caught:
        master(source, Destination(tmp_path / "out.flac"), stream)  # type: ignore[arg-type]
    assert caught.value.what == "-"
    assert stream.given_bytes < 24 << 20
    assert list(tmp_path.iterdir()) == []


@pytest.mark.invariant("S1-M-30")
def test_a_stream_without_end_that_is_no_audio_is_refused_at_once(tmp_path: Path) -> None:
    stream = Yes()
    with pytest.raises(InputError, match="not audio"):
        master(STDIN, Destination(tmp_path / "out.flac"), stream)  # type: ignore[arg-type]
    assert stream.given_bytes <= 1 << 17


@pytest.mark.invariant("S1-M-30")
def test_a_file_of_a_terabyte_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.wav"
    path.write_bytes(wav(b"\0" * 4000))
    os.truncate(path, 1 << 40)
    started = time.process_time()
    with pytest.raises(InputError, match=r"larger than 32 GiB.*--max-size"):
        analyze_file(AudioSource(path), SilentProgress(), CancelToken())
    # Reading it would take minutes of a processor.
    assert time.process_time() - started < 20.0


def test_what_begins_like_a_spoolable_file_is_capped_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    class Flac(Yes):
        def read(self, size: int = -1) -> bytes:
            data = super().read(size)
            return b"fLaC" + data if self.given_bytes == size else data

    stream = Flac()
    with pytest.raises(InputError, match="--max-size"):
        open_audio(AudioSource(None, limits=DecodeLimits(max_bytes=5 << 20)), stream)  # type: ignore[arg-type]
    assert stream.given_bytes < 6 << 20


# ---- what is kept ------------------------------------------------------------------------------------------------


class Tape:
    """A reader of so many frames of anything."""

    warnings = ()

    def __init__(self, frames: int, channels: int, announced: int | None = None) -> None:
        self.info = StreamInfo(RATE, channels, announced, "wav", "pcm_f32le", Subtype.FLOAT)
        self._left = frames
        self.opened = 0

    def read_into(self, out: Audio) -> int:
        count = min(len(out), self._left)
        out[:count] = self._left
        self._left -= count
        return count

    def blocks(self, frames: int) -> Iterator[Audio]:
        raise NotImplementedError

    def seek(self, frame: int) -> None:
        raise NotImplementedError

    def close(self) -> None: ...

    def __enter__(self) -> Tape:
        return self

    def __exit__(self, *_: object) -> None: ...


@pytest.mark.invariant("S0-M07")
@pytest.mark.parametrize("spooled", [True, False])
@pytest.mark.parametrize("channels", [1, 32])
def test_what_is_kept_of_a_gigabyte_is_bounded_in_bytes(channels: int, spooled: bool, tmp_path: Path) -> None:
    limit = 8 << 20
    frames = (1 << 30) // (4 * channels) if not spooled else (1 << 28) // (4 * channels)
    folder = tmp_path if spooled else None
    block_frames = (1 << 20) // (4 * channels)
    tracemalloc.start()
    try:
        audio = ReplayableAudio(lambda: Tape(frames, channels), memory_bytes=limit, spool_folder=folder)
        assert sum(len(block) for block in audio.blocks(block_frames)) == frames
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # Growing takes the old and the new room at once; two blocks are under way.
    assert peak < 2 * limit + (3 << 20)
    audio.close()


def test_a_spooled_track_is_the_same_every_time_and_leaves_nothing(tmp_path: Path) -> None:
    frames = 100_001
    audio = ReplayableAudio(lambda: Tape(frames, 2), memory_bytes=1 << 16, spool_folder=tmp_path)
    first = np.concatenate([block.copy() for block in audio.blocks(1000)])
    assert list(tmp_path.iterdir()) == []
    for block_frames in (1 << 16, 777):
        assert np.array_equal(np.concatenate(list(audio.blocks(block_frames))), first)
    before = len(os.listdir("/proc/self/fd"))
    audio.close()
    assert len(os.listdir("/proc/self/fd")) == before - 1


def test_a_short_stream_stays_in_memory(tmp_path: Path) -> None:
    audio = ReplayableAudio(lambda: Tape(1000, 2), memory_bytes=1 << 20, spool_folder=tmp_path / "nowhere")
    assert sum(len(block) for block in audio.blocks(100)) == 1000
    assert audio.in_memory


@pytest.mark.parametrize("announced", [None, 1 << 20])
def test_a_disk_without_room_is_said_before_it_is_full(
    announced: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Disk:
        """300 MiB are free in the beginning."""

        f_frsize = 4096

        @property
        def f_bavail(self) -> int:
            return ((300 << 20) - 8 * audio.frames) // 4096

    monkeypatch.setattr(os, "statvfs", lambda _: Disk())
    audio = ReplayableAudio(
        lambda: Tape(16 << 20, 2, 16 << 20 if announced else None), memory_bytes=1 << 16, spool_folder=tmp_path
    )
    with pytest.raises(OutputError, match=r"no room.*TMPDIR"):
        for _ in audio.blocks(1 << 16):
            pass
    # 44 MiB may be taken of the 300: 256 are left to others.
    assert audio.frames <= (48 << 20) // 8
    audio.close()


def test_temporary_files_lie_where_the_user_says_or_on_a_disk(tmp_path: Path) -> None:
    assert spool.spool_folder({"TMPDIR": str(tmp_path)}) == tmp_path
    assert spool.spool_folder({"TMPDIR": str(tmp_path / "nowhere")}) in (Path("/var/tmp"), Path("/tmp"))
    assert spool.spool_folder({}) in (Path("/var/tmp"), Path("/tmp"))


# ---- who leaves --------------------------------------------------------------------------------------------------


@pytest.mark.invariant("S0-H09")
@pytest.mark.parametrize("writes", [1, 4])
def test_no_block_is_rendered_for_a_consumer_who_left(writes: int, song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    late: list[bool] = []
    # All that is rendered for who has stopped taking: those written behind the header, the one that is being written,
    # those that wait behind it, and the one for which there is no room.
    most = (writes - 1) + 1 + passes._BLOCKS_BEHIND + 1
    sink = Sink(writes, lambda: until(lambda: len(late) == most))
    original = limiter.apply_gain_nodes

    def apply(*arguments: object) -> None:
        late.append(sink.left.is_set())
        original(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(render, "apply_gain_nodes", apply)
    monkeypatch.setattr(render, "BLOCK_FRAMES", 4096)
    monkeypatch.setattr("auralis_cli.services.master.BLOCK_FRAMES", 4096)
    with pytest.raises(BrokenPipeError):
        master(AudioSource(song), STDOUT, None, sink, loudness_lufs=-9.0)
    assert sink.left.is_set()
    assert len(late) < 20  # of 87
    assert sum(late) <= 2


class StopsAt:
    """Progress that cancels the work at a task."""

    def __init__(self, task: str, cancel: CancelToken) -> None:
        self._task, self._cancel = task, cancel

    def step(self, task: str, done: float | None) -> None:
        if task == self._task:
            self._cancel.cancel()

    def note(self, message: str) -> None: ...


@pytest.mark.invariant("S4-D3.5")
@pytest.mark.parametrize("task", ["measuring", "shaping", "solving", "rendering"])
@pytest.mark.parametrize("key", ["wav", "flac"])
def test_work_that_is_stopped_gives_back_every_descriptor_and_thread(
    task: str, key: str, song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "MEMORY_BYTES", 1 << 20)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    handles, threads = set(os.listdir("/proc/self/fd")), set(threading.enumerate())
    cancel = CancelToken()
    with pytest.raises(CancelledError):
        master_file(
            MasterRequest(STDIN, STDOUT, format=key),
            StopsAt(task, cancel),
            cancel,
            StandardStreams(Trickle(song.read_bytes(), 65_536), io.BytesIO()),
        )
    # One of an earlier test may have been closed meanwhile.
    assert set(os.listdir("/proc/self/fd")) <= handles
    assert set(threading.enumerate()) <= threads
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_behind_standard_output_is_one_clear_failure(song: Path) -> None:
    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(OutputError, match=r"standard output.*space"):
        master(AudioSource(song), STDOUT, None, full)


@pytest.mark.parametrize(("stdin", "stdout"), [(None, io.BytesIO()), (io.BytesIO(wav(b"\0" * 4000)), None)])
def test_a_closed_stream_is_said(stdin: BinaryIO | None, stdout: BinaryIO | None) -> None:
    with pytest.raises((InputError, OutputError), match="closed"):
        master(STDIN, STDOUT, stdin, stdout)


def test_a_dry_run_reads_once_and_keeps_nothing(song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "SampleSpool", None)
    request = MasterRequest(STDIN, STDOUT)
    preview = preview_master(
        request, SilentProgress(), CancelToken(), StandardStreams(Trickle(song.read_bytes(), 65_536))
    )
    assert preview.input.frames == soundfile.info(song).frames


def test_a_stream_that_breaks_off_is_mastered_as_far_as_it_goes(song: Path) -> None:
    data, out = song.read_bytes(), io.BytesIO()
    report = master(STDIN, STDOUT, Trickle(data[: len(data) // 2], 65_536), out)
    assert report.warnings[0].startswith("truncated: 50")
    assert len(samples(out.getvalue())) == report.analysis.measurements.frames


def test_tags_in_the_stream_are_no_audio(song: Path) -> None:
    body = (np.random.default_rng(1).normal(0, 3000, 2 * RATE)).astype("<i2").tobytes()
    plain = analyze_file(STDIN, SilentProgress(), CancelToken(), StandardStreams(io.BytesIO(wav(body))))
    tagged = wav(body, head=chunk(b"LIST", b"INFOINAM\4\0\0\0abc\0") + fmt(), after=chunk(b"id3 ", b"\x7f" * 9999))
    other = analyze_file(STDIN, SilentProgress(), CancelToken(), StandardStreams(Trickle(tagged, 5000)))
    assert plain.analysis == other.analysis


def test_a_cancelled_run_lets_go_of_a_pipe_that_gives_nothing() -> None:
    from auralis_cli.audio.pipes import PatientInput, PatientOutput

    read_end, write_end = os.pipe()
    cancel = CancelToken()
    # Without it they wait for ever.
    threading.Timer(0.2, cancel.cancel).start()
    with pytest.raises(CancelledError):
        PatientInput(read_end, cancel).read(1)
    with pytest.raises(CancelledError):
        PatientOutput(write_end, cancel).write(b"x")
    os.close(read_end)
    os.close(write_end)


def test_a_pipe_that_is_full_is_waited_for_and_loses_nothing() -> None:
    from auralis_cli.audio.pipes import PatientInput, PatientOutput

    read_end, write_end = os.pipe()
    data, cancel = os.urandom(3 << 20), CancelToken()
    got = bytearray()

    def read() -> None:
        source = PatientInput(read_end, cancel)
        while piece := source.read(50_000):
            got.extend(piece)

    reader = threading.Thread(target=read)
    reader.start()
    assert PatientOutput(write_end, cancel).write(data) == len(data)
    os.close(write_end)
    reader.join()
    os.close(read_end)
    assert got == data
