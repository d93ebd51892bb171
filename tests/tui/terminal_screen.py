"""A screen over a fake player in a process of its own, for tests that hold the other end of its terminal.

python terminal_screen.py HOME HOW        HOW: `waits`; `crashes` a moment after it is there; `covers` are pictures
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from patience import PATIENCE_S
from tui.fake_player import FakePlayers, context

from auralis_cli.commands.play_ui import opened_terminal, shown
from auralis_cli.model.playback import PlayerState
from auralis_cli.services.terminal_graphics import screen_graphics
from auralis_cli.tui.app import AuralisApp


class _Crashing(AuralisApp):
    def begin(self) -> None:
        super().begin()
        self.set_timer(0.2, self._crash)

    def _crash(self) -> None:
        raise ZeroDivisionError("a defect")


def main(home: Path, how: str) -> int:
    made = _Crashing if how == "crashes" else AuralisApp
    terminal = opened_terminal(reads_names=False)
    players = FakePlayers([str(home / "a.flac")])
    if how.startswith("covers"):
        players.player.change(state=PlayerState.PAUSED)
        # A test that is held up answers later than a terminal would.
        graphics = screen_graphics(terminal, os.environ, patience_s=PATIENCE_S)
        return shown(made(players, context(home, graphics=graphics)), terminal)
    return shown(made(players, context(home)), terminal)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
