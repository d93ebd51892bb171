"""Albums mastered as one: levels kept, loudness on target by a foreign meter, joins that null.

The soundtrack of Singularity, sixteen tracks with pauses, and two pieces cut into eight at frames that no block
divides: the longest of the open music, and one whose tracks then are 5 s long and 14 LU apart, the quiet ones beginning
in what is left of the loud. Of these the mastered tracks one after the other have to be what the same plan makes of the
uncut piece, sample for sample. What was intended is what the sources are to each other.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import soundfile
from documents import BUILD, keep
from gates import Document, Gate, at_least, at_most, none_of
from numpy.typing import NDArray
from open_music import OpenTrack, open_tracks
from solved_rendering import render_as_solved

from auralis_cli.model.album_mastering import AlbumRequest
from auralis_cli.model.audio import Subtype
from auralis_cli.model.master_reports import MasterReport
from auralis_cli.model.mastering import MasterRequest, SolvedPlan
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.source import AudioSource, Destination
from auralis_cli.services.album_master import master_album

TARGETS_LUFS = (-14.0, -11.0)
SHORT_PIECE = "March Thee to Dis"
WITHIN_LU = 0.3
CEILING_DBTP = -1.0


@dataclass(frozen=True, slots=True)
class Result:
    album: str
    tracks: int
    duration_s: float
    target_lufs: float
    # By FFmpeg, of all results one after the other.
    heard_lufs: float
    heard_dbtp: float
    limited_by: str
    # Of the track that is farthest from where it was to the album.
    astray_lu: float
    # The same without the gain that keeps levels, by what that gain had to make good for.
    levels_db: float
    # Samples that differ from the master of the uncut recording; None where there is none.
    wrong_samples: int | None
    seconds: float
    peak_mib: float

    def row(self) -> str:
        null = "" if self.wrong_samples is None else f"{self.wrong_samples}"
        return (
            f"| {self.album} | {self.tracks} | {self.duration_s / 60:.0f} min | {self.target_lufs:.0f} |"
            f" {self.heard_lufs:.2f} | {self.heard_dbtp:.2f} | {self.levels_db:.2f} | {self.astray_lu:.2f} | {null} |"
            f" {self.seconds:.0f} s | {self.peak_mib:.0f} MiB |"
        )


HEAD = (
    "| album | tracks | length | LUFS wanted | heard | dBTP | levels moved, dB | astray, LU | wrong samples | took |"
    " memory |\n|---|---|---|---|---|---|---|---|---|---|---|"
)


def soundtrack(tracks: Sequence[OpenTrack], folder: Path) -> list[Path]:
    """Singularity's tracks, without tags, in the order of their names."""
    paths = []
    for number, track in enumerate(one for one in tracks if one.name.startswith("singularity-music/")):
        paths.append(folder / f"{number:02} {track.path.stem}.flac")
        audio, rate_hz = soundfile.read(track.path, dtype="float32")
        soundfile.write(paths[-1], np.clip(audio, -1.0, 1.0), rate_hz, subtype="PCM_24")
    return paths


