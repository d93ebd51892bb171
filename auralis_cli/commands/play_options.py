"""The options of `auralis play`, each with what help and manual say of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auralis_cli.commands.options import parse_path
from auralis_cli.commands.parsers import Parser, setting_parser
from auralis_cli.errors import UsageError
from auralis_cli.kinds import Number, Whole
from auralis_cli.model.audio import MAX_SAMPLE_RATE_HZ, MIN_SAMPLE_RATE_HZ, Subtype
from auralis_cli.model.player_choices import NormalizeMode, RepeatMode
from auralis_cli.model.sound_wishes import TILT_RANGE_DB, WIDTH_RANGE_DB


def parse_word(word: str) -> str:
    """A file, a folder, or a word of a query."""
    if not word:
        raise UsageError("", "a file name is empty")
    if "\0" in word:
        raise UsageError(word, "a file name cannot hold a NUL")
    return word


Places = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="QUERY/PATH",
        parser=parse_word,
        help="Audio files, folders, cue sheets, playlist files, or a query. Without any, what was played last.",
        show_default=False,
    ),
]
Headless = Annotated[bool, typer.Option("--headless", help="Play without a user interface.")]
QuitAtEnd = Annotated[
    bool, typer.Option("--quit-at-end", help="With --headless: leave when the queue has come to its end.")
]
Shuffle = Annotated[bool, typer.Option("--shuffle", help="Shuffle the tracks.")]
ShuffleAlbums = Annotated[
    bool, typer.Option("--shuffle-albums", help="Shuffle the albums, and play each in its order.")
]
ShuffleSmart = Annotated[
    bool, typer.Option("--shuffle-smart", help="Shuffle so that no artist comes twice in a row where avoidable.")
]
Repeat = Annotated[
    RepeatMode | None,
    typer.Option(
        metavar="WHAT", parser=setting_parser("play.repeat"), help="At the end of the queue: off, all, or one."
    ),
]
Enhance = Annotated[bool | None, typer.Option("--enhance/--no-enhance", help="Master what plays, or play it as it is.")]
PresetWord = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        parser=setting_parser("play.preset"),
        help="Character of the mastering: adaptive, gentle, warm, bright, punchy, live, or one of your own.",
    ),
]
Intensity = Annotated[
    float | None,
    typer.Option(metavar="0..1", parser=setting_parser("play.intensity"), help="How far the mastering goes."),
]
Tilt = Annotated[
    float | None,
    typer.Option(
        metavar="DB",
        parser=Parser("--tilt", Number(*TILT_RANGE_DB, " dB")),
        help="Tilt the master's tone from 100 Hz to 10 kHz, -3 to 3; more is brighter.",
    ),
]
Width = Annotated[
    float | None,
    typer.Option(
        metavar="DB",
        parser=Parser("--width", Number(*WIDTH_RANGE_DB, " dB")),
        help="Raise or lower the side of the master, -3 to 3; more is wider.",
    ),
]
UsesTaste = Annotated[
    bool | None,
    typer.Option(
        "--preferences/--no-preferences",
        help="Use what was learnt of your choices in what is mastered, or do not.",
        show_default="as master.preferences says",
    ),
]
ReferenceWord = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Master what plays towards this file, or the middle of a folder or query."),
]
Volume = Annotated[float | None, typer.Option(metavar="0..100", parser=setting_parser("play.volume"), help="Volume.")]
Normalize = Annotated[
    NormalizeMode | None,
    typer.Option(
        metavar="BY",
        parser=setting_parser("play.normalize"),
        help="Play all equally loud: off, track, album, or smart (album where one plays in its order).",
    ),
]
Crossfade = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        parser=setting_parser("play.crossfade"),
        help="Fade one track into the next, 0 to 12; never within an album.",
    ),
]
Device = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        parser=setting_parser("play.device"),
        help="Audio device, by its name or a part of it; auralis doctor lists them.",
        show_default="the system's",
    ),
]
Latency = Annotated[
    float,
    typer.Option(
        metavar="MS",
        parser=setting_parser("play.latency"),
        help="How far ahead the device is given what it plays, 5 to 2000.",
        show_default="100",
    ),
]
Rate = Annotated[
    int | None,
    typer.Option(
        metavar="HZ",
        parser=Parser("--rate", Whole(MIN_SAMPLE_RATE_HZ, MAX_SAMPLE_RATE_HZ, " Hz")),
        help="Play everything at this sample rate.",
        show_default="the first track's",
    ),
]
ExactRate = Annotated[
    bool,
    typer.Option(
        "--exact-rate/--no-exact-rate",
        help="Open the device anew where a track has another sample rate, instead of converting it.",
    ),
]
New = Annotated[bool, typer.Option("--new", help="Start another player beside the one that runs, which keeps nothing.")]
Web = Annotated[
    bool, typer.Option("--web", help="Show the terminal player in a browser of this machine; prints the address.")
]
OutputFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", parser=parse_path, help="Write what would be heard into FILE, or - for stdout."),
]
Bits = Annotated[
    Subtype | None,
    typer.Option(
        metavar="BITS",
        parser=setting_parser("master.bits"),
        help="With --output: store samples as 16, 24 or 32f (float; wav only).",
        show_default="24",
    ),
]
Force = Annotated[
    bool, typer.Option("--force", help="Replace an existing --output FILE; the old file goes to the trash.")
]
