"""The options of `auralis fingerprint`, each with what help and manual say of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auralis_cli.commands.options import (
    parse_path,
)

Force = Annotated[
    bool,
    typer.Option("--force", help="Compute again what is known; import over it; replace the --export FILE."),
]
ExportFile = Annotated[
    Path | None,
    typer.Option(
        "--export",
        metavar="FILE",
        parser=parse_path,
        help="Write what is stored into FILE as JSON lines, or - for stdout; nothing is computed.",
        show_default=False,
    ),
]
ImportFile = Annotated[
    Path | None,
    typer.Option(
        "--import",
        metavar="FILE",
        parser=parse_path,
        help="Store what an export holds, - for stdin, or a sidecar, or the sidecars below a folder.",
        show_default=False,
    ),
]
WritesSidecars = Annotated[
    bool, typer.Option("--sidecars", help="Write a sidecar, song.flac.25d, beside every file as well.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would be done, and change nothing.")]
