"""SQL is written in the store alone, and rows are deleted nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import auralis_cli

_PACKAGE = Path(auralis_cli.__file__).parent
_STATEMENT = re.compile(
    r"\b(SELECT\s.+\sFROM|INSERT\s+(OR\s+\w+\s+)?INTO|REPLACE\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|PRAGMA\s+\w"
    r"|(CREATE|DROP|ALTER)\s+(TABLE|INDEX|TRIGGER|VIEW)|ATTACH\s+DATABASE|VACUUM\b|BEGIN\s+IMMEDIATE)",
    re.DOTALL,
)


def _texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The strings of a module that are not its documentation; of formatted ones what is written out."""
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values]
            yield node.lineno, "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            yield node.lineno, node.value


def _statements(path: Path) -> list[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return [f"{path.name}:{line}: {text[:60]}" for line, text in _texts(tree) if _STATEMENT.search(text)]


@pytest.mark.invariant("S4-D4.4")
@pytest.mark.invariant("S1-M-28")
def test_no_statement_stands_outside_the_store() -> None:
    outside = [path for path in sorted(_PACKAGE.rglob("*.py")) if path.relative_to(_PACKAGE).parts[0] != "db"]
    assert len(outside) > 100
    assert [found for path in outside for found in _statements(path)] == []
    # What is looked for is found where it is.
    assert _statements(_PACKAGE / "db" / "tracks.py")
    assert _statements(_PACKAGE / "db" / "bulk.py")


@pytest.mark.invariant("S4-D4.4")
def test_nothing_outside_the_store_reaches_through_it() -> None:
    reaching = [
        f"{path.name}:{node.lineno}"
        for path in sorted(_PACKAGE.rglob("*.py"))
        if path.relative_to(_PACKAGE).parts[0] != "db"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and _is_of_the_database(node)
    ]
    assert reaching == []


def _is_of_the_database(node: ast.Attribute) -> bool:
    """Whether this asks `….database`: where the library lies may be told, and a transaction be begun, also to read."""
    inner, told = node.value, ("path", "write", "snapshot")
    asks = isinstance(inner, ast.Attribute) and inner.attr == "database" and node.attr not in told
    return asks or node.attr in ("execute_sql", "executemany", "executescript")
