"""`auralis replaygain [QUERY|PATH…]`: measures tracks and albums, and writes by how much they are to be made louder."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import field
from typing import TYPE_CHECKING

import typer

from auralis_cli.commands.file_failures import exit_code_of
from auralis_cli.commands.inputs import Asked, Input, inputs_of
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.listing_forms import check_one
from auralis_cli.commands.options import (
    DEFAULT_MAX_BYTES,
    DEFAULT_MAX_DURATION_S,
    DEFAULT_STALL_TIMEOUT_S,
    AsJson,
    AsJsonLines,
    AudioSources,
    FilesFrom,
    Jobs,
    MaxDuration,
    MaxSize,
    NamesEndInNul,
    StallTimeout,
)
from auralis_cli.commands.query_help import QUERY_DETAILS
from auralis_cli.commands.questions import Yes, confirmed
from auralis_cli.commands.replaygain_options import (
    Album,
    AlbumsBy,
    ClipSafe,
    DryRun,
    Force,
    KeepMtime,
    OpusTagsKind,
    Remove,
)
from auralis_cli.commands.verb import Page, Session, is_said, session_of
from auralis_cli.errors import AuralisError
from auralis_cli.json_form import failure, listing_lines
from auralis_cli.model.replaygain import CLIP_SAFE_DBTP, AlbumBy, Gain, OpusTags
from auralis_cli.model.source import DecodeLimits
from auralis_cli.output import Output
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.terminal_text import align, printable
from auralis_cli.units import gain_to_db, seconds_to_clock

if TYPE_CHECKING:
    from auralis_cli.services.replaygain import GainReport, GainRequest

PAGE = Page(
    examples=(
        ("auralis replaygain ~/Music/Album", "Write gains of the tracks and of the album."),
        ("auralis replaygain -n genre:jazz", "Say what would be written, and change nothing."),
        ("auralis replaygain --track *.mp3", "Of tracks only."),
        ("auralis replaygain --opus-tags both *.opus", "For players that look for one or the other."),
        ("auralis replaygain --remove ~/Music/Album", "Take all gains out."),
        ("auralis undo", "Have the old tags back."),
    ),
    exit_status=(
        (0, "Every file says what it should, also where there was nothing to do."),
        (1, "No file could be written."),
        (2, "Usage; or the whole library is meant, nobody can be asked, and -y is not given."),
        (3, "Some files could not be used; the rest is done."),
        (4, "No file could be read, or none was found."),
        (5, "The library cannot be used."),
        (130, "Interrupted; what was written until then stays, and can be undone."),
    ),
    details=(
        "Gains are those of ReplayGain 2.0: they bring a track, or an album, to -18 LUFS (ITU-R BS.1770-4). An album "
        "is gated as one programme, over all its tracks together: it is no mean of theirs. Peaks are true peaks of "
        "what decodes, not cut off at full scale: of a lossy file they may be above 1.0.",
        "Opus has gains of its own (R128_TRACK_GAIN, R128_ALBUM_GAIN), in 1/256 dB, relative to -23 LUFS and on top of "
        "the gain in the header; they have no peaks. --opus-tags says which of both it is given. What is shown, and "
        "in JSON, is always relative to -18 LUFS.",
        "An album is what the tags say (MusicBrainz id, or title, album artist and folder, with the folders of its "
        "discs); files without an album in one folder are one. --album-by folder goes by folders alone. A track that "
        "cannot be measured is left out of its album. With --track, what is written of albums stays.",
        f"--clip-safe lowers a gain so that the peak it goes with comes to {CLIP_SAFE_DBTP:g} dBTP at most. Silence, "
        "and what is shorter than 0.4 s, has no gain of its own.",
        "What other programs wrote is replaced wherever it stands: APE tags behind an mp3, small letters, RVA2. "
        "Nothing else in a file changes, and its audio is compared before and after.",
        "What was measured is kept by what the audio is, whatever it is called and however it is tagged, so that a "
        "second run decodes only what is new; --force measures again. A file whose tags say what they should is not "
        "touched.",
        "What was written is one change of auralis history, and auralis undo takes it back.",
        *QUERY_DETAILS,
    ),
    usage="[QUERY|PATH...]",
    is_job=True,
)

_HEAD = ("track", "peak", "album", "peak")
_WIDTHS = (8, 6, 8, 6)
_NONE = "-"


def replaygain(
    context: typer.Context,
    paths: AudioSources = None,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    album: Album = True,
    album_by: AlbumsBy = AlbumBy.TAGS,
    clip_safe: ClipSafe = False,
    opus_tags: OpusTagsKind = OpusTags.R128,
    remove: Remove = False,
    force: Force = False,
    keep_mtime: KeepMtime = False,
    jobs: Jobs = None,
    stall_timeout: StallTimeout = DEFAULT_STALL_TIMEOUT_S,
    max_duration: MaxDuration = DEFAULT_MAX_DURATION_S,
    max_size: MaxSize = DEFAULT_MAX_BYTES,
    dry_run: DryRun = False,
    yes: Yes = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Write ReplayGain into files, and R128 into Opus files: how much louder a track or an album is to be played.

    Without words, into all files of the library.
    """
    from auralis_cli.services.processors import cores
    from auralis_cli.services.replaygain import GainRequest

    session = session_of(context)
    check_one({"--json": json, "--jsonl": jsonl})
    says_album_by, says_opus = (is_said(context, name) for name in ("album_by", "opus_tags"))
    check_one({"--track": not album, "--album-by": says_album_by})
    excluded = {"--clip-safe": clip_safe, "--force": force, "--track": not album}
    excluded |= {"--album-by": says_album_by, "--opus-tags": says_opus}
    for option, has_it in excluded.items():
        check_one({"--remove": remove, option: has_it})
    limits = DecodeLimits(max_duration, max_size)
    is_whole_library = not paths and files_from is None
    found = (
        _library(session, limits)
        if is_whole_library
        else inputs_of(session, Asked(paths or (), files_from, null, limits, None)).found
    )
    what = f"{'Remove' if remove else 'Write'} gains {'from' if remove else 'into'} the {len(found):,} files there are?"
    if is_whole_library and found and not dry_run and not confirmed(session, "the whole library", what, yes=yes):
        session.output.note("nothing is changed")
        return 0
    request = GainRequest(
        album=album, album_by=album_by, clip_safe=clip_safe, opus=opus_tags, remove=remove, again=force,
        keep_mtime=keep_mtime, dry_run=dry_run, jobs=min(jobs or cores(), cores()), stall_s=stall_timeout,
    )  # fmt: skip
    tally = _Tally()
    with closing(_done(session, found, request)) as reports:
        heard = _heard(session, tally.counted(reports))
        _show(session.output, heard, request, as_json=json, as_json_lines=jsonl)
    session.output.note(tally.in_words(dry_run=dry_run))
    return tally.exit_code


