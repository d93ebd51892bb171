"""`auralis scan [DIR…]`: adds and refreshes the files below folders, and remembers the folders."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from auralis_cli.commands.file_failures import error_of, show_failures
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.options import DEFAULT_READ_STALL_TIMEOUT_S, AsJson, DryRun, Jobs, ReadStallTimeout
from auralis_cli.commands.scan_options import Analyze, Folders, Full, IgnoredPatterns, Relocate, Watch, WithFingerprint
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.errors import EXIT_PARTIAL, InputError, UsageError
from auralis_cli.json_form import failure
from auralis_cli.model.library import FileFailure, ScanCounts, ScanReport
from auralis_cli.output import Output, Verbosity
from auralis_cli.units import seconds_to_clock

if TYPE_CHECKING:
    from auralis_cli.db.store import Store
    from auralis_cli.services.scan import ScanRequest

PAGE = Page(
    examples=(
        ("auralis scan ~/Music", "Add a folder to the library, and remember it."),
        ("auralis scan", "Bring the library up to date."),
        ("auralis scan -n", "Say what that would change."),
        ("auralis scan --watch --fingerprint", "Keep the library up to date, and measure what is new."),
        ("auralis scan --relocate /mnt/old /mnt/new", "A disk is mounted elsewhere now; nothing is lost."),
    ),
    exit_status=(
        (0, "Done."),
        (2, "Usage."),
        (3, "Some files could not be read, or some DIR is no folder; the rest is done."),
        (4, "No DIR is a folder, or no file could be read."),
        (5, "The library cannot be used."),
        (130, "Interrupted; what was done until then stays, and the next scan goes on."),
    ),
    details=(
        "A file whose size, time and inode are as they were is not opened. A file that was moved or renamed keeps its "
        "history. What is gone is marked missing, not forgotten; where a whole root is gone, or holds nothing any "
        "more, it is taken to be offline and nothing about it is changed.",
        "Hidden files and folders are left out, and what the patterns of scan.ignore and of .auralisignore files "
        "name, which are written as in a .gitignore.",
        "With --watch and --json every scan is an object on a line of its own.",
    ),
    usage="[DIR...]",
    is_job=True,
)


def scan(
    context: typer.Context,
    folders: Folders = None,
    full: Full = False,
    analyze: Analyze = False,
    fingerprint: WithFingerprint = False,
    watch: Watch = False,
    relocate: Relocate = None,
    jobs: Jobs = None,
    stall_timeout: ReadStallTimeout = DEFAULT_READ_STALL_TIMEOUT_S,
    ignore: IgnoredPatterns = "",
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Add files to the library, and bring it up to date.

    Looks through every DIR and remembers it. New and changed files are read; unchanged ones cost a glance.
    """
    from auralis_cli.services.processors import cores
    from auralis_cli.services.scan import ScanRequest

    session = session_of(context)
    request = ScanRequest(
        folders=tuple(folders or ()),
        full=full,
        analyze=analyze,
        fingerprint=fingerprint,
        dry_run=dry_run,
        jobs=min(jobs or cores(), cores()),
        stall_s=stall_timeout,
        ignore=tuple(ignore.splitlines()),
    )
    session.in_lines = watch
    _check(request, watch=watch, relocate=relocate)
    reports = _watched(session, request) if watch else _scanned(session, request, relocate)
    code, offline = 0, None
    with closing(reports):
        for report in reports:
            code = exit_code_of(report)
            nothing_new = report.offline == offline and not _tells_anything(report)
            offline = report.offline
            if nothing_new:
                continue
            if not json:
                show(session.output, report, dry_run=dry_run)
                session.output.flush()
            elif watch:
                session.output.json_line(document_of(report, dry_run=False))
            else:
                session.output.document(document_of(report, dry_run=dry_run))
    return code


