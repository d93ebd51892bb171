"""What the program takes from its environment stands in the manual, and what stands there it takes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest
from command_line import REPOSITORY

from auralis_cli.settings import OTHER_VARIABLES, SETTINGS

# What a mapping of the environment is called, wherever it is handed on.
MAPPINGS = {"variables", "environ", "_variables", "_environ"}
NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
# Known to everybody: no page has to say what they are.
COMMON = {"HOME", "PYTHONPATH"}


@cache
def documented() -> frozenset[str]:
    """The variables that auralis(1) and auralis-config(5) name."""
    found: set[str] = set()
    root = (REPOSITORY / "man" / "man1" / "auralis.1").read_text().replace("\\", "")
    section = root.partition(".SH ENVIRONMENT")[2].partition(".SH")[0]
    for heading in re.findall(r"^\.B (.*)$", section, re.MULTILINE):
        found |= {word.strip(",") for word in heading.split() if NAME.fullmatch(word.strip(","))}
    settings = (REPOSITORY / "man" / "man5" / "auralis-config.5").read_text().replace("\\", "")
    return frozenset(found | set(re.findall(r"\((AURALIS_\w+)\)", settings)))


def read_in(source: str) -> Iterator[str]:
    """The variables that a module asks its environment for, by name or by a constant for the name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "getenv"):
            asked = [node.func.value, *node.args[:1]]
        elif isinstance(node, ast.Subscript):
            asked = [node.value, node.slice]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_place":
            yield from (str(one.value) for one in node.args[2:3] if isinstance(one, ast.Constant))
            continue
        elif isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id.endswith("_VARIABLE") for target in node.targets
        ):
            asked = [ast.Name("environ"), node.value]
        else:
            continue
        where = asked[0].attr if isinstance(asked[0], ast.Attribute) else getattr(asked[0], "id", "")
        name = asked[1].value if len(asked) > 1 and isinstance(asked[1], ast.Constant) else None
        if where in MAPPINGS and isinstance(name, str) and NAME.fullmatch(name):
            yield name


@cache
def read() -> frozenset[str]:
    """What the whole package asks for."""
    sources = (module.read_text() for module in (REPOSITORY / "auralis_cli").rglob("*.py"))
    # Reading a tree takes long, and most modules have no word of it.
    asking = (source for source in sources if any(word in source for word in ("variables", "environ", "_VARIABLE")))
    return frozenset(name for source in asking for name in read_in(source))


@pytest.mark.invariant("S1-H-08")
def test_no_variable_is_read_that_the_manual_does_not_name() -> None:
    """Kills a switch for its makers, of which nobody is told."""
    assert read() - documented() - COMMON == set()


@pytest.mark.invariant("S1-H-08")
def test_no_variable_is_named_that_nothing_reads() -> None:
    of_settings = {setting.variable for setting in SETTINGS.values()}
    assert documented() - read() - of_settings - set(OTHER_VARIABLES) == set()
    assert of_settings | set(OTHER_VARIABLES) <= documented()
