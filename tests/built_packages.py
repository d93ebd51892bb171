"""What is built of the source tree: the wheel, the sdist, and environments that hold nothing but them."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
_BUILDS_WITHIN_S = 120
# Wheels are fetched, or found where pip keeps them.
_INSTALLS_WITHIN_S = 1200
# Which would keep an installed program from writing what an installation writes.
_OF_THE_TESTS = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "PYTHONPATH", "NUMBA_CACHE_DIR")


def build(target: str, folder: Path, tree: Path = REPOSITORY) -> Path:
    """The wheel or the sdist of a source tree, made by the backend that pip would ask, without an environment."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=_BUILDS_WITHIN_S, check=False)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl" if target == "wheel" else "*.tar.gz"))


def names_in(wheel: Path) -> set[str]:
    """What a wheel or an sdist holds; of the sdist below its one folder."""
    if wheel.suffix == ".whl":
        return set(zipfile.ZipFile(wheel).namelist())
    with tarfile.open(wheel) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def contents(wheel: Path) -> dict[str, bytes]:
    """Every file of a wheel, by its name."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment of Python's own, and what is installed in it."""

    root: Path

    def program(self, name: str) -> str:
        """One of its commands."""
        return str(self.root / "bin" / name)

    def pip(self, *words: str | Path) -> None:
        """Installs and uninstalls, holding versions as the tests themselves do."""
        command = [self.program("python"), "-m", "pip", "--disable-pip-version-check", "--quiet", *map(str, words)]
        environ = {**own_environ(), "PIP_CONSTRAINT": str(REPOSITORY / "constraints.txt")}
        done = subprocess.run(
            command, env=environ, capture_output=True, text=True, timeout=_INSTALLS_WITHIN_S, check=False
        )
        assert done.returncode == 0, done.stderr

    def files(self) -> set[str]:
        """Every file and link in it, byte code and compiled kernels too."""
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*") if not path.is_dir()}


def empty_environment(root: Path, python: str | Path = sys.executable) -> Environment:
    """One that holds pip and nothing else."""
    subprocess.run([str(python), "-m", "venv", str(root)], timeout=_BUILDS_WITHIN_S, check=True, capture_output=True)
    return Environment(root)


def own_environ(**more: str) -> dict[str, str]:
    """Variables as a user has them, without what the tests set for themselves."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AURALIS_", "XDG_"))}
    return {**{name: value for name, value in kept.items() if name not in _OF_THE_TESTS}, **more}
