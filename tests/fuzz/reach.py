"""Which lines of the package some cases reach."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import auralis_cli

_PACKAGE = str(Path(auralis_cli.__file__).parent)
Lines = set[tuple[str, int]]


@contextmanager
def noted_lines(reached: Lines) -> Iterator[None]:
    """Adds to `reached` the lines of the package that are run within; everything is slower meanwhile."""

    def enter(frame: FrameType, _event: str, _what: object) -> Callable[..., Any] | None:
        return note if frame.f_code.co_filename.startswith(_PACKAGE) else None

    def note(frame: FrameType, _event: str, _what: object) -> Callable[..., Any]:
        reached.add((frame.f_code.co_filename[len(_PACKAGE) :], frame.f_lineno))
        return note

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        yield
    finally:
        sys.settrace(before)
