"""Pictures into files of every kind and out of them, read back by us and by others; all else stays."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from images import image
from mutagen.apev2 import APEv2
from mutagen.flac import FLAC
from mutagen.id3 import APIC, ID3, TIT2
from mutagen.mp4 import MP4
from mutagen.oggvorbis import OggVorbis
from tagged_files import COVER, FIELDS, NEEDS_FFMPEG, SOURCES

from auralis_cli.audio.cover_editing import COVER_PLACES, EmbedCover, RemoveCovers, cannot_hold
from auralis_cli.audio.cover_reading import embedded_pictures
from auralis_cli.audio.formats import FORMATS
from auralis_cli.audio.probe import sniff
from auralis_cli.audio.tag_places import NO_TAGS
from auralis_cli.audio.tag_reading import read_tags
from auralis_cli.audio.tag_set import CoverPicture, TagSet
from auralis_cli.errors import UnsupportedError
from auralis_cli.model.file_rewrites import FileEdit

JPEG = image(64, 48)
FRONT, BACK = CoverPicture(3, "image/jpeg", "", JPEG, 64, 48), CoverPicture(4, "image/png", "the back", COVER, 2, 2)
# Files of which only the beginning is there.
_NO_AUDIO = {"ape", "mpc", "mpc8", "tak"}
_HOLDING = sorted(name for name, kind in SOURCES.items() if kind.key in COVER_PLACES)
# It asks for no pictures in APE tags of mp3, nor at all in the rest.
_SHOWN_BY_FFMPEG = sorted({*_HOLDING} - _NO_AUDIO - {"mp3-ape", "aac", "dff", "spx"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("covers")


def tagged(folder: Path, name: str, tmp_path: Path) -> Path:
    """A copy of a tagged file of that kind."""
    made = folder / f"{name}.bin"
    if not made.exists():
        SOURCES[name].make(made)
        SOURCES[name].tag(made)
    return Path(shutil.copy(made, tmp_path / f"{name}.bin"))


def tags_of(path: Path) -> TagSet:
    with path.open("rb") as file:
        return read_tags(file, sniff(path, file.fileno()).format.key)


def edit(path: Path, how: FileEdit) -> tuple[str, ...]:
    with path.open("r+b") as file:
        return how.apply(file, sniff(path, file.fileno()).format.key)


def pictures_of(path: Path) -> list[tuple[int, str, bytes]]:
    return [(one.kind, one.mime, one.data) for one in tags_of(path).pictures]


def test_every_format_holds_pictures_or_says_why_not() -> None:
    assert COVER_PLACES.keys() | NO_TAGS.keys() == {row.key for row in FORMATS}
    assert not COVER_PLACES.keys() & NO_TAGS.keys()
    for key, reason in NO_TAGS.items():
        assert cannot_hold(key, FRONT) == reason


@NEEDS_FFMPEG
@pytest.mark.parametrize("name", _HOLDING)
def test_a_front_cover_takes_the_place_of_the_one_there_and_nothing_else_changes(
    name: str, folder: Path, tmp_path: Path
) -> None:
    path = tagged(folder, name, tmp_path)
    before = tags_of(path)
    assert edit(path, EmbedCover(FRONT)) == ()
    after = tags_of(path)
    assert [(one.kind, one.mime, one.data) for one in after.pictures] == [(3, "image/jpeg", JPEG)]
    assert sorted(after.fields) == sorted(before.fields)
    assert {texts for texts, _ in FIELDS.items()} <= after.values().keys()
    again = path.read_bytes()
    edit(path, EmbedCover(FRONT))
    assert path.read_bytes() == again


@NEEDS_FFMPEG
@pytest.mark.parametrize("name", _HOLDING)
def test_kinds_stand_beside_each_other_and_go_one_by_one(name: str, folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, name, tmp_path)
    if SOURCES[name].key == "m4a":
        with pytest.raises(UnsupportedError, match="does not keep what kind"):
            edit(path, EmbedCover(BACK))
    else:
        edit(path, EmbedCover(BACK))
        assert sorted(pictures_of(path)) == [(3, "image/png", COVER), (4, "image/png", COVER)]
        assert next(one.description for one in tags_of(path).pictures if one.kind == 4) == "the back"
        edit(path, RemoveCovers((4,)))
    assert pictures_of(path) == [(3, "image/png", COVER)]
    edit(path, RemoveCovers())
    assert pictures_of(path) == []
    assert {text for text, _ in FIELDS.items()} <= tags_of(path).values().keys()
    bare = path.read_bytes()
    edit(path, RemoveCovers())
    assert path.read_bytes() == bare
    edit(path, EmbedCover(FRONT))
    assert pictures_of(path) == [(3, "image/jpeg", JPEG)]


@NEEDS_FFMPEG
@pytest.mark.parametrize("name", _SHOWN_BY_FFMPEG)
def test_ffmpeg_sees_the_cover_and_the_audio_is_the_same(name: str, folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, name, tmp_path)
    audio, _ = by_ffmpeg(path)
    edit(path, EmbedCover(FRONT))
    assert by_ffmpeg(path) == (audio, ["mjpeg"])


def by_ffmpeg(path: Path) -> tuple[bytes, list[str]]:
    """A checksum of the audio as it is stored, and the formats of the pictures."""
    command = ("ffmpeg", "-hide_banner", "-nostdin", "-i", str(path), "-map", "0:a", "-c", "copy", "-f", "md5", "-")
    done = subprocess.run(command, check=True, capture_output=True)
    return done.stdout, re.findall(r"Video: (\w+).*\(attached pic\)", done.stderr.decode("utf-8", "replace"))


@NEEDS_FFMPEG
@pytest.mark.parametrize("name", _HOLDING)
def test_a_file_is_small_again_once_a_large_picture_is_gone(name: str, folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, name, tmp_path)
    small = path.stat().st_size
    edit(path, EmbedCover(CoverPicture(3, "image/jpeg", "", JPEG + bytes(400_000))))
    assert path.stat().st_size > small + 390_000
    edit(path, RemoveCovers())
    assert path.stat().st_size < small + 70_000


def test_an_mp3_with_two_tags_shows_one_cover_to_every_reader(folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, "mp3-ape", tmp_path)
    tag = ID3()
    tag.add(TIT2(encoding=3, text=["In front"]))
    tag.save(path)
    edit(path, EmbedCover(FRONT))
    assert [frame.data for frame in ID3(path).getall("APIC")] == [JPEG]
    assert APEv2(path)["Cover Art (Front)"].value.endswith(JPEG)
    edit(path, EmbedCover(BACK))
    assert [int(frame.type) for frame in ID3(path).getall("APIC")] == [3, 4]
    assert "Cover Art (Back)" not in APEv2(path)
    edit(path, RemoveCovers())
    assert ID3(path).getall("APIC") == []
    assert "Cover Art (Front)" not in APEv2(path)


def test_the_cover_of_an_mp3_is_seen_where_only_its_ape_tag_has_one(folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, "mp3-ape", tmp_path)
    tag = ID3()
    tag.add(TIT2(encoding=3, text=["In front"]))
    tag.save(path)
    assert [one.data for one in embedded_pictures(path)] == [COVER]


def test_a_lone_ape_tag_stays_what_readers_ask_first(folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, "mp3-ape", tmp_path)
    edit(path, EmbedCover(FRONT))
    assert path.read_bytes()[:3] != b"ID3"
    assert tags_of(path).values()["album"] == ("album", ["An album"])


@pytest.mark.parametrize("version", [3, 4])
def test_an_id3_tag_keeps_its_version_its_strange_frames_and_the_old_tag_behind(version: int, tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    SOURCES["mp3"].make(path)
    frames = b"".join(
        name + bytes([0, 0, 0, len(body), 0, 0]) + body
        for name, body in (
            (b"TIT2", b"\0A title"),
            (b"XYZW", b"nobody knows"),
            (b"APIC", b"\0image/png\0\x08x\0who plays"),
        )
    )
    audio = path.read_bytes()
    head = b"ID3" + bytes([version, 0, 0, 0, 0, 0, len(frames)])
    old = b"TAG" + b"Title of old, cut after thirty".ljust(125, b"\xff")
    path.write_bytes(head + frames + audio + old)
    edit(path, EmbedCover(FRONT))
    after = ID3(path, translate=False, load_v1=False)
    assert after.version == (2, version, 0)
    assert [(int(frame.type), frame.data) for frame in after.getall("APIC")] == [(8, b"who plays"), (3, JPEG)]
    assert b"XYZW" + bytes([0, 0, 0, 12, 0, 0]) + b"nobody knows" in path.read_bytes()
    assert path.read_bytes().endswith(audio + old)


def test_flac_keeps_pictures_that_are_in_comments_and_in_an_id3_tag_in_front_alike(
    folder: Path, tmp_path: Path
) -> None:
    path = tagged(folder, "flac", tmp_path)
    tag = ID3()
    tag.add(APIC(encoding=0, mime="image/png", type=3, desc="", data=COVER))
    tag.save(path)
    edit(path, EmbedCover(FRONT))
    assert [frame.data for frame in ID3(path).getall("APIC")] == [JPEG]
    blocks = FLAC(path).pictures
    assert [(one.type, one.width, one.height, one.data) for one in blocks] == [(3, 64, 48, JPEG)]


def test_what_an_image_of_another_format_or_beyond_16_mib_is_refused_for_is_said() -> None:
    webp = CoverPicture(3, "image/webp", "", b"RIFF")
    assert cannot_hold("mp3", webp) == "covers are JPEG or PNG, not webp"
    assert cannot_hold("mp3", CoverPicture(3, "image/png", "", bytes(17 << 20))) == "covers hold up to 16 MiB, not 17"


def test_only_the_first_cover_of_an_m4a_is_its_front(tmp_path: Path) -> None:
    path = tmp_path / "a.m4a"
    SOURCES["m4a"].make(path)
    SOURCES["m4a"].tag(path)
    audio = MP4(path)
    audio["covr"] = [*audio["covr"], *audio["covr"]]
    audio.save()
    edit(path, EmbedCover(FRONT))
    assert [bytes(one) for one in MP4(path)["covr"]] == [JPEG, COVER]


def test_a_damaged_picture_in_a_comment_is_left_alone_unless_all_go(folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, "ogg", tmp_path)
    audio = OggVorbis(path)
    audio["metadata_block_picture"] = ["!!", *audio["metadata_block_picture"]]
    audio.save()
    edit(path, EmbedCover(FRONT))
    kept = OggVorbis(path)["metadata_block_picture"]
    assert kept[0] == "!!"
    assert len(kept) == 2
    edit(path, RemoveCovers())
    assert "metadata_block_picture" not in OggVorbis(path)
