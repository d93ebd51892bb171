"""Verbs of the program that run as processes of their own, beside an interface: a scan, a search for duplicates.

An interface stays as quick as it is, and a verb does exactly what it does on the command line, with its lock, its
journal and its workers. It tells where it is by the lines of `--progress json`; to stop one is Ctrl-C.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from auralis_cli.errors import EXIT_PARTIAL, CancelledError
from auralis_cli.quick_dataclasses import dataclass

# The folder that holds the package: what is run is this very program, wherever it was started.
_HOME = str(Path(__file__).resolve().parent.parent.parent)
_READ_BYTES = 1 << 16
# Nobody reads faster.
_TELL_EVERY_S = 0.1
_KEPT_JOBS = 50
_KEPT_LINES = 200
_ENDS_WITHIN_S = 5.0

Heard = Callable[[Mapping[str, Any]], object]


class JobState(StrEnum):
    """How far a job is."""

    RUNNING = "running"
    DONE = "done"
    # Some of it could not be done.
    PARTLY = "partly done"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class VerbJob:
    """A verb that runs, or ran, as it is at one moment."""

    id: int
    title: str
    words: tuple[str, ...]
    started_s: float
    state: JobState = JobState.RUNNING
    # What it is at: "reading", a file; empty before it has said anything.
    task: str = ""
    # 0…1; None where the end is not known.
    done: float | None = None
    # What it said: notes, warnings, errors, the last ones last.
    said: tuple[str, ...] = ()
    # The last line of its result.
    summary: str = ""
    ended_s: float | None = None
    # Whether it was asked to stop.
    is_stopping: bool = False

    @property
    def is_running(self) -> bool:
        """Whether it is under way."""
        return self.state is JobState.RUNNING

    @property
    def has_failed(self) -> bool:
        """Whether it, or some of it, could not be done."""
        return self.state in (JobState.FAILED, JobState.PARTLY)

    @property
    def in_words(self) -> str:
        """`Scan: 3 added in 0.1 s`, or why it failed."""
        last = self.said[-1] if self.said else ""
        told = (last or self.summary) if self.has_failed else (self.summary or last)
        return (
            f"{self.title}: {told or self.state.value}"
            if self.state is not JobState.STOPPED
            else f"{self.title}: stopped"
        )


def own_command(library: Path, config_file: Path | None = None) -> tuple[str, ...]:
    """The words that start this very program over the same library and settings."""
    chosen = () if config_file is None else ("--config", str(config_file))
    return (sys.executable, "-m", "auralis_cli", *chosen, "--library", str(library))


def own_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Variables by which that finds the same package, whatever the folder it is started in holds."""
    others = variables.get("PYTHONPATH", "")
    path = os.pathsep.join([_HOME, others]) if others else _HOME
    return {**variables, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}


class BackgroundVerbs:
    """All verbs that one interface has begun. What is told of them comes on threads of theirs."""

    def __init__(
        self,
        command: Sequence[str],
        variables: Mapping[str, str],
        tell: Callable[[VerbJob], object],
        clock_s: Callable[[], float],
    ) -> None:
        """`command` is what verbs are put behind; `tell` is given a job whenever there is news of it."""
        self._command = tuple(command)
        self._variables = own_variables(variables)
        self._tell = tell
        self._clock_s = clock_s
        self._runs: dict[int, _Run] = {}
        self._last_id = 0

    @property
    def jobs(self) -> list[VerbJob]:
        """As they are now, the newest first."""
        return [run.now() for run in reversed(self._runs.values())]

    @property
    def running(self) -> list[VerbJob]:
        """Those under way."""
        return [job for job in self.jobs if job.is_running]

    def begin(self, title: str, words: Sequence[str], heard: Heard | None = None) -> int:
        """Starts a verb and returns its number at once; `heard` is given each JSON line of its result."""
        self._last_id += 1
        job = VerbJob(self._last_id, title, tuple(words), self._clock_s())
        run = _Run(job, (*self._command, "--progress", "json", *words), self._variables, self._tell, self._clock_s)
        self._runs[job.id] = run
        for old in [number for number, one in self._runs.items() if not one.job.is_running][:-_KEPT_JOBS]:
            del self._runs[old]
        run.begin(heard)
        return job.id

    def stop(self, job_id: int) -> bool:
        """Asks a verb to stop, as Ctrl-C does; whether there was one to ask."""
        run = self._runs.get(job_id)
        return run is not None and run.stop()

    def end(self) -> None:
        """Stops all that runs, and waits for a moment; what ends later ends by itself."""
        for run in self._runs.values():
            run.stop()
        for run in self._runs.values():
            run.wait(_ENDS_WITHIN_S)


