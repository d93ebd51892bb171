"""Writing: bit for bit, whole or not at all, nothing left behind."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from auralis_cli import whole_file
from auralis_cli.audio import writer as writer_module
from auralis_cli.audio.formats import FORMATS, writable_format
from auralis_cli.audio.reader import open_reader
from auralis_cli.audio.writer import AtomicWriter
from auralis_cli.errors import OutputError, RefusedError, UsageError
from auralis_cli.model.audio import Dither, OutputFormat, Subtype

RATE_HZ = 44_100
LENGTHS = (1, 2, 1151, 1152, 1153, 4096, 44_099, 44_100, 44_101)
WRITABLE = [(row.key, subtype) for row in FORMATS for subtype in row.subtypes if row.lossy is None]


def output(
    key: str = "wav", subtype: Subtype = Subtype.PCM_24, channels: int = 2, dither: Dither = Dither.NONE
) -> OutputFormat:
    return OutputFormat(key, RATE_HZ, channels, subtype, dither)


def grid_noise(frames: int, bits: int, channels: int = 2) -> NDArray[np.float32]:
    """Full-scale noise whose samples lie on the grid of `bits`, both extremes among them."""
    scale = 2 ** (bits - 1)
    numbers = np.random.default_rng(frames).integers(-scale, scale, (frames, channels))
    numbers[:1], numbers[1:2] = -scale, scale - 1
    return np.asarray(numbers / scale, np.float32)


def write(path: Path, audio: NDArray[np.float32], wanted: OutputFormat, block_frames: int = 4096) -> None:
    with AtomicWriter(path, wanted, expected_frames=len(audio)) as writer:
        for start in range(0, len(audio), block_frames):
            writer.write(audio[start : start + block_frames])
        writer.commit(expected_frames=len(audio))


def whole(path: Path) -> NDArray[np.float32]:
    with open_reader(path) as reader:
        return np.concatenate([np.empty((0, reader.info.channels), np.float32), *reader.blocks(4096)])


@pytest.mark.invariant("S2-NEW-8")
@pytest.mark.parametrize("frames", LENGTHS)
@pytest.mark.parametrize(("key", "subtype"), WRITABLE)
def test_what_lies_on_the_grid_comes_back_bit_for_bit(tmp_path: Path, key: str, subtype: Subtype, frames: int) -> None:
    path = tmp_path / f"a.{key}"
    audio = grid_noise(frames, min(subtype.bits or 0, 24))
    write(path, audio, output(key, subtype))
    np.testing.assert_array_equal(whole(path), audio)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("key", ["wav", "flac"])
def test_a_foreign_reader_sees_the_same_whole_numbers(tmp_path: Path, key: str, bits: int) -> None:
    audio = grid_noise(5000, bits)
    write(tmp_path / "a", audio, output(key, Subtype(f"PCM_{bits}")))
    numbers, _ = soundfile.read(tmp_path / "a", dtype="int32")
    np.testing.assert_array_equal(numbers >> (32 - bits), np.rint(audio.astype(np.float64) * 2 ** (bits - 1)))


@pytest.mark.parametrize("key", ["wav", "flac"])
@pytest.mark.parametrize("block_frames", [1, 17, 4999, 5000, 5001])
def test_dither_does_not_depend_on_how_the_stream_is_cut(tmp_path: Path, key: str, block_frames: int) -> None:
    audio = np.random.default_rng(3).uniform(-1, 1, (5000, 2)).astype(np.float32)
    wanted = output(key, Subtype.PCM_16, dither=Dither.TPDF)
    write(tmp_path / "a", audio, wanted)
    write(tmp_path / "b", audio, wanted, block_frames)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert np.abs(whole(tmp_path / "a") - audio).max() > 0.6 / 32768, "there is dither"


def test_float_wav_keeps_what_lies_beyond_full_scale_and_has_no_clock_in_it(tmp_path: Path) -> None:
    audio = np.random.default_rng(4).uniform(-3, 3, (1000, 1)).astype(np.float32)
    for name in ("a.wav", "b.wav"):
        write(tmp_path / name, audio, output("wav", Subtype.FLOAT, 1))
    np.testing.assert_array_equal(whole(tmp_path / "a.wav"), audio)
    data = (tmp_path / "a.wav").read_bytes()
    at = data.index(b"PEAK")
    assert data[at + 12 : at + 16] == b"\0\0\0\0"


@pytest.mark.invariant("S1-M-09")
@pytest.mark.parametrize(("rate_hz", "channels"), [(8000, 1), (96_000, 1), (192_000, 8), (384_000, 2)])
@pytest.mark.parametrize(("key", "subtype"), WRITABLE)
def test_rate_channels_and_depth_are_as_asked(
    tmp_path: Path, key: str, subtype: Subtype, rate_hz: int, channels: int
) -> None:
    audio = grid_noise(300, 16, channels)
    write(tmp_path / "a", audio, OutputFormat(key, rate_hz, channels, subtype, Dither.NONE))
    with open_reader(tmp_path / "a") as reader:
        assert (reader.info.sample_rate_hz, reader.info.channels) == (rate_hz, channels)
        assert (reader.info.subtype, reader.info.frames, reader.info.format) == (subtype, 300, key)


@pytest.mark.parametrize(
    ("wanted", "line"),
    [
        (output("flac", Subtype.FLOAT), "flac: holds no FLOAT"),
        (output("wav", Subtype.PCM_8), "wav: holds no PCM_8"),
        (output("flac", channels=9), "flac: holds at most 8 channels, not 9"),
        (output("mp3"), "mp3: holds no PCM_24"),
        (OutputFormat("flac", 768_000, 2, Subtype.PCM_24, Dither.NONE), "flac: holds no rate of 768000 Hz"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_before_a_file_exists(
    tmp_path: Path, wanted: OutputFormat, line: str
) -> None:
    with pytest.raises(UsageError, match=line):
        AtomicWriter(tmp_path / "a", wanted)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("name", "key"), [("a.wav", "wav"), ("A.FLAC", "flac"), ("b.c.Wave", "wav")])
def test_the_name_of_an_output_tells_its_format(name: str, key: str) -> None:
    assert writable_format(Path(name)).key == key


@pytest.mark.parametrize("name", ["a.wma", "a.xyz", "a", ".wav", "a.wav.part"])
def test_a_name_that_tells_no_written_format_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="wav"):
        writable_format(Path(name))


def test_every_extension_of_an_output_belongs_to_one_format() -> None:
    extensions = [extension for row in FORMATS for extension in row.extensions]
    assert all(extensions.count(extension) == 1 for row in FORMATS if row.subtypes for extension in row.extensions)
    assert len({row.key for row in FORMATS}) == len(FORMATS)


@pytest.mark.invariant("S3-ENG-04")
@pytest.mark.parametrize("missing", [1, -1, 4096])
def test_a_file_of_the_wrong_length_is_never_published(tmp_path: Path, missing: int) -> None:
    audio = grid_noise(5000, 16)
    with (
        pytest.raises(OutputError, match=f"5000 of {5000 + missing} frames"),
        AtomicWriter(tmp_path / "a.wav", output(), expected_frames=5000 + missing) as writer,
    ):
        writer.write(audio)
        assert writer.frames_written == 5000
        writer.commit(expected_frames=5000 + missing)
    assert not list(tmp_path.iterdir())


@pytest.mark.invariant("S3-ENG-04")
@pytest.mark.parametrize("key", ["wav", "flac"])
def test_a_file_that_lost_its_end_on_the_way_is_never_published(tmp_path: Path, key: str) -> None:
    with AtomicWriter(tmp_path / "a", output(key)) as writer:
        writer.write(grid_noise(50_000, 16))
        writer.close_audio()
        os.truncate(writer.temporary_path, 100_000 if key == "wav" else 20)
        with pytest.raises(OutputError):
            writer.commit()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("at", ["start", "middle", "closed"])
@pytest.mark.parametrize("key", ["wav", "flac"])
def test_an_exception_leaves_no_trace(tmp_path: Path, key: str, at: str) -> None:
    (tmp_path / "a").write_bytes(b"old")
    before = len(os.listdir("/dev/fd"))
    with pytest.raises(KeyboardInterrupt), AtomicWriter(tmp_path / "a", output(key)) as writer:
        if at != "start":
            writer.write(grid_noise(5000, 16))
        if at == "closed":
            writer.close_audio()
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"
    # Of an earlier test one may have been closed meanwhile.
    assert len(os.listdir("/dev/fd")) <= before


def test_leaving_without_commit_leaves_no_trace(tmp_path: Path) -> None:
    with AtomicWriter(tmp_path / "a.wav", output()) as writer:
        writer.write(grid_noise(5000, 16))
    assert not list(tmp_path.iterdir())


def test_a_file_that_appeared_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with AtomicWriter(path, output()) as writer:
        writer.write(grid_noise(50, 16))
        path.write_bytes(b"somebody's")
        with pytest.raises(RefusedError, match="exists already"):
            writer.commit()
    assert path.read_bytes() == b"somebody's"
    assert list(tmp_path.iterdir()) == [path]


def test_the_same_holds_where_there_are_no_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    write(tmp_path / "a.wav", grid_noise(50, 16), output())
    assert len(whole(tmp_path / "a.wav")) == 50
    with pytest.raises(RefusedError, match="exists already"):
        write(tmp_path / "a.wav", grid_noise(60, 16), output())
    assert len(whole(tmp_path / "a.wav")) == 50
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_a_name_that_was_taken_in_vain_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_permitted(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", not_permitted)
    monkeypatch.setattr(os, "replace", not_permitted)
    # A system that cannot do both at one stroke.
    monkeypatch.setattr(whole_file, "_renamed_at_one_stroke", lambda *_: False)
    with pytest.raises(OutputError):
        write(tmp_path / "a.wav", grid_noise(50, 16), output())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_synced_holds_the_result_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = writer_module._sync

    def files_only(path: Path) -> None:
        if path.is_dir():
            raise OSError(22, "Invalid argument")
        sync(path)

    monkeypatch.setattr(writer_module, "_sync", files_only)
    write(tmp_path / "a.wav", grid_noise(50, 16), output())
    assert len(whole(tmp_path / "a.wav")) == 50


def test_replacing_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"old")
    with AtomicWriter(path, output()) as writer:
        writer.write(grid_noise(50, 16))
        assert path.read_bytes() == b"old"
        writer.commit(displace=Path.unlink)
    assert len(whole(path)) == 50


def test_a_dangling_link_in_the_place_is_no_way_out_of_the_folder(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / "a.wav").symlink_to(elsewhere)
    with pytest.raises(RefusedError, match="exists already"):
        write(tmp_path / "music" / "a.wav", grid_noise(50, 16), output())
    assert not elsewhere.exists()


@pytest.mark.invariant("S2-u11")
def test_a_link_planted_under_the_temporary_name_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    names = iter(["planted", "free"])
    monkeypatch.setattr(tempfile, "_get_candidate_names", lambda: names)
    planted = tmp_path / f".auralis-{os.getpid()}-planted.part"
    planted.symlink_to(victim)
    write(tmp_path / "a.wav", grid_noise(50, 16), output())
    assert victim.read_bytes() == b"precious"
    assert planted.is_symlink()
    assert len(whole(tmp_path / "a.wav")) == 50


@pytest.mark.invariant("S2-u11")
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_the_file_is_private_while_it_grows_and_has_the_users_mode_afterwards(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        with AtomicWriter(tmp_path / "a.wav", output()) as writer:
            assert stat.S_IMODE(writer.temporary_path.stat().st_mode) == 0o600
            writer.commit()
        assert stat.S_IMODE((tmp_path / "a.wav").stat().st_mode) == 0o666 & ~umask
    finally:
        os.umask(before)


@pytest.mark.parametrize("name", [b"caf\xe9.wav", b"-x.wav", b"n" * 251 + b".wav"])
def test_odd_names_are_written(tmp_path: Path, name: bytes) -> None:
    write(tmp_path / os.fsdecode(name), grid_noise(50, 16), output())
    assert os.listdir(os.fsencode(tmp_path)) == [name]


def test_a_missing_folder_gives_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="its folder does not exist") as caught:
        AtomicWriter(tmp_path / "missing" / "a.wav", output())
    assert caught.value.__cause__ is not None


def test_a_full_disk_gives_one_clear_line_and_leaves_nothing() -> None:
    # A file size limit fails the same system call with another number; the child's own folder is looked at.
    program = """
