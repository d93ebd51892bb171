"""`auralis fingerprint [QUERY…]`: computes and stores what tracks sound like."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import field
from typing import TYPE_CHECKING

import typer

from auralis_cli.commands.asked_query import asked_query
from auralis_cli.commands.cluster_option import CLUSTER_DETAILS, Cluster, check_cluster
from auralis_cli.commands.dimensions import FINGERPRINT_SECTION, FLAG_MEANINGS
from auralis_cli.commands.file_failures import error_of, show_failures
from auralis_cli.commands.fingerprint_options import (
    DryRun,
    ExportFile,
    Force,
    ImportFile,
    WritesSidecars,
)
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.listing_forms import check_one
from auralis_cli.commands.options import (
    DEFAULT_STALL_TIMEOUT_S,
    AsJson,
    AsJsonLines,
    Jobs,
    QueryWords,
    StallTimeout,
)
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.errors import EXIT_PARTIAL, InputError, UsageError
from auralis_cli.json_form import failure, listing_lines
from auralis_cli.model.fingerprint import DIMENSIONS, FingerprintedTrack, FingerprintFlag
from auralis_cli.model.library import FileFailure
from auralis_cli.output import Output
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.terminal_text import align, printable
from auralis_cli.units import count_in_words, seconds_to_clock

if TYPE_CHECKING:
    from auralis_cli.db.store import Store
    from auralis_cli.services.fingerprint import FingerprintRequest, TrackFingerprint

PAGE = Page(
    examples=(
        ("auralis fingerprint", "Fingerprint every track of the library that was not yet."),
        ("auralis fingerprint genre:jazz -j 1", "Some tracks, one at a time."),
        ("auralis fingerprint --json song.flac", "All 25 dimensions of one track."),
        ("auralis fingerprint --export music.jsonl", "Write what is known into a file."),
        ("auralis fingerprint --import music.jsonl", "Take it over where the same music is."),
    ),
    exit_status=(
        (0, "Every track has its fingerprint, also where there was nothing to do."),
        (1, "What is exported, or a sidecar, cannot be written; or there is no such cluster."),
        (2, "Usage; or the --export FILE exists (see --force)."),
        (3, "Some tracks, or sidecars, could not be used; the rest is done."),
        (4, "No track could be fingerprinted, none was found, or a line of the import is bad: nothing is imported."),
        (5, "The library cannot be used."),
        (130, "Interrupted; what was done until then stays, and the next run goes on."),
    ),
    details=(
        "A fingerprint is 25 numbers that say what a track sounds like, from all of it. It is stored by what the audio "
        "is: a file that is moved, or tagged anew, keeps it. With it are stored loudness, landmarks, by which the same "
        "recording is known again, and what mastering asks of a track: one decoding tells all.",
        "What is stored is not computed again, and neither is what could not be: --force does both again. A later "
        "version of this program that computes other numbers does so by itself.",
        "Flags say what has to be known to read the numbers: "
        + "; ".join(f"{flag}: {meaning}" for flag, meaning in FLAG_MEANINGS.items())
        + ".",
        "An export is one JSON object a line and content, with all that was computed. An import is checked first, line "
        "by line: where one is bad, all of them are named and nothing is imported. What is known stays as it is, "
        "unless --force is given; what no track of the library is, is left out.",
        "A sidecar is named as its file with .25d behind, and says of which audio it is: one of other audio than the "
        "file beside it has is refused. --import reads single sidecars, and all of those below a folder.",
        "What was stored or written is one change of auralis history.",
        *CLUSTER_DETAILS,
    ),
    usage="[QUERY...]",
    tables=(FINGERPRINT_SECTION,),
    is_job=True,
)


def fingerprint(
    context: typer.Context,
    query: QueryWords = None,
    force: Force = False,
    export: ExportFile = None,
    import_: ImportFile = None,
    sidecars: WritesSidecars = False,
    jobs: Jobs = None,
    stall_timeout: StallTimeout = DEFAULT_STALL_TIMEOUT_S,
    executor: Cluster = None,
    dry_run: DryRun = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Compute what tracks of the library sound like, and store it.

    Goes on where it stopped. Shows all numbers of a single track, and of more how many were computed. Exports and
    imports what is stored.
    """
    from auralis_cli.commands import fingerprint_exchange as exchange
    from auralis_cli.services.fingerprint import FingerprintRequest
    from auralis_cli.services.processors import cores

    session = session_of(context)
    check_one({"--json": json, "--jsonl": jsonl})
    check_one({"--export": export is not None, "--import": import_ is not None, "--sidecars": sidecars})
    check_cluster(context, executor, dry_run=dry_run)
    if executor is not None and (export is not None or import_ is not None):
        raise UsageError("--executor", "is for what is computed, and nothing is here", "leave it out")
    if import_ is not None and query:
        raise UsageError("--import", "excludes QUERY", "tracks are found by what their audio is")
    if import_ is not None:
        return exchange.imported(session, import_, again=force, dry_run=dry_run, as_json=json or jsonl)
    asked = asked_query(query)
    if export is not None:
        return exchange.exported(session, asked, export, replace=force, dry_run=dry_run, as_json=json or jsonl)
    request = FingerprintRequest(
        asked,
        again=force,
        dry_run=dry_run,
        jobs=min(jobs or cores(), cores()),
        stall_s=stall_timeout,
        cluster=executor,
    )
    tally = _Tally()
    with opened_library(session, read_only=dry_run) as store:
        with closing(_told(session, store, request)) as told:
            _show(session.output, _counted(told, tally), as_json=json, as_json_lines=jsonl, dry_run=dry_run)
        if query and not tally.tracks:
            raise InputError(" ".join(query), "the library holds no such tracks", "auralis scan adds them")
        if not (json or jsonl):
            _show_tally(session.output, tally, dry_run=dry_run)
        unwritten = exchange.write_beside(session, store, asked, dry_run=dry_run) if sidecars else 0
    return tally.exit_code or (EXIT_PARTIAL if unwritten else 0)


