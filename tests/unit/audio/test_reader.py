"""Reading: decoders chosen by content, exact lengths, one clear line for what is no audio."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from auralis_cli.audio.reader import open_reader, probe
from auralis_cli.errors import InputError, UnsupportedError
from auralis_cli.model.audio import Subtype

RATE_HZ = 44_100
LENGTHS = (1, 2, 1151, 1152, 1153, 44_099, 44_100, 44_101)
# Format → what libsndfile calls it.
WRITTEN = {
    "wav": ("WAV", "PCM_16"),
    "aiff": ("AIFF", "PCM_16"),
    "flac": ("FLAC", "PCM_16"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}


def noise(frames: int, channels: int = 2) -> NDArray[np.float32]:
    return np.random.default_rng(1).uniform(-0.25, 0.25, (frames, channels)).astype(np.float32)


def whole(path: Path, block_frames: int = 4096) -> NDArray[np.float32]:
    with open_reader(path) as reader:
        return np.concatenate([np.empty((0, reader.info.channels), np.float32), *reader.blocks(block_frames)])


def encoded(path: Path, audio: NDArray[np.float32], name: str, rate_hz: int = RATE_HZ) -> Path:
    container, subtype = WRITTEN[name]
    soundfile.write(path, audio, rate_hz, format=container, subtype=subtype)
    return path


@pytest.mark.parametrize("name", WRITTEN)
def test_content_decides_not_the_name(tmp_path: Path, name: str) -> None:
    path = encoded(tmp_path / "song.txt", noise(20_000), name, 48_000)
    with open_reader(path) as reader:
        assert reader.info.format == name
        assert (reader.info.sample_rate_hz, reader.info.channels) == (48_000, 2)
        assert reader.info.subtype is (Subtype.PCM_16 if name in ("wav", "aiff", "flac") else Subtype.LOSSY)
        assert reader.warnings == ()


@pytest.mark.parametrize("frames", LENGTHS)
@pytest.mark.parametrize("name", ["wav", "aiff", "flac"])
def test_lossless_files_give_every_sample_back(tmp_path: Path, name: str, frames: int) -> None:
    whole_numbers = np.random.default_rng(frames).integers(-(2**15), 2**15, (frames, 2)).astype(np.int16)
    path = tmp_path / "a"
    soundfile.write(path, whole_numbers, RATE_HZ, format=name.upper(), subtype="PCM_16")
    np.testing.assert_array_equal(whole(path, 1000) * 32768.0, whole_numbers)


@pytest.mark.invariant("S2-NEW-8")
@pytest.mark.parametrize("frames", [1152, 1153, 44_100, 44_101])
@pytest.mark.parametrize(("name", "rate_hz"), [("ogg", 44_100), ("opus", 48_000)])
def test_lossy_files_are_as_long_as_what_was_encoded(tmp_path: Path, name: str, rate_hz: int, frames: int) -> None:
    path = encoded(tmp_path / "a", noise(frames), name, rate_hz)
    assert len(whole(path)) == frames


@pytest.mark.ffmpeg
@pytest.mark.invariant("S2-NEW-8")
@pytest.mark.parametrize("frames", [1151, 1152, 1200, 44_099, 44_100, 44_101])  # at 1153 ffmpeg's own tag says 1199
@pytest.mark.parametrize("options", [["-b:a", "192k"], ["-q:a", "2"]], ids=["cbr", "vbr"])
def test_mp3_with_a_lame_tag_is_as_long_and_as_early_as_what_was_encoded(
    tmp_path: Path, options: list[str], frames: int
) -> None:
    audio = tone(frames)
    path = mp3_by_ffmpeg(tmp_path, audio, *options)
    decoded = whole(path)
    assert len(decoded) == frames
    assert probe(path).frames == frames
    if frames > 40_000:
        middle = slice(1000, frames - 1000)
        assert np.abs(decoded[middle] - audio[middle]).max() < 0.01, "a shift by one sample gives 0.03"


@pytest.mark.ffmpeg
def test_vbr_mp3_without_a_header_is_read_to_its_end(tmp_path: Path) -> None:
    quiet, loud = tone(5 * RATE_HZ) * 0.0, noise(5 * RATE_HZ)
    audio = np.concatenate([quiet, loud])
    path = mp3_by_ffmpeg(tmp_path, audio, "-q:a", "0", "-write_xing", "0")
    with open_reader(path) as reader:
        assert reader.info.frames is None, "a length guessed from the size of the file is no claim"
        frames = sum(len(block) for block in reader.blocks(4096))
        assert reader.warnings == ()
    assert len(audio) <= frames <= len(audio) + 3 * 1152


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("start", [0, 1, 4095, 30_000, 95_999])
def test_seeking_is_exact_to_the_sample(tmp_path: Path, name: str, start: int) -> None:
    path = encoded(tmp_path / "a", noise(96_000), name, 48_000)
    expected = whole(path)
    with open_reader(path) as reader:
        out = np.empty((3000, 2), np.float32)
        reader.read_into(out)
        reader.seek(start)
        filled = reader.read_into(out)
    assert filled == min(3000, 96_000 - start)
    np.testing.assert_allclose(out[:filled], expected[start : start + filled], atol=2e-4 if name == "opus" else 1e-6)


@pytest.mark.parametrize("block_frames", [1, 17, 509, 9_999, 10_000, 10_001])
@pytest.mark.parametrize("name", ["flac", "mp3"])
def test_how_the_stream_is_cut_changes_no_sample(tmp_path: Path, name: str, block_frames: int) -> None:
    path = encoded(tmp_path / "a", noise(10_000), name, 48_000)
    np.testing.assert_array_equal(whole(path, block_frames), whole(path, 65_536))


def test_blocks_are_fresh_full_and_short_only_at_the_end(tmp_path: Path) -> None:
    path = encoded(tmp_path / "a", noise(2500), "flac")
    with open_reader(path) as reader:
        blocks = list(reader.blocks(1000))
        assert reader.read_into(np.empty((5, 2), np.float32)) == 0
    assert [len(block) for block in blocks] == [1000, 1000, 500]
    assert all(block.flags.c_contiguous and block.flags.owndata for block in blocks)


@pytest.mark.invariant("S1-M-09")
@pytest.mark.parametrize(
    ("rate_hz", "channels", "subtype"),
    [(96_000, 1, "PCM_24"), (8_000, 2, "PCM_16"), (192_000, 6, "PCM_24"), (384_000, 1, "PCM_16")],
)
@pytest.mark.parametrize("name", ["wav", "flac"])
def test_rate_channels_and_depth_are_the_sources(
    tmp_path: Path, name: str, rate_hz: int, channels: int, subtype: str
) -> None:
    path = tmp_path / "a"
    soundfile.write(path, noise(1000, channels), rate_hz, format=name.upper(), subtype=subtype)
    info = probe(path)
    assert (info.sample_rate_hz, info.channels, info.subtype.value, info.frames) == (rate_hz, channels, subtype, 1000)
    assert whole(path).shape == (1000, channels)


@pytest.mark.ffmpeg
@pytest.mark.invariant("S1-M-09")
def test_mono_mp3_at_its_own_rate_stays_so(tmp_path: Path) -> None:
    path = mp3_by_ffmpeg(tmp_path, noise(5000, 1), rate_hz=22_050)
    info = probe(path)
    assert (info.sample_rate_hz, info.channels, info.subtype) == (22_050, 1, Subtype.LOSSY)


def test_what_a_lossy_decoder_overshoots_is_kept(tmp_path: Path) -> None:
    square = np.sign(np.sin(2 * np.pi * 441.5 * np.arange(RATE_HZ) / RATE_HZ))[:, None].astype(np.float32) * 0.999
    for name in ("ogg", "mp3"):
        assert np.abs(whole(encoded(tmp_path / name, square, name))).max() > 1.0


@pytest.mark.parametrize("rate_hz", [7_999, 384_001])
def test_rates_beyond_the_limits_are_unsupported(tmp_path: Path, rate_hz: int) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, noise(10), rate_hz, subtype="PCM_16")
    with pytest.raises(UnsupportedError, match=f"{rate_hz} Hz"):
        open_reader(path)


def test_more_than_32_channels_are_unsupported(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, noise(10, 33), RATE_HZ, subtype="PCM_16")
    with pytest.raises(UnsupportedError, match="33 channels"):
        open_reader(path)


@pytest.mark.parametrize("name", [b"-rf.wav", b"caf\xe9 \xff.wav", b"new\nline.wav", "naïve ☂.wav".encode(), b" .wav"])
def test_odd_file_names_open(tmp_path: Path, name: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    encoded(tmp_path / "a.mp3", noise(3000), "mp3").rename(os.fsdecode(name))
    encoded(tmp_path / "a.wav", noise(3000), "wav").rename(os.fsdecode(b"w" + name))
    assert len(whole(Path(os.fsdecode(name)))) == 3000
    assert len(whole(Path(os.fsdecode(b"w" + name)))) == 3000


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("missing.wav", "does not exist"),
        ("-missing", "does not exist"),
        ("http://example.org/a.mp3", "download it first"),
        ("folder", "is a folder"),
        ("pipe", "is a named pipe"),
        ("socket", "is a socket"),
        ("/dev/zero", "is a device"),
        ("empty.wav", "is empty"),
        ("nothing/a.wav", "does not exist"),
        ("loop", "leads in a circle"),
        ("dangling", "leads nowhere"),
        ("a\0b", "no possible file name"),
        ("n" * 300, "no possible file name"),
    ],
)
def test_what_is_no_file_gives_one_clear_line(
    tmp_path: Path, name: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("empty.wav").touch()
    os.mkfifo("pipe")
    Path("loop").symlink_to("loop")
    Path("dangling").symlink_to("gone")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        with pytest.raises(InputError) as caught:
            open_reader(Path(name))
    assert line in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_gives_one_clear_line(tmp_path: Path) -> None:
    path = encoded(tmp_path / "a.wav", noise(10), "wav")
    path.chmod(0)
    with pytest.raises(InputError, match="permission denied"):
        open_reader(path)


@pytest.mark.invariant("S1-M-01")
@pytest.mark.parametrize(
    "content",
    [
        b"just some text, long enough to be looked at\n" * 100,
        b"\0" * 5000,
        b"\xff" * 5000,
        np.random.default_rng(7).bytes(200_000),
        b"ID3\x04\0\0\0\0\0\x0a" + b"\0" * 10 + b"no frames follow" * 100,
        b"RIFF\xff\xff\xff\xffAVI LIST" + b"\xff\xfb\x90\x00" * 1000,
        b"#EXTM3U\nhttp://example.org/a.mp3\n/etc/passwd\n",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    ],
)
def test_what_is_no_audio_raises_instead_of_sounding(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    with pytest.raises(UnsupportedError, match="not audio of a kind read here"):
        open_reader(path)


@pytest.mark.invariant("S1-M-01")
def test_noise_behind_the_head_of_an_mp4_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(b"\0\0\0\x20ftypM4A \0\0\0\0" + np.random.default_rng(8).bytes(100_000))
    with pytest.raises(InputError, match="is damaged m4a"):
        open_reader(path)


@pytest.mark.invariant("S1-M-01")
@pytest.mark.parametrize("name", ["flac", "ogg", "opus", "aiff"])
def test_a_header_without_audio_never_becomes_audio(tmp_path: Path, name: str) -> None:
    path = encoded(tmp_path / "a", noise(20_000), name, 48_000)
    path.write_bytes(path.read_bytes()[:60] + b"\x5a" * 40_000)
    try:
        frames = len(whole(path))
    except InputError:
        return
    assert name == "aiff" or frames == 0, "PCM is any bytes; a codec's frames are not"


@pytest.mark.parametrize("name", WRITTEN)
def test_truncated_audio_is_used_as_far_as_it_goes(tmp_path: Path, name: str) -> None:
    path = encoded(tmp_path / "a", noise(200_000), name, 48_000)
    expected = whole(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    with open_reader(path) as reader:
        got = np.concatenate(list(reader.blocks(70_000)))
        warnings = reader.warnings
    assert 0.4 < len(got) / len(expected) < 0.65  # Ogg pages are up to a second long
    np.testing.assert_allclose(got[:-4096], expected[: len(got) - 4096], atol=1e-6)
    if name not in ("ogg", "opus"):  # their length stands at their end only
        assert any("of the announced length" in line for line in warnings)


@pytest.mark.parametrize("frames", [40_000, 200_000])
def test_damage_in_a_flac_costs_the_same_frames_however_it_is_cut(tmp_path: Path, frames: int) -> None:
    path = encoded(tmp_path / "a", noise(frames), "flac")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    lengths = {len(whole(path, block_frames)) for block_frames in (1000, 4096, 65_536, 1 << 19)}
    assert len(lengths) == 1
    assert lengths.pop() > 0.4 * frames


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFF000])
def test_a_wav_header_written_to_a_pipe_is_read_to_the_end(tmp_path: Path, size: int) -> None:
    audio = noise(5000)
    path = encoded(tmp_path / "a", audio, "wav")
    expected, data = whole(path), path.read_bytes()
    at = data.index(b"data") + 4
    path.write_bytes(data[:at] + struct.pack("<I", size) + data[at + 4 :])
    np.testing.assert_array_equal(whole(path), expected)


def test_a_wav_of_3_gib_that_ends_early_is_truncated(tmp_path: Path) -> None:
    path = encoded(tmp_path / "a", noise(5000), "wav")
    data = path.read_bytes()
    at = data.index(b"data") + 4
    path.write_bytes(data[:at] + struct.pack("<I", 3 << 30) + data[at + 4 :])
    with open_reader(path) as reader:
        assert sum(len(block) for block in reader.blocks(4096)) == 5000
        assert any("of the announced length" in line for line in reader.warnings)


def test_chunks_after_an_empty_data_chunk_are_not_audio(tmp_path: Path) -> None:
    path = encoded(tmp_path / "a", noise(0), "wav")
    path.write_bytes(path.read_bytes() + b"LIST" + struct.pack("<I", 12) + b"INFOINAM\0\0\0\0")
    assert len(whole(path)) == 0


def test_a_boundless_claim_allocates_nothing(tmp_path: Path) -> None:
    path = encoded(tmp_path / "a", noise(10_000), "flac")
    data = bytearray(path.read_bytes())
    data[21] |= 0x0F  # STREAMINFO: 36 bits of total samples
    data[22:26] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    with open_reader(path) as reader:
        assert sum(len(block) for block in reader.blocks(4096)) == 10_000
        assert any("of the announced length" in line for line in reader.warnings)


@pytest.mark.parametrize("name", ["flac", "mp3"])
def test_an_id3_tag_in_front_hides_nothing(tmp_path: Path, name: str) -> None:
    path = encoded(tmp_path / "a", noise(20_000), name, 48_000)
    tag = b"ID3\x04\0\0" + bytes([0, 0, 23, 56]) + b"\0" * (23 * 128 + 56)
    path.write_bytes(tag + path.read_bytes())
    assert probe(path).format == name
    assert len(whole(path)) == 20_000


def test_reading_into_the_wrong_array_is_our_bug(tmp_path: Path) -> None:
    with open_reader(encoded(tmp_path / "a", noise(10), "wav")) as reader:
        for out in (np.empty((4, 1), np.float32), np.empty((4, 2)), np.empty((2, 4), np.float32).T):
            with pytest.raises(ValueError, match="C-ordered float32"):
                reader.read_into(out)  # type: ignore[arg-type]


def test_closing_gives_every_descriptor_back(tmp_path: Path) -> None:
    paths = [encoded(tmp_path / name, noise(5000), name, 48_000) for name in WRITTEN]
    (tmp_path / "bad").write_bytes(b"fLaC" + b"\0" * 1000)
    before = len(os.listdir("/dev/fd"))
    for path in paths:
        reader = open_reader(path)
        reader.read_into(np.empty((100, 2), np.float32))
        reader.close()
        reader.close()
    with pytest.raises(InputError):
        open_reader(tmp_path / "bad")
    # Of an earlier test one may have been closed meanwhile.
    assert len(os.listdir("/dev/fd")) <= before


def tone(frames: int) -> NDArray[np.float32]:
    line = 0.25 * np.sin(2 * np.pi * 997.0 * np.arange(frames) / RATE_HZ)
    return np.ascontiguousarray(np.stack([line, line], axis=1), np.float32)


def mp3_by_ffmpeg(folder: Path, audio: NDArray[np.float32], *options: str, rate_hz: int = RATE_HZ) -> Path:
    source, path = folder / "source.wav", folder / "out.mp3"
    soundfile.write(source, audio, rate_hz, subtype="FLOAT")
    program = shutil.which("ffmpeg") or "ffmpeg"
    command: list[str | Path] = [program, "-v", "error", "-y", "-i", source, "-c:a", "libmp3lame", *options, path]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path
