"""How long an mp3 is, where its own table says nothing true of it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from encoders import piece
from mutagen.apev2 import APEv2
from mutagen.id3 import ID3, TIT2
from track_files import record_of, tags_of

from auralis_cli.audio.mpeg import first_frame, frame_at

_RATE_HZ = 44_100
_SECONDS = 30
# The encoder's delay and padding, which nothing takes out where no table tells of them.
_PADDING_S = 3 * 1152 / _RATE_HZ

pytestmark = pytest.mark.skipif(not shutil.which("lame"), reason="needs lame")


def encoded(path: Path, *options: str) -> Path:
    """Loud for its second half only, so that VBR has very different frames."""
    audio = piece(_SECONDS * _RATE_HZ, _RATE_HZ)
    audio[: len(audio) // 2] = 0
    rng = np.random.default_rng(3)
    audio[len(audio) // 2 :] += rng.uniform(-0.3, 0.3, (len(audio) - len(audio) // 2, 2)).astype(np.float32)
    source = path.with_suffix(".wav")
    soundfile.write(source, audio, _RATE_HZ)
    subprocess.run(["lame", "--quiet", *options, source, path], check=True)
    source.unlink()
    return path


def duration(path: Path) -> float:
    found = record_of(path).duration_s
    assert found is not None
    return found


def without_table(path: Path) -> None:
    data = path.read_bytes()
    start = first_frame(data)
    assert start is not None
    found = frame_at(data, start)
    assert found is not None
    path.write_bytes(data[start + found[0] :])


@pytest.mark.parametrize("options", [("-b", "128"), ("-V2",), ("--abr", "150"), ("-b", "320"), ("-V9", "-m", "m")])
def test_with_its_table_it_is_exact_and_without_it_is_counted(options: tuple[str, ...], tmp_path: Path) -> None:
    path = encoded(tmp_path / "a.mp3", *options)
    assert duration(path) == pytest.approx(_SECONDS, abs=1e-6)
    without_table(path)
    assert _SECONDS <= duration(path) <= _SECONDS + _PADDING_S


@pytest.mark.parametrize("frames", [0, 1, 2**31, 2**32 - 1])
def test_a_table_that_claims_what_cannot_be_is_not_believed(frames: int, tmp_path: Path) -> None:
    path = encoded(tmp_path / "a.mp3", "-V2")
    data = bytearray(path.read_bytes())
    at = data.find(b"Xing") + 8
    data[at : at + 4] = frames.to_bytes(4, "big")
    path.write_bytes(data)
    assert _SECONDS <= duration(path) <= _SECONDS + _PADDING_S


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_of_a_file_that_was_cut_what_is_there_counts(share: float, tmp_path: Path) -> None:
    path = encoded(tmp_path / "a.mp3", "-b", "128")
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    assert duration(path) == pytest.approx(share * _SECONDS, rel=0.01)


def test_tags_behind_are_no_audio_in_whatever_order_they_stand(tmp_path: Path) -> None:
    path = encoded(tmp_path / "a.mp3", "-b", "128")
    before = record_of(path)
    tag = ID3()
    tag.add(TIT2(encoding=3, text=["t"]))
    tag.save(path, v1=2)
    audio_and_v1 = path.read_bytes()
    lyrics = b"LYRICSBEGIN" + b"LYR00005hello"
    lyrics += f"{len(lyrics):06d}".encode() + b"LYRICS200"
    path.write_bytes(audio_and_v1[:-128] + lyrics + audio_and_v1[-128:])
    ape = APEv2()
    ape["Album"] = "x" * 3000
    ape.save(path)
    after = record_of(path)
    assert (after.content_id, after.duration_s, after.bitrate_bps) == (
        before.content_id,
        before.duration_s,
        before.bitrate_bps,
    )
    tags = tags_of(path)
    assert (tags.title, tags.album) == ("t", "x" * 500)


def test_gains_in_an_ape_tag_add_to_what_id3_says(tmp_path: Path) -> None:
    path = encoded(tmp_path / "a.mp3", "-b", "128")
    tag = ID3()
    tag.add(TIT2(encoding=3, text=["t"]))
    tag.save(path)
    ape = APEv2()
    ape["REPLAYGAIN_TRACK_GAIN"], ape["Title"] = "-3.5 dB", "other"
    ape.save(path)
    tags = tags_of(path)
    assert (tags.title, tags.replaygain_track_gain_db) == ("t", -3.5)
