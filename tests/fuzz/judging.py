"""What may become of a case: an answer, or a refusal in one line; soon, and within bounds of memory."""

from __future__ import annotations

import json
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from auralis_cli.errors import AuralisError
from auralis_cli.json_form import failure, json_text
from auralis_cli.terminal_text import printable

# Processor time.
LONGEST_S = 2.0
# By how much one case may have the process grow.
MOST_BYTES = 256 << 20
_RSS_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Target:
    """One of our parsers, given bytes."""

    name: str
    # Asks all that is asked of what was parsed; AuralisErrors alone may come out of it.
    run: Callable[[bytes], None]
    # What it takes without complaint, for mutations to begin with.
    seeds: tuple[bytes, ...]
    # What the grammar is made of.
    words: tuple[bytes, ...]
    # Whether seeds are JSON, line by line, whose values are exchanged as values.
    is_json: bool = False
    # Which share of all cases is its: slow ones have less.
    weight: int = 6


class TooLongError(Exception):
    """A case took more processor time than any may."""


class TooMuchError(Exception):
    """A case took more memory than any may."""


@contextmanager
def bounded_time(longest_s: float) -> Iterator[None]:
    """Raises TooLongError, wherever it is, in what takes more processor time; regular expressions heed that too."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise TooLongError(f"takes more than {longest_s:g} s")

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, longest_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
        signal.signal(signal.SIGVTALRM, before)


def judge(target: Target, data: bytes, longest_s: float = LONGEST_S) -> float:
    """Runs a case and says how many seconds of processor time it took; whatever is not allowed comes out."""
    grown_to, began_s = _peak_bytes(), time.process_time()
    try:
        with bounded_time(longest_s):
            target.run(data)
    except AuralisError as error:
        check_refusal(error)
    took_s = time.process_time() - began_s
    if took_s > longest_s:
        raise TooLongError(f"takes {took_s:.1f} s")
    if (grown := _peak_bytes() - grown_to) > MOST_BYTES:
        raise TooMuchError(f"takes {grown >> 20} MiB")
    return took_s


def check_refusal(error: AuralisError) -> None:
    """A refusal is one line on a terminal, is JSON, and is none of the defects that are called unforeseen."""
    line = printable(str(error))
    assert len(line.splitlines()) == 1, line
    assert line.strip(), "says nothing"
    assert "Traceback" not in line
    assert json.loads(json_text(failure(None, error)))["error"]["message"]


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT_BYTES