def _library(session: Session, limits: DecodeLimits) -> list[Input]:
    """Every file of the library once, also where it has many tracks."""
    from auralis_cli.commands.query_inputs import sources_found

    return sources_found(session, (), limits, None) if session.library_path.exists() else []


def _done(session: Session, found: Iterable[Input], request: GainRequest) -> Generator[GainReport]:
    from auralis_cli.services.replaygain import replaygain as write_gains

    with (
        opened_library(session, create=not request.dry_run, read_only=request.dry_run) as store,
        session.output.batch_progress() as progress,
        closing(write_gains(store, found, request, progress, session.cancel, lambda: int(time.time()))) as reports,
    ):
        yield from reports


@dataclass(slots=True)
class _Tally:
    """What became of the files."""

    started_s: float = field(default_factory=time.monotonic)
    states: dict[str, int] = field(default_factory=dict)
    failures: list[AuralisError] = field(default_factory=list)

    def counted(self, reports: Iterable[GainReport]) -> Generator[GainReport]:
        """Passes the reports on."""
        for report in reports:
            if report.error is not None:
                self.failures.append(report.error)
            elif report.state is not None:
                self.states[report.state] = self.states.get(report.state, 0) + 1
            yield report

    def in_words(self, *, dry_run: bool) -> str:
        """`12 written, 3 unchanged, 1 failed in 0:07`."""
        counts = {**self.states, "failed": len(self.failures)}
        said = ", ".join(f"{count:,} {_said(word, dry_run=dry_run)}" for word, count in counts.items() if count)
        took = seconds_to_clock(time.monotonic() - self.started_s)
        return f"{'dry run: ' if dry_run else ''}{said or 'no files'} in {took}"

    @property
    def exit_code(self) -> int:
        """0, 3 where some failed, else the code of the failures."""
        return exit_code_of(self.failures, is_any_done=bool(self.states))


