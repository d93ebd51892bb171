"""Odd, broken and hostile files: each is read as far as it goes, and says so, or refused with one line."""

from __future__ import annotations

import os
import resource
import struct
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from encoders import RECIPES, Recipe, piece

from auralis_cli.audio.opening import open_audio
from auralis_cli.audio.reader import FileReader, open_reader
from auralis_cli.errors import InputError
from auralis_cli.model.source import AudioSource, DecodeLimits

_FOLDER = os.environ.get("AURALIS_ODD_FILES")
_MOST_FRAMES = 200_000_000
# Of a processor.
_MOST_SECONDS = 10.0
_MOST_MIB = 300
# Streams that state no length at all, and ADPCM, which states it in blocks.
UNANNOUNCED = ("adts", "ac3", "eac3", "eac3 short name", "mp2", "wav IMA ADPCM", "wav MS ADPCM")


def outcome(path: Path) -> tuple[int, tuple[str, ...], str | None]:
    """Frames and warnings, or why not; however it goes, soon, within memory and in one line."""
    began, before_kib = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    frames, warnings, failure = whole_file(path)
    if failure is not None:
        assert failure.exit_code == 4
        assert len(str(failure).splitlines()) == 1
        assert str(failure).startswith(f"{path}: ")
        assert 0 < len(failure.why) < 240
    assert all(len(line.splitlines()) == 1 for line in warnings)
    assert time.process_time() - began < _MOST_SECONDS
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib) >> 10 < _MOST_MIB
    return frames, warnings, failure.why if failure else None


def whole_file(path: Path) -> tuple[int, tuple[str, ...], InputError | None]:
    frames = 0
    try:
        with open_reader(path) as reader:
            for block in reader.blocks(1 << 16):
                frames += len(block)
                assert frames < _MOST_FRAMES, path
            return frames, reader.warnings, None
    except InputError as error:
        return frames, (), error


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Recipe], bytes]:
    """A file of each recipe, made once."""
    folder, made = tmp_path_factory.mktemp("samples"), dict[str, bytes]()

    def sample(recipe: Recipe) -> bytes:
        if recipe.missing:
            pytest.skip(recipe.missing)
        if recipe.name not in made:
            path = folder / f"a{recipe.extension}"
            frames = 300_000 if recipe.key not in ("dsf", "dff") else 8000
            recipe.encode(path, piece(frames, recipe.rate_hz), recipe.rate_hz)
            made[recipe.name] = path.read_bytes()
        return made[recipe.name]

    return sample


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_a_file_cut_anywhere_is_used_as_far_as_it_goes_and_says_so(
    tmp_path: Path, recipe: Recipe, samples: Callable[[Recipe], bytes]
) -> None:
    data, path = samples(recipe), tmp_path / f"a{recipe.extension}"
    path.write_bytes(data)
    whole, warnings, why = outcome(path)
    assert (warnings, why) == ((), None)
    for share in (0.01, 0.1, 0.5, 0.9, 0.99):
        path.write_bytes(data[: int(len(data) * share)])
        frames, warnings, why = outcome(path)
        if why is None:
            assert frames <= whole
            if share in (0.5, 0.9) and recipe.name not in UNANNOUNCED:
                assert any(line.startswith("truncated: ") for line in warnings), (share, frames, whole, warnings)
                assert frames >= whole * share - 50_000  # a page or a packet of a second
        elif recipe.name != "caf alac" and recipe.key not in ("m4a", "mpc8"):  # their maps stand at their ends
            assert share <= 0.1, why
    for size in (1, 4):
        path.write_bytes(data[:size])
        assert outcome(path)[2] is not None


