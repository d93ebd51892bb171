"""What the screen is made of costs no pause later."""

from __future__ import annotations

import gc
import time

from auralis_cli.tui.memory_at_start import collected_later


def test_nothing_is_collected_while_the_program_starts_and_what_is_there_then_never() -> None:
    try:
        with collected_later(settled_s=0.05):
            assert not gc.isenabled()
            ends_at = time.monotonic() + 30
            while not gc.isenabled() and time.monotonic() < ends_at:
                pass
            assert gc.isenabled()
            assert gc.get_freeze_count() > 10_000
        with collected_later(settled_s=60):
            assert not gc.isenabled()
        assert gc.isenabled()
    finally:
        gc.unfreeze()
        gc.enable()
