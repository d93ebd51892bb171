"""LRC as people type it: moments, offsets, words, garbage."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auralis_cli.model.lyrics import (
    MOST_LINES,
    Lyrics,
    TimedLine,
    TimedWord,
    lrc_of,
    parse_lyrics,
    plain_lyrics,
    timed_lyrics,
)


def moments(text: str) -> list[tuple[float, str]]:
    return [(round(line.at_s, 3), line.text) for line in parse_lyrics(text).timed]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[00:01.00]one\n[00:02.50]two", [(1.0, "one"), (2.5, "two")]),
        # Unsorted, several moments a line, also with blanks between, thousandths, none behind the point, a colon there.
        ("[01:00.123]b\n[00:05][00:03.5] [02:00:25]a", [(3.5, "a"), (5.0, "a"), (60.123, "b"), (120.25, "a")]),
        ("[1:02:03.5]late", [(3723.5, "late")]),
        ("[00:01]a\r[00:02]b\r\n[00:03]c\n\r", [(1.0, "a"), (2.0, "b"), (3.0, "c")]),
        ("\ufeff[00:01]mark\n[00:02]", [(1.0, "mark"), (2.0, "")]),
        # Positive moves all earlier, but nothing before the beginning.
        ("[offset:+500]\n[00:00.20]a\n[00:01]b", [(0.0, "a"), (0.5, "b")]),
        ("[offset: -1500 ]\n[00:01]b", [(2.5, "b")]),
        ("[offset:soon]\n[00:01]b", [(1.0, "b")]),
        # What has no moment is left out where others have one; brackets within a line are words.
        ("[Chorus]\ngarbage ]][[\n[00:01]a [x2]\n[xx:01]b", [(1.0, "a [x2]")]),
        ("[00:01]of one moment\n[00:01]and another", [(1.0, "of one moment"), (1.0, "and another")]),
    ],
)
def test_lines_come_with_their_moments_in_order(text: str, expected: list[tuple[float, str]]) -> None:
    assert moments(text) == expected


def test_what_a_file_states_of_itself_is_no_line() -> None:
    lyrics = parse_lyrics("[ti: A song: live ]\n[AR:Ann]\n[by:me]\n[ti:later]\n[00:01]a")
    assert lyrics.stated == {"ti": "A song: live", "ar": "Ann", "by": "me"}
    assert lyrics.lines == ("a",)


def test_words_have_moments_of_their_own() -> None:
    (line,) = parse_lyrics("[00:10.00] <00:10.00> When <00:10.50> the <00:11.00>").timed
    assert line == TimedLine(10.0, "When  the", (TimedWord(10.0, "When "), TimedWord(10.5, " the")))
    first, second = parse_lyrics("[00:10][00:20]<00:10>la <00:11>lo").timed
    assert [word.at_s for word in first.words] == [10.0, 11.0]
    assert [word.at_s for word in second.words] == [20.0, 21.0]


def test_without_any_moment_all_of_it_is_words() -> None:
    lyrics = parse_lyrics("\n\n[Verse 1: Ann]\n  indented\n\nmore\n\n")
    assert lyrics.lines == ("[Verse 1: Ann]", "  indented", "", "more")
    assert not lyrics.is_timed
    assert not parse_lyrics(" \n\t\n")
    assert plain_lyrics("").lines == ()


def test_the_line_of_a_position_and_when_the_next_begins() -> None:
    lyrics = parse_lyrics("[00:01]a\n[00:02]b\n[00:04]c")
    asked = (0.0, 0.999, 1.0, 1.999, 2.0, 3.5, 4.0, 99.0)
    assert [lyrics.line_at(one) for one in asked] == [None, None, 0, 0, 1, 1, 2, 2]
    assert [lyrics.next_change_s(one) for one in asked] == [1.0, 1.0, 2.0, 2.0, 4.0, 4.0, None, None]
    assert Lyrics().line_at(1.0) is None


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    "text",
    [
        "[00:01]" * 280_000,
        ("[00:01]" * 900 + "<00:01>a" * 900 + "\n") * 150,
        ("[00:01]" * 200 + "<00:01>a" * 200 + "\n") * 700,
        "[00:01]" + "<00:01.5>a " * 180_000,
        "\n" * 2_000_000,
        "[" + " " * 1_000_000 + "\n[a" + " " * 1_000_000,
        "[a:" + "] " * 1_000_000 + "x",
        "[00:01]a\n" * 200_000,
        "[00:01]<00:02" * 150_000,
    ],
)
def test_what_is_made_to_take_long_does_not(text: str) -> None:
    """✗ each moment cuts the line anew; each line takes its words apart for every moment."""
    began = time.process_time()
    lyrics = parse_lyrics(text[: 2 << 20])
    assert len(lyrics.lines) <= MOST_LINES
    assert time.process_time() - began < 3.0


_TEXT = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="[]<>\ufeff"), max_size=20
)
_AT_S = st.integers(0, 360_000).map(lambda hundredths: hundredths / 100)


@given(st.lists(st.tuples(_AT_S, _TEXT), min_size=1, max_size=20))
def test_what_is_written_is_read_again(lines: list[tuple[float, str]]) -> None:
    lyrics = timed_lyrics(TimedLine(at_s, text.strip()) for at_s, text in lines)
    again = parse_lyrics(lrc_of(lyrics))
    assert [line.text for line in again.timed] == [line.text for line in lyrics.timed]
    assert [line.at_s for line in again.timed] == pytest.approx([line.at_s for line in lyrics.timed], abs=1e-6)


@given(st.text(st.sampled_from("[]<>:.+-0123456789ab \r\n\ufeffoffset"), max_size=200))
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    lyrics = parse_lyrics(text)
    moments_s = [line.at_s for line in lyrics.timed]
    assert moments_s == sorted(moments_s)
    assert all(0.0 <= at_s <= 1e6 for at_s in moments_s)
    assert all("\n" not in line and "\r" not in line for line in lyrics.lines)
    assert parse_lyrics(lrc_of(lyrics)).lines == lyrics.lines or not lyrics.is_timed