def document_of(report: GainReport, *, dry_run: bool) -> Mapping[str, object]:
    """The JSON of a file."""
    if report.error is not None:
        return failure(report.path, report.error)
    measured, gains = report.measured, report.gains
    document: dict[str, object] = {
        "path": report.path,
        "format": report.format_key,
        "album": report.album_title,
        "state": report.state,
        "integrated_lufs": None if measured is None else measured.integrated_lufs,
        "true_peak_dbtp": None if measured is None else gain_to_db(measured.true_peak),
        "album_integrated_lufs": report.album_lufs,
    }
    for name, gain in (("track", gains.track), ("album", gains.album)):
        document[f"{name}_gain_db"] = None if gain is None else gain.gain_db
        document[f"{name}_peak"] = None if gain is None else gain.peak
    document |= {"tags": report.tags, "warnings": report.warnings}
    return {**document, "dry_run": True} if dry_run else document


def _show(
    output: Output, reports: Iterable[GainReport], request: GainRequest, *, as_json: bool, as_json_lines: bool
) -> None:
    if as_json:
        # All at once: where the run is stopped, its failure is the one document.
        for line in list(listing_lines(document_of(report, dry_run=request.dry_run) for report in reports)):
            output.result(line)
        return
    has_head = request.remove
    for report in reports:
        if as_json_lines:
            output.json_line(document_of(report, dry_run=request.dry_run))
        elif report.error is None:
            if not has_head:
                output.result(output.styled(f"{align(_HEAD, _WIDTHS, right=range(4))}  file", "dim"))
                has_head = True
            output.result(_row(output, report, dry_run=request.dry_run))
            output.flush()


def _heard(session: Session, reports: Iterable[GainReport]) -> Generator[GainReport]:
    """Passes reports on, and says on stderr what people should know of them."""
    for report in reports:
        if report.error is not None:
            session.output.error(report.error)
        for warning in report.warnings:
            session.output.warning(f"{report.path}: {warning}")
        yield report


def _row(output: Output, report: GainReport, *, dry_run: bool) -> str:
    """One line: what was found, the file, and what became of it."""
    cells = [cell for gain in (report.gains.track, report.gains.album) for cell in _cells(gain)]
    figures = "" if report.measured is None else f"{align(cells, _WIDTHS, right=range(4))}  "
    said = "" if report.state is None else f"  {_said(report.state, dry_run=dry_run)}"
    state = output.styled(said, "dim") if said else ""
    return f"{figures}{printable(report.path)}{state}"


def _said(state: str, *, dry_run: bool) -> str:
    """A state in words: what is only planned is `to be written`."""
    return f"to be {state}" if dry_run and state in ("written", "removed") else state


def _cells(gain: Gain | None) -> tuple[str, str]:
    return (_NONE, _NONE) if gain is None else (f"{gain.gain_db:+z.2f}", f"{gain.peak:.3f}")
