"""Parsing cue sheets as they are found: tidy ones, odd ones, and bytes that are none."""

from __future__ import annotations

import codecs
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auralis_cli.audio.cue_sheet import MAX_SHEET_BYTES, CueSheet, parse_cue_sheet
from auralis_cli.errors import InputError

TIDY = """\
REM GENRE "Progressive Rock"
REM DATE 1973
REM DISCID 8B0B430A
REM COMMENT "ExactAudioCopy v1.6"
CATALOG 0724382975229
PERFORMER "The Band"
TITLE "The Album"
REM DISCNUMBER 1
REM TOTALDISCS 2
FILE "The Band - The Album.wav" WAVE
  TRACK 01 AUDIO
    TITLE "First"
    PERFORMER "The Band & Guest"
    ISRC GBAYE7300001
    FLAGS DCP
    INDEX 00 00:00:00
    INDEX 01 00:00:33
  TRACK 02 AUDIO
    TITLE "Second"
    SONGWRITER "Somebody"
    PREGAP 00:02:00
    INDEX 00 04:10:20
    INDEX 01 04:12:20
    INDEX 02 05:00:00
    POSTGAP 00:01:00
"""
ONE = 'FILE "a.wav" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n'


def parse(text: str) -> CueSheet:
    return parse_cue_sheet(text.encode(), "a.cue")


def test_a_tidy_sheet_gives_its_tracks_starts_and_fields() -> None:
    sheet = parse(TIDY)
    assert dict(sheet.tags) == {
        "genre": "Progressive Rock",
        "date": "1973",
        "discid": "8B0B430A",
        "comment": "ExactAudioCopy v1.6",
        "barcode": "0724382975229",
        "albumartist": "The Band",
        "album": "The Album",
        "discnumber": "1",
        "disctotal": "2",
    }
    first, second = sheet.tracks
    assert (first.number, first.file, first.start_sector) == (1, "The Band - The Album.wav", 33)
    assert (second.number, second.start_sector) == (2, (4 * 60 + 12) * 75 + 20)
    assert dict(first.tags) == {"title": "First", "artist": "The Band & Guest", "isrc": "GBAYE7300001"}
    assert dict(second.tags) == {"title": "Second", "composer": "Somebody"}
    assert first.flags == ("DCP",)
    assert first.is_audio
    assert sheet.is_unicode


@pytest.mark.parametrize(
    "encoded",
    [
        TIDY.encode(),
        codecs.BOM_UTF8 + TIDY.encode(),
        codecs.BOM_UTF16_LE + TIDY.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TIDY.encode("utf-16-be"),
        TIDY.encode("utf-16-le"),
        TIDY.encode("utf-16-be"),
        TIDY.replace("\n", "\r\n").encode(),
        TIDY.replace("\n", "\r").encode(),
        TIDY.replace("  ", "\t").encode(),
        "".join(line.strip() + "  \t\n" for line in TIDY.splitlines()).encode(),
        TIDY.encode() + b'\n\n\x1a\0\0\0 trailing garbage \xef\xbf\xbd "',
    ],
    ids=["utf8", "bom", "utf16le", "utf16be", "le-no-bom", "be-no-bom", "crlf", "cr", "tabs", "spaces", "garbage"],
)
def test_the_same_sheet_in_other_clothes_says_the_same(encoded: bytes) -> None:
    assert parse_cue_sheet(encoded, "a.cue") == parse(TIDY)


def test_keywords_may_be_in_lower_case() -> None:
    sheet = parse('file "a.wav" wave\ntrack 1 audio\ntitle "x"\nrem genre Pop\nindex 1 0:2:5\n')
    assert sheet.tracks[0].start_sector == 155
    assert dict(sheet.tracks[0].tags) == {"title": "x", "genre": "Pop"}


def test_what_is_no_unicode_is_read_as_windows_1252_and_said_to_be() -> None:
    sheet = parse_cue_sheet(f'TITLE "Café – Noël"\n{ONE}'.encode("cp1252"), "a.cue")
    assert dict(sheet.tags) == {"album": "Café – Noël"}
    assert not sheet.is_unicode
    assert parse_cue_sheet(b'TITLE "\x81\x8d"\n' + ONE.encode(), "a.cue").tags == (("album", "\ufffd\ufffd"),)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('"Plain"', "Plain"),
        ("No quotes at all", "No quotes at all"),
        ('"He said "Hi" twice"', 'He said "Hi" twice'),
        (r'"He said \"Hi\""', 'He said "Hi"'),
        ('"12"" Mix"', '12" Mix'),
        ('"""Heroes"""', '"Heroes"'),
        ('"Never closed', "Never closed"),
        ('Rock "n" Roll', 'Rock "n" Roll'),
        ('"  padded\t"', "padded"),
        ("日本語のタイトル", "日本語のタイトル"),
        ('"nul\0inside"', "nulinside"),
        ('"[red]\x1b[31m"', "[red]\x1b[31m"),
    ],
)
def test_quotes_come_off_once_and_the_text_stays(written: str, read: str) -> None:
    assert dict(parse(f"TITLE {written}\n{ONE}").tags)["album"] == read


@pytest.mark.parametrize("written", ["", '""', '"', '" "'])
def test_an_empty_field_is_none(written: str) -> None:
    assert parse(f"TITLE {written}\n{ONE}").tags == ()


