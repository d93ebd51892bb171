"""A D-Bus of a test's own, and what `playerctl` says on it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from patience import PATIENCE_S

BUS_MISSING = "needs dbus-daemon and playerctl"
_WATCHDOG_S = 300


@dataclass(frozen=True, slots=True)
class SessionBus:
    """A running bus."""

    address: str
    process: subprocess.Popen[str]

    @property
    def variables(self) -> dict[str, str]:
        """What tells a process of it."""
        return {"DBUS_SESSION_BUS_ADDRESS": self.address}

    def playerctl(self, *words: str) -> str:
        """What it prints; fails with what it complains of."""
        done = self.asked("playerctl", *words)
        assert done.returncode == 0, f"playerctl {' '.join(words)}: {done.stderr}"
        return done.stdout.rstrip("\n")

    def asked(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command that talks to this bus."""
        environ = {**os.environ, **self.variables}
        return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    def stop(self) -> None:
        """The bus goes away under everybody."""
        self.process.terminate()
        self.process.wait(PATIENCE_S)


def has_session_bus() -> bool:
    """Whether its tools are installed."""
    return shutil.which("dbus-daemon") is not None and shutil.which("playerctl") is not None


@contextmanager
def session_bus() -> Iterator[SessionBus]:
    """A bus with nobody on it, gone at the end."""
    process = subprocess.Popen(
        ["timeout", "-k", "1", str(_WATCHDOG_S), "dbus-daemon", "--session", "--nofork", "--print-address"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    bus = SessionBus(process.stdout.readline().strip(), process)
    try:
        assert bus.address, "the bus did not start"
        yield bus
    finally:
        bus.stop()
        process.stdout.close()
