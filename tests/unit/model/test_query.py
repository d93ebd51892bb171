"""Words become queries as beets' users know them; what cannot be served is refused by name."""

from __future__ import annotations

import dataclasses
import os
import re
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auralis_cli.errors import UsageError
from auralis_cli.model import library
from auralis_cli.model.fields import (
    ALBUM_FIELDS,
    ARTIST_FIELDS,
    GENRE_FIELDS,
    TRACK_FIELDS,
    FieldKind,
    FieldTable,
)
from auralis_cli.model.pattern_bounds import check_pattern
from auralis_cli.model.query import AnyOf, Below, Clause, FlagIs, Query, TextIs, TextMatch, Within, Words
from auralis_cli.model.query_words import (
    MAX_PATHS,
    Surroundings,
    parse_query,
    parse_sort,
    parse_text,
    text_of,
    whole_likeness,
    words_of,
)

# Noon of 2024-05-17, UTC.
NOW = 1_715_947_200
DAY_S = 86_400


def parse(*words: str) -> Query:
    return parse_query(words, Surroundings(NOW))


def clause(word: str) -> Clause:
    query = parse(word)
    assert len(query.alternatives) == 1
    assert query.sort == ()
    (found,) = query.alternatives[0]
    return found


def within(word: str) -> tuple[str, float | None, float | None, bool]:
    term = clause(word).term
    assert isinstance(term, Within)
    return term.field.name, term.low, term.high, term.to_the_end


def text(word: str) -> tuple[str | None, TextMatch, str]:
    term = clause(word).term
    assert isinstance(term, TextIs)
    return None if term.field is None else term.field.name, term.match, term.value


def refusal(*words: str) -> UsageError:
    with pytest.raises(UsageError) as refused:
        parse(*words)
    assert refused.value.exit_code == 2
    return refused.value


# The table of fields


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (TRACK_FIELDS, library.Track),
        (ALBUM_FIELDS, library.Album),
        (ARTIST_FIELDS, library.Artist),
        (GENRE_FIELDS, library.Genre),
    ],
    ids=lambda value: getattr(value, "subject", ""),
)
def test_the_fields_are_the_attributes_and_keys_in_their_order(table: FieldTable, kind: Any) -> None:
    assert [field.name for field in table.fields] == [field.name for field in dataclasses.fields(kind)]


@pytest.mark.parametrize("table", [TRACK_FIELDS, ALBUM_FIELDS, ARTIST_FIELDS, GENRE_FIELDS], ids=lambda t: t.subject)
def test_no_name_means_two_fields_and_each_can_be_typed(table: FieldTable) -> None:
    names = [name for field in table.fields for name in (field.name, *field.aliases)]
    assert len(names) == len(set(names)) == len(table.by_name)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)
    assert all(field.help.endswith(".") for field in table.fields)


def test_the_kinds_of_fields_fit_their_types() -> None:
    types = {
        FieldKind.TEXT: {"str", "FileStatus"},
        FieldKind.PATH: {"str"},
        FieldKind.NUMBER: {"float"},
        FieldKind.DURATION: {"float"},
        FieldKind.WHOLE: {"int"},
        FieldKind.SIZE: {"int"},
        FieldKind.TIME: {"int"},
        FieldKind.FLAG: {"bool"},
    }
    for field in dataclasses.fields(library.Track):
        known = TRACK_FIELDS.by_name[field.name]
        assert str(field.type).removesuffix(" | None") in types[known.kind], field.name


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("lufs", "integrated_lufs"), ("length", "duration_s"), ("duration", "duration_s"), ("tp", "true_peak_dbtp"),
        ("true_peak", "true_peak_dbtp"), ("lra", "lra_lu"), ("tempo", "tempo_bpm"), ("added", "added_at"),
        ("mtime", "modified_at"), ("bitrate", "bitrate_bps"), ("samplerate", "sample_rate_hz"),
        ("plays", "play_count"), ("LUFS", "integrated_lufs"),
    ],
)  # fmt: skip
def test_short_names_stand_for_fields(alias: str, name: str) -> None:
    found = TRACK_FIELDS.find(alias)
    assert found is not None
    assert found.name == name


# Words


def test_nothing_asked_is_everything() -> None:
    assert parse() == Query()
    assert parse("") == Query()


