"""Lossy outputs and AIFF: as long as what was written, by our reader and by ffmpeg, in place, and always the same."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from encoders import Audio, decoded_by_ffmpeg
from second_opinion import FFMPEG_MISSING, has_ffmpeg

from auralis_cli.audio.formats import FORMATS, check_output, format_named
from auralis_cli.audio.reader import open_reader
from auralis_cli.audio.writer import AtomicWriter
from auralis_cli.errors import OutputError, UsageError
from auralis_cli.model.audio import Dither, OutputFormat, Subtype

needs_ffmpeg = pytest.mark.skipif(not has_ffmpeg(), reason=FFMPEG_MISSING)
LOSSY = [row.key for row in FORMATS if row.lossy is not None]
RATES_HZ = {"mp3": (44_100, 48_000, 22_050), "ogg": (44_100, 48_000), "opus": (48_000,), "m4a": (44_100, 48_000)}
# Around the frames of the codecs (576, 960, 1024, 1152, 2048), and where ends fall into two packets (mp3: 144017).
LENGTHS = (1000, 1152, 2049, 24_000, 48_000, 50_001, 144_017)
# RMS of what a codec adds, relative to the signal: a shift by one frame is more.
NOISE = 0.12


def tones(frames: int, rate_hz: int, channels: int = 2) -> Audio:
    """Another pair of tones for each channel, so that a shift or a swap shows; the fourth lies where low ends do."""
    time_s = np.arange(frames)[:, None] / rate_hz
    hz = np.array([1240.0, 1570.0, 1930.0, 55.0, 2310.0, 2730.0, 3170.0, 3610.0])[:channels]
    audio = 0.3 * np.sin(2 * np.pi * hz * time_s) + 0.1 * np.sin(2 * np.pi * 1.31 * hz * time_s + 1.0)
    return np.ascontiguousarray(audio, np.float32)


def lossy(key: str, rate_hz: int, channels: int = 2, bitrate_bps: int | None = None) -> OutputFormat:
    coding = format_named(key).lossy
    assert coding is not None
    bitrate = bitrate_bps or coding.default_bps(rate_hz, channels)
    return OutputFormat(key, rate_hz, channels, Subtype.LOSSY, Dither.NONE, bitrate)


def write(path: Path, audio: Audio, output: OutputFormat, block_frames: int = 4096) -> Path:
    with AtomicWriter(path, output, expected_frames=len(audio)) as writer:
        for start in range(0, len(audio), block_frames):
            writer.write(audio[start : start + block_frames])
        writer.commit(expected_frames=len(audio))
    return path


def whole(path: Path) -> Audio:
    with open_reader(path) as reader:
        return np.concatenate([np.empty((0, reader.info.channels), np.float32), *reader.blocks(4096)])


def noise_of(heard: Audio, audio: Audio) -> float:
    """RMS of the difference relative to the loudest channel, by channel, ends left out: the worst."""
    inner = slice(256, -256)
    difference = np.sqrt(np.mean(np.square(heard[inner] - audio[inner]), axis=0))
    return float(np.max(difference) / np.sqrt(np.max(np.mean(np.square(audio), axis=0))))


@pytest.mark.ffmpeg
@needs_ffmpeg
@pytest.mark.invariant("S2-NEW-8")
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("key", "rate_hz"), [(key, rate_hz) for key in LOSSY for rate_hz in RATES_HZ[key]])
def test_a_lossy_file_is_as_long_as_what_was_written_and_sounds_in_its_place(
    tmp_path: Path, key: str, rate_hz: int, channels: int
) -> None:
    for frames in LENGTHS:
        audio = tones(frames, rate_hz, channels)
        path = write(tmp_path / f"{frames}.{key}", audio, lossy(key, rate_hz, channels))
        for heard in (whole(path), decoded_by_ffmpeg(path, channels)):
            assert heard.shape == audio.shape, frames
            if frames >= 24_000:
                assert noise_of(heard, audio) < NOISE, frames


@pytest.mark.parametrize("frames", [1, 2, 47, 200, 513])
@pytest.mark.parametrize("key", LOSSY)
def test_even_the_shortest_piece_comes_back_as_long_as_it_was(tmp_path: Path, key: str, frames: int) -> None:
    path = write(tmp_path / f"a.{key}", tones(frames, 48_000), lossy(key, 48_000))
    assert len(whole(path)) == frames


@pytest.mark.ffmpeg
@needs_ffmpeg
@pytest.mark.parametrize(
    ("key", "channels"),
    [("opus", 3), ("opus", 6), ("opus", 8), ("ogg", 3), ("ogg", 5), ("ogg", 6), ("ogg", 7), ("ogg", 8), ("m4a", 6)],
)
def test_surround_keeps_every_channel_where_it_was(tmp_path: Path, key: str, channels: int) -> None:
    audio = tones(30_000, 48_000, channels)
    path = write(tmp_path / f"a.{key}", audio, lossy(key, 48_000, channels))
    for heard in (whole(path), decoded_by_ffmpeg(path, channels)):
        assert heard.shape == audio.shape
        # Low ends are filtered; another channel in its place would be more than all of it.
        assert noise_of(heard, audio) < 0.25


@pytest.mark.ffmpeg
@needs_ffmpeg
@pytest.mark.parametrize("subtype", [Subtype.PCM_16, Subtype.PCM_24, Subtype.FLOAT])
def test_ffmpeg_reads_the_same_samples_from_aiff(tmp_path: Path, subtype: Subtype) -> None:
    audio = tones(5001, 44_100)
    path = write(tmp_path / "a.aiff", audio, OutputFormat("aiff", 44_100, 2, subtype, Dither.NONE))
    heard = decoded_by_ffmpeg(path, 2)
    np.testing.assert_array_equal(heard, whole(path))
    assert np.abs(heard - audio).max() <= 2.0 ** -(subtype.bits or 0) * (subtype is not Subtype.FLOAT)


def test_the_same_audio_gives_the_same_bytes_at_another_time_and_cut_otherwise(tmp_path: Path) -> None:
    outputs = [lossy(key, 48_000) for key in LOSSY]
    outputs += [
        OutputFormat(row.key, 48_000, 2, subtype, Dither.NONE)
        for row in FORMATS
        if row.lossy is None
        for subtype in row.subtypes
    ]
    audio = np.random.default_rng(5).uniform(-0.5, 0.5, (60_000, 2)).astype(np.float32)
    first = [write(tmp_path / f"a{i}", audio, output).read_bytes() for i, output in enumerate(outputs)]
    # Serial numbers and dates are taken from the clock's seconds.
    time.sleep(1.1)
    for number, (output, before) in enumerate(zip(outputs, first, strict=True)):
        after = write(tmp_path / f"b{number}", audio, output, 1777).read_bytes()
        assert after == before, output


@pytest.mark.parametrize(
    ("key", "bitrate_bps"),
    [("mp3", 320_000), ("mp3", 96_000), ("opus", 64_000), ("opus", 256_000), ("m4a", 128_000), ("m4a", 256_000)],
)
def test_the_bit_rate_is_the_one_asked_for(tmp_path: Path, key: str, bitrate_bps: int) -> None:
    # Opus spends more on tones and less on noise than it is asked to, AAC the other way round.
    noise = np.random.default_rng(6).normal(0, 0.1, (240_000, 2))
    music = noise if key == "opus" else tones(240_000, 48_000) + 0.03 * noise
    path = write(tmp_path / f"a.{key}", music.astype(np.float32), lossy(key, 48_000, 2, bitrate_bps))
    assert path.stat().st_size * 8 / 5.0 == pytest.approx(bitrate_bps, rel=0.02 if key == "mp3" else 0.2)


@pytest.mark.parametrize("bitrate_bps", [64_000, 128_000, 192_000, 320_000, 500_000])
def test_vorbis_states_the_bit_rate_asked_for(tmp_path: Path, bitrate_bps: int) -> None:
    path = write(tmp_path / "a.ogg", tones(4800, 48_000), lossy("ogg", 48_000, 2, bitrate_bps))
    header = path.read_bytes()[28:58]
    assert int.from_bytes(header[20:24], "little") == pytest.approx(bitrate_bps, rel=0.002)


@pytest.mark.parametrize(
    ("output", "line"),
    [
        (lossy("mp3", 44_100, 2, 200_000), r"mp3: is not made with 200 kbit/s .* 192, 224"),
        (
            lossy("mp3", 22_050, 2, 256_000),
            r"mp3: is not made with 256 kbit/s \(2 channels at 22050 Hz: 8, .* 160 ",
        ),
        (lossy("ogg", 44_100, 2, 510_000), r"ogg: is not made with 510 kbit/s .*64 to 500 kbit/s"),
        (lossy("opus", 48_000, 1, 2_000), r"opus: is not made with 2 kbit/s \(1 channel at 48000 Hz: 6 to 255 kbit/s"),
        (lossy("mp3", 44_100, 6, 256_000), r"mp3: is written with 1 or 2 channels, not 6"),
        (lossy("m4a", 96_000, 2, 256_000), r"m4a: holds no rate of 96000 Hz"),
        (OutputFormat("flac", 44_100, 2, Subtype.PCM_24, Dither.NONE, 256_000), "flac: .*no bit rate"),
        (OutputFormat("mp3", 44_100, 2, Subtype.PCM_24, Dither.NONE, 256_000), "mp3: holds no PCM_24"),
    ],
)
def test_what_an_encoder_does_not_make_is_refused_with_what_it_makes(output: OutputFormat, line: str) -> None:
    with pytest.raises(UsageError, match=line):
        check_output(output)


@pytest.mark.parametrize("key", LOSSY)
@pytest.mark.parametrize(("source_rate_hz", "channels"), [*itertools.product((8_000, 44_100, 37_800, 96_000), (1, 2))])
def test_every_rate_has_a_rate_and_a_bit_rate_that_are_made(key: str, source_rate_hz: int, channels: int) -> None:
    coding = format_named(key).lossy
    assert coding is not None
    rate_hz = coding.rate_for(source_rate_hz)
    assert rate_hz >= min(source_rate_hz, 48_000)
    check_output(lossy(key, rate_hz, channels))


def test_an_aiff_beyond_4_gib_is_refused_before_it_is_begun(tmp_path: Path) -> None:
    wanted = OutputFormat("aiff", 44_100, 2, Subtype.PCM_24, Dither.NONE)
    with pytest.raises(OutputError, match="4 GiB that aiff can hold"):
        AtomicWriter(tmp_path / "a.aiff", wanted, expected_frames=800_000_000)
    assert not list(tmp_path.iterdir())


def test_starting_again_leaves_nothing_of_the_first_attempt(tmp_path: Path) -> None:
    audio = tones(30_000, 48_000)
    for key in LOSSY:
        once = write(tmp_path / f"once.{key}", audio, lossy(key, 48_000)).read_bytes()
        with AtomicWriter(tmp_path / f"a.{key}", lossy(key, 48_000), expected_frames=len(audio)) as writer:
            for closes in (True, False):
                writer.write(audio[:20_000] * 2)
                if closes:
                    writer.write(audio[20_000:])
                    writer.close_audio()
                writer.restart()
            writer.write(audio)
            writer.commit(expected_frames=len(audio))
        assert (tmp_path / f"a.{key}").read_bytes() == once, key


def test_the_time_of_modification_is_set_to_the_nanosecond_before_the_file_appears(tmp_path: Path) -> None:
    moment = 1_234_567_890_123_456_789
    with AtomicWriter(tmp_path / "a.mp3", lossy("mp3", 44_100), expected_frames=5000) as writer:
        writer.write(tones(5000, 44_100))
        seen: list[int] = []
        writer.commit(mtime_ns=moment, ready=lambda path: seen.append(os.stat(path).st_mtime_ns))
    assert seen == [moment]
    assert (tmp_path / "a.mp3").stat().st_mtime_ns == moment


def test_a_file_that_is_finished_can_be_copied_and_goes_with_the_writer(tmp_path: Path) -> None:
    audio = tones(5000, 48_000)
    with AtomicWriter(None, lossy("opus", 48_000), expected_frames=len(audio)) as writer:
        writer.write(audio)
        finished = writer.finish(expected_frames=len(audio))
        (tmp_path / "copy").write_bytes(finished.read_bytes())
    assert not finished.exists()
    assert len(whole(tmp_path / "copy")) == len(audio)


@pytest.mark.unmeasured
@pytest.mark.parametrize("limit_bytes", [10_000, 60_000])
def test_a_disk_that_takes_no_more_gives_one_line_and_leaves_nothing(limit_bytes: int) -> None:
    # A file size limit fails the same system call as a full disk, with another number.
    program = """
