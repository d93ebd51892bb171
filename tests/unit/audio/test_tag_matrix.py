"""Every field in every format: one value, several, Unicode, long ones, none; read back by us and by other programs."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from tag_readers import Said, by_exiftool, by_ffprobe, by_taglib, missing_readers
from tagged_files import NEEDS_FFMPEG, SOURCES
from track_files import tags_of

from auralis_cli.audio.formats import FORMATS, format_named
from auralis_cli.audio.tag_editing import change_tag_values, read_file_tags
from auralis_cli.audio.tag_places import CELLS, NO_TAGS, TAG_PLACES, unwritable
from auralis_cli.audio.track_file import full_hash
from auralis_cli.errors import InputError, UnsupportedError
from auralis_cli.model.tag_fields import TAG_FIELDS, TagField, TagKind

pytestmark = NEEDS_FFMPEG
_NEEDS_READERS = pytest.mark.skipif(bool(missing_readers()), reason=f"needs {', '.join(missing_readers())}")
_KINDS = sorted(name for name, kind in SOURCES.items() if kind.key not in NO_TAGS and not name.endswith("-ape"))
# No more than what a file of them begins with, for want of an encoder.
_HEADS_ONLY = {"ape", "mpc8", "tak"}
# Chosen so that nothing else in a file is likely to be told by them.
_NUMBERS = {"track": "83", "track_total": "91", "disc": "67", "disc_total": "71", "movement": "59", "bpm": "137"}
_DATES = {"date": "1984-05-03", "original_date": "1979-02-01"}
_ADDRESSES = ("website", "license")

Values = dict[str, tuple[str, ...]]


def one(field: TagField) -> tuple[str, ...]:
    if field.kind is TagKind.FLAG:
        return ("1",)
    if field.name in _ADDRESSES:
        return (f"https://example.org/{field.name}",)
    return (_NUMBERS.get(field.name) or _DATES.get(field.name) or f"a {field.name}",)


def several(field: TagField) -> tuple[str, ...]:
    return (f"b {field.name}", f"c {field.name}", f"d {field.name}") if field.is_several else one(field)


def unicode(field: TagField) -> tuple[str, ...]:
    is_text = field.kind in (TagKind.TEXT, TagKind.LONG_TEXT) and field.name not in _ADDRESSES
    return (f"Žluťoučký Ψ 日本語 🎵 {field.name}",) if is_text else one(field)


def long(field: TagField) -> tuple[str, ...]:
    if field.kind is TagKind.LONG_TEXT:
        return (f"{field.name}\n" + "A line of it.\n" * 4000 + "The end.",)
    return (f"{field.name} {'long ' * 600}end",) if field.kind is TagKind.TEXT else one(field)


_CASES = {"one": one, "several": several, "unicode": unicode, "long": long}
# What none of the three programs shows, though it is there: of WMA's attributes TagLib knows not these, and the others
# show the first of several.
_UNSEEN = {("wma", "several"): {"artists", "performer"}}
# Containers that some of them do not open, or not for tags: their tag is shown in one that all do.
_TAG_IN_OTHER = {**dict.fromkeys(("dff", "dsf", "aac", "rf64"), b"ID3\4"), "tak": b"APETAGEX"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("matrix")


def untagged(folder: Path, name: str) -> Path:
    extension = format_named(SOURCES[name].key).extensions[0]
    path = folder / f"{name}{extension}"
    if not path.exists():
        SOURCES[name].make(path)
    return path


def written(folder: Path, name: str, case: str) -> Path:
    """A file all of whose fields are as the case has them; made once."""
    source = untagged(folder, name)
    path = folder / f"{name}-{case}{source.suffix}"
    if not path.exists():
        shutil.copy(source, path)
        with path.open("r+b") as file:
            assert change_tag_values(file, SOURCES[name].key, values(name, case)) == ()
    return path


def values(name: str, case: str) -> Values:
    """What the cells can hold."""
    wanted = {field.name: _CASES[case](field) for field in TAG_FIELDS}
    return {field: texts for field, texts in wanted.items() if unwritable(SOURCES[name].key, field, texts) is None}


def values_of(path: Path, name: str) -> Mapping[str, tuple[str, ...]]:
    with path.open("rb") as file:
        return read_file_tags(file, SOURCES[name].key).values


def audio_of(path: Path) -> str:
    """What the sound is told by; where there is none, what the file begins with."""
    try:
        return full_hash(str(path))
    except InputError:
        return path.read_bytes()[:4096].hex()


@pytest.mark.invariant("S3-ENG-18")
def test_every_format_keeps_tags_or_says_why_it_does_not() -> None:
    assert {row.key for row in FORMATS} == TAG_PLACES.keys() | NO_TAGS.keys()
    assert not TAG_PLACES.keys() & NO_TAGS.keys()
    assert {SOURCES[name].key for name in _KINDS} == TAG_PLACES.keys()
    assert all(unwritable(key) == reason for key, reason in NO_TAGS.items())


@pytest.mark.parametrize("case", _CASES)
@pytest.mark.parametrize("name", _KINDS)
def test_every_field_is_read_back_as_it_was_written_and_the_sound_is_the_same(
    name: str, case: str, folder: Path
) -> None:
    path = written(folder, name, case)
    assert values_of(path, name) == values(name, case)
    assert audio_of(path) == audio_of(untagged(folder, name))


@pytest.mark.parametrize("case", ["one", "several", "unicode"])
@pytest.mark.parametrize("name", sorted({*_KINDS} - _HEADS_ONLY))
def test_the_library_reads_what_was_written(name: str, case: str, folder: Path) -> None:
    said, tags = values(name, case), tags_of(written(folder, name, case))
    singles = ("title", "album", "date", "disc_title", "comment", "copyright", "isrc", "mb_album_id", "mb_recording_id")
    assert {field: getattr(tags, field) for field in singles} == {field: said[field][0] for field in singles}
    assert (tags.genres, tags.moods, tags.artists) == (said["genre"], said["mood"], said["artists"])
    assert (tags.artist, tags.albumartist) == (", ".join(said["artist"]), ", ".join(said["albumartist"]))
    assert (tags.track, tags.track_total, tags.disc, tags.disc_total) == (83, 91, 67, 71)
    assert (tags.bpm, tags.compilation, tags.original_year, tags.label) == (137.0, True, 1979, said["label"][0])


@pytest.mark.parametrize("name", _KINDS)
def test_every_field_changes_alone_and_goes_alone(name: str, folder: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(written(folder, name, "several"), tmp_path))
    key, before = SOURCES[name].key, values(name, "several")
    with path.open("r+b") as file:
        for field in TAG_FIELDS:
            change_tag_values(file, key, {field.name: ()})
            found = dict(read_file_tags(file, key).values)
            assert found == {other: texts for other, texts in before.items() if other != field.name}
            change_tag_values(file, key, {field.name: before[field.name]})
        assert read_file_tags(file, key).values == before
    assert audio_of(path) == audio_of(untagged(folder, name))


@pytest.mark.parametrize("name", _KINDS)
def test_what_is_emptied_is_gone(name: str, folder: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(written(folder, name, "unicode"), tmp_path))
    with path.open("r+b") as file:
        change_tag_values(file, SOURCES[name].key, {field.name: () for field in TAG_FIELDS})
    assert values_of(path, name) == {}
    assert "日本語".encode() not in path.read_bytes()
    assert "日本語".encode("utf-16-le") not in path.read_bytes()
    assert audio_of(path) == audio_of(untagged(folder, name))


@_NEEDS_READERS
@pytest.mark.parametrize("case", ["one", "several", "unicode"])
def test_other_programs_read_every_field_of_every_format(case: str, folder: Path) -> None:
    paths = {name: shown_as(folder, name, case) for name in _KINDS}
    listed = list(paths.values())
    # A start for each file takes time: ffprobe is asked of all once, and of what the others do not show.
    asked = listed if case == "one" else [paths[name] for name in ("wma", "m4a", "alac")]
    said = [by_taglib(listed), by_exiftool(listed), by_ffprobe(asked)]
    unseen: dict[tuple[str, str], set[str]] = {}
    for name, path in paths.items():
        for field, texts in values(name, case).items():
            if not any(all(_is_said(field, text, found.get(path, set())) for text in texts) for found in said):
                unseen.setdefault((name, case), set()).add(field)
    assert unseen == {cell: fields for cell, fields in _UNSEEN.items() if cell[1] == case}


def shown_as(folder: Path, name: str, case: str) -> Path:
    """The file, or its tag as it is in front of an mp3 or behind a Musepack file."""
    path = written(folder, name, case)
    if name not in _TAG_IN_OTHER:
        return path
    data = path.read_bytes()
    tag = data[data.index(_TAG_IN_OTHER[name]) :]
    if name == "tak":
        shown, data = folder / f"{name}-{case}.mpc", untagged(folder, "mpc").read_bytes() + tag
    else:
        size = 10 + sum(byte << shift for byte, shift in zip(tag[6:10], (21, 14, 7, 0), strict=True))
        shown, data = folder / f"{name}-{case}.mp3", tag[:size] + untagged(folder, "mp3").read_bytes()
    shown.write_bytes(data)
    return shown


def _is_said(field: str, text: str, said: Said) -> bool:
    if field == "compilation":
        return any("compilation" in name.lower() and value in ("1", "Yes", "True") for name, value in said)
    other = text.replace("-", ":") if field in _DATES else text
    pairs = {"track": "83/91", "track_total": "83/91", "disc": "67/71", "disc_total": "67/71"}
    return any(value in (text, other, pairs.get(field), f"\x03{text}") for _, value in said)


@pytest.mark.parametrize("key", NO_TAGS)
def test_a_format_without_a_place_for_tags_is_refused(key: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"anything")
    with path.open("r+b") as file, pytest.raises(UnsupportedError, match="no place for tags"):
        change_tag_values(file, key, {"title": ("A title",)})
    assert path.read_bytes() == b"anything"


def test_what_a_cell_cannot_hold_is_refused_with_the_reason(folder: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(written(folder, "m4a", "one"), tmp_path))
    before = path.read_bytes()
    with path.open("r+b") as file, pytest.raises(UnsupportedError, match="whole numbers of beats"):
        change_tag_values(file, "m4a", {"bpm": ("128.5",)})
    assert path.read_bytes() == before
    assert {field for _, field in CELLS} == {"bpm", "genre"}
    for key, field in CELLS:
        assert unwritable(key, field, ("17",) if field == "genre" else ("128.5",))
        assert unwritable(key, field, ("Rock",) if field == "genre" else ("128",)) is None
