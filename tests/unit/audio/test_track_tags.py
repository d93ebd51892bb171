"""What tags say, as the library has it: clean, within bounds, whatever files claim."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from track_files import assert_plausible_tags

from auralis_cli.audio.tag_names import LIBRARY_NAMES
from auralis_cli.audio.track_tags import track_tags
from auralis_cli.model.plausible import plain_text, plausible_duration, plausible_year, real_number, whole_number

NUMBERS = ["-1", "0", "1e400", "nan", "inf", "-inf", "NaN dB", "99999999999", "1/0", "3/-1", "٣", "²", "1_0", "0x10"]
LONG = ["x" * 10_000_000, "\x00" * 5000, "\x1b[31mred", "a\nb", "\ud800", "\u2028", " ", "é" * 3000, "e\u0301" * 600]
HOSTILE = st.sampled_from([*NUMBERS, *LONG]) | st.text(max_size=30) | st.floats().map(str) | st.integers().map(str)


@pytest.mark.invariant("S0-H06")
@given(st.dictionaries(st.sampled_from(sorted(LIBRARY_NAMES)), st.lists(HOSTILE, min_size=1, max_size=80), max_size=12))
def test_nothing_implausible_comes_out_of_hostile_tags(texts: dict[str, list[str]]) -> None:
    assert_plausible_tags(track_tags(texts))


@pytest.mark.invariant("S0-H06")
@pytest.mark.parametrize("value", [*NUMBERS, *LONG])
@pytest.mark.parametrize("name", sorted(LIBRARY_NAMES))
def test_no_field_takes_what_cannot_be(name: str, value: str) -> None:
    assert_plausible_tags(track_tags({name: [value]}))


@pytest.mark.invariant("S0-H06")
@pytest.mark.parametrize("length", [float("nan"), float("inf"), -1.0, -1e-9, 1e300])
def test_a_length_that_cannot_be_is_unknown(length: float) -> None:
    assert plausible_duration(length) is None
    assert plausible_duration(0.0) == 0.0


def test_texts_are_cut_composed_and_on_one_line() -> None:
    assert plain_text("a\x00b\r\nc\t") == "a b c"
    assert plain_text("e\u0301") == "\u00e9"
    assert plain_text("x" * 600) == "x" * 500
    assert plain_text(" \x1b ") is None


@pytest.mark.parametrize(
    ("text", "number"), [("3", 3), ("03", 3), (" 7 ", 7), ("0", None), ("x", None), ("1.5", None), ("10000", None)]
)
def test_whole_numbers_are_whole_and_within_bounds(text: str, number: int | None) -> None:
    assert whole_number(text, 1, 9999) == number


@pytest.mark.parametrize(
    ("date", "year"),
    [
        ("1984-05-03", 1984),
        ("1984", 1984),
        ("19840503", 1984),
        ("3.5.1984", 1984),
        ("May 1984", 1984),
        ("0000", None),
        ("", None),
        (None, None),
        ("84", None),
    ],
)
def test_a_year_is_found_in_a_date_of_any_order(date: str | None, year: int | None) -> None:
    assert plausible_year(date) == year


def test_gains_are_read_with_their_unit_and_decimal_comma() -> None:
    tags = track_tags({"replaygain_track_gain": ["-7,03 dB"], "replaygain_track_peak": ["0.98"]})
    assert (tags.replaygain_track_gain_db, tags.replaygain_track_peak) == (-7.03, 0.98)
    assert real_number("1e3", 0, 100) is None


def test_gains_by_r128_are_5_db_more_and_stand_back_behind_replaygain() -> None:
    assert track_tags({"r128_track_gain": ["-1792"]}).replaygain_track_gain_db == -2.0
    assert track_tags({"r128_album_gain": ["256"]}).replaygain_album_gain_db == 6.0
    assert track_tags({"r128_track_gain": ["0"], "replaygain_track_gain": ["-1"]}).replaygain_track_gain_db == -1.0


@pytest.mark.parametrize(
    ("credit", "artists"),
    [
        ("A feat. B", ("A", "B")),
        ("A (ft. B & C)", ("A", "B & C")),
        ("A featuring Ann Bell and Cid Dow", ("A", "Ann Bell", "Cid Dow")),
        ("A; B;C", ("A", "B", "C")),
        ("A / B", ("A", "B")),
        ("A vs. B", ("A", "B")),
        ("Robert Plant & Alison Krauss", ("Robert Plant", "Alison Krauss")),
        ("AC/DC", ("AC/DC",)),
        ("Simon & Garfunkel", ("Simon & Garfunkel",)),
        ("Nick Cave & The Bad Seeds", ("Nick Cave & The Bad Seeds",)),
        ("Earth, Wind & Fire", ("Earth, Wind & Fire",)),
        ("Daryl Hall & John Oates", ("Daryl Hall & John Oates",)),
        ("Florence and the Machine", ("Florence and the Machine",)),
        ("Little Feat", ("Little Feat",)),
        ("Defeater", ("Defeater",)),
        ("Kraftwerk", ("Kraftwerk",)),
        ("Louis Armstrong and His Orchestra", ("Louis Armstrong and His Orchestra",)),
    ],
)
def test_a_credit_is_split_where_it_is_plain_that_it_names_several(credit: str, artists: tuple[str, ...]) -> None:
    tags = track_tags({"artist": [credit]})
    assert (tags.artist, tags.artists) == (credit, artists)


def test_artists_that_are_given_one_by_one_are_taken_as_they_are() -> None:
    assert track_tags({"artist": ["A & B", "C"]}).artists == ("A & B", "C")
    tags = track_tags({"artist": ["A & the B feat. C"], "artists": ["A", "the B", "C", "c"]})
    assert (tags.artist, tags.artists) == ("A & the B feat. C", ("A", "the B", "C"))


@pytest.mark.parametrize(
    ("values", "genres"),
    [
        (["Rock; Pop"], ("Rock", "Pop")),
        (["Rock", "rock", "Jazz"], ("Rock", "Jazz")),
        (["R&B/Soul"], ("R&B/Soul",)),
        (["Rock / Pop"], ("Rock", "Pop")),
        (["Rock, Pop"], ("Rock", "Pop")),
        (["Folk, World, & Country"], ("Folk, World, & Country",)),
    ],
)
def test_genres_and_moods_are_single_ones(values: list[str], genres: tuple[str, ...]) -> None:
    tags = track_tags({"genre": values, "mood": values})
    assert tags.genres == tags.moods == genres


def test_numbers_totals_and_other_names_are_understood() -> None:
    tags = track_tags({"tracknumber": ["3/12"], "discnumber": ["1"], "totaldiscs": ["2"], "year": ["1999"]})
    assert (tags.track, tags.track_total, tags.disc, tags.disc_total, tags.year) == (3, 12, 1, 2, 1999)
    tags = track_tags(
        {"album artist": ["Aa"], "organization": ["L"], "compilation": ["1"], "originaldate": ["1970-01"]}
    )
    assert (tags.albumartist, tags.label, tags.compilation, tags.original_year) == ("Aa", "L", True, 1970)
    assert track_tags({"musicbrainz_artistid": ["1e/2f", "3a"]}).mb_artist_ids == ("1e", "2f", "3a")
