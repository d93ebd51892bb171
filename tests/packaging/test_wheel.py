"""What the wheel holds and where it puts it, and what the sdist holds."""

from __future__ import annotations

import tomllib
from email import message_from_bytes
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from built_packages import build, contents, names_in
from command_line import REPOSITORY
from test_no_secrets import files_of

from auralis_cli.cli import VERBS
from auralis_cli.version import VERSION

INFO = f"auralis_cli-{VERSION}.dist-info"
SHARED = f"auralis_cli-{VERSION}.data/data/share"
# A file of any other kind has come in by mistake: a cache, an editor's copy, somebody's notes.
KINDS = {".py", ".service", ".typed"}
# What an installation puts beside the package, and which file of the tree it is.
SHELLS_AND_SERVICES = {
    f"{SHARED}/bash-completion/completions/auralis": "completions/auralis.bash",
    f"{SHARED}/zsh/site-functions/_auralis": "completions/_auralis",
    f"{SHARED}/fish/vendor_completions.d/auralis.fish": "completions/auralis.fish",
    f"{SHARED}/systemd/user/auralis.service": "auralis_cli/systemd/auralis.service",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return contents(build("wheel", tmp_path_factory.mktemp("wheel")))


@pytest.fixture(scope="module")
def declared() -> Any:
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]


def in_the_tree() -> set[str]:
    """Every file of the package but what Python and Numba keep beside it."""
    files = (path.relative_to(REPOSITORY) for path in (REPOSITORY / "auralis_cli").rglob("*") if path.is_file())
    return {str(path) for path in files if "__pycache__" not in path.parts}


def test_the_wheel_holds_the_whole_package_and_nothing_that_is_none(wheel: dict[str, bytes]) -> None:
    packed = {name for name in wheel if name.startswith("auralis_cli/")}
    assert packed == in_the_tree()
    assert {PurePosixPath(name).suffix for name in packed} == KINDS
    others = {name for name in wheel if name.split("/")[0] not in ("auralis_cli", INFO)}
    assert all(name.startswith(f"{SHARED}/") for name in others)
    assert {name.split("/")[3] for name in others} == {"man", "bash-completion", "zsh", "fish", "systemd"}


def test_manual_pages_scripts_and_the_unit_lie_where_they_are_looked_for(wheel: dict[str, bytes]) -> None:
    pages = {f"{path.parent.name}/{path.name}" for path in (REPOSITORY / "man").glob("*/*")}
    assert pages > {f"man1/auralis-{verb}.1" for verb in VERBS} | {"man5/auralis-config.5", "man7/auralis-query.7"}
    wanted = {f"{SHARED}/man/{page}": f"man/{page}" for page in pages} | SHELLS_AND_SERVICES
    assert all(wheel[name] == (REPOSITORY / source).read_bytes() for name, source in wanted.items())
    assert {name for name in wheel if name.startswith(SHARED)} == wanted.keys()


def test_the_wheel_says_what_pyproject_says(wheel: dict[str, bytes], declared: Any) -> None:
    told = message_from_bytes(wheel[f"{INFO}/METADATA"])
    assert (told["Name"], told["Version"], told["Requires-Python"]) == ("auralis-cli", VERSION, ">=3.11")
    needed = {line for line in told.get_all("Requires-Dist", []) if "extra ==" not in line}
    assert len(needed) == len(declared["dependencies"])
    assert set(told.get_all("Provides-Extra", [])) == declared["optional-dependencies"].keys()
    assert wheel[f"{INFO}/licenses/LICENSE"] == (REPOSITORY / "LICENSE").read_bytes()
    assert b"auralis = auralis_cli.__main__:main" in wheel[f"{INFO}/entry_points.txt"]


@pytest.mark.invariant("S0-M02")
def test_the_sdist_holds_only_what_is_looked_through_for_secrets(tmp_path: Path) -> None:
    packed = names_in(build("sdist", tmp_path)) - {"PKG-INFO"}
    looked_through = {str(path.relative_to(REPOSITORY)) for path in files_of(REPOSITORY)}
    assert packed - looked_through == {name for name in packed if name.endswith((".png", ".typed"))}
    assert packed >= {"pyproject.toml", "LICENSE", "auralis_cli/__main__.py", "man/man1/auralis.1", "tests/conftest.py"}
