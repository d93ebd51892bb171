"""Names made of tags, and tags found in names."""

from __future__ import annotations

import os
import unicodedata
from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auralis_cli.errors import InputError, UsageError
from auralis_cli.model.tagged_files import TAGGED_FILE_FIELDS, TaggedFile, row_of
from auralis_cli.services.name_templates import NameRules, filled_path, parse_name_pattern, parse_name_template


def named(template: str, rules: NameRules | None = None, path: str = "/m/a b/x.flac", **tags: str) -> str:
    file = TaggedFile(path, "flac", {name: (value,) for name, value in tags.items()})
    made = parse_name_template(template, TAGGED_FILE_FIELDS)
    return str(filled_path(made, row_of(file), rules or NameRules(), ".flac"))


def test_a_name_is_made_of_tags() -> None:
    made = named("$artist/$year $album/${track:02}", artist="A", date="1984-05", album="B", track="3", title="T")
    assert made == "A/1984 B/03.flac"


@pytest.mark.parametrize(
    ("title", "portable", "exact"),
    [
        ("AC/DC", "AC_DC", "AC_DC"),
        ("../../etc/passwd", "_._.._etc_passwd", "_._.._etc_passwd"),
        ("..", "_", "_."),
        (".hidden", "_hidden", "_hidden"),
        ("What?", "What_", "What?"),
        ("Etc...", "Etc", "Etc..."),
        ("a\nb\tc", "a b c", "a b c"),
        ("x\x1b]0;y\x07", "x_]0;y_", "x_]0;y_"),
        ("\u202egnp", "_gnp", "_gnp"),
        ("CON", "_CON", "CON"),
        ("nul.txt", "_nul.txt", "nul.txt"),
        ("  a  ", "a", "a"),
        ("é" * 200, "é" * 97, "é" * 97),
    ],
)
def test_what_names_do_not_hold_is_replaced(title: str, portable: str, exact: str) -> None:
    assert named("$title", title=title) == f"{portable}.flac"
    assert named("$title", NameRules(portable=False), title=title) == f"{exact}.flac"


@given(st.text(), st.text(), st.booleans())
def test_no_tag_leads_out_of_the_folder_or_beyond_what_names_may_be(album: str, title: str, portable: bool) -> None:
    file = TaggedFile("/m/x.flac", "flac", {"album": (album,), "title": (title,)})
    made = filled_path(
        parse_name_template("$album/$title", TAGGED_FILE_FIELDS), row_of(file), NameRules(portable, "?"), ".flac"
    )
    assert not made.is_absolute()
    assert len(made.parts) == 2
    for part in made.parts:
        assert part not in ("", ".", "..")
        assert not part.startswith(".")
        assert len(os.fsencode(part)) <= 200
        assert "/" not in part
        assert not {unicodedata.category(letter) for letter in part} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_bytes_of_a_name_that_are_no_utf_8_stay_what_they_are() -> None:
    assert named("$name - $title", path="/m/\udce9\x1b.flac", title="\udce9") == "\udce9_ - _.flac"


def test_a_value_that_is_not_there_is_said_or_stood_for() -> None:
    with pytest.raises(InputError, match="has no albumartist and no artist to be named by"):
        named("${albumartist|artist}/x")
    assert named("${albumartist|artist|'Nobody/x'}/x") == "Nobody_x/x.flac"
    assert named("$albumartist/x", NameRules(unknown="Unknown")) == "Unknown/x.flac"
    assert named("${disc|''}$title", title="T") == "T.flac"


@pytest.mark.parametrize(
    "template",
    [
        "/$title",
        "~/$title",
        "../$title",
        "a/../$title",
        "a//$title",
        "$title/",
        "same",
        "$nope",
        "a\0$title",
        "$title/" * 17 + "x",
    ],
)
def test_templates_that_lead_elsewhere_are_refused(template: str) -> None:
    with pytest.raises(UsageError, match="TEMPLATE"):
        parse_name_template(template, TAGGED_FILE_FIELDS)


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ("$artist - $title", "/m/A - B - C.mp3", {"artist": "A", "title": "B - C"}),
        ("$artist/$album/$track $title", "/m/A/B/03 C.mp3", {"artist": "A", "album": "B", "track": "03", "title": "C"}),
        ("$year - $album/$track $_", "/m/1999 - B/03 x.mp3", {"date": "1999", "album": "B", "track": "03"}),
        ("$track - $title", "/m/03_-_Some_thing.mp3", {"track": "03", "title": "Some thing"}),
        ("$track. $title", "/m/3. under_score x.mp3", {"track": "3", "title": "under_score x"}),
        ("$artist/$artist - $title", "/m/A/A - T.mp3", {"artist": "A", "title": "T"}),
        ("$artist/$artist - $title", "/m/A/B - T.mp3", None),
        ("$track $title", "/m/x.mp3", None),
        ("$title (live)", "/m/T (Live).mp3", {"title": "T"}),
    ],
)  # fmt: skip
def test_values_are_found_in_names(template: str, path: str, expected: dict[str, str] | None) -> None:
    assert parse_name_pattern(template).values_in(path) == expected


@pytest.mark.parametrize("template", ["$artist$title", "x", "$_", "$id", "$path", "${a|b}", "${artist|'x'}", "$nope"])
def test_patterns_that_say_nothing_are_refused(template: str) -> None:
    with pytest.raises(UsageError, match="TEMPLATE"):
        parse_name_pattern(template)


@given(st.text("abc xyz", min_size=1).map(str.strip).filter(bool), st.integers(1, 99))
def test_what_a_template_writes_its_pattern_reads(title: str, track: int) -> None:
    title = " ".join(title.split())
    name = named("${track:02} - $title", title=title, track=str(track))
    found = parse_name_pattern("$track - $title").values_in(str(PurePath("/m") / name))
    assert found == {"track": f"{track:02}", "title": title}
