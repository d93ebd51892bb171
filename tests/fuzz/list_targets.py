"""Playlists, cue sheets and words of songs: files that other programs wrote, or people by hand."""

from __future__ import annotations

import os
from collections.abc import Callable

from fuzz.judging import Target

from auralis_cli.audio.cue_sheet import parse_cue_sheet
from auralis_cli.model.lyrics import lrc_of, parse_lyrics
from auralis_cli.model.playlists import ListedFiles, PlaylistFormat
from auralis_cli.services.playlist_files.files import playlist_file, read_playlist_bytes

_FOLDER = "/nowhere/music"
# Longer ones no system has.
_LONGEST_PATH_BYTES = 4096
_ENCODINGS = (b"utf-8", b"utf-7", b"utf-16", b"shift_jis", b"idna", b"punycode", b"unicode_escape", b"undefined",
              b"rot13", b"hex", b"cp1252", b"latin-1", b"no-such", b"mbcs", b"big5", b"utf-8-sig", b"\0",
              b"")  # fmt: skip
_NAMES = (b"/a/b.flac", b"a b.mp3", b"../x.ogg", b"C:\\Music\\x.wav", b"\\\\nas\\x", b"file:///a%20b.flac",
          b"file://localhost/x", b"http://example.org/x.mp3", b"file:", b"//a/b", b"./#x", b"%2e%2e/%00",
          b"~")  # fmt: skip


def playlist(kind: PlaylistFormat) -> Callable[[bytes], None]:
    """What is read is written and read again in each of the formats, and is the same then."""

    def run(data: bytes) -> None:
        found = read_playlist_bytes(data, "list", _FOLDER, kind)
        _check_entries(found)
        written = playlist_file(kind, found.title, found.entries, None)
        again = read_playlist_bytes(written.data, "list", _FOLDER, kind)
        _check_entries(again)
        if any(len(os.fsencode(one.path)) > _LONGEST_PATH_BYTES for one in found.entries):
            return
        assert [one.path for one in again.entries] == [
            one.path for one in found.entries if one.path not in written.left_out
        ]
        for other in PlaylistFormat:
            playlist_file(other, found.title, found.entries, _FOLDER)

    return run


def _check_entries(found: ListedFiles) -> None:
    for entry in found.entries:
        assert b"\0" not in os.fsencode(entry.path), entry.path
        for text in (entry.title, entry.artist, found.title):
            assert text is None or (text and "\n" not in text and text.encode() is not None)
        assert entry.duration_s is None or 0.0 <= entry.duration_s <= 1e10


def cue(data: bytes) -> None:
    sheet = parse_cue_sheet(data, "sheet")
    assert sheet.tracks
    assert len({track.number for track in sheet.tracks}) == len(sheet.tracks)
    assert all(track.file and track.start_sector >= 0 for track in sheet.tracks)


def lrc(data: bytes) -> None:
    lyrics = parse_lyrics(data.decode("utf-8", "replace"))
    moments_s = [line.at_s for line in lyrics.timed]
    assert moments_s == sorted(moments_s)
    assert all(0.0 <= at_s <= 1e6 for at_s in moments_s)
    for position_s in (-1.0, 0.0, 61.5, 1e6):
        lyrics.line_at(position_s)
        lyrics.next_change_s(position_s)
    text = lrc_of(lyrics)
    again = parse_lyrics(text)
    if lyrics.is_timed:
        assert [line.text for line in again.timed] == [line.text for line in lyrics.timed]
        # Rounded once, moments stay.
        assert lrc_of(again) == lrc_of(parse_lyrics(lrc_of(again)))


