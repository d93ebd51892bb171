"""What limiters do to the sound beside holding it down, at equal loudness: ours, ffmpeg's and pedalboard's.

Tones and clicks are driven 4 dB over the ceiling; music as far as ours is driven by three amounts, the others as far as
it takes to be as loud. They hold samples, ours true peaks: once they are taken as they come, which is higher, and once
turned down until their true peaks are below the ceiling too, and driven for the same loudness.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import soxr
from documents import BUILD, keep
from gates import Document, Gate, at_least, at_most
from limiters import CEILING_DB, Audio, Limiting, Side, ffmpegs, ours
from numpy.typing import NDArray
from reference_inputs import part_of
from reference_pairs import Excerpt
from rendering import markdown
from second_opinion import by_ebur128, by_ffmpeg

RATE_HZ = 48_000
DRIVE_DB = 4.0
SEED = 4
OURS, FFMPEG, PEDALBOARD = "auralis", "ffmpeg alimiter", "pedalboard"
HELD = ", true peaks held"
# How far true peaks would rise over the ceiling.
AMOUNTS_DB = (3.0, 6.0, 9.0)
# Of every kind: orchestral, dense, ambient, rock, electronic, light.
CLIPS = (
    Excerpt("wesnoth-1.16-music/battle.ogg", 150, 12),
    Excerpt("wesnoth-1.16-music/wanderer.ogg", 120, 12),
    Excerpt("hyperrogue-music/hr3-icyland.ogg", 40, 12),
    Excerpt("singularity-music/Nebula.ogg", 150, 12),
    Excerpt("fretsonfire-songs-sectoid/Metal madness/song.ogg", 60, 12),
    Excerpt("singularity-music/Deprecation.ogg", 140, 12),
    Excerpt("hyperrogue-music/hr-savino-ivory.ogg", 30, 12),
    Excerpt("wesnoth-1.16-music/love_theme.ogg", 40, 12),
)
# At the start of a clip, not listened to.
SETTLING_S = 2
_EQUAL_LU = 0.02
_EQUAL_MOS = 0.005


def tone(*parts: tuple[float, float]) -> Audio:
    """Four seconds of sines of (Hz, amplitude) whose sum peaks at the ceiling, faded in and out."""
    time_s = np.arange(4 * RATE_HZ) / RATE_HZ
    mixed = sum((amplitude * np.sin(2 * np.pi * hz * time_s) for hz, amplitude in parts), np.zeros(len(time_s)))
    fade = np.minimum(1.0, np.minimum(time_s, time_s[::-1]) / 0.05)
    made = mixed * fade * 10.0 ** (CEILING_DB / 20.0) / sum(amplitude for _, amplitude in parts)
    return np.repeat(made[:, None], 2, axis=1).astype(np.float32)


def rms_db(audio: Audio) -> float:
    return 10.0 * math.log10(float(np.mean(np.square(audio, dtype=np.float64))) + 1e-30)


def driven(limiting: Limiting, audio: Audio, level: Callable[[Audio], float], wanted: float, least_db: float) -> Audio:
    """Limited at the least gain, from `least_db` up, that gives this level."""
    low, high = least_db, least_db + 24.0
    made = limiting(audio, RATE_HZ, low)
    if level(made) >= wanted - _EQUAL_LU:
        return made
    for _ in range(16):
        middle = 0.5 * (low + high)
        made = limiting(audio, RATE_HZ, middle)
        missing = wanted - level(made)
        if abs(missing) <= _EQUAL_LU:
            break
        low, high = (middle, high) if missing > 0 else (low, middle)
    return made


def held(limiting: Limiting) -> Limiting:
    """Turned down until true peaks are below the ceiling as well."""

    def held_limiting(audio: Audio, rate_hz: int, gain_db: float) -> Audio:
        made = limiting(audio, rate_hz, gain_db)
        over_db = by_ffmpeg(made, rate_hz).true_peak_dbtp - CEILING_DB
        return made if over_db <= 0.0 else np.asarray(made * np.float32(10.0 ** (-over_db / 20.0)))

    return held_limiting


def middle_of(audio: Audio) -> NDArray[np.float64]:
    """The second half of the tone's time, one channel: whole periods of every whole Hz."""
    return audio[2 * RATE_HZ : 3 * RATE_HZ, 0].astype(np.float64)