def test_words_are_looked_for_everywhere_and_all_of_them() -> None:
    assert parse("pink", "floyd").alternatives == ((Clause(Words("pink")), Clause(Words("floyd"))),)
    assert parse("pink floyd").alternatives == ((Clause(Words("pink floyd")),),)


@pytest.mark.parametrize("mark", ["^", "-"])
def test_a_mark_before_a_word_negates_it(mark: str) -> None:
    assert clause(f"{mark}live") == Clause(Words("live"), negated=True)
    assert clause(f"{mark}artist:x").negated
    assert clause(mark) == Clause(Words(mark))


@pytest.mark.parametrize("words", [("a", ",", "b"), ("a,", "b"), (",", "a,", "b", ","), ("a,", ",", "b,")])
def test_a_comma_begins_an_alternative(words: tuple[str, ...]) -> None:
    assert parse(*words).alternatives == ((Clause(Words("a")),), (Clause(Words("b")),))


def test_fields_are_compared_in_four_ways() -> None:
    assert text("artist:Air") == ("artist", TextMatch.HOLDS, "Air")
    assert text("artist:=Air") == ("artist", TextMatch.EXACT, "Air")
    assert text("artist:=~Air") == ("artist", TextMatch.SAME, "Air")
    assert text("artist::^Air$") == ("artist", TextMatch.PATTERN, "^Air$")
    assert text(":^Air$") == (None, TextMatch.PATTERN, "^Air$")
    assert text("=Air") == (None, TextMatch.EXACT, "Air")
    assert text("year::^19") == ("year", TextMatch.PATTERN, "^19")


def test_colons_belong_to_fields_unless_something_says_otherwise() -> None:
    assert text("title:a:b") == ("title", TextMatch.HOLDS, "a:b")
    assert clause("Mission\\: Impossible") == Clause(Words("Mission: Impossible"))
    assert clause("Star Wars: A New Hope") == Clause(Words("Star Wars: A New Hope"))
    assert clause("4:33") == Clause(Words("4:33"))


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("year:1990..1999", ("year", 1990.0, 1999.0, True)),
        ("year:1990..", ("year", 1990.0, None, True)),
        ("year:..1999", ("year", None, 1999.0, True)),
        ("year:..", ("year", None, None, True)),
        ("year:1990", ("year", 1989.5, 1990.5, False)),
        ("year:=1990", ("year", 1990.0, 1990.0, True)),
        ("duration:..4:30", ("duration_s", None, 270.0, True)),
        ("length:1:02:03..", ("duration_s", 3723.0, None, True)),
        ("duration:90..2m", ("duration_s", 90.0, 120.0, True)),
        ("duration:4:30", ("duration_s", 269.5, 270.5, False)),
        ("duration:90:00", ("duration_s", 5399.5, 5400.5, False)),
        ("lufs:-9..", ("integrated_lufs", -9.0, None, True)),
        ("lufs:-14..-9.5", ("integrated_lufs", -14.0, -9.5, True)),
        ("lufs:-9", ("integrated_lufs", -9.5, -8.5, False)),
        ("lufs:-9.10", ("integrated_lufs", pytest.approx(-9.105), pytest.approx(-9.095), False)),
        ("lufs:=-9", ("integrated_lufs", -9.0, -9.0, True)),
        ("true_peak:0..", ("true_peak_dbtp", 0.0, None, True)),
        ("lra:..4", ("lra_lu", None, 4.0, True)),
        ("tempo:90..110", ("tempo_bpm", 90.0, 110.0, True)),
        ("tempo:.5..1.5", ("tempo_bpm", 0.5, 1.5, True)),
        ("bitrate:256k..", ("bitrate_bps", 256_000.0, None, True)),
        ("bitrate:256k", ("bitrate_bps", 255_500.0, 256_500.0, False)),
        ("samplerate:44.1k", ("sample_rate_hz", pytest.approx(44_050.0), pytest.approx(44_150.0), False)),
        ("size:10M..", ("size_bytes", 10.0 * (1 << 20), None, True)),
        ("size:1GiB..", ("size_bytes", float(1 << 30), None, True)),
    ],
)
def test_numbers_durations_and_sizes(word: str, meaning: tuple[str, float | None, float | None, bool]) -> None:
    assert within(word) == meaning