_M3U = (
    b'#EXTM3U\n#PLAYLIST:Evening\n#EXTENC: utf-8\n#EXTINF:281,Ada - One\n/a/one.flac\n#EXTINF:-1 a="b,c",x\ntwo.mp3\n'
)
_PLS = (
    b"[playlist]\nX-GNOME-Title=Evening\nFile1=/a/one.flac\nTitle1=Ada - One\nLength1=281\nFile2=two.mp3\nLength2=-1\n"
    b"NumberOfEntries=2\nVersion=2\n"
)
_XSPF = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<playlist version="1" xmlns="http://xspf.org/ns/0/">\n<title>E</title>'
    b"<trackList><track><location>file:///a/one%20b.flac</location><title>One &amp; two</title><creator>Ada</creator>"
    b"<duration>281000</duration></track><track><location>../two.mp3</location></track></trackList></playlist>\n"
)
_CUE = (
    b'REM GENRE Rock\nREM DATE 1984\nCATALOG 0001234567890\nPERFORMER "Ada"\nTITLE "A \\"B\\""\nFILE "a.flac" WAVE\n'
    b'  TRACK 01 AUDIO\n    TITLE "One"\n    ISRC GBAYE0000351\n    FLAGS DCP\n    INDEX 00 00:00:00\n'
    b"    INDEX 01 00:02:33\n  TRACK 02 AUDIO\n    INDEX 01 04:41:74\nFILE b.mp3 MP3\n  TRACK 03 AUDIO\n"
    b"    INDEX 01 00:00:00\n"
)
_LRC = (
    b"[ti:One]\n[ar:Ada]\n[offset:+500]\n[00:01.50]first <00:01.50>wo<00:02.00>rds\n[00:10.00][01:10.00]again\n"
    b"[1:02:03.5]late\n\n[00:20]\n"
)
_UTF16 = tuple(b"\xff\xfe" + text.decode().encode("utf-16-le") for text in (_M3U, _PLS, _CUE))

_M3U_WORDS = (
    b"#EXTM3U\n", b"#EXTINF:", b"#EXTENC:", b"#PLAYLIST:", b"#", b",", b"-", b" - ", b"1", b"-1", b"281.5", b'a="b"',
    b" ", b"\n", b"\r\n", b"\xff\xfe", b"\xef\xbb\xbf", *_NAMES, *_ENCODINGS,
)  # fmt: skip
_PLS_WORDS = (
    b"[playlist]\n", b"File", b"Title", b"Length", b"X-GNOME-Title=", b"1", b"2", b"999999999", b"0", b"=", b"\n", b" ",
    b"-1", b"NumberOfEntries=", b"Version=2", b"#EXTENC:", *_NAMES, *_ENCODINGS,
)  # fmt: skip
_XML_WORDS = (
    b"<playlist>", b"</playlist>", b"<trackList>", b"</trackList>", b"<track>", b"</track>", b"<location>",
    b"</location>", b"<title>", b"</title>", b"<creator>", b"<duration>", b"</duration>", b"<x:y>", b"<![CDATA[",
    b"]]>",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"&#0;", b"&#xD800;", b"&lt;", b"<?x y?>", b"<!--", b"-->", b'xmlns="',
    b'<?xml version="1.0" encoding="', b'"?>', b"</creator>", b"/>", *_NAMES, *_ENCODINGS,
)  # fmt: skip
_CUE_WORDS = (
    b"FILE ", b"TRACK ", b"INDEX ", b"TITLE ", b"PERFORMER ", b"REM ", b"GENRE ", b"ISRC ", b"FLAGS ", b"CATALOG ",
    b"AUDIO\n", b"MODE1/2352\n", b"WAVE\n", b"MP3\n", b'"', b'""', b'\\"', b"01 ", b"02 ", b"00:00:00\n", b"04:41:74\n",
    b"99:59:75", b" ", b"\n", b"\r", b"\xff\xfe", b"a.flac", b"\0", b"1", b"999 ", b"SONGWRITER ", b"DATE ",
)  # fmt: skip
_LRC_WORDS = (
    b"[", b"]", b"<", b">", b":", b".", b"00:01.50", b"01:02:03.4", b"[00:01.50]", b"<00:02.00>", b"[offset:-500]",
    b"[offset:", b"[ti:x]", b"[ar:", b"la ", b" ", b"\n", b"\r\n", b"9999:99.999999", b"-", b"+", b"#", b"\xef\xbb\xbf",
)  # fmt: skip

TARGETS = (
    Target("playlist-m3u", playlist(PlaylistFormat.M3U), (_M3U, _UTF16[0]), _M3U_WORDS, weight=2),
    Target("playlist-m3u8", playlist(PlaylistFormat.M3U8), (_M3U, _UTF16[0]), _M3U_WORDS, weight=2),
    Target("playlist-pls", playlist(PlaylistFormat.PLS), (_PLS, _UTF16[1]), _PLS_WORDS),
    Target(
        "playlist-xspf",
        playlist(PlaylistFormat.XSPF),
        (_XSPF, _XSPF.replace(b"UTF-8", b"UTF-16").decode().encode("utf-16")),
        _XML_WORDS,
    ),
    Target("cue-sheet", cue, (_CUE, _UTF16[2]), _CUE_WORDS),
    Target("lyrics", lrc, (_LRC,), _LRC_WORDS, weight=2),
)
