"""Ids put together: each at its place, whatever digits stand beside it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from auralis_cli.model.packed_ids import PackedIds


@given(st.lists(st.integers(0, 899_999_999_999), unique=True, max_size=40), st.integers(0, 50), st.integers(0, 50))
def test_what_is_put_together_is_taken_apart_again(ids: list[int], first: int, number: int) -> None:
    packed = PackedIds.of(ids)
    assert len(packed) == len(ids)
    assert packed.some(first, number) == ids[first : first + number]
    assert [packed.place_of(one) for one in ids] == list(range(len(ids)))


def test_digits_of_two_neighbours_are_no_id() -> None:
    # 100000000010 100000000001: from the third digit on, that is 000000001010 …, from the eleventh 101000000000.
    packed = PackedIds.of([10, 1])
    assert packed.place_of(1_000_000_000) is None
    assert PackedIds.of([10, 1, 1_000_000_000]).place_of(1_000_000_000) == 2
