"""Scanning against beets and MPD on the same files, and scanning again what did not change (`make bench`).

Rounds are interleaved; every contestant starts from nothing: no library, no database. The page cache is warm for all.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from documents import BUILD, keep
from gates import Document, Gate, at_least, at_most, below
from peers import Contestant, compete, runs_of, table, times
from processes import Run, run
from small_files import SEED, make_music, make_tiny

BARE_WALK = """
import os, sys
def walk(folder):
    n = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(): n += walk(entry.path)
            else: entry.stat(); n += 1
    return n
print(walk(sys.argv[1]))
"""
WALK = "bare walk: scandir and stat"
SCAN, AGAIN = "auralis scan", "auralis scan, again"
MPD, BEETS = "MPD, from start to updated", "beet import -A"
MPD_CONF = """
music_directory "{music}"
db_file "{place}/db"
log_file "{place}/log"
bind_to_address "{place}/socket"
audio_output {{
    type "null"
    name "none"
}}
"""


class Library:
    """One folder of music, and where each contestant keeps what it knows of it."""

    def __init__(self, scratch: Path, music: Path, name: str) -> None:
        self.scratch, self.music, self.name = scratch, music, name
        self.auralis = [sys.executable, "-m", "auralis_cli", "--progress", "never"]
        self.home = scratch / f"home-{name}"

    def run(self, command: list[str], environment: dict[str, str]) -> Run:
        kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(BUILD / "bench-home" / "bytecode")}
        return run(command, self.scratch / "log", {**environment, **kept})

    def scan(self) -> Run:
        """A first scan, into a new library."""
        shutil.rmtree(self.home, ignore_errors=True)
        return self.scan_again()

    def scan_again(self) -> Run:
        """The same folder into the library there is."""
        return self.run([*self.auralis, "scan", str(self.music)], {"AURALIS_HOME": str(self.home)})

    def walk(self) -> Run:
        """What no scan can do without: every folder listed, every file asked for its size and time."""
        return self.run([sys.executable, "-S", "-c", BARE_WALK, str(self.music)], {})

    def beets(self) -> Run:
        """`beet import -A`: no lookup, no copying, tags read into a new library."""
        place = self.scratch / "beets"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        settings = f"directory: {self.music}\nlibrary: {place}/library.db\nimport:\n  copy: no\n  write: no\n"
        (place / "config.yaml").write_text(settings, encoding="utf-8")
        beet = os.environ.get("BEET", "beet")
        return self.run([beet, "import", "-A", "-q", "-C", str(self.music)], {"BEETSDIR": str(place)})

    def mpd(self) -> Run:
        """MPD from its start, without a database, until its update has ended."""
        place = Path(tempfile.mkdtemp(prefix="mpd-", dir=self.scratch))
        (place / "conf").write_text(MPD_CONF.format(music=self.music, place=place), encoding="utf-8")
        started = time.perf_counter()
        server = subprocess.Popen(["mpd", "--no-daemon", str(place / "conf")], stderr=subprocess.DEVNULL)
        try:
            songs = _updated(place / "socket", server)
            seconds = time.perf_counter() - started
            status = Path(f"/proc/{server.pid}/status").read_text(encoding="utf-8")
        finally:
            server.terminate()
            server.wait()
        peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
        return Run(seconds, peak / 1024, f"{songs} songs")


def _updated(address: Path, server: subprocess.Popen[bytes]) -> int:
    """Waits until MPD has read everything and returns how many songs it knows."""
    tick = threading.Event()
    while not address.exists():
        assert server.poll() is None, "mpd did not start"
        tick.wait(0.005)
    with socket.socket(socket.AF_UNIX) as connection:
        while connection.connect_ex(str(address)) != 0:
            tick.wait(0.005)
        answers = connection.makefile("rw", encoding="utf-8")
        answers.readline()

        def ask(command: str) -> dict[str, str]:
            answers.write(command + "\n")
            answers.flush()
            lines = iter(answers.readline, "OK\n")
            return dict(line.rstrip("\n").split(": ", 1) for line in lines)

        seen = False
        while True:
            busy = "updating_db" in ask("status")
            songs = int(ask("stats")["songs"])
            if not busy and (seen or songs):
                return songs
            seen = seen or busy
            tick.wait(0.01)


def pss_mib(pid: int) -> float:
    """Memory of a process and of all below it, each shared page counted once."""
    total = 0.0
    # Each thread has children of its own, and workers are started by one that is not the first.
    children = Path(f"/proc/{pid}/task").glob("*/children")
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) / 1024
        below = [int(child) for one in children for child in one.read_text(encoding="ascii").split()]
    except (OSError, ValueError):
        return total
    return total + sum(pss_mib(child) for child in below)


def peak_pss_mib(library: Library) -> float:
    """The most that a first scan holds in all its processes at once."""
    shutil.rmtree(library.home, ignore_errors=True)
    command = [*library.auralis, "scan", str(library.music)]
    environment = {**os.environ, "AURALIS_HOME": str(library.home)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak, tick = 0.0, threading.Event()
    while process.poll() is None:
        peak = max(peak, pss_mib(process.pid))
        tick.wait(0.05)
    assert process.returncode == 0
    return peak


def gates_of(document: Document) -> list[Gate]:
    some, many = f"{document['files']:,} files", f"{document['many']:,} files"
    again, memory = f"scan of {many}, unchanged ÷ bare walk", f"MiB of all processes, first scan of {many}"
    return [
        at_least(f"beets ÷ scan of {some}, seconds (hoped for: 20)", times(document, BEETS, SCAN), 10, "beets"),
        at_least(f"MPD ÷ scan of {some}, seconds", times(document, MPD, SCAN), 1, "mpd"),
        at_most(again, times(document, AGAIN, WALK), 3, "a bare walk"),
        below(memory, document["pss_mib"], 250),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "library.json")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--many", type=int, default=100_000)
    asked = parser.parse_args()
    corpus = Path(os.environ.get("AURALIS_CORPUS", ""))
    BUILD.mkdir(exist_ok=True)
    inputs = BUILD / "bench-inputs"
    make_music(corpus, inputs / f"music-{asked.files}", asked.files)
    make_tiny(inputs / f"tiny-{asked.many}", asked.many)
    with tempfile.TemporaryDirectory(prefix="library-", dir=BUILD) as name:
        scratch = Path(name)
        some = Library(scratch, inputs / f"music-{asked.files}" / "music", "some")
        many = Library(scratch, inputs / f"tiny-{asked.many}" / "music", "many")
        first = [Contestant(SCAN, some.scan)]
        first += [Contestant(MPD, some.mpd)] if shutil.which("mpd") else []
        beet = shutil.which(os.environ.get("BEET", "beet"))
        first += [Contestant(BEETS, some.beets)] if beet else []
        compete(first, asked.rounds)
        pss = peak_pss_mib(many)
        again = [
            Contestant(WALK, many.walk),
            Contestant(AGAIN, many.scan_again),
        ]
        compete(again, asked.rounds)
    head = f"{asked.rounds} interleaved rounds, {asked.files} files of five formats."
    lines = [head, "", *table(first, first[0]), "", f"{asked.many} tiny files:", "", *table(again, again[0])]
    document = {"files": asked.files, "many": asked.many, "pss_mib": pss, "runs": runs_of((*first, *again))}
    keep("\n".join(lines), document, asked.json, gates_of, tools=("mpd", "beets"), seeds={"files": SEED})


if __name__ == "__main__":
    main()
