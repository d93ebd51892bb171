"""Completion scripts of bash, zsh and fish, rendered from the command tree. Static: TAB starts no Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = "auralis"
GENERATED = "Rendered by `make completions` from the command tree; do not edit."


@dataclass(frozen=True, slots=True)
class Word:
    """An option or argument as a completion sees it."""

    # `-q`, `--quiet`; empty for an argument.
    spellings: tuple[str, ...]
    help: str
    metavar: str
    takes_value: bool
    # What the value may be; empty with `is_file` False: nothing can be offered.
    choices: tuple[str, ...]
    is_file: bool
    repeats: bool

    @property
    def summary(self) -> str:
        """The first sentence of the help, without its full stop."""
        return self.help.split(". ")[0].split("; ")[0].split(": ")[0].rstrip(".")


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb as a completion sees it."""

    name: str
    help: str
    words: tuple[Word, ...]

    @property
    def options(self) -> tuple[Word, ...]:
        """The words that begin with a dash."""
        return tuple(word for word in self.words if word.spellings)

    @property
    def arguments(self) -> tuple[Word, ...]:
        """The words that stand for themselves."""
        return tuple(word for word in self.words if not word.spellings)


def word_of(param: Any) -> Word:
    """What a completion needs to know of a Typer parameter."""
    described = param.type_descriptor
    is_option = param.param_type_name == "option"
    return Word(
        spellings=tuple(sorted(param.opts, key=len)) if is_option else (),
        help=str(param.help),
        metavar=str(param.metavar),
        takes_value=not is_option or not (param.is_flag or param.count),
        choices=getattr(described.parameter_info.parser, "choices", ())
        or tuple(str(choice.value) for choice in described.choices or ()),
        is_file=described.annotation in (Path, list[Path]),
        repeats=param.nargs == -1,
    )


def render_bash(verbs: Sequence[Verb], root: Sequence[Word]) -> str:
    """A function for `complete -F` that needs nothing but bash."""
    value_options = "|".join(spelling for word in root if word.takes_value for spelling in word.spellings)
    return "\n".join(
        [
            f"# bash completion of {PROGRAM}. {GENERATED}",
            "",
            f"_{PROGRAM}() {{",
            '    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb="" choices="" i',
            "    COMPREPLY=()",
            "    # bash makes three words of --option=value",
            '    if [[ $cur == "=" ]]; then',
            '        cur=""',
            '    elif [[ $prev == "=" ]]; then',
            "        prev=${COMP_WORDS[COMP_CWORD-2]}",
            "    fi",
            "    for ((i = 1; i < COMP_CWORD; i++)); do",
            "        case ${COMP_WORDS[i]} in",
            f"            {value_options})",
            '                [[ ${COMP_WORDS[i+1]} == "=" ]] && ((i++))',
            "                ((i++)) ;;",
            "            -*) ;;",
            "            *)",
            "                verb=${COMP_WORDS[i]}",
            "                break ;;",
            "        esac",
            "    done",
            "    case $verb:$prev in",
            *_bash_values("", root),
            *(line for verb in verbs for line in _bash_values(verb.name, verb.options)),
            "    esac",
            "    if [[ $cur == -* ]]; then",
            "        case $verb in",
            *(f"            {name}) choices='{_spellings(words)}' ;;" for name, words in _option_table(verbs, root)),
            "        esac",
            '        COMPREPLY=($(compgen -W "$choices" -- "$cur"))',
            "        return",
            "    fi",
            "    case $verb in",
            f"        '') COMPREPLY=($(compgen -W '{' '.join(verb.name for verb in verbs)}' -- \"$cur\")) ;;",
            *(_bash_arguments(verb) for verb in verbs),
            "    esac",
            "}",
            "",
            f"_{PROGRAM}_files() {{",
            "    compopt -o filenames 2>/dev/null",
            "    local IFS=$'\\n'",
            '    COMPREPLY=($(compgen -f -- "$1"))',
            "}",
            "",
            f"complete -F _{PROGRAM} {PROGRAM}",
            "",
        ]
    )


def _option_table(verbs: Sequence[Verb], root: Sequence[Word]) -> list[tuple[str, Sequence[Word]]]:
    return [("''", root), *((verb.name, verb.options) for verb in verbs)]


def _spellings(words: Sequence[Word]) -> str:
    return " ".join(spelling for word in words for spelling in word.spellings)


def _bash_values(verb: str, words: Sequence[Word]) -> list[str]:
    lines = []
    for word in words:
        if not word.takes_value:
            continue
        pattern = "|".join(f"{verb}:{spelling}" for spelling in word.spellings)
        if word.choices:
            action = f"COMPREPLY=($(compgen -W '{' '.join(word.choices)}' -- \"$cur\"))"
        else:
            action = f'_{PROGRAM}_files "$cur"' if word.is_file else ":"
        lines += [f"        {pattern})", f"            {action}", "            return ;;"]
    return lines


