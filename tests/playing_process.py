"""The real player, as a process of its own, on a sound device of the test's own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from patience import PATIENCE_S
from sound_sinks import waited_for

from auralis_cli.errors import NoPlayerError
from auralis_cli.model.player_status import PlayerStatus
from auralis_cli.services.remote_player import RemotePlayer

REPOSITORY = Path(__file__).resolve().parent.parent
# A process that compiles nothing is there sooner; how long one may take on a machine that is busy.
STARTS_WITHIN_S = 40.0


@dataclass(frozen=True, slots=True)
class PlayingProcess:
    """A headless player that runs."""

    process: subprocess.Popen[bytes]
    environ: Mapping[str, str]
    # What it prints.
    log: Path

    @property
    def pid(self) -> int:
        """Of the player itself."""
        return self.process.pid

    def ctl(self, *words: str) -> str:
        """What `auralis ctl` prints; fails with what it complains of."""
        done = asked(self.environ, "ctl", *words)
        assert done.returncode == 0, f"ctl {' '.join(words)}: {done.stderr}{self.said()}"
        return done.stdout

    def status(self) -> PlayerStatus:
        """What it says of itself, asked over its socket."""
        return status(self.environ)

    def said(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(errors="replace")

    def wait(self, timeout_s: float = PATIENCE_S) -> int:
        """Its exit code."""
        return self.process.wait(timeout_s)

    def kill(self) -> None:
        """Ends it without asking."""
        self.process.kill()
        self.process.wait(PATIENCE_S)


def asked(environ: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """One run of the command line beside the player."""
    command = [sys.executable, "-m", "auralis_cli", *words]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)


def status(environ: Mapping[str, str]) -> PlayerStatus:
    """What the player that runs says of itself, however long it is kept from it; NoPlayerError where none does."""
    with RemotePlayer(environ=environ, patience_s=PATIENCE_S) as player:
        return player.status()


def own_underruns(environ: Mapping[str, str]) -> int:
    """How often the player that runs has had nothing to play, by its own count."""
    return status(environ).underruns


def player_environ(home: Path, *more: Mapping[str, str]) -> dict[str, str]:
    """An environment with places of its own; sink and bus add their variables."""
    made = {**os.environ, "PYTHONPATH": str(REPOSITORY), "AURALIS_HOME": str(home)}
    # No desktop of whoever runs the tests.
    made.pop("DBUS_SESSION_BUS_ADDRESS", None)
    for variables in more:
        made.update(variables)
    return made


@contextmanager
def playing(
    environ: Mapping[str, str], folder: Path, *words: str | Path, ready: bool = True
) -> Iterator[PlayingProcess]:
    """`auralis play --headless` with these words; ended at the end, however that comes about."""
    log = folder / "player.log"
    command: Sequence[str | Path] = [sys.executable, "-m", "auralis_cli", "play", "--headless", *words]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        player = PlayingProcess(process, environ, log)
        try:
            if ready:
                waited_for(lambda: process.poll() is not None or _answers(environ), "it", for_s=STARTS_WITHIN_S)
                assert process.poll() is None, player.said()
            yield player
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(PATIENCE_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait(PATIENCE_S)


@contextmanager
def serving_screen(environ: Mapping[str, str], *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`auralis play --web`: the process, and the address it prints; ended at the end as by Ctrl-C."""
    command = [sys.executable, "-m", "auralis_cli", "play", "--web", *words]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.wait(PATIENCE_S)


def end_players(home: Path) -> None:
    """Ends the players with these places: one outlives its screen, also that of a test that failed."""
    # Without its log and its lock there is none.
    if any((home / name).exists() for name in ("state", "run")):
        for process_id in _players_of(home):
            with suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGTERM)


def _players_of(home: Path) -> Iterator[int]:
    """The headless players whose places are these, whether they can be reached yet or not."""
    told, named = b"--headless", b"AURALIS_HOME=" + os.fsencode(home)
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if told in (place / "cmdline").read_bytes() and named in (place / "environ").read_bytes().split(b"\0"):
                yield int(place.name)


def _answers(environ: Mapping[str, str]) -> bool:
    with suppress(NoPlayerError):
        return bool(status(environ))
    return False
