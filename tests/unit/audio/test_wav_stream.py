"""WAV through a pipe: every header that programs write there, to the last frame and not a byte more."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
import wav_bytes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from wav_bytes import ALAW, EXTENSIBLE, FLOAT, PCM, Trickle, chunk, ds64, fmt, wav

from auralis_cli.audio.opening import open_audio
from auralis_cli.audio.reader import AudioReader, open_reader
from auralis_cli.errors import AuralisError, InputError, UnsupportedError
from auralis_cli.model.audio import Subtype
from auralis_cli.model.source import AudioSource, DecodeLimits

Audio = NDArray[np.float32]
STDIN = AudioSource(None)
FRAMES = 1000
UNKNOWN = (0, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFF000, 0x7FFFF000, 0x7FFFFFFF, 0x80000000)


def through_pipe(data: bytes, piece: int = 4099) -> tuple[Audio, AudioReader]:
    """What is read of `data` when it comes in pieces, and the reader that read it."""
    with open_audio(STDIN, Trickle(data, piece)) as reader:
        blocks = list(reader.blocks(317))
    return np.concatenate(blocks or [np.zeros((0, reader.info.channels), np.float32)]), reader


def ramp(frames: int = FRAMES) -> Audio:
    """Two channels of int16 values, every one another."""
    whole = np.arange(2 * frames).reshape(-1, 2) * 13 % 65_536 - 32_768
    return (whole / 32_768).astype(np.float32)


def stored(audio: Audio, dtype: str = "<i2") -> bytes:
    return (audio * 32_768).astype(dtype).tobytes()


@pytest.mark.parametrize("piece", [1, 7, 4096, 1 << 20])
def test_short_reads_lose_nothing(piece: int) -> None:
    audio, reader = through_pipe(wav(stored(ramp())), piece)
    assert np.array_equal(audio, ramp())
    assert reader.warnings == ()
    assert (reader.info.frames, reader.info.format, reader.info.codec) == (FRAMES, "wav", "pcm_s16le")


@pytest.mark.parametrize("size", UNKNOWN)
@pytest.mark.parametrize("riff_size", [0, 36, 0xFFFFFFFF, 0x7FFFF024, None])
def test_a_size_that_means_unknown_reads_to_the_end_of_the_stream(size: int, riff_size: int | None) -> None:
    if size == 0 and riff_size is None:
        riff_size = 0  # a RIFF that counts what follows a data chunk of 0 bytes means what it says
    listed = chunk(b"LIST", b"INFOISFT\x0e\0\0\0Lavf59.27.100\0")
    audio, reader = through_pipe(wav(stored(ramp()), before=listed, data_size=size, riff_size=riff_size))
    assert np.array_equal(audio, ramp())
    assert reader.warnings == ()
    assert reader.info.frames is None


def test_chunks_before_and_after_the_audio_are_no_audio() -> None:
    odd = chunk(b"LIST", b"INFOIART\x03\0\0\0abc") + chunk(b"JUNK", b"x" * 27) + chunk(b"bext", b"\1" * 602)
    audio, reader = through_pipe(wav(stored(ramp()), before=odd, after=chunk(b"id3 ", b"ID3" + b"\7" * 998)))
    assert np.array_equal(audio, ramp())
    assert reader.warnings == ()


def test_what_follows_the_audio_is_taken_off_the_writers_hands() -> None:
    stream = Trickle(wav(stored(ramp()), after=chunk(b"id3 ", b"\7" * 300_000)), 65_536)
    with open_audio(STDIN, stream) as reader:
        assert sum(len(block) for block in reader.blocks(64)) == FRAMES
    assert stream.read() == b""


def test_what_never_ends_after_the_audio_is_left_alone() -> None:
    class Endless(Trickle):
        given = 0

        def read(self, size: int | None = -1) -> bytes:
            data = super().read(size) or b"\0" * (1 << 16)
            self.given += len(data)
            return data

    stream = Endless(wav(stored(ramp())), 65_536)
    with open_audio(STDIN, stream) as reader:
        assert sum(len(block) for block in reader.blocks(64)) == FRAMES
    assert stream.given < 100 << 20


def test_an_empty_data_chunk_with_tags_behind_is_empty() -> None:
    audio, reader = through_pipe(wav(b"", after=chunk(b"LIST", b"INFOIART\x04\0\0\0abc\0")))
    assert (len(audio), reader.info.frames, reader.warnings) == (0, 0, ())


@pytest.mark.parametrize("magic", [b"RF64", b"BW64"])
@pytest.mark.parametrize("known", [True, False])
def test_rf64_keeps_its_size_in_a_chunk_of_its_own(magic: bytes, known: bool) -> None:
    samples = stored(ramp())
    # ds64 stands in front of fmt.
    head = ds64(len(samples) if known else 0) + fmt()
    data = wav(samples, head=head, data_size=0xFFFFFFFF, riff_size=0xFFFFFFFF, magic=magic)
    audio, reader = through_pipe(data + (chunk(b"LIST", b"tags") if known else b""))
    assert np.array_equal(audio, ramp())
    assert reader.info.frames == (FRAMES if known else None)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.999])
def test_a_stream_that_breaks_off_is_used_as_far_as_it_goes_and_said_in_the_words_of_a_file(
    share: float, tmp_path: Path
) -> None:
    data = wav(stored(ramp()))
    cut = data[: 44 + 4 * round(share * FRAMES)]
    audio, reader = through_pipe(cut)
    (tmp_path / "cut.wav").write_bytes(cut)
    with open_reader(tmp_path / "cut.wav") as file:
        assert np.array_equal(audio, np.concatenate(list(file.blocks(512))))
        assert reader.warnings == file.warnings != ()


def test_a_stream_that_ends_within_a_frame_says_so() -> None:
    audio, reader = through_pipe(wav(stored(ramp()), data_size=0, riff_size=0)[:-3])
    assert len(audio) == FRAMES - 1
    assert reader.warnings == ("truncated: ends within a frame (1 of 4 bytes)",)


SUBTYPES = ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"]


@pytest.mark.parametrize("subtype", SUBTYPES)
@pytest.mark.parametrize("container", ["WAV", "WAVEX", "RF64"])
@pytest.mark.parametrize("endian", ["LITTLE", "BIG"])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_a_pipe_gives_the_samples_of_the_file_to_the_bit(
    subtype: str, container: str, endian: str, channels: int, tmp_path: Path
) -> None:
    if endian == "BIG" and container != "WAV":
        return  # RIFX is plain
    audio = np.random.default_rng(1).normal(0.0, 0.3, (2003, channels))
    path = tmp_path / "in.wav"
    soundfile.write(path, audio, 48_000, subtype=subtype, format=container, endian=endian)
    piped, reader = through_pipe(path.read_bytes())
    with open_reader(path) as file:
        assert np.array_equal(piped, np.concatenate(list(file.blocks(512))))
        assert reader.info == file.info


@pytest.mark.parametrize(("bits", "subformat"), [(16, PCM), (20, PCM), (24, PCM), (32, FLOAT)])
def test_extensible_headers_are_read(bits: int, subformat: int) -> None:
    samples = np.random.default_rng(2).normal(0.0, 0.3, 2 * FRAMES)
    width = -(-bits // 8)
    whole = (
        (samples * 2**31).clip(-(2**31), 2**31 - 1).astype("<i4") & -(1 << (32 - bits)) if subformat == PCM else None
    )
    body = (
        samples.astype("<f4").tobytes()
        if whole is None
        else whole.view(np.uint8).reshape(-1, 4)[:, 4 - width :].tobytes()
    )
    expected = samples.astype(np.float32) if whole is None else (whole / 2.0**31).astype(np.float32)
    audio, _ = through_pipe(wav(body, head=fmt(EXTENSIBLE, bits=bits, subformat=subformat)))
    assert np.array_equal(audio.reshape(-1), expected)


def test_values_beyond_full_scale_are_kept() -> None:
    body = np.array([2.5, -3.0, 1e300, -1e300], "<f8").tobytes()
    audio, _ = through_pipe(wav(body, head=fmt(FLOAT, channels=1, bits=64)))
    assert audio.reshape(-1).tolist() == [2.5, -3.0, np.inf, -np.inf]


@pytest.mark.ffmpeg
@pytest.mark.parametrize("codec", ["pcm_alaw", "pcm_mulaw", "adpcm_ms", "adpcm_ima_wav"])
def test_compressed_wav_is_read_as_from_a_file(codec: str, tmp_path: Path) -> None:
    import subprocess

    tone, path = tmp_path / "tone.wav", tmp_path / "in.wav"
    soundfile.write(tone, 0.5 * np.sin(np.arange(8000) * 0.1), 8000)
    subprocess.run(["ffmpeg", "-v", "error", "-i", tone, "-c:a", codec, path], check=True)
    piped, reader = through_pipe(path.read_bytes())
    with open_reader(path) as file:
        assert np.array_equal(piped, np.concatenate(list(file.blocks(512))))
        assert reader.info == file.info


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"", InputError, "-: is empty"),
        (b"y\n" * 100_000, UnsupportedError, "-: is not audio of a kind read here"),
        (wav(b"", head=fmt(rate_hz=1_000_000)), UnsupportedError, "-: has a rate of 1000000 Hz"),
        (wav(b"", head=fmt(channels=40)), UnsupportedError, "-: has 40 channels"),
        (wav(b"", head=b""), InputError, "-: is damaged wav"),
        (wav(b"", head=fmt()[:18]), InputError, "-: is damaged wav"),
        (wav(b"x" * 64, head=fmt(ALAW, channels=0, bits=8)), InputError, "-: is damaged wav"),
        (b"RIFF\0\0\0\0WAVE", InputError, "-: is damaged wav"),
        (wav(b"\0" * 800, head=fmt(bits=64)), InputError, "-: is damaged wav .*s64"),
    ],
)
def test_what_is_no_audio_is_refused_in_one_clear_line(data: bytes, kind: type[InputError], words: str) -> None:
    with pytest.raises(kind, match=f"^{words}"):
        through_pipe(data)


def test_a_pipe_can_be_sought_in_forwards_only() -> None:
    with open_audio(STDIN, Trickle(wav(stored(ramp())))) as reader:
        reader.seek(500)
        assert np.array_equal(next(reader.blocks(10)), ramp()[500:510])
        with pytest.raises(InputError, match="is a pipe"):
            reader.seek(3)


def test_a_redirected_file_can_be_sought_in() -> None:
    with open_audio(STDIN, io.BytesIO(wav(stored(ramp())))) as reader:
        for frame in (500, 3, 0, 999):
            reader.seek(frame)
            assert np.array_equal(next(reader.blocks(1)), ramp()[frame : frame + 1])


@pytest.mark.parametrize("size", [None, 0])
def test_no_more_is_read_than_the_limits_allow(size: int | None) -> None:
    data = wav(stored(ramp(44_100)), data_size=size, riff_size=size)
    short = AudioSource(None, limits=DecodeLimits(max_duration_s=0.5))
    with open_audio(short, Trickle(data, 65_536)) as reader, pytest.raises(InputError, match=r"longer.*--max-duration"):
        list(reader.blocks(1000))
    small = AudioSource(None, limits=DecodeLimits(max_bytes=100_000))
    stream = Trickle(data, 65_536)
    with open_audio(small, stream) as reader, pytest.raises(InputError, match=r"larger than 97.7 KiB .--max-size"):
        list(reader.blocks(1000))
    assert stream.tell() < 200_000


# ---- anything at all ---------------------------------------------------------------------------------------------

_SIZES = st.one_of(st.none(), st.sampled_from(UNKNOWN), st.integers(0, 5000), st.integers(0, 0xFFFFFFFF))
_NAMES = st.one_of(
    st.sampled_from([b"LIST", b"JUNK", b"fmt ", b"ds64", b"data", b"id3 "]), st.binary(min_size=4, max_size=4)
)
_CHUNKS = st.builds(chunk, _NAMES, st.binary(max_size=60), st.one_of(st.none(), _SIZES))
_FORMATS = st.one_of(
    st.builds(
        fmt,
        st.sampled_from([PCM, FLOAT, EXTENSIBLE, ALAW, 2]),
        st.integers(0, 5),
        st.sampled_from([0, 8000, 44_100, 96_000]),
        st.sampled_from([0, 4, 8, 12, 16, 20, 24, 32, 64]),
        subformat=st.sampled_from([PCM, FLOAT, ALAW]),
    ),
    st.builds(chunk, st.just(b"fmt "), st.binary(max_size=50)),
    st.just(b""),
)
_STREAMS = st.builds(
    lambda samples, head, before, after, data, riff, magic, cut: wav(
        samples, head=head, before=b"".join(before), after=b"".join(after), data_size=data, riff_size=riff, magic=magic
    )[:cut],
    st.binary(max_size=400),
    _FORMATS,
    st.lists(_CHUNKS, max_size=3),
    st.lists(_CHUNKS, max_size=2),
    _SIZES,
    _SIZES,
    st.sampled_from([b"RIFF", b"RIFX", b"RF64", b"BW64"]),
    st.one_of(st.none(), st.integers(0, 300)),
)


def reads_or_refuses(data: bytes, piece: int) -> None:
    """Whatever comes, it is audio of a legal shape or one clear refusal, and pieces make no difference."""
    outcomes: list[tuple[object, ...]] = []
    for size in (piece, 1 << 20):
        try:
            audio, reader = through_pipe(data, size)
        except AuralisError as error:
            outcomes.append((type(error), str(error)))
            continue
        assert audio.dtype == np.float32
        assert audio.shape[1] == reader.info.channels
        assert audio.nbytes <= 8 * len(data)
        if reader.info.subtype is not Subtype.LOSSY:  # which other decoders read, and count otherwise
            assert reader.info.frames is None or len(audio) <= reader.info.frames
        outcomes.append((audio.tobytes(), reader.warnings, reader.info))
    assert outcomes[0] == outcomes[1]


@given(_STREAMS, st.integers(1, 50))
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_any_header_is_read_or_refused(data: bytes, piece: int) -> None:
    reads_or_refuses(data, piece)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@given(_STREAMS, st.integers(1, 50))
@settings(max_examples=100_000, suppress_health_check=[HealthCheck.too_slow], derandomize=False)
def test_any_of_100_000_headers_is_read_or_refused(data: bytes, piece: int) -> None:
    reads_or_refuses(data, piece)


@given(
    st.integers(0, 300),
    st.sampled_from((None, *UNKNOWN)),
    st.lists(st.binary(max_size=40), max_size=3),
    st.integers(1, 64),
)
@settings(max_examples=100)
def test_every_frame_of_a_healthy_stream_arrives(frames: int, size: int | None, junk: list[bytes], piece: int) -> None:
    before = b"".join(chunk(b"JUNK", body) for body in junk)
    data = wav(stored(ramp(frames)), before=before, data_size=size, riff_size=None if size is None else 0xFFFFFFFF)
    audio, reader = through_pipe(data, piece)
    assert np.array_equal(audio, ramp(frames))
    assert reader.warnings == ()


def test_the_signals_of_this_module_are_what_they_say() -> None:
    """The hand-made headers are real WAV: libsndfile reads them too."""
    with soundfile.SoundFile(io.BytesIO(wav(stored(ramp())))) as file:
        assert np.array_equal(file.read(dtype="float32"), ramp())
    assert struct.unpack("<I", wav_bytes.wav(b"ab")[4:8]) == (38,)