def distortion_percent(audio: Audio, *tones_hz: float) -> float:
    """What is in one second that is none of these whole-Hz tones, as a share of them."""
    spectrum = np.abs(np.fft.rfft(middle_of(audio))) ** 2
    wanted = [round(hz) for hz in tones_hz]
    power = float(spectrum[wanted].sum())
    spectrum[wanted] = 0.0
    return 100.0 * math.sqrt(float(spectrum[1:].sum()) / power)


def intermodulation_percent(audio: Audio, low_hz: float, high_hz: float) -> float:
    """Side tones of the upper one at up to five times the lower, as a share of it."""
    spectrum = np.abs(np.fft.rfft(middle_of(audio))) ** 2
    sides = [round(high_hz + order * low_hz) for order in range(-5, 6) if order]
    return 100.0 * math.sqrt(float(spectrum[sides].sum() / spectrum[round(high_hz)]))


def pre_echo_db(limiting: Limiting) -> tuple[float, float]:
    """A click over quiet noise: what is added in the 20 ms before it, and after it in 200 ms, over the noise itself."""
    noise = np.random.default_rng(SEED).normal(0.0, 10.0 ** (-30.0 / 20.0), 2 * RATE_HZ)
    click = RATE_HZ
    noise[click] = 10.0 ** ((CEILING_DB + DRIVE_DB + 6.0) / 20.0)
    audio = np.repeat(noise[:, None], 2, axis=1).astype(np.float32)
    made = limiting(audio, RATE_HZ, 0.0)
    heard = slice(RATE_HZ // 2, RATE_HZ - RATE_HZ // 20)
    # Its own gain far from the click is no echo.
    gain = float(np.dot(made[heard, 0], audio[heard, 0]) / np.dot(audio[heard, 0], audio[heard, 0]))
    residual = made - gain * audio
    before = slice(click - RATE_HZ // 50, click - 8)
    after = slice(click + 8, click + RATE_HZ // 5)
    return (
        rms_db(residual[before]) - rms_db(gain * audio[before]),
        rms_db(residual[after]) - rms_db(gain * audio[after]),
    )


@dataclass(frozen=True, slots=True)
class Heard:
    """One clip through one limiter."""

    clip: str
    amount_db: float
    limiter: str
    loudness_lufs: float
    true_peak_dbtp: float
    mos: float


def listen(side: Side, limiters: dict[str, Limiting]) -> Iterator[Heard]:
    """Every clip by every amount through every limiter, as loud as ours."""
    for clip in CLIPS:
        audio, rate_hz = part_of(clip)
        if rate_hz != RATE_HZ:
            audio = np.ascontiguousarray(soxr.resample(audio, rate_hz, RATE_HZ, "VHQ"))
        scored = slice(SETTLING_S * RATE_HZ, None)

        def loudness(made: Audio, scored: slice = scored) -> float:
            return by_ebur128(made[scored], RATE_HZ).integrated_lufs

        over_db = CEILING_DB - by_ffmpeg(audio, RATE_HZ).true_peak_dbtp
        for amount_db in AMOUNTS_DB:
            wanted = loudness(limiters[OURS](audio, RATE_HZ, over_db + amount_db))
            for name, limiting in limiters.items():
                start = over_db + amount_db - (0.0 if name == OURS else 12.0)
                made = driven(limiting, audio, loudness, wanted, start)
                level = loudness(made)
                # As loud as what it is compared with: only what else was done counts.
                heard = made[scored] * np.float32(10.0 ** ((loudness(audio) - level) / 20.0))
                mos = side.mos(audio[scored], np.asarray(heard, np.float32))
                peak = by_ffmpeg(made[scored], RATE_HZ).true_peak_dbtp
                yield Heard(Path(clip.track).as_posix(), amount_db, name, level, peak, mos)


def tones(limiters: dict[str, Limiting]) -> list[list[object]]:
    """A row for each limiter: distortion of tones, intermodulation, and echoes of a click."""
    rows: list[list[object]] = []
    for name, limiting in limiters.items():

        def shaken(*parts: tuple[float, float], limiting: Limiting = limiting) -> Audio:
            audio = tone(*parts)
            level = rms_db(middle_of(ours(audio, RATE_HZ, DRIVE_DB))[:, None].astype(np.float32))
            return driven(limiting, audio, lambda made: rms_db(made[2 * RATE_HZ : 3 * RATE_HZ]), level, DRIVE_DB)

        pure = [distortion_percent(shaken((hz, 1.0)), hz) for hz in (40, 60, 100)]
        both = intermodulation_percent(shaken((60, 4.0), (7000, 1.0)), 60, 7000)
        before, after = pre_echo_db(limiting)
        rows.append([name, *(f"{percent:.3f}" for percent in (*pure, both)), before, after])
    return rows


def opinions(heard: list[Heard], names: list[str]) -> list[list[object]]:
    """A row for each amount: mean and least MOS of each limiter, and in how many clips ours is not below each other."""
    rows: list[list[object]] = []
    for amount_db in AMOUNTS_DB:
        by_name = {
            name: [one.mos for one in heard if (one.limiter, one.amount_db) == (name, amount_db)] for name in names
        }
        mine = by_name[OURS]
        cells = [f"{amount_db:g}", f"{np.mean(mine):.3f} ({min(mine):.2f})"]
        for name in names[1:]:
            kept = sum(one >= other - _EQUAL_MOS for one, other in zip(mine, by_name[name], strict=True))
            cells.append(f"{np.mean(by_name[name]):.3f} ({min(by_name[name]):.2f}), {kept} of {len(mine)}")
        rows.append(list(cells))
    return rows


def gates_of(document: Document) -> list[Gate]:
    """What is done beside holding down: not more than the others do, and not worse to hear."""
    shaken = {name: [float(figure) for figure in figures] for name, *figures in document["tones"]}
    *pure, both, before, _ = shaken[OURS]
    judged = [at_most("distortion of 40, 60 and 100 Hz, %, the most", max(pure), 0.1)]
    for name in (FFMPEG, PEDALBOARD):
        *_, theirs, their_before, _ = shaken[name]
        judged.append(at_least("intermodulation, theirs − ours, %", theirs - both, 0, name))
        judged.append(at_least("added before a click, theirs − ours, dB", their_before - before, 0, name))
    heard = document["heard"]
    for amount_db in AMOUNTS_DB:
        ours_mean = _mean_opinion(heard, OURS, amount_db)
        for name in (one + suffix for suffix in ("", HELD) for one in (FFMPEG, PEDALBOARD)):
            mean = _mean_opinion(heard, name, amount_db)
            ahead = None if mean is None or ours_mean is None else ours_mean - mean
            judged.append(at_least(f"{amount_db:g} dB over: mean opinion, ours − theirs", ahead, 0, name))
    peak = max((one["true_peak_dbtp"] for one in heard if one["limiter"] == OURS), default=None)
    judged.append(at_most("highest true peak of music, dBTP", peak, CEILING_DB + 0.05, "ffmpeg's ebur128"))
    return judged


def _mean_opinion(heard: list[Document], limiter: str, amount_db: float) -> float | None:
    found = [one["mos"] for one in heard if (one["limiter"], one["amount_db"]) == (limiter, amount_db)]
    return float(np.mean(found)) if found else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "harm.json")
    parser.add_argument("--tones-only", action="store_true", help="leave the music out")
    asked = parser.parse_args()
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD) as scratch, Side(Path(scratch)) as side:
        limiters: dict[str, Limiting] = {OURS: ours, FFMPEG: ffmpegs, PEDALBOARD: side.pedalboards}
        shaken = tones(limiters)
        limiters |= {name + HELD: held(limiting) for name, limiting in limiters.items() if name != OURS}
        heard = [] if asked.tones_only else list(listen(side, limiters))
    thd = [f"{hz} Hz, %" for hz in (40, 60, 100)]
    head = ["limiter", *thd, "60 Hz on 7 kHz, %", "before a click, dB", "after it, dB"]
    text = markdown(head, shaken)
    if heard:
        names = list(limiters)
        peaks = [[name, max(one.true_peak_dbtp for one in heard if one.limiter == name)] for name in names]
        text += "\n\n" + markdown(["dB over", *names], opinions(heard, names))
        text += "\n\n" + markdown(["limiter", "highest true peak, dBTP"], peaks)
    document = {"tones": shaken, "heard": [asdict(one) for one in heard]}
    tools = ("ffmpeg", "pedalboard", "visqol-python")
    keep(text, document, asked.json, gates_of, tools=tools, seeds={"noise": SEED})


if __name__ == "__main__":
    main()
