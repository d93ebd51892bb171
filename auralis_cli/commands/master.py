"""`auralis master IN OUT`: parses the wishes, calls the service, shows what became of the sound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from auralis_cli.audio.formats import WRITABLE_KEYS
from auralis_cli.commands.cluster_option import Cluster
from auralis_cli.commands.inputs import Asked
from auralis_cli.commands.items import Manner, Task, run_items
from auralis_cli.commands.master_cluster import (
    check_master_cluster,
    take_receipts_home,
    tasks_for_cluster,
    with_absolute_paths,
)
from auralis_cli.commands.master_display import Result, display_of
from auralis_cli.commands.master_page import PAGE as PAGE
from auralis_cli.commands.master_report import is_page, write_report
from auralis_cli.commands.master_requests import check_folder, request_of_one, requests_of_batch
from auralis_cli.commands.master_settings import (
    by_preset_and_intensity,
    nearer_than_the_target,
    without_idle_settings,
)
from auralis_cli.commands.master_sound import SoundWords, by_the_reference, parse_mode, sound_of
from auralis_cli.commands.master_taste import note_choices, with_learnt_taste
from auralis_cli.commands.options import (
    DEFAULT_MAX_BYTES,
    DEFAULT_MAX_DURATION_S,
    DEFAULT_STALL_TIMEOUT_S,
    AsJson,
    AsJsonLines,
    FilesFrom,
    Jobs,
    MaxDuration,
    MaxSize,
    NamesEndInNul,
    Raw,
    RawChannels,
    RawRate,
    StallTimeout,
    parse_path,
    parse_source,
    raw_of,
)
from auralis_cli.commands.parsers import Parser, setting_parser
from auralis_cli.commands.verb import Session, session_of
from auralis_cli.commands.written_journal import note_masters
from auralis_cli.config import find_target
from auralis_cli.errors import AuralisError, RefusedError, UsageError
from auralis_cli.kinds import Duration, Number
from auralis_cli.model.album_mastering import AlbumRequest
from auralis_cli.model.audio import Dither, Subtype
from auralis_cli.model.mastering import MasterRequest
from auralis_cli.model.passages import LONGEST_PREVIEW_S, SHORTEST_PREVIEW_S
from auralis_cli.model.presets import ADAPTIVE
from auralis_cli.model.sound_wishes import TILT_RANGE_DB, WIDTH_RANGE_DB, MasteringMode
from auralis_cli.model.source import AudioSource, DecodeLimits, Destination
from auralis_cli.model.targets import Loudness
from auralis_cli.paths import receipts_dir


def parse_report_path(word: str) -> Path:
    """A name that ends in .json or .html."""
    if not word.lower().endswith((".json", ".html")):
        raise UsageError("--report", f"{word!r} ends neither in .json nor in .html")
    return parse_path(word)


def master(
    context: typer.Context,
    places: Annotated[
        list[AudioSource] | None,
        typer.Argument(
            metavar="IN",
            parser=parse_source,
            help="The track to master (- is stdin), then OUT (- is stdout); with --out-dir files, folders, queries.",
            show_default=False,
        ),
    ] = None,
    out_dir: Annotated[
        Path | None,
        typer.Option(metavar="DIR", parser=parse_path, help="Master every IN into DIR, folders mirrored."),
    ] = None,
    album: Annotated[
        bool, typer.Option("--album", help="Master albums as one each: levels, tone and joins of their tracks stay.")
    ] = False,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT",
            parser=setting_parser("master.to"),
            help=f"Write {', '.join(WRITABLE_KEYS[:-1])} or {WRITABLE_KEYS[-1]}.",
            show_default="by OUT's name; flac in DIR, wav to a pipe",
        ),
    ] = None,
    bitrate: Annotated[
        int | None,
        typer.Option(
            metavar="KBPS",
            parser=setting_parser("master.bitrate"),
            help="Bit rate of ogg, opus, mp3 or m4a in kbit/s.",
            show_default="the format's",
        ),
    ] = None,
    preset: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            parser=setting_parser("master.preset"),
            help="Character: adaptive, gentle, warm, bright, punchy, live, or one of your own.",
            show_default=True,
        ),
    ] = ADAPTIVE.name,
    intensity: Annotated[
        float,
        typer.Option(
            metavar="0..1",
            parser=setting_parser("master.intensity"),
            help="How far every stage goes; 0 leaves the sound alone.",
            show_default="1",
        ),
    ] = 1.0,
    tilt: Annotated[
        float,
        typer.Option(
            metavar="DB",
            parser=Parser("--tilt", Number(*TILT_RANGE_DB, " dB")),
            help="Tilt the tone from 100 Hz to 10 kHz, -3 to 3; more is brighter.",
            show_default="0",
        ),
    ] = 0.0,
    width: Annotated[
        float,
        typer.Option(
            metavar="DB",
            parser=Parser("--width", Number(*WIDTH_RANGE_DB, " dB")),
            help="Raise or lower the side of 300 Hz to 16 kHz, -3 to 3; more is wider.",
            show_default="0",
        ),
    ] = 0.0,
    preferences: Annotated[
        bool,
        typer.Option("--preferences/--no-preferences", help="Use what was learnt of your choices, or do not."),
    ] = True,
    repair: Annotated[
        bool,
        typer.Option("--repair/--no-repair", help="Put right clipped peaks, offsets and inverted polarity, or do not."),
    ] = True,
    mode: Annotated[
        MasteringMode | None,
        typer.Option(
            metavar="MODE",
            parser=parse_mode,
            help="By what it is decided: adaptive (the music), reference, or hybrid (halfway).",
            show_default="reference with --reference",
        ),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Sound like this file, or the middle of a folder or of a query's tracks."),
    ] = None,
    loudness: Annotated[
        Loudness | None,
        typer.Option(
            metavar="LUFS",
            parser=setting_parser("master.loudness"),
            help="Integrated loudness to reach, -40 to -5, or off to leave the level alone.",
            show_default="the target's, or the preset's",
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            parser=setting_parser("master.target"),
            help="Deliver to: streaming, apple, broadcast, podcast, loud, or a target of your own.",
        ),
    ] = None,
    ceiling: Annotated[
        float | None,
        typer.Option(
            metavar="DBTP",
            parser=setting_parser("master.ceiling"),
            help="Highest true peak, -20 to 0.",
            show_default="the target's, or -1",
        ),
    ] = None,
    bits: Annotated[
        Subtype | None,
        typer.Option(
            metavar="BITS",
            parser=setting_parser("master.bits"),
            help="Store samples as 16, 24 or 32f (float; wav and aiff only).",
            show_default="24, or IN's 16",
        ),
    ] = None,
    dither: Annotated[
        Dither | None,
        typer.Option(
            metavar="KIND",
            parser=setting_parser("master.dither"),
            help="Dither before rounding: tpdf or none.",
            show_default="tpdf",
        ),
    ] = None,
    rate: Annotated[
        int | None,
        typer.Option(
            metavar="HZ",
            parser=setting_parser("master.rate"),
            help="Convert to this sample rate first.",
            show_default="IN's",
        ),
    ] = None,
    keep_mtime: Annotated[
        bool, typer.Option("--keep-mtime/--no-keep-mtime", help="Give OUT the time of modification of IN, or not.")
    ] = False,
    preview: Annotated[
        float | None,
        typer.Option(
            metavar="LENGTH",
            parser=Parser("--preview", Duration(SHORTEST_PREVIEW_S, LONGEST_PREVIEW_S)),
            help="Write only the loudest part of this length, 30s or 1m, and beside it the same of IN.",
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            parser=parse_report_path,
            help="Write the result, as of --json, to FILE.json, or to FILE.html with pictures.",
        ),
    ] = None,
    as_played: Annotated[
        bool,
        typer.Option("--as-played", help="Master as the player does, by preset and intensity alone."),
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say in words why each stage acts as it does.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace an existing OUT; the old file goes to the trash.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Measure and plan, write nothing; results are predicted.")
    ] = False,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    jobs: Jobs = None,
    stall_timeout: StallTimeout = DEFAULT_STALL_TIMEOUT_S,
    executor: Cluster = None,
    max_duration: MaxDuration = DEFAULT_MAX_DURATION_S,
    max_size: MaxSize = DEFAULT_MAX_BYTES,
    raw: Raw = None,
    raw_rate: RawRate = None,
    raw_channels: RawChannels = None,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Master a track, or many.

    Measures IN, decides what it needs, and writes OUT with its tone, dynamics and stereo image set right, at the
    loudness asked for, and with its true peaks below the ceiling. With --out-dir every input becomes a file below
    DIR; what is done already and unchanged is skipped, so that an interrupted batch goes on where it stopped.
    """
    session = session_of(context)
    limits, layout = DecodeLimits(max_duration, max_size), raw_of(raw, raw_rate, raw_channels)
    asked = Asked(places or (), files_from, null, limits, layout, out_dir)
    loudness, ceiling = nearer_than_the_target(context, loudness, ceiling)
    wishes = MasterRequest(
        source=AudioSource(None),
        destination=Destination(None),
        sound=sound_of(context, SoundWords(preset, intensity, mode, reference, repair, tilt, width), limits),
        loudness_lufs=loudness.lufs if loudness else None,
        level_off=loudness is not None and loudness.lufs is None,
        target=None if target is None else find_target(session.config, "--target", target),
        ceiling_dbtp=ceiling,
        format=to,
        bitrate_bps=bitrate,
        subtype=bits,
        dither=dither,
        rate_hz=rate,
        preview_s=preview,
        with_curves=report is not None and is_page(report),
        keep_mtime=keep_mtime,
        force=force,
    )
    if as_played:
        wishes = by_preset_and_intensity(context, wishes)
    wishes = by_the_reference(context, wishes)
    if preferences and not as_played:
        wishes = with_learnt_taste(context, wishes)
    wishes = without_idle_settings(context, wishes, (places or ()) if out_dir is None else None)
    _check_report(report, force=force, dry_run=dry_run)
    check_master_cluster(context, executor, out_dir, dry_run=dry_run)
    manner = Manner(json, jsonl, jobs, stall_timeout, executor)
    tasks: list[Task[Result] | AuralisError]
    if album and preview is not None:
        raise UsageError("--preview", "is of a track, and an album is one master", "leave --album out")
    if album and out_dir is None:
        raise UsageError("--album", "makes a file of every track", "give --out-dir for them")
    if out_dir is None:
        request = request_of_one(session, asked, wishes, as_json=json or jsonl, dry_run=dry_run)
        display = display_of(
            session.output, explain=explain, on_stderr=request.destination.path is None and not dry_run
        )
        tasks = [_task_alone(session, request, dry_run=dry_run)]
    else:
        if not dry_run:
            # Those of a run on a cluster that was killed before it could.
            take_receipts_home(out_dir, done=False)
        requests = requests_of_batch(session, asked, wishes, out_dir)
        if executor is not None:
            requests = with_absolute_paths(requests)
        display = display_of(session.output, explain=explain, on_stderr=False)
        tasks = _tasks_of_batch(session, requests, album=album, dry_run=dry_run)
        if executor is not None:
            tasks = tasks_for_cluster(tasks, requests, out_dir)
    made: list[Result] = []
    try:
        tally = run_items(session, tasks, display, manner, alone=out_dir is None, heed=made.append)
    finally:
        if executor is not None and out_dir is not None:
            take_receipts_home(out_dir, done=True)
        note_masters(session, made)
        if not as_played:
            note_choices(context, wishes, made)
    if report is not None:
        write_report(report, tally)
    return tally.exit_code


