"""What a running process and all it started hold and use, by /proc."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Figures:
    """At one moment, of a process and its descendants together."""

    # Proportional set size: memory that is shared counts by its share.
    pss_mib: float
    # Of those that run, and of the ones that ended and were waited for.
    processor_s: float
    threads: int
    handles: int


def figures(process_id: int, *, is_alone: bool = False) -> Figures:
    """What a process that runs has come to, with its descendants or alone."""
    pss = processor = 0.0
    threads = handles = 0
    for one in [process_id] if is_alone else family(process_id):
        place = Path(f"/proc/{one}")
        # One may end while it is looked at.
        with suppress(OSError):
            fields = place.joinpath("stat").read_text().rpartition(")")[2].split()
            processor += sum(map(int, fields[11:15])) / _TICKS_PER_S
            threads += int(fields[17])
            handles += len(os.listdir(place / "fd"))
            pss += _pss_mib(place)
    return Figures(pss, processor, threads, handles)


def family(process_id: int) -> list[int]:
    """A process and its descendants."""
    found = [process_id]
    for one in found:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            with suppress(OSError):
                found.extend(map(int, children.read_text().split()))
    return found


def of_session(session: int) -> list[int]:
    """The processes of a session that run, whoever started them."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, _, _, its, *_ = place.joinpath("stat").read_text().rpartition(")")[2].split()
            if int(its) == session and state not in "ZX":
                found.append(int(place.name))
    return found


def least_processor_s(command: Sequence[str], **where: Any) -> float:
    """How long a command works at least, of three times; its end has to be a good one."""

    def processor_s() -> float:
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, **where) as one:
            _, status, used = os.wait4(one.pid, 0)
            one.returncode = os.waitstatus_to_exitcode(status)
        assert one.returncode == 0
        return used.ru_utime + used.ru_stime

    return min(processor_s() for _ in range(3))


def resident_mib(process_id: int) -> float:
    """What of one process is in memory."""
    return int(Path(f"/proc/{process_id}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def peak_mib_to_the_end(process: subprocess.Popen[bytes]) -> float:
    """The most memory that a process holds, which is waited for.

    Not what `wait4` tells: that counts what the process that waits holds as well.
    """
    peak_mib, pause = 0.0, threading.Event()
    while process.poll() is None:
        peak_mib = max(peak_mib, _high_water_mib(process.pid))
        pause.wait(0.02)
    return peak_mib


def _high_water_mib(process_id: int) -> float:
    """The most that it has held so far; 0 once it is gone."""
    try:
        lines = Path(f"/proc/{process_id}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def _pss_mib(place: Path) -> float:
    for line in place.joinpath("smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0
