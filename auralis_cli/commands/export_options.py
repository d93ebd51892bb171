"""The options of `auralis export`, each with what help and manual say of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auralis_cli.audio.formats import WRITABLE_KEYS
from auralis_cli.commands.options import (
    parse_path,
)
from auralis_cli.commands.parsers import Lookup, Parser
from auralis_cli.kinds import BitRate, Choice, Size
from auralis_cli.model.exports import NameKind
from auralis_cli.settings import BITRATE_RANGE_KBPS

# Files as they are.
COPY = "copy"
_MAX_TOTAL_BYTES = 1 << 50

OutDir = Annotated[
    Path | None, typer.Option("--to", metavar="DIR", parser=parse_path, help="The folder; its parent has to exist.")
]
FormatKey = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="FORMAT",
        parser=Parser("--format", Choice((COPY, *WRITABLE_KEYS), str)),
        help=f"Encode as {', '.join(WRITABLE_KEYS[:-1])} or {WRITABLE_KEYS[-1]}; copy leaves files as they are.",
        show_default=True,
    ),
]
Bitrate = Annotated[
    int | None,
    typer.Option(
        "--bitrate",
        metavar="KBPS",
        parser=Parser("--bitrate", BitRate(*BITRATE_RANGE_KBPS)),
        help="Bit rate of ogg, opus, mp3 or m4a in kbit/s.",
        show_default="the format's",
    ),
]
ForceTranscode = Annotated[bool, typer.Option("--force-transcode", help="Encode what is lossy already too, once more.")]
Template = Annotated[
    str | None,
    typer.Option(
        "--template",
        metavar="TEMPLATE",
        help="Name files so, as '$albumartist/$album/${track:02} - $title'.",
        show_default="artist, album, number and title",
    ),
]
NamesFor = Annotated[
    NameKind,
    typer.Option(
        "--names",
        metavar="KIND",
        parser=Parser("--names", Choice(NameKind, NameKind)),
        help="Names that vfat takes, or posix; auto asks the file system.",
        show_default="auto",
    ),
]
PlaylistNames = Annotated[
    list[str] | None,
    typer.Option(
        "--playlist",
        metavar="NAME",
        parser=Lookup("playlists"),
        help="Export a playlist's tracks, and itself; may be repeated.",
    ),
]
Playlists = Annotated[bool, typer.Option("--playlists", help="Take along every playlist that holds any of the tracks.")]
Sync = Annotated[
    bool, typer.Option("--sync", help="Move to the trash what was exported before and is not asked for now.")
]
MaxTotal = Annotated[
    int | None,
    typer.Option(
        "--max-total",
        metavar="SIZE",
        parser=Parser("--max-total", Size(_MAX_TOTAL_BYTES)),
        help="Export as much as fits into SIZE, as 16G, in the order of the query.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Move to the trash what is in the way, of no export.")]
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would be done, and change nothing.")]
