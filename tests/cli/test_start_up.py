"""Help and completion cost Typer and nothing else: checked in the process that pays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import library_of
import pytest
from command_line import REPOSITORY, auralis_process
from process_figures import least_processor_s
from tagged_files import encoded

from auralis_cli.cli import VERBS
from auralis_cli.db.store import Store

HEAVY = ("numpy", "numba", "soundfile", "av", "soxr", "mutagen", "rich", "textual", "pydantic", "asyncio")

PROBE = """
import json, os, sys
from auralis_cli import __main__
os._exit = sys.exit  # by which the program ends at once
sys.argv[1:] = {words!r}
try:
    __main__.main()
except SystemExit as left:
    code = left.code
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""


def modules_after(words: list[str], leaves_with: int = 0) -> set[str]:
    """Top-level modules in memory once the program has run in a fresh process."""
    return {name.partition(".")[0] for name in all_modules_after(words, leaves_with)}


def all_modules_after(words: list[str], leaves_with: int = 0) -> set[str]:
    """The same by their whole names."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(words=words)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        timeout=60,
        check=False,
    )
    code, modules = json.loads(done.stderr.splitlines()[-1])
    assert code == leaves_with
    return set(modules)


@pytest.mark.invariant("S2-u8")
@pytest.mark.parametrize("words", [["--version"], ["--help"], []])
def test_help_and_version_import_nothing_heavy(words: list[str]) -> None:
    assert modules_after(words).isdisjoint(HEAVY)


def test_completion_imports_no_audio() -> None:
    assert modules_after(["completion", "bash"]).isdisjoint(set(HEAVY) - {"pydantic", "asyncio"})


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb_imports_no_audio(verb: str) -> None:
    assert modules_after([verb, "--help"]).isdisjoint(set(HEAVY) - {"pydantic", "asyncio"})


@pytest.mark.parametrize("words", [["list"], ["ls", "--albums", "artist:x", "lufs:-9.."], ["list", "--json"]])
def test_listing_imports_no_audio(words: list[str], tmp_path: Path) -> None:
    library = tmp_path / "library.db"
    with Store.open(library, program="test", now=1) as store:
        library_of.put(store, [library_of.record("/m/1.flac", artist="X")])
    seen = modules_after(["--library", str(library), *words])
    assert "sqlite3" in seen
    assert seen.isdisjoint(set(HEAVY) - {"pydantic", "asyncio"})


@pytest.mark.parametrize("words", [["show"], ["show", "--json"], ["add", "x"], ["shuffle", "--smart"], ["undo"]])
def test_the_queue_is_shown_and_edited_without_audio(words: list[str], tmp_path: Path) -> None:
    library = tmp_path / "library.db"
    with Store.open(library, program="test", now=1) as store:
        library_of.put(store, [library_of.record("/m/x.flac", artist="X")])
    seen = modules_after(["--library", str(library), "queue", *words])
    assert "sqlite3" in seen
    assert seen.isdisjoint(set(HEAVY) - {"pydantic", "asyncio"})


@pytest.mark.parametrize("words", [[], ["--json"], ["-f", "$title"]])
def test_tags_are_shown_without_library_and_decoder(words: list[str], tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    encoded("FLAC", "PCM_16")(path)
    # Where there is a library it tells the ids of its files.
    seen = modules_after(["--library", str(tmp_path / "none.db"), "tag", "show", str(path), *words])
    assert seen.isdisjoint({*HEAVY, "peewee"} - {"mutagen", "pydantic", "asyncio"})


def test_words_are_shown_without_library_and_decoder(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    encoded("FLAC", "PCM_16")(path)
    path.with_suffix(".lrc").write_text("[00:01]la")
    assert modules_after(["lyrics", str(path)]).isdisjoint({*HEAVY, "peewee"} - {"mutagen", "pydantic", "asyncio"})


def test_a_track_is_rated_without_audio(tmp_path: Path) -> None:
    library = tmp_path / "library.db"
    with Store.open(library, program="test", now=1) as store:
        library_of.put(store, [library_of.record("/m/x.flac", artist="X")])
    seen = modules_after(["--library", str(library), "rate", "5", "artist:x"])
    assert seen.isdisjoint(set(HEAVY) - {"pydantic", "asyncio"})


@pytest.mark.invariant("S2-u8")
@pytest.mark.parametrize("words", [["--help"], ["list"]])
def test_what_players_are_made_of_is_left_to_those_who_have_one(words: list[str], auralis_home: Path) -> None:
    """Kills settings that bring along all that a player and its mastering can be told."""
    parts = ("playback", "plays", "live_mastering", "preferences", "sound_profile", "sound_wishes")
    assert all_modules_after(words).isdisjoint(f"auralis_cli.model.{part}" for part in parts)


@pytest.mark.invariant("S2-u8")
@pytest.mark.parametrize(
    ("words", "code"),
    [("ctl status", 6), ("ctl status --json", 6), ("config show", 0), ("presets list", 0), ("history", 0), ("jobs", 0)],
)
def test_what_is_asked_in_passing_is_answered_without_audio(words: str, code: int, auralis_home: Path) -> None:
    seen = modules_after(words.split(), leaves_with=code)
    assert seen.isdisjoint(set(HEAVY) - {"pydantic", "asyncio"})


def test_version_does_not_even_import_typer() -> None:
    assert "typer" not in modules_after(["--version"])


def test_help_is_there_before_one_looks() -> None:
    def least_s(*arguments: str) -> float:
        return least_processor_s([sys.executable, *arguments], cwd=REPOSITORY)

    # 6 times as much on a quiet machine; the bound only catches a heavy import.
    assert least_s("-m", "auralis_cli", "--help") < 20 * least_s("-c", "pass")


def test_both_ways_to_start_are_one() -> None:
    script = next(
        line for line in (REPOSITORY / "pyproject.toml").read_text().splitlines() if line.startswith("auralis =")
    )
    assert script == 'auralis = "auralis_cli.__main__:main"'
    assert auralis_process("--version").out == auralis_process("-q", "--version").out


def test_windows_is_refused_with_one_line() -> None:
    pretend = "import sys; sys.platform = 'win32'; from auralis_cli.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", pretend],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("auralis: error: Windows: not supported")
    assert len(done.stderr.splitlines()) == 1


def test_typer_is_used_by_the_command_line_only_and_click_by_nobody() -> None:
    package = REPOSITORY / "auralis_cli"
    for source in package.rglob("*.py"):
        text = source.read_text()
        assert "import click" not in text, source
        if "import typer" in text:
            assert source == package / "cli.py" or source.parent == package / "commands", source


def test_nobody_prints_past_the_output() -> None:
    package = REPOSITORY / "auralis_cli"
    # The entry's fast path and the generator of the manual are programs of their own.
    allowed = {package / "__main__.py", package / "manual.py"}
    for source in package.rglob("*.py"):
        if source not in allowed:
            assert " print(" not in source.read_text(), source


@pytest.mark.parametrize(("debug", "heard"), [("", False), ("1", True)])
def test_what_libraries_write_to_stderr_is_heard_only_when_debugging(debug: str, heard: bool) -> None:
    noisy = """
import os, sys
from auralis_cli import __main__, cli
def load(name):
    os.write(2, b"mpg123: \\x1b[31mnoise\\n")
    raise ValueError("boom")
cli.load_verb = load
sys.argv[1:] = ["doctor"]
__main__.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", noisy],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "AURALIS_DEBUG": debug},
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "unforeseen: ValueError: boom" in done.stderr
    assert ("noise" in done.stderr) is heard
