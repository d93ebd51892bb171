"""Plots in letters: labels where what they name is, dots as high as what they are of."""

from __future__ import annotations

import pytest

from auralis_cli.tui.plot_scales import braille_lines, frequency_at, frequency_line, level_labels, share_of
from auralis_cli.tui.studio_text import MOMENT_S, ReductionHistory


@pytest.mark.parametrize("columns", [10, 24, 40, 60, 80, 132])
def test_frequencies_stand_below_their_places_and_never_run_together(columns: int) -> None:
    line = frequency_line(columns)
    assert len(line) == columns
    names = {"20": 20, "50": 50, "100": 100, "200": 200, "500": 500, "1k": 1e3, "2k": 2e3, "5k": 5e3, "10k": 1e4}
    names["20k"] = 2e4
    assert set(line.split()) <= set(names)
    assert len(line.split()) == len(names) or columns < 60
    for name in line.split():
        middle = f" {line} ".index(f" {name} ") + len(name) / 2
        assert middle == pytest.approx(share_of(names[name]) * columns, abs=len(name) / 2 + 1.5)
    assert frequency_at(share_of(440.0)) == pytest.approx(440.0)


def test_levels_stand_left_of_their_rows() -> None:
    assert [one.strip() for one in level_labels(-6.0, 6.0, 6, 5)] == ["6", "", "", "0", "", "-6"]
    assert {len(one) for one in level_labels(-84.0, -18.0, 9, 5)} == {5}
    assert level_labels(-12.0, 0.0, 0, 5) == ()
    assert [one.strip() for one in level_labels(-12.0, 0.0, 1, 5)] == ["0"]


def test_a_curve_is_dots_at_its_heights_the_first_over_the_second() -> None:
    low, high = [0.0] * 4, [1.0] * 4
    lines = braille_lines([high, low], 2, 2)
    assert [[(letter, owner) for letter, owner in line] for line in lines] == [
        [("⠉", 0), ("⠉", 0)], [("⣀", 1), ("⣀", 1)],
    ]  # fmt: skip
    assert braille_lines([low, low], 2, 1) == [[("⣀", 0), ("⣀", 0)]]
    # What jumps is joined, whatever lies beyond the plot is at its edge.
    assert braille_lines([[0.0, 9.0]], 1, 1) == [[("⡸", 0)]]
    assert braille_lines([], 2, 1) == [[("⠀", -1), ("⠀", -1)]]
    assert braille_lines([low], 2, 0) == []


def test_of_each_moment_the_most_that_was_held_back_is_kept_and_gaps_go_on_as_before() -> None:
    history = ReductionHistory()
    assert history.newest(3) == [0.0, 0.0, 0.0]
    for at, reduction_db in ((10.0, 1.0), (10.01, 4.0), (10.02, 2.0), (10.0 + 3.5 * MOMENT_S, 1.0)):
        history.add(at, reduction_db)
    assert history.newest(5) == [0.0, 4.0, 4.0, 4.0, 1.0]
    assert history.newest(2) == [4.0, 1.0]
    assert history.newest(0) == []
    history.add(1e6, 3.0)
    assert history.newest(2) == [1.0, 3.0]
    history.forget()
    assert history.newest(1) == [0.0]
