"""Renders the man pages and the completion scripts from the command tree.

`python -m auralis_cli.manual` writes them into the source tree; with `--check` it only says whether
they are what the tree renders (exit 1 when not). A verb's prose stands beside the verb.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from auralis_cli.cli import PROGRAM, VERBS, build_program, load_verb
from auralis_cli.commands.completion import SCRIPTS, Shell
from auralis_cli.commands.verb import VerbCommand, help_of, label_of
from auralis_cli.completions import Verb, render_bash, render_fish, render_zsh, word_of
from auralis_cli.version import VERSION

ROOT = Path(__file__).parent.parent

# When the prose last changed: man pages carry a date.
DATE = "2026-11-21"

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

EXIT_STATUS = (
    (0, "Done."),
    (1, "Failed: the output cannot be written, an unforeseen error, or a checking verb says no."),
    (2, "Usage: the command line cannot be served, or the request is refused (OUT exists, IN is OUT)."),
    (3, "Partial: some of several files failed, the rest is done."),
    (4, "The input cannot be read or is of an unsupported kind."),
    (130, "Interrupted by Ctrl-C. Nothing half-written is left behind; nor is it after SIGTERM, of which it dies."),
)

ENVIRONMENT = (
    ("AURALIS_HOME", "One folder for everything the program keeps. Without it, the XDG folders are used."),
    ("AURALIS_DEBUG", "Set to 1, errors come with a traceback."),
    ("NO_COLOR", "Set to anything, nothing is coloured unless --color always asks for it."),
    ("XDG_CACHE_HOME", "Where caches go when AURALIS_HOME is not set; ~/.cache by default."),
)

FILES = (
    (
        "$XDG_CACHE_HOME/auralis/kernels/",
        "Compiled signal processing. Made on first use, which takes some seconds once; may be deleted at any time.",
    ),
)

EXAMPLES = (
    ("auralis master song.flac song-master.flac", "Master a track for streaming services."),
    ("auralis analyze *.flac", "Measure the loudness and peaks of some files."),
    ("auralis verify --target broadcast programme.wav", "Ask whether a file may be delivered."),
)


def render_all() -> dict[Path, str]:
    """Every generated file, as path below the source tree and text."""
    verbs = {name: load_verb(name) for name in VERBS}
    root = build_program()
    described = [
        Verb(name, VERBS[name], tuple(word_of(param) for param in command.params)) for name, command in verbs.items()
    ]
    root_words = [word_of(param) for param in root.params]
    renderers = {Shell.BASH: render_bash, Shell.ZSH: render_zsh, Shell.FISH: render_fish}
    scripts = {
        Path("completions") / SCRIPTS[shell][0]: render(described, root_words) for shell, render in renderers.items()
    }
    pages = {Path("man") / f"{PROGRAM}.1": root_page(root)}
    pages |= {Path("man") / f"{PROGRAM}-{name}.1": verb_page(name, command) for name, command in verbs.items()}
    return scripts | pages


def root_page(root: Any) -> str:
    """auralis(1): what holds for every verb."""
    verbs = [(f"\\fB{PROGRAM}\\-{name}\\fR(1)", help_text) for name, help_text in VERBS.items()]
    return _page(
        PROGRAM,
        str(root.help).rstrip("."),
        [
            ("SYNOPSIS", [f".B {PROGRAM}", "[OPTIONS] COMMAND ..."]),
            ("DESCRIPTION", _paragraphs(DESCRIPTION)),
            ("COMMANDS", [line for label, text in verbs for line in (".TP", label, _prose(text))]),
            (
                "OPTIONS",
                ["\\-q, \\-v and \\-\\-progress are accepted after the command too.", *_parameters(root.params)],
            ),
            ("EXIT STATUS", _tagged((str(code), text) for code, text in EXIT_STATUS)),
            ("ENVIRONMENT", _tagged(ENVIRONMENT)),
            ("FILES", _tagged(FILES)),
            ("EXAMPLES", _examples(EXAMPLES)),
            ("SEE ALSO", _see_also(f"{PROGRAM}-{name}" for name in VERBS)),
        ],
    )


def verb_page(name: str, command: VerbCommand) -> str:
    """auralis-VERB(1), from the verb's docstring, its parameters and its page."""
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    options = [param for param in command.params if param.param_type_name == "option"]
    synopsis = " ".join(command.collect_usage_pieces(None))
    sections = [
        ("SYNOPSIS", [f".B {PROGRAM} {name}", _prose(synopsis)]),
        ("DESCRIPTION", _paragraphs([*str(command.help).split("\n\n"), *command.page.details])),
        ("ARGUMENTS", _parameters(arguments)),
        ("OPTIONS", _parameters(options)),
        ("EXIT STATUS", _tagged((str(code), text) for code, text in command.page.exit_status)),
        ("EXAMPLES", _examples(command.page.examples)),
        ("SEE ALSO", _see_also([PROGRAM, *(f"{PROGRAM}-{other}" for other in VERBS if other != name)])),
    ]
    return _page(f"{PROGRAM}-{name}", VERBS[name].rstrip("."), [section for section in sections if section[1]])


def _page(name: str, purpose: str, sections: Sequence[tuple[str, Sequence[str]]]) -> str:
    lines = [
        '.\\" Rendered by `make man` from the command tree; do not edit.',
        f'.TH {name.upper().replace("-", chr(92) + "-")} 1 {DATE} "{PROGRAM} {VERSION}" "User commands"',
        # Names and JSON stay whole: no hyphens, no stretched blanks.
        ".nh",
        ".ad l",
        ".SH NAME",
        f"{_prose(name)} \\- {_prose(purpose[:1].lower() + purpose[1:])}",
    ]
    for title, body in sections:
        lines += [f".SH {title}", *body]
    return "\n".join([*lines, ""])


def _prose(text: str) -> str:
    """Text for roff on one line: backslashes, dashes and leading control characters made harmless."""
    escaped = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga")
    # A macro would take plain quotes for its own.
    escaped = escaped.replace('"', "\\(dq")
    return "\\&" + escaped if escaped[:1] in (".", "'") else escaped


def _paragraphs(texts: Iterable[str]) -> list[str]:
    return [line for text in texts for line in (".PP", _prose(text))][1:]


def _tagged(rows: Iterable[tuple[str, str]]) -> list[str]:
    return [line for label, text in rows for line in (".TP", f".B {_prose(label)}", _prose(text))]


def _parameters(params: Iterable[Any]) -> list[str]:
    return _tagged((label_of(param), help_of(param)) for param in params)


def _examples(rows: Iterable[tuple[str, str]]) -> list[str]:
    return [line for command, text in rows for line in (".TP", f".B {_prose(command)}", _prose(text))]


def _see_also(pages: Iterable[str]) -> list[str]:
    names = list(pages)
    return [f".BR {_prose(name)} (1){',' if name != names[-1] else ''}" for name in names]


def main(arguments: Sequence[str]) -> int:
    """Writes what is stale, or with `--check` names it and returns 1."""
    stale = {path: text for path, text in render_all().items() if _read(ROOT / path) != text}
    for path, text in stale.items():
        if "--check" in arguments:
            print(f"{path} is stale: run make man completions", file=sys.stderr)
        else:
            (ROOT / path).parent.mkdir(exist_ok=True)
            (ROOT / path).write_text(text, encoding="utf-8")
            print(f"wrote {path}")
    return 1 if stale and "--check" in arguments else 0


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
