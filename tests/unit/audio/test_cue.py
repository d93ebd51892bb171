"""The tracks of a cue sheet: which file each lies in, its span, its tags; and where a sheet may not lead."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auralis_cli.audio.cue import tracks_of
from auralis_cli.errors import InputError
from auralis_cli.model.source import AudioSource, CueTrack, DecodeLimits, is_cue_sheet

ALBUM = """\
PERFORMER "The Band"
TITLE "The Album"
REM DATE 1973
FILE "album.wav" WAVE
  TRACK 01 AUDIO
    TITLE "First"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Second"
    PERFORMER "The Guest"
    INDEX 00 01:00:00
    INDEX 01 01:02:00
  TRACK 03 AUDIO
    INDEX 01 02:00:10
"""


def sheet_in(folder: Path, text: str = ALBUM, name: str = "album.cue", audio: str | None = "album.wav") -> Path:
    if audio is not None:
        (folder / audio).parent.mkdir(exist_ok=True)
        (folder / audio).write_bytes(b"RIFF")
    sheet = folder / name
    sheet.write_text(text, encoding="utf-8")
    return sheet


def named(file: str) -> str:
    return f'FILE "{file}" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n'


def cue(source: AudioSource) -> CueTrack:
    assert source.cue is not None
    return source.cue


def only(folder: Path, file: str) -> AudioSource:
    (source,) = tracks_of(sheet_in(folder, named(file), "s.cue", None))
    return source


def test_a_sheet_and_a_file_are_its_tracks(tmp_path: Path) -> None:
    limits = DecodeLimits(max_duration_s=60.0)
    sheet = sheet_in(tmp_path)
    tracks = tracks_of(sheet, limits)
    assert [track.name for track in tracks] == [f"{sheet}#1", f"{sheet}#2", f"{sheet}#3"]
    assert {track.path for track in tracks} == {tmp_path / "album.wav"}
    assert {track.limits for track in tracks} == {limits}
    assert [(cue(track).start_sector, cue(track).end_sector) for track in tracks] == [
        (0, 62 * 75),
        (62 * 75, 120 * 75 + 10),
        (120 * 75 + 10, None),
    ]
    assert [track.warnings for track in tracks] == [(), (), ()]


def test_tags_are_those_of_the_track_before_those_of_the_album(tmp_path: Path) -> None:
    first, second, third = (dict(cue(track).tags) for track in tracks_of(sheet_in(tmp_path)))
    for number, tags in enumerate((first, second, third), 1):
        assert (tags["album"], tags["albumartist"], tags["date"]) == ("The Album", "The Band", "1973")
        assert (tags["tracknumber"], tags["tracktotal"]) == (str(number), "3")
    assert (first["title"], first["artist"]) == ("First", "The Band")
    assert (second["title"], second["artist"]) == ("Second", "The Guest")
    assert "title" not in third


def test_a_track_that_is_its_whole_file_is_told_from_a_part(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    assert cue(only(tmp_path, "a.wav")).is_whole_file
    assert not any(cue(track).is_whole_file for track in tracks_of(sheet_in(tmp_path)))


def test_a_sheet_with_a_file_for_each_track_works(tmp_path: Path) -> None:
    (tmp_path / "2.wav").write_bytes(b"RIFF")
    text = named("1.wav") + named("2.wav").replace("TRACK 01", "TRACK 02")
    first, second = tracks_of(sheet_in(tmp_path, text, audio="1.wav"))
    assert (first.path, second.path) == (tmp_path / "1.wav", tmp_path / "2.wav")
    assert cue(first).end_sector is cue(second).end_sector is None


def test_one_missing_file_costs_its_own_tracks_only(tmp_path: Path) -> None:
    text = named("1.wav") + named("2.wav").replace("TRACK 01", "TRACK 02")
    first, second = tracks_of(sheet_in(tmp_path, text, audio="2.wav"))
    assert (first.path, second.path) == (tmp_path / "1.wav", tmp_path / "2.wav")
    assert second.warnings == ()


def test_a_data_track_ends_the_audio_before_it_and_is_left_out(tmp_path: Path) -> None:
    text = ALBUM.replace("TRACK 03 AUDIO", "TRACK 03 MODE1/2352")
    tracks = tracks_of(sheet_in(tmp_path, text))
    assert [cue(track).number for track in tracks] == [1, 2]
    assert cue(tracks[1]).end_sector == 120 * 75 + 10
    assert dict(cue(tracks[1]).tags)["tracktotal"] == "2"


def test_a_sheet_of_data_only_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no audio tracks"):
        tracks_of(sheet_in(tmp_path, named("album.wav").replace("AUDIO", "MODE1/2048")))


def test_music_before_the_first_track_is_said_to_be_left_out(tmp_path: Path) -> None:
    first, second, _ = tracks_of(sheet_in(tmp_path, ALBUM.replace("INDEX 01 00:00:00", "INDEX 01 00:30:00")))
    assert cue(first).start_sector == 30 * 75
    assert first.warnings == ("the 30.00 s before this track in its file belong to no track: left out",)
    assert second.warnings == ()


def test_what_was_guessed_is_said(tmp_path: Path) -> None:
    sheet = sheet_in(tmp_path)
    sheet.write_bytes(ALBUM.replace("Guest", "Gäst").encode("cp1252"))
    assert dict(cue(tracks_of(sheet)[1]).tags)["artist"] == "The Gäst"
    assert "Windows-1252" in tracks_of(sheet)[0].warnings[0]
    sheet.write_text(ALBUM.replace('"First"', '"First"\nFLAGS DCP PRE'), encoding="utf-8")
    assert ["pre-emphasis" in "".join(track.warnings) for track in tracks_of(sheet)] == [True, False, False]


@pytest.mark.parametrize(
    ("there", "asked"),
    [
        ("album.wav", "ALBUM.WAV"),
        ("Album.Wav", "album.wav"),
        ("CD1/Album.wav", "cd1/album.WAV"),
        ("CD1/album.wav", "CD1\\album.wav"),
        ("album.wav", "C:\\Users\\Me\\Music\\album.wav"),
        ("album.wav", "D:/rips/album.wav"),
        ("Noe\u0308l.wav", "No\u00ebl.wav"),
        ("back\\slash.wav", "back\\slash.wav"),
        ("~x.wav", "~x.wav"),
        ("-rf.wav", "-rf.wav"),
        ("CD1/album.wav", "CD1/../CD1/./album.wav"),
    ],
)
def test_the_file_is_found_as_other_systems_write_its_name(there: str, asked: str, tmp_path: Path) -> None:
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).write_bytes(b"RIFF")
    source = only(tmp_path, asked)
    assert source.path is not None
    assert source.path.samefile(tmp_path / there)
    assert source.warnings == ()


@pytest.mark.parametrize(
    ("there", "asked", "found"),
    [
        (["album.flac"], "album.wav", "album.flac"),
        (["album.mp3", "album.flac", "album.jpg", "album.txt"], "Album.wav", "album.flac"),
        (["s.flac"], "CDImage.wav", "s.flac"),
        (["other.flac", "s.FLAC"], "\u00e9\u00e9.ape", "s.FLAC"),
        (["image.wav.flac"], "image.wav.ape", "image.wav.flac"),
    ],
)
def test_a_file_that_was_encoded_since_is_used_and_said_to_be(
    there: list[str], asked: str, found: str, tmp_path: Path
) -> None:
    for name in there:
        (tmp_path / name).write_bytes(b"x")
    source = only(tmp_path, asked)
    assert source.path == tmp_path / found
    assert source.warnings == (f"the cue sheet names {asked}, which is not there: {found} is used",)


def test_the_name_of_the_sheet_tells_nothing_where_it_names_several_files(tmp_path: Path) -> None:
    (tmp_path / "album.flac").write_bytes(b"x")
    text = named("1.wav") + named("2.wav").replace("TRACK 01", "TRACK 02")
    assert [track.path for track in tracks_of(sheet_in(tmp_path, text, audio=None))] == [
        tmp_path / "1.wav",
        tmp_path / "2.wav",
    ]


@pytest.mark.invariant("S0-H02")
@pytest.mark.parametrize(
    "asked",
    [
        "../../etc/passwd",
        "../secret.wav",
        "..\\secret.wav",
        "CD1/../../secret.wav",
        "/etc/passwd",
        "//etc/passwd",
        "..",
        "link/secret.wav",
        "link.wav",
        "LINK.wav",
        "link.flac",
        "nul\\..\\..\\secret.wav",
    ],
)
def test_a_sheet_leads_nowhere_outside_its_folder(asked: str, tmp_path: Path) -> None:
    folder = tmp_path / "album"
    (folder / "CD1").mkdir(parents=True)
    (tmp_path / "secret.wav").write_bytes(b"RIFF")
    (folder / "link").symlink_to(tmp_path)
    (folder / "link.wav").symlink_to(tmp_path / "secret.wav")
    with pytest.raises(InputError, match=r"s\.cue: names '.*', which leads to a file outside its folder \(put the"):
        only(folder, asked)


@pytest.mark.invariant("S0-H02")
def test_a_folder_reached_by_a_link_is_the_one_the_caller_named(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    sheet_in(real)
    assert {track.path for track in tracks_of(link / "album.cue")} == {link / "album.wav"}
    inside = only(link, str(real / "album.wav"))
    assert inside.path == real / "album.wav"


@pytest.mark.parametrize("asked", ["x" * 5000, "a/" * 3000 + "b.wav", "\x1b[31m.wav", ".", "a\x7f"])
def test_an_impossible_name_is_a_file_that_is_not_there(asked: str, tmp_path: Path) -> None:
    source = only(tmp_path, asked)
    assert source.path is not None
    assert not source.path.is_relative_to(tmp_path / "s.cue")


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file and a folder in it, and more beside it."""
    folder = tmp_path_factory.mktemp("music") / "album"
    (folder / "CD1").mkdir(parents=True)
    (folder / "a.wav").write_bytes(b"RIFF")
    (folder.parent / "b.wav").write_bytes(b"RIFF")
    return folder


