"""Tags and covers go along between every pair of formats, less what is no longer true."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile
from mutagen.aiff import AIFF
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, COMM, TCOM, TCON, TDRC, TIT2, TPE1, TPE2, TPOS, TRCK, TSRC, TXXX, UFID, USLT
from mutagen.mp3 import MP3
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

from auralis_cli.audio.tags import copy_tags

RATE_HZ = 48_000
COVER = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
# Field as in Vorbis comments: values expected at the destination.
FIELDS = {
    "title": ["Naïve Ψ"],
    "artist": ["One", "Two"],
    "albumartist": ["Various"],
    "tracknumber": ["3"],
    "discnumber": ["1"],
    "date": ["1999-04-02"],
    "genre": ["Jazz"],
    "composer": ["C. Composer"],
    "comment": ["Said of it"],
    "lyrics": ["la la"],
    "isrc": ["GBAYE0000001"],
    "my own field": ["kept"],
}
STALE = {"replaygain_track_gain": "-7 dB", "r128_track_gain": "-100", "encoder": "LAME 3.100"}
WRITTEN = {
    "wav": ("WAV", "PCM_16"), "flac": ("FLAC", "PCM_16"), "aiff": ("AIFF", "PCM_16"),
    "ogg": ("OGG", "VORBIS"), "opus": ("OGG", "OPUS"), "mp3": ("MP3", "MPEG_LAYER_III"),
}  # fmt: skip


def cover() -> Picture:
    picture = Picture()
    picture.type, picture.mime, picture.desc, picture.data = 3, "image/png", "front", COVER
    return picture


def id3_frames() -> list[object]:
    return [
        TIT2(text=FIELDS["title"]), TPE1(text=FIELDS["artist"]), TPE2(text=FIELDS["albumartist"]),
        TRCK(text=["3/12"]), TPOS(text=["1/2"]), TDRC(text=FIELDS["date"]), TCON(text=FIELDS["genre"]),
        TCOM(text=FIELDS["composer"]), COMM(lang="eng", desc="", text=FIELDS["comment"]),
        USLT(lang="eng", desc="", text=FIELDS["lyrics"][0]), TSRC(text=FIELDS["isrc"]),
        TXXX(desc="my own field", text=["kept"]), TXXX(desc="REPLAYGAIN_TRACK_GAIN", text=["-7 dB"]),
        UFID(owner="http://musicbrainz.org", data=b"0f0f"), APIC(mime="image/png", type=3, desc="front", data=COVER),
    ]  # fmt: skip


def tagged(folder: Path, name: str) -> Path:
    container, subtype = WRITTEN[name]
    path = folder / f"in.{name}"
    tone = 0.1 * np.sin(np.arange(4 * RATE_HZ)[:, None] / 20.0).repeat(2, axis=1)
    soundfile.write(path, tone, RATE_HZ, format=container, subtype=subtype)
    kinds: dict[str, Any] = {"wav": WAVE, "aiff": AIFF, "mp3": MP3, "flac": FLAC, "ogg": OggVorbis, "opus": OggOpus}
    file: Any = kinds[name](path)
    if name in ("wav", "aiff", "mp3"):
        if file.tags is None:
            file.add_tags()
        for frame in id3_frames():
            file.tags.add(frame)
    else:
        for field, values in FIELDS.items():
            file[field] = values
        file["tracktotal"], file["disctotal"], file["musicbrainz_trackid"] = ["12"], ["2"], ["0f0f"]
        for field, value in STALE.items():
            file[field] = [value]
        if name == "flac":
            file.add_picture(cover())
        else:
            file["metadata_block_picture"] = [base64.b64encode(cover().write()).decode()]
    file.save()
    return path


def plain(folder: Path, name: str) -> Path:
    container, subtype = WRITTEN[name]
    path = folder / f"out.{name}"
    soundfile.write(path, np.zeros((1000, 2)), RATE_HZ, format=container, subtype=subtype)
    return path


def id3_text(tags: Any, frame: str) -> list[str]:
    found = tags.getall(frame)
    return [str(text) for text in found[0].text] if found else []


@pytest.mark.parametrize("source", WRITTEN)
def test_every_field_and_the_cover_arrive_in_flac(source: str, tmp_path: Path) -> None:
    destination = plain(tmp_path, "flac")
    assert copy_tags(tagged(tmp_path, source), destination) == ()
    found = FLAC(destination)
    assert {field: found.get(field) for field in FIELDS} == FIELDS
    assert found["tracktotal"] == ["12"]
    assert found["musicbrainz_trackid"] == ["0f0f"]
    assert [picture.data for picture in found.pictures] == [COVER]
    assert found.pictures[0].type == 3
    assert not [name for name in found if name.lower() in STALE]


@pytest.mark.parametrize("source", WRITTEN)
def test_every_field_and_the_cover_arrive_in_wav(source: str, tmp_path: Path) -> None:
    destination = plain(tmp_path, "wav")
    assert copy_tags(tagged(tmp_path, source), destination) == ()
    tags: Any = WAVE(destination).tags
    assert id3_text(tags, "TIT2") == FIELDS["title"]
    assert id3_text(tags, "TPE1") == FIELDS["artist"]
    assert id3_text(tags, "TRCK") == ["3/12"]
    assert id3_text(tags, "TDRC") == FIELDS["date"]
    assert id3_text(tags, "TXXX:my own field") == ["kept"]
    assert [frame.data for frame in tags.getall("APIC")] == [COVER]
    assert not [frame for frame in tags.getall("TXXX") if "REPLAYGAIN" in frame.desc.upper()]
    # The audio is untouched and still opens.
    assert soundfile.info(destination).frames == 1000


@pytest.mark.parametrize("name", ["wav", "flac"])
def test_a_source_without_tags_leaves_none(name: str, tmp_path: Path) -> None:
    destination = plain(tmp_path, name)
    assert copy_tags(plain(tmp_path, "aiff"), destination) == ()
    assert not mutagen.File(destination).tags


@pytest.mark.parametrize(
    "damage", [b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f", b"ID3\x03\x00\x80\x00\x00\x0f\x76TXXX\xff\xff\xff\xff"]
)
def test_tags_that_cannot_be_read_are_a_warning_not_a_failure(damage: bytes, tmp_path: Path) -> None:
    source = tmp_path / "in.mp3"
    soundfile.write(source, np.zeros((48_000, 2)), RATE_HZ, format="MP3", subtype="MPEG_LAYER_III")
    source.write_bytes(damage + source.read_bytes())
    destination = plain(tmp_path, "flac")
    assert all(isinstance(warning, str) and "\n" not in warning for warning in copy_tags(source, destination))
    assert soundfile.info(destination).frames == 1000


def test_a_picture_beyond_64_mib_is_left_out_and_said_so(tmp_path: Path) -> None:
    source = plain(tmp_path, "aiff")
    file: Any = AIFF(source)
    file.add_tags()
    file.tags.add(APIC(mime="image/png", type=3, desc="", data=bytes((64 << 20) + 1)))
    file.save()
    destination = plain(tmp_path, "flac")
    warnings = copy_tags(source, destination)
    assert len(warnings) == 1
    assert "MiB" in warnings[0]
    assert FLAC(destination).pictures == []


@pytest.mark.parametrize("kind", ["WAV", "AIFF", "CAF", "RF64"])
def test_the_containers_own_text_chunks_are_taken_where_there_is_no_id3(kind: str, tmp_path: Path) -> None:
    source = tmp_path / f"in.{kind.lower()}"
    with soundfile.SoundFile(source, "w", RATE_HZ, 2, "PCM_16", format=kind) as file:
        file.title, file.artist = "A title", "An artist"
        file.write(np.zeros((4 * RATE_HZ, 2)))
    destination = plain(tmp_path, "flac")
    assert copy_tags(source, destination) == ()
    assert FLAC(destination)["title"] == ["A title"]
    assert FLAC(destination)["artist"] == ["An artist"]
