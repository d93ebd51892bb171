"""How often defects are found where they are, and told where they are not.

Material that was never encoded (samples of the open music, MIDI files rendered by fluidsynth where it is
installed) as it is, with every defect put in, and sent through encoders and resamplers; and the open music,
which was.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
import soxr
from documents import BUILD, keep
from gates import Document, Gate, none_of
from numpy.typing import NDArray
from rendering import chosen_tracks, markdown

from auralis_cli.analysis.defects import find_defects
from auralis_cli.analysis.measure import TrackMeter
from auralis_cli.model.audio import StreamInfo, Subtype
from auralis_cli.model.defects import Defect, DefectKind

Audio = NDArray[np.float32]
EXCERPT_S = 25
MIN_S = 3.0

ENCODERS: dict[str, tuple[str, ...]] = {
    "mp3 128": ("-c:a", "libmp3lame", "-b:a", "128k", ".mp3"),
    "mp3 192": ("-c:a", "libmp3lame", "-b:a", "192k", ".mp3"),
    "mp3 V2": ("-c:a", "libmp3lame", "-q:a", "2", ".mp3"),
    "mp3 320": ("-c:a", "libmp3lame", "-b:a", "320k", ".mp3"),
    "aac 128": ("-c:a", "aac", "-b:a", "128k", ".m4a"),
    "aac 192": ("-c:a", "aac", "-b:a", "192k", ".m4a"),
    "aac 256": ("-c:a", "aac", "-b:a", "256k", ".m4a"),
    "vorbis q4": ("-c:a", "libvorbis", "-q:a", "4", ".ogg"),
    "vorbis q6": ("-c:a", "libvorbis", "-q:a", "6", ".ogg"),
    "opus 96": ("-c:a", "libopus", "-b:a", "96k", ".opus"),
    "opus 128": ("-c:a", "libopus", "-b:a", "128k", ".opus"),
}
RATES = ((22_050, 44_100), (24_000, 48_000), (44_100, 48_000), (44_100, 96_000), (48_000, 96_000))


def defects(audio: Audio, rate_hz: int, subtype: Subtype = Subtype.PCM_16) -> dict[DefectKind, Defect]:
    meter = TrackMeter(rate_hz, audio.shape[1])
    for start in range(0, len(audio), 65_536):
        meter.add(np.ascontiguousarray(audio[start : start + 65_536]))
    info = StreamInfo(rate_hz, audio.shape[1], len(audio), "wav", "pcm", subtype)
    return {defect.kind: defect for defect in find_defects(meter.result(), info, ())}


def stored(audio: NDArray[Any], bits: int = 16) -> Audio:
    """Rounded and cut off as a file of integers does."""
    steps = 2.0 ** (bits - 1)
    rounded = np.clip(np.round(audio.astype(np.float64) * steps), -steps, steps - 1) / steps
    return np.asarray(rounded, np.float32)


def never_encoded(folder: Path) -> Iterator[tuple[str, Audio, int]]:
    """Samples of at least 3 s, and rendered MIDI files."""
    root = Path(os.environ["AURALIS_CORPUS"])
    for path in sorted(root.rglob("*.flac")):
        if sf.info(str(path)).duration >= MIN_S:
            audio, rate_hz = sf.read(str(path), dtype="float32", always_2d=True)
            yield path.stem, stored(audio), rate_hz
    soundfonts = sorted(root.rglob("*.sf2"))
    if shutil.which("fluidsynth") is None or not soundfonts:
        print("fluidsynth is missing: no MIDI files are rendered", file=sys.stderr)
        return
    # Those of openttd-openmsx came later and are kept for tempi.
    for path in sorted(path for path in root.rglob("*.mid") if "openttd-openmsx" not in path.parts)[::2]:
        out = folder / "midi.wav"
        command = ["fluidsynth", "-ni", "-q", "-r", "44100", "-F", str(out), str(soundfonts[0]), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        audio, rate_hz = sf.read(out, dtype="float32", always_2d=True, start=5 * 44_100, frames=EXCERPT_S * 44_100)
        if len(audio) >= MIN_S * rate_hz:
            yield path.stem, stored(audio), rate_hz


def through(encoder: tuple[str, ...], audio: Audio, rate_hz: int, folder: Path) -> tuple[Audio, int]:
    """Encoded and decoded to 16 bit by ffmpeg."""
    *options, suffix = encoder
    plain, coded = folder / "plain.wav", folder / f"coded{suffix}"
    sf.write(plain, audio, rate_hz, subtype="PCM_16")
    ffmpeg = ["ffmpeg", "-v", "error", "-y", "-i"]
    subprocess.run([*ffmpeg, str(plain), *options, str(coded)], check=True)
    subprocess.run([*ffmpeg, str(coded), "-c:a", "pcm_s16le", str(plain)], check=True)
    decoded, decoded_hz = sf.read(plain, dtype="float32", always_2d=True)
    return np.asarray(decoded), int(decoded_hz)


def stereo(audio: Audio) -> Audio:
    return np.repeat(audio, 2, axis=1) if audio.shape[1] == 1 else audio


def correlation(audio: Audio) -> float:
    """Of left and right; 1 for mono."""
    left, right = stereo(audio)[:, :2].astype(np.float64).T
    return float(left @ right / np.sqrt((left @ left) * (right @ right)))


def clipped(audio: Audio) -> Audio:
    """Driven until 0.2 % of the samples are clipped, and turned down by 3 dB."""
    level = float(np.quantile(np.abs(audio), 0.998))
    return stored(np.clip(audio, -level, level) / level * 0.7079)


def with_silence(audio: Audio, rate_hz: int) -> Audio:
    gap = np.zeros((3 * rate_hz, audio.shape[1]), np.float32)
    return np.concatenate((gap, audio, gap))


PLANTED: dict[DefectKind, Callable[[Audio, int], Audio]] = {
    DefectKind.CLIPPING: lambda audio, _: clipped(audio),
    DefectKind.TRUE_PEAK_OVERS: lambda audio, _: audio / np.abs(audio).max() * np.float32(1.2),
    DefectKind.INVERTED_POLARITY: lambda audio, _: stereo(audio) * np.array([1, -1], np.float32),
    DefectKind.ONE_SIDED: lambda audio, _: stored(stereo(audio) * np.array([1, 0.003])),
    DefectKind.DUAL_MONO: lambda audio, _: np.repeat(audio[:, :1], 2, axis=1),
    DefectKind.DC_OFFSET: lambda audio, _: stored(audio * 0.9 - audio.mean(axis=0) * 0.9 + 0.006),
    DefectKind.SILENCE: with_silence,
    DefectKind.PADDED_BITS: lambda audio, _: audio,
}


class Counts:
    """Cases and hits by row."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        self.named: dict[str, list[str]] = defaultdict(list)

    def add(self, kind: str, case: str, hit: object, name: str = "") -> None:
        """One case; the names of hits are kept."""
        row = self.rows[kind, case]
        row[0] += 1
        row[1] += bool(hit)
        if hit and name:
            self.named[f"{kind} {case}"].append(name)


