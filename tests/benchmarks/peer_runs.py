"""Peers that are Python packages, asked in an environment of their own about many files at once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent


def told_by(interpreter: str | None, script: Sequence[str], paths: Sequence[Path]) -> list[dict[str, Any]] | None:
    """What a script beside this one prints about each file, in their order; None where the peer is not there."""
    if interpreter is None:
        return None
    name, *arguments = script
    asked = "".join(f"{path}\n" for path in paths)
    command = [interpreter, str(_HERE / name), *arguments]
    done = subprocess.run(command, input=asked, stdout=subprocess.PIPE, text=True, check=False)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode != 0 and not told:
        return None
    if len(told) != len(paths):
        sys.exit(f"{name} told of {len(told)} of {len(paths)} files")
    return told
