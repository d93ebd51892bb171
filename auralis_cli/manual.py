"""Renders the man pages and the completion scripts from the command tree.

`python -m auralis_cli.manual` writes them into the source tree; with `--check` it only says whether
they are what the tree renders (exit 1 when not). A verb's prose stands beside the verb.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from auralis_cli.audio.formats import FORMATS, LengthPromise
from auralis_cli.cli import ALIASES, VERBS, build_program, load_verb
from auralis_cli.commands.completion import SCRIPTS, Shell
from auralis_cli.commands.group import VerbGroup
from auralis_cli.commands.verb import VerbCommand, help_of, label_of
from auralis_cli.completions import Verb, render_bash, render_fish, render_zsh, word_of
from auralis_cli.manual_places import CONFIG_FILE, LIBRARY_FILE, environment_of, files_of
from auralis_cli.manual_topics import config_page, query_page
from auralis_cli.manual_tour import tour_page
from auralis_cli.roff import PROGRAM, Section, page, paragraphs, prose, see_also, tagged

ROOT = Path(__file__).parent.parent

DESCRIPTION = (
    "Auralis measures, masters and checks the music you keep as files.",
    "Results go to standard output; progress, notes, warnings and errors go to standard error. A progress bar "
    "appears only where standard error is a terminal.",
    "Every verb but completion takes --json. Its keys carry their units (integrated_lufs, true_peak_dbtp), "
    "numbers are numbers, and what does not exist is null: NaN and Infinity never appear. A failure has one shape "
    "everywhere: "
    '{"path": ..., "error": {"code": ..., "message": ..., "hint": ...}}, the hint being optional.',
    "File names are bytes: names that are not UTF-8 come out as they went in, escaped in JSON. Control characters "
    "in names and tags are shown as escapes and never sent to the terminal.",
)

FORMATS_INTRO = (
    "What a file is, its content says and never its name. Where two decoders know a format, the second is asked when "
    "the first refuses. A file that was cut is used as far as it goes, with a warning, wherever its length is stated. "
    "Sample rates from 8 to 384 kHz and up to 32 channels are supported. DSD of 2.8 MHz becomes PCM of 352.8 kHz, its "
    "full modulation 0 dBFS, so that 0 dB of SACD are -6 dBFS; DSD of higher rates is refused.",
    "How long a file is, when it was encoded from N frames:",
)

LENGTHS = {
    LengthPromise.EXACT: "N frames",
    LengthPromise.EXACT_WHERE_STATED: "N frames, where the file states it",
    LengthPromise.AS_DECODED: "What its decoder gives",
}

ODD_INPUT_INTRO = (
    "Whatever a file holds, it is answered in plain lines on standard error, and of many files the others go on. What "
    "analyze, master and verify make of it, with the exit code of a file alone:",
)

ODD_INPUT = (
    (
        "Cut, damaged in places, or with a header that announces more than there is",
        "Used as far as it goes, with a warning wherever its length is stated (0); verify then says no (1).",
    ),
    (
        "NaN, Inf, or values beyond +300 dBFS",
        "No sound can be made of them. analyze measures what it can and warns (0), master refuses (4), verify says no "
        "(1). Nothing is ever silently taken for zero.",
    ),
    (
        "Silence, a single frame, a constant, a square wave, samples beyond full scale",
        "Measured and mastered like anything else: the length stays, the ceiling holds. Below 0.4 s loudness is "
        "undefined, and silence has none: their level is left alone but for the ceiling.",
    ),
    (
        "Empty, without audio, of another kind, or damaged beyond use",
        "Refused by saying which (4).",
    ),
    (
        "Pipes with a name, sockets, devices, links that lead nowhere, what may not be read",
        "Never opened; refused (4). A folder stands for the audio files below it.",
    ),
    (
        "More than --max-duration or --max-size",
        "Refused (4): at once by the size, and by the length that a header announces where the file is large enough "
        "to hold it, else as soon as so much was read. What comes through a pipe is counted while it is read.",
    ),
    (
        "More channels than the format of the result holds",
        "Refused by master (2), which names a format that does.",
    ),
    (
        "Names of any bytes",
        "Taken and given back as they are; what in them is not printable is shown escaped.",
    ),
)

TOPICS = ((f"{PROGRAM}-config", 5), (f"{PROGRAM}-query", 7))
TOUR = (f"{PROGRAM}-tour", 7)

EXIT_STATUS = (
    (0, "Done."),
    (1, "Failed: the output cannot be written, an unforeseen error, or a checking verb says no."),
    (2, "Usage: the command line cannot be served, or the request is refused (OUT exists, IN is OUT)."),
    (3, "Partial: some of several files failed, the rest is done."),
    (4, "The input cannot be read or is of an unsupported kind."),
    (5, "The library cannot be used: locked, damaged, read-only, on a full disk, or from a newer program."),
    (6, "No player runs, or there is no audio device that plays this."),
    (130, "Interrupted by Ctrl-C. Nothing half-written is left behind; nor is it after SIGTERM, of which it dies."),
)

ENVIRONMENT = (
    ("AURALIS_HOME", "One folder for everything the program keeps. Without it, the XDG folders are used."),
    ("AURALIS_CONFIG", "A settings file, as with --config."),
    ("AURALIS_LIBRARY", "The library to work on, as with --library."),
    ("AURALIS_MASTER_PRESET and others", "Every setting has its variable: see auralis-config(5)."),
    (
        "AURALIS_SCROBBLE_TOKEN",
        "The token of the server of auralis-scrobble(1), where scrobble.token_file names no file.",
    ),
    ("AURALIS_DEBUG", "Set to 1, errors come with a traceback."),
    ("NO_COLOR", "Set to anything, nothing is coloured unless --color always asks for it."),
    ("XDG_CONFIG_HOME", "Where settings are when AURALIS_HOME is not set; ~/.config by default."),
    ("XDG_DATA_HOME", "Where the library is when AURALIS_HOME is not set; ~/.local/share by default."),
    ("XDG_STATE_HOME", "Where receipts go when AURALIS_HOME is not set; ~/.local/state by default."),
    ("XDG_CACHE_HOME", "Where caches go when AURALIS_HOME is not set; ~/.cache by default."),
    ("XDG_RUNTIME_DIR", "Where the player listens when AURALIS_HOME is not set; the state folder by default."),
    ("XDG_MUSIC_DIR", "The folder of music that the first screen offers, before that of user-dirs.dirs and ~/Music."),
    ("NUMBA_CACHE_DIR", "Where compiled signal processing is kept instead of in the cache."),
    ("DBUS_SESSION_BUS_ADDRESS", "The bus of the desktop, whose media keys drive the player."),
    ("VISUAL, EDITOR", "What auralis config edit opens the settings with; the first that is set."),
    (
        "TERM, COLORTERM, TERM_PROGRAM, KITTY_WINDOW_ID, KONSOLE_VERSION, TMUX, STY",
        "By these, which terminals set, it is told what colours and pictures can be shown; TERM=dumb gets plain lines, "
        "and no terminal player.",
    ),
    ("TMPDIR", "Where the samples of a long standard input are kept while they are needed; /var/tmp by default."),
)

FILES = (
    (
        CONFIG_FILE,
        "The user's settings. With AURALIS_HOME, $AURALIS_HOME/config/config.toml.",
    ),
    (
        LIBRARY_FILE,
        "The library: all that is known of the music, in one file (SQLite). While a program uses it, library.db-wal "
        "and -shm beside it belong to it; library.db.lock may stay; library.db.backups/ holds what it was before "
        "migrations and restorations. With AURALIS_HOME, $AURALIS_HOME/data/library.db.",
    ),
    (
        "$XDG_STATE_HOME/auralis/receipts/",
        "What batches of auralis-master(1) made, so that the next one skips it. With AURALIS_HOME, "
        "$AURALIS_HOME/state/receipts/. May be deleted; results that exist are then refused instead of skipped.",
    ),
    (
        "$XDG_CACHE_HOME/auralis/kernels/",
        "Compiled signal processing. Made on first use, which takes some seconds once; may be deleted at any time.",
    ),
)

EXAMPLES = (
    ("auralis scan ~/Music", "Make a library of the music there, or bring it up to date."),
    ("auralis list 'genre:jazz year:..1965 added-'", "List what it holds, the latest first."),
    ("auralis undo", "Take the last change of the library or of files back."),
    ("auralis master song.flac song-master.flac", "Master a track for streaming services."),
    ("auralis analyze *.flac", "Measure the loudness and peaks of some files."),
    ("auralis verify --target broadcast programme.wav", "Ask whether a file may be delivered."),
)


def render_all() -> dict[Path, str]:
    """Every generated file, as path below the source tree and text."""
    verbs = {name: load_verb(name) for name in VERBS}
    root = build_program()
    described = [_described(name, VERBS[name], command) for name, command in verbs.items()]
    described += [_described(alias, VERBS[name], verbs[name]) for alias, name in ALIASES.items()]
    root_words = [word_of(param) for param in root.params]
    renderers = {Shell.BASH: render_bash, Shell.ZSH: render_zsh, Shell.FISH: render_fish}
    scripts = {
        Path("completions") / SCRIPTS[shell][0]: render(described, root_words) for shell, render in renderers.items()
    }
    topics = {"query.7": query_page(), "tour.7": tour_page(), "config.5": config_page()}
    pages = {f"{PROGRAM}.1": root_page(root), **{f"{PROGRAM}-{name}": text for name, text in topics.items()}}
    pages |= {f"{PROGRAM}-{name}.1": verb_page(name, command) for name, command in verbs.items()}
    return scripts | {Path("man") / f"man{name[-1]}" / name: text for name, text in pages.items()}


def _described(name: str, help_text: str, command: VerbCommand | VerbGroup) -> Verb:
    """A verb, with those below it, as completions see it."""
    below: tuple[Verb, ...] = ()
    if isinstance(command, VerbGroup):
        below = tuple(_described(sub, command.table[sub], one) for sub, one in command.verbs.items())
    return Verb(name, help_text, tuple(word_of(param) for param in command.params), below)


def root_page(root: Any) -> str:
    """auralis(1): what holds for every verb."""
    verbs = [(f"\\fB{PROGRAM}\\-{name}\\fR(1)", help_text) for name, help_text in VERBS.items()]
    return page(
        PROGRAM,
        str(root.help).rstrip("."),
        [
            ("SYNOPSIS", [f".B {PROGRAM}", "[OPTIONS] COMMAND ..."]),
            ("DESCRIPTION", paragraphs(DESCRIPTION)),
            ("COMMANDS", [line for label, text in verbs for line in (".TP", label, prose(text))]),
            (
                "OPTIONS",
                [
                    "All but \\-\\-config and \\-\\-version are accepted after the command too.",
                    *_parameters(root.params),
                ],
            ),
            ("FORMATS READ", [*paragraphs(FORMATS_INTRO), *tagged(formats_read())]),
            ("ODD INPUT", [*paragraphs(ODD_INPUT_INTRO), *tagged(ODD_INPUT)]),
            ("EXIT STATUS", tagged((str(code), text) for code, text in EXIT_STATUS)),
            ("ENVIRONMENT", tagged(ENVIRONMENT)),
            ("FILES", tagged(FILES)),
            ("EXAMPLES", tagged(EXAMPLES)),
            ("SEE ALSO", see_also([*TOPICS, TOUR])),
        ],
    )


def formats_read() -> list[tuple[str, str]]:
    """The registry: extensions, and what holds for all of them."""
    extensions: dict[str, dict[str, None]] = {}
    for row in FORMATS:
        note = f": {row.length_note}" if row.length_note else ""
        extensions.setdefault(f"{LENGTHS[row.length]}{note}.", {}).update(dict.fromkeys(row.extensions))
    return [(" ".join(names), text) for text, names in extensions.items()]


def verb_page(name: str, command: VerbCommand | VerbGroup) -> str:
    """auralis-VERB(1), from the verb's docstring, its parameters and its page."""
    if isinstance(command, VerbGroup):
        return group_page(name, command)
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    options = [param for param in command.params if param.param_type_name == "option"]
    synopsis = " ".join(command.collect_usage_pieces(None))
    sections = [
        ("SYNOPSIS", [f".B {PROGRAM} {name}", prose(synopsis)]),
        ("DESCRIPTION", paragraphs([*str(command.help).split("\n\n"), *command.page.details])),
        ("ARGUMENTS", _parameters(arguments)),
        ("OPTIONS", _parameters(options)),
        *((title, tagged(rows)) for title, rows in command.page.tables),
        ("EXIT STATUS", tagged((str(code), text) for code, text in command.page.exit_status)),
        ("ENVIRONMENT", tagged(environment_of(name, _names(command.params)))),
        ("FILES", tagged(files_of(name))),
        ("EXAMPLES", tagged(command.page.examples)),
        ("SEE ALSO", _see_also(synopsis)),
    ]
    return page(f"{PROGRAM}-{name}", VERBS[name].rstrip("."), [section for section in sections if section[1]])