def cut_in_eight(track: OpenTrack, folder: Path) -> tuple[list[Path], Path]:
    audio, rate_hz = soundfile.read(track.path, dtype="float32", always_2d=True)
    audio = np.clip(audio, -1.0, 1.0)
    borders = [len(audio) * number // 8 | 1 for number in range(1, 8)]
    paths = []
    for number, part in enumerate(np.split(audio, borders), 1):
        paths.append(folder / f"{number} part.flac")
        soundfile.write(paths[-1], part, rate_hz, subtype="PCM_24")
    whole = folder.parent / f"{folder.name} whole.flac"
    soundfile.write(whole, audio, rate_hz, subtype="PCM_24")
    return paths, whole


def by_ffmpeg(paths: Sequence[Path]) -> tuple[float, float]:
    """Integrated loudness and true peak of files one after the other."""
    names = "".join(f"file '{path}'\n" for path in paths)
    listed = paths[0].parent / "list.txt"
    listed.write_text(names, encoding="utf-8")
    command = ["ffmpeg", "-nostats", "-safe", "0", "-f", "concat", "-i", str(listed), "-filter_complex"]
    said = subprocess.run(
        [*command, "ebur128=peak=true:metadata=1,ametadata=print:file=-", "-f", "null", "-"],
        capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    loudness = [line.split("=")[1] for line in said if line.startswith("lavfi.r128.I=")][-1]
    peaks = [float(line.split("=")[1]) for line in said if ".true_peaks_ch" in line]
    return float(loudness), 20.0 * float(np.log10(max(peaks)))


def differing(parts: Sequence[Path], whole: Path, solved: SolvedPlan) -> int:
    """Samples in which the mastered parts differ from what the plan makes of the uncut recording."""
    request = MasterRequest(AudioSource(whole), Destination(whole.with_suffix(".wav")))
    counts: list[int] = []
    readers = [soundfile.SoundFile(part) for part in parts]

    class Compared:
        def write(self, block: NDArray[np.float32]) -> None:
            mastered = np.zeros((0, block.shape[1]), np.float32)
            while len(mastered) < len(block) and readers:
                more = readers[0].read(len(block) - len(mastered), dtype="float32", always_2d=True)
                mastered = np.concatenate((mastered, more))
                if len(mastered) < len(block):
                    readers.pop(0).close()
            counts.append(int((mastered != block).sum()) if len(mastered) == len(block) else block.size)

    render_as_solved(request, solved, Compared())
    left = sum(int(reader.frames - reader.tell()) for reader in readers)
    return sum(counts) + left


def measured(name: str, paths: Sequence[Path], whole: Path | None, target_lufs: float, out: Path) -> Result:
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    requests = tuple(
        MasterRequest(
            AudioSource(path), Destination(out / f"{path.stem}.wav"), loudness_lufs=target_lufs, subtype=Subtype.FLOAT
        )
        for path in paths
    )
    began_s = time.perf_counter()
    made = master_album(AlbumRequest(name, requests), out.parent / "receipts", SilentProgress(), CancelToken())
    took_s = time.perf_counter() - began_s
    reports = [one for one in made if isinstance(one, MasterReport)]
    # That of usage goes on from the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    peak_mib = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024.0
    solved, share = reports[0].solved, reports[0].album
    assert share is not None
    moved = share.integrated_lufs - share.input_lufs
    astray = [one.output.integrated_lufs - one.analysis.measurements.integrated_lufs - moved for one in reports]
    results = [out / f"{path.stem}.wav" for path in paths]
    heard_lufs, heard_dbtp = by_ffmpeg(results)
    levels = solved.plan.levels
    result = Result(
        album=name,
        tracks=len(paths),
        duration_s=sum(one.output.duration_s for one in reports),
        target_lufs=target_lufs,
        heard_lufs=heard_lufs,
        heard_dbtp=heard_dbtp,
        limited_by=solved.limited_by.value,
        astray_lu=max(map(abs, astray)),
        levels_db=0.0 if levels is None else max(map(abs, levels.gains_db)),
        wrong_samples=None if whole is None else differing(results, whole, solved),
        seconds=took_s,
        peak_mib=peak_mib,
    )
    shutil.rmtree(out, ignore_errors=True)
    return result


def gates_of(document: Document) -> list[Gate]:
    found = []
    for row in document["rows"]:
        of = f"{row['album']} at {row['target_lufs']:g} LUFS"
        found += [
            at_least(f"{of}: tracks", row["tracks"], 8),
            at_most(f"{of}: relative loudness of the worst track, LU off", row["astray_lu"], WITHIN_LU),
            at_most(f"{of}: true peak, dBTP", row["heard_dbtp"], CEILING_DBTP + 0.05, "ffmpeg's ebur128"),
        ]
        if row["limited_by"] == "none":
            error = abs(row["heard_lufs"] - row["target_lufs"])
            found.append(at_most(f"{of}: error of all of it, LU", error, 0.1, "ffmpeg's ebur128"))
        if row["wrong_samples"] is not None:
            found.append(none_of(f"{of}: samples that are not those of the uncut master", row["wrong_samples"]))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "album.json")
    options = parser.parse_args()
    tracks = open_tracks(Path(os.environ["AURALIS_CORPUS"]))
    work = BUILD / "albums"
    shutil.rmtree(work, ignore_errors=True)
    (work / "soundtrack").mkdir(parents=True)
    albums: list[tuple[str, list[Path], Path | None]] = []
    longest = max((one for one in tracks if one.channels == 2), key=lambda one: one.duration_s)
    for track in (longest, next(one for one in tracks if one.path.stem == SHORT_PIECE)):
        (work / track.path.stem).mkdir()
        albums.append((f"{track.path.stem}, cut in eight", *cut_in_eight(track, work / track.path.stem)))
    albums.append(("Singularity", soundtrack(tracks, work / "soundtrack"), None))
    results = []
    for name, paths, uncut in albums:
        for target_lufs in TARGETS_LUFS:
            # What the memory is of is this one alone.
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as own:
                results.append(own.submit(measured, name, paths, uncut, target_lufs, work / "out").result())
            print(results[-1].row(), file=sys.stderr, flush=True)
    shutil.rmtree(work, ignore_errors=True)
    text = "\n".join([HEAD, *(one.row() for one in results)])
    return 0 if keep(text, {"rows": [asdict(one) for one in results]}, options.json, gates_of, tools=("ffmpeg",)) else 1


if __name__ == "__main__":
    sys.exit(main())
