"""One file read for the library: what it is, whatever it claims, without decoding it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
import soundfile
from encoders import RECIPES, Recipe, piece
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutagen import MutagenError
from tagged_files import NEEDS_FFMPEG, SOURCES, encoded
from track_files import assert_plausible, record_of, stat_of, tags_by_mutagen, tags_of

from auralis_cli.audio import track_file
from auralis_cli.audio.file_window import FileWindow
from auralis_cli.audio.formats import FORMATS
from auralis_cli.audio.reader import open_reader
from auralis_cli.audio.track_file import read_track_file
from auralis_cli.errors import InputError, UnsupportedError
from auralis_cli.model.library import FileKind

_ODD_FILES = os.environ.get("AURALIS_ODD_FILES")
_RATE_HZ = 48_000
# Of whose tags only the beginning of the file is made.
_NO_AUDIO = ("ape", "mpc", "mpc8", "tak")
# Frames that a stream may seem longer than its music: its format does not say what is padding.
_PADDING_FRAMES = 4096


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tracks")


def tagged(folder: Path, name: str) -> Path:
    path = folder / f"in-{name}.bin"
    if not path.exists():
        SOURCES[name].make(path)
        SOURCES[name].tag(path)
    return path


def is_read_or_refused(path: Path) -> bool:
    """Whether the file has a record, which is plausible and has titles; it may be refused by one line instead."""
    refusal = None
    try:
        record = record_of(path)
    except InputError as error:
        refusal = str(error)
    if refusal is not None:
        assert len(refusal.splitlines()) == 1
        return False
    assert_plausible(record)
    assert all(track.tags.title for track in record.tracks)
    return True


@pytest.mark.ffmpeg
@pytest.mark.invariant("S1-L-01")
@pytest.mark.invariant("S3-ENG-18")
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_a_record_says_what_the_reader_of_the_same_file_does(recipe: Recipe, channels: int, tmp_path: Path) -> None:
    if recipe.missing:
        pytest.skip(recipe.missing)
    path = tmp_path / f"a{recipe.extension}"
    recipe.encode(path, piece(9000, recipe.rate_hz, channels), recipe.rate_hz)
    with open_reader(path) as reader:
        info = reader.info
    record = record_of(path)
    assert_plausible(record)
    assert (record.format, record.codec) == (recipe.key, info.codec)
    assert (record.sample_rate_hz, record.channels) == (info.sample_rate_hz, info.channels)
    assert record.lossless == (info.subtype != "LOSSY" or recipe.key in ("dsf", "dff"))
    if record.bits is not None and recipe.key not in ("dsf", "dff"):
        assert record.bits == info.subtype.bits
    assert record.duration_s is not None
    frames = record.duration_s * recipe.rate_hz
    if recipe.exact_from is None or recipe.name == "caf alac":
        assert abs(frames - 9000) <= _PADDING_FRAMES
    else:
        assert frames == pytest.approx(9000, abs=0.5)


@pytest.mark.invariant("S3-ENG-18")
def test_every_format_of_the_registry_is_in_the_matrix() -> None:
    made = {recipe.key for recipe in RECIPES} | set(_NO_AUDIO)
    assert made == {row.key for row in FORMATS}


@NEEDS_FFMPEG
@pytest.mark.parametrize("name", sorted(name for name in SOURCES if name not in _NO_AUDIO))
def test_our_parsers_and_mutagen_read_the_same_tags(name: str, folder: Path) -> None:
    path = tagged(folder, name)
    by_mutagen = tags_by_mutagen(path, SOURCES[name].key)
    ours = tags_of(path)
    assert replace(ours, title=by_mutagen.title) == by_mutagen
    assert ours.title == (by_mutagen.title or path.stem)
    assert (ours.genres, ours.moods) == (("Jazz", "Weird"), ("Calm", "Far away"))


def test_levels_that_are_stale_for_a_master_are_read_for_the_library(folder: Path) -> None:
    if not shutil.which("ffmpeg"):
        pytest.skip("needs ffmpeg")
    for name in ("flac", "mp3", "m4a", "wv", "wma"):
        assert tags_of(tagged(folder, name)).replaygain_track_gain_db == -7.0, name


@pytest.mark.skipif(not _ODD_FILES, reason="needs a folder of odd audio files: set AURALIS_ODD_FILES")
def test_every_odd_file_is_a_record_or_one_line() -> None:
    records = 0
    for path in sorted(Path(_ODD_FILES or ".").rglob("*")):
        if path.is_file():
            records += is_read_or_refused(path)
    assert records > 100


@pytest.mark.skipif(not _ODD_FILES, reason="needs a folder of odd audio files: set AURALIS_ODD_FILES")
def test_our_parsers_and_mutagen_read_the_same_tags_of_odd_files() -> None:
    different = []
    for path in sorted(Path(_ODD_FILES or ".").rglob("*")):
        try:
            record = record_of(path)
        except InputError:
            continue
        if path.suffix == ".cue" or record.format is None:
            continue
        try:
            theirs = tags_by_mutagen(path, record.format)
        except (MutagenError, ValueError):
            continue
        ours = record.tracks[0].tags
        # Dates mutagen writes anew, and an old tag's year before a newer tag's.
        names = {field.name for field in fields(theirs)} - {"date", "year"}
        said = {name: value for name in names if (value := getattr(theirs, name)) not in (None, ())}
        different += [(path.name, name) for name, value in said.items() if getattr(ours, name) != value]
    assert not different


@pytest.mark.invariant("S1-L-01")
def test_open_music_is_as_long_as_libsndfile_finds_it(corpus: Path) -> None:
    different = []
    for path in sorted(corpus.rglob("*")):
        if path.suffix in (".ogg", ".wav", ".flac"):
            record, info = record_of(path), soundfile.info(path)
            assert (record.sample_rate_hz, record.channels) == (info.samplerate, info.channels), path
            assert record.duration_s is not None
            if abs(record.duration_s * info.samplerate - info.frames) > 0.5:
                different.append(path.name)
    # Their first page tells that some frames were cut off before it.
    assert [name for name in different if not name.startswith("hr-savino")] == []


@st.composite
def _spoilt(draw: st.DrawFn, content: bytes) -> bytes:
    """A file cut, or with some bytes changed, most in its head and its tail."""
    data = bytearray(content)
    size = len(data)
    places = st.one_of(st.integers(0, min(size, 2000) - 1), st.integers(max(0, size - 300), size - 1))
    for place in draw(st.lists(places, max_size=6)):
        data[place] = draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]) | st.integers(0, 255))
    return bytes(data[: draw(st.just(size) | st.integers(0, size))])


@pytest.mark.invariant("S0-H06")
@NEEDS_FFMPEG
@pytest.mark.parametrize("name", sorted(SOURCES))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_spoilt_file_is_a_plausible_record_or_one_line(name: str, folder: Path, data: st.DataObject) -> None:
    path = folder / f"spoilt-{name}"
    path.write_bytes(data.draw(_spoilt(tagged(folder, name).read_bytes())))
    is_read_or_refused(path)


@pytest.mark.invariant("S0-H06")
@pytest.mark.parametrize(
    ("rate_hz", "channels", "why"),
    [(0, 2, "rate"), (7999, 2, "rate"), (1_000_000, 2, "rate"), (2**32 - 1, 1, "rate"), (44_100, 33, "channels")],
)
def test_a_header_of_impossible_sound_is_no_record(rate_hz: int, channels: int, why: str, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    head = rate_hz.to_bytes(4, "little")
    fmt = b"\1\0" + channels.to_bytes(2, "little") + head + head + (2 * channels).to_bytes(2, "little") + b"\x10\0"
    body = b"WAVEfmt \x10\0\0\0" + fmt + b"data\x64\0\0\0" + bytes(100)
    path.write_bytes(b"RIFF" + len(body).to_bytes(4, "little") + body)
    with pytest.raises(UnsupportedError, match=why):
        record_of(path)


def test_a_file_that_changed_since_the_scan_saw_it_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    encoded("FLAC", "PCM_16")(path)
    seen = stat_of(path)
    os.utime(path, ns=(1, 1))
    with pytest.raises(InputError, match="changed since it was found"):
        read_track_file(seen)
    path.unlink()
    with pytest.raises(InputError, match="does not exist"):
        read_track_file(seen)


def test_a_file_that_changes_while_it_is_read_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.flac"
    encoded("FLAC", "PCM_16")(path)

    def touched(descriptor: int, size_bytes: int) -> FileWindow:
        os.utime(path, ns=(1, 1))
        return FileWindow(descriptor, size_bytes)

    monkeypatch.setattr(track_file, "FileWindow", touched)
    with pytest.raises(InputError, match="changed while it was read"):
        record_of(path)


def test_what_is_no_file_or_no_audio_is_one_line_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp3")
    (tmp_path / "folder.mp3").mkdir()
    (tmp_path / "empty.mp3").touch()
    (tmp_path / "cover.mp3").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    for name, why in (("pipe", "not a file"), ("folder", "not a file"), ("empty", "is empty"), ("cover", "a picture")):
        with pytest.raises(InputError, match=why):
            record_of(tmp_path / f"{name}.mp3")


def test_names_that_are_no_unicode_are_read(tmp_path: Path) -> None:
    path = os.path.join(os.fspath(tmp_path), "\udcff.wav")
    soundfile.write(tmp_path / "a.wav", piece(100, _RATE_HZ), _RATE_HZ)
    os.rename(tmp_path / "a.wav", path)
    record = read_track_file(stat_of(path), os.fspath(tmp_path))
    assert record.stat.path == path
    assert record.tracks[0].tags.title == "\ufffd"


@NEEDS_FFMPEG
def test_nothing_heavy_is_imported_for_common_files(folder: Path) -> None:
    paths = [os.fspath(tagged(folder, name)) for name in ("flac", "mp3", "ogg", "opus", "m4a", "wav")]
    program = (
        "import os, sys\n"
        "from auralis_cli.audio.track_file import read_track_file\n"
        "from auralis_cli.model.library import FileStat\n"
        "for path in sys.argv[1:]:\n"
        "    s = os.stat(path)\n"
        "    read_track_file(FileStat(path, s.st_size, s.st_mtime_ns, s.st_dev, s.st_ino))\n"
        "print(sorted({'numpy', 'soundfile', 'av', 'mutagen', 'rich', 'numba'} & sys.modules.keys()))\n"
    )
    result = subprocess.run([sys.executable, "-c", program, *paths], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_a_sheet_is_a_file_of_its_own_kind(tmp_path: Path) -> None:
    (tmp_path / "a.CUE").write_text('FILE "a.wav" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n')
    record = record_of(tmp_path / "a.CUE")
    assert (record.kind, record.tracks, record.format) == (FileKind.SHEET, (), None)
    assert record.warnings == ("it names a.wav, which is not there",)
