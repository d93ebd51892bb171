"""Pedalboard's limiter and ViSQOL in an environment of their own: answers each line of JSON by one.

{"limit": IN.wav, "threshold_db": -6, "release_ms": 100, "made": OUT.wav}    →  {}
{"reference": IN.wav, "degraded": OTHER.wav}, both at 48 kHz                 →  {"mos": 4.5}
"""

from __future__ import annotations

import json
import sys
from typing import Any

import soundfile as sf
from pedalboard import Limiter
from visqol import VisqolApi


def answer(asked: dict[str, Any], visqol: VisqolApi) -> dict[str, float]:
    if "limit" in asked:
        audio, rate_hz = sf.read(asked["limit"], dtype="float32", always_2d=True)
        limiter = Limiter(threshold_db=asked["threshold_db"], release_ms=asked["release_ms"])
        sf.write(asked["made"], limiter(audio.T, rate_hz).T, rate_hz, subtype="FLOAT")
        return {}
    return {"mos": float(visqol.measure(asked["reference"], asked["degraded"]).moslqo)}


def main() -> None:
    visqol = VisqolApi()
    visqol.create(mode="audio")
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line), visqol)), flush=True)


if __name__ == "__main__":
    main()