def test_codes_of_nothing_but_zeros_are_none() -> None:
    sheet = parse(f"CATALOG 0000000000000\n{ONE}ISRC 000000000000\n")
    assert sheet.tags == sheet.tracks[0].tags == ()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('"a b.wav" WAVE', "a b.wav"),
        ("a.wav WAVE", "a.wav"),
        ("a b c.flac wave", "a b c.flac"),
        ("a b.flac", "a b.flac"),
        ('"a.wav"', "a.wav"),
        ('"a"b".wav" WAVE', 'a"b".wav'),
        (r'"C:\Music\a.wav" WAVE', r"C:\Music\a.wav"),
        ('"unclosed.wav WAVE', "unclosed.wav"),
        ('"x.mp3" MP3', "x.mp3"),
    ],
)
def test_the_name_of_the_file_is_found_whatever_stands_around_it(written: str, read: str) -> None:
    assert parse(ONE.replace('"a.wav" WAVE', written)).tracks[0].file == read


def test_a_data_track_is_told_from_audio() -> None:
    sheet = parse(ONE + "TRACK 02 MODE1/2352\nINDEX 01 01:00:00\nTRACK 03\nINDEX 01 02:00:00\n")
    assert [track.is_audio for track in sheet.tracks] == [True, False, True]


def test_a_pregap_at_the_end_of_the_file_before_does_not_move_the_track_there() -> None:
    sheet = parse(ONE + 'TRACK 02 AUDIO\nINDEX 00 03:00:00\nFILE "b.wav" WAVE\nINDEX 01 00:00:00\n')
    assert [(track.file, track.start_sector) for track in sheet.tracks] == [("a.wav", 0), ("b.wav", 0)]


def test_a_track_without_index_01_begins_at_the_first_it_has() -> None:
    assert parse('FILE "a.wav" WAVE\nTRACK 1 AUDIO\nINDEX 00 00:03:00\n').tracks[0].start_sector == 225


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no TRACK"),
        ("just some text\n", "has no TRACK"),
        ('FILE "a.wav" WAVE\n', "has no TRACK"),
        ("TRACK 01 AUDIO\nINDEX 01 00:00:00\n", "an INDEX comes before the first FILE and TRACK (line 2)"),
        ('FILE "a.wav" WAVE\nINDEX 01 00:00:00\n', "an INDEX comes before the first FILE and TRACK (line 2)"),
        ('FILE "a.wav" WAVE\nTRACK 01 AUDIO\n', "track 1 has no INDEX (line 2)"),
        ('FILE "" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n', "no FILE is named for track 1"),
        (ONE.replace("00:00:00", "00:00:75"), "not of the form 01 mm:ss:ff (line 3)"),
        (ONE.replace("00:00:00", "00:60:00"), "not of the form"),
        (ONE.replace("00:00:00", "-1:00:00"), "not of the form"),
        (ONE.replace("00:00:00", "٠٠:٠٠:٠٠"), "not of the form"),
        (ONE.replace("00:00:00", "99999:00:00"), "not of the form"),
        (ONE.replace("TRACK 01", "TRACK one"), "a TRACK has no number (line 2)"),
        (ONE.replace("TRACK 01", "TRACK 1000"), "a TRACK has no number"),
        (ONE + "TRACK 01 AUDIO\nINDEX 01 01:00:00\n", "there is a second track 1 (line 4)"),
        (ONE + "TRACK 02 AUDIO\nINDEX 01 00:00:00\n", "track 2 begins no later than track 1 (line 4)"),
    ],
)
def test_what_is_no_sheet_or_tells_no_places_is_named(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_sheet_beyond_a_mebibyte_is_refused() -> None:
    with pytest.raises(InputError, match="larger than 1 MiB"):
        parse_cue_sheet(ONE.encode().ljust(MAX_SHEET_BYTES + 1), "a.cue")


@pytest.mark.parametrize("filler", [b"\n", b" ", b'"', b"TITLE \n", b"TRACK 1 AUDIO\n", b"REM " * 5, b'\\"'])
def test_the_longest_sheet_costs_no_more_than_a_moment(filler: bytes) -> None:
    data = (ONE.encode() + filler * MAX_SHEET_BYTES)[:MAX_SHEET_BYTES]
    started = time.process_time()
    with suppress(InputError):
        parse_cue_sheet(data, "a.cue")
    assert time.process_time() - started < 10.0


WORDS = st.sampled_from(
    [
        *("FILE", "TRACK", "INDEX", "01", "00", "2", "AUDIO", "MODE1/2352", "00:00:00", "04:12:20", "99:59:74"),
        *("a.wav", "WAVE", "REM", "TITLE", "PERFORMER", "FLAGS", "PRE", "GENRE"),
        *('"', "\n", "\r\n", "\t", " ", "\0", "é", "\\"),
    ]
)
SHEET_LIKE = st.lists(WORDS, max_size=60).map(" ".join)
ANY_BYTES = st.one_of(
    st.binary(max_size=400),
    SHEET_LIKE.map(str.encode),
    SHEET_LIKE.map(lambda text: text.encode("utf-16")),
    st.tuples(SHEET_LIKE.map(str.encode), st.binary(max_size=20)).map(b"".join),
)


@given(ANY_BYTES)
def test_any_bytes_are_a_sheet_or_an_input_error(data: bytes) -> None:
    try:
        sheet = parse_cue_sheet(data, "a.cue")
    except InputError:
        return
    assert len({track.number for track in sheet.tracks}) == len(sheet.tracks) > 0
    for track in sheet.tracks:
        assert track.start_sector >= 0
        assert track.file
