"""The table of settings: what each is the default of, what it may be, and what it is called where.

Each has a key for the settings file, `master.preset`, and a variable of the environment, `AURALIS_MASTER_PRESET`.
"""

from __future__ import annotations

from typing import Any

from auralis_cli.kinds import (
    BitRate,
    Choice,
    Duration,
    FilePath,
    HostNames,
    Kind,
    Name,
    Number,
    NumberOrWord,
    Patterns,
    Size,
    Switch,
    WebAddress,
    Whole,
)
from auralis_cli.model import player_choices
from auralis_cli.model.audio import MAX_SAMPLE_RATE_HZ, MIN_SAMPLE_RATE_HZ, Dither, Subtype
from auralis_cli.model.presets import ADAPTIVE, PRESETS
from auralis_cli.model.targets import CEILING_RANGE_DBTP, LOUDNESS_RANGE_LUFS, TARGETS, Loudness
from auralis_cli.output import ProgressMode, Verbosity, When
from auralis_cli.quick_dataclasses import dataclass

# Variables that are no settings: they say where things are, or are for finding defects.
CONFIG_VARIABLE = "AURALIS_CONFIG"
# The token of scrobbling is a secret, which nothing shows.
TOKEN_VARIABLE = "AURALIS_SCROBBLE_TOKEN"
OTHER_VARIABLES = ("AURALIS_HOME", CONFIG_VARIABLE, "AURALIS_DEBUG", TOKEN_VARIABLE)

# The formats that are written, by their keys in the registry.
WRITTEN_FORMATS = ("wav", "flac", "aiff", "ogg", "opus", "m4a", "mp3")
BITRATE_RANGE_KBPS = (8, 1024)
# Sets of keys for the hands of those who know another player.
KEY_PRESETS = ("auralis", "cmus", "ncmpcpp", "mpv", "vim")
# Colours of the terminal player: four of its own, and those that Textual brings along.
THEME_NAMES = (
    *("dark", "light", "terminal", "cover"),
    *("nord", "gruvbox", "dracula", "tokyo-night", "monokai", "flexoki", "solarized-light", "solarized-dark"),
    *("catppuccin-mocha", "catppuccin-latte", "catppuccin-frappe", "catppuccin-macchiato"),
    *("rose-pine", "rose-pine-moon", "rose-pine-dawn", "atom-one-dark", "atom-one-light"),
)
# Two pixels a character are what every terminal shows.
COVER_DRAWINGS = ("auto", "blocks", "graphics", "off")
LATENCY_RANGE_MS = (5.0, 2000.0)

