"""The planted faults themselves: readable, not stale, and none missing. `make mutants` replays them."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from planted_faults import PlantedFault, planted_faults

ALL = planted_faults()
TESTS = Path(__file__).resolve().parent

REGISTER: dict[str, dict[str, str]] = tomllib.loads((TESTS / "invariants.toml").read_text(encoding="utf-8"))


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


def test_every_invariant_that_is_listed_has_a_test_and_a_planted_fault(repository: Path) -> None:
    claimed = {name for module in (repository / "tests").rglob("test_*.py") for name in invariants_marked_in(module)}
    planted = {fault.invariant for fault in ALL}
    assert set(REGISTER["holds"]) - claimed == set(), "listed, but no test is marked with it"
    assert claimed - set(REGISTER["holds"]) == set(), "a test is marked with it, but it is not listed"
    assert claimed - planted == set(), "no fault is planted for it"
    assert set(REGISTER["follows_from"].values()) <= claimed
    assert all(len(reason) > 50 for reason in REGISTER["does_not_apply"].values())
    kinds = [set(listed) for listed in REGISTER.values()]
    assert len(set().union(*kinds)) == sum(map(len, kinds)), "an id is listed twice"
