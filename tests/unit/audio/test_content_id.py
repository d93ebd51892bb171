"""Audio is told by what it is: not by its tags, its name or its place."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile
from encoders import piece
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutagen.aiff import AIFF
from mutagen.apev2 import APEv2
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, ID3, TIT2
from mutagen.mp4 import MP4, MP4Cover
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE
from opus_header import with_header_gain
from tagged_files import NEEDS_FFMPEG, SOURCES, WRITTEN
from track_files import record_of

from auralis_cli.audio.track_file import full_hash

_RATE_HZ = 48_000
_LONG = "long " * 20_000
# The audio of the others is a few bytes of zeros.
_TAGGED = sorted(name for name in SOURCES if name not in ("ape", "mpc", "mpc8", "tak"))


def content(path: Path) -> tuple[str, str]:
    return record_of(path).content_id, full_hash(os.fspath(path))


@NEEDS_FFMPEG
@pytest.mark.parametrize("name", _TAGGED)
def test_tags_are_no_part_of_the_content(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{name}"
    SOURCES[name].make(path)
    untagged = content(path)
    SOURCES[name].tag(path)
    assert content(path) == untagged


def _cover() -> Picture:
    cover = Picture()
    cover.type, cover.mime, cover.data = 3, "image/png", bytes(range(256)) * 1000
    return cover


def _grow_vorbis(kind: Callable[[Path], Any]) -> Callable[[Path], None]:
    def grow(path: Path) -> None:
        file = kind(path)
        file["title"], file["comment"] = ["other"], [_LONG]
        file.save()

    return grow


def _grow_flac(path: Path) -> None:
    file = FLAC(path)
    file["title"] = [_LONG]
    file.add_picture(_cover())
    file.save()


def _grow_id3(path: Path) -> None:
    tag = ID3()
    tag.add(TIT2(encoding=3, text=[_LONG]))
    tag.add(APIC(encoding=3, mime="image/png", type=3, data=_cover().data))
    tag.save(path, v1=2)
    ape = APEv2()
    ape["Title"] = _LONG
    ape.save(path)


def _grow_chunk(kind: Callable[[Path], Any]) -> Callable[[Path], None]:
    def grow(path: Path) -> None:
        file = kind(path)
        if file.tags is None:
            file.add_tags()
        file.tags.add(TIT2(encoding=3, text=[_LONG]))
        file.save()

    return grow


def _grow_mp4(path: Path) -> None:
    file = MP4(path)
    file["\xa9nam"], file["covr"] = [_LONG], [MP4Cover(_cover().data, MP4Cover.FORMAT_PNG)]
    file.save()


_GROW: dict[str, Callable[[Path], None]] = {
    "flac": _grow_flac,
    "mp3": _grow_id3,
    "ogg": _grow_vorbis(OggVorbis),
    "opus": _grow_vorbis(OggOpus),
    "m4a": _grow_mp4,
    "wav": _grow_chunk(WAVE),
    "aiff": _grow_chunk(AIFF),
}


@NEEDS_FFMPEG
@pytest.mark.parametrize("name", _GROW)
def test_tags_that_grow_shrink_and_go_leave_the_content_alone(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{name}"
    WRITTEN[name](path)
    before = content(path)
    _GROW[name](path)
    assert path.stat().st_size > 90_000
    assert content(path) == before
    file: Any = mutagen.File(path)
    file.delete()
    assert content(path) == before


# Where audio begins, or little behind.
_FIRST: dict[str, Callable[[bytearray], int]] = {
    "mp3": lambda data: 1000,
    "ogg": lambda data: data.find(b"OggS", data.find(b"\x05vorbis")) + 300,
    "opus": lambda data: data.find(b"OggS", data.find(b"OpusTags")) + 300,
    "m4a": lambda data: data.find(b"mdat") + 100,
    "wav": lambda data: data.find(b"data") + 100,
    "aiff": lambda data: data.find(b"SSND") + 100,
}


@NEEDS_FFMPEG
@pytest.mark.parametrize("name", _GROW)
@pytest.mark.parametrize("where", ["head", "tail"])
def test_other_audio_at_either_end_is_other_content(name: str, where: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{name}"
    WRITTEN[name](path)
    before = content(path)
    audio = piece(_RATE_HZ, _RATE_HZ)
    if name == "flac":
        audio[slice(0, 500) if where == "head" else slice(-500, None)] *= 0.5
        soundfile.write(path, audio, _RATE_HZ, format="FLAC", subtype="PCM_16")
    else:
        data = bytearray(path.read_bytes())
        at = _FIRST[name](data) if where == "head" else data.rfind(b"moov") - 100 if name == "m4a" else len(data) - 200
        data[at : at + 8] = bytes(byte ^ 0x55 for byte in data[at : at + 8])
        path.write_bytes(data)
    assert content(path) != before


def test_every_byte_counts_for_the_full_hash(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, piece(10 * _RATE_HZ, _RATE_HZ), _RATE_HZ)
    quick, full = content(path)
    data = bytearray(path.read_bytes())
    data[300_001] ^= 1
    path.write_bytes(data)
    assert content(path)[0] == quick
    assert content(path)[1] != full


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_recordings_that_are_silent_for_the_most_part_are_told_apart(tmp_path: Path, data: st.DataObject) -> None:
    ids = []
    for number in range(2):
        audio = np.zeros((5 * _RATE_HZ, 2), np.float32)
        place = data.draw(st.integers(0, len(audio) - 100))
        audio[place : place + 100] = 0.1 + number / 10
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, audio, _RATE_HZ)
        ids.append(record_of(path).content_id)
    assert len(set(ids)) == 2


@pytest.mark.skipif(not shutil.which("lame"), reason="needs lame")
def test_silence_that_is_encoded_hides_nothing_either(tmp_path: Path) -> None:
    ids = set()
    for number in range(2):
        audio = np.zeros((20 * _RATE_HZ, 2), np.float32)
        audio[(4 + 8 * number) * _RATE_HZ + 1000 :][:_RATE_HZ] = piece(_RATE_HZ, _RATE_HZ)
        soundfile.write(tmp_path / "a.wav", audio, _RATE_HZ)
        target = tmp_path / f"{number}.mp3"
        subprocess.run(["lame", "--quiet", "-b", "128", tmp_path / "a.wav", target], check=True)
        ids.add(record_of(target).content_id)
    assert len(ids) == 2


def test_an_opus_header_that_makes_the_same_packets_louder_makes_other_content(tmp_path: Path) -> None:
    """✗ what was measured of the one is taken for the other's: loudness, gains, plans."""
    plain, louder, like_it = (tmp_path / f"{name}.opus" for name in ("plain", "louder", "like it"))
    soundfile.write(plain, piece(_RATE_HZ, _RATE_HZ), _RATE_HZ, format="OGG", subtype="OPUS")
    louder.write_bytes(with_header_gain(plain.read_bytes(), 6.0))
    tagged: Any = OggOpus(shutil.copy(louder, like_it))
    tagged["title"] = "T"
    tagged.save()
    assert record_of(plain).content_id != record_of(louder).content_id == record_of(like_it).content_id


def test_a_copy_by_another_name_is_the_same(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", piece(1000, _RATE_HZ), _RATE_HZ)
    shutil.copy(tmp_path / "a.flac", tmp_path / "b.mp3")
    assert content(tmp_path / "a.flac") == content(tmp_path / "b.mp3")


def test_flac_without_a_checksum_is_told_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, piece(1000, _RATE_HZ), _RATE_HZ)
    by_md5 = record_of(path).content_id
    data = bytearray(path.read_bytes())
    data[26:42] = bytes(16)
    path.write_bytes(data)
    assert by_md5.startswith("flac:")
    by_bytes = record_of(path).content_id
    assert by_bytes != by_md5
    _grow_flac(path)
    assert record_of(path).content_id == by_bytes