@pytest.mark.parametrize(
    ("word", "low", "high", "to_the_end"),
    [
        ("added:2024", "2024-01-01", "2025-01-01", False),
        ("added:2024-05", "2024-05-01", "2024-06-01", False),
        ("added:2024-12", "2024-12-01", "2025-01-01", False),
        ("added:2024-05-17", "2024-05-17", "2024-05-18", False),
        ("added:2024-05-17T18", "2024-05-17T18:00", "2024-05-17T19:00", False),
        ("added:2024-05-17T18:30", "2024-05-17T18:30", "2024-05-17T18:31", False),
        ("added:2024-05-17 18:30:05", "2024-05-17T18:30:05", "2024-05-17T18:30:06", False),
        ("added:2024..2025", "2024-01-01", "2026-01-01", False),
        ("added:2024-02..", "2024-02-01", None, True),
        ("added:..2024-02-29", None, "2024-03-01", False),
        ("added:=2024", "2024-01-01", "2025-01-01", False),
    ],
)
def test_dates_stand_for_the_whole_of_what_they_name(
    word: str, low: str | None, high: str | None, to_the_end: bool
) -> None:
    def at(date: str | None) -> float | None:
        return None if date is None else datetime.fromisoformat(date).timestamp()

    assert within(word) == ("added_at", at(low), at(high), to_the_end)


def test_dates_are_relative_to_now() -> None:
    assert within("added:-3w..") == ("added_at", NOW - 21 * DAY_S, None, True)
    assert within("added:-1y..-2m") == ("added_at", NOW - 365 * DAY_S, NOW - 60 * DAY_S, True)
    assert within("mtime:..-10d") == ("modified_at", None, NOW - 10 * DAY_S, True)
    assert within("added:..1d") == ("added_at", None, NOW + DAY_S, True)
    midnight = NOW - NOW % DAY_S
    assert within("added:-1d") == ("added_at", midnight - DAY_S, midnight, False)


@pytest.mark.parametrize(("word", "value"), [("true", True), ("YES", True), ("1", True), ("no", False), ("off", False)])
def test_flags_are_yes_or_no(word: str, value: bool) -> None:
    assert clause(f"comp:{word}").term == FlagIs(TRACK_FIELDS.by_name["compilation"], value)


@pytest.mark.parametrize(
    "word",
    [
        "year:soon", "year:nan", "year:inf", "year:1e5", "year:1990..x", "year:1_990", "year:١٩٩٠", "year:",
        "year:=~x", "lufs:-", "lufs:--9", "lufs:.", "duration:-5", "duration:4:30:", "duration:x",
        "duration:4:30..5:61x", "size:-1M", "size:M", "added:yesterday", "added:2024-13", "added:2024-02-30",
        "added:0000", "added:9999-12", "added:-999999y..", "comp:maybe", "comp:", "rating::5", "added::2024",
        "bitrate:" + "9" * 400, "lufs:" + "9" * 30, "year:1..2..3",
    ],
)  # fmt: skip
def test_a_value_that_is_none_is_refused_by_name(word: str) -> None:
    assert refusal(word).what == word


@pytest.mark.invariant("S2-NEW-1")
@pytest.mark.parametrize("word", ["artits:air", "foo:bar", "class:x", "__dict__:x"])
def test_an_unknown_field_is_refused_with_names_that_are_near(word: str) -> None:
    refused = refusal(word)
    if word == "artits:air":
        assert "artist" in str(refused.hint)


def test_like_names_tracks_by_id_or_path_and_how_far_at_most(tmp_path: Path) -> None:
    for word, track_id, path, within in (
        ("like:42", 42, "", 1.0),
        ("LIKE:42~0.25", 42, "", 0.25),
        ("like:42~.5", 42, "", 0.5),
        ("like:/m/a~b.flac", None, "/m/a~b.flac", 1.0),
        ("like:/m/1999~0.2", None, "/m/1999", 0.2),
        ("like:/m/mix~0.2~1", None, "/m/mix~0.2", 1.0),
        ("like:song.flac", None, os.path.abspath("song.flac"), 1.0),
    ):
        (like,) = parse(word).like
        assert (like.track_id, like.path, like.within) == (track_id, path, within)
        assert str(like) == word


