"""The first track on a machine: its kernels are compiled by two processes, and nobody waits for one that is gone."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from auralis_cli.errors import CancelledError
from auralis_cli.model.progress import CancelToken
from auralis_cli.services import kernel_exercises, warm_up
from auralis_cli.services.warm_up import compile_kernels


class Notes:
    """A progress that keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def step(self, task: str, done: float | None) -> None:
        """No step is taken here."""

    def note(self, message: str) -> None:
        self.notes.append(message)


@pytest.fixture
def ours(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A machine of two cores that has compiled nothing; what this process has exercised."""
    done: list[str] = []
    monkeypatch.setattr(warm_up, "kernels_are_compiled", lambda: False)
    monkeypatch.setattr(warm_up, "cores", lambda: 2)
    monkeypatch.setattr(kernel_exercises, "exercise_rhythm_and_spectra", lambda: done.append("rhythm and spectra"))
    return done


@pytest.fixture
def other_half(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Path]:
    """Has the process beside run a script, which finds a path of its own in `sys.argv[1]`."""

    def runs(script: str) -> Path:
        monkeypatch.setattr(warm_up, "_OTHER_HALF", (sys.executable, "-c", script, str(tmp_path / "said")))
        return tmp_path / "said"

    return runs


def test_the_other_half_is_waited_for(ours: list[str], other_half: Callable[[str], Path]) -> None:
    said = other_half("import sys, time; time.sleep(0.3); open(sys.argv[1], 'w').write('done')")
    notes = Notes()
    compile_kernels(notes, CancelToken())
    assert said.read_text() == "done"
    assert ours == ["rhythm and spectra"]
    assert len(notes.notes) == 1


def test_where_kernels_are_compiled_nothing_is_done_and_nothing_told(
    ours: list[str], other_half: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = other_half("import sys; open(sys.argv[1], 'w')")
    monkeypatch.setattr(warm_up, "kernels_are_compiled", lambda: True)
    notes = Notes()
    compile_kernels(notes, CancelToken())
    assert not ours
    assert not notes.notes
    assert not said.exists()


def test_one_core_has_nothing_beside_it(
    ours: list[str], other_half: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = other_half("import sys; open(sys.argv[1], 'w')")
    monkeypatch.setattr(warm_up, "cores", lambda: 1)
    notes = Notes()
    compile_kernels(notes, CancelToken())
    assert not ours
    assert not said.exists()
    assert len(notes.notes) == 1


@pytest.mark.parametrize("script", ["raise SystemExit(1)", "import os; os.kill(os.getpid(), 9)"])
def test_another_half_that_fails_is_no_matter(ours: list[str], other_half: Callable[[str], Path], script: str) -> None:
    other_half(script)
    compile_kernels(Notes(), CancelToken())
    assert ours == ["rhythm and spectra"]


def test_a_process_that_cannot_be_started_is_no_matter(ours: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm_up, "_OTHER_HALF", ("/nowhere/python",))
    compile_kernels(Notes(), CancelToken())
    assert not ours


def test_whoever_is_asked_to_stop_ends_the_other_half(ours: list[str], other_half: Callable[[str], Path]) -> None:
    said = other_half("import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)")
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        compile_kernels(Notes(), cancel)
    if said.exists() and (number := said.read_text()):
        with pytest.raises(ProcessLookupError):
            os.kill(int(number), 0)


def test_an_exercise_that_fails_leaves_no_process(
    ours: list[str], other_half: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = other_half("import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)")

    def fails() -> None:
        while not said.exists() or not said.read_text():
            time.sleep(0.01)
        raise KeyboardInterrupt

    monkeypatch.setattr(kernel_exercises, "exercise_rhythm_and_spectra", fails)
    with pytest.raises(KeyboardInterrupt):
        compile_kernels(Notes(), CancelToken())
    with pytest.raises(ProcessLookupError):
        os.kill(int(said.read_text()), 0)
