"""The options of `auralis replaygain`, each with what help and manual say of it."""

from __future__ import annotations

from typing import Annotated

import typer

from auralis_cli.commands.parsers import Parser
from auralis_cli.kinds import Choice
from auralis_cli.model.replaygain import CLIP_SAFE_DBTP, AlbumBy, OpusTags

Album = Annotated[
    bool,
    typer.Option(
        "--album/--track", help="Gains of albums as well as of tracks, or of tracks only.", show_default="album"
    ),
]
AlbumsBy = Annotated[
    AlbumBy,
    typer.Option(
        "--album-by",
        metavar="WHAT",
        parser=Parser("--album-by", Choice(AlbumBy, AlbumBy)),
        help="What makes files one album: tags (and folders, where these say nothing) or folder.",
    ),
]
ClipSafe = Annotated[
    bool,
    typer.Option("--clip-safe", help=f"Lower gains so that no peak comes above {CLIP_SAFE_DBTP:g} dBTP."),
]
OpusTagsKind = Annotated[
    OpusTags,
    typer.Option(
        "--opus-tags",
        metavar="WHAT",
        parser=Parser("--opus-tags", Choice(OpusTags, OpusTags)),
        help="What Opus files are given: r128, rg or both.",
    ),
]
Remove = Annotated[bool, typer.Option("--remove", help="Take all gains out of the files.")]
Force = Annotated[bool, typer.Option("--force", help="Measure again what is known.")]
KeepMtime = Annotated[bool, typer.Option("--keep-mtime", help="Files keep the time of their last change.")]
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would be written, and change nothing.")]
