"""What presets and stages do to real music, at equal loudness.

Two tables: how far any two presets lie apart at intensity 1 (in octave bands and crest), and what taking one stage
out of the plan changes where it acts.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from documents import BUILD, keep
from gates import Document, Gate, above, at_least, none_of
from numpy.typing import NDArray
from open_music import OpenTrack
from rendering import (
    STAGES,
    Master,
    band_levels_db,
    chosen_tracks,
    crest_db,
    each,
    markdown,
    render,
)

from auralis_cli.model.presets import PRESETS

# Short, and of every kind: orchestral, dense, ambient, rock, solo, synthetic, speech.
TRACKS = (
    *("sad.ogg", "love_theme", "main_menu", "battle-epic", "underground", "frantic-old", "hr3-icyland", "hr3-hell"),
    *("hr-domina-hunting", "Metal madness/song", "Apex Aleph", "Chimes They Fade", "demo-instruct"),
)
LOUDNESS_LUFS = -14.0
# Two presets differ on a track where one band or the crest does by this much.
BAND_DB, CREST_DB = 1.0, 0.5


@dataclass(frozen=True, slots=True)
class Sound:
    """One rendering in few numbers."""

    bands_db: tuple[float, ...]
    crest_db: float
    lra_lu: float

    def band_distance_db(self, other: Sound) -> float:
        return float(np.max(np.abs(np.subtract(self.bands_db, other.bands_db))))

    def differs_from(self, other: Sound) -> bool:
        return self.band_distance_db(other) >= BAND_DB or abs(self.crest_db - other.crest_db) >= CREST_DB


def sound_of(master: Master) -> Sound:
    bands = band_levels_db(master.audio, master.report.source_info.sample_rate_hz)
    # Bands 60 dB under the whole are not heard and not compared.
    return Sound(tuple(np.maximum(bands, -60.0).tolist()), crest_db(master.audio), master.report.output.lra_lu)


@dataclass(frozen=True, slots=True)
class Ablation:
    """What a track loses with one stage: the largest band, the crest, and the residual against the whole."""

    track: str
    preset: str
    stage: str
    band_db: float
    crest_db: float
    lra_lu: float
    residual_db: float


def residual_db(whole: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Energy of the difference of two renderings against the first."""
    power = float(np.mean(np.square(whole, dtype=np.float64)))
    difference = float(np.mean(np.square(whole - other, dtype=np.float64)))
    return 10.0 * math.log10(difference / power) if difference > 0.0 else -math.inf


def presets_of(track: OpenTrack) -> tuple[str, dict[str, Sound], list[Ablation]]:
    """All presets on one track; for each stage that acts in one of them, that preset without it."""
    sounds: dict[str, Sound] = {}
    ablations: list[Ablation] = []
    seen: set[str] = set()
    for preset in PRESETS.values():
        whole = render(track, loudness_lufs=LOUDNESS_LUFS, preset=preset)
        sound = sounds[preset.name] = sound_of(whole)
        for stage in STAGES:
            if stage in seen or getattr(whole.report.solved.plan, stage) is None:
                continue
            seen.add(stage)
            bare = render(track, loudness_lufs=LOUDNESS_LUFS, preset=preset, without=stage)
            without = sound_of(bare)
            ablations.append(
                Ablation(
                    track=track.name,
                    preset=preset.name,
                    stage=stage.replace("_", "-"),
                    band_db=sound.band_distance_db(without),
                    crest_db=without.crest_db - sound.crest_db,
                    lra_lu=without.lra_lu - sound.lra_lu,
                    residual_db=residual_db(whole.audio, bare.audio),
                )
            )
    return track.name, sounds, ablations


def pair_rows(sounds: dict[str, dict[str, Sound]]) -> list[list[object]]:
    """For each pair of presets: median distances and the share of tracks where they differ."""
    rows: list[list[object]] = []
    for a, b in combinations(PRESETS, 2):
        bands = [each_track[a].band_distance_db(each_track[b]) for each_track in sounds.values()]
        crests = [abs(each_track[a].crest_db - each_track[b].crest_db) for each_track in sounds.values()]
        apart = [each_track[a].differs_from(each_track[b]) for each_track in sounds.values()]
        rows.append([f"{a} / {b}", float(np.median(bands)), float(np.median(crests)), f"{sum(apart)} of {len(apart)}"])
    return rows


def gates_of(document: Document) -> list[Gate]:
    """Any two presets differ on most tracks, and no stage acts nowhere."""
    shares = {}
    for pair in combinations(PRESETS, 2):
        one_by_one = [[Sound(**sounds[name]) for name in pair] for sounds in document["sounds"].values()]
        shares[pair] = sum(one.differs_from(other) for one, other in one_by_one) / max(1, len(one_by_one))
    nearest = min(shares, key=lambda pair: shares[pair])
    acting = {one["stage"] for one in document["ablations"]}
    # Of the open music, no channel is inverted.
    idle = [stage for stage in STAGES if stage != "polarity_repair" and stage.replace("_", "-") not in acting]
    return [
        at_least("tracks", len(document["sounds"]), len(TRACKS)),
        above(f"share of tracks on which any two presets differ, least ({' / '.join(nearest)})", shares[nearest], 0.5),
        none_of(f"stages that change nothing anywhere{': ' * bool(idle)}{', '.join(idle)}", len(idle)),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "sound.json")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", action="append", metavar="WORD", help="tracks whose name contains this")
    asked = parser.parse_args()
    results = list(each(presets_of, chosen_tracks(asked.only or list(TRACKS)), asked.processes))
    sounds = {name: found for name, found, _ in results}
    ablations = [one for _, _, found in results for one in found]
    pairs = markdown(["presets", "largest band, dB (median)", "crest, dB (median)", "differ"], pair_rows(sounds))
    head = ["stage", "track", "preset", "largest band, dB", "crest, dB", "LRA, LU", "residual, dB"]
    ablations.sort(key=lambda one: (one.stage, one.track))
    rows = [
        [one.stage, one.track, one.preset, one.band_db, one.crest_db, one.lra_lu, one.residual_db] for one in ablations
    ]
    document = {
        "sounds": {name: {preset: asdict(sound) for preset, sound in found.items()} for name, found in sounds.items()},
        "ablations": [asdict(one) for one in ablations if math.isfinite(one.residual_db)],
    }
    keep(f"{pairs}\n\n{markdown(head, rows)}", document, asked.json, gates_of)


if __name__ == "__main__":
    main()
