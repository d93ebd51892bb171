"""Runs a command while single threads of the processes it starts halt at random: `make halts`.

    python tests/halts.py --seed 7 -- .venv/bin/python -m pytest -q -n 2 tests/tui

A machine whose processors are taken away delays one thread and not the next, and what fails then depends on who comes
first. A busy machine shows that seldom, as it delays all of them. Linux alone; root may halt what it likes, others
where /proc/sys/kernel/yama/ptrace_scope is 0.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from process_figures import family

# ptrace(2)
_SEIZE, _INTERRUPT, _DETACH = 0x4206, 0x4207, 17
# waitpid(2): threads as well as processes.
_ANY_KIND = 0x40000000
_MOST_S = 1.5
_AT_ONCE = 3
# Between two halts, for as long as the one before was, at most.
_PAUSE_SHARE = 1.3
_NOBODY_S = 0.05


@dataclass(slots=True)
class Halts:
    """How often, and for how long in all."""

    number: int = 0
    seconds: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, seconds: float) -> None:
        """One more."""
        with self.lock:
            self.number += 1
            self.seconds += seconds


def halt(thread_id: int, for_s: float, let_go: threading.Event) -> bool:
    """Halts one thread of another process, wherever it is; False where it has ended. OSError where it may not be.

    A system call that it waits in goes on afterwards, or says EINTR as it may at any time. Only the thread that halts
    it may let it go.
    """
    _ptrace(_SEIZE, thread_id)
    _ptrace(_INTERRUPT, thread_id)
    _, status = os.waitpid(thread_id, _ANY_KIND)
    if not os.WIFSTOPPED(status):
        return False
    let_go.wait(for_s)
    # It may have halted for a signal, which is its own then.
    is_signal = status >> 16 == 0 and os.WSTOPSIG(status) != signal.SIGTRAP
    try:
        _ptrace(_DETACH, thread_id, os.WSTOPSIG(status) if is_signal else 0)
    except OSError:
        # It was killed meanwhile: nobody else hears of that before we have.
        os.waitpid(thread_id, _ANY_KIND)
    return True


def halt_at_random(process_id: int, rng: random.Random, most_s: float, ended: threading.Event, halts: Halts) -> None:
    """Halts threads of what a process started, one after the other, until that has ended."""
    while not ended.is_set():
        for_s = rng.random() ** 2 * most_s
        try:
            # Not the first process: its parent waits for it, and would hear of each halt.
            below = family(process_id)[1:]
            thread_id = int(rng.choice(os.listdir(f"/proc/{rng.choice(below)}/task")))
            if halt(thread_id, for_s, ended):
                halts.note(for_s)
        except (IndexError, OSError):
            for_s = _NOBODY_S
        ended.wait(rng.random() * for_s * _PAUSE_SHARE)


def run(command: Sequence[str], seed: int, most_s: float, at_once: int) -> tuple[int, Halts]:
    """What the command came to, and how much it was halted."""
    halts, ended = Halts(), threading.Event()
    with subprocess.Popen(command) as process:
        threads = [
            threading.Thread(
                target=halt_at_random, args=(process.pid, random.Random(f"{seed}-{number}"), most_s, ended, halts)
            )
            for number in range(at_once)
        ]
        for thread in threads:
            thread.start()
        try:
            process.wait()
        finally:
            ended.set()
            for thread in threads:
                thread.join()
    return process.returncode, halts


def _ptrace(request: int, thread_id: int, data: int = 0) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
    libc.ptrace.restype = ctypes.c_long
    if libc.ptrace(request, thread_id, None, data):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most-s", type=float, default=_MOST_S, help="the longest halt")
    parser.add_argument("--at-once", type=int, default=_AT_ONCE, help="how many threads are halted at a time")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    code, halts = run(options.command, options.seed, options.most_s, options.at_once)
    print(f"seed {options.seed}: halted {halts.number} times, {halts.seconds:.0f} s in all")
    return code


if __name__ == "__main__":
    sys.exit(main())
