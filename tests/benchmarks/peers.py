"""Speed and memory of whole processes against peers, in one run, as ratios (`make bench`).

Rounds are interleaved (A B C, A B C, …), so that a busy moment hits all alike; figures are medians. Gates are
reported, not enforced: seconds belong to a machine, ratios to the program.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from documents import BUILD, keep
from gates import Document, Gate, at_least, at_most, below
from processes import Run, run

HERE = Path(__file__).resolve().parent
# Four to five minutes of music, and another track as matchering's reference.
TRACK, REFERENCE = "wanderer.ogg", "battle.ogg"
LOUDNESS_LUFS, CEILING_DBTP = -14, -1
SHORT_S, LONG_S = 180, 3 * 3600
FLOOR, MASTER, MATCHERING, ANALYZE = "floor", "auralis master", "matchering", "auralis analyze"
LOUDNORM = f"loudnorm=I={LOUDNESS_LUFS}:TP={CEILING_DBTP}:LRA=20"


@dataclass(slots=True)
class Contestant:
    name: str
    start: Callable[[], Run]
    runs: list[Run] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return statistics.median(one.seconds for one in self.runs)

    @property
    def peak_mib(self) -> float:
        return max(one.peak_mib for one in self.runs)


class Bench:
    """The inputs, the tools and the places of one run."""

    def __init__(self, scratch: Path, corpus: Path) -> None:
        self.scratch = scratch
        self.auralis = [sys.executable, "-m", "auralis_cli"]
        # Bytecode is kept as in every installation, wherever the caller's Python is told not to.
        kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(BUILD / "bench-home" / "bytecode")}
        self.environment = {"AURALIS_HOME": str(BUILD / "bench-home"), **kept}
        self.track = self.make_input(corpus, TRACK, "track")
        self.reference = self.make_input(corpus, REFERENCE, "reference")
        # Asked of a child: what is imported here would count as every child's memory.
        ask = "from auralis_cli.audio.sndfile_encoder import FLAC_COMPRESSION as level; print(level)"
        self.flac_level = self.run([sys.executable, "-c", ask]).output.strip()
        self.matchering = os.environ.get("MATCHERING_PYTHON")

    def make_input(self, corpus: Path, name: str, as_name: str, seconds: float | None = None) -> Path:
        (source,) = corpus.rglob(name)
        made = BUILD / "bench-inputs" / f"{as_name}.flac"
        if not made.exists():
            made.parent.mkdir(parents=True, exist_ok=True)
            part = made.with_suffix(".part.flac")
            length = [] if seconds is None else [str(seconds)]
            self.run([sys.executable, str(HERE / "make_input.py"), str(source), str(part), *length])
            part.replace(made)
        return made

    def run(self, command: list[str], environment: dict[str, str] | None = None) -> Run:
        return run(command, self.scratch / "log", environment or self.environment)

    def out(self, name: str) -> str:
        return str(self.scratch / f"{name}.flac")

    def master(self, source: Path, environment: dict[str, str] | None = None) -> Run:
        options = ["--loudness", str(LOUDNESS_LUFS), "--ceiling", str(CEILING_DBTP), "--bits", "24"]
        destination = Path(self.out("master"))
        destination.unlink(missing_ok=True)
        command = [*self.auralis, "--progress", "never", "master", str(source), str(destination), *options]
        return self.run(command, environment)

    def floor(self) -> Run:
        return self.run([sys.executable, str(HERE / "floor.py"), str(self.track), self.out("floor"), self.flac_level])

    def run_matchering(self) -> Run:
        assert self.matchering is not None
        script = str(HERE / "matchering_run.py")
        return self.run([self.matchering, script, str(self.track), str(self.reference), self.out("matchering")])

    def loudnorm(self) -> Run:
        """Measure, then apply linearly where that is possible; loudnorm works at 192 kHz, so the rate is set back."""
        ffmpeg = ["ffmpeg", "-hide_banner", "-nostdin", "-y", "-i", str(self.track)]
        first = self.run([*ffmpeg, "-af", f"{LOUDNORM}:print_format=json", "-f", "null", "-"])
        measured = json.loads(first.output[first.output.rindex("{") : first.output.rindex("}") + 1])
        found = {"I": "input_i", "TP": "input_tp", "LRA": "input_lra", "thresh": "input_thresh"}
        values = ":".join(f"measured_{key}={measured[name]}" for key, name in found.items())
        chain = f"{LOUDNORM}:{values}:offset={measured['target_offset']}:linear=true"
        coded = ["-ar", "44100", "-c:a", "flac", "-sample_fmt", "s32", "-bits_per_raw_sample", "24"]
        second = self.run([*ffmpeg, "-af", chain, *coded, self.out("loudnorm")])
        return Run(first.seconds + second.seconds, max(first.peak_mib, second.peak_mib), second.output)

    def mastering(self) -> list[Contestant]:
        found = [Contestant(FLOOR, self.floor), Contestant(MASTER, lambda: self.master(self.track))]
        if self.matchering:
            found.append(Contestant(MATCHERING, self.run_matchering))
        if shutil.which("ffmpeg"):
            found.append(Contestant("ffmpeg loudnorm, two passes", self.loudnorm))
        return found

    def metering(self) -> list[Contestant]:
        def tool(*command: str) -> Callable[[], Run]:
            return lambda: self.run(list(command))

        track = str(self.track)
        found = [Contestant(ANALYZE, tool(*self.auralis, "--progress", "never", "analyze", track))]
        if shutil.which("ffmpeg"):
            meter = ("-af", "ebur128=peak=true", "-f", "null", "-")
            found.append(Contestant("ffmpeg ebur128", tool("ffmpeg", "-nostats", "-nostdin", "-i", track, *meter)))
        if shutil.which("loudgain"):
            found.append(Contestant("loudgain", tool("loudgain", track)))
        return found

    def first_compile_s(self) -> float:
        """Seconds a first run takes more than the next one on the same few seconds of audio."""
        short = BUILD / "bench-inputs" / "short.flac"
        if not short.exists():
            self.run([sys.executable, str(HERE / "make_input.py"), str(self.track), str(short), "5"])
        with tempfile.TemporaryDirectory(dir=self.scratch) as home:
            first = self.master(short, {"AURALIS_HOME": home})
            again = self.master(short, {"AURALIS_HOME": home})
        return first.seconds - again.seconds


def compete(contestants: list[Contestant], rounds: int) -> None:
    """One round to warm up (kernels, page cache), then the rounds that count."""
    for number in range(rounds + 1):
        for contestant in contestants:
            one = contestant.start()
            if number > 0:
                contestant.runs.append(one)
            print(f"  {contestant.name}: {one.seconds:.2f} s, {one.peak_mib:.0f} MiB", file=sys.stderr, flush=True)


def table(contestants: list[Contestant], base: Contestant) -> list[str]:
    rows = [f"| | s, median (least–most) | × {base.name} | peak MiB |", "|---|---:|---:|---:|"]
    for one in contestants:
        spread = [each.seconds for each in one.runs]
        seconds = f"{one.seconds:.2f} ({min(spread):.2f}–{max(spread):.2f})"
        rows.append(f"| {one.name} | {seconds} | {one.seconds / base.seconds:.2f} | {one.peak_mib:.0f} |")
    return rows


def runs_of(contestants: Iterable[Contestant]) -> dict[str, list[dict[str, float]]]:
    """Every run of each, as figures alone."""
    return {
        one.name: [
            {"seconds": run.seconds, "processor_s": run.processor_s, "peak_mib": run.peak_mib} for run in one.runs
        ]
        for one in contestants
    }


def median_of(document: Document, name: str, figure: str = "seconds") -> float | None:
    """Of a contestant's runs in a document; None where it did not run."""
    runs = document["runs"].get(name)
    return statistics.median(run[figure] for run in runs) if runs else None


