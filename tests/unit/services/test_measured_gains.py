"""What tracks were measured at, kept on disk: the same again, or nothing."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auralis_cli.model.block_levels import BlockLevels
from auralis_cli.model.replaygain import GainMeasurement
from auralis_cli.services.measured_gains import MeasuredGains

LEVELS = st.dictionaries(st.integers(-7000, 3000), st.integers(1, 100_000), max_size=50)
LOUDNESS = st.floats(-70.0, 30.0) | st.just(-math.inf)


@given(levels=LEVELS, loudness=LOUDNESS, peak=st.floats(0.0, 1e6))
def test_what_is_kept_is_had_again_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, levels: dict[int, int], loudness: float, peak: float
) -> None:
    kept = MeasuredGains(tmp_path_factory.getbasetemp() / "gains")
    measured = GainMeasurement(loudness, peak, BlockLevels.of(levels), audio_hash="h")
    kept.put("flac:0f", measured)
    assert kept.get("flac:0f", lambda: "h") == measured
    assert measured.blocks.counts() == levels
    assert kept.get("flac:0f", lambda: "i") is None
    assert kept.get("flac:0e", lambda: "h") is None


def test_what_could_not_all_be_measured_is_not_kept(tmp_path: Path) -> None:
    kept = MeasuredGains(tmp_path)
    kept.put("a", GainMeasurement(-10.0, 0.5, BlockLevels.of({}), ("is cut short",), "h"))
    assert kept.get("a", lambda: "h") is None


@pytest.mark.parametrize("damage", [b"", b"x", b"\x78\x9c\x03\x00", bytes(100)])
def test_what_is_damaged_is_not_known(tmp_path: Path, damage: bytes) -> None:
    kept = MeasuredGains(tmp_path)
    kept.put("a", GainMeasurement(-10.0, 0.5, BlockLevels.of({-1000: 3}), audio_hash="h"))
    (place,) = tmp_path.iterdir()
    place.write_bytes(damage or place.read_bytes()[:-9])
    assert kept.get("a", lambda: "h") is None
