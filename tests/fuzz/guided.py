"""Runs of `run_atheris.py`, one process for each target, so many at a time; what libFuzzer tells of them."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fuzz.targets import TARGETS

_RUNNER = Path(__file__).with_name("run_atheris.py")
_FOUND = Path("build/fuzz")
_LONGEST_BYTES = 4096
_GIVES_UP_S = 3600.0
_DONE = re.compile(r"Done (\d+) runs in (\d+) second")
_REACHED = re.compile(r"#\d+\s+(INITED|\w+)\s+cov: (\d+) ft: (\d+)")


def guided_runs(names: list[str], cases: int, jobs: int, seed: int) -> list[dict[str, object]]:
    """Runs them, and prints a line for each."""
    whole = sum(TARGETS[name].weight for name in names)
    _FOUND.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda name: _run(name, -(-cases * TARGETS[name].weight // whole), seed), names))


def _run(name: str, cases: int, seed: int) -> dict[str, object]:
    target = TARGETS[name]
    with tempfile.TemporaryDirectory(prefix=f"auralis-{name}-") as folder:
        for number, data in enumerate(target.seeds):
            Path(folder, f"seed-{number}").write_bytes(data)
        words = Path(folder, "words")
        words.write_text("".join(f'"{_quoted(word)}"\n' for word in dict.fromkeys(target.words) if word))
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        for seed_file in Path(folder).glob("seed-*"):
            seed_file.rename(corpus / seed_file.name)
        options = [f"-runs={cases}", f"-max_len={_LONGEST_BYTES}", f"-seed={seed + 1}", f"-dict={words}", "-timeout=60"]
        command = [sys.executable, str(_RUNNER), name, *options, f"-artifact_prefix={_FOUND}/{name}-", str(corpus)]
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_GIVES_UP_S, check=False
        )
    told = _told(name, done.stdout + done.stderr, done.returncode)
    print(f"{name:<18}{told['cases']:>9,} guided cases; {told['edges_by_seeds']:,} edges by seeds, "
          f"{told['edges_beyond_seeds']:,} beyond; {len(list(told['crashes']))} crashes", flush=True)  # type: ignore[call-overload]  # fmt: skip
    return told


def _told(name: str, text: str, code: int) -> dict[str, object]:
    done = _DONE.search(text)
    reached = [(kind, int(edges)) for kind, edges, _ in _REACHED.findall(text)]
    by_seeds = next((edges for kind, edges in reached if kind == "INITED"), 0)
    crashes = [] if code == 0 else [f"{name}: {' '.join(text.strip().splitlines()[-12:])[:1500]}"]
    for crash in crashes:
        print(crash, flush=True)
    return {
        "target": name,
        "cases": int(done[1]) if done else 0,
        "edges_by_seeds": by_seeds,
        "edges_beyond_seeds": max((edges for _, edges in reached), default=by_seeds) - by_seeds,
        "crashes": crashes,
    }


def _quoted(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)
