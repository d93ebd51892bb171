"""What every test stands on: its own places on disk, the open music, the foreign tools.

This runs before any test module imports the package, so the environment set here is the one it sees.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import patience
import pytest
import second_opinion
import sound_sinks
from patience import PATIENCE_S

REPOSITORY = Path(__file__).resolve().parent.parent
CORPUS_MISSING = "needs the open music: run `make corpus` and set AURALIS_CORPUS to its folder"

# Nothing of the user's is read or written. Compiled kernels alone outlive the run (the package keys them by the
# hash of their sources), because compiling takes longer than most tests.
_HOME = Path(tempfile.mkdtemp(prefix="auralis-tests-"))
_KERNELS = Path(os.environ.get("AURALIS_TEST_KERNELS") or REPOSITORY / "build" / "test-kernels")

# Folders of other people's files that tests may read.
_FOREIGN_FILES = ("AURALIS_CORPUS", "AURALIS_ODD_FILES")


def _isolate() -> None:
    # Under nohup, or in the background of a script, commands would inherit that they ignore these: tests send them.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in list(os.environ):
        if name.startswith("XDG_") or (name.startswith("AURALIS_") and name not in _FOREIGN_FILES):
            del os.environ[name]
    for name in ("NUMBA_CACHE_DIR", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "PYTHONWARNINGS"):
        os.environ.pop(name, None)
    os.environ.update(AURALIS_HOME=str(_HOME), TERM="dumb", TZ="UTC", LC_ALL="C.UTF-8")
    # Every worker of the tests has a core of its own already; BLAS's threads wait for each other by spinning.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    _KERNELS.mkdir(parents=True, exist_ok=True)
    (_HOME / "cache").mkdir()
    (_HOME / "cache" / "kernels").symlink_to(_KERNELS, target_is_directory=True)


_isolate()
# The same examples in every run: a red test stays red until it is mended. The watchdog judges time, not hypothesis.
_UNTIMED = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile(
    "auralis", derandomize=True, deadline=None, database=None, suppress_health_check=_UNTIMED
)
hypothesis.settings.load_profile("auralis")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="run the long proofs as well (make soak)")
    parser.addoption("--write-goldens", action="store_true", help="write anew what screens are compared with")
    parser.addoption("--soak-minutes", type=float, default=30.0, help="how long the player plays in them")


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: one of them always waits for something."""
    from auralis_cli.services.processors import cores

    return cores() + 1


def pytest_unconfigure() -> None:
    shutil.rmtree(_HOME, ignore_errors=True)


def corpus_root() -> Path | None:
    """The folder of the open music, None where it was not fetched."""
    named = os.environ.get("AURALIS_CORPUS")
    return Path(named) if named and Path(named).is_dir() else None


# Before `-m alone` chooses.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    lacking = {
        "corpus": None if corpus_root() else CORPUS_MISSING,
        "ffmpeg": None if second_opinion.has_ffmpeg() else second_opinion.FFMPEG_MISSING,
        "ebur128": None if second_opinion.has_ebur128() else second_opinion.EBUR128_MISSING,
        "soak": None if config.getoption("--soak") else "a long proof: run `make soak`",
    }
    for item in items:
        if "pulse_sink" in getattr(item, "fixturenames", ()):
            # A sound server plays in real time.
            item.add_marker(pytest.mark.alone)
        for marker, reason in lacking.items():
            if reason is not None and item.get_closest_marker(marker) is not None:
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish() -> None:
    """Eighteen thousand tests lie in memory to the end: looking through them again and again takes half a minute."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _patient_clients() -> None:
    """Who asks a player waits as long as tests do: one that the machine keeps from answering does not hang."""
    from auralis_cli.services import remote_player

    remote_player.PATIENCE_S = PATIENCE_S
    for asks in (remote_player.RemotePlayer.__init__, remote_player.watch):
        asks.__kwdefaults__ = {**(asks.__kwdefaults__ or {}), "patience_s": PATIENCE_S}


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the source tree."""
    return REPOSITORY


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of the open music; the test is left out, and says so, where there is none."""
    root = corpus_root()
    if root is None:
        pytest.skip(CORPUS_MISSING)
    return root


@pytest.fixture(scope="session")
def ffmpeg() -> None:
    """Leaves the test out where ffmpeg is not installed."""
    if not second_opinion.has_ffmpeg():
        pytest.skip(second_opinion.FFMPEG_MISSING)


@pytest.fixture(scope="session")
def ebur128() -> None:
    """Leaves the test out where libebur128 is not installed."""
    if not second_opinion.has_ebur128():
        pytest.skip(second_opinion.EBUR128_MISSING)


@pytest.fixture
def file_sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sound_sinks.FileSink]:
    """A sound device that keeps what it is given and never makes anyone wait."""
    with sound_sinks.file_sink(tmp_path_factory.mktemp("sink")) as sink:
        yield sink


@pytest.fixture
def pulse_sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sound_sinks.PulseSink]:
    """A sound device that plays in real time; the test is left out, and says so, without PulseAudio."""
    if not sound_sinks.has_pulseaudio():
        pytest.skip(sound_sinks.PULSE_MISSING)
    with sound_sinks.pulse_sink(tmp_path_factory.mktemp("pulse")) as sink:
        yield sink


@pytest.fixture
def patient_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a player keeps is written before it has closed, however long a busy machine keeps it from that."""
    from auralis_cli.services import player_memory

    monkeypatch.setattr(player_memory, "_CLOSING_S", patience.PATIENCE_S)


@pytest.fixture
def auralis_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An AURALIS_HOME of the test's own, with the compiled kernels shared; no player is left in it.

    Its path is short: it leaves room for a socket's.
    """
    home = Path(tempfile.mkdtemp(prefix="auralis-"))
    (home / "cache").mkdir(parents=True)
    (home / "cache" / "kernels").symlink_to(_KERNELS, target_is_directory=True)
    monkeypatch.setenv("AURALIS_HOME", str(home))
    yield home
    from playing_process import end_players

    end_players(home)
    shutil.rmtree(home, ignore_errors=True)
