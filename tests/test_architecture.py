"""The rules of the house that a machine can check: who imports whom, and what may stand nowhere."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "auralis_cli"
MODULES = sorted(PACKAGE.rglob("*.py"))

# A third-party package and the places it lives in: files or folders below the package.
HOMES = {
    "numba": ("dsp/_jit.py",),
    "llvmlite": ("dsp/_jit.py",),
    "soundfile": ("audio/",),
    "av": ("audio/",),
    "soxr": ("audio/",),
    "sounddevice": ("player/output.py", "player/devices.py"),
    "dbus_fast": ("player/mpris.py",),
    "mutagen": ("audio/",),
    "httpx": ("services/web_client.py",),
    "backports": ("services/file_patches.py",),
    # Of the standard library from 3.14 on.
    "compression": ("services/file_patches.py",),
    "typer": ("cli.py", "manual.py", "completions.py", "commands/"),
    "rich": ("output.py", "progress_display.py", "commands/", "tui/"),
    "textual": ("tui/",),
    "textual_serve": ("tui/web_screen.py",),
    "aiohttp": ("tui/web_screen.py",),
    "matplotlib": ("services/plot_image.py",),
    "PIL": ("services/cover_images.py",),
    "tomlkit": ("settings_edit.py",),
    "peewee": ("db/",),
    "playhouse": ("db/",),
    "watchfiles": ("services/watch.py",),
    "distributed": ("services/cluster.py", "services/cluster_job.py"),
    "pathspec": ("audio/ignored.py",),
    "numpy": ("dsp/", "model/", "audio/", "analysis/", "mastering/", "player/", "services/"),
}
# Asking which version is installed is the one other reason to name a package; doctor does so without importing.
NOWHERE = {"scipy", "click", "librosa", "pydantic"}
# The only places that may catch everything: the command line's last line, the edge of a worker process, here and on a
# cluster, the player's
# conductor, whom nothing may end, the screen's guard, and the edge of a thread, which hands what it caught to whoever
# waits for it.
CATCHES_ALL = {
    *("cli.py", "audio/readahead.py", "player/conductor.py", "services/worker_process.py", "services/cluster_job.py"),
    "tui/guard.py",
}
# Where randomness belongs: nowhere that audio of the user's passes through. Dither has its own generator of bits,
# doctor tests the kernels with noise of its own, a queue is shuffled, and a page has a key nobody guesses.
MAY_BE_RANDOM = {"services/doctor.py", "services/shuffling.py", "commands/play_web.py"}


def place(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


def nodes(module: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(module.read_text(encoding="utf-8")))


def imports(module: Path) -> set[str]:
    """Top-level names of everything a module imports, wherever the import stands."""
    names: set[str] = set()
    for node in nodes(module):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.split(".")[0] for name in names}


def called_names(node: ast.expr) -> set[str]:
    """The words in an expression such as a decorator: `nb.njit(cache=True)` gives nb and njit."""
    inner = list(ast.walk(node))
    words = {part.id for part in inner if isinstance(part, ast.Name)}
    return words | {part.attr for part in inner if isinstance(part, ast.Attribute)}


def test_the_layers_import_only_from_below(repository: Path) -> None:
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([program, "--no-cache"], cwd=repository, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_a_third_party_package_is_imported_in_its_own_place_only(module: Path) -> None:
    ours_and_standard = set(sys.stdlib_module_names) | {"auralis_cli", "__future__"}
    for package in imports(module) - ours_and_standard:
        assert package not in NOWHERE, package
        assert package in HOMES, f"{package} has no stated home"
        assert place(module).startswith(HOMES[package]), f"{package} lives in {HOMES[package]}"


@pytest.mark.invariant("S2-u7")
def test_every_class_is_defined_once() -> None:
    """Privately named ones and classes within classes may be alike; what crosses modules has one definition."""
    homes: dict[str, list[str]] = {}
    for module in MODULES:
        for node in ast.parse(module.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(place(module))
    assert {name: places for name, places in homes.items() if len(places) > 1} == {}


@pytest.mark.invariant("S2-u9")
@pytest.mark.parametrize("module", MODULES, ids=place)
def test_everything_is_caught_in_the_named_places_only(module: Path) -> None:
    for node in nodes(module):
        if isinstance(node, ast.ExceptHandler):
            caught = called_names(node.type) if node.type is not None else {"Exception"}
            reraised = any(isinstance(part, ast.Raise) and part.exc is None for part in node.body)
            allowed = reraised or place(module) in CATCHES_ALL
            assert allowed or not caught & {"Exception", "BaseException"}, f"line {node.lineno}"


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_nothing_sleeps(module: Path) -> None:
    for node in nodes(module):
        if isinstance(node, ast.Call):
            assert "sleep" not in called_names(node.func), f"line {node.lineno}: wait for the event, not for time"


@pytest.mark.invariant("S1-M-01")
@pytest.mark.parametrize("module", MODULES, ids=place)
def test_no_audio_is_made_up(module: Path) -> None:
    if place(module) in MAY_BE_RANDOM:
        return
    assert not imports(module) & {"random", "secrets"}
    for node in nodes(module):
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"random", "default_rng", "RandomState"}, f"line {node.lineno}"


@pytest.mark.parametrize("module", sorted((PACKAGE / "dsp").glob("*.py")), ids=place)
def test_every_compiled_function_has_the_one_decorator(module: Path) -> None:
    if module.name == "_jit.py":
        return
    for node in nodes(module):
        if isinstance(node, ast.FunctionDef):
            words = {word for decorator in node.decorator_list for word in called_names(decorator)}
            assert not words & {"jit", "njit", "vectorize", "guvectorize", "prange"}, node.name


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_the_dataclass_that_costs_every_start_is_imported_nowhere(module: Path) -> None:
    if place(module) == "quick_dataclasses.py":
        return
    for node in nodes(module):
        if isinstance(node, ast.ImportFrom) and node.module == "dataclasses":
            assert "dataclass" not in {alias.name for alias in node.names}, f"line {node.lineno}: quick_dataclasses"


@pytest.mark.parametrize("module", [module for module in MODULES if module.name == "__init__.py"], ids=place)
def test_package_files_are_empty_so_that_importing_one_module_imports_one_module(module: Path) -> None:
    assert module.stat().st_size == 0


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_no_module_holds_state_that_changes(module: Path) -> None:
    for node in nodes(module):
        assert not isinstance(node, ast.Global), f"line {node.lineno}: pass the state in"


def test_the_tree_names_no_place_of_one_machine(repository: Path) -> None:
    ours = [repository / name for name in ("README.md", "CONTRIBUTING.md", "Makefile", "constraints.txt")]
    for path in [*ours, *MODULES]:
        text = path.read_text(encoding="utf-8")
        assert "/home/" not in text, path
        assert "index-url" not in text, path