@pytest.mark.ffmpeg
def test_an_mp4_with_its_map_in_front_is_used_as_far_as_it_goes(tmp_path: Path) -> None:
    from encoders import by_ffmpeg

    for codec in ("aac", "alac"):
        path = tmp_path / f"{codec}.m4a"
        by_ffmpeg("-c:a", codec, "-movflags", "+faststart")(path, piece(80_000, 44_100), 44_100)
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
        frames, warnings, why = outcome(path)
        assert why is None
        assert 30_000 < frames < 55_000
        assert any(line.startswith("truncated: ") for line in warnings)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_bytes_overwritten_with_noise_cost_sound_and_no_more(
    tmp_path: Path, recipe: Recipe, samples: Callable[[Recipe], bytes]
) -> None:
    rng = np.random.default_rng(5)
    data = samples(recipe)
    path = tmp_path / "a"
    for start, size in ((12, 40), (60, 400), (len(data) // 2, 3000), (len(data) - 200, 200)):
        path.write_bytes(data[:start] + rng.bytes(size) + data[start + size :])
        outcome(path)


STRANGERS: dict[str, tuple[bytes, str]] = {
    "OptimFROG": (b"OFR \x11\0\0\0" + b"\0" * 500, "OptimFROG"),
    "AAC in ADIF": (b"ADIF\0\x3e\x80" + b"\0" * 500, "AAC in ADIF"),
    "Musepack 4 to 6": (b"\xc1\x27\x20\x00\xa7\x00" + b"\x9d" * 500, "not audio of a kind read here"),
    "MIDI": (b"MThd\0\0\0\x06\0\1" + b"\0" * 100, "holds notes and no sound"),
    "Matroska": (b"\x1aE\xdf\xa3" + b"\0" * 500, "Matroska"),
    "playlist": (b"#EXTM3U\n/etc/passwd\n", "a playlist"),
    "picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "a picture"),
    "archive": (b"PK\x03\x04" + b"\0" * 100, "a ZIP archive"),
    "text": (b"once upon a time\n" * 100, "not audio of a kind read here"),
    "text like a box": (b"The free encyclopedia\n" * 100, "not audio of a kind read here"),
    "Ogg with pictures only": (
        b"OggS\0\x02" + b"\0" * 8 + b"abcd" + b"\0" * 8 + b"\x01\x2a\x80theora" + b"\0" * 40,
        "not audio of a kind read here",
    ),
    "DSDIFF with DST": (
        b"FRM8" + struct.pack(">Q", 200) + b"DSD FVER" + struct.pack(">QI", 4, 0x01050000)
        + b"PROP" + struct.pack(">Q", 62) + b"SND FS  " + struct.pack(">QI", 4, 2_822_400)
        + b"CHNL" + struct.pack(">QH", 10, 2) + b"SLFTSRGT" + b"CMPR" + struct.pack(">Q", 6) + b"DST \0\0",
        "is DSD compressed with DST",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", STRANGERS)
def test_what_is_not_read_is_refused_by_saying_what_it_is(tmp_path: Path, kind: str) -> None:
    content, words = STRANGERS[kind]
    path = tmp_path / "song.mp3"
    path.write_bytes(content)
    why = outcome(path)[2]
    assert why is not None
    assert words in why


def wav(path: Path, samples: np.ndarray, subtype: str = "PCM_16") -> bytearray:
    soundfile.write(path, samples, 44_100, format="WAV", subtype=subtype)
    return bytearray(path.read_bytes())


@pytest.mark.parametrize("riff_size", [0, 1, 0x7FFFFFFF, 0xFFFFFFFF])
@pytest.mark.parametrize("data_size", [0, 0xFFFFFFFF, None])
def test_wrong_sizes_in_a_wav_header_lose_nothing(tmp_path: Path, riff_size: int, data_size: int | None) -> None:
    path = tmp_path / "a.wav"
    data = wav(path, piece(5000, 44_100))
    data[4:8] = struct.pack("<I", riff_size)
    if data_size is not None:
        at = data.index(b"data") + 4
        data[at : at + 4] = struct.pack("<I", data_size)
    path.write_bytes(data)
    assert outcome(path) == (5000, (), None)


def test_an_odd_number_of_bytes_and_a_half_frame_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    wav(path, piece(4999, 44_100, 1), "PCM_U8")
    assert outcome(path) == (4999, (), None)
    path.write_bytes(wav(path, piece(5000, 44_100))[:-3])
    frames, warnings, _ = outcome(path)
    assert frames == 4999
    assert warnings == ("truncated: 99.9 % of the announced length is there",)


def test_nan_and_infinity_come_through_as_they_are(tmp_path: Path) -> None:
    audio = piece(5000, 44_100)
    audio[1000, 0], audio[2000, 1] = np.nan, -np.inf
    path = tmp_path / "a.wav"
    wav(path, audio, "FLOAT")
    with open_reader(path) as reader:
        np.testing.assert_array_equal(np.concatenate(list(reader.blocks(999))), audio)


@pytest.mark.invariant("S1-M-30")
def test_a_huge_file_of_nothing_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    wav(path, piece(5000, 44_100))
    os.truncate(path, 1 << 40)
    began = time.process_time()
    with pytest.raises(InputError, match=r"is larger than 32 GiB.*--max-size"):
        open_audio(AudioSource(path))
    # Reading it would take minutes of a processor.
    assert time.process_time() - began < 1.0


@pytest.mark.invariant("S1-M-30")
def test_a_stream_longer_than_allowed_is_refused_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, np.zeros((44_100 * 20, 1), np.float32), 44_100)
    data = bytearray(path.read_bytes())
    data[21:26] = bytes([data[21] & 0xF0, 0, 0, 0, 0])  # "length unknown"
    path.write_bytes(data)
    limits = DecodeLimits(max_duration_s=10.0)
    taken = 0
    with open_audio(AudioSource(path, limits=limits)) as reader, pytest.raises(InputError, match="--max-duration"):
        for block in reader.blocks(1000):
            taken += len(block)
    assert taken <= 10 * 44_100
    with open_audio(AudioSource(path, limits=DecodeLimits(max_duration_s=20.0))) as reader:
        assert sum(len(block) for block in reader.blocks(1000)) == 20 * 44_100


@pytest.mark.invariant("S1-M-30")
@pytest.mark.parametrize(
    "recipe", [r for r in RECIPES if r.lossless or r.key in ("ogg", "mp3", "m4a")], ids=lambda recipe: recipe.name
)
def test_a_header_that_announces_more_than_allowed_is_refused_unread(
    tmp_path: Path, recipe: Recipe, samples: Callable[[Recipe], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    if recipe.name == "mp2":
        return  # announces nothing
    path = tmp_path / f"a{recipe.extension}"
    path.write_bytes(samples(recipe))
    monkeypatch.setattr(FileReader, "read_into", None)
    with pytest.raises(InputError, match=r"a\.\w+: is longer than 0:05 \(--max-duration"):
        open_audio(AudioSource(path, limits=DecodeLimits(max_duration_s=5.0)))
    open_audio(AudioSource(path, limits=DecodeLimits(max_duration_s=7.0))).close()


def test_a_claim_that_the_size_belies_refuses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, piece(10_000, 44_100), 44_100, subtype="PCM_16")
    data = bytearray(path.read_bytes())
    CLAIMS["flac of 2^36 samples"](data)
    path.write_bytes(data)
    with open_audio(AudioSource(path)) as reader:
        assert sum(len(block) for block in reader.blocks(4096)) == 10_000
        assert any(line.startswith("truncated: ") for line in reader.warnings)


def test_a_file_that_goes_on_without_audio_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    soundfile.write(path, piece(50_000, 44_100), 44_100, format="MP3", subtype="MPEG_LAYER_III")
    os.truncate(path, 8 << 30)
    frames, warnings, why = outcome(path)
    assert why is None
    assert frames >= 50_000
    assert any("the rest was not read" in line for line in warnings)


CLAIMS: dict[str, Callable[[bytearray], None]] = {
    "flac of 2^36 samples": lambda data: data.__setitem__(slice(21, 26), bytes([data[21] | 0x0F, 255, 255, 255, 255])),
    "wav of 4 GiB": lambda data: data.__setitem__(slice(40, 44), b"\xf0\xff\xff\x7e"),
    "aiff of 2^32 frames": lambda data: data.__setitem__(slice(22, 26), b"\xff\xff\xff\xff"),
    "au of 1 GiB": lambda data: data.__setitem__(slice(8, 12), b"\x3f\xff\xff\xf0"),
    "w64 of 2^60 bytes": lambda data: data.__setitem__(
        slice((at := data.index(b"data") + 16), at + 8), struct.pack("<Q", 1 << 60)
    ),
    "caf of 2^60 bytes": lambda data: data.__setitem__(
        slice((at := data.index(b"data") + 4), at + 8), struct.pack(">q", 1 << 60)
    ),
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_boundless_claim_allocates_nothing_and_is_told(tmp_path: Path, claim: str) -> None:
    container = claim.split()[0].upper()
    path = tmp_path / "a"
    soundfile.write(path, piece(10_000, 44_100), 44_100, format=container, subtype="PCM_16")
    data = bytearray(path.read_bytes())
    CLAIMS[claim](data)
    path.write_bytes(data)
    frames, warnings, why = outcome(path)
    assert (frames, why) == (10_000, None)
    assert any(line.startswith("truncated: ") for line in warnings)


@pytest.mark.invariant("S1-M-30")
def test_no_room_is_made_for_sixteen_million_channels(tmp_path: Path) -> None:
    path = tmp_path / "a"
    soundfile.write(path, piece(10_000, 44_100), 44_100, format="CAF", subtype="ALAC_16")
    data = bytearray(path.read_bytes())
    data[44:48] = struct.pack(">I", 0xFFFFFF)
    # FFmpeg is asked where libsndfile gives up: at a chunk larger than all there is, which describes them each.
    data[52:52] = b"chan" + struct.pack(">q8xI", 1 << 50, 0xFFFFFF)
    path.write_bytes(data)
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (outcome(path)[2] or "").endswith("PyAV: it announces 16777215 channels)")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 50 << 10


@pytest.mark.skipif(not _FOLDER, reason="needs a folder of odd audio files: set AURALIS_ODD_FILES")
@pytest.mark.invariant("S1-M-01")
def test_other_projects_odd_files_are_read_or_refused_with_one_line() -> None:
    paths = sorted(path for path in Path(_FOLDER or "").rglob("*") if path.is_file())
    assert len(paths) > 50
    refused = [path for path in paths if outcome(path)[2] is not None]
    assert 0 < len(refused) < len(paths)


@pytest.mark.ffmpeg
def test_a_codec_nobody_knows_is_refused(tmp_path: Path, samples: Callable[[Recipe], bytes]) -> None:
    recipe = next(recipe for recipe in RECIPES if recipe.name == "aac")
    path = tmp_path / "a.m4a"
    path.write_bytes(samples(recipe).replace(b"mp4a", b"zzzz").replace(b"esds", b"zzzz"))
    assert outcome(path)[2] == "is damaged m4a (its codec is unknown)"


def damaged(data: bytes, rng: np.random.Generator) -> bytes:
    """Some bytes changed, taken out or put in, mostly in the headers."""
    out = bytearray(data)
    for _ in range(rng.integers(1, 12)):
        at = int(rng.integers(0, max(1, min(len(out), int(rng.choice([64, 512, len(data)]))))))
        kind = rng.random()
        if kind < 0.5:
            out[at : at + 1] = rng.bytes(1)
        elif kind < 0.7:
            out[at : at + 4] = (b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f")[rng.integers(4)]
        elif kind < 0.85:
            del out[at : at + int(rng.integers(1, 50))]
        else:
            out[at:at] = rng.bytes(int(rng.integers(1, 20)))
    return bytes(out)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_no_damage_among_a_hundred_thousand_does_harm(tmp_path: Path, samples: Callable[[Recipe], bytes]) -> None:
    """Decoders of others, each damaged a few thousand times: an answer or one line, soon, within memory."""
    recipes = [recipe for recipe in RECIPES if not recipe.missing]
    rng = np.random.default_rng(11)
    path = tmp_path / "a"
    for number in range(100_000):
        path.write_bytes(damaged(samples(recipes[number % len(recipes)])[:60_000], rng))
        outcome(path)
