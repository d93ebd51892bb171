"""Formats: what stands for what, and what is refused."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from auralis_cli.errors import UsageError
from auralis_cli.model.fields import TRACK_FIELDS
from auralis_cli.model.templates import parse_template

TRACK = SimpleNamespace(
    title="A $title", artist=None, albumartist="Various", track=3, duration_s=281.3, path="/m/é.ogg"
)


def filled(text: str) -> str:
    return parse_template(text, TRACK_FIELDS).fill(TRACK, lambda value, _: value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$title", "A $title"),
        ("${track:02}-$track", "03-3"),
        ("${duration} $duration_s", "4:41 281.3"),
        ("${artist|albumartist}", "Various"),
        ("${artist|'nobody'}", "nobody"),
        ("${artist|'{|}:'}!", "{|}:!"),
        ("${ albumartist | 'x' }", "Various"),
        ("${title:05}", "A $title"),
        ("$$title $ 5 ${", "$title $ 5 ${"),
        ("${artist}", ""),
    ],
)
def test_a_format_is_filled(text: str, expected: str) -> None:
    assert filled(text) == expected


@pytest.mark.parametrize("text", ["$nope", "${}", "${track:2}", "${track:x}", "${artist|'}", "${__class__}", "${a.b}"])
def test_what_is_no_format_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--format"):
        filled(text)
