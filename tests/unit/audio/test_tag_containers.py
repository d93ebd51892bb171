"""Tags changed within containers: chunks, pages, atoms and blocks around them stay whole."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import wav_bytes
from edited_files import OLD_TAG, bare, change, info, tagged, values_of, wav_with
from mutagen.flac import FLAC
from mutagen.mp4 import MP4
from mutagen.ogg import OggPage
from tagged_files import COVER, NEEDS_FFMPEG, SOURCES, encoded

from auralis_cli.audio.track_file import full_hash


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("editing")


def test_list_info_of_a_wav_file_is_kept_in_step_with_id3(tmp_path: Path) -> None:
    before = info(INAM=b"Old\0", IART=b"Somebody\0", ITRK=b"3\0", ISFT=b"An editor\0")
    path = wav_with(tmp_path / "a.wav", before, wav_bytes.chunk(b"bext", b"kept" * 9))
    audio = full_hash(str(path))
    change(path, "wav", title=("New",), albumartist=("Various",))
    data = path.read_bytes()
    assert b"INAM\x04\0\0\0New\0" in data
    assert b"IART\x09\0\0\0Somebody" in data
    assert b"kept" * 9 in data
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    # ID3 came into being, and says what INFO says.
    assert values_of(path, "wav") == {
        "title": ("New",), "artist": ("Somebody",), "albumartist": ("Various",), "track": ("3",)
    }  # fmt: skip
    assert full_hash(str(path)) == audio
    change(path, "wav", title=(), artist=(), track=(), albumartist=())
    assert (values_of(path, "wav"), b"INAM" in path.read_bytes()) == ({}, False)
    assert b"ISFT\x0a\0\0\0An editor" in path.read_bytes()


@pytest.mark.parametrize("behind", [b"", b"\0", b"garbage that is no chunk at all", OLD_TAG])
def test_what_stands_behind_the_chunks_of_a_wav_file_stays_there(behind: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes.wav(bytes(4 * 4801), after=info(INAM=b"Old\0")) + behind)
    audio = full_hash(str(path))
    for title in ("New", "A longer one" * 50, "Short"):
        change(path, "wav", title=(title,))
        assert values_of(path, "wav") == {"title": (title,)}
    data = path.read_bytes()
    assert data.endswith(behind)
    assert int.from_bytes(data[4:8], "little") == len(data) - 8 - len(behind)
    assert full_hash(str(path)) == audio
    change(path, "wav", title=())
    assert path.read_bytes() == wav_bytes.wav(bytes(4 * 4801)) + behind


def test_a_wav_file_whose_chunks_do_not_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes.wav(bytes(400), data_size=100_000))
    with pytest.raises(ValueError, match="do not end where the file does"):
        change(path, "wav", title=("New",))


def test_text_chunks_of_an_aiff_file_are_kept_in_step_with_id3(tmp_path: Path) -> None:
    path = tmp_path / "a.aiff"
    encoded("AIFF", "PCM_16")(path)
    data = path.read_bytes()
    texts = b"NAME\0\0\0\3Old\0" + b"ANNO\0\0\0\4Said" + b"ANNO\0\0\0\5Again\0"
    path.write_bytes(data[:4] + (len(data) + len(texts) - 8).to_bytes(4, "big") + data[8:] + texts)
    audio = full_hash(str(path))
    assert values_of(path, "aiff") == {"title": ("Old",), "comment": ("Said", "Again")}
    change(path, "aiff", title=("New",), comment=("Once",))
    data = path.read_bytes()
    assert b"NAME\0\0\0\3New\0" in data
    assert data.count(b"ANNO") == 1
    assert values_of(path, "aiff") == {"title": ("New",), "comment": ("Once",)}
    assert full_hash(str(path)) == audio


def test_padding_is_used_up_before_a_flac_file_grows(folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, "flac", tmp_path)
    change(path, "flac", title=("Makes room",))
    before = path.read_bytes()
    change(path, "flac", title=("A title that takes somewhat more room",))
    after = path.read_bytes()
    assert len(after) == len(before)
    assert after[-2000:] == before[-2000:]
    change(path, "flac", comment=("x" * 100_000,))
    assert len(path.read_bytes()) > len(before)
    found = FLAC(path)
    assert (found["comment"], found.pictures[0].data) == (["x" * 100_000], COVER)


@pytest.mark.parametrize("name", ["mp3", "flac", "ogg", "opus"])
def test_a_file_whose_tags_have_room_keeps_its_size(name: str, folder: Path, tmp_path: Path) -> None:
    path = bare(folder, name, tmp_path)
    change(path, name, title=("A title",))
    size = path.stat().st_size
    change(path, name, title=("Another title, and a longer one",), genre=("Rock",))
    assert path.stat().st_size == size


def test_comments_by_other_names_and_what_is_no_utf_8_stay(folder: Path, tmp_path: Path) -> None:
    path = bare(folder, "flac", tmp_path)
    change(path, "flac", title=("????",), artist=("Somebody",), mood=("Calm",))
    data = path.read_bytes()
    path.write_bytes(data.replace(b"TITLE=????", b"OWN=caf\xe9=\xff").replace(b"MOOD=Calm", b"no equals"))
    change(path, "flac", artist=("Somebody else",))
    assert b"OWN=caf\xe9=\xff" in path.read_bytes()
    assert b"no equals" in path.read_bytes()
    assert b"ARTIST=Somebody else" in path.read_bytes()


def test_a_vorbis_field_is_changed_by_whatever_name_it_has(folder: Path, tmp_path: Path) -> None:
    path = bare(folder, "flac", tmp_path)
    file: Any = FLAC(path)
    file.tags.extend([("Year", "1998"), ("TrackNumber", "3/12"), ("totaldiscs", "2"), ("DESCRIPTION", "Said")])
    file.save()
    change(path, "flac", date=("1999",), track=("4",), disc=("1",), comment=("Said again",))
    changed: Any = FLAC(path)
    assert list(changed.tags) == [
        ("Year", "1999"), ("TrackNumber", "4/12"), ("totaldiscs", "2"), ("DESCRIPTION", "Said again"),
        ("DISCNUMBER", "1"),
    ]  # fmt: skip


@NEEDS_FFMPEG
@pytest.mark.parametrize("name", ["oggflac", "ogg", "opus", "spx"])
def test_ogg_pages_are_counted_on_when_comments_grow_and_shrink(name: str, folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, name, tmp_path)
    audio = full_hash(str(path))
    for text in ("x" * 300_000, "short", "y" * 70_000):
        change(path, SOURCES[name].key, comment=(text,))
        data, numbers, place = path.read_bytes(), [], 0
        while place < len(data):
            assert data[place : place + 4] == b"OggS"
            numbers.append(int.from_bytes(data[place + 18 : place + 22], "little"))
            segments = data[place + 27 : place + 27 + data[place + 26]]
            place += 27 + len(segments) + sum(segments)
        assert numbers == list(range(len(numbers)))
        assert values_of(path, SOURCES[name].key)["comment"] == (text,)
        assert full_hash(str(path)) == audio
    command = ("ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-")
    assert subprocess.run(command, check=True, capture_output=True).stderr == b""


def test_bytes_that_opus_keeps_behind_its_comments_stay(folder: Path, tmp_path: Path) -> None:
    path = bare(folder, "opus", tmp_path)
    change(path, "opus", title=("Old title",))
    data = path.read_bytes()
    at = data.index(b"TITLE=Old title") + len(b"TITLE=Old title")
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\1binary that is kept")
    # The checksum of the page is stated anew.
    with path.open("r+b") as file:
        OggPage(file)
        offset = file.tell()
        page = OggPage(file)
        file.seek(offset)
        file.write(page.write())
    change(path, "opus", title=("A new title that is longer than the old one",))
    assert b"\1binary that is kept" in path.read_bytes()


@NEEDS_FFMPEG
@pytest.mark.parametrize("flags", [(), ("-movflags", "+faststart")])
def test_an_mp4_file_finds_its_sound_when_its_tags_grow(flags: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "a.m4a"
    tone = ("-f", "lavfi", "-i", "sine=frequency=400:duration=2")
    subprocess.run(["ffmpeg", "-v", "error", *tone, *flags, str(path)], check=True)
    file: Any = MP4(path)
    file["pgap"], file["rtng"], file["©too"] = True, [1], ["An encoder"]
    file["----:com.apple.iTunes:iTunSMPB"] = [b" 00000000 00000840"]
    file.save()
    audio = full_hash(str(path))
    change(path, "m4a", lyrics=("x" * 200_000,), title=("New",), track=("3",), disc_total=("2",))
    assert full_hash(str(path)) == audio
    found: Any = MP4(path)
    assert (found["pgap"], found["rtng"], found["©too"]) == (True, [1], ["An encoder"])
    assert bytes(found["----:com.apple.iTunes:iTunSMPB"][0]) == b" 00000000 00000840"
    assert (found["trkn"], found["disk"]) == ([(3, 0)], [(0, 2)])
    assert subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-f", "null", "-"]).returncode == 0
