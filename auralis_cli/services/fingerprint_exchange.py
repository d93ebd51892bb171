"""Fingerprints into files and from files: JSON lines, one for each content."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Protocol

from auralis_cli.audio.track_file import full_hash
from auralis_cli.db.content_keys import content_of_key, quick_id, told_apart
from auralis_cli.db.store import Store
from auralis_cli.errors import AuralisError, InputError, RefusedError
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.query import Query
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.changes import changes
from auralis_cli.services.fingerprint_records import FingerprintRecord, line_of, record_of
from auralis_cli.services.found_tracks import found_ids
from auralis_cli.services.scan_work import stat_now
from auralis_cli.whole_file import check_no_folder, write_whole_file

_CHUNK = 500
# Of what is read, so much landmarks wait to be stored.
_WAITING_BYTES = 32 << 20
# The landmarks of two days.
_LONGEST_LINE_BYTES = 16 << 20
# Of bad lines, so many are kept to be told.
_MOST_TOLD = 1000


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came of an import."""

    imported: int = 0
    # Contents that have a fingerprint here.
    known: int = 0
    # Contents that no track here has.
    unmatched: int = 0
    # What cannot be used, by the file it is in.
    failures: tuple[tuple[str, AuralisError], ...] = ()

    def __add__(self, other: ImportReport) -> ImportReport:
        """Both together."""
        return ImportReport(
            self.imported + other.imported,
            self.known + other.known,
            self.unmatched + other.unmatched,
            self.failures + other.failures,
        )


class Summed(Protocol):
    """What says what came of it."""

    summary: str


@dataclass(slots=True)
class _NoChange:
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Importing:
    """How an import goes."""

    # Whether what is known is replaced.
    again: bool
    dry_run: bool
    now: int

    @contextmanager
    def transaction(self, store: Store, name: str) -> Iterator[Summed]:
        """All that is imported within is one change of the journal, whole or nothing; a dry run makes none."""
        summary = f"fingerprints imported from {name}"
        if self.dry_run:
            yield _NoChange()
            return
        with changes(store, "fingerprint", summary, lambda: self.now) as change, change.transaction():
            yield change


def exported_lines(store: Store, query: Query, cancel: CancelToken) -> Iterator[bytes]:
    """A line for each content of the tracks of a query that has a fingerprint, in their order."""
    ids = list(found_ids(store, query))
    seen: set[str] = set()
    for start in range(0, len(ids), _CHUNK):
        cancel.raise_if_cancelled()
        some = ids[start : start + _CHUNK]
        known = store.fingerprints.of_tracks(some)
        keys = store.fingerprints.keys_of(list(known))
        landmarks = store.landmarks.get(list(keys.values()), also_none=True)
        hashes = store.audio_hashes.of_keys(list(keys.values()))
        for track in store.tracks.by_ids(list(known)):
            if (key := keys[track.id]) not in seen:
                seen.add(key)
                record = FingerprintRecord(key, known[track.id], landmarks.get(key), hashes.get(key))
                yield line_of(record, {"id": track.id, "path": track.path})


def export_to_file(
    store: Store, query: Query, target: Path, cancel: CancelToken, *, replace: bool, dry_run: bool, now: int
) -> int:
    """Writes the lines into a file, whole or not at all, and says how many they are.

    RefusedError where there is one already; with `replace` that goes to the trash.
    """
    check_no_folder(target)
    if os.path.lexists(target) and not replace:
        raise RefusedError(str(target), "exists", "--force moves it to the trash")
    count = 0

    def counted() -> Iterator[bytes]:
        nonlocal count
        for line in exported_lines(store, query, cancel):
            count += 1
            yield line

    if dry_run:
        return sum(1 for _ in counted())
    with changes(store, "fingerprint", f"fingerprints exported to {target}", lambda: now) as change:
        write_whole_file(target, counted(), displace=lambda path: change.trash(str(path)))
        change.created(str(target))
    return count


def import_lines(
    store: Store, stream: BinaryIO, name: str, how: Importing, progress: ProgressSink, cancel: CancelToken
) -> ImportReport:
    """Stores what the lines hold, by the content they are of; of a file with a bad line, nothing.

    Every bad line is told. What is known here stays as it is, unless it is to be replaced.
    """
    records = _Records(_numbered(stream, progress, cancel), name)
    try:
        with how.transaction(store, name) as change:
            report = import_records(store, records, how)
            if records.bad:
                raise _BadLinesError
            change.summary = f"{report.imported:,} fingerprints imported from {name}"
            return report
    except _BadLinesError:
        return ImportReport(failures=records.failures())


