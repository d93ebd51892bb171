"""Names made of titles: whatever a title holds, its file lies where it should and is called by it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auralis_cli.audio.file_names import MAX_NAME_BYTES, output_name
from auralis_cli.model.source import CueTrack


def name(title: str, number: int = 7, extension: str = ".flac") -> str:
    return output_name(CueTrack(Path("a.cue"), number, 0, None, (("title", title),)), extension)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Title", "07 - Title.flac"),
        ("Café del Mar", "07 - Café del Mar.flac"),
        ("日本語", "07 - 日本語.flac"),
        ("", "07.flac"),
        ("   ", "07.flac"),
        (".", "07.flac"),
        ("...", "07.flac"),
        ("../../etc/passwd", "07 - .._.._etc_passwd.flac"),
        ("/", "07 - _.flac"),
        ("AC/DC", "07 - AC_DC.flac"),
        ("-rf ~", "07 - -rf ~.flac"),
        ("CON", "07 - CON.flac"),
        ('What? <Why>: "So" | *', "07 - What_ _Why__ _So_ _ _.flac"),
        ("two\nlines\tand tabs", "07 - two lines and tabs.flac"),
        ("nul\0 bell\a escape\x1b[31m", "07 - nul_ bell_ escape_[31m.flac"),
        ("\u202egnp.exe", "07 - _gnp.exe.flac"),
        ("lone \udc80 surrogate", "07 - lone _ surrogate.flac"),
        ("ends with dots. . .", "07 - ends with dots.flac"),
    ],
)
def test_a_hostile_title_becomes_a_plain_name(title: str, expected: str) -> None:
    assert name(title) == expected


def test_without_a_title_the_number_is_the_name() -> None:
    assert output_name(CueTrack(Path("a.cue"), 123, 0, None), ".wav") == "123.wav"


@pytest.mark.parametrize("letter", ["x", "é", "日", "🎵"])
def test_a_long_title_is_cut_between_characters(letter: str, tmp_path: Path) -> None:
    made = name(letter * 300)
    assert MAX_NAME_BYTES - 4 < len(made.encode()) <= MAX_NAME_BYTES
    assert set(made.removeprefix("07 - ").removesuffix(".flac")) == {letter}
    (tmp_path / made).touch()


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_any_titles_give_distinct_names_of_one_plain_file_each(titles: list[str]) -> None:
    names = [name(title, number) for number, title in enumerate(titles, 1)]
    assert len({made.casefold() for made in names}) == len(titles)
    for made in names:
        assert os.path.basename(made) == made
        assert len(os.fsencode(made)) <= MAX_NAME_BYTES
        assert made[0].isdigit()
        assert made.endswith(".flac")
        assert not set(made) & set('/\\<>:"|?*\0\n\r\x1b')
