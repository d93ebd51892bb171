"""Playlist files that others wrote: encodings, line ends, names of every kind; nothing is fetched or expanded."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from auralis_cli.errors import InputError, UnsupportedError
from auralis_cli.model.playlists import ListedFile, PlaylistFormat
from auralis_cli.services.playlist_files import files, listing
from auralis_cli.services.playlist_files.files import read_playlist_file


def read(folder: Path, name: str, data: bytes) -> tuple[ListedFile, ...]:
    (folder / name).write_bytes(data)
    return read_playlist_file(folder / name).entries


def paths(folder: Path, name: str, data: bytes) -> list[str]:
    return [os.path.relpath(entry.path, folder) for entry in read(folder, name, data)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_an_m3u_is_read_whatever_ends_its_lines(tmp_path: Path, end: bytes, mark: bytes) -> None:
    lines = [
        b"#EXTM3U",
        b"#EXTINF:183,Bj\xc3\xb6rk - J\xc3\xb3ga",
        b"a/1.flac",
        b"",
        b"# a comment",
        b"/b c.mp3",
        b"../d.ogg",
    ]
    entries = read(tmp_path / ".", "x.m3u", mark + end.join(lines))
    assert entries == (
        ListedFile(str(tmp_path / "a/1.flac"), "Jóga", "Björk", 183.0),
        ListedFile("/b c.mp3"),
        ListedFile(str(tmp_path.parent / "d.ogg")),
    )


def test_utf_16_is_read_by_its_mark(tmp_path: Path) -> None:
    assert paths(tmp_path, "x.m3u", "﻿#EXTM3U\r\nü.flac\r\n".encode("utf-16-le")) == ["ü.flac"]


def test_an_old_m3u_is_in_the_encoding_of_windows_where_its_names_are(tmp_path: Path) -> None:
    (tmp_path / "Café.mp3").touch()
    data = b"#EXTINF:5,Caf\xe9 \x96 Live\nCaf\xe9.mp3\nAnd\xe9.mp3\n"
    entries = read(tmp_path, "x.m3u", data)
    assert entries[0] == ListedFile(str(tmp_path / "Café.mp3"), "Café – Live", None, 5.0)
    # What is not there under either name stays byte by byte.
    assert os.fsencode(entries[1].path).endswith(b"/And\xe9.mp3")


def test_a_stated_encoding_is_heard(tmp_path: Path) -> None:
    data = b"#EXTM3U\n#EXTENC: windows-1251\n#EXTINF:5," + "Кино - Группа".encode("cp1251") + b"\nx.mp3\n"
    assert read(tmp_path, "x.m3u", data)[0].artist == "Кино"
    assert read(tmp_path, "y.m3u", b"#EXTENC: utf-16\n#EXTENC: base64\nx.mp3\n")[0].path.endswith("x.mp3")


def test_names_that_are_not_utf_8_are_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff\xe9 .flac")).touch()
    for name in ("x.m3u", "x.m3u8"):
        assert os.fsencode(read(tmp_path, name, b"\xff\xe9 .flac\n")[0].path).endswith(b"/\xff\xe9 .flac")


def test_what_was_meant_is_found_where_what_is_written_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a b.flac").touch()
    for written in (
        b"d/a b.flac",
        b"d/a b.flac  ",
        b"  d/a b.flac",
        b"d/a%20b.flac",
        b"d\\a b.flac",
        b".\\d\\a b.flac",
    ):
        assert paths(tmp_path, "x.m3u", written) == ["d/a b.flac"]
    (tmp_path / "d" / "a%20b.flac").touch()
    assert paths(tmp_path, "x.m3u", b"d/a%20b.flac") == ["d/a%20b.flac"]


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("file:///m/a%20b%C3%BC.flac", "/m/a bü.flac"),
        ("file://localhost/m/a.flac", "/m/a.flac"),
        ("file:/m/a.flac", "/m/a.flac"),
        ("FILE:///m/%ff.flac", "/m/\udcff.flac"),
        ("file:///m/a%0Ab.flac", "/m/a\nb.flac"),
        ("file:///C:/Music/a.flac", "C:/Music/a.flac"),
        (r"C:\Music\a.flac", r"C:\Music\a.flac"),
        (r"\\server\share\a.flac", r"\\server\share\a.flac"),
        ("//m//a.flac", "/m/a.flac"),
    ],
)
def test_uris_and_paths_of_windows_are_entries(tmp_path: Path, written: str, path: str) -> None:
    assert read(tmp_path, "x.m3u", written.encode())[0].path == path
    assert read(tmp_path, "x.pls", f"[playlist]\nFile1={written}\n".encode())[0].path == path


def test_what_is_on_the_network_is_kept_out_and_said(tmp_path: Path) -> None:
    (tmp_path / "x.m3u").write_bytes(
        b"http://radio.example/1\nhttps://x/\nrtsp://x\nmms://x\nfile://nas/a.flac\nfile:///%00\na.flac\n"
    )
    listed = read_playlist_file(tmp_path / "x.m3u")
    assert [os.path.basename(entry.path) for entry in listed.entries] == ["a.flac"]
    assert "6 left out" in listed.warnings[0]
    assert "http://radio.example/1" in listed.warnings[0]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("#EXTINF:10,A - B - C", ("B - C", "A", 10.0)),
        ("#EXTINF:-1,Just a title", ("Just a title", None, None)),
        ('#EXTINF:-1 tvg-id="x,y" group="Z, z",Ra, dio', ("Ra, dio", None, None)),
        ("#EXTINF:12.5,", (None, None, 12.5)),
        ("#extinf: 7 , x", ("x", None, 7.0)),
        ("#EXTINF:99999999999999999999,x", ("x", None, None)),
        ("#EXTINF:nonsense", (None, None, None)),
        ("#EXTINF:1,\x1b[31m red\x07", ("[31m red", None, 1.0)),
    ],
)
def test_what_stands_above_an_entry_is_about_it(
    tmp_path: Path, line: str, expected: tuple[str | None, str | None, float | None]
) -> None:
    one, other = read(tmp_path, "x.m3u", f"{line}\na.flac\nb.flac\n".encode())
    assert (one.title, one.artist, one.duration_s) == expected
    assert (other.title, other.artist, other.duration_s) == (None, None, None)


def test_a_pls_is_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    data = (
        b"[Playlist]\r\nFile10=j.mp3\r\ntitle2=B - b\r\nFILE2 = b.mp3\r\nLength2=61\r\nFile1=a.mp3\r\nLength1=-1\r\n"
        b"Title7=lost\r\nNumberOfEntries=9\r\nVersion=2\r\n"
    )
    assert read(tmp_path, "x.pls", data) == (
        ListedFile(str(tmp_path / "a.mp3")),
        ListedFile(str(tmp_path / "b.mp3"), "b", "B", 61.0),
        ListedFile(str(tmp_path / "j.mp3")),
    )


XSPF = b"""<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/"><title>Mine</title><trackList>
<track><location>file:///m/a%20b.flac</location><title> A &amp; B </title>
<creator>C</creator><duration>1500</duration></track>
<track><title>nowhere</title></track>
<track><location>d/%23x.flac</location><location>second.flac</location><extension><a>deep</a></extension></track>
<track><location>http://x/y</location></track>
</trackList></playlist>"""


def test_an_xspf_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.xspf").write_bytes(XSPF)
    listed = read_playlist_file(tmp_path / "x.xspf")
    assert listed.entries == (ListedFile("/m/a b.flac", "A & B", "C", 1.5), ListedFile(str(tmp_path / "d/#x.flac")))
    assert listed.title == "Mine"
    assert "http://x/y" in listed.warnings[0]
    assert read(tmp_path, "wrong-name.m3u", XSPF) == listed.entries


@pytest.mark.parametrize(
    "doctype",
    [
        b'<!DOCTYPE playlist [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>',
        b'<!DOCTYPE playlist [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE playlist SYSTEM "http://example.org/x.dtd">',
    ],
)
def test_an_xspf_that_makes_entities_is_refused(tmp_path: Path, doctype: bytes) -> None:
    data = XSPF.replace(b'<?xml version="1.0"?>', b'<?xml version="1.0"?>' + doctype).replace(b"&amp;", b"&a;")
    with pytest.raises(InputError, match="document type"):
        read(tmp_path, "x.xspf", data)


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("x.xspf", XSPF[:300], "no XSPF"),
        ("x.xspf", b"<html><body/></html>", "something else"),
        ("x.xspf", b"<playlist>" + b"<a>" * 100, "too deep"),
        ("x.xspf", b"<playlist>&undefined;</playlist>", "no XSPF"),
        ("x.m3u", b"RIFF\0\0\0\0WAVE", "NUL"),
    ],
)
def test_what_is_no_playlist_is_one_line(tmp_path: Path, name: str, data: bytes, why: str) -> None:
    with pytest.raises(InputError, match=why):
        read(tmp_path, name, data)


def test_a_file_of_no_known_kind_is_refused_unless_the_kind_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="--format"):
        read(tmp_path, "README.md", b"some text\n")
    assert len(read_playlist_file(tmp_path / "README.md", PlaylistFormat.M3U).entries) == 1
    with pytest.raises(InputError, match="No such file"):
        read_playlist_file(tmp_path / "nowhere.m3u")
    with pytest.raises(InputError, match="is no file"):
        read_playlist_file(tmp_path)


def test_a_playlist_of_any_size_is_read_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MAX_ENTRIES", 100)
    for name, line in (("x.m3u", "a\n"), ("x.pls", "File{}=a\n"), ("x.xspf", "<track><location>a</location></track>")):
        body = "".join(line.format(number) for number in range(101))
        if name == "x.xspf":
            body = f"<playlist><trackList>{body}</trackList></playlist>"
        elif name == "x.pls":
            body = f"[playlist]\n{body}"
        with pytest.raises(InputError, match="more than 100 entries"):
            read(tmp_path, name, body.encode())
    large = tmp_path / "large.m3u"
    with large.open("wb") as stream:
        stream.truncate(10 << 30)
    with pytest.raises(InputError, match="too large"):
        read_playlist_file(large)
    assert files.MAX_BYTES < 100 << 20


def test_a_long_line_costs_no_more_than_its_length(tmp_path: Path) -> None:
    hostile = [b"#EXTINF:1" + b' a="b"' * 200_000, b"#EXTINF:" + b" " * 1_000_000, b"#PLAYLIST:" + b" " * 1_000_000]
    assert len(read(tmp_path, "x.m3u", b"\n".join([*hostile, b"a.flac"]))) == 1


def test_a_playlist_may_come_through_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.m3u"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(b"a.flac\n"))
    writer.start()
    assert [entry.path for entry in read_playlist_file(pipe).entries] == [str(tmp_path / "a.flac")]
    writer.join()
