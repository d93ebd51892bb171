"""What every table leaves behind: its text, and a document that says of what, when and on which machine.

Gates are judged from the document as it is written, so that they can be judged again without running anything.
Imports nothing large: a child's peak memory starts at what its parent held.
"""

from __future__ import annotations

import json
import math
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from gates import Document, Gate, gate_table

from auralis_cli.version import VERSION

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / "build"
# What sound and store go through.
_OWN = ("numpy", "numba", "soundfile", "soxr", "av", "mutagen", "peewee", "textual")
# Where a tool says its version other than by --version.
_ASKED = {"ffmpeg": ("ffmpeg", "-version"), "beets": (os.environ.get("BEET", "beet"), "version")}
# Peers that are Python packages, by the variable that names their interpreter.
_PACKAGES = {
    "matchering": "MATCHERING_PYTHON",
    "bliss-audio": "PEERS_PYTHON",
    "librosa": "PEERS_PYTHON",
    "pedalboard": "HARM_PYTHON",
    "visqol-python": "HARM_PYTHON",
}
_ASK_VERSION = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"
_SAYS_WITHIN_S = 20.0


def machine() -> str:
    """In a few words."""
    cpu = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    name = cpu[1] if cpu else platform.machine()
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"


def about(tools: Iterable[str] = (), seeds: Mapping[str, object] | None = None) -> Document:
    """Of a run of the script that asks."""
    return {
        "machine": machine(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "auralis": VERSION,
        "versions": {**_own_versions(), **_versions_of(tools)},
        "command": shlex.join([Path(sys.argv[0]).name, *_worth_telling(sys.argv[1:])]),
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        "commit": _said("git", "-C", str(REPOSITORY), "describe", "--always", "--dirty", "--exclude=*").strip() or None,
        "seeds": dict(seeds or {}),
    }


def keep(
    text: str,
    document: Mapping[str, object],
    path: Path,
    gates_of: Callable[[Document], Sequence[Gate]] | None = None,
    *,
    tools: Iterable[str] = (),
    seeds: Mapping[str, object] | None = None,
) -> bool:
    """Prints a table and keeps it beside its JSON, both with what they are of; whether every gate is met."""
    written: Document = json.loads(json.dumps(_finite(document), default=str))
    judged = [] if gates_of is None else list(gates_of(written))
    told = about(tools, seeds)
    if gates_of is not None:
        written["gates"] = [asdict(gate) for gate in judged]
        text = "\n".join([text, "", *gate_table(judged)])
    text = f"{text}\n\n{in_words(told)}"
    print(text)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".md").write_text(text + "\n", encoding="utf-8")
    kept = json.dumps({"about": told, **written}, indent=1, allow_nan=False)
    path.write_text(kept + "\n", encoding="utf-8")
    return all(gate.ok for gate in judged)


def in_words(told: Document) -> str:
    """What a document is of, on a line."""
    versions = ", ".join(f"{name} {number}" for name, number in told["versions"].items())
    seeds = ", ".join(f"{name} {seed}" for name, seed in told["seeds"].items())
    made = f"`{told['command']}`, {told['date']} UTC, commit {told['commit'] or 'unknown'}, load {told['load']}"
    return f"{told['machine']}. {made}. Auralis {told['auralis']}, {versions}." + (f" Seeds: {seeds}." if seeds else "")


def _worth_telling(arguments: Sequence[str]) -> list[str]:
    """Without where the figures go, and without folders of this machine."""
    told: list[str] = []
    for number, argument in enumerate(arguments):
        if "--json" not in (argument, *arguments[max(0, number - 1) : number]):
            told.append(Path(argument).name if argument.startswith("/") else argument)
    return told


def _own_versions() -> Document:
    # Only once everything is measured.
    from importlib.metadata import PackageNotFoundError, version

    found: Document = {}
    for name in _OWN:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _versions_of(tools: Iterable[str]) -> Document:
    """Of those that are there."""
    found = {name: _package_version(name) if name in _PACKAGES else _tool_version(name) for name in tools}
    return {name: number for name, number in found.items() if number}


def _package_version(name: str) -> str:
    python = os.environ.get(_PACKAGES[name])
    return _said(python, "-c", _ASK_VERSION, name).strip() if python else ""


def _tool_version(name: str) -> str:
    if name == "aubio":
        python = os.environ.get("AUBIO_PYTHON") or shutil.which("python3", path=os.defpath) or "python3"
        return _said(python, "-c", "import aubio; print(aubio.version)").strip()
    said = _said(*_ASKED.get(name, (name, "--version")))
    number = re.search(r"\d+\.\d[\w.+~-]*", said)
    return number[0] if number else said.split("\n", 1)[0]


def _said(*command: str) -> str:
    """What a command prints; nothing where it is not there."""
    if shutil.which(command[0]) is None:
        return ""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SAYS_WITHIN_S)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    # Some tell it as an error.
    return (done.stdout or done.stderr) if done.returncode == 0 else ""


def _finite(value: object) -> object:
    """NaN and infinity are no JSON, and told as null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    return [_finite(one) for one in value] if isinstance(value, (list, tuple)) else value
