"""Declipping against the truth, beside ffmpeg's adeclip (`make bench`): how near the flat tops come to what was there.

Of each open track 12 s from its middle, one channel, brought to full scale, raised by 3 and 6 dB and cut off at full
scale. Where more than a tenth is flat then, nothing is repaired, and the row is left out. The same music through our
limiter, 6 dB down into it, is not clipped: there nothing may change by more than 0.1 dB of the music's level.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import soundfile
from documents import BUILD, keep
from gates import Document, Gate, above, at_least, below
from numpy.typing import NDArray
from open_music import OpenTrack
from rendering import chosen_tracks, each, markdown

from auralis_cli.dsp.clipping import FlatTopMeter
from auralis_cli.dsp.declip import Declipper
from auralis_cli.dsp.limiter import Limiter, LimiterSettings
from auralis_cli.dsp.processor import Processor

SECONDS = 12
RAISED_DB = (3.0, 6.0)
DENSE_SHARE = 0.1
TRACKS = 24
Audio = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Row:
    """One track, raised by so much: signal to error within its flat tops, and how long the repair took."""

    track: str
    raised_db: float
    flat_pct: float
    clipped_db: float
    ours_db: float
    adeclip_db: float
    our_s: float
    adeclip_s: float
    # The level of what changed where the music was limited instead, against the music.
    limited_change_db: float


def through(stage: Processor, audio: Audio) -> Audio:
    """All of it, aligned."""
    return np.concatenate((stage.process(audio), stage.flush()))[stage.latency_frames :]


def measure(track: OpenTrack) -> list[Row]:
    """The rows of one track; none where it is silent there."""
    info = soundfile.info(str(track.path))
    audio, rate_hz = soundfile.read(
        track.path, start=info.frames // 3, frames=SECONDS * info.samplerate, dtype="float32", always_2d=True
    )
    peak = float(np.abs(audio[:, 0]).max(initial=0.0))
    if peak < 1e-3 or len(audio) < rate_hz:
        return []
    music: Audio = np.ascontiguousarray(audio[:, :1] / peak, np.float32)
    return [row for db in RAISED_DB if (row := _row(track.name, music, db, rate_hz)) is not None]


def _row(name: str, music: Audio, raised_db: float, rate_hz: int) -> Row | None:
    truth = music * np.float32(10 ** (raised_db / 20))
    clipped = np.clip(truth, -1.0, 1.0)
    flat = np.abs(clipped) >= 1.0
    runs = np.zeros_like(flat)
    three = flat[:-2] & flat[1:-1] & flat[2:] & (clipped[:-2] == clipped[1:-1]) & (clipped[1:-1] == clipped[2:])
    for shift in range(3):
        runs[shift : len(runs) - 2 + shift] |= three
    if runs.sum() < 10 or runs.mean() > DENSE_SHARE:
        return None
    through(Declipper((1.0,), 6.0, rate_hz, 1), clipped[:4096])  # compiled now
    started = time.perf_counter()
    ours = through(Declipper((1.0,), 6.0, rate_hz, 1), clipped)
    our_s = time.perf_counter() - started
    theirs, adeclip_s = adeclip(clipped, rate_hz)
    return Row(
        name, raised_db, 100.0 * float(runs.mean()), snr_db(truth, clipped, runs), snr_db(truth, ours, runs),
        snr_db(truth, theirs, runs), our_s, adeclip_s, limited_change_db(music, rate_hz),
    )  # fmt: skip


def snr_db(truth: Audio, found: Audio, where: NDArray[np.bool_]) -> float:
    """Signal over error, in dB, of the samples `where`."""
    signal, error = truth[where].astype(np.float64), (found[where] - truth[where]).astype(np.float64)
    return float(10 * np.log10((signal**2).sum() / max(float((error**2).sum()), 1e-20)))


def adeclip(clipped: Audio, rate_hz: int) -> tuple[Audio, float]:
    """What ffmpeg makes of it, and how long that took, its start included."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "in.wav"), Path(folder, "out.wav")
        soundfile.write(before, clipped, rate_hz, subtype="FLOAT")
        words = ["ffmpeg", "-v", "error", "-i", str(before), "-af", "adeclip", "-c:a", "pcm_f32le", str(after)]
        started = time.perf_counter()
        subprocess.run(words, check=True, timeout=900)
        seconds = time.perf_counter() - started
        return soundfile.read(after, dtype="float32", always_2d=True)[0][: len(clipped)], seconds


def limited_change_db(music: Audio, rate_hz: int) -> float:
    """How far below the music lies what declipping changes of it once it is limited; −300 where nothing is."""
    limited = through(Limiter(LimiterSettings(-0.1), rate_hz, 1, gain_db=6.0), music)
    meter = FlatTopMeter(1)
    meter.process(limited)
    top = meter.result()[0]
    change = through(Declipper((top.level if top.runs >= 3 else 0.0,), 6.0, rate_hz, 1), limited) - limited
    powers = [float(np.mean(np.square(one, dtype=np.float64))) for one in (change, limited)]
    return float(10 * np.log10(max(powers[0] / powers[1], 1e-30)))


def gates_of(document: Document) -> list[Gate]:
    judged = []
    for raised_db in RAISED_DB:
        rows = [row for row in document["rows"] if row["raised_db"] == raised_db]
        if not rows:
            judged.append(at_least(f"+{raised_db:g} dB: tracks", 0, 1))
            continue
        clipped, ours, theirs = (
            statistics.median(row[name] for row in rows) for name in ("clipped_db", "ours_db", "adeclip_db")
        )
        faster = statistics.median(row["adeclip_s"] / row["our_s"] for row in rows)
        judged += [
            above(f"+{raised_db:g} dB: won over clipped, median dB", ours - clipped, 3),
            at_least(f"+{raised_db:g} dB: ours − theirs, median dB", ours - theirs, 0, "ffmpeg adeclip"),
            at_least(f"+{raised_db:g} dB: times as fast, median", faster, 1, "ffmpeg adeclip"),
        ]
    worst = max((row["limited_change_db"] for row in document["rows"]), default=None)
    return [*judged, below("limited music: what changes, worst dB", worst, -40)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "declip.json")
    parser.add_argument("--only", action="append", metavar="WORD", help="tracks whose name contains this")
    asked = parser.parse_args()
    tracks = chosen_tracks(asked.only)
    tracks = tracks if asked.only else tracks[:: max(1, len(tracks) // TRACKS)][:TRACKS]
    rows = [row for found in each(measure, tracks, 1) for row in found]
    head = ("track", "raised dB", "flat %", "clipped dB", "ours dB", "adeclip dB", "ours s", "adeclip s", "limited dB")
    table = markdown(head, (tuple(asdict(row).values()) for row in rows))
    keep(table, {"rows": [asdict(row) for row in rows]}, asked.json, gates_of, tools=("ffmpeg",))


if __name__ == "__main__":
    main()
