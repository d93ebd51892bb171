"""Gains in the tags of every format that has a place for them: written, read by others, and taken out."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile
from mutagen import id3
from mutagen.apev2 import APEv2
from mutagen.mp4 import MP4, MP4FreeForm
from mutagen.ogg import OggPage
from tagged_files import NEEDS_FFMPEG, SOURCES, encoded

from auralis_cli.audio.gain_tags import GainsEdit, read_gain_tags
from auralis_cli.audio.tag_editing import read_tag_values
from auralis_cli.audio.tag_places import NO_TAGS
from auralis_cli.audio.track_file import content_of
from auralis_cli.errors import UnsupportedError
from auralis_cli.model.replaygain import GAIN_NAMES, Gain, Gains, gain_changes, gain_texts

GAINS = Gains(Gain(-7.43, 1.0421), Gain(-6.9, 1.1))
TEXTS = gain_texts(GAINS, "flac")
CHANGES = gain_changes(TEXTS, GAIN_NAMES)
REMOVAL = gain_changes({}, GAIN_NAMES)
WRITABLE = [name for name, kind in SOURCES.items() if kind.key not in NO_TAGS]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A tagged file of each kind, each with an old gain."""
    folder = tmp_path_factory.mktemp("tagged")
    found = {}
    for name, kind in SOURCES.items():
        found[name] = folder / f"{name}.{kind.key}"
        kind.make(found[name])
        kind.tag(found[name])
    return found


def apply(path: Path, key: str, changes: dict[str, tuple[str, ...]]) -> None:
    with path.open("r+b") as file:
        GainsEdit(changes).apply(file, key)


def written(texts: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {name: (text,) for name, text in texts.items()}


@NEEDS_FFMPEG
@pytest.mark.parametrize("name", WRITABLE)
def test_gains_are_written_in_every_format_and_nothing_else_changes(
    made: dict[str, Path], name: str, tmp_path: Path
) -> None:
    key = SOURCES[name].key
    path = Path(shutil.copy(made[name], tmp_path))
    with path.open("rb") as file:
        before = read_tag_values(file, key)
    assert read_gain_tags(path).values == {"replaygain_track_gain": ("-7 dB",)}
    apply(path, key, CHANGES)
    found = read_gain_tags(path)
    assert (found.values, found.is_odd) == (written(TEXTS), False)
    with path.open("rb") as file:
        assert read_tag_values(file, key) == before
    once = path.read_bytes()
    apply(path, key, CHANGES)
    assert path.read_bytes() == once
    apply(path, key, REMOVAL)
    assert read_gain_tags(path).values == {}
    with path.open("rb") as file:
        assert read_tag_values(file, key) == before


@pytest.mark.parametrize(("key", "container"), [("w64", "W64"), ("caf", "CAF"), ("au", "AU")])
def test_formats_without_tags_are_refused_with_the_reason(key: str, container: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{key}"
    encoded(container, "PCM_16")(path)
    with pytest.raises(UnsupportedError, match=NO_TAGS[key]):
        read_gain_tags(path)


def test_gains_behind_an_mp3_and_before_it_end_up_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    encoded("MP3", "MPEG_LAYER_III")(path)
    tag = id3.ID3()
    tag.add(id3.TIT2(encoding=3, text="T"))
    tag.add(id3.TXXX(encoding=3, desc="replaygain_track_gain", text="+1.00 dB"))
    tag.add(id3.TXXX(encoding=3, desc="Replaygain_Track_Gain", text="+2.00 dB"))
    tag.save(path)
    ape = APEv2()
    ape["REPLAYGAIN_TRACK_GAIN"], ape["MP3GAIN_UNDO"], ape["Comment"] = "-3.30 dB", "+002,+002,N", "stays"
    ape.save(path)
    assert read_gain_tags(path).is_odd
    apply(path, "mp3", CHANGES)
    found = read_gain_tags(path)
    assert (found.values, found.is_odd) == (written(TEXTS), False)
    assert APEv2(path)["REPLAYGAIN_TRACK_GAIN"] == TEXTS["replaygain_track_gain"]
    assert APEv2(path)["MP3GAIN_UNDO"] == "+002,+002,N"
    assert APEv2(path)["Comment"] == "stays"
    texts = {frame.desc: frame.text for frame in id3.ID3(path).getall("TXXX")}
    assert texts["REPLAYGAIN_TRACK_GAIN"] == [TEXTS["replaygain_track_gain"]]
    assert [name for name in texts if name.lower() == "replaygain_track_gain"] == ["REPLAYGAIN_TRACK_GAIN"]
    apply(path, "mp3", REMOVAL)
    assert "REPLAYGAIN_TRACK_GAIN" not in APEv2(path)
    assert not id3.ID3(path).getall("TXXX")


@pytest.mark.parametrize("description", ["track", "album", "Track", "normalize"])
def test_frames_made_for_volumes_go_where_gains_are_written(description: str, tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    encoded("MP3", "MPEG_LAYER_III")(path)
    tag = id3.ID3()
    tag.add(id3.TIT2(encoding=3, text="T"))
    tag.add(id3.RVA2(desc=description, channel=1, gain=-9.0, peak=0.5))
    tag.save(path)
    assert read_gain_tags(path).is_odd
    apply(path, "mp3", CHANGES)
    assert not id3.ID3(path).getall("RVA2")
    found = read_gain_tags(path)
    assert (found.values, found.is_odd) == (written(TEXTS), False)


@NEEDS_FFMPEG
def test_gains_of_another_domain_in_mp4_are_replaced(made: dict[str, Path], tmp_path: Path) -> None:
    path = Path(shutil.copy(made["m4a"], tmp_path))
    audio: Any = MP4(path)
    audio["----:org.hydrogenaudio.replaygain:replaygain_track_gain"] = [MP4FreeForm(b"-1.00 dB")]
    audio.save()
    apply(path, "m4a", CHANGES)
    values = {atom: value for atom, value in MP4(path).items() if atom.lower().endswith("replaygain_track_gain")}
    assert {bytes(one).decode() for value in values.values() for one in value} == {TEXTS["replaygain_track_gain"]}
    assert read_gain_tags(path).values == written(TEXTS)


def test_opus_has_its_whole_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.opus"
    encoded("OGG", "OPUS")(path)
    apply(path, "opus", gain_changes(gain_texts(GAINS, "opus"), GAIN_NAMES))
    tags = mutagen.File(path).tags
    assert (tags["r128_track_gain"], tags["r128_album_gain"]) == (["-3183"], ["-3047"])
    assert not any(name.lower().startswith("replaygain") for name, _ in tags)


def with_sound_among_the_headers(path: Path) -> None:
    """Makes the packets behind the first page of an Ogg Vorbis file, up to the first of sound, one page."""
    with path.open("r+b") as file:
        first = OggPage(file)
        pages: list[Any] = []
        while sum(len(page.packets) for page in pages if page.complete) < 3 or pages[-1].position <= 0:
            pages.append(OggPage(file))
        joined = OggPage.from_packets(OggPage.to_packets(pages), first.sequence + 1, 48 << 10)
        joined[-1].position = pages[-1].position
        OggPage.replace(file, pages, joined)
    assert len(joined) == 1


def test_sound_that_stands_on_the_page_of_the_comments_is_the_same_sound_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "a.ogg"
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (200_000, 2))
    soundfile.write(path, noise, 48_000, format="OGG", subtype="VORBIS")
    with_sound_among_the_headers(path)
    before = content_of(str(path))
    apply(path, "ogg", CHANGES)
    assert read_gain_tags(path).values == written(TEXTS)
    assert content_of(str(path)) == before