def _check(request: ScanRequest, *, watch: bool, relocate: tuple[Path, Path] | None) -> None:
    if relocate is not None and (request.folders or watch):
        raise UsageError("--relocate", "excludes DIR and --watch", "scan in a run of its own")
    if watch and request.dry_run:
        raise UsageError("--watch", "excludes --dry-run")


def _scanned(session: Session, request: ScanRequest, relocation: tuple[Path, Path] | None) -> Generator[ScanReport]:
    from auralis_cli.services.scan import scan as scan_library

    now = int(time.time())
    with opened_library(session, create=not (request.dry_run or relocation)) as store:
        _check_known(store, request, relocation)
        with session.output.batch_progress() as progress:
            if relocation is not None:
                from auralis_cli.services.relocate import relocate

                report = relocate(store, *relocation, request, progress, session.cancel, now=now)
            else:
                report = scan_library(store, request, progress, session.cancel, now=now)
        yield report


def _watched(session: Session, request: ScanRequest) -> Generator[ScanReport]:
    from auralis_cli.services.watch import watch_library

    with opened_library(session, create=True) as store:
        _check_known(store, request)
        with session.output.batch_progress() as progress:
            yield from watch_library(store, request, progress, session.cancel, clock=lambda: int(time.time()))


def _check_known(store: Store, request: ScanRequest, relocation: tuple[Path, Path] | None = None) -> None:
    if not request.folders and relocation is None and not store.roots.all():
        raise UsageError("DIR", "no folder is known yet", "name one: auralis scan ~/Music")


def _tells_anything(report: ScanReport) -> bool:
    """Whether a scan that something set off did anything."""
    return replace(report.counts, unchanged=0, skipped=0) != ScanCounts() or report.measured > 0


def exit_code_of(report: ScanReport) -> int:
    """0, or 3 where some files failed, 4 where all did."""
    counts = report.counts
    if not counts.failed:
        return 0
    worked = report.measured + counts.added + counts.updated + counts.unchanged + counts.moved + counts.missing
    # Folders that were scanned and hold nothing.
    worked += counts.failed == len(report.no_folders)
    return EXIT_PARTIAL if worked else InputError.exit_code


def document_of(report: ScanReport, *, dry_run: bool) -> Mapping[str, object]:
    """The JSON of a scan."""
    counts = report.counts
    return {
        "added": counts.added,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "moved": counts.moved,
        "missing": counts.missing,
        "failed": counts.failed,
        "skipped": counts.skipped,
        "measured": report.measured,
        "relocated": report.relocated,
        "failures": [_failure(one) for one in report.failures],
        "offline": report.offline,
        "warnings": report.warnings,
        "dry_run": dry_run,
        "seconds": round(report.seconds, 3),
    }


def _failure(one: FileFailure) -> object:
    return failure(one.path, error_of(one))


def show(output: Output, report: ScanReport, *, dry_run: bool) -> None:
    """What a scan did, for people: the counts on stdout, what went wrong on stderr."""
    show_failures(output, report.failures)
    shown = report.warnings if output.verbosity >= Verbosity.VERBOSE else ()
    for warning in shown:
        output.warning(warning)
    if report.warnings and not shown:
        output.note(f"{len(report.warnings):,} remarks on what was found (-v shows them)")
    for root in report.offline:
        output.warning(f"{root}: is offline, or holds no files any more; what is known of it is kept")
    output.result(_summary(report, dry_run=dry_run))


def _summary(report: ScanReport, *, dry_run: bool) -> str:
    from auralis_cli.services.scan_apply import counts_in_words

    counts = report.counts
    done = counts_in_words(counts, report.measured)
    if report.relocated:
        done = f"{report.relocated:,} relocated" + (f", {done}" if done else "")
    parts = [done] if done else []
    if counts.unchanged or not parts:
        parts.append(f"{counts.unchanged:,} unchanged")
    took = f" in {report.seconds:.1f} s" if report.seconds < 60.0 else f" in {seconds_to_clock(report.seconds)}"
    return ("dry run: " if dry_run else "") + ", ".join(parts) + ("" if dry_run else took)
