"""Tags and covers across every pair of formats: one source of each kind, every format that is written."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from mutagen.mp4 import MP4
from mutagen.oggopus import OggOpus
from numpy.typing import NDArray
from tagged_files import COVER, FIELDS, NEEDS_FFMPEG, SOURCES, STALE, WRITTEN

from auralis_cli.audio.formats import FORMATS, format_named
from auralis_cli.audio.probe import sniff
from auralis_cli.audio.reader import open_reader
from auralis_cli.audio.tag_reading import READERS, read_tags
from auralis_cli.audio.tag_set import TagSet, is_stale
from auralis_cli.audio.tag_writing import WRITERS
from auralis_cli.audio.tags import copy_tags
from auralis_cli.audio.writer import AtomicWriter
from auralis_cli.model.audio import Dither, OutputFormat, Subtype

# Tags in text chunks of libsndfile's only, if at all.
_ONLY_TEXTS = {"w64", "caf", "au"}
_READ = {row.key for row in FORMATS}
_SOURCES = sorted(name for name, kind in SOURCES.items() if kind.key in _READ)
_RESULTS = sorted(name for name in WRITTEN if name in _READ or name == "rf64")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tags")


def tagged(folder: Path, name: str) -> Path:
    """A tagged file of that kind; made once."""
    path = folder / f"in-{name}.bin"
    if not path.exists():
        SOURCES[name].make(path)
        SOURCES[name].tag(path)
    return path


def untagged(folder: Path, name: str, tmp_path: Path) -> Path:
    """A file without tags, as a writer of ours leaves it."""
    made = folder / f"out-{name}.bin"
    if not made.exists():
        WRITTEN[name](made)
    return Path(shutil.copy(made, tmp_path / f"out-{name}.bin"))


def tags_of(path: Path) -> TagSet:
    with path.open("rb") as file:
        found = read_tags(file, sniff(path, file.fileno()).format.key)
    found.drop_stale()
    return found


def by_name(tags: TagSet) -> dict[str, list[str]]:
    return {name: texts for name, (_, texts) in tags.values().items()}


@pytest.mark.invariant("S3-ENG-18")
def test_every_format_that_is_read_has_a_reader_of_tags_and_every_written_one_a_writer() -> None:
    assert {row.key for row in FORMATS} == READERS.keys()
    assert {row.key for row in FORMATS if row.subtypes} <= WRITERS.keys()
    assert {kind.key for kind in SOURCES.values()} == READERS.keys() - _ONLY_TEXTS
    assert WRITTEN.keys() - {"rf64"} == WRITERS.keys()


@NEEDS_FFMPEG
@pytest.mark.parametrize("source", _SOURCES)
def test_every_kind_of_source_is_read_whole(source: str, folder: Path) -> None:
    found = tags_of(tagged(folder, source))
    assert by_name(found) == FIELDS
    assert [(cover.kind, cover.mime, cover.data) for cover in found.pictures] == [(3, "image/png", COVER)]
    assert found.report() == ()


@NEEDS_FFMPEG
@pytest.mark.parametrize("result", _RESULTS)
@pytest.mark.parametrize("source", _SOURCES)
def test_every_field_and_the_cover_survive_every_pair(source: str, result: str, folder: Path, tmp_path: Path) -> None:
    destination = untagged(folder, result, tmp_path)
    assert copy_tags(tagged(folder, source), destination) == ()
    found = tags_of(destination)
    assert {name: by_name(found).get(name) for name in FIELDS} == FIELDS
    assert [(cover.kind, cover.mime, cover.data) for cover in found.pictures] == [(3, "image/png", COVER)]
    assert not [name for name in by_name(found) if name in STALE]


@NEEDS_FFMPEG
@pytest.mark.parametrize("result", _RESULTS)
def test_ffprobe_reads_the_tags_and_the_cover_of_every_format_written(
    result: str, folder: Path, tmp_path: Path
) -> None:
    destination = untagged(folder, result, tmp_path)
    copy_tags(tagged(folder, "flac"), destination)
    command = ("ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(destination))
    said = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    tags: dict[str, str] = {}
    for part in (*(stream for stream in said["streams"] if stream["codec_type"] == "audio"), said["format"]):
        tags |= {name.lower(): value for name, value in part.get("tags", {}).items()}
    assert tags["title"] == "Naïve Ψ"
    assert tags["artist"].startswith("One")
    assert tags["album"] == "An album"
    assert tags["album_artist"] == "Various"
    assert tags["track"] in ("3", "3/12")
    assert tags["date"] == "1999-04-02"
    covers = [stream for stream in said["streams"] if stream["disposition"]["attached_pic"]]
    assert [cover["codec_name"] for cover in covers] == ["png"]


@NEEDS_FFMPEG
@pytest.mark.parametrize("result", _RESULTS)
def test_tagging_leaves_the_audio_alone_to_the_sample(result: str, folder: Path, tmp_path: Path) -> None:
    destination = untagged(folder, result, tmp_path)
    source = tmp_path / "big.flac"
    shutil.copy(tagged(folder, "flac"), source)
    _replace_cover(source, COVER + bytes(300_000))

    def samples() -> bytes:
        command = ("ffmpeg", "-v", "error", "-nostdin", "-i", str(destination), "-map", "0:a", "-f", "s16le", "-")
        return subprocess.run(command, check=True, capture_output=True).stdout

    before = samples()
    assert copy_tags(source, destination) == ()
    assert len(tags_of(destination).pictures[0].data) > 300_000
    assert samples() == before
    if result != "m4a":
        assert soundfile.info(destination).frames == 48_000


@pytest.mark.parametrize("key", [row.key for row in FORMATS if row.subtypes])
def test_what_our_writer_wrote_decodes_to_as_many_frames_with_tags_as_without(
    key: str, folder: Path, tmp_path: Path
) -> None:
    subtype = format_named(key).subtypes[0]
    bitrate_bps = 128_000 if subtype is Subtype.LOSSY else None
    output = OutputFormat(key, 48_000, 2, subtype, Dither.NONE, bitrate_bps)
    audio = (0.1 * np.random.default_rng(1).standard_normal((12_347, 2))).astype(np.float32)

    def decoded(path: Path) -> NDArray[np.float32]:
        with open_reader(path) as reader:
            return np.concatenate([block.copy() for block in reader.blocks(4096)])

    with AtomicWriter(tmp_path / f"out.{key}", output, expected_frames=len(audio)) as writer:
        writer.write(audio)
        writer.close_audio()
        before = decoded(writer.temporary_path)
        assert copy_tags(tagged(folder, "flac"), writer.temporary_path) == ()
        assert np.array_equal(decoded(writer.temporary_path), before)
        writer.commit(expected_frames=len(audio))
    assert len(before) == len(audio)


@pytest.mark.parametrize("container", ["WAV", "RF64", "AIFF"])
@pytest.mark.parametrize("frames", [1000, 1001])
def test_an_odd_number_of_bytes_of_audio_is_padded_before_the_tags(container: str, frames: int, tmp_path: Path) -> None:
    destination = tmp_path / "out.bin"
    audio = np.sin(np.arange(frames))[:, None]
    soundfile.write(destination, audio, 48_000, format=container, subtype="PCM_24")
    before = soundfile.read(destination, dtype="int32")[0]
    assert copy_tags(None, destination, (("title", "T"),)) == ()
    assert np.array_equal(soundfile.read(destination, dtype="int32")[0], before)
    assert by_name(tags_of(destination)) == {"title": ["T"]}
    size = int.from_bytes(destination.read_bytes()[4:8], "big" if container == "AIFF" else "little")
    if container == "RF64":
        size = int.from_bytes(destination.read_bytes()[20:28], "little")
    assert size == destination.stat().st_size - 8


def test_a_wav_file_that_has_no_room_left_is_left_as_it_is(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auralis_cli.audio.tag_writing._MAX_COUNTED_BYTES", 100_000)
    destination = untagged(folder, "wav", tmp_path)
    before = destination.read_bytes()
    assert copy_tags(None, destination, (("title", "T"),)) == (
        "tags were left out: they would take the file beyond the 4 GiB its header can count",
    )
    assert destination.read_bytes() == before


def _replace_cover(path: Path, data: bytes) -> None:
    from mutagen.flac import FLAC

    file = FLAC(path)
    picture = file.pictures[0]
    picture.data = data
    file.clear_pictures()
    file.add_picture(picture)
    file.save()


@NEEDS_FFMPEG
def test_what_the_encoder_says_of_its_own_result_stays(folder: Path, tmp_path: Path) -> None:
    opus = untagged(folder, "opus", tmp_path)
    file = OggOpus(opus)
    file["encoder"] = ["this one"]
    file.save()
    copy_tags(tagged(folder, "flac"), opus)
    assert OggOpus(opus)["encoder"] == ["this one"]
    m4a = untagged(folder, "m4a", tmp_path)
    mp4 = MP4(m4a)
    mp4["----:com.apple.iTunes:iTunSMPB"] = [b" 00000000 00000840 000001C0 0000000000000000"]
    mp4.save()
    copy_tags(tagged(folder, "flac"), m4a)
    assert MP4(m4a)["----:com.apple.iTunes:iTunSMPB"] == [b" 00000000 00000840 000001C0 0000000000000000"]
    assert not is_stale("title")


@NEEDS_FFMPEG
@pytest.mark.parametrize("result", _RESULTS)
def test_a_track_of_a_sheet_bears_what_the_sheet_says_and_the_album_of_the_file(
    result: str, folder: Path, tmp_path: Path
) -> None:
    destination = untagged(folder, result, tmp_path)
    sheet = (("title", "Track seven"), ("artist", "Its artist"), ("tracknumber", "7"), ("date", "2001"))
    assert copy_tags(tagged(folder, "mp3"), destination, sheet) == ()
    found = by_name(tags_of(destination))
    assert {name: found.get(name) for name, _ in sheet} == {name: [value] for name, value in sheet}
    assert found["album"] == FIELDS["album"]
    # Of the whole recording, not of this part of it.
    assert not {"isrc", "lyrics", "tracktotal", "musicbrainz_trackid"} & found.keys()
    assert len(tags_of(destination).pictures) == 1


@pytest.mark.parametrize("result", [name for name in _RESULTS if name != "m4a"])
def test_without_a_source_there_is_only_what_is_said_of_the_part(result: str, folder: Path, tmp_path: Path) -> None:
    destination = untagged(folder, result, tmp_path)
    assert copy_tags(None, destination) == ()
    assert copy_tags(None, destination, (("title", "T"), ("tracknumber", "7"))) == ()
    assert by_name(tags_of(destination)) == {"title": ["T"], "tracknumber": ["7"]}
