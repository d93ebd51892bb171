"""The process of the screen is light: what computes and decodes is in others."""

from __future__ import annotations

import subprocess
import sys

import pytest

_SCRIPT = """
import sys
import auralis_cli.cli, auralis_cli.commands.play, auralis_cli.commands.play_ui
from auralis_cli.services import background_verbs, player_process, remote_player
from auralis_cli.tui import app, context, keymap, link, messages
from auralis_cli.tui.view_table import VIEWS, import_views
VIEWS["now"].make()
print(*sorted(sys.modules))
import_views()
print(*sorted(sys.modules))
"""
_SOUND = {"numpy", "numba", "soundfile", "av", "soxr", "sounddevice", "matplotlib", "scipy"}
_FILES = {"mutagen", "peewee", "sqlite3", "httpx", "PIL", "watchfiles"}


@pytest.mark.unmeasured
def test_nothing_heavy_is_imported_before_the_first_paint_and_nothing_of_sound_ever() -> None:
    done = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, timeout=60, check=True)
    before, behind = (set(line.split()) for line in done.stdout.splitlines())
    assert before & (_SOUND | _FILES) == set()
    assert behind & _SOUND == set()
