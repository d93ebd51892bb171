"""The wheel in environments that hold nothing else, tried as by somebody who has just installed it (`make soak`).

Packages come through pip, from its cache or the registry it is set to.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import demo_piece
import numpy as np
import pytest
import soundfile
from built_packages import Environment, build, empty_environment, names_in, own_environ
from command_line import REPOSITORY

from auralis_cli.cli import VERBS

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]

# Who is nobody: root may write anywhere, and is not who reads the music.
_NOBODY = 65534
_PIPX = "pipx==1.18.4"


@dataclass(frozen=True, slots=True)
class Installed:
    """The installed program, and who runs it."""

    environment: Environment
    home: Path
    user: int | None = None
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """One command line."""
        environ = own_environ(HOME=str(self.home), TERM="dumb", **self.variables)
        return subprocess.run(
            [self.environment.program("auralis"), *map(str, words)],
            env=environ, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False,
            user=self.user, group=self.user, extra_groups=None if self.user is None else [],
        )  # fmt: skip

    def works(self, *words: str | Path) -> str:
        """What it prints where it succeeds, and nothing else is accepted."""
        done = self.run(*words)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that other users may enter, as they may not enter those of the tests."""
    with tempfile.TemporaryDirectory(prefix="auralis-installed-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def environment(wheel: Path, place: Path) -> Environment:
    made = empty_environment(place / "environment", _python_of_everyone())
    made.pip("install", wheel)
    return made


@pytest.fixture(scope="module")
def music(place: Path) -> Path:
    folder = place / "music"
    folder.mkdir(mode=0o755)
    piece = np.clip(demo_piece.compose()[5 * 44_100 : 20 * 44_100], -1.0, 1.0)
    for number in (1, 2):
        soundfile.write(folder / f"{number}.flac", piece[: -number * 44_100], 44_100)
    return folder


@pytest.fixture
def home(place: Path, request: pytest.FixtureRequest) -> Path:
    folder = place / f"home-{request.node.name[:40]}"
    folder.mkdir(mode=0o755)
    return folder


def _python_of_everyone() -> str:
    """This Python, or the system's where this one lies in a home that nobody else may enter."""
    if os.geteuid() != 0 or _may_run(sys.executable):
        return sys.executable
    return "/usr/bin/python3" if _may_run("/usr/bin/python3") else sys.executable


def _may_run(python: str) -> bool:
    try:
        asked = [python, "-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"]
        done = subprocess.run(asked, user=_NOBODY, group=_NOBODY, extra_groups=[], capture_output=True, check=False)
    except PermissionError:
        return False
    return done.returncode == 0


def test_the_sdist_makes_the_very_same_wheel(wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(build("sdist", tmp_path)) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    tree = next((tmp_path / "source").iterdir())
    again = build("wheel", tmp_path / "again", tree)
    assert names_in(again) == names_in(wheel)
    assert again.read_bytes() == wheel.read_bytes()


def test_every_verb_is_there_and_the_first_steps_succeed(environment: Environment, music: Path, home: Path) -> None:
    auralis = Installed(environment, home)
    assert auralis.works("--version").startswith("auralis ")
    for verb in VERBS:
        assert auralis.works(verb, "--help").startswith("Usage: ")
    checked = auralis.works("doctor")
    assert "optional, not installed: cluster" in checked
    auralis.works("scan", music)
    assert len(auralis.works("list").splitlines()) == 2
    auralis.works("fingerprint")
    assert "2.flac" in auralis.works("similar", "-f", "$path", music / "1.flac")
    auralis.works("master", music / "1.flac", home / "master.flac")
    assert (home / "master.flac").stat().st_size > 0
    auralis.works("play", "--output", home / "heard.wav", music / "1.flac")
    for shell in ("bash", "zsh", "fish"):
        script = auralis.works("completion", shell)
        assert script.strip() == (REPOSITORY / auralis_script(shell)).read_text().strip()
    assert auralis.run("ctl", "status").returncode == 6
    assert "textual-serve" in auralis.run("play", "--web").stderr


def auralis_script(shell: str) -> str:
    return {"bash": "completions/auralis.bash", "zsh": "completions/_auralis", "fish": "completions/auralis.fish"}[
        shell
    ]


def test_man_finds_the_pages_in_the_environment(environment: Environment) -> None:
    for section, page in (("1", "auralis"), ("1", "auralis-play"), ("5", "auralis-config"), ("7", "auralis-query")):
        found = environment.root / "share" / "man" / f"man{section}" / f"{page}.{section}"
        shown = subprocess.run(
            ["man", "-M", environment.root / "share" / "man", "-w", section, page],
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        assert Path(shown.stdout.strip()).resolve() == found.resolve()


@pytest.fixture
def read_only(environment: Environment) -> Iterator[Environment]:
    """The environment, which nobody may write; root keeps its own."""
    folders = [environment.root, *(path for path in environment.root.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    yield environment
    for folder in folders:
        folder.chmod(0o755)


def somebody(environment: Environment, home: Path) -> Installed:
    """Whoever may not write there: nobody, where the tests run as root."""
    if os.geteuid() != 0:
        return Installed(environment, home)
    os.chown(home, _NOBODY, _NOBODY)
    return Installed(environment, home, _NOBODY)


def test_from_a_read_only_place_kernels_are_kept_with_the_user_and_the_second_run_is_quick(
    read_only: Environment, music: Path, home: Path
) -> None:
    before = read_only.files()
    auralis = somebody(read_only, home)
    took_s = []
    for _ in range(2):
        begun_s = time.monotonic()
        auralis.works("analyze", music / "1.flac")
        took_s.append(time.monotonic() - begun_s)
    assert took_s[1] < took_s[0] / 2
    assert next((home / ".cache" / "auralis" / "kernels").rglob("*.nbi")).is_file()
    assert read_only.files() == before


def test_without_a_home_that_may_be_written_it_works_or_says_why_not(
    read_only: Environment, music: Path, home: Path, place: Path
) -> None:
    aside = place / "aside"
    aside.mkdir(mode=0o777)
    aside.chmod(0o777)
    auralis = somebody(read_only, home)
    os.chmod(home, 0o555)
    if os.geteuid() == 0:
        os.chown(home, 0, 0)
    auralis = Installed(read_only, home, auralis.user, {"TMPDIR": str(aside)})
    auralis.works("analyze", music / "1.flac")
    auralis.works("master", music / "1.flac", aside / "master.flac")
    refused = {("scan", str(music)): 5, ("config", "set", "master.preset", "warm"): 1, ("play", "--headless"): 2}
    for words, code in refused.items():
        done = auralis.run(*words)
        assert done.returncode == code
        assert done.stderr.startswith("auralis: error: ")
        assert done.stderr.count("\n") == 1
    told = auralis.run("doctor").stdout
    assert "set AURALIS_HOME or XDG_CACHE_HOME to a folder of yours" in told
    assert list(home.iterdir()) == []


def test_pipx_installs_it_too(wheel: Path, place: Path, home: Path) -> None:
    tools = empty_environment(place / "tools")
    tools.pip("install", _PIPX)
    environ = own_environ(
        HOME=str(home), PIPX_HOME=str(home / "pipx"), PIPX_BIN_DIR=str(home / "bin"), PIPX_MAN_DIR=str(home / "man"),
        PIP_CONSTRAINT=str(REPOSITORY / "constraints.txt"),
    )  # fmt: skip
    subprocess.run([tools.program("pipx"), "install", str(wheel)], env=environ, timeout=1200, check=True)
    auralis = Installed(Environment(home), home)
    assert auralis.works("--version").startswith("auralis ")
    assert "pipx inject auralis-cli " in auralis.works("doctor")
    assert (home / "man" / "man1" / "auralis.1").exists()
    subprocess.run([tools.program("pipx"), "uninstall", "auralis-cli"], env=environ, timeout=300, check=True)
    left = {path.name for path in (home / "bin", home / "pipx" / "venvs", home / "man") for path in path.rglob("*")}
    # A lock is pipx's own.
    assert {name for name in left if "auralis" in name} <= {".auralis-cli.lock"}


def test_uninstalling_leaves_nothing_of_it(environment: Environment, wheel: Path, music: Path, home: Path) -> None:
    """Byte code and kernels of its runs neither; what it stands on is the user's to keep."""
    environment.pip("uninstall", "--yes", "auralis-cli")
    without = environment.files()
    assert {name for name in without if "auralis" in name} == set()
    environment.pip("install", "--no-deps", wheel)
    Installed(environment, home).works("analyze", music / "1.flac")
    assert environment.files() > without
    environment.pip("uninstall", "--yes", "auralis-cli")
    left = {name for name in environment.files() - without if "__pycache__" not in name or "auralis" in name}
    environment.pip("install", "--no-deps", wheel)
    assert left == set()
