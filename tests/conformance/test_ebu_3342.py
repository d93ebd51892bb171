"""EBU Tech 3342, table 1: cases 1–4 (5 and 6 need programme material that is not to be had).

A row: stretches of tone, expected LRA, and the value last read at 48 kHz.
"""

from __future__ import annotations

import pytest
from ebu_signals import Stretch, tones

from auralis_cli.dsp.loudness import WeightedEnergy, loudness_range_lu, short_term_lufs

CASES: dict[str, tuple[list[Stretch], float, float]] = {
    "1": ([(20, -20), (20, -30)], 10.0, 10.0),
    "2": ([(20, -20), (20, -15)], 5.0, 5.0),
    "3": ([(20, -40), (20, -20)], 20.0, 20.0),
    "4": ([(20, -50), (20, -35), (20, -20), (20, -35), (20, -50)], 15.0, 15.0),
}


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("case", CASES)
def test_loudness_range_reads_what_the_table_says(case: str, rate_hz: int) -> None:
    stretches, expected, last = CASES[case]
    segments = WeightedEnergy(rate_hz, (1.0, 1.0), (rate_hz, 100)).process(tones(stretches, rate_hz))
    measured = loudness_range_lu(short_term_lufs(segments, rate_hz / 100))
    assert measured == pytest.approx(expected, abs=1.0)
    assert measured == pytest.approx(last, abs=0.01)
