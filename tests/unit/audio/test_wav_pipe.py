"""WAV for a pipe: headers that other programs read, with sizes that are true."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile
from wav_bytes import Trickle

from auralis_cli.audio.byte_input import ByteInput
from auralis_cli.audio.opening import open_audio
from auralis_cli.audio.wav_pipe import WavPipeWriter, wav_header
from auralis_cli.audio.wav_stream import read_wav_header
from auralis_cli.errors import OutputError, UsageError
from auralis_cli.model.audio import Dither, OutputFormat, Subtype
from auralis_cli.model.source import AudioSource


def output(subtype: Subtype, channels: int = 2, rate_hz: int = 48_000) -> OutputFormat:
    return OutputFormat("wav", rate_hz, channels, subtype, Dither.NONE)


@pytest.mark.parametrize("subtype", [Subtype.PCM_16, Subtype.PCM_24, Subtype.FLOAT])
@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8])
@pytest.mark.parametrize("frames", [1, 2, 1001])
def test_libsndfile_reads_what_was_written(subtype: Subtype, channels: int, frames: int) -> None:
    audio = np.random.default_rng(1).uniform(-1, 1, (frames, channels)).astype(np.float32)
    out, described = io.BytesIO(), output(subtype, channels)
    writer = WavPipeWriter(out, described, frames)
    for start in range(0, frames, 100):
        writer.write(audio[start : start + 100])
    writer.close()
    data = out.getvalue()
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    assert len(data) % 2 == 0
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        assert (file.samplerate, file.channels, file.frames) == (48_000, channels, frames)
        assert file.subtype == subtype
        read = file.read(dtype="float32", always_2d=True)
    assert np.abs(read - audio).max(initial=0.0) <= 2.0 ** -(subtype.bits or 0) * (subtype is not Subtype.FLOAT)
    with open_audio(AudioSource(None), Trickle(data, 999)) as reader:
        assert reader.info.frames == frames
        assert np.array_equal(np.concatenate([read[:0], *reader.blocks(64)]), read)


@pytest.mark.parametrize("subtype", [Subtype.PCM_24, Subtype.FLOAT])
def test_what_has_no_known_length_is_read_to_its_end(subtype: Subtype) -> None:
    audio = np.random.default_rng(1).uniform(-1, 1, (1001, 2)).astype(np.float32)
    out = io.BytesIO()
    writer = WavPipeWriter(out, output(subtype), None)
    writer.write(audio)
    writer.close()
    data = out.getvalue()
    assert data[4:8] == b"\xff\xff\xff\xff"
    with open_audio(AudioSource(None), Trickle(data, 999)) as reader:
        read = np.concatenate(list(reader.blocks(64)))
    assert np.abs(read - audio).max() <= 2.0 ** -(subtype.bits or 0) * (subtype is not Subtype.FLOAT)


@pytest.mark.parametrize("frames", [1 << 29, 715_827_881, 715_827_882, 1 << 40])
def test_beyond_4_gib_it_is_rf64(frames: int) -> None:
    header = wav_header(output(Subtype.PCM_24), frames)
    assert header[:4] == (b"RIFF" if frames * 6 < 0xFFFFF000 - 100 else b"RF64")
    layout = read_wav_header(ByteInput(Trickle(header + b"\0" * 64), "-", 1 << 20))
    assert layout is not None
    assert layout.info.frames == frames
    with soundfile.SoundFile(io.BytesIO(header + b"\0" * 600)) as file:
        assert (file.channels, file.subtype) == (2, "PCM_24")


def test_a_stream_shorter_than_its_header_says_is_no_success() -> None:
    writer = WavPipeWriter(io.BytesIO(), output(Subtype.PCM_16), 10)
    writer.write(np.zeros((9, 2), np.float32))
    with pytest.raises(OutputError, match="9 of 10"):
        writer.close()


def test_what_wav_cannot_hold_is_refused_before_the_first_byte() -> None:
    out = io.BytesIO()
    with pytest.raises(UsageError):
        WavPipeWriter(out, output(Subtype.LOSSY), 10)
    assert out.getvalue() == b""
