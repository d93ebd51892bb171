"""How soon a command has answered: whole processes of the installed wheel (`make bench`).

Beside them what a Python that does nothing takes, and `beet version`. Rounds are interleaved; byte code is written
once, by the round that warms up. `list` works on 10,000 tracks, `ctl` on a player that runs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import big_library
from built_packages import Environment, build, empty_environment, own_environ
from documents import BUILD, keep
from gates import Document, Gate, at_least, at_most
from peers import Contestant, compete, median_of, runs_of, times
from processes import run
from sound_sinks import waited_for

_TRACKS = 10_000
_NOTHING_HEARD = "pcm.nothing { type null }\npcm.!default { type plug slave.pcm nothing }\n"
_STARTS_WITHIN_S = 60.0
# Byte code lies beside its source, and nothing of this tree is found.
_AS_USERS_HAVE_IT = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": "", "PYTHONPATH": ""}
_PYTHON, _BEETS = "python -c pass", "beet version"
_LINES = ("--version", "--help", "list --limit 1", "ctl status")


def installed(scratch: Path) -> Environment:
    """The wheel of this tree, in an environment of its own with byte code written."""
    made = empty_environment(scratch / "environment")
    made.pip("install", build("wheel", scratch))
    return made


@contextmanager
def player(auralis: str, environ: Mapping[str, str], log: Path) -> Iterator[None]:
    """A headless player that plays nothing; ended at the end."""

    def answers() -> bool:
        asked = subprocess.run([auralis, "ctl", "status"], env=environ, capture_output=True, check=False, timeout=60)
        return asked.returncode == 0

    with log.open("wb") as said:
        process = subprocess.Popen([auralis, "play", "--headless"], env=environ, stdout=said, stderr=said)
        try:
            waited_for(answers, "the player", for_s=_STARTS_WITHIN_S)
            yield
        finally:
            process.terminate()
            process.wait(20)


def contestants(python: str, auralis: str, environ: Mapping[str, str], log: Path) -> list[Contestant]:
    """What is timed: a Python that does nothing, the commands, and beets where it is installed."""

    def timed(name: str, *command: str) -> Contestant:
        return Contestant(name, partial(run, command, log, environ))

    found = [timed(_PYTHON, python, "-c", "pass")]
    found += [timed(f"auralis {line}", auralis, *line.split()) for line in _LINES]
    if beet := shutil.which(os.environ.get("BEET", "beet")):
        found.append(timed(_BEETS, beet, "version"))
    return found


def table(found: Sequence[Contestant]) -> list[str]:
    """For people."""
    by_name = {one.name: one.seconds for one in found}
    beets_s = by_name.get(_BEETS)
    heads = f"| | ms, median (least–most) | of a processor | × {_PYTHON} | ÷ {_BEETS} |"
    rows = [heads, "|---|---:|---:|---:|---:|"]
    for one in found:
        spread = [1000 * each.seconds for each in one.runs]
        against = "" if beets_s is None else f"{one.seconds / beets_s:.2f}"
        median = f"{1000 * one.seconds:.0f} ({min(spread):.0f}–{max(spread):.0f})"
        processor = f"{1000 * statistics.median(each.processor_s for each in one.runs):.0f}"
        rows.append(f"| {one.name} | {median} | {processor} | {one.seconds / by_name[_PYTHON]:.1f} | {against} |")
    return rows


def gates_of(document: Document) -> list[Gate]:
    """What is asked of them: no command takes longer than it takes beets to say its version."""
    first = at_most(
        "auralis --version, s of a processor", median_of(document, "auralis --version", "processor_s"), 0.15
    )
    lines = (f"auralis {line}" for line in _LINES)
    return [first, *(at_least(f"beet version ÷ {line}", times(document, _BEETS, line), 1.0, "beets") for line in lines)]


def main() -> int:
    """Installs, measures, and keeps the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "startup.json")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--installed", type=Path, help="an environment that holds the wheel already")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="auralis-startup-") as name:
        scratch = Path(name)
        environment = Environment(asked.installed.absolute()) if asked.installed else installed(scratch)
        (scratch / "home" / "data").mkdir(parents=True)
        (scratch / "asound.conf").write_text(_NOTHING_HEARD)
        big_library.build(scratch / "home" / "data" / "library.db", tracks=_TRACKS)
        places = {"AURALIS_HOME": str(scratch / "home"), "BEETSDIR": str(scratch)}
        environ = {**own_environ(**places), **_AS_USERS_HAVE_IT, "ALSA_CONFIG_PATH": str(scratch / "asound.conf")}
        auralis = environment.program("auralis")
        found = contestants(environment.program("python"), auralis, environ, scratch / "log")
        with player(auralis, environ, scratch / "player.log"):
            compete(found, asked.rounds)
    text = "\n".join([f"{asked.rounds} interleaved rounds, {_TRACKS:,} tracks.", "", *table(found)])
    ok = keep(text, {"tracks": _TRACKS, "runs": runs_of(found)}, asked.json, gates_of, tools=["beets"])
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