class _Run:
    """One verb under way."""

    def __init__(
        self,
        job: VerbJob,
        command: Sequence[str],
        variables: Mapping[str, str],
        tell: Callable[[VerbJob], object],
        clock_s: Callable[[], float],
    ) -> None:
        self.job = job
        self._command, self._variables = command, variables
        self._tell, self._clock_s = tell, clock_s
        self._told_at_s = -_TELL_EVERY_S
        self._told = job
        self._process: subprocess.Popen[bytes] | None = None
        self._is_to_stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name=f"job {job.id}", daemon=True)
        self._heard: Heard | None = None

    def begin(self, heard: Heard | None) -> None:
        self._heard = heard
        self._thread.start()

    def stop(self) -> bool:
        if not self.job.is_running:
            return False
        self._is_to_stop.set()
        process = self._process
        if process is not None:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGINT)
        return True

    def wait(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def now(self) -> VerbJob:
        job = self.job
        return replace(job, is_stopping=job.is_running and self._is_to_stop.is_set())

    def _follow(self) -> None:
        """What the job's thread does."""
        try:
            # A session of its own: keys of the terminal are for the interface alone.
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(self._variables),
                start_new_session=True,
            )
        except OSError as error:
            self._finish(JobState.FAILED, error.strerror or str(error))
            return
        with process:
            self._process = process
            if self._is_to_stop.is_set():
                self.stop()
            self._read(process)
        self._finish(self._state_after(process.returncode))

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        rest = {process.stdout: b"", process.stderr: b""}
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ, self._take_result)
            selector.register(process.stderr, selectors.EVENT_READ, self._take_remark)
            while selector.get_map():
                # What was not told at once is told when nothing more has come.
                for key, _ in selector.select(_TELL_EVERY_S if self._is_untold else None):
                    stream: Any = key.fileobj
                    data = os.read(stream.fileno(), _READ_BYTES)
                    *lines, rest[stream] = (rest[stream] + data).split(b"\n")
                    if not data:
                        selector.unregister(stream)
                        lines, rest[stream] = [rest[stream]], b""
                    for line in lines:
                        if line.strip():
                            key.data(line.decode("utf-8", "backslashreplace"))
                self._tell_now_and_then()

    def _take_result(self, line: str) -> None:
        document = _object(line)
        if document is None:
            self.job = replace(self.job, summary=line)
        elif self._heard is not None:
            self._heard(document)

    def _take_remark(self, line: str) -> None:
        document = _object(line)
        if document is None or "note" in document:
            text = line if document is None else str(document["note"])
            self.job = replace(self.job, said=(*self.job.said, text)[-_KEPT_LINES:])
        elif "items" in document:
            done, total = document["items_done"], document["items"]
            task = str(document.get("finished") or self.job.task)
            self.job = replace(self.job, task=task, done=done / total if total else None)
        elif "path" not in document and "task" in document:
            self.job = replace(self.job, task=str(document["task"]), done=document.get("done"))

    def _state_after(self, code: int) -> JobState:
        if code == 0:
            return JobState.DONE
        if self._is_to_stop.is_set() or code == CancelledError.exit_code:
            return JobState.STOPPED
        return JobState.PARTLY if code == EXIT_PARTIAL else JobState.FAILED

    def _finish(self, state: JobState, why: str = "") -> None:
        said = (*self.job.said, why) if why else self.job.said
        self.job = replace(self.job, state=state, said=said, ended_s=self._clock_s())
        self._tell(self.job)

    def _tell_now_and_then(self) -> None:
        now_s = self._clock_s()
        if self._is_untold and now_s - self._told_at_s >= _TELL_EVERY_S:
            self._told_at_s, self._told = now_s, self.job
            self._tell(self.now())

    @property
    def _is_untold(self) -> bool:
        return self._told is not self.job


def _object(line: str) -> Mapping[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
