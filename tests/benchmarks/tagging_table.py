"""One field of many files changed, previewed and undone, beside `beet modify` on the same files (`make bench`).

Every round gives all files another genre. Afterwards every file is compared, byte for byte, with what it was before.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from documents import BUILD, keep
from gates import Document, Gate, at_least, below, none_of
from peers import Contestant, compete, runs_of, table, times
from processes import Run, run
from small_files import SEED, make_music

SET, PREVIEW, UNDO = "auralis tag set", "auralis tag set -n", "auralis undo"
MODIFY = "beet modify"
EVERYTHING = "id:1.."


class Tagging:
    """A folder of music, a library of each program's own, and a genre for every round."""

    def __init__(self, scratch: Path, music: Path) -> None:
        self.scratch, self.music = scratch, music
        self.home, self.beets_home = scratch / "home", scratch / "beets"
        self.rounds = 0
        self.beet = shutil.which(os.environ.get("BEET", "beet"))

    def run(self, command: list[str], environment: dict[str, str]) -> Run:
        kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(BUILD / "bench-home" / "bytecode")}
        return run(command, self.scratch / "log", {**environment, **kept})

    def auralis(self, *words: str) -> Run:
        command = [sys.executable, "-m", "auralis_cli", "--progress", "never", *words]
        return self.run(command, {"AURALIS_HOME": str(self.home)})

    def beets(self, *words: str) -> Run:
        assert self.beet is not None
        return self.run([self.beet, *words], {"BEETSDIR": str(self.beets_home)})

    def learn(self) -> None:
        """What both know before anything is timed."""
        self.auralis("scan", str(self.music))
        if self.beet is not None:
            self.beets_home.mkdir()
            settings = f"directory: {self.music}\nlibrary: {self.beets_home}/library.db\n"
            settings += "import:\n  copy: no\n  write: no\n"
            (self.beets_home / "config.yaml").write_text(settings, encoding="utf-8")
            self.beets("import", "-A", "-q", "-C", str(self.music))

    def next_genre(self) -> str:
        self.rounds += 1
        return f"genre=Genre {self.rounds}"

    def set_all(self) -> Run:
        return self.auralis("tag", "set", "-y", self.next_genre(), EVERYTHING)

    def preview(self) -> Run:
        return self.auralis("tag", "set", "-n", self.next_genre(), EVERYTHING)

    def modify(self) -> Run:
        return self.beets("modify", "-y", "-w", "-M", self.next_genre())


def digests(folder: Path) -> dict[str, str]:
    """Every file by what is in it."""
    return {
        str(path): hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def undone_to_the_byte(tagging: Tagging) -> tuple[Run, bool, int]:
    """A change taken back: how long it took, whether every file is what it was, and the bytes kept for it."""
    before = digests(tagging.music)
    tagging.set_all()
    kept = sum(path.stat().st_size for path in (tagging.home / "state" / "undo").rglob("*") if path.is_file())
    undone = tagging.auralis("undo", "-y")
    return undone, digests(tagging.music) == before, kept


def gates_of(document: Document) -> list[Gate]:
    peak = max(run["peak_mib"] for run in document["runs"][SET])
    return [
        at_least("beet modify ÷ tag set, seconds", times(document, MODIFY, SET), 1, "beets"),
        none_of("undone runs after which a file is not what it was", int(not document["is_undone_to_the_byte"])),
        below("MiB of the largest process", peak, 200),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "tagging.json")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--files", type=int, default=10_000)
    asked = parser.parse_args()
    BUILD.mkdir(exist_ok=True)
    inputs = BUILD / "bench-inputs" / f"music-{asked.files}"
    make_music(Path(os.environ.get("AURALIS_CORPUS", "")), inputs, asked.files)
    with tempfile.TemporaryDirectory(prefix="tagging-", dir=BUILD) as name:
        scratch = Path(name)
        music = scratch / "music"
        shutil.copytree(inputs / "music", music)
        tagging = Tagging(scratch, music)
        tagging.learn()
        contestants = [Contestant(SET, tagging.set_all), Contestant(PREVIEW, tagging.preview)]
        contestants += [Contestant(MODIFY, tagging.modify)] if tagging.beet else []
        compete(contestants, asked.rounds)
        undone, is_same, kept = undone_to_the_byte(tagging)
        contestants.append(Contestant(UNDO, lambda: undone, [undone]))
    speed = asked.files / contestants[0].seconds
    lines = [f"{asked.rounds} interleaved rounds, {asked.files} files of five formats.", ""]
    lines += [*table(contestants, contestants[0]), ""]
    lines += [f"{speed:.0f} files a second; {kept / asked.files:.0f} bytes a file are kept for undoing."]
    document = {
        "files": asked.files,
        "runs": runs_of(contestants),
        "is_undone_to_the_byte": is_same,
        "kept_bytes": kept,
    }
    keep("\n".join(lines), document, asked.json, gates_of, tools=("beets",), seeds={"files": SEED})


if __name__ == "__main__":
    main()