def count(counts: Counts, folder: Path, *, quick: bool) -> None:
    """Everything about material that was never encoded."""
    for index, (name, audio, rate_hz) in enumerate(never_encoded(folder)):
        print(name, file=sys.stderr)
        found = defects(audio, rate_hz)
        for kind in DefectKind:
            counts.add(kind, "told of the originals", kind in found, name)
        for kind, plant in PLANTED.items():
            if kind is DefectKind.INVERTED_POLARITY and correlation(audio) < 0.6:
                continue
            subtype = Subtype.PCM_24 if kind is DefectKind.PADDED_BITS else Subtype.PCM_16
            counts.add(kind, "put in, found", kind in defects(plant(audio, rate_hz), rate_hz, subtype))
        if quick and index % 4:
            continue
        for encoder, options in ENCODERS.items():
            coded = defects(*through(options, audio, rate_hz, folder))
            counts.add(DefectKind.LOSSY_SOURCE, f"{encoder}, found", DefectKind.LOSSY_SOURCE in coded)
        for original_hz, high_hz in RATES:
            low = stored(soxr.resample(audio, rate_hz, original_hz, "VHQ")) if original_hz != rate_hz else audio
            high = stored(soxr.resample(low, original_hz, high_hz, "VHQ"), 24)
            upsampled = defects(high, high_hz, Subtype.PCM_24).get(DefectKind.UPSAMPLED)
            case = f"{original_hz / 1e3:g} in {high_hz / 1e3:g} kHz, found with its rate"
            counts.add(DefectKind.UPSAMPLED, case, upsampled and upsampled.original_rate_hz == original_hz)


def count_music(counts: Counts, *, quick: bool) -> None:
    """The open music, which is mp3 and Vorbis, decoded to 16 bit."""
    for track in chosen_tracks()[:: 4 if quick else 1]:
        if track.sample_rate_hz < 44_100 or track.path.suffix not in (".ogg", ".mp3"):
            continue
        start = int(track.duration_s / 3 * track.sample_rate_hz)
        frames = EXCERPT_S * track.sample_rate_hz
        audio, rate_hz = sf.read(str(track.path), dtype="float32", always_2d=True, start=start, frames=frames)
        found = defects(stored(audio), rate_hz)
        counts.add(
            DefectKind.LOSSY_SOURCE, "open music (Vorbis, mostly high rates), found", DefectKind.LOSSY_SOURCE in found
        )
        counts.add(
            DefectKind.INVERTED_POLARITY, "told of the open music", DefectKind.INVERTED_POLARITY in found, track.name
        )


def gates_of(document: Document) -> list[Gate]:
    """What is told where it cannot be; how much is found is stated, and has no bound."""
    told = {(row["defect"], row["case"]): row["told"] for row in document["rows"]}
    return [
        none_of(f"{kind.value.replace('_', ' ')}: {case}", told[kind.value, case])
        for kind, case in (
            (DefectKind.LOSSY_SOURCE, "told of the originals"),
            (DefectKind.UPSAMPLED, "told of the originals"),
            (DefectKind.INVERTED_POLARITY, "told of the originals"),
            (DefectKind.INVERTED_POLARITY, "told of the open music"),
        )
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "defects.json")
    parser.add_argument("--quick", action="store_true", help="encoders and resamplers for every fourth file only")
    asked = parser.parse_args()
    if "AURALIS_CORPUS" not in os.environ:
        sys.exit("needs the open music: run `make corpus` and set AURALIS_CORPUS to its folder")
    counts = Counts()
    with tempfile.TemporaryDirectory() as folder:
        count(counts, Path(folder), quick=asked.quick)
    count_music(counts, quick=asked.quick)
    order = list(DefectKind)
    rows = sorted(counts.rows.items(), key=lambda row: order.index(DefectKind(row[0][0])))
    table = markdown(["defect", "case", "cases", "told"], [(kind, case, *numbers) for (kind, case), numbers in rows])
    named = "\n".join(f"- {case}: {', '.join(names)}" for case, names in counts.named.items())
    document = {
        "rows": [{"defect": kind, "case": case, "cases": cases, "told": told} for (kind, case), (cases, told) in rows],
        "named": counts.named,
    }
    keep(f"{table}\n\n{named}", document, asked.json, gates_of, tools=("ffmpeg", "fluidsynth"))


if __name__ == "__main__":
    main()
