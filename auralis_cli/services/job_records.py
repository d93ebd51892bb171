"""What long verbs are at, or were: one small file a run, by which an interrupted one can be found and begun again.

Every record is written by the one process it is of, whole or not at all. One whose process is gone says by that alone
that it was interrupted, however the process ended.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from enum import StrEnum
from pathlib import Path

from auralis_cli.errors import OutputError
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.whole_file import PART_PREFIX, give_name

KEPT_RECORDS = 100
KEPT_S = 30 * 86_400
# The process keeps at most one record up to date, and nobody looks more often.
_TOLD_EVERY_S = 1.0
_SUFFIX = ".json"
_TRIES = 1000
# Of any number in a record.
_MOST = 1e15


class RunState(StrEnum):
    """How far a run of a verb is."""

    RUNNING = "running"
    FINISHED = "finished"
    # Some of it, or all, could not be done.
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One run of a verb."""

    id: int
    verb: str
    # Of the command line, without the name of the program; bytes that are no UTF-8 are surrogates.
    words: tuple[str, ...]
    cwd: str
    pid: int
    # Of the process, by which another of the same number is told from it; empty where the system does not say.
    process_began: str
    begun_at: float
    state: RunState
    # Items that are through, and all; None where that is not counted.
    done: int | None = None
    total: int | None = None
    ended_at: float | None = None
    exit_code: int | None = None

    @property
    def is_resumable(self) -> bool:
        """Whether running it again would do what is left of it."""
        return self.state in (RunState.INTERRUPTED, RunState.FAILED)


