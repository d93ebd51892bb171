"""What live mastering is heard as: nulls against the rendered master, times from a wish to its sound, level of sides.

Played by the real player on a device without latency that plays in real time and keeps what it is given, so that
times are what lies beyond a device's own latency. A minute and a half for each track.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
from documents import BUILD, keep
from gates import Document, Gate, at_least, at_most, below
from live_figures import (
    Frames,
    Stage,
    compared,
    null_db,
    original_of,
    place_in,
    rendered_of,
    rms_db,
    roughness,
    settles_on,
    solved_plan,
    staged,
)
from rendering import band_levels_db, chosen_tracks, markdown
from sound_sinks import has_pulseaudio, pulse_sink

from auralis_cli.audio.reader import probe
from auralis_cli.model.live_mastering import MasteringWish
from auralis_cli.player.output import output_opener

PRESETS = ("punchy", "warm", "bright")
TRACKS = ("love_theme", "hr3-hell", "frantic-old")
SEEK_TO = 0.4
HEARD_S = 5.0
# Long enough for what follows to be a feed that has settled.
PAUSE_S = 1.2


@dataclass(frozen=True, slots=True)
class PresetRow:
    """One preset on one track."""

    track: str
    preset: str
    # By how much the master differs from the original: in level, and in one octave band at equal level.
    level_moved_db: float
    band_moved_db: float
    null_from_start_db: float
    null_after_seek_db: float
    # The same from its start, as recorded from PulseAudio's null sink, half a second in.
    null_recorded_db: float
    ab_worst_lu: float
    ab_before_lu: float


@dataclass(frozen=True, slots=True)
class WishRow:
    """One wish while a track plays."""

    track: str
    wish: str
    begins_ms: float
    is_there_ms: float
    # The largest bend between neighbouring frames against the sounds before and after.
    roughness: float


def preset_row(path: Path, name: str, preset: str, folder: Path) -> PresetRow:
    original, rendered, rate_hz = original_of(path), rendered_of(path, preset), probe(path).sample_rate_hz
    with staged(path, folder, preset) as stage:
        plan = solved_plan(stage.plans, path, MasteringWish(preset))
        asked_s = stage.play()
        _, heard = stage.heard(asked_s, HEARD_S)
        begin = int(np.flatnonzero(heard.any(axis=1))[0])
        first = int(np.flatnonzero(rendered.any(axis=1))[0])
        frames = min(len(heard) - begin, len(rendered) - first)
        from_start = null_db(heard[begin : begin + frames], rendered[first : first + frames])
        target = round(SEEK_TO * len(rendered) / rate_hz) * rate_hz
        sought_s = time.monotonic()
        stage.player.seek(target / rate_hz)
        _, heard = stage.heard(sought_s + 2.0, HEARD_S - 2.0)
        settled = heard[len(heard) // 3 :]
        place = place_in(settled, rendered, target + 3 * rate_hz, 3 * rate_hz)
        after_seek = null_db(settled, rendered[place : place + len(settled)])
        comparison = compared(path, plan)
    recorded = null_recorded(path, preset, rendered, rate_hz, folder)
    bands = band_levels_db(rendered, rate_hz) - band_levels_db(original, rate_hz)
    return PresetRow(
        track=name,
        preset=preset,
        level_moved_db=rms_db(rendered) - rms_db(original),
        band_moved_db=float(bands[np.argmax(np.abs(bands))]),
        null_from_start_db=from_start,
        null_after_seek_db=after_seek,
        null_recorded_db=recorded,
        ab_worst_lu=comparison.worst_lu,
        ab_before_lu=comparison.before_lu,
    )


def null_recorded(path: Path, preset: str, rendered: Frames, rate_hz: int, folder: Path) -> float:
    """What a sound server played, against the rendered master; nan where there is none."""
    if not has_pulseaudio():
        return float("nan")
    with (
        tempfile.TemporaryDirectory() as place,
        pulse_sink(Path(place), rate_hz=rate_hz) as sink,
        sink.recording() as recording,
        staged(path, folder, preset, outputs=partial(output_opener, latency_s=0.2)) as stage,
    ):
        stage.play()
        threading.Event().wait(HEARD_S)
        heard = recording()
    settled = heard[int(np.flatnonzero(heard.any(axis=1))[0]) + rate_hz // 2 :]
    first = place_in(settled, rendered, rate_hz, 4 * rate_hz)
    return null_db(settled, rendered[first : first + len(settled)])


def wish_rows(path: Path, name: str, folder: Path) -> list[WishRow]:
    original, rate_hz = original_of(path), probe(path).sample_rate_hz
    first, second, third = PRESETS
    masters = {preset: rendered_of(path, preset) for preset in PRESETS}
    rows: list[WishRow] = []
    with staged(path, folder, *PRESETS) as stage:
        stage.play()
        stage.heard(time.monotonic(), 3.0)
        player = stage.player
        wishes: list[tuple[str, Callable[[], None], Frames, Frames]] = [
            ("enhance off", lambda: player.enhance(on=False), masters[first], original),
            ("enhance on", lambda: player.enhance(on=True), original, masters[first]),
            (f"preset {second}", lambda: player.preset(second), masters[first], masters[second]),
            (f"preset {third}", lambda: player.preset(third), masters[second], masters[third]),
            ("intensity 0", lambda: player.intensity(0.0), masters[third], original),
            ("intensity 1", lambda: player.intensity(1.0), original, masters[third]),
        ]
        rows += [timed(stage, name, *wish, rate_hz) for wish in wishes]
    return rows


def timed(
    stage: Stage, name: str, wish: str, verb: Callable[[], None], before: Frames, after: Frames, rate_hz: int
) -> WishRow:
    stage.heard(time.monotonic(), PAUSE_S)
    about = int(stage.player.snapshot().position_s * rate_hz)
    asked_s = time.monotonic()
    verb()
    started_s, heard = stage.heard(asked_s - 0.3, 0.3 + PAUSE_S)
    place = place_in(heard, before, about - int(0.3 * rate_hz), rate_hz)
    old, new = before[place : place + len(heard)], after[place : place + len(heard)]
    # Until it is another sound than the old one, and from when on it is the new one.
    same = np.abs(heard - old).max(axis=1) <= 1e-3 * np.abs(old).max()
    begins = int(np.flatnonzero(~same)[0]) if not same.all() else len(heard)
    there = settles_on(heard, new)
    around = slice(max(0, begins - 100), there + 100)
    return WishRow(
        track=name,
        wish=wish,
        begins_ms=1e3 * (started_s + begins / rate_hz - asked_s),
        is_there_ms=1e3 * (started_s + there / rate_hz - asked_s),
        roughness=roughness(heard[around]) / max(roughness(old[around]), roughness(new[around])),
    )


def gates_of(document: Document) -> list[Gate]:
    presets, wishes = document["presets"], document["wishes"]
    moved = min((max(abs(one["level_moved_db"]), abs(one["band_moved_db"])) for one in presets), default=None)
    judged = [at_least("presets: moved in level or a band by, least, dB", moved, 1)]
    for what, key in (
        ("from its start", "null_from_start_db"),
        ("from 2 s after a seek", "null_after_seek_db"),
        ("as a sound server recorded it", "null_recorded_db"),
    ):
        found = [one.get(key) for one in presets]
        worst = None if not found or None in found else max(found)
        judged.append(below(f"played − rendered {what}, worst, dB", worst, -90, "the rendered master"))
    sides = max((one["ab_worst_lu"] for one in presets), default=None)
    judged.append(at_most("original and master apart while compared, worst, LU", sides, 0.5))
    for kind, bound_ms in (("enhance", 100), ("preset", 250), ("intensity", 250)):
        slowest = max((one["is_there_ms"] for one in wishes if one["wish"].startswith(kind)), default=None)
        judged.append(at_most(f"{kind}: heard beyond the device's latency after, slowest, ms", slowest, bound_ms))
    rough = max((one["roughness"] for one in wishes), default=None)
    return [*judged, at_most("roughness of a change, of what is around it, worst", rough, 1.5)]


def main() -> None:
    """Measures, prints both tables and keeps them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", nargs="*", default=TRACKS, help="parts of names")
    parser.add_argument("--json", type=Path, default=BUILD / "live_mastering.json")
    asked = parser.parse_args()
    presets: list[PresetRow] = []
    wishes: list[WishRow] = []
    BUILD.mkdir(exist_ok=True)
    for track in chosen_tracks(list(asked.tracks)):
        with tempfile.TemporaryDirectory(dir=BUILD) as folder:
            presets += [preset_row(track.path, track.name, preset, Path(folder)) for preset in PRESETS]
            wishes += wish_rows(track.path, track.name, Path(folder))
    text = "\n\n".join(
        markdown(asdict(table[0]), [asdict(row).values() for row in table]) for table in (presets, wishes)
    )
    kept = {"presets": [asdict(row) for row in presets], "wishes": [asdict(row) for row in wishes]}
    keep(text, kept, asked.json, gates_of, tools=("pulseaudio",))


if __name__ == "__main__":
    main()
