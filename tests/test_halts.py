"""What halts threads at random halts the one it is told to, for as long as it is told, and no other."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from halts import halt, run
from patience import PATIENCE_S, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="halts threads by ptrace")

_TWO_THREADS = """
import threading, time
def count():
    print(threading.get_native_id(), flush=True)
    while True:
        time.sleep(0.001)
for _ in range(2):
    threading.Thread(target=count).start()
"""
_KILLS = """
import subprocess, sys, time
for _ in range(5):
    with subprocess.Popen([sys.executable, sys.argv[1]], stdout=subprocess.DEVNULL) as process:
        time.sleep(0.5)
        process.kill()
sys.exit(7)
"""


@pytest.fixture
def counting() -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A process, and its two threads that do a little all the time."""
    with subprocess.Popen([sys.executable, "-c", _TWO_THREADS], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, [int(process.stdout.readline()) for _ in range(2)]
        process.kill()


def _state(process: subprocess.Popen[str], thread_id: int) -> str:
    return Path(f"/proc/{process.pid}/task/{thread_id}/stat").read_text().rpartition(")")[2].split()[0]


def test_one_thread_halts_while_the_other_goes_on_and_then_goes_on_itself(
    counting: tuple[subprocess.Popen[str], list[int]],
) -> None:
    process, (first, second) = counting
    let_go = threading.Event()
    let_go.set()
    try:
        assert halt(first, PATIENCE_S, let_go)
    except PermissionError:
        pytest.skip("may not trace other processes")
    let_go.clear()
    halting = threading.Thread(target=halt, args=(first, PATIENCE_S, let_go))
    halting.start()
    try:
        until(lambda: _state(process, first) == "t", "it was never halted")
        assert _state(process, second) in "SR"
    finally:
        let_go.set()
        halting.join()
    until(lambda: _state(process, first) in "SR", "it never went on")


def test_what_a_command_came_to_is_given_back_though_what_it_started_was_killed_while_it_was_halted(
    tmp_path: Path,
) -> None:
    """Kills: a process that was killed in a halt, and whose end nobody ever hears of."""
    (tmp_path / "two.py").write_text(_TWO_THREADS)
    (tmp_path / "kill.py").write_text(_KILLS)
    code, _ = run([sys.executable, str(tmp_path / "kill.py"), str(tmp_path / "two.py")], 1, 2.0, 3)
    assert code == 7