def group_page(name: str, group: VerbGroup) -> str:
    """auralis-VERB(1) of a verb with verbs of its own: one section for each of them."""
    shared = {param.name for param in group.params}
    synopsis: list[str] = []
    sections: list[Section] = []
    for sub, command in group.verbs.items():
        usage = " ".join(command.collect_usage_pieces(None))
        synopsis += [f".B {PROGRAM} {name} {sub}", prose(usage), ".br"]
        own = [param for param in command.params if param.name not in shared]
        about = paragraphs([*str(command.help).split("\n\n"), *command.page.details])
        body = [*about, *_parameters(own), *tagged(command.page.examples)]
        sections.append((f"{PROGRAM} {name} {sub}", body))
    every = [param for command in group.verbs.values() for param in command.params]
    commands = [line for title, body in sections for line in (f'.SS "{title}"', *body)]
    return page(
        f"{PROGRAM}-{name}",
        VERBS[name].rstrip("."),
        [
            ("SYNOPSIS", synopsis[:-1]),
            ("DESCRIPTION", paragraphs([*str(group.help).split("\n\n"), *group.page.details])),
            ("COMMANDS", commands),
            ("OPTIONS", ["Of every command, before and after it:", *_parameters(group.params)]),
            *((title, tagged(rows)) for title, rows in group.page.tables),
            ("EXIT STATUS", tagged((str(code), text) for code, text in group.page.exit_status)),
            ("ENVIRONMENT", tagged(environment_of(name, _names(every)))),
            ("FILES", tagged(files_of(name))),
            ("EXAMPLES", tagged(group.page.examples)),
            ("SEE ALSO", _see_also("".join(synopsis))),
        ],
    )


def _names(params: Iterable[Any]) -> list[str]:
    return [str(param.name) for param in params]


def _see_also(synopsis: str) -> list[str]:
    """The page of all verbs, and those on what this one takes; its neighbours stand in the first."""
    topics = [topic for topic in TOPICS if topic[0] != f"{PROGRAM}-query" or "QUERY" in synopsis]
    return see_also([(PROGRAM, 1), *topics])


def _parameters(params: Iterable[Any]) -> list[str]:
    return tagged((label_of(param), help_of(param)) for param in params)


def main(arguments: Sequence[str]) -> int:
    """Writes what is stale, or with `--check` names it and returns 1."""
    stale = {path: text for path, text in render_all().items() if _read(ROOT / path) != text}
    for path, text in stale.items():
        if "--check" in arguments:
            print(f"{path} is stale: run make man completions", file=sys.stderr)
        else:
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_text(text, encoding="utf-8")
            print(f"wrote {path}")
    return 1 if stale and "--check" in arguments else 0


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
