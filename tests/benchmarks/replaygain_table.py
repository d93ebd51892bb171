"""Gains beside loudgain's (libebur128): the same music, the same albums, read back from the files that both wrote.

The open music of at least 30 s that FFmpeg opens, by which loudgain reads, is copied once for each of them; a package
is an album. Gains have to be equal within 0.05 dB; below 44.1 kHz, where libebur128 bends the K-weighting, to what it
says of the same audio brought to 48 kHz. Of peaks it is said what they differ by and why: loudgain cuts lossy audio off
at full scale before it measures.
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from documents import BUILD, REPOSITORY, keep
from gates import Document, Gate, at_least, at_most
from open_music import OpenTrack, open_tracks
from processes import Run, run

GATE_DB = 0.05
NAMES = ("replaygain_track_gain", "replaygain_album_gain", "replaygain_track_peak", "replaygain_album_peak")
LEAST_RATE_HZ = 44_100
LOW = "track gain below 44.1 kHz, brought to 48 kHz for it"
GATED = (*NAMES[:2], LOW)
OURS, THEIRS, ALONE = "auralis -j 2", "loudgain", "auralis -j 1"


@dataclass(frozen=True, slots=True)
class Differences:
    """Of one kind of tag, ours less theirs."""

    name: str
    values: Sequence[float]

    def row(self) -> str:
        sizes = [abs(value) for value in self.values]
        return (
            f"| {self.name} | {len(sizes)} | {statistics.median(sizes):.4f} | {max(sizes):.4f} |"
            f" {sum(size <= GATE_DB for size in sizes)} of {len(sizes)} |"
        )


def copied(tracks: Iterable[OpenTrack], folder: Path) -> list[Path]:
    """The tracks in a folder for each package."""
    shutil.rmtree(folder, ignore_errors=True)
    places = []
    for number, track in enumerate(tracks):
        place = folder / track.name.split("/")[0] / f"{number:03d}{track.path.suffix.lower()}"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(track.path, place)
        places.append(place)
    return places


def is_opened(path: Path) -> bool:
    """Whether FFmpeg opens it."""
    return subprocess.run(["ffprobe", "-v", "quiet", str(path)], check=False).returncode == 0


def by_loudgain(folder: Path, log: Path) -> list[Run]:
    """One process for each album, as its own wrapper does."""
    albums = [sorted(map(str, album.iterdir())) for album in sorted(folder.iterdir())]
    return [run(["loudgain", "-a", "-s", "i", "-q", *files], log) for files in albums]


def by_auralis(music: Path, log: Path, jobs: int, home: Path) -> Run:
    """Measured anew, whatever an earlier run kept."""
    words = ["replaygain", "--album-by", "folder", "--force", "-j", str(jobs), "--progress", "never", str(music)]
    environment = {
        "AURALIS_HOME": str(home),
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(home / "bytecode"),
    }
    return run([sys.executable, "-m", "auralis_cli", *words], log, environment)


def tags_of(path: Path) -> Mapping[str, float]:
    """The four values as a foreign reader finds them; R128 brought to -18 LUFS."""
    from mutagen import File

    texts: dict[str, str] = {}
    for name, value in File(path).tags.items():
        plain = str(name).lower().removeprefix("txxx:")
        texts[plain] = str(value[0] if isinstance(value, list) else value)
    found = {name: float(texts[name].lower().removesuffix("db")) for name in NAMES if name in texts}
    for of in ("track", "album"):
        if f"r128_{of}_gain" in texts:
            found[f"replaygain_{of}_gain"] = int(texts[f"r128_{of}_gain"]) / 256.0 + 5.0
    return found


def compared(
    tracks: Sequence[OpenTrack], ours: Sequence[Path], theirs: Sequence[Path]
) -> tuple[list[Differences], int]:
    """The differences, gains in dB, peaks in dB as well; and how many tracks come above full scale."""
    found: dict[str, list[float]] = defaultdict(list)
    above = 0
    for track, our_path, their_path in zip(tracks, ours, theirs, strict=True):
        our, their = tags_of(our_path), tags_of(their_path)
        is_low = track.sample_rate_hz < LEAST_RATE_HZ
        if is_low:
            gain_db = our["replaygain_track_gain"]
            found[LOW].append(gain_db - gain_at_48_khz(track))
        for name in NAMES:
            if name not in our or name not in their:
                continue
            if name.endswith("gain"):
                found[f"{name} below 44.1 kHz" if is_low else name].append(our[name] - their[name])
            else:
                is_cut = is_cut_off(our[name], their[name])
                above += is_cut and name == "replaygain_track_peak"
                kind = "cut off by loudgain" if is_cut else "not cut off"
                found[f"{name}, {kind}"].append(20.0 * math.log10(our[name] / their[name]))
    return [Differences(name, values) for name, values in sorted(found.items())], above


def gain_at_48_khz(track: OpenTrack) -> float:
    """What libebur128 says of the audio where its filter is the standard's."""
    import soundfile
    import soxr
    from second_opinion import by_ebur128

    audio, rate_hz = soundfile.read(track.path, dtype="float32", always_2d=True)
    return -18.0 - by_ebur128(soxr.resample(audio, rate_hz, 48_000, "VHQ"), 48_000).integrated_lufs


