"""Commands as pages print them, with the answers shown below, and what a shell in a terminal makes of them."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from terminals import bare_terminal

_INDENT = "    "
_PROMPT = f"{_INDENT}$ "
_FIGURE = re.compile(r"[+-]?\d+\.\d+")
# By how much a figure may differ from machine to machine, in its own unit.
_FIGURES_WITHIN = 0.15
# Said on a machine that has compiled nothing yet.
_ONCE = "compiling kernels for this machine"
_PROSE = "\x02prose"
# Where a run of commands is told apart.
_BEGINS, _ENDS = "\x02begins", "\x02ends"


@dataclass(frozen=True, slots=True)
class PrintedCommand:
    """A command line, and what is shown below it: `…` stands for anything, alone on a line for any lines."""

    command: str
    answer: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the shell came back with."""

    command: str
    code: int
    lines: tuple[str, ...]


def printed_commands(text: str) -> list[PrintedCommand]:
    """Those of a page: indented, behind a prompt."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith(_PROMPT):
            found.append((line.removeprefix(_PROMPT), []))
        elif found and (line.startswith(_INDENT) or not line):
            found[-1][1].append(line.removeprefix(_INDENT).rstrip())
        elif found:
            # What follows is prose; the next answer has a prompt.
            found[-1][1].append(_PROSE)
    return [PrintedCommand(command, _up_to_prose(answer)) for command, answer in found]


def _up_to_prose(lines: Sequence[str]) -> tuple[str, ...]:
    answer = list(takewhile(lambda line: line != _PROSE, lines))
    while answer and not answer[-1]:
        answer.pop()
    return tuple(answer)


def fits(shown: Sequence[str], answered: Sequence[str]) -> bool:
    """Whether an answer is the one that is shown, but for figures in their last place; where none is shown, none."""
    if not shown:
        return not answered
    if shown[0] == "…":
        return any(fits(shown[1:], answered[skipped:]) for skipped in range(len(answered) + 1))
    return bool(answered) and _line_fits(shown[0], answered[0]) and fits(shown[1:], answered[1:])


def _line_fits(shown: str, answered: str) -> bool:
    parts = re.split(f"(…|{_FIGURE.pattern})", shown)
    figures = [float(part) for part in parts if _FIGURE.fullmatch(part)]
    pattern = "".join(
        ".*?" if part == "…" else f"({_FIGURE.pattern})" if _FIGURE.fullmatch(part) else re.escape(part)
        for part in parts
    )
    found = re.fullmatch(pattern, answered)
    return found is not None and all(
        abs(figure - float(there)) <= _FIGURES_WITHIN for figure, there in zip(figures, found.groups(), strict=True)
    )


def answers(commands: Sequence[str], environ: Mapping[str, str], folder: Path) -> Iterator[Answer]:
    """Runs them one after the other in one bash, in a terminal of 80 columns; what is asked is answered yes."""
    script = "".join(f"echo {_BEGINS}\n{command}\necho {_ENDS} $?\n" for command in commands)
    calm = {"NO_COLOR": "1", "AURALIS_OUTPUT_PROGRESS": "never", "PS1": ""}
    words = ("bash", "--norc", "-c", f"stty -echo\ncd {shlex.quote(str(folder))}\n{script}")
    with bare_terminal(words, {**environ, **calm}, columns=80) as terminal:
        # What is typed ahead waits for its question.
        terminal.send(b"y\n" * len(commands))
        while terminal.read(0.5) or terminal.process.poll() is None:
            pass
        # What it wrote between the last look and its end.
        terminal.settle(0.0)
        text = terminal.text.replace("\r\n", "\n")
    parts = text.split(f"{_BEGINS}\n")[1:]
    assert len(parts) == len(commands), text[-3000:]
    for command, part in zip(commands, parts, strict=True):
        out, _, code = part.partition(f"{_ENDS} ")
        lines = (line.rstrip() for line in out.splitlines() if not line.startswith(_ONCE))
        yield Answer(command, int(code), tuple(lines))


def own_program(folder: Path) -> Path:
    """A folder for PATH in which `auralis` is the program of this tree."""
    folder.mkdir()
    program = folder / "auralis"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m auralis_cli "$@"\n')
    program.chmod(0o755)
    return folder
