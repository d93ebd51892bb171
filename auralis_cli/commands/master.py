"""`auralis master IN OUT`: parses the wishes, calls the service, shows what became of the sound."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.commands.options import AsJson, NamedChoice, parse_audio_path, parse_number, parse_whole
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.errors import OutputError, RefusedError, UsageError
from auralis_cli.model.audio import MAX_SAMPLE_RATE_HZ, MIN_SAMPLE_RATE_HZ, Dither, Subtype
from auralis_cli.model.mastering import MasterRequest
from auralis_cli.model.presets import ADAPTIVE, PRESETS
from auralis_cli.model.source import AudioSource, Destination
from auralis_cli.model.targets import CEILING_RANGE_DBTP, LOUDNESS_RANGE_LUFS, TARGETS
from auralis_cli.output import write_json_file

if TYPE_CHECKING:
    from auralis_cli.model.mastering import MasterPreview, MasterReport

PAGE = Page(
    examples=(
        ("auralis master song.flac song-master.flac", "Adaptive, to -14 LUFS and at most -1 dBTP."),
        ("auralis master --target apple --explain song.wav out.flac", "Deliver to Apple and say why each stage acts."),
        ("auralis master --preset warm --intensity 0.5 in.flac out.flac", "Half of what `warm` would do."),
        ("auralis master -n --json in.flac out.flac", "Only show the plan, for a program."),
    ),
    exit_status=(
        (0, "OUT is written. It may be quieter than asked: the result then says what limited it."),
        (1, "OUT cannot be written."),
        (2, "Usage; or OUT exists (see --force), or is IN."),
        (4, "IN is missing, damaged, not audio, or holds NaN or Inf."),
        (130, "Interrupted; OUT is as it was before."),
    ),
    details=(
        "The whole track is measured first, then a plan is made, then the gain is solved so that the loudness is "
        "met after limiting, then the track is rendered and measured again. OUT is written beside its place and "
        "renamed when it is complete. Tags and cover are copied; ReplayGain tags are dropped, since they no longer "
        "hold.",
        "The format of OUT follows its name: .flac or .wav.",
        "Presets lean a little to one side of what the track itself asks for: adaptive (to none), gentle (quieter, "
        "softer onsets, less treble, less limiting), warm (more bass and low mids, less treble), bright (more treble, "
        "less bass), punchy (louder, stronger onsets and bass) and live (more presence, less low mids, wider).",
        "Targets: streaming (-14 LUFS, -1 dBTP), apple (-16, -1), broadcast (EBU R 128: -23, -1), podcast (-16, -1) "
        "and loud (-9, -0.3).",
        "--loudness wins over --target, and that over the preset's own loudness: -16 LUFS for gentle, -13 for punchy, "
        "-14 for the others. A given loudness or target is served in full at any intensity; the preset's own is "
        "approached with it.",
        "A track is made quieter or louder, but never squeezed beyond what its music bears: where the loudness "
        "cannot be had, limited_by names the reason.",
    ),
)


class Bits(StrEnum):
    """How a sample is stored in OUT."""

    PCM_16 = "16"
    PCM_24 = "24"
    FLOAT_32 = "32f"

    @property
    def subtype(self) -> Subtype:
        """The model's word for it."""
        return {Bits.PCM_16: Subtype.PCM_16, Bits.PCM_24: Subtype.PCM_24, Bits.FLOAT_32: Subtype.FLOAT}[self]


@dataclass(frozen=True, slots=True)
class Loudness:
    """A loudness asked for on the command line."""

    # None for "off": the level is left alone.
    lufs: float | None


def parse_loudness(word: str) -> Loudness:
    """A loudness in LUFS, or "off"."""
    if word == "off":
        return Loudness(None)
    low, high = LOUDNESS_RANGE_LUFS
    return Loudness(parse_number("--loudness", low, high, " LUFS, nor off")(word))


def parse_report_path(word: str) -> Path:
    """A name that ends in .json."""
    if not word.lower().endswith(".json"):
        raise UsageError("--report", f"{word!r} does not end in .json")
    return parse_audio_path(word)