import resource, signal, sys, os, tempfile
import numpy as np
from pathlib import Path
from auralis_cli.audio.writer import AtomicWriter
from auralis_cli.errors import OutputError
from auralis_cli.model.audio import Dither, OutputFormat, Subtype
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
noise = np.random.default_rng(1).uniform(-1, 1, (20_000, 2)).astype(np.float32)
for key in ("wav", "flac"):
    with tempfile.TemporaryDirectory() as folder:
        wanted = OutputFormat(key, 44_100, 2, Subtype.FLOAT if key == "wav" else Subtype.PCM_16, Dither.NONE)
        try:
            with AtomicWriter(Path(folder, "a"), wanted) as writer:
                for _ in range(20):
                    writer.write(noise)
                writer.commit()
            print("written")
        except OutputError as error:
            print(len(str(error).splitlines()), os.listdir(folder))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.splitlines() == ["1 []", "1 []"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_called_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def on_full_disk(**_: object) -> tuple[int, str]:
        path = tmp_path / "part"
        path.touch()
        return os.open("/dev/full", os.O_RDWR), str(path)

    monkeypatch.setattr(tempfile, "mkstemp", on_full_disk)
    monkeypatch.setattr(writer_module, "_disk_state", lambda _: 28)
    with (
        pytest.raises(OutputError, match=r"a\.wav: the disk is full"),
        AtomicWriter(tmp_path / "a.wav", output()) as writer,
    ):
        for _ in range(10):
            writer.write(grid_noise(50_000, 16))
        writer.commit()
    assert not list(tmp_path.iterdir())


def test_a_wav_beyond_4_gib_becomes_rf64_when_its_length_is_known(tmp_path: Path) -> None:
    with AtomicWriter(tmp_path / "a.wav", output(), expected_frames=800_000_000) as writer:
        writer.write(grid_noise(500, 24))
        writer.commit()
    assert (tmp_path / "a.wav").read_bytes()[:4] == b"RF64"
    np.testing.assert_array_equal(whole(tmp_path / "a.wav"), grid_noise(500, 24))


def test_a_wav_of_unknown_length_stops_before_its_header_would_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "MAX_RIFF_AUDIO_BYTES", 6000)
    with (
        pytest.raises(OutputError, match="4 GiB"),
        AtomicWriter(tmp_path / "a.wav", output()) as writer,
    ):
        writer.write(grid_noise(1000, 24))
        writer.write(grid_noise(1, 24))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["float64", "flat", "channels"])
def test_a_block_of_the_wrong_kind_is_our_bug(tmp_path: Path, kind: str) -> None:
    block = {"float64": np.zeros((5, 2)), "flat": np.zeros(5, np.float32), "channels": np.zeros((5, 1), np.float32)}
    with AtomicWriter(tmp_path / "a.wav", output()) as writer, pytest.raises(ValueError, match="must be float32"):
        writer.write(block[kind])  # type: ignore[arg-type]


def test_killing_the_writer_leaves_the_destination_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"old")
    program = """
import sys
import numpy as np
from pathlib import Path
from auralis_cli.audio.writer import AtomicWriter
from auralis_cli.model.audio import Dither, OutputFormat, Subtype
noise = np.zeros((4096, 2), np.float32)
while True:
    with AtomicWriter(Path(sys.argv[1]), OutputFormat("wav", 44_100, 2, Subtype.FLOAT, Dither.NONE)) as writer:
        for _ in range(200):
            writer.write(noise)
        print("x", flush=True)
"""
    child = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "a.wav")], stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child, child.stdout:
        child.stdout.read(1)
        time.sleep(0.05)
        child.send_signal(signal.SIGKILL)
    assert (tmp_path / "a.wav").read_bytes() == b"old"
