"""`auralis master IN OUT`: parses the wishes, calls the service, shows what became of the sound."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from auralis_cli.commands.cluster_option import Cluster
from auralis_cli.commands.inputs import Asked
from auralis_cli.commands.items import Manner
from auralis_cli.commands.master_options import (
    AsAlbums,
    AsPlayed,
    Bitrate,
    Bits,
    Ceiling,
    DitherKind,
    DryRun,
    Explains,
    Force,
    FormatKey,
    Intensity,
    KeepsMtime,
    LoudnessGoal,
    Mode,
    OutDir,
    Places,
    PresetWord,
    PreviewLength,
    Rate,
    ReferenceWord,
    Repairs,
    ReportFile,
    TargetName,
    Tilt,
    UsesTaste,
    Width,
)
from auralis_cli.commands.master_page import PAGE as PAGE
from auralis_cli.commands.master_report import is_page
from auralis_cli.commands.master_run import MasterRun, check_run, run_masters
from auralis_cli.commands.master_settings import (
    by_preset_and_intensity,
    nearer_than_the_target,
    without_idle_settings,
)
from auralis_cli.commands.master_sound import SoundWords, by_the_reference, sound_of
from auralis_cli.commands.master_taste import with_learnt_taste
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
    raw_of,
)
from auralis_cli.commands.verb import is_said, session_of
from auralis_cli.config import find_target
from auralis_cli.model.mastering import MasterRequest
from auralis_cli.model.presets import ADAPTIVE
from auralis_cli.model.source import AudioSource, DecodeLimits, Destination


def master(
    context: typer.Context,
    places: Places = None,
    out_dir: OutDir = None,
    album: AsAlbums = False,
    to: FormatKey = None,
    bitrate: Bitrate = None,
    preset: PresetWord = ADAPTIVE.name,
    intensity: Intensity = 1.0,
    tilt: Tilt = 0.0,
    width: Width = 0.0,
    preferences: UsesTaste = True,
    repair: Repairs = True,
    mode: Mode = None,
    reference: ReferenceWord = None,
    loudness: LoudnessGoal = None,
    target: TargetName = None,
    ceiling: Ceiling = None,
    bits: Bits = None,
    dither: DitherKind = None,
    rate: Rate = None,
    keep_mtime: KeepsMtime = False,
    preview: PreviewLength = None,
    report: ReportFile = None,
    as_played: AsPlayed = False,
    explain: Explains = False,
    force: Force = False,
    dry_run: DryRun = False,
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
    wishes = _settled(context, wishes, places or (), out_dir, as_played=as_played, uses_taste=preferences)
    manner = Manner(json, jsonl, jobs, stall_timeout, executor)
    run = MasterRun(asked, wishes, manner, report, album=album, as_played=as_played, explain=explain, dry_run=dry_run)
    check_run(context, run)
    return run_masters(context, run)


def _settled(
    context: typer.Context,
    wishes: MasterRequest,
    places: Sequence[AudioSource],
    out_dir: Path | None,
    *,
    as_played: bool,
    uses_taste: bool,
) -> MasterRequest:
    """The wishes with what is set, learnt, or yields to what was said nearer."""
    if as_played:
        wishes = by_preset_and_intensity(context, wishes)
    wishes = by_the_reference(context, wishes)
    # A player goes by a taste as well, of which only who looked at it can tell.
    if uses_taste and (not as_played or is_said(context, "preferences")):
        wishes = with_learnt_taste(context, wishes)
    return without_idle_settings(context, wishes, places if out_dir is None else None)
