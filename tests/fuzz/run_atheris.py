"""Cases of one target, each led by what those before it reached: libFuzzer by way of atheris. `guided.py` starts it."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import atheris

from auralis_cli import dsp

sys.path.insert(0, str(Path(__file__).parent.parent))

# Kernels have to be compiled as they are written: what is imported already is left as it is.
for kernels in iter_modules(dsp.__path__, "auralis_cli.dsp."):
    import_module(kernels.name)

with atheris.instrument_imports(include=["auralis_cli"]):
    from fuzz.targets import TARGETS

from fuzz.judging import judge  # noqa: E402 - what it imports of the package is instrumented by then

# Instrumented, everything takes longer.
_LONGEST_S = 10.0


def main() -> None:
    """Takes the name of a target, and what libFuzzer takes."""
    name, *options = sys.argv[1:]
    target = TARGETS[name]

    def one(data: bytes) -> None:
        judge(target, data, _LONGEST_S)

    atheris.Setup([sys.argv[0], *options], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
