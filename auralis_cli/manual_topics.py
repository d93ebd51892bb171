"""The pages of the manual that are of no verb: the query language, and the file of settings."""

from __future__ import annotations

from collections.abc import Iterator

from auralis_cli.commands.query_help import QUERY_EXAMPLES, QUERY_SECTIONS, field_lines
from auralis_cli.model.fields import ALBUM_FIELDS, ARTIST_FIELDS, GENRE_FIELDS, NEIGHBOUR_FIELDS, TRACK_FIELDS
from auralis_cli.roff import PROGRAM, Section, page, paragraphs, prose, see_also, tagged
from auralis_cli.settings import SETTINGS, Setting
from auralis_cli.settings_file import figures_of

QUERY_INTRO = (
    "Verbs that take QUERY work on the tracks of the library that it finds. It is written as words on the command "
    "line, or on a line of the terminal player, and the same everywhere; smart playlists keep it.",
)
CONFIG_INTRO = (
    "Settings are defaults of options, said once instead of every time, and presets, targets and keys of your own. "
    "They stand in a file of TOML, which auralis-config(1) changes, keeping its comments, and which may as well be "
    "edited by hand. What it does not know it refuses, with the line.",
    "A flag wins over a variable of the environment, that over the file of --config (or AURALIS_CONFIG), that over the "
    "user's own file, and that over the default. An empty variable counts as not set. Variables beginning with "
    "AURALIS_ that are not named here or in auralis(1) do nothing.",
    "Where two settings bear on each other, loudness or ceiling and target, the one that is said nearer wins: a "
    "--target on the command line over a loudness in the file. Said in the same place, the loudness and the ceiling "
    "win.",
)
SETTINGS_INTRO = (
    "Each has a key for the file, whose part before the dot is the section, and a variable of the environment. Those "
    "of a verb are defaults of its options; those of limits are defaults for every verb that has the option."
)
OWN_SECTIONS = {
    "presets": "For master --preset NAME and master.preset. A name is made of small letters, digits, - and _, and is "
    "none of the built-in ones.",
    "targets": "For master --target NAME, verify --target NAME and their settings. Without base, loudness_lufs must be "
    "given.",
}
KEYS_SECTION = (
    'Gives command lines of the terminal player other keys, as in "seek +5" = "right, l"; with "" they have none. '
    "auralis-keys(1) shows them, and how keys are written."
)
CONFIG_EXAMPLE = (
    "[master]",
    'preset = "warm"',
    "loudness = -16",
    "",
    "[presets.evening]",
    'base = "gentle"',
    "low_db = 0.5",
    "",
    "[keys]",
    '"seek +30" = "ctrl+f"',
)
CONFIG_FILES = (
    ("$XDG_CONFIG_HOME/auralis/config.toml", "The user's own file; ~/.config stands for XDG_CONFIG_HOME."),
    ("$AURALIS_HOME/config/config.toml", "The same, where AURALIS_HOME is set."),
)


def query_page() -> str:
    """auralis-query(7)."""
    tables = (
        ("FIELDS OF TRACKS", field_lines(TRACK_FIELDS)),
        ("FIELDS OF SIMILAR TRACKS", field_lines(NEIGHBOUR_FIELDS)[len(TRACK_FIELDS.fields) :]),
        ("FIELDS OF ALBUMS", field_lines(ALBUM_FIELDS)),
        ("FIELDS OF ARTISTS", field_lines(ARTIST_FIELDS)),
        ("FIELDS OF GENRES", field_lines(GENRE_FIELDS)),
    )
    sections: list[Section] = [
        ("DESCRIPTION", paragraphs(QUERY_INTRO)),
        *((title, [prose(text)]) for title, text in QUERY_SECTIONS),
        *((title, tagged(rows)) for title, rows in tables),
        ("EXAMPLES", tagged(QUERY_EXAMPLES)),
        ("SEE ALSO", see_also([(PROGRAM, 1), *((f"{PROGRAM}-{verb}", 1) for verb in ("list", "playlist", "similar"))])),
    ]
    return page(f"{PROGRAM}-query", "the query language", sections, part=7)


def config_page() -> str:
    """auralis-config(5)."""
    sections: list[Section] = [
        ("DESCRIPTION", paragraphs(CONFIG_INTRO)),
        ("SETTINGS", [prose(SETTINGS_INTRO), *tagged(_settings())]),
        ("PRESETS, TARGETS AND KEYS OF YOUR OWN", list(_own_sections())),
        ("FILES", tagged(CONFIG_FILES)),
        ("EXAMPLE", [".nf", *(prose(line) if line else ".sp" for line in CONFIG_EXAMPLE), ".fi"]),
        ("SEE ALSO", see_also((f"{PROGRAM}-{verb}", 1) for verb in ("config", "keys", "master", "play"))),
    ]
    return page(f"{PROGRAM}-config", "the file of settings", sections, part=5)


def describe_setting(setting: Setting) -> str:
    """One setting in a sentence or three."""
    # As it is said of a word that is neither: `is not a number, nor off`.
    kind = setting.kind.expected.replace(", nor ", ", or ")
    return f"{setting.help} It is {kind}. Default: {setting.shown_default}."


def _settings() -> Iterator[tuple[str, str]]:
    return ((f"{one.key}  ({one.variable})", describe_setting(one)) for one in SETTINGS.values())


def _own_sections() -> Iterator[str]:
    for section, what in (("presets", "preset"), ("targets", "target")):
        yield from (f'.SS "[{section}.NAME]"', prose(OWN_SECTIONS[section]))
        yield from tagged([("base", f"The name of a built-in {what}; what is not said is as it is there.")])
        yield from tagged(
            (name, f"{figure.meaning} From {figure.low:g} to {figure.high:g}.")
            for name, figure in figures_of(section).items()
        )
    yield from ('.SS "[keys]"', prose(KEYS_SECTION))
