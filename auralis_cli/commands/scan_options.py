"""The options of `auralis scan`, each with what help and manual say of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auralis_cli.commands.options import parse_path
from auralis_cli.commands.parsers import setting_parser

Folders = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="DIR",
        parser=parse_path,
        help="Folders to add or to bring up to date; without one, all that are known.",
        show_default=False,
    ),
]
Full = Annotated[bool, typer.Option("--full", help="Read unchanged files as well.")]
Analyze = Annotated[bool, typer.Option("--analyze", help="Measure the loudness of tracks as well that have none yet.")]
WithFingerprint = Annotated[
    bool,
    typer.Option("--fingerprint", help="Fingerprint the tracks as well that were not yet, and measure them."),
]
Watch = Annotated[bool, typer.Option("--watch", help="Go on scanning what changes, until Ctrl-C.")]
Relocate = Annotated[
    tuple[Path, Path] | None,
    typer.Option(
        "--relocate",
        metavar="OLD NEW",
        help="What the library has below the folder OLD is below NEW now: every file keeps its history.",
        show_default=False,
    ),
]
IgnoredPatterns = Annotated[
    str,
    typer.Option(
        "--ignore",
        metavar="PATTERN",
        parser=setting_parser("scan.ignore"),
        help="Leave out what is called so, as in a .gitignore; several stand on lines of their own.",
        show_default="nothing",
    ),
]
