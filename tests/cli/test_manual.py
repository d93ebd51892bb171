"""The manual and the completion scripts say what the command tree says."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from command_line import REPOSITORY
from command_words import unknown_words

from auralis_cli import manual
from auralis_cli.audio.formats import WRITABLE_KEYS, format_named
from auralis_cli.cli import ALIASES, VERBS, load_verb
from auralis_cli.commands.group import VerbGroup
from auralis_cli.commands.query_help import QUERY_EXAMPLES
from auralis_cli.manual_topics import describe_setting
from auralis_cli.model.audio import Subtype
from auralis_cli.settings import SETTINGS

MAN = REPOSITORY / "man"
BASH = REPOSITORY / "completions" / "auralis.bash"
SCRIPTS = (BASH, REPOSITORY / "completions" / "_auralis", REPOSITORY / "completions" / "auralis.fish")


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"needs {program}")


def test_committed_pages_and_scripts_are_what_the_tree_renders() -> None:
    stale = [str(path) for path, text in manual.render_all().items() if (REPOSITORY / path).read_text() != text]
    assert stale == [], "run: python -m auralis_cli.manual"


@needs("man")
def test_examples_with_quotes_can_be_copied_from_the_page() -> None:
    page = MAN / "man1" / "auralis-completion.1"
    shown = subprocess.run(["man", "-l", str(page)], capture_output=True, text=True, timeout=60, check=True).stdout
    assert 'eval "$(auralis completion bash)"' in shown


def test_the_page_of_master_names_every_format_written_and_its_bit_rate() -> None:
    page = " ".join((MAN / "man1" / "auralis-master.1").read_text().split())
    for row in (format_named(key) for key in WRITABLE_KEYS):
        said = row.key if row.lossy is None else f"{row.key} {row.lossy.default_bps(48_000, 2) // 1000}"
        assert re.search(rf"\b{said}\b", page), said
        if Subtype.FLOAT in row.subtypes:
            assert re.search(rf"32f \(float; [^)]*\b{row.key}\b", page)


@pytest.mark.parametrize("verb", ["master", "analyze", "verify"])
def test_verbs_of_many_files_say_what_each_code_means(verb: str) -> None:
    codes = [code for code, _ in load_verb(verb).page.exit_status]
    assert codes == [0, 1, 2, 3, 4, 130]


SECTIONS = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES", "SEE ALSO"]


@pytest.mark.parametrize("verb", VERBS)
def test_the_page_of_a_verb_has_all_its_parts_in_order(verb: str) -> None:
    there = re.findall(r"^\.SH (.*)$", (MAN / "man1" / f"auralis-{verb}.1").read_text(), re.MULTILINE)
    assert [title for title in there if title in SECTIONS] == SECTIONS


def test_every_example_names_verbs_and_options_that_exist() -> None:
    lines = [line for line, _ in (*manual.EXAMPLES, *QUERY_EXAMPLES)]
    for verb in VERBS:
        command = load_verb(verb)
        pages = [command, *(command.verbs.values() if isinstance(command, VerbGroup) else ())]
        lines += [line for one in pages for line, _ in one.page.examples]
    assert len(lines) > 200
    assert {line: unknown for line in lines if (unknown := unknown_words(line))} == {}


def test_every_command_of_the_readme_names_verbs_and_options_that_exist() -> None:
    # Those of a table, those in a sentence, those moved in.
    lines = re.findall(r"(?:^    |`)(auralis [^`\n]*)", (REPOSITORY / "README.md").read_text(), re.MULTILINE)
    assert len(lines) > 40
    assert {line: unknown for line in lines if (unknown := unknown_words(line))} == {}


@pytest.mark.parametrize(
    ("line", "unknown"),
    [
        ("auralis master in.wav out.flac --to flac", []),
        ("auralis master in.wav out.flac --two flac", ["--two"]),
        ("auralis -q --library x.db config set master.target apple -z", ["-z"]),
        ("auralis ctl seek -10", []),
        ("auralis list -- -genre:metal", []),
        ("auralis list --print0 | xargs -0 -n1 auralis analyse --jsonl", ["analyse"]),
        ('eval "$(auralis completions bash)"', ["completions"]),
    ],
)
def test_a_misspelt_example_would_be_found(line: str, unknown: list[str]) -> None:
    assert unknown_words(line) == unknown


@needs("groff")
def test_man_shows_every_page_without_a_warning() -> None:
    words = ["groff", "-k", "-man", "-Tutf8", "-ww", "-z", *map(str, sorted(MAN.glob("*/*")))]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("page", sorted(MAN.glob("*/*")), ids=lambda path: path.name)
def test_a_default_is_said_in_the_words_of_the_command_line(page: Path) -> None:
    assert not re.search(r"\[default: (True|False|None|\(dynamic\))?\]", page.read_text())


def test_what_a_setting_may_be_is_said_as_a_sentence() -> None:
    assert all(" nor " not in describe_setting(setting) for setting in SETTINGS.values())
    assert "-5 LUFS, or off." in describe_setting(SETTINGS["master.loudness"])


def test_nothing_is_left_over_from_verbs_that_are_gone() -> None:
    rendered = {REPOSITORY / path for path in manual.render_all()}
    kept = {*MAN.glob("*/*"), *(REPOSITORY / "completions").iterdir()}
    assert kept == rendered


def test_a_stale_page_fails_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(manual, "ROOT", tmp_path)
    assert manual.main([]) == 0
    assert manual.main(["--check"]) == 0
    (tmp_path / "man" / "man1" / "auralis-master.1").write_text("old")
    assert manual.main(["--check"]) == 1
    assert "auralis-master.1 is stale" in capsys.readouterr().err


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_stands_in_the_page_and_in_every_script(verb: str) -> None:
    page = (MAN / "man1" / f"auralis-{verb}.1").read_text().replace("\\-", "-")
    scripts = [path.read_text() for path in SCRIPTS]
    for param in load_verb(verb).params:
        if param.param_type_name == "option":
            for spelling in param.opts:
                assert spelling in page
            long = max(param.opts, key=len)
            assert all(long in script or f"-l {long[2:]} " in script for script in scripts)


@needs("mandoc")
@pytest.mark.parametrize("page", sorted(MAN.glob("*/*")), ids=lambda path: path.name)
def test_pages_have_nothing_to_warn_about(page: Path) -> None:
    done = subprocess.run(
        ["mandoc", "-Tlint", "-Wwarning", str(page)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    "script",
    [pytest.param(path, marks=needs(shell)) for path, shell in zip(SCRIPTS, ("bash", "zsh", "fish"), strict=True)],
)
def test_shells_can_read_their_script(script: Path) -> None:
    shell = {"auralis.bash": "bash", "_auralis": "zsh", "auralis.fish": "fish"}[script.name]
    done = subprocess.run([shell, "-n", str(script)], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


COMPLETE_IN_BASH = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_auralis
printf '%s\\n' "${COMPREPLY[@]}"
"""


