"""Values of tags: one way to write each, and a line on why a word is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auralis_cli.audio.tag_values import canonical, canonical_values, texts_of, values_in
from auralis_cli.model.tag_fields import TAG_FIELD_OF, TAG_FIELDS, TagField

# Field, what a person writes, what a tag holds.
_GOOD = [
    ("title", "  A title ", "A title"), ("title", "a\tb", "a\tb"), ("track", "03", "3"),
    ("track_total", "9999", "9999"), ("date", "1984", "1984"), ("date", "1984-02", "1984-02"),
    ("date", "1984-02-29", "1984-02-29"),
    ("bpm", "128.50", "128.5"), ("bpm", "128,5", "128.5"), ("bpm", "120.0", "120"), ("compilation", "Yes", "1"),
    ("compilation", "false", "0"), ("comment", "a\r\nb\rc", "a\nb\nc"), ("lyrics", "a\n\nb", "a\n\nb"),
]  # fmt: skip
_BAD = [
    ("title", "a\nb", "one line"), ("title", "a\x1b[31m", "control"), ("title", "a\u2028b", "one line"),
    ("title", "caf\udce9", "no Unicode"), ("comment", "a\0b", "control"), ("track", "0", "1 to 9999"),
    ("track", "-3", "whole"), ("track", "3/12", "whole"), ("track", "٣", "whole"), ("track", "1e3", "whole"),
    ("bpm", "nan", "above 0"), ("bpm", "inf", "above 0"), ("bpm", "-1", "above 0"), ("bpm", "1_0", "above 0"),
    ("date", "1984-13", "is a date"), ("date", "1983-02-29", "is a date"), ("date", "84", "is a date"),
    ("date", "0000", "is a date"), ("date", "1984-5-3", "is a date"), ("compilation", "maybe", "yes or no"),
    ("title", "x" * (1 << 20) + "y", "longer than 1 MiB"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "written", "held"), _GOOD)
def test_a_value_has_one_way_to_be_written(field: str, written: str, held: str) -> None:
    assert canonical(TAG_FIELD_OF[field], written) == held


@pytest.mark.parametrize(("field", "written", "why"), _BAD)
def test_what_is_no_value_is_refused_with_a_line_on_why(field: str, written: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        canonical(TAG_FIELD_OF[field], written)
    assert "\n" not in str(caught.value)


def test_values_are_each_once_and_a_no_is_none() -> None:
    assert canonical_values(TAG_FIELD_OF["genre"], ["Rock", "", "Pop", " Rock ", "  "]) == ("Rock", "Pop")
    assert canonical_values(TAG_FIELD_OF["compilation"], ["no"]) == ()
    assert canonical_values(TAG_FIELD_OF["title"], ["One", "One"]) == ("One",)
    with pytest.raises(ValueError, match="holds one value, not 2"):
        canonical_values(TAG_FIELD_OF["title"], ["One", "Two"])
    with pytest.raises(ValueError, match="up to 100 values, not 101"):
        canonical_values(TAG_FIELD_OF["genre"], map(str, range(101)))


def test_what_files_say_is_shown_by_our_names() -> None:
    texts = {
        "tracknumber": ["03/12"], "discnumber": ["1"], "disctotal": ["2"], "date": ["3.5.1984"],
        "genre": ["A", "B", "A"], "compilation": ["true"], "bpm": ["128.00"], "movement": ["0"], "own": ["kept"],
    }  # fmt: skip
    assert values_in(texts) == {
        "track": ("3",), "track_total": ("12",), "disc": ("1",), "disc_total": ("2",), "date": ("3.5.1984",),
        "genre": ("A", "B"), "bpm": ("128",), "compilation": ("1",),
    }  # fmt: skip
    assert values_in({"tracknumber": ["A1"], "compilation": ["0"]}) == {"track": ("A1",)}
    assert values_in({"tracknumber": ["0/12"]}) == {"track_total": ("12",)}


@given(st.sampled_from(TAG_FIELDS), st.text(max_size=60))
def test_a_value_once_canonical_stays_so_and_is_read_as_it_is(field: TagField, text: str) -> None:
    try:
        values = canonical_values(field, [text])
    except ValueError:
        return
    assert canonical_values(field, values) == values
    expected = {field.name: values} if values else {}
    assert values_in({name: list(held) for name, held in texts_of({field.name: values}).items()}) == expected
