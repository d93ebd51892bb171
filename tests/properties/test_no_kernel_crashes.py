"""Malformed audio cannot end the process: kernels are fed it in a process that may."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
from processors import PROCESSORS

import auralis_cli.dsp

CHILD = Path(__file__).with_name("hostile_blocks.py")


@pytest.mark.invariant("S1-M-19")
def test_no_block_of_any_shape_or_value_ends_the_process(repository: Path) -> None:
    done = subprocess.run([sys.executable, CHILD], capture_output=True, text=True, cwd=repository, check=False)
    assert done.returncode == 0, f"it died, the last try of these: {done.stderr[-2000:]}"
    told = json.loads(done.stdout)
    assert told["wrong"] == [], "neither an answer nor a ValueError, or taken although it fits nothing"
    names = {what.split(" with ")[0] for what in told["tried"]}
    assert takers_of_audio() - names == set(), "tried with nothing"


def _takes_audio(kind: type[object]) -> bool:
    return hasattr(kind, "process") and not inspect.isabstract(kind)


def takers_of_audio() -> set[str]:
    """Classes of `dsp` with a `process`; processors go by their names in the table."""
    found = set()
    for module in pkgutil.iter_modules(auralis_cli.dsp.__path__):
        names = vars(importlib.import_module(f"auralis_cli.dsp.{module.name}"))
        found |= {name for name, kind in names.items() if inspect.isclass(kind) and _takes_audio(kind)}
    processors = {type(make(48_000, 2)).__name__ for make in PROCESSORS.values()}
    return found - processors - {"Processor"}
