"""What the screen is made of costs no pause later."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator

import pytest

from auralis_cli.tui.memory_at_start import collected_later


@pytest.fixture(autouse=True)
def nothing_frozen() -> Iterator[None]:
    """The tests keep what they are made of from being looked through, and shall do so again."""
    gc.unfreeze()
    try:
        yield
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


def test_nothing_is_collected_while_the_program_starts_and_again_once_it_ends() -> None:
    with collected_later(settled_s=60):
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_what_is_there_once_it_has_settled_never_is() -> None:
    with collected_later(settled_s=0.05):
        ends_at = time.monotonic() + 30
        while not gc.isenabled() and time.monotonic() < ends_at:
            time.sleep(0.01)
        assert gc.isenabled()
        assert gc.get_freeze_count() > 10_000
