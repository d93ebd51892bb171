"""The limiter of Auralis and two others, each driven by a gain into the same ceiling, for the table of harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
from numpy.typing import NDArray
from reference_inputs import filtered

from auralis_cli.dsp.limiter import Limiter, LimiterSettings

HERE = Path(__file__).resolve().parent
CEILING_DB = -1.0
Audio = NDArray[np.float32]
# Stereo, its rate, and the gain before the limiter; the result is aligned with what went in.
Limiting = Callable[[Audio, int, float], Audio]


def ours(audio: Audio, rate_hz: int, gain_db: float) -> Audio:
    """True peaks below the ceiling."""
    limiter = Limiter(LimiterSettings(CEILING_DB), rate_hz, audio.shape[1], gain_db=gain_db)
    made = np.concatenate((limiter.process(np.ascontiguousarray(audio)), limiter.flush()))
    return made[limiter.latency_frames :]


def ffmpegs(audio: Audio, rate_hz: int, gain_db: float) -> Audio:
    """alimiter with the times it comes with, 5 and 50 ms; samples below the ceiling."""
    limit = 10.0 ** (CEILING_DB / 20.0)
    # It is late by its look-ahead, and sets that right only where it is asked to.
    chain = f"volume={gain_db:.6f}dB:precision=float,alimiter=limit={limit:.9f}:level=0:latency=1"
    made = filtered(audio, rate_hz, chain)
    return made[: len(audio)]


class Side(AbstractContextManager["Side"]):
    """The process that has pedalboard and ViSQOL; HARM_PYTHON names its interpreter."""

    def __init__(self, scratch: Path) -> None:
        python = os.environ.get("HARM_PYTHON")
        if python is None:
            sys.exit("needs pedalboard and ViSQOL: set HARM_PYTHON to the Python of an environment that has them")
        self._scratch = scratch
        command = [python, str(HERE / "harm_run.py")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def _ask(self, **asked: object) -> dict[str, Any]:
        source, answers = self._process.stdin, self._process.stdout
        assert source is not None
        assert answers is not None
        source.write(json.dumps(asked) + "\n")
        source.flush()
        answer: dict[str, Any] = json.loads(answers.readline())
        return answer

    def _write(self, name: str, audio: Audio, rate_hz: int) -> str:
        path = self._scratch / name
        sf.write(path, audio, rate_hz, subtype="FLOAT")
        return str(path)

    def pedalboards(self, audio: Audio, rate_hz: int, gain_db: float) -> Audio:
        """Its threshold is where it begins to press; what it makes is raised to full scale, and here to the ceiling."""
        made = self._scratch / "limited.wav"
        source = self._write("to-limit.wav", audio, rate_hz)
        self._ask(limit=source, threshold_db=-gain_db, release_ms=100.0, made=str(made))
        limited, _ = sf.read(made, dtype="float32", always_2d=True)
        return np.asarray(limited * np.float32(10.0 ** (CEILING_DB / 20.0)))

    def mos(self, reference: Audio, degraded: Audio) -> float:
        """ViSQOL's opinion in audio mode; both at 48 kHz."""
        names = (self._write("reference.wav", reference, 48_000), self._write("degraded.wav", degraded, 48_000))
        answer: float = self._ask(reference=names[0], degraded=names[1])["mos"]
        return answer
