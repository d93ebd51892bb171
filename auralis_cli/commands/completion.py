"""`auralis completion SHELL`: prints the script that the manual's generator rendered."""

from __future__ import annotations

import sysconfig
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from auralis_cli.commands.verb import Page, session_of
from auralis_cli.errors import AuralisError


class Shell(StrEnum):
    """Shells with a completion script."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


# Shell → name of the script in the source tree's `completions/`, and where an installation keeps it.
SCRIPTS: dict[Shell, tuple[str, str]] = {
    Shell.BASH: ("auralis.bash", "share/bash-completion/completions/auralis"),
    Shell.ZSH: ("_auralis", "share/zsh/site-functions/_auralis"),
    Shell.FISH: ("auralis.fish", "share/fish/vendor_completions.d/auralis.fish"),
}

PAGE = Page(
    examples=(
        ('eval "$(auralis completion bash)"', "Complete in this shell, from now on."),
        ('eval "$(auralis completion zsh)"', "The same in zsh, behind compinit."),
        ("auralis completion fish > ~/.config/fish/completions/auralis.fish", "Complete in every new fish."),
    ),
    exit_status=((0, "The script was printed."), (1, "The script is missing from this installation.")),
    details=(
        "What there is of verbs, options and their values, and presets and targets of your own, the scripts know: for "
        "these TAB starts no Python. Fields, their values in the library, and playlists they ask of auralis, which "
        "answers from the library in a tenth of a second or less, and with nothing where there is none.",
    ),
)


def completion(
    context: typer.Context,
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
) -> int:
    """Print the completion script of a shell.

    An installation as a package puts the scripts where shells look for them; this verb is for the others.
    """
    session_of(context).output.result(find_script(shell).read_text(encoding="utf-8").rstrip("\n"))
    return 0


def find_script(shell: Shell) -> Path:
    """The script in the source tree, else in the installation's prefix."""
    in_tree, installed = SCRIPTS[shell]
    candidates = (Path(__file__).parents[2] / "completions" / in_tree, Path(sysconfig.get_path("data")) / installed)
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise AuralisError(shell.value, "the completion script is missing from this installation", "reinstall auralis")