# Samples as they are stored, by what people call them.
BITS: dict[str, Subtype] = {"16": Subtype.PCM_16, "24": Subtype.PCM_24, "32f": Subtype.FLOAT}


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing the user may set once instead of saying it every time."""

    key: str
    kind: Kind[Any]
    help: str
    # As a word; None where nothing is set, and `otherwise` says what holds then.
    default: str | None = None
    otherwise: str = ""
    # What follows `AURALIS_` in the variable, where that is not the key.
    named: str = ""

    @property
    def section(self) -> str:
        """The part of the key before the dot: a verb, or `output`, `log`, `limits`."""
        return self.key.partition(".")[0]

    @property
    def option(self) -> str:
        """Name of the parameter it is the default of, `keep_mtime` for --keep-mtime."""
        return self.key.partition(".")[2]

    @property
    def flag(self) -> str:
        """The option as it is written, `--keep-mtime`."""
        return "--" + self.option.replace("_", "-")

    @property
    def variable(self) -> str:
        """Name of the variable of the environment."""
        return "AURALIS_" + (self.named or self.key.replace(".", "_").upper())

    @property
    def is_switch(self) -> bool:
        """Whether it is yes or no: a flag."""
        return isinstance(self.kind, Switch)

    @property
    def shown_default(self) -> str:
        """The default in words."""
        return self.default if self.default is not None else self.otherwise


# Where the player goes on as it was.
_KEPT = "as it was last"

_TABLE = (
    Setting("master.preset", Name("presets", PRESETS), "Character of the master.", ADAPTIVE.name),
    Setting("master.intensity", Number(0.0, 1.0), "How far every stage goes; 0 leaves the sound alone.", "1"),
    Setting(
        "master.loudness",
        NumberOrWord(*LOUDNESS_RANGE_LUFS, " LUFS", "off", Loudness),
        "Integrated loudness to reach, or off.",
        otherwise="the target's, or the preset's",
    ),
    Setting("master.target", Name("targets", TARGETS), "Where masters are delivered to.", otherwise="none"),
    Setting(
        "master.ceiling",
        Number(*CEILING_RANGE_DBTP, " dBTP"),
        "Highest true peak.",
        otherwise="the target's, or -1",
    ),
    Setting("master.bits", Choice(BITS, BITS.__getitem__), "How samples are stored.", otherwise="24, or IN's 16"),
    Setting("master.dither", Choice(Dither, Dither), "Dither before rounding.", Dither.TPDF.value),
    Setting(
        "master.rate",
        Whole(MIN_SAMPLE_RATE_HZ, MAX_SAMPLE_RATE_HZ, " Hz"),
        "Sample rate to convert to first.",
        otherwise="IN's",
    ),
    Setting(
        "master.to",
        Choice(WRITTEN_FORMATS, str),
        "Format of what is written where OUT's name does not tell.",
        otherwise="flac in a folder, wav to a pipe",
    ),
    Setting(
        "master.bitrate",
        BitRate(*BITRATE_RANGE_KBPS),
        "Bit rate of the formats that have one, kbit/s.",
        otherwise="the format's",
    ),
    Setting("master.keep_mtime", Switch(), "Whether OUT takes the time of modification of IN.", "false"),
    Setting("master.preferences", Switch(), "Whether what was learnt of your choices is used.", "true"),
    Setting("play.volume", player_choices.VOLUME, "Volume that the player starts with.", otherwise=_KEPT),
    Setting("play.enhance", Switch(), "Whether what plays is mastered.", otherwise=_KEPT),
    Setting("play.preset", player_choices.PRESET, "Character of what is mastered live.", otherwise=_KEPT),
    Setting("play.intensity", player_choices.INTENSITY, "How far live mastering goes.", otherwise=_KEPT),
    Setting("play.normalize", player_choices.NORMALIZE, "By what loudness tracks are made equal.", otherwise=_KEPT),
    Setting("play.repeat", player_choices.REPEAT, "What happens at the end of the queue.", otherwise=_KEPT),
    Setting(
        "play.crossfade",
        player_choices.CROSSFADE,
        "How long one track fades into the next, but never within an album.",
        otherwise=_KEPT,
    ),
    Setting("play.device", player_choices.DeviceName(), "Audio device to play on.", otherwise="the system's"),
    Setting(
        "play.latency", Number(*LATENCY_RANGE_MS, " ms"), "How far ahead the device is given what it plays.", "100"
    ),
    Setting(
        "play.exact_rate",
        Switch(),
        "Whether the device is opened anew where a track has another sample rate, instead of converting it.",
        "false",
    ),
    Setting(
        "play.at_quit",
        Choice(("ask", "leave", "end"), str),
        "Whether the player ends with the terminal player that started it.",
        "ask",
    ),
    Setting(
        "play.keys",
        Choice(KEY_PRESETS, str),
        "Whose keys the terminal player has; [keys] changes single ones.",
        KEY_PRESETS[0],
    ),
    Setting(
        "play.theme",
        Choice(THEME_NAMES, str),
        "Colours of the terminal player; terminal are the terminal's own, cover those of the cover.",
        THEME_NAMES[0],
    ),
    Setting(
        "play.covers",
        Choice(COVER_DRAWINGS, str),
        "How covers are drawn: auto asks a terminal known to show pictures, graphics any; all others get blocks.",
        COVER_DRAWINGS[0],
    ),
    Setting("verify.target", Name("targets", TARGETS), "What files are checked against.", otherwise="none"),
    Setting(
        "scan.ignore",
        Patterns(),
        "What scans leave out, in patterns as in a .gitignore, one a line.",
        otherwise="nothing",
    ),
    Setting("online.enabled", Switch(), "Whether servers are asked at all, without --online.", "false"),
    Setting(
        "online.musicbrainz",
        WebAddress(),
        "The server that knows releases, MusicBrainz or one like it.",
        "https://musicbrainz.org",
    ),
    Setting(
        "online.cover_art",
        WebAddress(),
        "The server that has their covers, the Cover Art Archive or one like it.",
        "https://coverartarchive.org",
    ),
    Setting(
        "online.hosts",
        HostNames(),
        "Further hosts to which those servers may send on, one a line.",
        otherwise="those of the servers set, and archive.org",
    ),
    Setting("scrobble.enabled", Switch(), "Whether plays are queued for a server that counts them.", "false"),
    Setting(
        "scrobble.server",
        WebAddress(),
        "The server that is told of plays, ListenBrainz or one like it.",
        "https://api.listenbrainz.org",
    ),
    Setting(
        "scrobble.token_file",
        FilePath(),
        "File with the token of that server, which only you may read.",
        otherwise="the variable AURALIS_SCROBBLE_TOKEN",
    ),
    Setting("limits.jobs", Whole(1, 1024), "Files to work on at a time.", otherwise="one a processor"),
    Setting(
        "limits.stall_timeout",
        Duration(1.0, 24 * 3600.0),
        "Of many files, how long the work on one may stand still before it is given up.",
        "5m",
    ),
    Setting("limits.max_duration", Duration(1.0, 10_000 * 3600.0), "Inputs that last longer are refused.", "24h"),
    Setting("limits.max_size", Size(1 << 50), "Inputs that are larger are refused.", "32G"),
    Setting(
        "library.file",
        FilePath(),
        "The library that verbs work on.",
        otherwise="library.db in the user's data folder",
        named="LIBRARY",
    ),
    Setting("output.color", Choice(When, When), "Whether the output is coloured.", When.AUTO.value),
    Setting("output.progress", Choice(ProgressMode, ProgressMode), "How progress is shown.", ProgressMode.AUTO.value),
    Setting(
        "output.verbosity",
        Choice((level.name.lower() for level in Verbosity), lambda word: Verbosity[word.upper()]),
        "How much is said on stderr: as with -q, without a word, with -v, or with -vv.",
        Verbosity.NORMAL.name.lower(),
    ),
    Setting(
        "log.file",
        FilePath(),
        "File to which everything that -vv would say is appended. Nothing shortens it; moved away, it is begun anew.",
        otherwise="none",
    ),
)

SETTINGS: dict[str, Setting] = {setting.key: setting for setting in _TABLE}
# Sections whose settings are defaults of options of every verb that has them.
_OF_ANY_VERB = ("limits",)


def setting_of(verb: str, option: str) -> Setting | None:
    """The setting that is the default of a verb's option."""
    found = (SETTINGS.get(f"{section}.{option}") for section in (verb, *_OF_ANY_VERB))
    return next((setting for setting in found if setting is not None), None)
