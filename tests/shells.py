"""bash, zsh and fish as somebody sits before them: typed is a line and TAB, seen what the program is then given."""

from __future__ import annotations

import os
import re
import shlex
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from command_line import REPOSITORY
from terminals import BareTerminal, bare_terminal

_SCRIPTS = REPOSITORY / "completions"
# Each with what loads the script, and without anything of whoever runs the tests.
_COMMANDS = {
    "bash": ("bash", "--norc", "--noprofile", "-i"),
    "zsh": ("zsh", "-f", "-i"),
    "fish": ("fish", "--no-config", "-i"),
}
_LOADS = {
    "bash": f"source {shlex.quote(str(_SCRIPTS / 'auralis.bash'))}",
    "zsh": f"autoload -Uz compinit; compinit -u -D; source {shlex.quote(str(_SCRIPTS / '_auralis'))}",
    "fish": f"source {shlex.quote(str(_SCRIPTS / 'auralis.fish'))}",
}
# Asked for candidates it is the program of this tree; else it shows what it is given, each word in brackets.
_PROGRAM = """#!/bin/sh
[ "$1" = __complete ] && exec {python} -m auralis_cli "$@"
for word in "$@"; do printf '\\342\\237\\250%s\\342\\237\\251' "$word"; done
echo
"""


SHELLS = tuple(_COMMANDS)


@dataclass(slots=True)
class Shell:
    """One of them, in a terminal."""

    terminal: BareTerminal
    _seen: int = 0

    def given(self, line: str) -> list[str]:
        """What the program is given after a line that ends in TAB."""
        self.terminal.send(line.encode() + b"\t\n")
        return re.findall("⟨(.*?)⟩", self._until("⟩\n"))

    def seconds_to(self, line: str, end: str) -> float:
        """How long after TAB the line ends so."""
        self.terminal.send(line.encode())
        self._until(line[-8:])
        self.terminal.settle(0.05)
        self._seen = len(self._text)
        pressed_s = time.perf_counter()
        self.terminal.send(b"\t")
        self._until(end)
        taken_s = time.perf_counter() - pressed_s
        # Ctrl-U takes the line away.
        self.terminal.send(b"\x15")
        self.terminal.settle(0.05)
        return taken_s

    @property
    def _text(self) -> str:
        return self.terminal.text.replace("\r", "")

    def _until(self, end: str, for_s: float = 40.0) -> str:
        """All that is written from now on, up to this."""
        until_s = time.monotonic() + for_s
        while end not in (text := self._text[self._seen :]):
            assert time.monotonic() < until_s, f"{end!r} is not in {text[-1500:]!r}"
            self.terminal.read(0.5)
        self._seen += len(text)
        return text


@contextmanager
def shell(name: str, folder: Path, variables: Mapping[str, str]) -> Iterator[Shell]:
    """That shell in a folder, with the program on its PATH and its completions loaded."""
    place = folder / "bin"
    place.mkdir(exist_ok=True)
    program = place / "auralis"
    program.write_text(_PROGRAM.format(python=shlex.quote(sys.executable)), encoding="utf-8")
    program.chmod(0o755)
    own = {"PATH": f"{place}:{os.environ['PATH']}", "HOME": str(folder), "PYTHONPATH": str(REPOSITORY), "PS1": "> "}
    with bare_terminal(_COMMANDS[name], {**os.environ, **own, **variables}, columns=200) as terminal:
        one = Shell(terminal)
        # Put together by the shell, so that it is not found where it is echoed.
        terminal.send(f"cd {shlex.quote(str(folder))}; {_LOADS[name]}; echo rea''dy\n".encode())
        one._until("ready\n")
        yield one
        # It does not hear of SIGTERM.
        terminal.send(b"\x15exit\n")
