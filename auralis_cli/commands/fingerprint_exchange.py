"""Fingerprints into files and from files: `--export`, `--import` and `--sidecars` of `auralis fingerprint`."""

from __future__ import annotations

import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from auralis_cli.commands.exported_file import target_of
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.verb import Session
from auralis_cli.errors import EXIT_PARTIAL, InputError
from auralis_cli.json_form import failure
from auralis_cli.model.query import Query
from auralis_cli.model.source import STANDARD_STREAM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auralis_cli.db.store import Store
    from auralis_cli.services.fingerprint_exchange import Importing, ImportReport

_SHOWN = 20


def exported(session: Session, query: Query, target: Path, *, replace: bool, dry_run: bool, as_json: bool) -> int:
    """Writes what is stored into a file, or onto standard output."""
    from auralis_cli.services.fingerprint_exchange import export_to_file, exported_lines

    place = target_of(target, {"--force": replace, "--dry-run": dry_run})
    if place is None:
        with opened_library(session, read_only=True) as store:
            for line in exported_lines(store, query, session.cancel):
                session.output.exact(line.decode("ascii"), "")
        return 0
    with opened_library(session, read_only=dry_run) as store:
        count = export_to_file(
            store,
            query,
            place,
            session.cancel,
            replace=replace,
            dry_run=dry_run,
            now=int(time.time()),
        )
    if as_json:
        session.output.document({"path": str(target), "exported": count, "dry_run": dry_run})
    else:
        session.output.result(f"{'dry run: ' if dry_run else ''}{count:,} exported")
    return 0


def imported(session: Session, source: Path, *, again: bool, dry_run: bool, as_json: bool) -> int:
    """Stores what an export or sidecars hold."""
    from auralis_cli.services.fingerprint_exchange import Importing

    with opened_library(session, read_only=dry_run) as store:
        report = _import(session, store, source, Importing(again, dry_run, int(time.time())))
    if as_json:
        session.output.document(
            {
                "imported": report.imported,
                "known": report.known,
                "unmatched": report.unmatched,
                "failures": [failure(path, error) for path, error in report.failures],
                "dry_run": dry_run,
            }
        )
    else:
        _show(session, report, dry_run=dry_run)
    if not report.failures:
        return 0
    return EXIT_PARTIAL if report.imported or report.known else InputError.exit_code


def write_beside(session: Session, store: Store, query: Query, *, dry_run: bool) -> int:
    """Writes sidecars and says so; returns how many could not be written."""
    from auralis_cli.services.fingerprint_sidecars import write_sidecars

    with session.output.progress() as progress:
        report = write_sidecars(store, query, progress, session.cancel, dry_run=dry_run, now=int(time.time()))
    for error in report.failures[:_SHOWN]:
        session.output.error(error)
    done = f"{report.written:,} sidecars {'to be written' if dry_run else 'written'}"
    session.output.note(f"{done}, {report.unchanged:,} as they were, {len(report.failures):,} failed")
    return len(report.failures)


def _import(session: Session, store: Store, source: Path, how: Importing) -> ImportReport:
    from auralis_cli.services.fingerprint_exchange import import_lines
    from auralis_cli.services.fingerprint_sidecars import SUFFIX, import_sidecars

    with session.output.progress() as progress:
        if source.is_dir() or source.name.endswith(SUFFIX):
            return import_sidecars(store, source, how, progress, session.cancel)
        with _opened(session, source) as stream:
            return import_lines(store, stream, str(source), how, progress, session.cancel)


@contextmanager
def _opened(session: Session, source: Path) -> Iterator[BinaryIO]:
    if str(source) == STANDARD_STREAM:
        if session.streams.stdin is None:
            raise InputError(STANDARD_STREAM, "standard input is closed", "pipe an export into it")
        yield session.streams.stdin
        return
    try:
        stream = source.open("rb")
    except OSError as error:
        raise InputError(str(source), error.strerror or "cannot be read") from error
    with stream:
        yield stream


def _show(session: Session, report: ImportReport, *, dry_run: bool) -> None:
    *bad, last = report.failures or (None,)
    for one in bad[:_SHOWN]:
        if one is not None:
            session.output.error(one[1])
    if (more := len(bad) - _SHOWN) > 0:
        session.output.warning(f"{more:,} more cannot be used (--json lists them all)")
    if last is not None:
        session.output.error(last[1])
    if report.unmatched:
        session.output.note(f"{report.unmatched:,} are of no track of the library")
    known = f", {report.known:,} known" if report.known else ""
    session.output.result(f"{'dry run: ' if dry_run else ''}{report.imported:,} imported{known}")