def process_began(pid: int) -> str:
    """When a process began, as one word that only this system, until it ends, understands; empty of none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
    # The name of the program, in brackets, may hold anything.
    fields = text.rpartition(")")[2].split()
    return "" if fields[0] in ("Z", "X") else f"{fields[19]} {boot}"


class JobRecords:
    """The records in one folder; any number of processes may use it at once."""

    def __init__(self, folder: Path, began: Callable[[int], str] = process_began) -> None:
        self._folder, self._began = folder, began

    def all(self) -> list[JobRecord]:
        """Every record, what runs first, then the latest first; of what is gone without a word, as interrupted."""
        found = [record for number in self._numbers() if (record := self.get(number)) is not None]
        return sorted(found, key=lambda one: (one.state is not RunState.RUNNING, -one.id))

    def get(self, number: int) -> JobRecord | None:
        """One record as it is now, None where there is none that can be read."""
        try:
            with open(self._place(number), encoding="ascii") as file:
                record = _of_json(number, json.load(file))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        if record.state is RunState.RUNNING and not self._is_there(record):
            return replace(record, state=RunState.INTERRUPTED)
        return record

    def begin(self, verb: str, words: Sequence[str], cwd: str, *, now: float) -> JobRecord:
        """A new record of this process, under a number that nothing else has. Raises OutputError where it cannot be."""
        pid = os.getpid()
        record = JobRecord(0, verb, tuple(words), cwd, pid, self._began(pid), now, RunState.RUNNING)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with self._written(record) as temporary:
                for _ in range(_TRIES):
                    number = max(self._numbers(), default=0) + 1
                    with suppress(FileExistsError):  # another took it meanwhile
                        give_name(temporary, self._place(number))
                        return replace(record, id=number)
        except OSError as error:
            raise OutputError(str(self._folder), error.strerror or "cannot be written") from error
        raise OutputError(str(self._folder), "no number is free")

    def put(self, record: JobRecord) -> None:
        """Brings a record of this process up to date. Raises OutputError where that cannot be."""
        try:
            with self._written(record) as temporary:
                temporary.replace(self._place(record.id))
        except OSError as error:
            raise OutputError(str(self._folder), error.strerror or "cannot be written") from error

    def forget(self, numbers: Iterable[int]) -> None:
        """Removes records."""
        for number in numbers:
            with suppress(OSError):
                self._place(number).unlink()

    def tidy(self, words: Sequence[str], cwd: str, *, now: float, but: int | None = None) -> None:
        """Removes what ended and is of no more use: what is old, all but the latest, and what was run again.

        That is what the same `words` in the same folder left before: whoever ran them again has what came of it.
        """
        ended = [one for one in self.all() if one.state is not RunState.RUNNING and one.id != but]
        again = {one.id for one in ended if (one.words, one.cwd) == (tuple(words), cwd)}
        self.forget(again | _expired(ended, now))

    def expire(self, *, now: float) -> None:
        """Removes what ended long ago, and of the rest all but the latest."""
        self.forget(_expired([one for one in self.all() if one.state is not RunState.RUNNING], now))

    def _numbers(self) -> list[int]:
        try:
            names = os.listdir(self._folder)
        except OSError:
            return []
        stems = (name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))
        return [int(stem) for stem in stems if stem.isascii() and stem.isdigit()]

    def _is_there(self, record: JobRecord) -> bool:
        began = self._began(record.pid)
        return bool(began) and began == record.process_began

    def _place(self, number: int) -> Path:
        return self._folder / f"{number}{_SUFFIX}"

    @contextmanager
    def _written(self, record: JobRecord) -> Iterator[Path]:
        """A temporary file with the record, which goes unless it gets a name within the context.

        A power cut may cost it: it would be of a run that ended by that.
        """
        data = asdict(record)
        del data["id"]
        handle, name = tempfile.mkstemp(prefix=PART_PREFIX, suffix=".part", dir=self._folder)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                json.dump(data, file)
            yield Path(name)
        finally:
            with suppress(OSError):
                os.unlink(name)


def _expired(ended: Sequence[JobRecord], now: float) -> set[int]:
    """Which of those that ended, the latest first, have had their time."""
    old = {one.id for one in ended if now - (one.ended_at or one.begun_at) > KEPT_S}
    return old | {one.id for one in ended[KEPT_RECORDS:]}


def _of_json(number: int, data: Mapping[str, object]) -> JobRecord:
    values = dict(data)
    words = values.pop("words")
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError("words are a list of text")
    for name, kind in (("verb", str), ("cwd", str), ("pid", int), ("process_began", str)):
        if not isinstance(values[name], kind):
            raise ValueError(f"{name} is not what it should be")
    for name in ("begun_at", "ended_at", "done", "total", "exit_code"):
        if not _is_number(values.get(name), may_be_none=name != "begun_at"):
            raise ValueError(f"{name} is not what it should be")
    return JobRecord(number, words=tuple(words), state=RunState(str(values.pop("state"))), **values)  # type: ignore[arg-type]


def _is_number(value: object, *, may_be_none: bool) -> bool:
    """Whether it is one that can be counted with: NaN is none, and a whole one may be longer than any float."""
    if value is None:
        return may_be_none
    return isinstance(value, (int, float)) and abs(value) < _MOST


class JobNote:
    """The record of the run that this process is: begun with the first sign of work, told now and then, ended once.

    Where it cannot be written, the work goes on without it.
    """

    def __init__(
        self, records: JobRecords, verb: str, words: Sequence[str], cwd: str, clock: Callable[[], float]
    ) -> None:
        self._records, self._verb, self._words, self._cwd, self._clock = records, verb, tuple(words), cwd, clock
        self._record: JobRecord | None = None
        self._cannot_be = False
        self._told_at = 0.0

    def heard(self, done: int | None, total: int | None) -> None:
        """So many of all items are through; None where they are not counted."""
        if self._cannot_be:
            return
        now = self._clock()
        try:
            if self._record is None:
                self._record = self._records.begin(self._verb, self._words, self._cwd, now=now)
                self._records.tidy(self._words, self._cwd, now=now, but=self._record.id)
            if done is not None:
                self._record = replace(self._record, done=done, total=total)
            if not 0.0 <= now - self._told_at < _TOLD_EVERY_S:
                self._told_at = now
                self._records.put(self._record)
        except OutputError:
            self._cannot_be = True

    def ended(self, state: RunState, exit_code: int | None) -> None:
        """The last that is told."""
        if self._record is not None:
            # There may be room again, and one that ended is not one that was interrupted.
            with suppress(OutputError):
                self._records.put(replace(self._record, state=state, exit_code=exit_code, ended_at=self._clock()))
        elif state is RunState.FINISHED:
            # There was nothing left to do, so what was interrupted is done.
            self._records.tidy(self._words, self._cwd, now=self._clock())
