"""Other projects' odd, broken and exotic files: each is read to its end or refused with one line."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import numpy as np
import pytest

from auralis_cli.audio.reader import open_reader
from auralis_cli.errors import InputError

_FOLDER = os.environ.get("AURALIS_ODD_FILES")
_MOST_FRAMES = 200_000_000


def odd_files() -> list[Path]:
    return sorted(path for path in Path(_FOLDER).rglob("*") if path.is_file()) if _FOLDER else []


@pytest.mark.skipif(not _FOLDER, reason="needs a folder of odd audio files: set AURALIS_ODD_FILES")
@pytest.mark.invariant("S1-M-01")
def test_each_is_read_to_its_end_or_refused_with_one_line() -> None:
    assert len(odd_files()) > 50
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refusals: list[tuple[Path, InputError]] = []
    for path in odd_files():
        frames = 0
        try:
            with open_reader(path) as reader:
                for block in reader.blocks(1 << 16):
                    assert block.dtype == np.float32
                    frames += len(block)
                    assert frames < _MOST_FRAMES, path
        except InputError as error:
            refusals.append((path, error))
    assert 0 < len(refusals) < len(odd_files())
    assert [path for path, error in refusals if "\n" in str(error) or not error.why] == []
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 200 * 1024
