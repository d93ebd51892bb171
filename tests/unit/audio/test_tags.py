"""Tags and covers go along between every pair of formats, less what is no longer true."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile
import tagged_files
import wav_bytes
from mutagen.aiff import AIFF
from mutagen.apev2 import APEv2
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, COMM, POPM, TCOM, TCON, TDRC, TIT2, TPE1, TPE2, TPOS, TRCK, TSRC, TXXX, UFID, USLT
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4
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


@pytest.mark.parametrize("magic", [b"RIFF", b"RF64", b"BW64"])
def test_texts_behind_the_audio_are_found_whatever_says_how_long_it_is(magic: bytes, tmp_path: Path) -> None:
    samples, is_long = bytes(4 * 1000), magic != b"RIFF"
    info = wav_bytes.chunk(b"LIST", b"INFO" + wav_bytes.chunk(b"INAM", b"Hello"))
    head = wav_bytes.ds64(len(samples)) + wav_bytes.fmt() if is_long else None
    data_size = 0xFFFFFFFF if is_long else None
    (tmp_path / "a.wav").write_bytes(wav_bytes.wav(samples, head=head, after=info, data_size=data_size, magic=magic))
    result = plain(tmp_path, "flac")
    assert copy_tags(tmp_path / "a.wav", result) == ()
    assert FLAC(result)["title"] == ["Hello"]


def test_wav_texts_that_are_no_utf_8_are_read_as_windows_wrote_them(tmp_path: Path) -> None:
    source = tmp_path / "in.wav"
    soundfile.write(source, np.zeros((4 * RATE_HZ, 2)), RATE_HZ)
    body = b"INFO"
    for name, text in ((b"INAM", b"Caf\xe9 \x96 live\0"), (b"ITRK", b"3/12"), (b"ISFT", b"Some editor\0\0")):
        body += name + len(text).to_bytes(4, "little") + text + bytes(len(text) % 2)
    data = source.read_bytes() + b"LIST" + len(body).to_bytes(4, "little") + body
    source.write_bytes(data[:4] + (len(data) - 8).to_bytes(4, "little") + data[8:])
    destination = plain(tmp_path, "flac")
    assert copy_tags(source, destination) == ()
    assert dict(FLAC(destination)) == {"title": ["Café – live"], "tracknumber": ["3"], "tracktotal": ["12"]}


def test_what_only_id3_says_stays_in_id3_and_is_named_elsewhere(tmp_path: Path) -> None:
    source = plain(tmp_path, "aiff")
    file: Any = AIFF(source)
    file.add_tags()
    file.tags.add(TIT2(text=["T"]))
    file.tags.add(COMM(lang="deu", desc="", text=["Gesagt"]))
    file.tags.add(POPM(email="me@here", rating=200, count=3))
    file.save()
    kept, lost = plain(tmp_path, "mp3"), plain(tmp_path, "flac")
    assert copy_tags(source, kept) == ()
    tags: Any = MP3(kept).tags
    assert tags["POPM:me@here"].rating == 200
    # As it was, language included.
    assert tags["COMM::deu"].text == ["Gesagt"]
    assert copy_tags(source, lost) == ("tags flac has no place for were left out: POPM",)
    assert FLAC(lost)["comment"] == ["Gesagt"]


@tagged_files.NEEDS_FFMPEG
def test_m4a_takes_the_front_cover_first_and_says_what_it_does_not_keep(tmp_path: Path) -> None:
    source = plain(tmp_path, "flac")
    file = FLAC(source)
    for kind, mime, data in (
        (4, "image/png", COVER + b"back"),
        (3, "image/png", COVER),
        (5, "image/webp", b"RIFF....WEBP"),
    ):
        picture = Picture()
        picture.type, picture.mime, picture.data = kind, mime, data
        file.add_picture(picture)
    file.save()
    destination = tmp_path / "out.m4a"
    tagged_files.WRITTEN["m4a"](destination)
    assert copy_tags(source, destination) == (
        "covers that m4a does not hold were left out: image/webp",
        "m4a does not keep what kind of picture a cover is, nor what is said of it",
    )
    assert [bytes(cover) for cover in MP4(destination)["covr"]] == [COVER, COVER + b"back"]
    back = plain(tmp_path, "aiff")
    assert copy_tags(destination, back) == ()
    tags: Any = AIFF(back).tags
    assert sorted((int(frame.type), frame.data) for frame in tags.getall("APIC")) == [(0, COVER + b"back"), (3, COVER)]


@tagged_files.NEEDS_FFMPEG
@pytest.mark.parametrize("result", ["mp3", "m4a", "wav"])
def test_values_that_a_format_counts_or_dates_otherwise_are_kept_as_words(result: str, tmp_path: Path) -> None:
    source = plain(tmp_path, "flac")
    said = {"tracknumber": ["A1"], "date": ["c. 1999"], "bpm": ["128.5"], "tracktotal": ["9"], "year": ["1998"],
            "comment": ["one"], "description": ["another"], "compilation": ["1"]}  # fmt: skip
    file: Any = FLAC(source)
    file.tags.extend([(name, value) for name, values in said.items() for value in values])
    file.save()
    destination, back = tmp_path / f"out.{result}", tmp_path / "back.flac"
    tagged_files.WRITTEN[result](destination)
    tagged_files.WRITTEN["flac"](back)
    assert copy_tags(source, destination) == ()
    assert copy_tags(destination, back) == ()
    found = {name.lower(): values for name, values in dict(FLAC(back)).items()}
    assert found == said


@tagged_files.NEEDS_FFMPEG
def test_names_no_format_of_ours_can_spell_are_spelt_as_near_as_it_goes(tmp_path: Path) -> None:
    source = plain(tmp_path, "aiff")
    file: Any = AIFF(source)
    file.add_tags()
    file.tags.add(TXXX(encoding=3, desc="Ключ=1", text=["x"]))
    file.save()
    flac, m4a = plain(tmp_path, "flac"), tmp_path / "out.m4a"
    tagged_files.WRITTEN["m4a"](m4a)
    assert copy_tags(source, flac) == ()
    assert dict(FLAC(flac)) == {"_____1": ["x"]}
    assert copy_tags(source, m4a) == ()
    assert [bytes(value) for value in MP4(m4a)["----:com.apple.iTunes:????=1"]] == [b"x"]


def test_apev2_is_taken_before_the_short_texts_of_id3v1(tmp_path: Path) -> None:
    source = plain(tmp_path, "mp3")
    long = "A title of more than the thirty letters there are"
    tag = APEv2()
    tag["Title"], tag["Track"] = long, "3/12"
    tag.save(source)
    old = b"TAG" + long[:30].encode() + b"Of one hit only".ljust(30, b"\0") + bytes(65)
    source.write_bytes(source.read_bytes() + old)
    destination = plain(tmp_path, "flac")
    assert copy_tags(source, destination) == ()
    assert dict(FLAC(destination)) == {"title": [long], "tracknumber": ["3"], "tracktotal": ["12"]}
    only = tmp_path / "only.mp3"
    soundfile.write(only, np.zeros((48_000, 2)), RATE_HZ, format="MP3", subtype="MPEG_LAYER_III")
    only.write_bytes(only.read_bytes() + old)
    assert copy_tags(only, plain(tmp_path, "wav")) == ()
    tags: Any = WAVE(tmp_path / "out.wav").tags
    assert id3_text(tags, "TIT2") == [long[:30].rstrip()]
    assert id3_text(tags, "TPE1") == ["Of one hit only"]
