"""The options of `auralis master`, each with what help and manual say of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auralis_cli.audio.formats import WRITABLE_KEYS
from auralis_cli.commands.master_page import PAGE as PAGE
from auralis_cli.commands.master_sound import parse_mode
from auralis_cli.commands.options import (
    parse_path,
    parse_source,
)
from auralis_cli.commands.parsers import Parser, setting_parser
from auralis_cli.errors import UsageError
from auralis_cli.kinds import Duration, Number
from auralis_cli.model.audio import Dither, Subtype
from auralis_cli.model.passages import LONGEST_PREVIEW_S, SHORTEST_PREVIEW_S
from auralis_cli.model.sound_wishes import TILT_RANGE_DB, WIDTH_RANGE_DB, MasteringMode
from auralis_cli.model.source import AudioSource
from auralis_cli.model.targets import Loudness


def parse_report_path(word: str) -> Path:
    """A name that ends in .json or .html."""
    if not word.lower().endswith((".json", ".html")):
        raise UsageError("--report", f"{word!r} ends neither in .json nor in .html")
    return parse_path(word)


Places = Annotated[
    list[AudioSource] | None,
    typer.Argument(
        metavar="IN",
        parser=parse_source,
        help="The track to master (- is stdin), then OUT (- is stdout); with --out-dir files, folders, queries.",
        show_default=False,
    ),
]
OutDir = Annotated[
    Path | None,
    typer.Option(metavar="DIR", parser=parse_path, help="Master every IN into DIR, folders mirrored."),
]
AsAlbums = Annotated[
    bool, typer.Option("--album", help="Master albums as one each: levels, tone and joins of their tracks stay.")
]
FormatKey = Annotated[
    str | None,
    typer.Option(
        metavar="FORMAT",
        parser=setting_parser("master.to"),
        help=f"Write {', '.join(WRITABLE_KEYS[:-1])} or {WRITABLE_KEYS[-1]}.",
        show_default="by OUT's name; flac in DIR, wav to a pipe",
    ),
]
Bitrate = Annotated[
    int | None,
    typer.Option(
        metavar="KBPS",
        parser=setting_parser("master.bitrate"),
        help="Bit rate of ogg, opus, mp3 or m4a in kbit/s.",
        show_default="the format's",
    ),
]
PresetWord = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        parser=setting_parser("master.preset"),
        help="Character: adaptive, gentle, warm, bright, punchy, live, or one of your own.",
        show_default=True,
    ),
]
Intensity = Annotated[
    float,
    typer.Option(
        metavar="0..1",
        parser=setting_parser("master.intensity"),
        help="How far every stage goes; 0 leaves the sound alone.",
        show_default="1",
    ),
]
Tilt = Annotated[
    float,
    typer.Option(
        metavar="DB",
        parser=Parser("--tilt", Number(*TILT_RANGE_DB, " dB")),
        help="Tilt the tone from 100 Hz to 10 kHz, -3 to 3; more is brighter.",
        show_default="0",
    ),
]
Width = Annotated[
    float,
    typer.Option(
        metavar="DB",
        parser=Parser("--width", Number(*WIDTH_RANGE_DB, " dB")),
        help="Raise or lower the side of 300 Hz to 16 kHz, -3 to 3; more is wider.",
        show_default="0",
    ),
]
UsesTaste = Annotated[
    bool,
    typer.Option("--preferences/--no-preferences", help="Use what was learnt of your choices, or do not."),
]
Repairs = Annotated[
    bool,
    typer.Option("--repair/--no-repair", help="Put right clipped peaks, offsets and inverted polarity, or do not."),
]
Mode = Annotated[
    MasteringMode | None,
    typer.Option(
        metavar="MODE",
        parser=parse_mode,
        help="By what it is decided: adaptive (the music), reference, or hybrid (halfway).",
        show_default="reference with --reference",
    ),
]
ReferenceWord = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Sound like this file, or the middle of a folder or of a query's tracks."),
]
LoudnessGoal = Annotated[
    Loudness | None,
    typer.Option(
        metavar="LUFS",
        parser=setting_parser("master.loudness"),
        help="Integrated loudness to reach, -40 to -5, or off to leave the level alone.",
        show_default="the target's, or the preset's",
    ),
]
TargetName = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        parser=setting_parser("master.target"),
        help="Deliver to: streaming, apple, broadcast, podcast, loud, or a target of your own.",
    ),
]
Ceiling = Annotated[
    float | None,
    typer.Option(
        metavar="DBTP",
        parser=setting_parser("master.ceiling"),
        help="Highest true peak, -20 to 0.",
        show_default="the target's, or -1",
    ),
]
Bits = Annotated[
    Subtype | None,
    typer.Option(
        metavar="BITS",
        parser=setting_parser("master.bits"),
        help="Store samples as 16, 24 or 32f (float; wav and aiff only).",
        show_default="24, or IN's 16",
    ),
]
DitherKind = Annotated[
    Dither | None,
    typer.Option(
        metavar="KIND",
        parser=setting_parser("master.dither"),
        help="Dither before rounding: tpdf or none.",
        show_default="tpdf",
    ),
]
Rate = Annotated[
    int | None,
    typer.Option(
        metavar="HZ",
        parser=setting_parser("master.rate"),
        help="Convert to this sample rate first.",
        show_default="IN's",
    ),
]
KeepsMtime = Annotated[
    bool, typer.Option("--keep-mtime/--no-keep-mtime", help="Give OUT the time of modification of IN, or not.")
]
PreviewLength = Annotated[
    float | None,
    typer.Option(
        metavar="LENGTH",
        parser=Parser("--preview", Duration(SHORTEST_PREVIEW_S, LONGEST_PREVIEW_S)),
        help="Write only the loudest part of this length, 30s or 1m, and beside it the same of IN.",
    ),
]
ReportFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        parser=parse_report_path,
        help="Write the result, as of --json, to FILE.json, or to FILE.html with pictures.",
    ),
]
AsPlayed = Annotated[
    bool,
    typer.Option("--as-played", help="Master as the player does, by preset and intensity alone."),
]
Explains = Annotated[bool, typer.Option("--explain", help="Say in words why each stage acts as it does.")]
Force = Annotated[
    bool, typer.Option("--force", help="Replace an existing OUT or --report FILE; the old file goes to the trash.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", "-n", help="Measure and plan, write nothing; results are predicted.")
]
