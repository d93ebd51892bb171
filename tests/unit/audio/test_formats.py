"""Every format of the registry: found by its content, as long and as early as what was encoded, told as it is."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from encoders import NO_ENCODER, RECIPES, Recipe, decoded_by_ffmpeg, delay_of, piece

from auralis_cli.audio.formats import FORMATS, READABLE, Decoder, LengthPromise, TagContainer
from auralis_cli.audio.reader import open_reader
from auralis_cli.model.audio import StreamInfo, Subtype

RECIPE_NAMES = [recipe.name for recipe in RECIPES]
EXACT = [recipe for recipe in RECIPES if recipe.exact_from is not None]
# ffmpeg takes the samples of RIFX for little-endian ones.
UNDERSTOOD = [recipe for recipe in RECIPES if recipe.name != "wav RIFX"]
LENGTHS = (1, 576, 1151, 1153, 2 * 44_100 + 7)


def made(folder: Path, recipe: Recipe, frames: int, extension: str | None = None) -> Path:
    if recipe.missing:
        pytest.skip(recipe.missing)
    path = folder / f"song{extension or recipe.extension}"
    recipe.encode(path, piece(frames, recipe.rate_hz), recipe.rate_hz)
    return path


def read(path: Path) -> tuple[StreamInfo, np.ndarray, tuple[str, ...]]:
    with open_reader(path) as reader:
        blocks = list(reader.blocks(4096))
        return reader.info, np.concatenate([np.empty((0, reader.info.channels), np.float32), *blocks]), reader.warnings


@pytest.mark.invariant("S3-ENG-18")
@pytest.mark.parametrize("row", FORMATS, ids=lambda row: row.key)
def test_every_extension_advertised_is_found_and_decoded(tmp_path: Path, row: object) -> None:
    from auralis_cli.audio.formats import AudioFormat

    assert isinstance(row, AudioFormat)
    recipes = [recipe for recipe in RECIPES if recipe.key == row.key]
    if not recipes:
        pytest.skip(NO_ENCODER[row.key])
    for extension in row.extensions:
        recipe = next((recipe for recipe in recipes if recipe.extension == extension), recipes[0])
        if recipe.missing:
            pytest.skip(recipe.missing)
        written = made(tmp_path, recipe, 6000, recipe.extension)
        path = written.rename(tmp_path / f"called{extension}")
        info, audio, warnings = read(path)
        assert info.format == row.key
        assert (info.sample_rate_hz % recipe.rate_hz, info.channels, warnings) == (0, 2, ())
        assert np.abs(audio).max() > 0.1


def test_the_registry_is_whole() -> None:
    extensions = [extension for row in FORMATS for extension in row.extensions]
    assert sorted(set(extensions) - {".mpc"}) == sorted(extension for extension in extensions if extension != ".mpc")
    assert all(extension == extension.lower() and extension.startswith(".") for extension in extensions)
    assert {row.tags for row in FORMATS} == set(TagContainer)
    assert all(row.decoders and row.mime.startswith("audio/") for row in FORMATS)
    assert all(row.length_note for row in FORMATS if row.length is LengthPromise.AS_DECODED)
    assert {row.key for row in FORMATS} == {recipe.key for recipe in RECIPES} | set(NO_ENCODER)


def test_the_readme_names_what_is_read(repository: Path) -> None:
    text = " ".join((repository / "README.md").read_text(encoding="utf-8").split())
    assert f"It reads {READABLE}, chosen by content." in text


@pytest.mark.invariant("S2-NEW-8")
@pytest.mark.parametrize("recipe", EXACT, ids=lambda recipe: recipe.name)
def test_n_frames_encoded_decode_to_n_frames_where_they_were(tmp_path: Path, recipe: Recipe) -> None:
    assert recipe.exact_from is not None
    for frames in LENGTHS:
        if frames < recipe.exact_from:
            continue
        source = piece(frames, recipe.rate_hz)
        info, audio, warnings = read(made(tmp_path, recipe, frames))
        assert len(audio) == frames
        assert warnings == ()
        if recipe.name != "caf alac":  # ffmpeg announces whole packets
            assert info.frames == frames
        if recipe.lossless:
            assert np.abs(audio - source).max() <= 2.0 ** -(recipe.bits - 1)
        elif frames == LENGTHS[-1]:
            assert delay_of(audio, source) == 0
            error = np.mean((audio - source)[2000:-2000].astype(np.float64) ** 2)
            assert 10 * np.log10(error / np.mean(source.astype(np.float64) ** 2)) < -20.0


@pytest.mark.parametrize("recipe", [r for r in RECIPES if r.exact_from is None], ids=lambda recipe: recipe.name)
def test_what_is_known_of_the_other_lengths_holds(tmp_path: Path, recipe: Recipe) -> None:
    """As the rows of the registry say: nothing is lost but what is named, and what stays is a packet or two."""
    frames = 88_207 if recipe.key not in ("dsf", "dff") else 6000
    source = piece(frames, recipe.rate_hz)
    info, audio, warnings = read(made(tmp_path, recipe, frames))
    times = info.sample_rate_hz // recipe.rate_hz
    assert warnings == ()
    assert -260 <= len(audio) // times - frames <= 2048
    assert abs(delay_of(audio[::times], source) - recipe.lag) <= (16 if times > 1 else 0)


@pytest.mark.ffmpeg
@pytest.mark.parametrize("recipe", UNDERSTOOD, ids=lambda recipe: recipe.name)
def test_ffmpeg_hears_the_same(tmp_path: Path, recipe: Recipe) -> None:
    path = made(tmp_path, recipe, 20_001 if recipe.key not in ("dsf", "dff") else 6000)
    info, ours, _ = read(path)
    theirs = decoded_by_ffmpeg(path, info.channels)
    late = delay_of(theirs, ours)
    assert late == (481 if recipe.key == "mpc8" else 0)
    length = min(len(ours), len(theirs) - late)
    assert length >= len(ours) - 1024  # it drops the end of some
    # DSD decoders differ in what they think came before the first bit.
    start = 100 if info.codec.startswith("dsd_") else 0
    difference = np.abs(ours[start:length] - theirs[late + start : late + length])
    assert difference.max() < (2e-3 if "ADPCM" in recipe.name else 2e-4), "ours is not what ffmpeg decodes"


PROBED = [
    (recipe, rate_hz, channels)
    for recipe in UNDERSTOOD
    for rate_hz, channels in ((48_000, 1), (recipe.rate_hz, 2))
    if recipe.key not in ("spx", "opus", "dsf", "dff") or rate_hz == recipe.rate_hz
]


@pytest.mark.ffmpeg
@pytest.mark.invariant("S1-L-01")
@pytest.mark.parametrize(("recipe", "rate_hz", "channels"), PROBED, ids=lambda value: getattr(value, "name", None))
def test_what_is_announced_is_what_ffprobe_reads(tmp_path: Path, recipe: Recipe, rate_hz: int, channels: int) -> None:
    if recipe.missing:
        pytest.skip(recipe.missing)
    path = tmp_path / f"a{recipe.extension}"
    recipe.encode(path, piece(9000, rate_hz, channels), rate_hz)
    info, audio, _ = read(path)
    stream = ffprobe(path)
    assert info.sample_rate_hz == int(stream["sample_rate"])
    assert info.channels == audio.shape[1] == int(stream["channels"])
    assert info.codec == stream["codec_name"]
    depth = int(stream.get("bits_per_raw_sample") or stream.get("bits_per_sample") or 0)
    if info.subtype.bits is not None and depth and recipe.key not in ("dsf", "dff"):
        assert info.subtype.bits == depth
    if recipe.exact_from is not None:
        assert info.frames is not None
        assert abs(info.frames - 9000) <= (4096 if recipe.name == "caf alac" else 0)


def ffprobe(path: Path) -> dict[str, str]:
    command = ["ffprobe", "-v", "error", "-show_streams", "-select_streams", "a:0", "-of", "json", str(path)]
    out = subprocess.run(command, capture_output=True, check=True, stdin=subprocess.DEVNULL).stdout
    found = json.loads(out)["streams"][0]
    return {name: str(value) for name, value in found.items()}


@pytest.mark.invariant("S1-L-01")
@pytest.mark.parametrize(("container", "subtype"), [
    ("WAV", "PCM_U8"), ("WAV", "PCM_16"), ("WAV", "PCM_24"), ("WAV", "PCM_32"), ("WAV", "FLOAT"), ("WAV", "DOUBLE"),
    ("W64", "PCM_24"), ("RF64", "PCM_16"), ("FLAC", "PCM_S8"), ("FLAC", "PCM_16"), ("FLAC", "PCM_24"),
    ("AIFF", "PCM_S8"), ("AIFF", "PCM_24"), ("AIFF", "FLOAT"), ("CAF", "PCM_24"), ("CAF", "DOUBLE"), ("AU", "PCM_32"),
])  # fmt: skip
@pytest.mark.parametrize(("rate_hz", "channels"), [(8000, 1), (44_100, 2), (192_000, 6)])
def test_what_is_announced_is_what_libsndfile_wrote(
    tmp_path: Path, container: str, subtype: str, rate_hz: int, channels: int
) -> None:
    path = tmp_path / "a"
    soundfile.write(path, piece(1234, rate_hz, channels), rate_hz, format=container, subtype=subtype)
    info, audio, _ = read(path)
    assert (info.sample_rate_hz, info.channels, info.frames) == (rate_hz, channels, 1234)
    assert audio.shape == (1234, channels)
    assert info.subtype.value == subtype.replace("_U8", "_8").replace("_S8", "_8")


@pytest.mark.ffmpeg
@pytest.mark.parametrize("key", ["wav", "w64", "flac", "aiff", "caf", "au", "ogg", "opus", "mp3"])
def test_both_decoders_read_the_same(tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = next(recipe for recipe in RECIPES if recipe.key == key and recipe.program in (None, "ffmpeg"))
    path = made(tmp_path, recipe, 50_000)
    results = []
    for first in Decoder:
        by_first = [(first,)]
        with monkeypatch.context() as patch:
            patch.setattr("auralis_cli.audio.reader.order_of_decoders", lambda _, by_first=by_first: by_first[0])
            results.append(read(path))
    (one, ours, _), (other, theirs, _) = results
    assert (one.sample_rate_hz, one.channels, one.subtype, one.codec) == (
        other.sample_rate_hz,
        other.channels,
        other.subtype,
        other.codec,
    )
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=2e-4)


def test_dsd_keeps_the_level_of_its_modulation(tmp_path: Path) -> None:
    """Full modulation is 0 dBFS; the 50 % that SACD calls 0 dB are -6 dBFS."""
    time_s = np.arange(8000) / 44_100
    sine = (0.5 * np.sin(2 * np.pi * 1000.0 * time_s))[:, None].astype(np.float32)
    for name in ("dsf", "dff"):
        recipe = next(recipe for recipe in RECIPES if recipe.key == name)
        path = tmp_path / f"a{recipe.extension}"
        recipe.encode(path, sine, 44_100)
        info, audio, _ = read(path)
        assert (info.sample_rate_hz, info.subtype) == (352_800, Subtype.FLOAT)
        middle = audio[8000:-8000, 0]
        phase = np.exp(-2j * np.pi * 1000.0 * np.arange(len(middle)) / 352_800) * np.hanning(len(middle))
        amplitude = 2 * np.abs(middle @ phase) / np.hanning(len(middle)).sum()
        assert 20 * np.log10(amplitude) == pytest.approx(-6.02, abs=0.1)


# What these decoders fill with noise of their own differs from run to run.
STEADY = [recipe for recipe in RECIPES if recipe.key != "wma"]


@pytest.mark.parametrize("recipe", STEADY, ids=lambda recipe: recipe.name)
def test_every_format_is_sought_in_to_the_sample(tmp_path: Path, recipe: Recipe) -> None:
    path = made(tmp_path, recipe, 60_000 if recipe.key not in ("dsf", "dff") else 4000)
    _, audio, _ = read(path)
    out = np.empty((2000, audio.shape[1]), np.float32)
    with open_reader(path) as reader:
        for start in (25_000, 0, 1, 11_111, len(audio) - 3, 30_000):
            reader.seek(start)
            count = reader.read_into(out)
            expected = audio[start : start + 2000]
            assert count == len(expected)
            np.testing.assert_allclose(out[:count], expected, atol=2e-4)
