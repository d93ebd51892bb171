"""Options that several verbs share, and the words on the command line turned into checked values."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auralis_cli.commands.parsers import Lookup, Parser, setting_parser
from auralis_cli.errors import UsageError
from auralis_cli.kinds import Whole
from auralis_cli.model.audio import MAX_CHANNELS, MAX_SAMPLE_RATE_HZ, MIN_SAMPLE_RATE_HZ
from auralis_cli.model.source import STANDARD_STREAM, AudioSource, DecodeLimits, RawEncoding, RawPcm


def parse_path(word: str) -> Path:
    """The name of a file."""
    if not word:
        raise UsageError("", "a file name is empty")
    if "\0" in word:
        raise UsageError(word, "a file name cannot hold a NUL")
    return Path(word)


def parse_source(word: str) -> AudioSource:
    """A file to read, or `-` for standard input; a file of that name is `./-`."""
    return AudioSource(None if word == STANDARD_STREAM else parse_path(word))


_LIMITS = DecodeLimits()
DEFAULT_MAX_DURATION_S, DEFAULT_MAX_BYTES = _LIMITS.max_duration_s, _LIMITS.max_bytes
DEFAULT_STALL_TIMEOUT_S = 300.0
DEFAULT_READ_STALL_TIMEOUT_S = 60.0
RAW_RATE_HZ, RAW_CHANNELS = 44_100, 2

AudioSources = Annotated[
    list[AudioSource] | None,
    typer.Argument(
        metavar="PATH",
        parser=parse_source,
        help="Audio files, folders of them, or cue sheets; - is standard input. Words of a query stand for tracks of "
        "the library.",
        show_default=False,
    ),
]
AudioFiles = Annotated[
    list[AudioSource] | None,
    typer.Argument(
        metavar="PATH",
        parser=parse_source,
        help="Audio files or cue sheets; - is standard input. Words of a query stand for tracks of the library.",
        show_default=False,
    ),
]
QueryWords = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="QUERY",
        help="Words of a query; a file or folder means what is below it. Without any, everything.",
        show_default=False,
    ),
]
FilesFrom = Annotated[
    str | None,
    typer.Option("--files-from", metavar="FILE", help="Read the names of the inputs from FILE, or - for stdin."),
]
PlaylistWord = Annotated[
    str | None,
    typer.Option(
        "--playlist", metavar="NAME", parser=Lookup("playlists"), help="The tracks of a playlist, in its order."
    ),
]
NamesEndInNul = Annotated[bool, typer.Option("--null", "-0", help="The names of --files-from end in NUL, not lines.")]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        metavar="N",
        parser=setting_parser("limits.jobs"),
        help="Work on N files at a time.",
        show_default="one a processor",
    ),
]
StallTimeout = Annotated[
    float,
    typer.Option(
        "--stall-timeout",
        metavar="TIME",
        parser=setting_parser("limits.stall_timeout"),
        help="Of many files, give one up when its work stands still for so long.",
        show_default="5m",
    ),
]
ReadStallTimeout = Annotated[
    float,
    typer.Option(
        "--stall-timeout",
        metavar="TIME",
        parser=setting_parser("limits.stall_timeout"),
        help="Give a file up when reading it stands still for so long.",
        show_default="1m",
    ),
]
MaxDuration = Annotated[
    float,
    typer.Option(
        "--max-duration",
        metavar="TIME",
        parser=setting_parser("limits.max_duration"),
        help="Refuse inputs that last longer.",
        show_default=f"{DEFAULT_MAX_DURATION_S / 3600.0:g}h",
    ),
]
MaxSize = Annotated[
    int,
    typer.Option(
        "--max-size",
        metavar="SIZE",
        parser=setting_parser("limits.max_size"),
        help="Refuse inputs that are larger.",
        show_default=f"{DEFAULT_MAX_BYTES >> 30}G",
    ),
]
Raw = Annotated[
    RawEncoding | None,
    typer.Option(
        "--raw",
        metavar="ENC",
        help="Inputs are samples without a header: u8, s8, or s16le, s24le, s32le, f32le, f64le (or be).",
    ),
]
RawRate = Annotated[
    int | None,
    typer.Option(
        "--raw-rate",
        metavar="HZ",
        parser=Parser("--raw-rate", Whole(MIN_SAMPLE_RATE_HZ, MAX_SAMPLE_RATE_HZ, " Hz")),
        help="Sample rate of --raw.",
        show_default=f"{RAW_RATE_HZ}",
    ),
]
RawChannels = Annotated[
    int | None,
    typer.Option(
        "--raw-channels",
        metavar="N",
        parser=Parser("--raw-channels", Whole(1, MAX_CHANNELS)),
        help="Channels of --raw.",
        show_default=f"{RAW_CHANNELS}",
    ),
]
# Of verbs that change what is kept; those that write or encode say what they would do.
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would be changed, and change nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as one JSON document.")]
AsJsonLines = Annotated[bool, typer.Option("--jsonl", help="Print one JSON object a line, as soon as it is known.")]


def raw_of(encoding: RawEncoding | None, rate_hz: int | None, channels: int | None) -> RawPcm | None:
    """What --raw and its companions say together."""
    if encoding is None:
        for option, value in (("--raw-rate", rate_hz), ("--raw-channels", channels)):
            if value is not None:
                raise UsageError(option, "describes samples without a header", "give --raw as well")
        return None
    return RawPcm(encoding, rate_hz or RAW_RATE_HZ, channels or RAW_CHANNELS)
