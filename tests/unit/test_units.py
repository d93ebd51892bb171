"""What people read of numbers."""

from __future__ import annotations

import pytest

from auralis_cli.units import bytes_in_words, count_in_words, seconds_to_clock


@pytest.mark.parametrize(("count", "said"), [(0, "0 tracks"), (1, "1 track"), (2, "2 tracks"), (1200, "1,200 tracks")])
def test_one_is_one_and_all_else_is_many(count: int, said: str) -> None:
    assert count_in_words(count, "track") == said


def test_what_takes_no_s_is_said_as_it_is_called() -> None:
    assert (count_in_words(1, "copy", "copies"), count_in_words(2, "copy", "copies")) == ("1 copy", "2 copies")


def test_durations_and_sizes_are_as_people_read_them() -> None:
    assert (seconds_to_clock(281.4), seconds_to_clock(3723.0)) == ("4:41", "1:02:03")
    assert (bytes_in_words(1), bytes_in_words(1536), bytes_in_words(32 << 30)) == ("1 bytes", "1.5 KiB", "32 GiB")
