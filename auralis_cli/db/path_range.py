"""A folder as a range of paths: what lies below it stands together in the order of their bytes."""

from __future__ import annotations

import os


def below(folder: str) -> tuple[bytes, bytes]:
    """The first path that may lie below `folder`, and the first behind them all (`0` follows `/`)."""
    start = os.fsencode(folder).rstrip(b"/")
    return start + b"/", start + b"0"
