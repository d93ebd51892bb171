"""Tags of very many files: previewed, changed, taken back; and killed in the middle of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from at_a_step import killed_at
from command_line import REPOSITORY
from libraries import integrity, opened
from mutagen.flac import FLAC
from process_figures import peak_mib_to_the_end
from tagged_files import encoded

from auralis_cli.model.journal import EntryState, JournalEntry
from auralis_cli.paths import library_file

SIZES = [
    pytest.param(250, id="250"),
    pytest.param(10_000, id="10000", marks=[pytest.mark.soak, pytest.mark.timeout(1800)]),
]
MOST_MIB = 200
SET = ("tag", "set", "-y", "genre=Jazz", "mood=calm", "id:1..")


@dataclass(frozen=True)
class Collection:
    """A library of files that are all one, byte for byte, and what these become."""

    home: Path
    music: Path
    files: int
    old: bytes
    new: bytes

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "auralis_cli"]

    @property
    def variables(self) -> dict[str, str]:
        return {**os.environ, "AURALIS_HOME": str(self.home), "PYTHONPATH": str(REPOSITORY)}

    def run(self, *words: str) -> tuple[str, float]:
        """What a command prints, and the most memory that it held, in MiB."""
        with (self.home / "out").open("w+") as out, (self.home / "err").open("w+") as err:
            process = subprocess.Popen([*self.command, *words], stdout=out, stderr=err, env=self.variables)
            peak_mib = peak_mib_to_the_end(process)
            err.seek(0)
            assert process.returncode == 0, err.read()
            out.seek(0)
            return out.read(), peak_mib

    def found(self) -> tuple[int, int]:
        """How many files are the old one and the new one; every one is either."""
        old = new = 0
        for path in self.music.rglob("[0-9]*.flac"):
            data = path.read_bytes()
            assert data in (self.old, self.new), path
            old, new = old + (data == self.old), new + (data == self.new)
        assert old + new == self.files
        return old, new

    @property
    def library(self) -> Path:
        return library_file({"AURALIS_HOME": str(self.home)})

    def genres(self) -> set[str | None]:
        """What the library says of all of them."""
        with opened(self.library, read_only=True) as store:
            return {track.genre for track in store.listings.tracks()}

    def latest(self) -> JournalEntry:
        """What was done last."""
        with opened(self.library, read_only=True) as store:
            return store.journal.entries(1)[0]


def collection(folder: Path, files: int) -> Collection:
    home, music = folder / "home", folder / "music"
    home.mkdir()
    template = folder / "template.flac"
    encoded("FLAC", "PCM_16")(template)
    file = FLAC(template)
    file["title"], file["artist"], file["genre"] = "T", "A", "Pop"
    file.save()
    old = template.read_bytes()
    made = Collection(home, music, files, old, b"")
    made.run("tag", "set", "genre=Jazz", "mood=calm", str(template))
    new = template.read_bytes()
    for number in range(files):
        path = music / f"{number // 100:03d}" / f"{number:05d}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(old)
    shutil.rmtree(home)
    home.mkdir()
    made = Collection(home, music, files, old, new)
    made.run("scan", "-q", str(music))
    return made


@pytest.mark.parametrize("files", SIZES)
def test_very_many_files_are_previewed_changed_and_taken_back(tmp_path: Path, files: int) -> None:
    all_of_them = collection(tmp_path, files)
    preview, of_preview = all_of_them.run(*SET, "-n", "--jsonl")
    planned = [json.loads(line) for line in preview.splitlines()]
    assert len(planned) == files
    assert all(one["changes"]["genre"] == {"before": ["Pop"], "after": ["Jazz"]} for one in planned)
    assert all_of_them.found() == (files, 0)
    _, of_set = all_of_them.run(*SET)
    assert all_of_them.found() == (0, files)
    assert all_of_them.genres() == {"Jazz"}
    _, of_undo = all_of_them.run("undo", "-y")
    assert all_of_them.found() == (files, 0)
    assert all_of_them.genres() == {"Pop"}
    assert max(of_preview, of_set, of_undo) < MOST_MIB


@pytest.mark.parametrize("files", SIZES)
def test_a_change_that_is_killed_leaves_every_file_old_or_new_and_can_be_undone(tmp_path: Path, files: int) -> None:
    all_of_them = collection(tmp_path, files)
    killed_at({"items_done": files // 3}, *SET, environ=all_of_them.variables)
    _, new = all_of_them.found()
    assert 0 < new < files
    assert integrity(all_of_them.library) == "ok"
    assert all_of_them.latest().state is EntryState.OPEN
    all_of_them.run("undo", "-y", str(all_of_them.latest().id))
    assert all_of_them.found() == (files, 0)
    assert all_of_them.genres() == {"Pop"}
    # What was being made ahead goes when the folder is worked on again.
    all_of_them.run(*SET)
    assert all_of_them.found() == (0, files)
    assert [path.name for path in all_of_them.music.rglob(".auralis-*")] == []