def _told(session: Session, store: Store, request: FingerprintRequest) -> Generator[TrackFingerprint]:
    from auralis_cli.services.fingerprint import fingerprint as fingerprint_tracks

    with session.output.batch_progress() as progress:
        yield from fingerprint_tracks(store, request, progress, session.cancel, now=int(time.time()))


@dataclass(slots=True)
class _Tally:
    """What became of the tracks."""

    started_s: float = field(default_factory=time.monotonic)
    tracks: int = 0
    new: int = 0
    known: int = 0
    # Tracks whose files are not there, and that have no fingerprint.
    missing: int = 0
    # Tracks of which only a part could be decoded.
    damaged: int = 0
    failures: list[FileFailure] = field(default_factory=list)
    # A single track is shown with all its numbers.
    single: TrackFingerprint | None = None

    def add(self, one: TrackFingerprint) -> None:
        """Counts one track."""
        self.tracks += 1
        self.single = one if self.tracks == 1 else None
        if isinstance(one.result, FileFailure):
            self.failures.append(one.result)
        elif one.is_new:
            self.new += 1
        elif one.result is not None:
            self.known += 1
        else:
            self.missing += 1
        self.damaged += isinstance(one.result, FingerprintedTrack) and FingerprintFlag.DAMAGED in one.result.flags

    @property
    def exit_code(self) -> int:
        """0, or 3 where some tracks failed, 4 where all did."""
        if not self.failures:
            return 0
        return EXIT_PARTIAL if self.new or self.known else InputError.exit_code


def _counted(told: Iterable[TrackFingerprint], tally: _Tally) -> Iterator[TrackFingerprint]:
    for one in told:
        tally.add(one)
        yield one


def document_of(one: TrackFingerprint, *, dry_run: bool) -> Mapping[str, object]:
    """The JSON of a track."""
    from auralis_cli.services.fingerprint_records import figures_of

    if isinstance(one.result, FileFailure):
        return failure(one.track.path, error_of(one.result))
    document: dict[str, object] = {"id": one.track.id, "path": one.track.path}
    if one.result is not None:
        document |= figures_of(one.result)
    else:
        document |= {"version": None, "dims": None, "flags": None, "tempo_confidence": None}
    return {**document, "dry_run": True} if dry_run else document


def _show(
    output: Output, told: Iterable[TrackFingerprint], *, as_json: bool, as_json_lines: bool, dry_run: bool
) -> None:
    """Every track of which anything can be said, for programs; for people they are only counted."""
    documents = (document_of(one, dry_run=dry_run) for one in told if one.result is not None or one.is_new)
    if as_json:
        # All at once: where the run is stopped, its failure is the one document.
        for line in list(listing_lines(documents)):
            output.result(line)
    elif as_json_lines:
        for document in documents:
            output.json_line(document)
    else:
        for _ in told:
            pass


def _show_tally(output: Output, tally: _Tally, *, dry_run: bool) -> None:
    show_failures(output, tally.failures)
    if tally.missing:
        tracks = f"{count_in_words(tally.missing, 'track')} {'has' if tally.missing == 1 else 'have'}"
        output.warning(f"{tracks} no fingerprint: not there any more")
    if tally.damaged:
        tracks = f"{count_in_words(tally.damaged, 'track')} {'is' if tally.damaged == 1 else 'are'}"
        output.warning(f"{tracks} damaged or cut short: the fingerprint is that of what could be decoded")
    if tally.single is not None and isinstance(tally.single.result, FingerprintedTrack):
        _show_alone(output, tally.single.track.path, tally.single.result)
        return
    counts = {"to be fingerprinted" if dry_run else "fingerprinted": tally.new, "known": tally.known}
    counts["failed"] = len(tally.failures)
    said = ", ".join(f"{number:,} {word}" for word, number in counts.items() if number) or "nothing to fingerprint"
    took = time.monotonic() - tally.started_s
    in_words = f"{took:.1f} s" if took < 60.0 else seconds_to_clock(took)
    output.result(f"dry run: {said}" if dry_run else f"{said} in {in_words}")


def _show_alone(output: Output, path: str, track: FingerprintedTrack) -> None:
    """All numbers of one track."""
    output.result(output.styled(printable(path), "bold"))
    for dimension, value in zip(DIMENSIONS, track.fingerprint.values(), strict=True):
        digits = 3 if dimension.highest <= 1.0 else 1
        cells = (dimension.name, f"{value:z.{digits}f}", dimension.unit, output.styled(dimension.definition, "dim"))
        output.result("  " + align(cells, (24, 8, 4, 0), right=(1,)))
    for flag in track.flags:
        output.result("  " + align((flag.value, FLAG_MEANINGS[flag]), (24, 0)))
