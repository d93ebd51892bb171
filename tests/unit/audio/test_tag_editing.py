"""Tags changed in place: the fields named, wherever the file has them, and not a byte of anything else."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from edited_files import OLD_TAG, bare, change, frame, id3_tag, info, mp3_with, tagged, values_of, wav_with
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutagen import id3
from mutagen.apev2 import APEv2
from mutagen.flac import FLAC
from mutagen.oggvorbis import OggVorbis
from tagged_files import COVER, NEEDS_FFMPEG, SOURCES, encoded

from auralis_cli.audio.probe import sniff
from auralis_cli.audio.tag_editing import TagsEdit, change_raw_fields, change_tag_values, read_file_tags
from auralis_cli.audio.tag_reading import UNREADABLE
from auralis_cli.audio.tag_set import TagSet
from auralis_cli.audio.tags import copy_tags
from auralis_cli.audio.track_file import full_hash
from auralis_cli.errors import InputError, UnsupportedError
from auralis_cli.model.tag_edits import TagAction, TagEdit
from auralis_cli.model.tag_fields import TAG_FIELDS, TagKind

_ODD_FILES = os.environ.get("AURALIS_ODD_FILES")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("editing")


def test_id3_and_ape_in_one_file_are_changed_alike(folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, "mp3", tmp_path)
    ape = APEv2()
    ape["Title"], ape["Track"], ape["mp3gain_minmax"], ape["Own"] = "Old", "1/9", "060,190", "kept"
    ape.save(path)
    path.write_bytes(path.read_bytes() + OLD_TAG)
    audio = full_hash(str(path))
    change(path, "mp3", title=("New",), track=("4",), album=("Of ID3 only",))
    found = dict(APEv2(io.BytesIO(path.read_bytes())))
    assert {name: str(value) for name, value in found.items()} == {
        "Title": "New", "Track": "4/12", "mp3gain_minmax": "060,190", "Own": "kept"
    }  # fmt: skip
    assert (str(id3.ID3(path)["TIT2"]), str(id3.ID3(path)["TALB"])) == ("New", "Of ID3 only")
    assert path.read_bytes()[-128:][3:33].rstrip(b"\0") == b"New"
    assert full_hash(str(path)) == audio


def test_a_file_with_an_ape_tag_alone_gets_no_other(folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, "mp3-ape", tmp_path)
    change(path, "mp3", title=("New",))
    assert path.read_bytes()[:3] != b"ID3"
    assert APEv2(path)["Title"] == "New"
    assert COVER in path.read_bytes()


def test_a_new_tag_is_not_made_for_gains_alone_to_hide_what_others_say(folder: Path, tmp_path: Path) -> None:
    path = mp3_with(folder, tmp_path)
    ape = APEv2()
    ape["mp3gain_minmax"] = "060,190"
    ape.save(path)
    change(path, "mp3", title=("New",))
    assert str(id3.ID3(path)["TIT2"]) == "New"
    assert list(APEv2(path)) == ["mp3gain_minmax"]


def test_what_stands_behind_and_before_an_ape_tag_stays(folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, "mp3-ape", tmp_path)
    lyrics = b"LYRICSBEGININD0000200" + b"000021" + b"LYRICS200"
    path.write_bytes(path.read_bytes() + lyrics + OLD_TAG)
    change(path, "mp3", composer=("Somebody else",))
    assert path.read_bytes().endswith(lyrics + OLD_TAG)
    assert values_of(path, "mp3")["composer"] == ("Somebody else",)


def test_an_id3_tag_before_a_flac_stream_is_changed_too(folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, "flac", tmp_path)
    path.write_bytes(id3_tag(frame("TIT2", b"\3Old"), frame("TPE2", b"\3Kept")) + path.read_bytes())
    change(path, "flac", title=("New",), genre=("Rock",))
    data = path.read_bytes()
    assert frame("TIT2", b"\3New") + frame("TPE2", b"\3Kept") in data
    assert b"TCON" not in data[: data.index(b"fLaC")]
    assert FLAC(path)["title"] == ["New"]


def test_raw_fields_keep_the_spelling_that_is_there_and_take_the_one_given(folder: Path, tmp_path: Path) -> None:
    gains = {"replaygain_track_gain": ("-7.00 dB",), "REPLAYGAIN_ALBUM_GAIN": ("-6.00 dB",)}
    mp3 = mp3_with(
        folder, tmp_path, id3_tag(frame("TXXX", b"\3Replaygain_Track_Gain\0-1 dB"), frame("RVA2", b"x\0\1\0\0\0"))
    )
    with mp3.open("r+b") as file:
        change_raw_fields(file, "mp3", {**gains, "rva2": ()})
    tag = id3.ID3(mp3)
    assert [(each.desc, each.text) for each in tag.getall("TXXX")] == [
        ("replaygain_track_gain", ["-7.00 dB"]), ("REPLAYGAIN_ALBUM_GAIN", ["-6.00 dB"])
    ]  # fmt: skip
    assert not tag.getall("RVA2")
    ogg = bare(folder, "ogg", tmp_path)
    with ogg.open("r+b") as file:
        change_raw_fields(file, "ogg", gains)
        change_raw_fields(file, "ogg", {"REPLAYGAIN_TRACK_GAIN": ("-8.00 dB",)})
    found: Any = OggVorbis(ogg)
    assert [pair for pair in found.tags if "gain" in pair[0].lower()] == [
        ("replaygain_track_gain", "-8.00 dB"), ("REPLAYGAIN_ALBUM_GAIN", "-6.00 dB")
    ]  # fmt: skip


@pytest.mark.invariant("S1-M-22")
@pytest.mark.parametrize("name", ["id", "_meta", "__class__", "save", "path", "rating", "replaygain_track_gain"])
def test_no_name_but_one_of_the_table_is_changed(name: str, folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, "flac", tmp_path)
    before = path.read_bytes()
    with pytest.raises(KeyError):
        change(path, "flac", **{name: ("x",)})
    assert path.read_bytes() == before


def test_edits_are_done_in_order_to_what_the_file_says(folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, "flac", tmp_path)
    edits = (
        TagEdit("genre", TagAction.ADD, ("Live", "Jazz")),
        TagEdit("genre", TagAction.REMOVE, ("weird",)),
        TagEdit("title", TagAction.SET, ("New",)),
        TagEdit("mood", TagAction.REMOVE),
    )
    with path.open("r+b") as file:
        assert TagsEdit(edits).apply(file, "flac") == ()
        before = path.read_bytes()
        assert TagsEdit(edits).apply(file, "flac") == ()
    assert path.read_bytes() == before
    found = values_of(path, "flac")
    assert (found["genre"], found["title"], "mood" in found) == (("Jazz", "Live"), ("New",), False)


def test_an_edit_that_a_format_cannot_hold_says_why_in_one_line(folder: Path, tmp_path: Path) -> None:
    path = tagged(folder, "mp3", tmp_path)
    edit = TagsEdit((TagEdit("genre", TagAction.ADD, ("17",)),))
    with path.open("r+b") as file, pytest.raises(UnsupportedError, match="no genre that is a number") as caught:
        edit.apply(file, "mp3")
    assert "\n" not in str(caught.value)


def test_tags_changed_here_go_along_when_music_is_mastered(folder: Path, tmp_path: Path) -> None:
    source, result = wav_with(tmp_path / "in.wav", info(IART=b"Somebody\0")), tmp_path / "out.flac"
    change(source, "wav", title=("New",))
    encoded("FLAC", "PCM_16")(result)
    assert copy_tags(source, result) == ()
    assert (FLAC(result)["title"], FLAC(result)["artist"]) == (["New"], ["Somebody"])


_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=40).map(str.strip)
_ONES = [field.name for field in TAG_FIELDS if field.kind is TagKind.TEXT and field.name not in ("website", "license")]
_SEVERAL = {field.name for field in TAG_FIELDS if field.is_several} - {"genre"}


def some_values(name: str) -> st.SearchStrategy[tuple[str, ...]]:
    most = 4 if name in _SEVERAL else 1
    return st.lists(_TEXTS.filter(bool), max_size=most, unique=True).map(tuple)


_CHANGES = st.lists(st.sampled_from(sorted({*_ONES} - {"genre", "performer"})).flatmap(
    lambda name: st.tuples(st.just(name), some_values(name))), min_size=1, max_size=6)  # fmt: skip


@pytest.mark.parametrize("name", ["mp3", "flac", "ogg", "wv", "wav", "m4a", "dsf"])
@NEEDS_FFMPEG
@given(steps=_CHANGES)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_says_what_it_was_made_to_say_whatever_came_before(
    name: str, steps: list[tuple[str, tuple[str, ...]]], folder: Path, tmp_path: Path
) -> None:
    path = bare(folder, name, tmp_path)
    audio, expected = full_hash(str(path)), values_of(path, SOURCES[name].key)
    for field, texts in steps:
        change(path, SOURCES[name].key, **{field: texts})
        expected = {**expected, field: texts}
        found = values_of(path, SOURCES[name].key)
        assert found == {known: said for known, said in expected.items() if said}
    assert full_hash(str(path)) == audio


def test_the_tags_of_two_places_say_together_what_one_does_not() -> None:
    first, second = TagSet([("title", "A")]), TagSet([("Title", "B"), ("year", "1999")])
    first.add_unsaid(second)
    assert first.fields == [("title", "A"), ("date", "1999")]


@pytest.mark.skipif(not _ODD_FILES, reason="needs a folder of odd audio files: set AURALIS_ODD_FILES")
def test_every_odd_file_takes_a_title_and_nothing_else_or_is_refused(tmp_path: Path) -> None:
    changed = 0
    for source in sorted(Path(_ODD_FILES or ".").rglob("*")):
        if not source.is_file():
            continue
        path = Path(shutil.copy(source, tmp_path / "copy"))
        try:
            audio = full_hash(str(path))
        except InputError:
            continue
        with path.open("r+b") as file:
            key = sniff(path, file.fileno()).format.key
            try:
                before = read_file_tags(file, key)
                change_tag_values(file, key, {"title": ("Neuer Τίτλος",)})
            except (*UNREADABLE, UnsupportedError):
                continue
            after = read_file_tags(file, key)
        assert dict(after.values) == {**before.values, "title": ("Neuer Τίτλος",)}, source
        assert (after.others, after.pictures) == (before.others, before.pictures), source
        assert full_hash(str(path)) == audio, source
        changed += 1
    assert changed > 150