def test_like_belongs_to_the_whole_query_and_not_to_one_alternative() -> None:
    query = parse("air", "like:1,", "like:2", "phoenix")

    assert [one.track_id for one in query.like] == [1, 2]
    assert query.alternatives == parse("air,", "phoenix").alternatives


@pytest.mark.parametrize("word", ["like:", "^like:3", "-like:3", "like:a\0b"])
def test_like_nothing_and_not_like_are_refused_by_name(word: str) -> None:
    assert refusal(word).what == word


def test_like_ranks_tracks_and_not_albums() -> None:
    with pytest.raises(UsageError, match="ranks tracks, not albums"):
        parse_query(["like:3"], Surroundings(NOW, sorted_fields=ALBUM_FIELDS))


def test_a_path_to_be_like_is_stored_whole() -> None:
    whole = os.path.abspath("song.flac")
    for word, stored in (
        ("like:song.flac", f"like:{whole}"),
        ("like:song.flac~0.2", f"like:{whole}~0.2"),
        ("like:42~0.2", "like:42~0.2"),
        ("song.flac", "song.flac"),
        ("title:song", "title:song"),
    ):
        assert whole_likeness(word) == stored


@pytest.mark.invariant("S2-NEW-1")
@pytest.mark.parametrize("name", ["foo", "__class__", "Meta", "select", "content_key", "title_key", "file_id", "lufss"])
def test_only_fields_sort_and_the_refusal_lists_them(name: str) -> None:
    for refused in (refusal(f"{name}-"), refusal(f"{name}+")):
        assert all(field.name in str(refused.hint) for field in TRACK_FIELDS.fields)
    with pytest.raises(UsageError, match="integrated_lufs"):
        parse_sort(name, TRACK_FIELDS)


def test_fields_sort_up_and_down_by_any_of_their_names() -> None:
    keys = parse("x", "year-", "TITLE+", "lufs-").sort
    assert [(key.field.name, key.descending) for key in keys] == [
        ("year", True),
        ("title", False),
        ("integrated_lufs", True),
    ]
    assert parse_sort("year-,title+,lufs-", TRACK_FIELDS) == keys
    assert parse_sort("title", TRACK_FIELDS)[0].descending is False
    assert parse("Ed Sheeran +").sort == ()


def test_an_existing_path_is_what_is_below_it_whatever_it_looks_like(tmp_path: Path) -> None:
    surroundings = Surroundings(NOW, os.path.exists)
    for name in ("artist:x", "year+", "plain"):
        (tmp_path / name).mkdir()
        place = str(tmp_path / name)
        assert parse_query([place], surroundings).alternatives == ((Clause(Below(place)),),)
    sheet = tmp_path / "album.CUE"
    sheet.touch()
    (found,) = parse_query([str(sheet)], surroundings).alternatives[0]
    assert found.term == TextIs(TRACK_FIELDS.by_name["sheet_path"], TextMatch.EXACT, str(sheet))
    assert clause(f"path:{tmp_path}/./x/..").term == Below(str(tmp_path))
    assert clause("path:~/x").term == Below(os.path.expanduser("~/x"))
    assert clause("path:.").term == Below(os.getcwd())


def test_a_path_that_does_not_say_where_it_begins_is_a_part_of_one() -> None:
    path = TRACK_FIELDS.by_name["path"]
    assert clause("path:live (1999)").term == TextIs(path, TextMatch.PATTERN, r"(?i:live\ \(1999\))")


def test_of_several_paths_any_will_do(tmp_path: Path) -> None:
    surroundings = Surroundings(NOW, os.path.exists)
    one, two = (str(tmp_path / name) for name in ("one", "two"))
    Path(one).mkdir()
    Path(two).mkdir()
    genre = clause("genre:pop")
    places = Clause(AnyOf((Below(one), Below(two))))
    assert parse_query([one, "genre:pop", two], surroundings).alternatives == ((places, genre),)
    assert parse_query([one, two, "genre:pop", ",", two], surroundings).alternatives == (
        (places, genre),
        (Clause(Below(two)),),
    )
    with pytest.raises(UsageError, match="paths"):
        parse_query([one] * (MAX_PATHS + 1), surroundings)