def import_records(store: Store, records: Iterable[FingerprintRecord], how: Importing) -> ImportReport:
    """Stores records within the caller's transaction; those that no track has are left out."""
    report, waiting, size_bytes = ImportReport(), list[FingerprintRecord](), 0
    for record in records:
        waiting.append(record)
        size_bytes += 0 if record.landmarks is None else len(record.landmarks.words)
        if len(waiting) == _CHUNK or size_bytes >= _WAITING_BYTES:
            report += _import_some(store, waiting, how)
            waiting.clear()
            size_bytes = 0
    return report + _import_some(store, waiting, how)


def _import_some(store: Store, records: Iterable[FingerprintRecord], how: Importing) -> ImportReport:
    by_key: dict[str, FingerprintRecord] = {}
    for record in keyed_here(store, records, dry_run=how.dry_run):
        # As with what is known: the first one counts, unless the last is to.
        if how.again or record.content_key not in by_key:
            by_key[record.content_key] = record
    here = store.fingerprints.tracks_of(list(by_key))
    known: set[str] = set() if how.again else store.fingerprints.known(list(here))
    new = [by_key[key] for key in here if key not in known]
    if not how.dry_run:
        store.fingerprints.put([(one.content_key, one.track, one.landmarks) for one in new], now=how.now)
    return ImportReport(len(new), len(known), len(by_key) - len(here))


def keyed_here(store: Store, records: Iterable[FingerprintRecord], *, dry_run: bool) -> Iterator[FingerprintRecord]:
    """The records by what the library calls the audio that they are proved to be of.

    What another library told apart, or not, this one may call otherwise. A record that holds no proof is of an older
    program, and taken for what it says.
    """
    listed = list(records)
    known = store.audio_hashes.of_quick({quick_id(content_of_key(one.content_key)) for one in listed})
    for one in listed:
        content, mark, number = one.content_key.partition("#")
        quick = quick_id(content)
        hashes = known.setdefault(quick, {})
        if one.audio_hash is None:
            yield one
            continue
        if quick not in hashes and one.audio_hash not in hashes.values():
            hashes.update(_proof(store, quick, dry_run=dry_run))
        same = next((name for name, audio_hash in hashes.items() if audio_hash == one.audio_hash), None)
        yield replace(one, content_key=(same or told_apart(quick, one.audio_hash)) + mark + number)


def _proof(store: Store, quick: str, *, dry_run: bool) -> dict[str, str]:
    """The hash of the audio of this look that is here, read from one of the files with it."""
    for row in store.files.by_content([quick]).get(quick, ()):
        with suppress(InputError):
            now = stat_now(row.path)
            if (now.size_bytes, now.mtime_ns, now.inode) == (row.size_bytes, row.mtime_ns, row.inode):
                found = {quick: full_hash(row.path)}
                if not dry_run:
                    store.audio_hashes.put(found.items())
                return found
    return {}


class _BadLinesError(Exception):
    """Takes back what was imported until then."""


class _Records:
    """The records of a file until its first bad line; from then on, only what is bad."""

    def __init__(self, lines: Iterable[tuple[int, bytes | None]], name: str) -> None:
        self._lines = lines
        self._name = name
        self.bad: list[InputError] = []
        self._untold = 0

    def __iter__(self) -> Iterator[FingerprintRecord]:
        for number, line in self._lines:
            try:
                if line is None:
                    raise ValueError(f"is longer than {_LONGEST_LINE_BYTES >> 20} MiB")
                record = record_of(line)
            except ValueError as error:
                self._note(number, str(error))
                continue
            if not self.bad:
                yield record

    def _note(self, number: int, why: str) -> None:
        if len(self.bad) < _MOST_TOLD:
            self.bad.append(InputError(f"{self._name}:{number}", why))
        else:
            self._untold += 1

    def failures(self) -> tuple[tuple[str, AuralisError], ...]:
        """Each bad line, and that nothing was imported."""
        more = f"{self._untold:,} more lines are bad; " if self._untold else ""
        nothing = InputError(self._name, f"{more}nothing is imported")
        return tuple((self._name, error) for error in (*self.bad, nothing))


def _numbered(stream: BinaryIO, progress: ProgressSink, cancel: CancelToken) -> Iterator[tuple[int, bytes | None]]:
    """The lines that hold anything, with their numbers; None where one is too long to be any."""
    number = 0
    while line := stream.readline(_LONGEST_LINE_BYTES):
        cancel.raise_if_cancelled()
        progress.step("importing", None)
        number += 1
        if len(line) == _LONGEST_LINE_BYTES:
            while line and not line.endswith(b"\n"):
                cancel.raise_if_cancelled()
                line = stream.readline(_LONGEST_LINE_BYTES)
            yield number, None
        elif line.strip():
            yield number, line