def times(document: Document, slower: str, quicker: str, figure: str = "seconds") -> float | None:
    """How many times as long one took as another; None where either did not run."""
    longer, shorter = median_of(document, slower, figure), median_of(document, quicker, figure)
    return longer / shorter if longer is not None and shorter is not None else None


def gates_of(document: Document) -> list[Gate]:
    return [
        at_most("master ÷ floor, seconds (hoped for: 2)", times(document, MASTER, FLOOR), 3, FLOOR),
        at_least("matchering ÷ master, seconds", times(document, MATCHERING, MASTER), 2.5, "matchering"),
        at_least("loudgain ÷ analyze, seconds", times(document, "loudgain", ANALYZE), 1, "loudgain"),
        *(below(f"peak MiB, {length}", document["memory_mib"].get(length), 300) for length in ("3 minutes", "3 hours")),
        at_most("first compile, s", document["first_compile_s"], 15),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "bench.json")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--short", action="store_true", help="leave out the three-hour file (some 7 GB on disk)")
    asked = parser.parse_args()
    corpus = Path(os.environ.get("AURALIS_CORPUS", ""))
    BUILD.mkdir(exist_ok=True)
    if not list(corpus.rglob(TRACK)):
        sys.exit(f"make bench needs {TRACK} of the open music: run `make corpus` first")
    with tempfile.TemporaryDirectory(prefix="bench-", dir=BUILD) as scratch:
        bench = Bench(Path(scratch), corpus)
        compile_s = bench.first_compile_s()
        mastering, metering = bench.mastering(), bench.metering()
        compete(mastering, asked.rounds)
        compete(metering, asked.rounds)
        memory = {"3 minutes": bench.master(bench.make_input(corpus, TRACK, "3-minutes", SHORT_S)).peak_mib}
        if not asked.short:
            memory["3 hours"] = bench.master(bench.make_input(corpus, TRACK, "3-hours", LONG_S)).peak_mib
    head = f"{asked.rounds} interleaved rounds."
    lines = [head, "", *table(mastering, mastering[0]), "", *table(metering, metering[0])]
    document = {"runs": runs_of((*mastering, *metering)), "memory_mib": memory, "first_compile_s": compile_s}
    keep("\n".join(lines), document, asked.json, gates_of, tools=("matchering", "ffmpeg", "loudgain"))


if __name__ == "__main__":
    main()