def is_cut_off(our_peak: float, their_peak: float) -> bool:
    """Whether the audio comes above full scale, of which loudgain knows nothing."""
    return our_peak > 1.0 and our_peak > their_peak


def gates_of(document: Document) -> list[Gate]:
    theirs_s, theirs_processor_s, _ = document["spent"][THEIRS]
    ours_s, _, _ = document["spent"][OURS]
    _, alone_processor_s, _ = document["spent"][ALONE]
    return [
        at_most("gains, farthest apart, dB", document["most_db"], GATE_DB, "loudgain"),
        at_least("loudgain ÷ two workers, seconds", theirs_s / ours_s, 1, "loudgain"),
        at_least("loudgain ÷ one worker, processor time", theirs_processor_s / alone_processor_s, 1, "loudgain"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "replaygain.json")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    place = BUILD / "replaygain"
    everything = open_tracks(Path(os.environ["AURALIS_CORPUS"]))
    tracks = [track for track in everything if is_opened(track.path)]
    seconds_of_music = sum(track.duration_s for track in tracks)
    ours, theirs = (copied(tracks, place / name) for name in ("ours", "theirs"))
    home, log = BUILD / "replaygain-home", place / "log"
    by_auralis(min(ours, key=lambda path: path.stat().st_size), log, 1, home)  # compiles kernels, keeps bytecode
    spent: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for _ in range(arguments.rounds):
        # Interleaved, so that a busy moment hits all alike; every file is written anew.
        copied(tracks, place / "theirs")
        their = by_loudgain(place / "theirs", log)
        spent[THEIRS].append(
            (
                sum(one.seconds for one in their),
                sum(one.processor_s for one in their),
                max(one.peak_mib for one in their),
            )
        )
        for name, jobs in ((ALONE, 1), (OURS, 2)):
            copied(tracks, place / "ours")
            one = by_auralis(place / "ours", log, jobs, home)
            spent[name].append((one.seconds, one.processor_s, one.peak_mib))
    differences, above = compared(tracks, ours, theirs)
    medians = {name: [statistics.median(column) for column in zip(*runs, strict=True)] for name, runs in spent.items()}
    lines = [f"{len(everything) - len(tracks)} tracks that FFmpeg does not open are left out"]
    lines += [
        f"{len(tracks)} tracks, {seconds_of_music / 60:.0f} minutes, {len({path.parent for path in ours})} albums"
    ]
    lines += ["", "| tag, ours less theirs | files | median dB | most dB | within 0.05 |", "|---|---|---|---|---|"]
    lines += [difference.row() for difference in differences]
    lines += ["", f"{above} tracks come above full scale, of which loudgain knows nothing.", ""]
    lines += ["| | seconds | processor s | times real time | MiB | of loudgain's seconds | of its processor s |"]
    lines += ["|---|---|---|---|---|---|---|"]
    base = medians[THEIRS]
    for name, (seconds, processor_s, peak_mib) in medians.items():
        figures = f"{seconds:.1f} | {processor_s:.1f} | {seconds_of_music / seconds:.0f} | {peak_mib:.0f}"
        lines.append(f"| {name} | {figures} | {seconds / base[0]:.2f} | {processor_s / base[1]:.2f} |")
    gains = [value for one in differences if one.name in GATED for value in one.values]
    document = {"most_db": max(map(abs, gains)), "spent": medians, "tracks": len(tracks), "above_full_scale": above}
    shutil.rmtree(place)
    keep("\n".join(lines), document, arguments.json, gates_of, tools=("loudgain", "ffmpeg"))


if __name__ == "__main__":
    main()
