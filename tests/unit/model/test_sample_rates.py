"""One judge of sample rates: every way in, and the way out, allow the same ones."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from command_line import auralis

from auralis_cli.audio.formats import check_output
from auralis_cli.audio.reader import open_reader
from auralis_cli.dsp import k_weighting
from auralis_cli.errors import AuralisError
from auralis_cli.model import audio as model
from auralis_cli.model.audio import Dither, OutputFormat, Subtype, check_sample_rate
from auralis_cli.model.source import RawEncoding, RawPcm

ALLOWED = (8_000, 11_025, 44_100, 48_000, 192_000, 352_800, 384_000)
REFUSED = (0, -1, 7_999, 384_001, 1_000_000_000)
REFUSED_WORDS = (*map(str, REFUSED), "44100.5", "nan", "inf", "1e9", "44100Hz", "")


def in_a_header(folder: Path, rate_hz: int) -> None:
    form = struct.pack("<HHIIHH", 1, 1, rate_hz % 2**32, 0, 2, 16)
    data = b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", 200) + b"\1" * 200
    path = folder / "a.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", len(data) + 4) + b"WAVE" + data)
    open_reader(path).close()


def as_raw_samples(_: Path, rate_hz: int) -> None:
    RawPcm(RawEncoding.S16LE, rate_hz, 2)


def of_a_result(_: Path, rate_hz: int) -> None:
    check_output(OutputFormat("wav", rate_hz, 2, Subtype.PCM_16, Dither.NONE))


WAYS: tuple[Callable[[Path, int], None], ...] = (in_a_header, as_raw_samples, of_a_result)


@pytest.mark.invariant("S2-u2")
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_every_way_allows_the_same_rates(tmp_path: Path, way: Callable[[Path, int], None]) -> None:
    for rate_hz in ALLOWED:
        way(tmp_path, rate_hz)
    for rate_hz in REFUSED:
        with pytest.raises((AuralisError, ValueError)):
            way(tmp_path, rate_hz)


@pytest.mark.invariant("S2-u2")
def test_only_whole_rates_are_rates() -> None:
    for rate_hz in (44_100.5, math.nan, math.inf, -math.inf):
        with pytest.raises(ValueError, match="8000 to 384000 Hz"):
            check_sample_rate(rate_hz)


@pytest.mark.invariant("S2-u2")
@pytest.mark.parametrize("option", ["--rate", "--raw-rate"])
def test_flags_refuse_what_is_no_rate(tmp_path: Path, option: str) -> None:
    source, out = tmp_path / "a.raw", tmp_path / "b.wav"
    source.write_bytes(np.zeros(20_000, np.int16).tobytes())
    raw = ["--raw", "s16le", "--raw-channels", "2", *(["--raw-rate", "44100"] if option == "--rate" else [])]
    for word in REFUSED_WORDS:
        done = auralis("master", str(source), str(out), *raw, f"{option}={word}")
        assert done.code == 2, word
        assert option in done.err
        assert not out.exists()


def test_the_meters_measure_every_rate_allowed() -> None:
    """`dsp` knows nothing of the model, so its limits are its own, and have to agree."""
    limits = (k_weighting.MIN_SAMPLE_RATE_HZ, k_weighting.MAX_SAMPLE_RATE_HZ)
    assert limits == (model.MIN_SAMPLE_RATE_HZ, model.MAX_SAMPLE_RATE_HZ)