def offered_by_bash(*words: str, cwd: Path) -> set[str]:
    done = subprocess.run(
        ["bash", "-c", COMPLETE_IN_BASH, "bash", str(BASH), *words],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=60,
        check=True,
    )
    return set(done.stdout.split("\n")) - {""}


@needs("bash")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("auralis", ""), {*VERBS, *ALIASES}),
        (("auralis", "ma"), {"master"}),
        (("auralis", "--color", "never", "ver"), {"verify"}),
        (("auralis", "--color", "=", "never", "ver"), {"verify"}),
        (("auralis", "--progress", ""), {"auto", "always", "never", "json"}),
        (("auralis", "master", "--preset", ""), {"adaptive", "gentle", "warm", "bright", "punchy", "live"}),
        (("auralis", "master", "--preset", "=", "w"), {"warm"}),
        (("auralis", "master", "--preset", "="), {"adaptive", "gentle", "warm", "bright", "punchy", "live"}),
        (("auralis", "-q", "master", "--bits", ""), {"16", "24", "32f"}),
        (("auralis", "master", "--dry"), {"--dry-run"}),
        (("auralis", "master", "--intensity", ""), set()),
        (("auralis", "analyze", "a "), {"a b.flac"}),
        (("auralis", "verify", "--target", "broadcast", ""), {"a b.flac", "folder"}),
        (("auralis", "completion", ""), {"bash", "zsh", "fish"}),
        (("auralis", "doctor", ""), set()),
        (("auralis", "config", ""), {"show", "get", "set", "unset", "path", "edit"}),
        (("auralis", "-q", "config", "-q", "se"), {"set"}),
        (("auralis", "config", "get", "master.prese"), {"master.preset"}),
        (("auralis", "config", "show", "--or"), {"--origin"}),
    ],
)
def test_bash_offers_what_fits(words: tuple[str, ...], offered: set[str], tmp_path: Path) -> None:
    (tmp_path / "a b.flac").touch()
    (tmp_path / "folder").mkdir()
    assert offered_by_bash(*words, cwd=tmp_path) == offered


@needs("fish")
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("auralis ", {*VERBS, *ALIASES}),
        ("auralis master --preset ", {"adaptive", "gentle", "warm", "bright", "punchy", "live"}),
        ("auralis verify --target b", {"broadcast"}),
        ("auralis completion ", {"bash", "zsh", "fish"}),
        ("auralis analyze s", {"song.flac"}),
        ("auralis doctor s", set()),
        ("auralis config ", {"show", "get", "set", "unset", "path", "edit"}),
        ("auralis config get verify", {"verify.target"}),
    ],
)
def test_fish_offers_what_fits(line: str, offered: set[str], tmp_path: Path) -> None:
    (tmp_path / "song.flac").touch()
    done = subprocess.run(
        ["fish", "--no-config", "-c", f'source {SCRIPTS[2]}; complete -C "{line}"'],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        timeout=60,
        check=True,
    )
    assert {row.split("\t")[0] for row in done.stdout.splitlines()} == offered


@needs("bash")
@needs("fish")
def test_names_of_ones_own_are_offered_without_starting_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text("[presets.evening]\nbase = 'warm'\n[targets.radio]\n")
    monkeypatch.setenv("AURALIS_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert offered_by_bash("auralis", "master", "--preset", "ev", cwd=tmp_path) == {"evening"}
    assert offered_by_bash("auralis", "verify", "--target", "ra", cwd=tmp_path) == {"radio"}
    done = subprocess.run(
        ["fish", "--no-config", "-c", f'source {SCRIPTS[2]}; complete -C "auralis master --preset ev"'],
        capture_output=True,
        text=True,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "AURALIS_HOME": str(tmp_path)},
        timeout=60,
        check=True,
    )
    assert done.stdout.split("\t")[0] == "evening"


@needs("zsh")
def test_zsh_accepts_the_script_from_eval_and_from_fpath(tmp_path: Path) -> None:
    script = SCRIPTS[1]
    for load in (f"source {script}", f"fpath=({script.parent} $fpath); compinit -u -D"):
        done = subprocess.run(
            ["zsh", "-f", "-c", f"autoload -Uz compinit; compinit -u -D; {load}; print ${{_comps[auralis]}}"],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
            timeout=60,
            check=False,
        )
        assert (done.stdout, done.stderr) == ("_auralis\n", "")