def test_a_name_that_is_not_utf8_stays_what_it_is_in_a_path_and_is_no_letter_in_a_text() -> None:
    name = b"/m/caf\xe9".decode("utf-8", "surrogateescape")
    assert clause(f"path:{name}").term == Below(name)
    assert clause(f"title:{name}").term == TextIs(TRACK_FIELDS.by_name["title"], TextMatch.HOLDS, "/m/caf\ufffd")


def test_too_much_is_refused() -> None:
    refusal("x" * 4001)
    refusal(*["x"] * 201)
    refusal("title:a\0b")
    refusal("a\0b")
    assert len(parse(*["x"] * 200).alternatives[0]) == 200


# Stored queries


def test_a_stored_query_parts_its_words_as_a_shell_would() -> None:
    assert words_of('artist:"Pink Floyd" year:1970..') == ["artist:Pink Floyd", "year:1970.."]
    assert words_of("  a\t b\n") == ["a", "b"]
    assert words_of('title:Don\'t title::^\\d+ "" x') == ["title:Don't", "title::^\\d+", "", "x"]
    assert words_of('say:\\"hi\\" "a \\"b\\""') == ['say:"hi"', 'a "b"']
    with pytest.raises(UsageError, match="quote"):
        words_of('artist:"Pink')
    assert parse_text('artist:"Pink Floyd"', Surroundings(NOW)) == parse("artist:Pink Floyd")


@given(st.lists(st.text()))
def test_any_words_are_stored_and_come_back(words: list[str]) -> None:
    assert words_of(text_of(words)) == words


@given(st.lists(st.text(), max_size=5))
def test_any_words_are_a_query_or_are_refused(words: list[str]) -> None:
    try:
        query = parse(*words)
    except UsageError:
        return
    assert isinstance(query, Query)


FIELD_NAMES = st.sampled_from(sorted(TRACK_FIELDS.by_name))


@pytest.mark.invariant("S2-NEW-2")
@given(FIELD_NAMES, st.text(alphabet="0123456789.:-+kMGTwdmy=~T naif", max_size=25))
def test_any_value_of_any_field_is_a_finite_one_or_is_refused(name: str, value: str) -> None:
    try:
        query = parse(f"{name}:{value}")
    except UsageError:
        return
    for alternative in query.alternatives:
        for one in alternative:
            if isinstance(one.term, Within):
                bounds = [bound for bound in (one.term.low, one.term.high) if bound is not None]
                assert all(abs(bound) < 1e40 for bound in bounds)


# Patterns


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$", "(a*)*b", "(a|a)*$", "(a|aa)+$", "([a-z]+)*x", r"(\w+\s?)*$", "((a+)b?)+", "(a?){30}a", "(x+x+)+y",
        "(a{1,50}){1,50}", "a?" * 30 + "a" * 30, ".*.*.*.*.*x", "(?:a+)+", "(?P<n>a+)+", "(?i:a|b)*", "(a|b|c|d)" * 9,
        "(?x)(a+ #)\n)+", "(a+(?#[))+", "[", "(", "a{2,1}", "*", "x" * 1001, "(" * 500,
    ],
)  # fmt: skip
def test_a_pattern_that_is_none_or_may_search_forever_is_refused(pattern: str) -> None:
    refusal(f"title::{pattern}")


@pytest.mark.parametrize(
    "pattern",
    [
        "^The ", r"\(live\)$", "remix|edit|mix", "^(the|a) .*(live|demo).*$", r"^\d{4}-\d\d", "[)(+*]+", r"\)+\(+",
        "(?i)abba", "colou?r", "(?:ab)+c", "(abc){2,3}", "a{,3}", "[]+]+", "[^]a]*", "", r"\\+", "^(?!the ).*",
    ],
)  # fmt: skip
def test_patterns_that_people_write_are_taken(pattern: str) -> None:
    check_pattern(pattern)


@given(st.text(alphabet="ab()|*+?{}1,3[]\\^$.:#x", max_size=14), st.integers(0, 30))
def test_no_pattern_that_is_taken_searches_long(pattern: str, length: int) -> None:
    try:
        compiled = check_pattern(pattern)
    except ValueError:
        return
    started_s = time.process_time()
    for subject in ("a" * length + "!", "ab" * (length // 2) + "!"):
        compiled.search(subject)
    assert time.process_time() - started_s < 0.5
