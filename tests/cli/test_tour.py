"""The tour, tried as printed: its commands in a shell in a terminal, their answers compared with those shown."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
import soundfile
from command_line import REPOSITORY
from demo_library import ALBUMS, make_demo_library
from printed_commands import PrintedCommand, answers, fits, own_program, printed_commands

from auralis_cli.manual_tour import PLAYED, TOUR

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
# Of the player with its screen: tests/real/test_tour_played.py.
TRIED = [one for title, text in TOUR if title != PLAYED for one in printed_commands(text)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody's home: their music, nothing of the program yet but what was compiled before."""
    home = tmp_path_factory.mktemp("home")
    make_demo_library(home / "Music", ALBUMS[:2])
    (home / ".auralis" / "cache").mkdir(parents=True)
    kernels = Path(os.environ["AURALIS_HOME"]) / "cache" / "kernels"
    (home / ".auralis" / "cache" / "kernels").symlink_to(kernels.resolve(), target_is_directory=True)
    own_program(home / "bin")
    return home


def environ(home: Path) -> Mapping[str, str]:
    places = {"HOME": str(home), "AURALIS_HOME": str(home / ".auralis"), "PYTHONPATH": str(REPOSITORY)}
    return {**os.environ, **places, "PATH": f"{home / 'bin'}:{os.environ['PATH']}"}


@pytest.mark.timeout(600)
@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_every_command_of_the_tour_and_of_the_readme_works_as_printed(place: Path) -> None:
    folder = place / "here"
    folder.mkdir()
    # What the README's first lines name.
    first = next((place / "Music").rglob("01*.flac"))
    shutil.copy(first, folder / "song.flac")
    soundfile.write(folder / "song.wav", *soundfile.read(first), subtype="PCM_16")
    shown = [*TRIED, *(PrintedCommand(line, ("…",)) for line in first_lines())]
    different = [
        f"{answer}\n is not {one.answer}"
        for one, answer in zip(shown, answers([one.command for one in shown], environ(place), folder), strict=True)
        if answer.code != 0 or not fits(one.answer, answer.lines)
    ]
    assert different == [], "\n".join(different)


def first_lines() -> list[str]:
    """What the README begins with: command lines without answers; that of the player is tried where it sounds."""
    lines = [line.strip() for line in README.splitlines() if line.startswith("    auralis ")]
    return [line for line in lines if not line.startswith("auralis play")]


def test_what_the_readme_shows_of_the_tour_is_the_tour() -> None:
    there = {one.command: one.answer for one in printed_commands("\n\n".join(text for _, text in TOUR))}
    shown = printed_commands(README)
    assert shown
    for one in shown:
        assert one.command in there
        assert one.answer == there[one.command]


def test_an_answer_fits_but_for_what_is_left_out_and_figures_in_their_last_place() -> None:
    shown = ("…/a b.flac", "  loudness   -23.8  LUFS", "…", "done in … s")
    assert fits(shown, ("/x/a b.flac", "  loudness   -23.7  LUFS", "1", "2", "done in 0.1 s"))
    assert fits(shown, ("/x/a b.flac", "  loudness   -23.8  LUFS", "done in 12 s"))
    assert not fits(shown, ("/x/a b.flac", "  loudness   -23.4  LUFS", "done in 12 s"))
    assert not fits(shown, ("/x/a b.flac", "  loudness   -23.8  LU", "done in 12 s"))
    assert not fits(shown, ("/x/a b.flac", "  loudness   -23.8  LUFS", "done"))
    assert not fits((), ("something",))
