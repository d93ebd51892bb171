"""What TAB offers of what only the library knows: asked of the program by the scripts of bash, zsh and fish."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import REPOSITORY
from libraries import opened
from library_of import put, record

from auralis_cli.services.completion_words import completion_words

BASH = REPOSITORY / "completions" / "auralis.bash"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "it's a #library?.db"
    with opened(path) as store:
        put(
            store,
            [
                record("/m/1.flac", title="One", artists=("Ärzte",), album="Blue Train", genres=("Jazz",)),
                record("/m/2.flac", title="Two", artists=("Art Blakey",), album="Moanin'", genres=("Hard Bop",)),
            ],
        )
    return path


def offered(library: Path, *words: str) -> list[str]:
    return completion_words(words, {"AURALIS_LIBRARY": str(library)})


@pytest.mark.parametrize(
    ("kind", "begun", "found"),
    [
        ("query", "comp", ["composer:", "compilation:"]),
        ("query", "^fav", ["^favourite:"]),
        ("query", "favourite:", ["favourite:yes", "favourite:no"]),
        ("query", "artist:ar", ["artist:Art Blakey", "artist:Ärzte"]),
        ("query", "artist:=ärz", ["artist:=Ärzte"]),
        ("query", "^genres:h", ["^genres:Hard Bop"]),
        ("query", "album:BLUE", ["album:Blue Train"]),
        ("query", "nonsense:", []),
        ("edits", "albumartist", ["albumartist=", "albumartist_sort=", "albumartist:"]),
        ("tag-fields", "title,isr", ["title,isrc"]),
        ("playlists", "", []),
        ("weather", "", []),
    ],
)
def test_fields_and_values_are_offered_as_they_begin(kind: str, begun: str, found: list[str], library: Path) -> None:
    assert offered(library, kind, begun) == found


@pytest.mark.parametrize("words", [(), ("query",), ("query", "a", "b"), ("playlists", "\0")])
def test_nothing_is_answered_with_a_complaint(words: tuple[str, ...], tmp_path: Path) -> None:
    for place in (tmp_path / "none.db", tmp_path, Path("/proc/version")):
        assert offered(place, *words) == []


def test_a_library_that_is_set_in_the_file_is_asked(library: Path, tmp_path: Path) -> None:
    (tmp_path / "home" / "config").mkdir(parents=True)
    (tmp_path / "home" / "config" / "config.toml").write_text(f'[library]\nfile = "{library}"\n')
    variables = {"AURALIS_HOME": str(tmp_path / "home")}
    assert completion_words(["query", "artist:art"], variables) == ["artist:Art Blakey"]


@pytest.mark.parametrize("nearer", ["", "[library", "library = 3\n", "[library]\nfile = 3\n", "[library]\nfil = 'x'\n"])
def test_what_is_wrong_with_settings_costs_no_candidate(nearer: str, library: Path, tmp_path: Path) -> None:
    (tmp_path / "home" / "config").mkdir(parents=True)
    (tmp_path / "home" / "config" / "config.toml").write_text(f'[library]\nfile = "{library}"\n')
    (tmp_path / "nearer.toml").write_text(nearer)
    variables = {"AURALIS_HOME": str(tmp_path / "home"), "AURALIS_CONFIG": str(tmp_path / "nearer.toml")}
    assert completion_words(["query", "artist:art"], variables) == ["artist:Art Blakey"]
    (tmp_path / "nearer.toml").write_text("[library]\nfile = '/none.db'\n")
    assert completion_words(["query", "artist:art"], variables) == []


def test_the_answer_needs_neither_the_command_line_nor_an_open_library(library: Path, tmp_path: Path) -> None:
    asked = "import sys; sys.argv = ['auralis', '__complete', 'query', 'artist:art']; import os\n"
    heavy = {"typer", "peewee", "numpy", "rich", "tomlkit", "auralis_cli.settings"}
    asked += f"os._exit = lambda code: print(sorted({heavy} & set(sys.modules)))\n"
    asked += "from auralis_cli.__main__ import _offer_words; _offer_words(sys.argv[2:])"
    (tmp_path / "set.toml").write_text(f'[library]\nfile = "{library}"\n')
    variables = {**os.environ, "AURALIS_CONFIG": str(tmp_path / "set.toml")}
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, env=variables, timeout=60, check=True
    )
    assert done.stdout.splitlines() == ["artist:Art Blakey", "[]"]


@pytest.fixture
def own_program(tmp_path: Path) -> dict[str, str]:
    """An environment in which `auralis` is the program of this tree."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "auralis"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m auralis_cli "$@"\n')
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes_behind_the_colon_that_it_parts_words_at(library: Path, own_program: dict[str, str]) -> None:
    line = "auralis list artist:art"
    asked = (
        f"source '{BASH}'; COMP_LINE='{line}'; COMP_POINT={len(line)}; COMP_WORDS=(auralis list artist : art); "
        'COMP_CWORD=4; _auralis; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    variables = {**own_program, "AURALIS_LIBRARY": str(library)}
    done = subprocess.run(
        ["bash", "-c", asked], capture_output=True, text=True, env=variables, cwd=library.parent, timeout=60, check=True
    )
    assert done.stdout.splitlines() == ["Art\\ Blakey"]


@pytest.mark.skipif(shutil.which("fish") is None, reason="needs fish")
def test_fish_offers_what_the_library_holds(library: Path, own_program: dict[str, str]) -> None:
    script = REPOSITORY / "completions" / "auralis.fish"
    done = subprocess.run(
        ["fish", "--no-config", "-c", f'source {script}; complete -C "auralis list artist:art"'],
        capture_output=True, text=True, env={**own_program, "AURALIS_LIBRARY": str(library)}, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["artist:Art Blakey"]