def master(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="IN", parser=parse_audio_path, help="The track to master.")],
    destination: Annotated[
        Path, typer.Argument(metavar="OUT", parser=parse_audio_path, help="The file to write: .flac or .wav.")
    ],
    preset: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            parser=NamedChoice("--preset", PRESETS),
            help="Character: adaptive, gentle, warm, bright, punchy or live.",
            show_default=True,
        ),
    ] = ADAPTIVE.name,
    intensity: Annotated[
        float,
        typer.Option(
            metavar="0..1",
            parser=parse_number("--intensity", 0.0, 1.0),
            help="How far every stage goes; 0 leaves the sound alone.",
            show_default="1",
        ),
    ] = 1.0,
    loudness: Annotated[
        Loudness | None,
        typer.Option(
            metavar="LUFS",
            parser=parse_loudness,
            help="Integrated loudness to reach, -40 to -5, or off to leave the level alone.",
            show_default="the target's, or the preset's",
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            parser=NamedChoice("--target", TARGETS),
            help="Deliver to: streaming, apple, broadcast, podcast or loud.",
        ),
    ] = None,
    ceiling: Annotated[
        float | None,
        typer.Option(
            metavar="DBTP",
            parser=parse_number("--ceiling", *CEILING_RANGE_DBTP, " dBTP"),
            help="Highest true peak, -20 to 0.",
            show_default="the target's, or -1",
        ),
    ] = None,
    bits: Annotated[
        Bits | None,
        typer.Option(
            metavar="BITS", help="Store samples as 16, 24 or 32f (float, .wav only).", show_default="24, or IN's 16"
        ),
    ] = None,
    dither: Annotated[
        Dither, typer.Option(metavar="KIND", help="Dither before rounding: tpdf or none.", show_default=True)
    ] = Dither.TPDF,
    rate: Annotated[
        int | None,
        typer.Option(
            metavar="HZ",
            parser=parse_whole("--rate", MIN_SAMPLE_RATE_HZ, MAX_SAMPLE_RATE_HZ, " Hz"),
            help="Convert to this sample rate first.",
            show_default="IN's",
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", parser=parse_report_path, help="Write the result, as of --json, to FILE.json."),
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say in words why each stage acts as it does.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace an existing OUT; the old file goes to the trash.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Measure and plan, write nothing; results are predicted.")
    ] = False,
    json: AsJson = False,
) -> int:
    """Master one track.

    Measures IN, decides what it needs, and writes OUT with its tone, dynamics and stereo image set right, at the
    loudness asked for, and with its true peaks below the ceiling.
    """
    session = session_of(context)
    session.subject = source
    request = MasterRequest(
        source=AudioSource(source),
        destination=Destination(destination),
        preset=PRESETS[preset],
        intensity=intensity,
        loudness_lufs=loudness.lufs if loudness else None,
        level_off=loudness is not None and loudness.lufs is None,
        target=None if target is None else TARGETS[target],
        ceiling_dbtp=ceiling,
        subtype=bits.subtype if bits else None,
        dither=dither,
        rate_hz=rate,
        force=force,
    )
    _check_places(request, report, dry_run=dry_run)
    if dry_run:
        _show_preview(session, _preview(session, request), as_json=json, explain=explain)
    else:
        _show_report(session, _master(session, request), report, as_json=json, explain=explain)
    return 0


def _check_places(request: MasterRequest, report: Path | None, *, dry_run: bool) -> None:
    """Refuses before any work what would fail after it."""
    from auralis_cli.audio.formats import writable_format

    destination = request.destination.path
    assert destination is not None
    if destination.is_dir():
        raise RefusedError(str(destination), "is a folder", "name a file in it")
    wanted = writable_format(destination)
    if request.subtype is not None and request.subtype not in wanted.subtypes:
        raise UsageError("--bits", f"{wanted.key} cannot hold {Bits.FLOAT_32}", "use 16 or 24, or name OUT .wav")
    _check_folder(destination)
    if report is None:
        return
    if dry_run:
        raise UsageError("--report", "a dry run writes nothing", "use --json")
    _check_folder(report)
    if report.is_dir() or (report.exists() and not request.force):
        raise RefusedError(str(report), "exists already", "--force replaces it")


def _check_folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise OutputError(str(path), "its folder does not exist")


def _master(session: Session, request: MasterRequest) -> MasterReport:
    from auralis_cli.services.master import master_file

    with session.output.progress() as progress:
        return master_file(request, progress, session.cancel)


def _preview(session: Session, request: MasterRequest) -> MasterPreview:
    from auralis_cli.services.master import preview_master

    with session.output.progress() as progress:
        return preview_master(request, progress, session.cancel)


def _show_report(session: Session, result: MasterReport, report: Path | None, *, as_json: bool, explain: bool) -> None:
    from auralis_cli.commands import mastering_text as text

    output = session.output
    for warning in result.warnings:
        output.warning(f"{result.source}: {warning}")
    text.tell_details(output, result.solved.plan, result.solved, result.source_info.codec)
    document = text.report_document(result)
    if report is not None:
        write_json_file(report, document)
    if as_json:
        output.document(document)
        return
    text.show_report(output, result, explain=explain)


def _show_preview(session: Session, preview: MasterPreview, *, as_json: bool, explain: bool) -> None:
    from auralis_cli.commands import mastering_text as text

    output = session.output
    for warning in preview.warnings:
        output.warning(f"{preview.source}: {warning}")
    text.tell_details(output, preview.plan, None, None)
    if as_json:
        output.document(text.preview_document(preview))
    else:
        text.show_preview(output, preview, explain=explain)