def _bash_arguments(verb: Verb) -> str:
    choices = [choice for word in verb.arguments for choice in word.choices]
    if choices:
        return f"        {verb.name}) COMPREPLY=($(compgen -W '{' '.join(choices)}' -- \"$cur\")) ;;"
    takes_files = any(word.is_file for word in verb.arguments)
    return f"        {verb.name}) " + (f'_{PROGRAM}_files "$cur" ;;' if takes_files else ": ;;")


def render_zsh(verbs: Sequence[Verb], root: Sequence[Word]) -> str:
    """A `#compdef` file for fpath; works from `eval` too."""
    lines = [
        f"#compdef {PROGRAM}",
        f"# {GENERATED}",
        "",
        f"_{PROGRAM}() {{",
        "    local curcontext=$curcontext state line",
    ]
    lines += ["    local -a verbs", "    verbs=("]
    lines += [f"        {_quoted(verb.name + ':' + verb.help.rstrip('.'))}" for verb in verbs]
    lines += [
        "    )",
        "    _arguments -C \\",
        *_zsh_specs(root),
        "        '1:command:->verb' \\",
        "        '*::argument:->rest'",
    ]
    lines += [
        "    case $state in",
        "        verb) _describe command verbs ;;",
        "        rest)",
        "            case $line[1] in",
    ]
    for verb in verbs:
        specs = _zsh_specs(verb.words, indent=20)
        # The last line of a command carries no continuation.
        specs[-1] = specs[-1].removesuffix(" \\")
        lines += [
            f"                {verb.name})",
            "                    _arguments \\",
            *specs,
            "                    ;;",
        ]
    lines += ["            esac", "            ;;", "    esac", "}", ""]
    lines += [f"if [[ $funcstack[1] == _{PROGRAM} ]]; then", f'    _{PROGRAM} "$@"', "else"]
    lines += [f"    compdef _{PROGRAM} {PROGRAM}", "fi", ""]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _zsh_specs(words: Sequence[Word], *, indent: int = 8) -> list[str]:
    specs = []
    for position, word in enumerate((word for word in words if not word.spellings), start=1):
        place = "*" if word.repeats else str(position)
        specs.append(_quoted(f"{place}:{word.metavar}:{_zsh_action(word)}"))
    for word in words:
        if not word.spellings:
            continue
        text = word.summary.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")
        # -v may stand twice.
        exclusive = "*" if "-v" in word.spellings else f"({' '.join(word.spellings)})"
        value = f":{word.metavar}:{_zsh_action(word)}" if word.takes_value else ""
        for spelling in word.spellings:
            end = "=" if word.takes_value and spelling.startswith("--") else ""
            specs.append(_quoted(f"{exclusive}{spelling}{end}[{text}]{value}"))
    return [f"{'':{indent}}    {spec} \\" for spec in specs]


def _zsh_action(word: Word) -> str:
    if word.choices:
        return f"({' '.join(word.choices)})"
    return "_files" if word.is_file else " "


def render_fish(verbs: Sequence[Verb], root: Sequence[Word]) -> str:
    """Lines of `complete`, one for each word."""
    lines = [f"# fish completion of {PROGRAM}. {GENERATED}", "", f"complete -c {PROGRAM} -f", ""]
    lines += [_fish_option(word, "__fish_use_subcommand") for word in root]
    lines += [
        f"complete -c {PROGRAM} -n __fish_use_subcommand -a {verb.name} -d {_quoted(verb.help.rstrip('.'))}"
        for verb in verbs
    ]
    for verb in verbs:
        condition = f"'__fish_seen_subcommand_from {verb.name}'"
        lines.append("")
        for word in verb.arguments:
            if word.choices:
                lines.append(f"complete -c {PROGRAM} -n {condition} -a {_quoted(' '.join(word.choices))}")
        if any(word.is_file for word in verb.arguments):
            lines.append(f"complete -c {PROGRAM} -n {condition} -F")
        lines += [_fish_option(word, condition) for word in verb.options]
    return "\n".join([*lines, ""])


def _fish_option(word: Word, condition: str) -> str:
    parts = [f"complete -c {PROGRAM} -n {condition}"]
    parts += [f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in word.spellings]
    if word.takes_value:
        parts.append("-r -F" if word.is_file else "-x")
        if word.choices:
            parts.append(f"-a {_quoted(' '.join(word.choices))}")
    parts.append(f"-d {_quoted(word.summary)}")
    return " ".join(parts)