import resource, signal, sys, os, tempfile
import numpy as np
from pathlib import Path
from auralis_cli.audio.writer import AtomicWriter
from auralis_cli.errors import OutputError
from auralis_cli.model.audio import Dither, OutputFormat, Subtype
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
noise = np.random.default_rng(1).uniform(-0.5, 0.5, (20_000, 2)).astype(np.float32)
for key in ("mp3", "opus", "ogg", "m4a", "aiff"):
    with tempfile.TemporaryDirectory() as folder:
        subtype, bitrate = (Subtype.PCM_16, None) if key == "aiff" else (Subtype.LOSSY, 192_000)
        wanted = OutputFormat(key, 48_000, 2, subtype, Dither.NONE, bitrate)
        try:
            with AtomicWriter(Path(folder, "a"), wanted, expected_frames=400_000) as writer:
                for _ in range(20):
                    writer.write(noise)
                writer.commit()
            print("written")
        except OutputError as error:
            print(error.why, os.listdir(folder))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(limit_bytes)], capture_output=True, text=True, timeout=120, check=True
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 5
    assert all(line.endswith(" []") and not line.startswith("written") for line in lines), lines
    assert done.stderr == ""


def test_a_page_of_ogg_carries_the_checksum_that_libogg_asks_for(tmp_path: Path) -> None:
    # libsndfile passes over pages whose checksum is wrong.
    path = write(tmp_path / "a.ogg", tones(20_000, 44_100), lossy("ogg", 44_100))
    data = bytearray(path.read_bytes())
    assert len(soundfile.read(path)[0]) == 20_000
    data[-1] ^= 1
    path.write_bytes(data)
    assert len(soundfile.read(path)[0]) < 20_000