@pytest.mark.invariant("S0-H02")
@given(
    st.one_of(
        st.text(max_size=40),
        st.lists(st.sampled_from(["..", ".", "/", "\\", "C:", "a.wav", "b.wav", "CD1", "~", "\0"])).map("".join),
    )
)
def test_any_name_is_a_place_in_the_folder_or_an_input_error(album: Path, asked: str) -> None:
    sheet = album / "s.cue"
    sheet.write_bytes(named(asked).encode("utf-8", "surrogatepass"))
    try:
        (source,) = tracks_of(sheet)
    except InputError:
        return
    assert source.path is not None
    assert Path(os.path.realpath(source.path)).is_relative_to(os.path.realpath(album))


@pytest.mark.parametrize("kind", ["missing", "folder", "empty", "unreadable", "large"])
def test_a_sheet_that_cannot_be_read_is_named(kind: str, tmp_path: Path) -> None:
    sheet = tmp_path / "a.cue"
    if kind == "folder":
        sheet.mkdir()
    elif kind == "empty":
        sheet.touch()
    elif kind == "unreadable":
        sheet.write_bytes(b"fLaC" + bytes(range(256)) * 20)
    elif kind == "large":
        with sheet.open("wb") as file:
            file.truncate(1 << 40)
    with pytest.raises(InputError, match=r"a\.cue: "):
        tracks_of(sheet)


def test_a_sheet_is_known_by_its_name() -> None:
    assert is_cue_sheet(Path("a/b.cue"))
    assert is_cue_sheet(Path("B.CUE"))
    assert not is_cue_sheet(Path("cue"))
    assert not is_cue_sheet(Path("a.cue.flac"))
