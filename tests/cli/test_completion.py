from __future__ import annotations

from pathlib import Path

import pytest
from command_line import REPOSITORY, auralis

from auralis_cli.commands import completion
from auralis_cli.commands.completion import SCRIPTS, Shell


@pytest.mark.parametrize("shell", Shell)
def test_the_committed_script_is_printed(shell: Shell) -> None:
    shown = auralis("completion", shell)
    assert (shown.code, shown.err) == (0, "")
    assert shown.out == (REPOSITORY / "completions" / SCRIPTS[shell][0]).read_text()


@pytest.mark.parametrize("words", [[], ["tcsh"], ["bash", "zsh"], ["BASH"]])
def test_anything_but_a_known_shell_is_refused(words: list[str]) -> None:
    refused = auralis("completion", *words)
    assert (refused.code, refused.out) == (2, "")


def test_an_installation_keeps_the_scripts_in_its_prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completion, "__file__", str(tmp_path / "a" / "b" / "c.py"))
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path))
    missing = auralis("completion", "fish")
    assert missing.code == 1
    assert "missing from this installation" in missing.err
    installed = tmp_path / SCRIPTS[Shell.FISH][1]
    installed.parent.mkdir(parents=True)
    installed.write_text("complete -c auralis\n")
    assert auralis("completion", "fish").out == "complete -c auralis\n"


def test_pyproject_installs_the_scripts_where_the_verb_looks() -> None:
    declared = (REPOSITORY / "pyproject.toml").read_text()
    for in_tree, installed in SCRIPTS.values():
        assert f'"completions/{in_tree}" = "{installed}"' in declared
