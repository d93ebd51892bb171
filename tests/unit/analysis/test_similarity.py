"""What is compared, how far it is apart, and that the nearest are the nearest."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sounding import vectors

from auralis_cli.analysis import scale
from auralis_cli.analysis.neighbour_lists import neighbour_lists, reached
from auralis_cli.analysis.similarity import MIN_FITTED, distances, fits, fitted, middle, nearest, normalised, squares
from auralis_cli.model.fingerprint import DIMENSIONS
from auralis_cli.model.similarity import Weighting

_NAMES = [dimension.name for dimension in DIMENSIONS]


def _one(**values: float) -> list[float]:
    base = dict(zip(_NAMES, vectors(1, seed=7)[0], strict=True))
    return [float({**base, **values}[name]) for name in _NAMES]


def test_a_library_is_scaled_by_its_own_5th_and_95th_percentile() -> None:
    music = vectors(500, seed=1)
    rows = normalised(music, fitted(music))

    assert ((rows > 0.0) & (rows < 1.0)).mean() == pytest.approx(0.9, abs=0.01)
    assert rows.min() == 0.0
    assert rows.max() == 1.0


def test_below_thirty_tracks_the_typical_scale_stands_in() -> None:
    assert fitted(vectors(MIN_FITTED - 1, seed=1)) == scale.typical()
    assert fitted(vectors(MIN_FITTED, seed=1)) != scale.typical()


def test_a_scale_serves_until_the_library_has_grown_by_a_tenth_or_the_fingerprint_is_another() -> None:
    fit = fitted(vectors(100, seed=1))

    assert fits(fit, 110)
    assert fits(fit, 60)
    assert not fits(fit, 111)
    assert not fits(fit, 29)
    assert fits(scale.typical(), 29)
    assert not fits(scale.typical(), 30)
    assert not fits(type(fit)(fit.lowest, fit.highest, fit.tracks, fit.version + 1), 100)


def test_a_dimension_in_which_all_tracks_are_the_same_but_for_rounding_parts_none() -> None:
    music = vectors(60, seed=2)
    column = _NAMES.index("phase_correlation")
    music[:, column] = 1.0 - np.arange(60) * 1e-12
    fit = fitted(music)

    assert set(normalised(music, fit)[:, column].tolist()) == {0.5}
    assert "phase_correlation" not in {share.dimension for share in scale.explained(music[0], music[1], fit)}


def test_the_matrix_and_the_single_values_are_on_the_same_scale() -> None:
    music = vectors(200, seed=3)
    fit = fitted(music)
    rows = normalised(music, fit)
    for a, b in ((0, 1), (2, 3), (4, 5)):
        shares = {share.dimension: share.share for share in scale.explained(music[a], music[b], fit)}
        weights = np.array(scale.weights_of(Weighting.BALANCED))
        parts = weights * (rows[a].astype(float) - rows[b]) ** 2
        expected = dict(zip(_NAMES, parts / parts.sum(), strict=True))
        assert math.fsum(shares.values()) == pytest.approx(1.0)
        for name in _NAMES:
            assert shares.get(name, 0.0) == pytest.approx(expected[name], abs=1e-5)


def test_what_was_transformed_is_restored() -> None:
    for dimension in DIMENSIONS:
        for value in np.linspace(*dimension.typical, 7).tolist():
            there = scale.transformed(value, dimension.transform)
            assert scale.restored(there, dimension.transform) == pytest.approx(value, abs=1e-9)
    column = _NAMES.index("tempo_bpm")
    assert scale.restored(scale.transformed(0.0, DIMENSIONS[column].transform), DIMENSIONS[column].transform) == 0.0


def test_no_tempo_and_silent_bands_have_a_place_on_the_scale() -> None:
    row = normalised([_one(tempo_bpm=0.0, air_pct=0.0, silence_ratio=0.0)], scale.typical())

    assert np.isfinite(row).all()
    assert row[0, _NAMES.index("tempo_bpm")] == 0.0


def test_explain_tells_the_dimension_that_was_changed_first_with_both_values() -> None:
    a, b = _one(transient_density=1.0), _one(transient_density=5.0)
    (share,) = scale.explained(a, b, scale.typical())

    assert (share.dimension, share.share, share.a, share.b) == ("transient_density", 1.0, 1.0, 5.0)
    assert scale.explained(a, a, scale.typical()) == ()


def test_six_decibels_move_a_track_by_less_than_a_fiftieth() -> None:
    fit = scale.typical()
    rows = normalised([_one(lufs=-20.0), _one(lufs=-14.0)], fit)

    assert scale.weights_of(Weighting.BALANCED)[_NAMES.index("lufs")] <= 0.02
    assert 0.0 < distances(rows, rows[0])[1] < 0.05


def test_a_weighting_doubles_what_it_is_named_after() -> None:
    balanced = np.array(scale.weights_of(Weighting.BALANCED))
    for weighting, name, other in (
        (Weighting.TONE, "air_pct", "tempo_bpm"),
        (Weighting.RHYTHM, "tempo_bpm", "air_pct"),
        (Weighting.DYNAMICS, "crest_db", "air_pct"),
    ):
        weights = np.array(scale.weights_of(weighting))
        ratio = weights / balanced
        assert math.fsum(weights) == pytest.approx(1.0)
        assert ratio[_NAMES.index(name)] == pytest.approx(2.0 * ratio[_NAMES.index(other)])
    assert len(set(scale.weights_of(Weighting.EQUAL))) == 1


def test_every_weighted_name_is_a_dimension() -> None:
    assert set(_NAMES) >= (scale._TONE | scale._RHYTHM | scale._DYNAMICS)


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 400),
    k=st.integers(0, 40),
    seed=st.integers(0, 1 << 20),
    weighting=st.sampled_from(Weighting),
    doubles=st.booleans(),
    without=st.sets(st.integers(0, 399), max_size=5),
)
def test_the_nearest_are_those_that_brute_force_in_float64_finds(
    count: int, k: int, seed: int, weighting: Weighting, doubles: bool, without: set[int]
) -> None:
    music = vectors(count, seed=seed)
    if doubles:
        music[count // 2 :] = music[: count - count // 2]
    rows = normalised(music, fitted(music))
    left_out = {row for row in without if row < count}
    point = rows[seed % count]

    found = nearest(rows, point, k, weighting, without=left_out, squared=squares(rows, weighting))

    assert found.rows.tolist() == _by_force(rows, point, k, weighting, left_out)
    assert found.distances.tolist() == distances(rows, point, weighting)[found.rows].tolist()


def test_distances_are_between_nothing_and_one_and_symmetric() -> None:
    rows = np.zeros((2, 25), np.float32)
    rows[1] = 1.0

    assert distances(rows, rows[0]).tolist() == pytest.approx([0.0, 1.0])
    assert distances(rows, rows[1]).tolist() == pytest.approx([1.0, 0.0])
    assert distances(rows, rows[0]).max() <= 1.0


def test_the_middle_of_one_track_is_itself_and_of_two_lies_between() -> None:
    a, b = _one(spectral_centroid=500.0), _one(spectral_centroid=2000.0)
    column = _NAMES.index("spectral_centroid")

    assert middle([a]) == pytest.approx(a)
    assert middle([a, b])[column] == pytest.approx(1000.0)


def _by_force(
    rows: NDArray[np.float32], point: NDArray[np.float32], k: int, weighting: Weighting, without: set[int]
) -> list[int]:
    weights = scale.weights_of(weighting)
    far = []
    for row in rows.tolist():
        total = 0.0
        for one, other, weight in zip(row, point.tolist(), weights, strict=True):
            total += weight * (one - other) * (one - other)
        far.append(math.sqrt(total))
    return [int(row) for row in np.argsort(np.array(far), kind="stable") if row not in without][:k]


@pytest.mark.parametrize(("count", "k"), [(1, 10), (2, 10), (9, 10), (300, 10), (1300, 3), (3000, 10)])
def test_the_list_of_each_row_is_what_brute_force_finds_for_it(count: int, k: int) -> None:
    music = vectors(count, seed=count)
    music[count // 3 : count // 2] = music[: count // 2 - count // 3]
    rows = normalised(music, fitted(music))
    asked = np.arange(0, count, 1 + count // 12)

    found = dict[int, list[int]]()
    for some, lists in neighbour_lists(rows, squares(rows), asked, k):
        found |= {int(row): nearest.rows.tolist() for row, nearest in zip(some, lists, strict=True)}
        for row, one in zip(some, lists, strict=True):
            assert one.distances.tolist() == distances(rows, rows[row])[one.rows].tolist()

    assert found == {int(row): _by_force(rows, rows[row], k, Weighting.BALANCED, {int(row)}) for row in asked}


def test_a_newcomer_reaches_every_row_whose_list_it_belongs_into() -> None:
    rows = normalised(vectors(1500, seed=4), scale.typical())
    old, new = np.arange(1490), np.arange(1490, 1500)
    limits = np.full(1500, np.inf)
    for row in old:
        limits[row] = np.sort(distances(rows[:1490], rows[row]))[10]
    limits[7] = distances(rows, rows[7])[1495]

    found = set(reached(rows, squares(rows), new, limits).tolist())

    belongs = {int(row) for row in old if (distances(rows[new], rows[row]) <= limits[row]).any()}
    assert 7 in belongs
    assert belongs <= found
    assert len(found - belongs - set(new.tolist())) <= 3
