"""Whatever bytes our own parsers are given, they answer or refuse in a line, soon, within bounds of memory.

`make fuzz` does the same a million times; here are a few hundred cases each, and every one that ever failed.
"""

from __future__ import annotations

import random
import time

import pytest
from fuzz.cases import case_of, strategy_of
from fuzz.found import FOUND
from fuzz.judging import Target, TooLongError, judge
from fuzz.targets import TARGETS
from hypothesis import HealthCheck, given, settings

from auralis_cli.errors import AuralisError, InputError

CASES = 60


@pytest.mark.parametrize("name", TARGETS)
def test_no_case_makes_a_parser_crash_or_hang(name: str) -> None:
    target = TARGETS[name]
    for number in range(CASES):
        judge(target, case_of(target, random.Random(f"{name}:{number}")))


@pytest.mark.parametrize("name", TARGETS)
def test_no_smallest_case_is_found_that_makes_a_parser_crash(name: str) -> None:
    target = TARGETS[name]

    @settings(max_examples=12, suppress_health_check=list(HealthCheck))
    @given(strategy_of(target))
    def judged(data: bytes) -> None:
        judge(target, data)

    judged()


@pytest.mark.invariant("S0-H06")
@pytest.mark.parametrize(
    ("name", "data"), [pytest.param(name, data, id=f"{name}: {what}") for name, what, data in FOUND]
)
def test_what_once_made_a_parser_crash_or_hang_is_taken_or_refused(name: str, data: bytes) -> None:
    judge(TARGETS[name], data)


@pytest.mark.parametrize("name", TARGETS)
def test_what_mutations_begin_with_is_taken_without_complaint(name: str) -> None:
    """Mutations of what is refused at once would prove little."""
    for seed in TARGETS[name].seeds:
        TARGETS[name].run(seed)


def test_what_is_no_refusal_takes_long_or_is_two_lines_is_found() -> None:
    def crashes(_data: bytes) -> None:
        raise KeyError("a defect")

    def hangs(_data: bytes) -> None:
        while time.process_time() < end_s:
            pass

    def refuses(_data: bytes) -> None:
        raise InputError("x", "is none")

    def says_nothing(_data: bytes) -> None:
        raise AuralisError("", " ")

    end_s = time.process_time() + 5.0
    for run, expected in ((crashes, KeyError), (hangs, TooLongError), (says_nothing, AssertionError)):
        with pytest.raises(expected):
            judge(Target("x", run, (b"",), (b"",)), b"", longest_s=0.05)
    judge(Target("x", refuses, (b"",), (b"",)), b"")
