"""Whether a command line that is printed somewhere names verbs and options that exist; nothing of it is run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import Any

from auralis_cli.cli import ALIASES, VERBS, build_program, load_verb
from auralis_cli.commands.group import VerbGroup

_PROGRAM = "auralis"
_BETWEEN = set("|&;()<>")
_NUMBER = re.compile(r"-\.?\d")


def unknown_words(line: str) -> list[str]:
    """The verbs and options of a line that there are not."""
    return [word for words in _runs(line) for word in _unknown(words)]


def _runs(line: str) -> Iterator[Sequence[str]]:
    """What stands behind the program's name, wherever in a pipe or behind another program."""
    lexer = shlex.shlex(line.replace('"$(', "; ").replace(')"', " ;"), posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    for is_between, some in groupby(lexer, key=lambda word: set(word) <= _BETWEEN):
        words = list(some)
        if not is_between and _PROGRAM in words:
            yield words[words.index(_PROGRAM) + 1 :]


def _unknown(words: Sequence[str]) -> Iterator[str]:
    # Behind these it is no option.
    words = list(words[: words.index("--")] if "--" in words else words)
    options = _options_of_all()
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option.partition("=")[0] not in options:
            yield option
        elif options[option.partition("=")[0]] and "=" not in option:
            words.pop(0)
    if not words:
        return
    verb = words.pop(0)
    verb = ALIASES.get(verb, verb)
    if verb not in VERBS:
        yield verb
        return
    options = options | _options_of_verb(verb, words[0] if words else "")
    names = (word.partition("=")[0] for word in words if word.startswith("-") and not _NUMBER.match(word))
    yield from (name for name in names if name not in options and name != "-")


@cache
def _options_of_all() -> dict[str, bool]:
    return _options_of(build_program().params)


@cache
def _options_of_verb(verb: str, below: str) -> dict[str, bool]:
    command = load_verb(verb)
    options = _options_of(command.params)
    if isinstance(command, VerbGroup) and below in command.verbs:
        options |= _options_of(command.verbs[below].params)
    elif isinstance(command, VerbGroup) and command.page.alone:
        options |= _options_of(command.verbs[command.page.alone].params)
    return options


def _options_of(params: Sequence[Any]) -> dict[str, bool]:
    """Each spelling, and whether a value follows."""
    options = [param for param in params if param.param_type_name == "option"]
    return {
        spelling: not (param.is_flag or param.count)
        for param in options
        for spelling in (*param.opts, *param.secondary_opts)
    }
