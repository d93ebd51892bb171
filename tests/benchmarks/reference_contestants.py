"""Auralis and matchering on one pair: each writes a 24-bit FLAC of the target, made to sound like the reference.

Matchering is slow and does not change: what it made, also under our limiter, is made and measured once, and kept by the
digest of its inputs (`make clean` forgets it).
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import soundfile as sf
from documents import BUILD
from master_metrics import Features, features_of
from numpy.typing import NDArray
from reference_inputs import Inputs

HERE = Path(__file__).resolve().parent
KEPT = BUILD / "reference-matchering"
# Matchering holds its samples, not its true peaks, just below full scale; both are heard at about the same level.
CEILING_DBTP = -0.1
OURS, THEIRS, THEIRS_LIMITED = "auralis", "matchering", "matchering and our limiter"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a contestant made of a pair: measured, or why it made nothing."""

    features: Features | None
    problem: str | None = None


class RefusedError(Exception):
    """A contestant that made nothing, in its own words."""


def matchering_python() -> str | None:
    """The interpreter of the environment that has matchering."""
    return os.environ.get("MATCHERING_PYTHON")


def auralis(inputs: Inputs, made: Path) -> None:
    _auralis(inputs.target, made, "--reference", str(inputs.reference))


def limit(source: Path, made: Path, loudness_lufs: float) -> None:
    """Our gain and limiter alone: at intensity 0 every other stage leaves the sound as it is."""
    _auralis(source, made, "--intensity", "0", "--loudness", f"{loudness_lufs:.3f}")


def _auralis(source: Path, made: Path, *options: str) -> None:
    command = [sys.executable, "-m", "auralis_cli", "--progress", "never", "master", "--ceiling", str(CEILING_DBTP)]
    home = {"AURALIS_HOME": os.environ.get("AURALIS_HOME", str(BUILD / "bench-home"))}
    _run([*command, "--bits", "24", "--force", *options, str(source), str(made)], home)


def _run(command: Sequence[str], environment: dict[str, str]) -> None:
    inherited = {**os.environ, **environment}
    done = subprocess.run(command, env=inherited, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["it said nothing"]
        raise RefusedError(said[-1].strip())


def matchering(inputs: Inputs) -> tuple[Path, Path]:
    """What it makes, and the same before its limiter, its peak at full scale; both made once."""
    digest = hashlib.sha256(inputs.target.read_bytes() + inputs.reference.read_bytes()).hexdigest()[:16]
    limited, unlimited = KEPT / f"{digest}.flac", KEPT / f"{digest}-unlimited.flac"
    if not unlimited.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        python = matchering_python()
        if python is None:
            sys.exit("needs matchering: set MATCHERING_PYTHON to the Python of an environment that has it")
        parts = [path.with_suffix(".part.flac") for path in (limited, unlimited)]
        script = str(HERE / "matchering_run.py")
        # It writes beside its results what it converts; kernels are compiled once.
        _run([python, script, str(inputs.target), str(inputs.reference), *map(str, parts)], {})
        for part, path in zip(parts, (limited, unlimited), strict=True):
            part.replace(path)
    return limited, unlimited


def matchering_limited_by_us(inputs: Inputs) -> Path:
    """Its matching at the reference's loudness, under our limiter; made once."""
    _, unlimited = matchering(inputs)
    made = unlimited.with_name(unlimited.name.replace("-unlimited", "-by-our-limiter"))
    if not made.exists():
        part = made.with_suffix(".part.flac")
        limit(unlimited, part, measured(inputs.reference).integrated_lufs)
        part.replace(made)
    return made


def outcome(contestant: str, inputs: Inputs) -> Outcome:
    """Runs a contestant on a pair and measures what it made."""
    try:
        if contestant == THEIRS:
            return Outcome(measured(matchering(inputs)[0]))
        if contestant == THEIRS_LIMITED:
            return Outcome(measured(matchering_limited_by_us(inputs)))
        with tempfile.TemporaryDirectory(dir=BUILD) as folder:
            made = Path(folder) / "made.flac"
            auralis(inputs, made)
            return Outcome(features_of(made))
    except RefusedError as refused:
        return Outcome(None, str(refused))


def measured(path: Path) -> Features:
    """The features of a file that is made once: measured once."""
    kept = path.with_suffix(".json")
    found = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    if found.keys() == {field.name for field in fields(Features)}:
        return Features(**{**found, "bark_db": tuple(tuple(row) for row in found["bark_db"])})
    features = features_of(path)
    kept.write_text(json.dumps(asdict(features)), encoding="utf-8")
    return features


def read(path: Path) -> tuple[NDArray[np.float32], int]:
    audio, rate_hz = sf.read(path, dtype="float32", always_2d=True)
    return audio, rate_hz
