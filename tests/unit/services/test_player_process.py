"""A player that is started for a screen: it belongs to no terminal, and says how it ended."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from threading import Event

import pytest
from patience import PATIENCE_S

from auralis_cli.errors import OutputError
from auralis_cli.services.player_process import PlayerProcess

# Says its words and its session, and then ends as it is told on standard input.
_PLAYER = """
import os, sys
print("auralis: error:", sys.argv[1:], os.getsid(0) == os.getpid(), file=sys.stderr)
print("[1/3] a title", file=sys.stderr)
sys.exit(4 if sys.stdin.read() == "" else 0)
"""


def _begun(folder: Path, again: tuple[str, ...] = ()) -> tuple[PlayerProcess, list[tuple[int, str]], Event]:
    ended: list[tuple[int, str]] = []
    has_ended = Event()

    def note(code: int, complaint: str) -> None:
        ended.append((code, complaint))
        has_ended.set()

    command = (sys.executable, "-c", _PLAYER)
    return PlayerProcess(command, os.environ, folder / "state" / "player.log", note, again=again), ended, has_ended


def test_it_plays_in_a_session_of_its_own_and_says_how_it_ended(tmp_path: Path) -> None:
    player, ended, has_ended = _begun(tmp_path, ("--new",))
    assert not player.is_running
    player.begin(["--shuffle", "song.flac"])
    assert has_ended.wait(PATIENCE_S)
    code, complaint = ended[0]
    assert code == 4
    assert complaint.startswith("['play', '--headless', '--shuffle', 'song.flac'] True")
    assert not player.is_running
    has_ended.clear()
    player.begin_again()
    assert has_ended.wait(PATIENCE_S)
    assert ended[1][1].startswith("['play', '--headless', '--new'] True")


def test_a_state_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    player, _ended, _has_ended = _begun(tmp_path)
    with pytest.raises(OutputError, match=r"player\.log"):
        player.begin()