def _check_report(report: Path | None, *, force: bool, dry_run: bool) -> None:
    if report is None:
        return
    if dry_run:
        raise UsageError("--report", "a dry run writes nothing", "use --json")
    check_folder(report)
    if report.is_dir() or (report.exists() and not force):
        raise RefusedError(str(report), "exists already", "--force replaces it")


def _task_alone(session: Session, request: MasterRequest, *, dry_run: bool) -> Task[Result]:
    from auralis_cli.services.master import master_file, preview_master

    # Streams stay with this process, and so does the work on them.
    library = session.library_path
    work: Callable[..., Result]
    work = partial(preview_master if dry_run else master_file, streams=session.streams, library=library)
    return Task(request.source, work, (request,))


def _tasks_of_batch(
    session: Session, requests: Sequence[MasterRequest | AuralisError], *, album: bool, dry_run: bool
) -> list[Task[Result] | AuralisError]:
    """One for every input, or for every album."""
    if album:
        from auralis_cli.services.album_grouping import albums_of

        return [
            one if isinstance(one, AuralisError) else _task_of_album(one, dry_run=dry_run)
            for one in albums_of(requests)
        ]
    library = session.library_path
    return [one if isinstance(one, AuralisError) else _task(one, library, dry_run=dry_run) for one in requests]


def _task_of_album(request: AlbumRequest, *, dry_run: bool) -> Task[Result]:
    from auralis_cli.services.album_master import master_album, preview_album

    arguments = (request, receipts_dir())
    if dry_run:
        return Task(request.source, preview_album, arguments, inputs=len(request.tracks))
    return Task(request.source, master_album, arguments, request.folders, len(request.tracks))


def _task(request: MasterRequest, library: Path, *, dry_run: bool) -> Task[Result]:
    from auralis_cli.services.master_batch import master_unless_done, preview_unless_done

    if dry_run:
        return Task(request.source, preview_unless_done, (request, receipts_dir(), library))
    folders = (request.destination.path.parent,) if request.destination.path is not None else ()
    return Task(request.source, master_unless_done, (request, receipts_dir(), library), folders)
