"""Playlist files that we write: what is written is read again, and no title becomes an entry."""

from __future__ import annotations

import os
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auralis_cli.model.playlists import ListedFile, ListedFiles, PlaylistFormat
from auralis_cli.services.playlist_files.files import playlist_file, read_playlist_bytes
from auralis_cli.services.playlist_files.locations import artist_and_title, display_name, one_line

HOSTILE = [
    "x\n/etc/passwd",
    "x\r/etc/passwd",
    "x\r\n#EXTINF:1,y\r\n/etc/passwd",
    "x\x85/etc/passwd\u2028/etc/passwd\x0b/etc/passwd",
    "\nFile2=/etc/passwd",
    "#EXTM3U",
    "  leading",
    "]]></title></track><track><location>/etc/passwd</location></track>",
    "&a; <!DOCTYPE x> <location>/etc/passwd</location>",
    "[red]\x1b]0;x\x07",
    "a - b - c",
    "\udcff\ufffe\0",
    "",
    " ",
]
NAMES = ["#a", " a", "a ", "a:b", "file:", "C:", "http:", "100%25", "é", "\udcff", "a\\b", "a\nb", "a\rb", "-", "..a"]
NAMES += ["\x0b", "[", "=x", "A=1", "&<>\"']]>"]
hostile_text = st.one_of(st.none(), st.sampled_from(HOSTILE), st.text(max_size=12))
file_names = st.one_of(
    st.sampled_from(NAMES),
    st.binary(min_size=1, max_size=8).map(lambda data: os.fsdecode(data.replace(b"\0", b"0").replace(b"/", b"_"))),
).filter(lambda name: name not in (".", ".."))
own_paths = st.lists(file_names, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts))
all_paths = st.one_of(
    own_paths, st.sampled_from([r"C:\Music\a b.flac", r"\\nas\x\ä.flac", "D:/a%20b", "/C:/x", r"/\\n\x"])
)
durations = st.one_of(st.none(), st.integers(0, 10**6).map(float), st.floats(0, 1e6))
listed_files = st.lists(st.builds(ListedFile, all_paths, hostile_text, hostile_text, durations), max_size=5)
KINDS = list(PlaylistFormat)


def read(data: bytes, folder: str = "/music") -> ListedFiles:
    return read_playlist_bytes(data, "x", folder, None)


def as_held(kind: PlaylistFormat, entry: ListedFile) -> ListedFile:
    """What a format can hold of an entry: whole seconds and one name, or milliseconds and two."""
    if kind is PlaylistFormat.XSPF:
        title, artist = (
            one_line((text or "").replace("\ufffe", " ").replace("\uffff", " ")) or None
            for text in (entry.title, entry.artist)
        )
        seconds = None if entry.duration_s is None else round(entry.duration_s * 1000.0) / 1000.0
        return ListedFile(entry.path, title, artist, seconds)
    artist, title = artist_and_title(display_name(entry.artist, entry.title))
    return ListedFile(entry.path, title, artist, None if entry.duration_s is None else float(round(entry.duration_s)))


@pytest.mark.invariant("S0-L06")
@pytest.mark.parametrize("kind", KINDS)
@given(entries=listed_files, title=hostile_text, relative=st.booleans())
def test_what_is_written_is_read_again(
    kind: PlaylistFormat, entries: list[ListedFile], title: str | None, relative: bool
) -> None:
    written = playlist_file(kind, title, entries, "/music" if relative else None)
    holds_lines = kind is not PlaylistFormat.XSPF
    kept = [entry for entry in entries if not (holds_lines and ("\n" in entry.path or "\r" in entry.path))]
    listed = read(written.data)
    assert list(listed.entries) == [as_held(kind, entry) for entry in kept]
    assert list(written.left_out) == [entry.path for entry in entries if entry not in kept]
    named = as_held(PlaylistFormat.XSPF, ListedFile("/x", title)).title
    assert listed.title == (one_line(title or "") or None if holds_lines else named)
    assert not listed.warnings


@pytest.mark.invariant("S0-L06")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_title_is_never_an_entry_also_for_readers_that_split_lines_otherwise(kind: PlaylistFormat, text: str) -> None:
    entries = [ListedFile("/m/a.flac", text, text), ListedFile("/m/b.flac", "b", text, 5.0)]
    data = playlist_file(kind, text, entries).data
    assert [entry.path for entry in read(data).entries] == ["/m/a.flac", "/m/b.flac"]
    lines = [line.strip() for line in data.decode().splitlines()]
    assert not [line for line in lines if line.startswith(("/etc", "File2=/etc", "<location>/etc"))]
    assert data.count(b"\n") == len(lines)


def test_relative_paths_are_seen_from_the_folder() -> None:
    entries = [ListedFile("/music/a/x.flac"), ListedFile("/other/y.flac"), ListedFile("/music/#z.flac")]
    data = playlist_file(PlaylistFormat.M3U, None, entries, "/music").data
    assert [line for line in data.decode().splitlines() if not line.startswith("#")] == [
        "a/x.flac",
        "../other/y.flac",
        "./#z.flac",
    ]
    assert read(data, "/elsewhere/music").entries[0].path == "/elsewhere/music/a/x.flac"
    xspf = playlist_file(PlaylistFormat.XSPF, None, entries, "/music").data.decode()
    assert "<location>a/x.flac</location>" in xspf
    assert "<location>./%23z.flac</location>" in xspf


def test_other_programs_read_what_we_write() -> None:
    entries = [ListedFile("/m/é & b.flac", "T", "A", 61.4)]
    assert playlist_file(PlaylistFormat.M3U, "Mine", entries).data.decode() == (
        "#EXTM3U\n#PLAYLIST:Mine\n#EXTINF:61,A - T\n/m/é & b.flac\n"
    )
    assert playlist_file(PlaylistFormat.PLS, None, entries).data.decode() == (
        "[playlist]\nFile1=/m/é & b.flac\nTitle1=A - T\nLength1=61\nNumberOfEntries=1\nVersion=2\n"
    )
    root = ElementTree.fromstring(playlist_file(PlaylistFormat.XSPF, "Mine", entries).data)
    space = "{http://xspf.org/ns/0/}"
    assert root.findtext(f"{space}trackList/{space}track/{space}location") == "file:///m/%C3%A9%20%26%20b.flac"
    assert root.findtext(f"{space}trackList/{space}track/{space}duration") == "61400"
