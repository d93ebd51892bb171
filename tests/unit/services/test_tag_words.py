"""Words that change tags: what they may reach, and what values they may give."""

from __future__ import annotations

import pytest

from auralis_cli.errors import UsageError
from auralis_cli.model.tag_edits import TagAction, TagEdit
from auralis_cli.services.tag_words import parse_edits, parse_fields, parted_words

SET, ADD, REMOVE = TagAction.SET, TagAction.ADD, TagAction.REMOVE


def test_words_with_a_sign_are_edits_and_all_others_say_of_what() -> None:
    words = [
        "genre=Rock",
        "title:=exact",
        "mood+=a=b",
        "genre-=x",
        "./a=b.flac",
        "/m/a=b",
        "year:1999",
        "a b=c",
        "^x=y",
    ]
    edits, others = parted_words(words)
    assert edits == ["genre=Rock", "mood+=a=b", "genre-=x"]
    assert others == ["title:=exact", "./a=b.flac", "/m/a=b", "year:1999", "a b=c", "^x=y"]


def test_edits_are_read_in_their_order() -> None:
    assert parse_edits(["Genre=Rock", "genre=Live", "comment=", "year=1984-05", "genre+=X", "track=03"]) == (
        TagEdit("genre", SET, ("Rock", "Live")),
        TagEdit("comment", SET, ()),
        TagEdit("date", SET, ("1984-05",)),
        TagEdit("genre", ADD, ("X",)),
        TagEdit("track", SET, ("3",)),
    )
    assert parse_edits(["genre-=a=b;c", "comment=two\nlines"]) == (
        TagEdit("genre", REMOVE, ("a=b;c",)),
        TagEdit("comment", SET, ("two\nlines",)),
    )


@pytest.mark.invariant("S1-M-22")
@pytest.mark.parametrize(
    "name", ["id", "_meta", "__class__", "save", "path", "rating", "__dict__", "vorbis", "album-artist"]
)
def test_only_fields_of_the_table_can_be_edited(name: str) -> None:
    for word in (f"{name}=x", f"{name}+=x", f"{name}-=x", f"{name}="):
        assert parted_words([word]) == ([word], [])
        with pytest.raises(UsageError, match="is no tag that can be edited"):
            parse_edits([word])
    with pytest.raises(UsageError, match="is no tag that can be edited"):
        parse_fields(f"title,{name}")


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("track=three", "whole number"),
        ("year=99", "is a date"),
        ("compilation=maybe", "yes or no"),
        ("title+=x", "holds one value"),
        ("genre+=", "names no value"),
        ("genre-= ", "names no value"),
        ("title=a\x1b[2J", "control characters"),
        ("title=\udce9", "Unicode"),
    ],
)
def test_values_that_a_field_cannot_have_are_refused(word: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        parse_edits([word])
    with pytest.raises(UsageError, match="holds one value"):
        parse_edits(["title=a", "title=b"])


def test_fields_are_named_each_once_or_all() -> None:
    assert [field.name for field in parse_fields("title, year,date")] == ["title", "date"]
    assert len(parse_fields("all")) > 40
    with pytest.raises(UsageError):
        parse_fields(" ,")
