"""The planted faults themselves: readable, not stale, and none missing. `make mutants` replays them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from planted_faults import PlantedFault, planted_faults

ALL = planted_faults()

# What the program promises so far: each of these is proven by a test that a planted fault makes fail.
PROMISED = {
    *("S0-L04", "S1-H-03", "S1-H-04", "S1-H-05", "S1-H-06", "S1-H-07"),
    *("S1-M-01", "S1-M-02", "S1-M-03", "S1-M-04", "S1-M-08", "S1-M-09", "S1-M-11"),
    *("S2-NEW-5", "S2-NEW-6", "S2-NEW-7", "S2-NEW-8", "S2-NEW-14"),
    *("S3-ENG-01", "S3-ENG-02", "S3-ENG-04", "S3-ENG-07", "S3-ENG-08", "S3-ENG-09", "S3-ENG-10", "S3-ENG-15"),
    *(
        "S0-C01",
        "S0-H08",
        "S0-M03",
        "S0-M08",
        "S1-C-01",
        "S1-H-01",
        "S1-H-02",
        "S1-M-06",
        "S1-M-07",
        "S1-M-13",
        "S1-M-21",
    ),
    *("S0-L06", "S1-H-13", "S1-L-05", "S1-M-22", "S1-M-26"),
    *("S2-NEW-9", "S2-NEW-10", "S2-NEW-11", "S2-NEW-12", "S2-NEW-13", "S2-u12", "S3-prior"),
    *("S4-D1.1", "S4-D1.2", "S4-D1.3", "S4-D1.4", "S4-D1.5", "S4-D1.6", "S4-D1.7"),
    *("S4-D3.1", "S4-D3.2", "S4-D3.3", "S4-D3.4", "S4-D3.5"),
    *("S4-D2.1", "S4-D2.2", "S4-D2.3", "S4-D2.4", "S4-D2.5", "S4-D2.6"),
    *("S0-M11", "S1-M-14", "S1-M-15", "S1-M-16", "S1-M-17", "S1-L-07", "S1-L-08"),
    *("S4-D5.1", "S4-D5.2", "S4-D5.3", "S4-D5.4", "S4-D5.5"),
}


def invariants_marked_in(module: Path) -> Iterator[str]:
    """Ids in `pytest.mark.invariant("…")`, wherever it stands in the module."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "invariant":
            yield from (word.value for word in node.args if isinstance(word, ast.Constant))  # type: ignore[misc]


def names_of_tests_in(module: Path) -> set[str]:
    """`name` and `Class::name` of every test in a module."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    for holder in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        names |= {f"{holder.name}::{node.name}" for node in holder.body if isinstance(node, ast.FunctionDef)}
    return {name for name in names if name.split("::")[-1].startswith("test_")}


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.name)
def test_a_planted_fault_is_about_code_and_tests_that_exist(fault: PlantedFault, repository: Path) -> None:
    assert fault.name.startswith(fault.invariant), "the file's name starts with the invariant's id"
    assert re.fullmatch(r"S[0-4]-[A-Za-z0-9.#-]+", fault.invariant)
    assert fault.fault
    assert "\n" not in fault.fault
    assert fault.file.startswith("auralis_cli/"), "a fault is planted in the program, not in its tests"
    assert fault.occurrences(repository) == 1, "the text to replace occurs exactly once"
    assert fault.find != fault.replace
    assert fault.tests
    for test in fault.tests:
        module, _, name = test.partition("::")
        assert (repository / module).is_file(), module
        assert name.partition("[")[0] in names_of_tests_in(repository / module), test


def test_every_invariant_promised_or_claimed_has_a_test_and_a_planted_fault(repository: Path) -> None:
    claimed = {name for module in (repository / "tests").rglob("test_*.py") for name in invariants_marked_in(module)}
    assert PROMISED - claimed == set(), "promised, but no test is marked with it"
    assert (PROMISED | claimed) - {fault.invariant for fault in ALL} == set(), "no fault is planted for it"
