"""What a scan does to the library: in batches, each one transaction of the scan's journal entry; or only counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from itertools import takewhile
from typing import TYPE_CHECKING, TypeVar

from auralis_cli.db.content_keys import quick_id
from auralis_cli.db.store import Store
from auralis_cli.model.library import (
    FileFailure,
    FileRecord,
    FileStat,
    Root,
    ScanCounts,
    StoredFile,
)
from auralis_cli.services.changes import Change, changes

if TYPE_CHECKING:
    from auralis_cli.services.measure_places import Measured

BATCH_FILES = 500
# Every file that is walked lies in a root, and is filed there.
_NO_ROOT = 0
_Value = TypeVar("_Value")
Read = FileRecord | FileFailure


class Applier:
    """Applies what a scan found, and counts it. In a dry run it only counts."""

    def __init__(self, store: Store, *, dry_run: bool, now: int, change: Change | None = None) -> None:
        """With a `change` that is under way, what is applied is part of it."""
        self._store = store
        self._dry_run = dry_run
        self._now = now
        self._around = change
        self._journal: Change | None = None
        self._tally: Counter[str] = Counter()
        # Rows that were found to be elsewhere now.
        self.moved_ids: set[int] = set()
        self.failures: list[FileFailure] = []
        self.warnings: list[str] = []
        # Tracks of which was stored what was measured.
        self.measured = 0

    @property
    def counts(self) -> ScanCounts:
        """What was done so far."""
        return ScanCounts(**self._tally)

    def count(self, what: str, files: int = 1) -> None:
        """Adds to one of the counts of ScanCounts."""
        self._tally[what] += files

    def fail(self, failure: FileFailure) -> None:
        """Counts what could not be read."""
        self.failures.append(failure)
        self.count("failed")

    @contextmanager
    def journalled(self, summary: str) -> Iterator[None]:
        """One entry of the journal around all that is applied, also where it ends early."""
        if self._dry_run:
            yield
            return
        with self._entry(summary) as self._journal:
            summary = self._journal.summary
            try:
                yield
            finally:
                if done := counts_in_words(self.counts, self.measured):
                    self._journal.summary = f"{summary}: {done}"

    def _entry(self, summary: str) -> AbstractContextManager[Change]:
        if self._around is not None:
            return nullcontext(self._around)
        return changes(self._store, "scan", summary, lambda: self._now)

    def add_root(self, path: str, *, separate: bool, within: Sequence[Root]) -> None:
        """Remembers a root; the roots `within` it become part of it."""
        if not self._dry_run:
            with self._change():
                self._store.roots.add(path, now=self._now, separate=separate)
                for root in within:
                    self._store.roots.remove(root.id)

    def rename(self, moves: Mapping[str, StoredFile], stats: Mapping[str, FileStat]) -> None:
        """Gives rows the new names of their files, all at once: two may have swapped theirs.

        They are read again, since names may tell what tags do not; until then their time says that they have to be.
        """
        self.moved_ids.update(row.id for row in moves.values())
        if moves and not self._dry_run:
            with self._change():
                self._store.files.move([(row.id, stats[path]._replace(mtime_ns=0)) for path, row in moves.items()])

    def apply(
        self, batch: Sequence[Read], rows: Mapping[str, StoredFile], is_gone: Callable[[StoredFile], bool]
    ) -> None:
        """Stores one batch. Of `rows` are the files whose path has a row; another one may be a gone file come again."""
        moves = self._moves([read for read in batch if isinstance(read, FileRecord)], rows, is_gone)
        for read in batch:
            path = path_of(read)
            if isinstance(read, FileFailure):
                self.fail(read)
            elif path in moves or (path in rows and rows[path].id in self.moved_ids):
                self.count("moved")
            else:
                self.count("updated" if path in rows else "added")
            if isinstance(read, FileRecord):
                self.warnings += [f"{path}: {warning}" for warning in read.warnings]
        self.moved_ids.update(row.id for row, _ in moves.values())
        # What the system refused to hand out is reported, and says nothing of the file.
        kept = [read for read in batch if isinstance(read, FileRecord) or read.stat is not None]
        if kept and not self._dry_run:
            with self._change():
                self._store.files.move([(row.id, stat) for row, stat in moves.values()])
                self._store.files.apply(kept, root_id=_NO_ROOT, now=self._now)

    def mark_present(self, rows: Sequence[StoredFile]) -> None:
        """Notes that missing files are there again."""
        self.count("updated", len(rows))
        for some in _batches(rows):
            if not self._dry_run:
                with self._change():
                    self._store.files.mark_present([row.id for row in some])

    def mark_missing(self, rows: Sequence[StoredFile]) -> None:
        """Notes that files are gone."""
        self.count("missing", len(rows))
        for some in _batches(rows):
            if not self._dry_run:
                with self._change():
                    self._store.files.mark_missing([row.id for row in some], now=self._now)

    def store_measured(self, results: Iterable[Measured]) -> None:
        """Stores what was measured, a few tracks at a time; also what there is when an exception ends them."""
        from auralis_cli.services.measure_places import stored

        with closing(stored(self._store, results, self._change, now=self._now)) as done:
            for _, result in done:
                if isinstance(result, FileFailure):
                    self.fail(result)
                else:
                    self.measured += 1

    def mark_roots(self, *, scanned: Collection[int], offline: Collection[int]) -> None:
        """Notes which roots were seen whole, and which were away. Alone that is no change worth undoing."""
        if self._dry_run:
            return
        changed = any(self._tally[name] for name in ("added", "updated", "moved", "missing"))
        with self._change() if changed else nullcontext():
            for number in offline:
                self._store.roots.mark_offline(number, now=self._now)
            for number in scanned:
                self._store.roots.mark_scanned(number, now=self._now)

    def _change(self) -> AbstractContextManager[None]:
        assert self._journal is not None
        return self._journal.transaction()

    def _moves(
        self, records: Sequence[FileRecord], rows: Mapping[str, StoredFile], is_gone: Callable[[StoredFile], bool]
    ) -> dict[str, tuple[StoredFile, FileStat]]:
        """Which new files are gone ones, told by their content: across devices, and after tags were written."""
        new = [record for record in records if record.stat.path not in rows]
        guesses = self._guesses(new)
        known = self._store.files.by_content(name for names in guesses.values() for name in names)
        # Each row is judged once, however many new files have its content.
        gone = {
            content: [row for row in files if row.id not in self.moved_ids and is_gone(row)]
            for content, files in known.items()
        }
        moves: dict[str, tuple[StoredFile, FileStat]] = {}
        for record in new:
            path = record.stat.path
            if candidates := next((found for name in guesses[path] if (found := gone.get(name))), None):
                row = max(candidates, key=lambda row: _alike(row.path, path))
                candidates.remove(row)
                moves[path] = (row, record.stat)
        return moves

    def _guesses(self, records: Sequence[FileRecord]) -> dict[str, list[str]]:
        """By paths what gone files may have been called whose audio this is, the surest first.

        What was measured only goes to what is proved to be the same; a history also to what nothing speaks against.
        """
        hashes = self._store.audio_hashes.of_quick({quick_id(record.content_id) for record in records})
        guesses: dict[str, list[str]] = {}
        for record in records:
            quick = quick_id(record.content_id)
            others = hashes.get(quick, {})
            names = [record.content_id, *(others if self._dry_run else ())]
            if quick not in others:
                names.append(quick)
            guesses[record.stat.path] = list(dict.fromkeys(names))
        return guesses


def path_of(read: Read) -> str:
    """Of which file something was read, or could not be."""
    return read.path if isinstance(read, FileFailure) else read.stat.path


def counts_in_words(counts: ScanCounts, measured: int) -> str:
    """`3 added, 1 missing, 3 measured`; empty where nothing was done."""
    shown = {name: getattr(counts, name) for name in ("added", "updated", "moved", "missing")}
    shown |= {"measured": measured, "failed": counts.failed}
    return ", ".join(f"{number:,} {name}" for name, number in shown.items() if number)


def _alike(one: str, other: str) -> int:
    """In how many characters at the end two paths agree."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _batches(values: Sequence[_Value]) -> Iterator[Sequence[_Value]]:
    return (values[start : start + BATCH_FILES] for start in range(0, len(values), BATCH_FILES))
