"""What players use while they play in real time, on a machine that has something else to do as well."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from threading import Event

from patience import PATIENCE_S
from playing_process import player_environ
from process_figures import figures
from sound_sinks import PulseSink, pulse_sink, waited_for

# Plays files, with an environment, in a folder of its own; gives the process that plays.
Start = Callable[[Sequence[Path], Mapping[str, str], Path], AbstractContextManager[int]]

# What starting takes is another question.
WARM_UP_S = 10.0
_LOOKS_EVERY_S = 2.0


@dataclass(frozen=True, slots=True)
class PlayingFigures:
    """Of one player, and all processes it started, once it plays."""

    name: str
    seconds: float
    processor_s: float
    # Proportional set size.
    median_pss_mib: float
    most_pss_mib: float
    # How often the sound server had nothing to play.
    server_underruns: int
    # By the player's own count; None where it has none.
    own_underruns: int | None = None

    @property
    def processor_pct(self) -> float:
        """Of one core."""
        return 100.0 * self.processor_s / self.seconds


def measured(
    name: str,
    start: Start,
    files: Sequence[Path],
    folder: Path,
    *,
    home: Path,
    for_s: float,
    rate_hz: int = 44_100,
    burners: int = 0,
    own_underruns: Callable[[Mapping[str, str]], int] | None = None,
) -> PlayingFigures:
    """Plays for so long, with as many processes beside it that do nothing but compute; `home` is our player's."""
    (folder / "sink").mkdir(parents=True)
    with pulse_sink(folder / "sink", rate_hz=rate_hz, for_s=2 * for_s + 300) as sink:
        environ = player_environ(home, sink.variables)
        with start(files, environ, folder) as pid, burning(burners, for_s + 300):
            Event().wait(WARM_UP_S)
            before, underruns, began = figures(pid), sink.server_underruns(), time.monotonic()
            held = list(_watched(pid, sink, began + for_s))
            after, seconds = figures(pid), time.monotonic() - began
            return PlayingFigures(
                name,
                seconds,
                after.processor_s - before.processor_s,
                median(held),
                max(held),
                sink.server_underruns() - underruns,
                own_underruns(environ) if own_underruns else None,
            )


@contextmanager
def burning(processes: int, for_s: float) -> Iterator[None]:
    """So many processes that compute until the end of the context, or for so long."""
    endless = ["timeout", f"{for_s:g}", sys.executable, "-c", "while True: pass"]
    running = [subprocess.Popen(endless) for _ in range(processes)]
    try:
        yield
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait(PATIENCE_S)


def cores() -> int:
    """As many as a process may use."""
    return len(os.sched_getaffinity(0))


def _watched(pid: int, sink: PulseSink, until: float) -> Iterator[float]:
    """The memory held, every few seconds; fails where the player does not play."""
    pause = Event()
    while time.monotonic() < until:
        pause.wait(_LOOKS_EVERY_S)
        # Where the server ran dry ALSA makes its stream anew, and for a moment there is none.
        waited_for(lambda: sink.control("list", "short", "sink-inputs").strip(), "what plays")
        yield figures(pid).pss_mib
