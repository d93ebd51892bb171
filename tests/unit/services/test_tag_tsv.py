"""Tables of tags: what is written is read again, and what cannot be read is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auralis_cli.errors import AuralisError, InputError, UsageError
from auralis_cli.model.tag_edits import TagAction, TagEdit
from auralis_cli.services.tag_tsv import parse_tsv, tsv_header, tsv_line
from auralis_cli.services.tag_words import parse_fields

FIELDS = parse_fields("title,genre,comment,track")
TEXT = st.text(st.characters(codec="utf-8"), min_size=1)


def table(*lines: str) -> bytes:
    return "\n".join(lines).encode("utf-8", "surrogateescape")


@given(
    st.text(st.characters(exclude_characters="\0"), min_size=1).filter(lambda path: path.isprintable() or "\n" in path),
    st.lists(TEXT, max_size=2),
    st.lists(TEXT, max_size=4),
)
def test_a_table_that_comes_back_as_it_was_changes_nothing(path: str, titles: list[str], genres: list[str]) -> None:
    tags = {"title": tuple(titles), "genre": tuple(genres), "comment": ("a\tb\nc\\d;e",)}
    text = f"{tsv_header(FIELDS)}\n{tsv_line(path, tags, FIELDS)}\n"
    assert text.count("\n") == 2
    (line,) = parse_tsv(text.encode(), "x.tsv").lines
    assert line.path == path
    assert line.edits(tags) == []


@given(st.lists(TEXT.map(str.strip).filter(str.isprintable).filter(bool), min_size=1, max_size=4, unique=True))
def test_several_values_come_back_as_they_went(genres: list[str]) -> None:
    text = f"{tsv_header(FIELDS)}\n{tsv_line('a', {'genre': tuple(genres)}, FIELDS)}"
    (line,) = parse_tsv(text.encode(), "x.tsv").lines
    assert line.edits({}) == [TagEdit("genre", TagAction.SET, tuple(genres))]


def test_bytes_of_paths_that_are_no_utf_8_come_back() -> None:
    text = f"path\ttitle\n{tsv_line(chr(0xDCE9), {'title': ('T',)}, parse_fields('title'))}"
    (line,) = parse_tsv(text.encode("utf-8", "surrogateescape"), "x.tsv").lines
    assert line.path == "\udce9"


def test_a_table_is_read_as_other_programs_write_it() -> None:
    expected = [TagEdit("title", TagAction.SET, ("é",)), TagEdit("genre", TagAction.SET, ("A", "B"))]
    text = "GENRE\tPath\ttitle\r\nA;B\tx\té\r\n\r\n"
    for data in (text.encode(), b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16")):
        (line,) = parse_tsv(data, "x.tsv").lines
        assert sorted(line.edits({}), key=lambda edit: edit.field, reverse=True) == expected


def test_an_empty_cell_takes_away_and_a_missing_column_leaves() -> None:
    (line,) = parse_tsv(table("id\ttitle\tgenre", "7\t\tA"), "x.tsv").lines
    assert (line.id, line.path) == (7, None)
    assert line.edits({"title": ("T",), "genre": ("A",), "comment": ("C",)}) == [TagEdit("title", TagAction.SET, ())]


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("path\ttitle", "a\tb\tc", "a"), "line 2 has 3 cells, and the first line 2; line 3 has 1 cells"),
        (("path\ttitle", "a\tb\\x"), r"line 2 has \\x, which stands for nothing"),
        (("path\ttitle", "a\tb\\"), "stands for nothing"),
        (("path\ttitle", "\tb"), "says nothing of which file"),
        (("id\ttitle", "x\tb"), "has no id but x"),
        (("path\ttitle", "a\tb", "a\tc"), "line 3 is about the same file as line 2"),
        (("title", "a"), "no column that says which file"),
        (("path\tpath", "a\ta"), "has a column twice"),
        (("path\tdate\tyear", "a\t1\t1"), "has a column twice"),
    ],
)
def test_a_table_with_a_bad_line_is_none(lines: tuple[str, ...], why: str) -> None:
    with pytest.raises(InputError, match=why):
        parse_tsv(table(*lines), "x.tsv")


@pytest.mark.invariant("S1-M-22")
@pytest.mark.parametrize("column", ["_meta", "__class__", "save", "rating", ""])
def test_a_column_that_is_no_field_is_refused(column: str) -> None:
    with pytest.raises(UsageError, match="is no tag that can be edited"):
        parse_tsv(table(f"path\t{column}", "a\tb"), "x.tsv")


@given(st.binary())
def test_no_bytes_at_all_make_more_than_one_line_of_complaint(data: bytes) -> None:
    assert "\n" not in complaint_about(data)


def complaint_about(data: bytes) -> str:
    try:
        parse_tsv(data, "x.tsv")
    except AuralisError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("data", [b"", b"\n", b"  \r\npath\ttitle\n"])
def test_a_table_without_a_first_line_is_said_to_have_none(data: bytes) -> None:
    with pytest.raises(InputError, match="no first line that names the columns"):
        parse_tsv(data, "table.tsv")
