"""Completion scripts of bash, zsh and fish, rendered from the command tree.

What the tree knows is in them, and TAB starts no Python; only what the library holds is asked of the program
(`services/completion_words.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from auralis_cli.quick_dataclasses import dataclass

PROGRAM = "auralis"
# Metavars of what is a file or folder, whatever it is turned into.
_FILES = ("FILE", "DIR", "PATH", "IN", "QUERY")
# Metavars of what the program is asked for.
_OFFERS = {"QUERY": "query", "FIELDS": "tag-fields"}
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
    # Section of the settings file whose names may follow as well: "presets".
    section: str = ""
    # What the program is asked for by `__complete`; empty where there is nothing to ask.
    offer: str = ""

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
    # Verbs below it.
    verbs: tuple[Verb, ...] = ()

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
    parser = described.parameter_info.parser
    is_option = param.param_type_name == "option"
    return Word(
        spellings=(*sorted(param.opts, key=len), *param.secondary_opts) if is_option else (),
        help=str(param.help),
        metavar=str(param.metavar),
        takes_value=not is_option or not (param.is_flag or param.count),
        choices=getattr(parser, "choices", ()) or tuple(str(choice.value) for choice in described.choices or ()),
        is_file=described.annotation in (Path, list[Path]) or any(name in _FILES for name in _named(param.metavar)),
        repeats=param.nargs == -1,
        section=getattr(parser, "section", ""),
        offer=getattr(parser, "offer", "")
        or next((_OFFERS[name] for name in _named(param.metavar) if name in _OFFERS), ""),
    )


def _named(metavar: object) -> list[str]:
    """`QUERY|PATH` names both."""
    return str(metavar).replace("/", "|").split("|")


# The names of the user's own presets and targets, as the settings file holds them: for bash and zsh.
_OWN_NAMES = f"""\
_{PROGRAM}_own() {{
    local folder=${{AURALIS_HOME:+$AURALIS_HOME/config}}
    folder=${{folder:-${{XDG_CONFIG_HOME:-$HOME/.config}}/auralis}}
    cat "$folder/config.toml" "${{AURALIS_CONFIG:-/dev/null}}" 2>/dev/null |
        sed -n "s/^ *\\[$1\\.\\([a-z0-9_-]*\\)\\].*/\\1/p"
}}
"""


# Bash parts words at : and =, where fields end: what it takes for the word is only what is behind the last of them.
_BASH_OFFER = f"""\
_{PROGRAM}_in_field() {{
    local word=${{COMP_LINE:0:COMP_POINT}}
    [[ ${{word##*[[:space:]]}} =~ ^[a-z^_]+[:=] && ${{word##*[[:space:]]}} != path:* ]]
}}

_{PROGRAM}_offer() {{
    local word=${{COMP_LINE:0:COMP_POINT}} line
    word=${{word##*[[:space:]]}}
    local before=${{word%"${{word##*[:=]}}"}} form=%q
    # Among names of files bash quotes all by itself.
    [[ ${{#COMPREPLY[@]}} -gt 0 ]] && form=%s
    while IFS= read -r line; do
        COMPREPLY+=("$(printf $form "${{line#"$before"}}")")
    done < <({PROGRAM} __complete "$1" "$word" 2>/dev/null)
    [[ ${{COMPREPLY[0]}} == *[:=] ]] && compopt -o nospace 2>/dev/null
}}
"""

_ZSH_OFFER = f"""\
_{PROGRAM}_offer() {{
    local -a found open
    found=("${{(@f)$({PROGRAM} __complete $1 "${{(Q)PREFIX}}" 2>/dev/null)}}")
    open=(${{(M)found:#*[:=]}})
    found=(${{found:#*[:=]}})
    # They begin as the program compares, whatever their capitals and accents.
    (( $#open )) && compadd -U -S '' -a open
    (( $#found )) && compadd -U -a found
    [[ $2 == files ]] && _files
}}
"""


def _flat(verbs: Sequence[Verb], above: str = "") -> Iterator[tuple[str, Verb]]:
    """Every verb with its path, `config/set` for one below another."""
    for verb in verbs:
        yield above + verb.name, verb
        yield from _flat(verb.verbs, f"{above}{verb.name}/")


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
            "                verb+=${verb:+/}${COMP_WORDS[i]}",
            *_bash_ways_down(verbs),
            "                break ;;",
            "        esac",
            "    done",
            "    case $verb:$prev in",
            *_bash_values("", root),
            *(line for path, verb in _flat(verbs) for line in _bash_values(path, verb.options)),
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
            *(_bash_arguments(path, verb) for path, verb in _flat(verbs)),
            "    esac",
            "}",
            "",
            *_OWN_NAMES.split("\n"),
            *_BASH_OFFER.split("\n"),
            f"_{PROGRAM}_files() {{",
            "    local IFS=$'\\n'",
            '    COMPREPLY=($(compgen -f -- "$1"))',
            "    [[ ${#COMPREPLY[@]} -gt 0 ]] && compopt -o filenames 2>/dev/null",
            "}",
            "",
            f"complete -F _{PROGRAM} {PROGRAM}",
            "",
        ]
    )


def _option_table(verbs: Sequence[Verb], root: Sequence[Word]) -> list[tuple[str, Sequence[Word]]]:
    return [("''", root), *((path, verb.options) for path, verb in _flat(verbs))]


def _bash_ways_down(verbs: Sequence[Verb]) -> list[str]:
    """After a verb that has verbs of its own, the next word may be one."""
    above = [path for path, verb in _flat(verbs) if verb.verbs]
    return [f"                [[ $verb == @({'|'.join(above)}) ]] && continue"] if above else []


def _spellings(words: Sequence[Word]) -> str:
    return " ".join(spelling for word in words for spelling in word.spellings)


def _bash_values(verb: str, words: Sequence[Word]) -> list[str]:
    lines = []
    for word in words:
        if not word.takes_value:
            continue
        pattern = "|".join(f"{verb}:{spelling}" for spelling in word.spellings)
        if word.choices:
            action = f'COMPREPLY=($(compgen -W "{_bash_choices(word)}" -- "$cur"))'
        elif word.offer:
            action = f"_{PROGRAM}_offer {word.offer}"
        else:
            action = f'_{PROGRAM}_files "$cur"' if word.is_file else ":"
        lines += [f"        {pattern})", f"            {action}", "            return ;;"]
    return lines


def _bash_choices(word: Word) -> str:
    own = f" $(_{PROGRAM}_own {word.section})" if word.section else ""
    return " ".join(word.choices) + own


def _bash_arguments(path: str, verb: Verb) -> str:
    choices = [below.name for below in verb.verbs] or [choice for word in verb.arguments for choice in word.choices]
    if choices:
        return f"        {path}) COMPREPLY=($(compgen -W '{' '.join(choices)}' -- \"$cur\")) ;;"
    parts = [f'_{PROGRAM}_files "$cur"'] if any(word.is_file for word in verb.arguments) else []
    if parts and any(word.offer for word in verb.arguments):
        # Behind the name of a field stands no file, but behind that of path.
        parts = [f"_{PROGRAM}_in_field || {parts[0]}"]
    parts += [f"_{PROGRAM}_offer {offer}" for offer in dict.fromkeys(word.offer for word in verb.arguments) if offer]
    return f"        {path}) {'; '.join(parts) or ':'} ;;"


def render_zsh(verbs: Sequence[Verb], root: Sequence[Word]) -> str:
    """A `#compdef` file for fpath; works from `eval` too."""
    lines = [f"#compdef {PROGRAM}", f"# {GENERATED}", ""]
    lines += _zsh_function(f"_{PROGRAM}", root, verbs)
    lines += [*_OWN_NAMES.split("\n"), *_ZSH_OFFER.split("\n")]
    lines += [f"if [[ $funcstack[1] == _{PROGRAM} ]]; then", f'    _{PROGRAM} "$@"', "else"]
    lines += [f"    compdef _{PROGRAM} {PROGRAM}", "fi", ""]
    return "\n".join(lines)


def _zsh_function(name: str, words: Sequence[Word], verbs: Sequence[Verb]) -> list[str]:
    """The function that completes words and, where there are verbs, one of them; then those of the verbs below."""
    lines = [f"{name}() {{", "    local curcontext=$curcontext state line", "    local -a verbs", "    verbs=("]
    lines += [f"        {_quoted(verb.name + ':' + verb.help.rstrip('.'))}" for verb in verbs]
    lines += ["    )", "    _arguments -C \\", *_zsh_specs(words)]
    lines += ["        '1:command:->verb' \\", "        '*::argument:->rest'"]
    lines += ["    case $state in", "        verb) _describe command verbs ;;", "        rest)"]
    lines += ["            case $line[1] in"]
    for verb in verbs:
        lines.append(f"                {verb.name})")
        if verb.verbs:
            lines.append(f"                    {name}_{verb.name}")
        else:
            specs = _zsh_specs(verb.words, indent=20)
            # The last line of a command carries no continuation.
            specs[-1] = specs[-1].removesuffix(" \\")
            lines += ["                    _arguments \\", *specs]
        lines.append("                    ;;")
    lines += ["            esac", "            ;;", "    esac", "}", ""]
    for verb in verbs:
        if verb.verbs:
            lines += _zsh_function(f"{name}_{verb.name}", verb.words, verb.verbs)
    return lines


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
    if word.section:
        return f"{{compadd -- {_bash_choices(word)}}}"
    if word.choices:
        return f"({' '.join(word.choices)})"
    if word.offer:
        # The blank keeps _arguments from putting words of its own between.
        return f" _{PROGRAM}_offer {word.offer}{' files' if word.is_file else ''}"
    return "_files" if word.is_file else " "


def render_fish(verbs: Sequence[Verb], root: Sequence[Word]) -> str:
    """Lines of `complete`, one for each word."""
    lines = [f"# fish completion of {PROGRAM}. {GENERATED}", "", *_FISH_OWN_NAMES, f"complete -c {PROGRAM} -f", ""]
    lines += [_fish_option(word, "__fish_use_subcommand") for word in root]
    lines += _fish_verbs(verbs, "__fish_use_subcommand")
    for path, verb in _flat(verbs):
        seen = "; and ".join(f"__fish_seen_subcommand_from {name}" for name in path.split("/"))
        condition = f"'{seen}'"
        lines.append("")
        if verb.verbs:
            below = " ".join(one.name for one in verb.verbs)
            alone = f"'{seen}; and not __fish_seen_subcommand_from {below}'"
            lines += [_fish_option(word, alone) for word in verb.options]
            lines += _fish_verbs(verb.verbs, alone)
            continue
        for word in verb.arguments:
            if word.choices:
                lines.append(f"complete -c {PROGRAM} -n {condition} -a {_quoted(_fish_choices(word))}")
            if word.offer:
                lines.append(f"complete -c {PROGRAM} -n {condition} -a {_quoted(_fish_offer(word))}")
        if any(word.is_file for word in verb.arguments):
            outside = "" if not any(word.offer for word in verb.arguments) else f"; and not __{PROGRAM}_in_field"
            lines.append(f"complete -c {PROGRAM} -n '{seen}{outside}' -F")
        lines += [_fish_option(word, condition) for word in verb.options]
    return "\n".join([*lines, ""])


_FISH_OWN_NAMES = (
    # Behind the name of a field stands no file, but behind that of path.
    f"function __{PROGRAM}_in_field",
    "    string match -qr '^(?!path:)[a-z^_]+[:=]' -- (commandline -ct)",
    "end",
    "",
    f"function __{PROGRAM}_own",
    "    set -l folder ~/.config/auralis",
    "    set -q XDG_CONFIG_HOME; and set folder $XDG_CONFIG_HOME/auralis",
    "    set -q AURALIS_HOME; and set folder $AURALIS_HOME/config",
    "    cat $folder/config.toml $AURALIS_CONFIG 2>/dev/null |",
    "        string replace -rf '^ *\\['$argv[1]'\\.([a-z0-9_-]+)\\].*' '$1'",
    "end",
    "",
)


def _fish_verbs(verbs: Sequence[Verb], condition: str) -> list[str]:
    return [
        f"complete -c {PROGRAM} -n {condition} -a {verb.name} -d {_quoted(verb.help.rstrip('.'))}" for verb in verbs
    ]


def _fish_choices(word: Word) -> str:
    own = f" (__{PROGRAM}_own {word.section})" if word.section else ""
    return " ".join(word.choices) + own


def _fish_offer(word: Word) -> str:
    return f"({PROGRAM} __complete {word.offer} (commandline -ct) 2>/dev/null)"


def _fish_option(word: Word, condition: str) -> str:
    parts = [f"complete -c {PROGRAM} -n {condition}"]
    parts += [f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in word.spellings]
    if word.takes_value:
        parts.append("-r -F" if word.is_file else "-x")
        if word.choices:
            parts.append(f"-a {_quoted(_fish_choices(word))}")
        elif word.offer:
            parts.append(f"-a {_quoted(_fish_offer(word))}")
    parts.append(f"-d {_quoted(word.summary)}")
    return " ".join(parts)
