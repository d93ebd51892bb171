"""The process that computes what meters show, beside the interface that shows them, which does without NumPy.

    python -m auralis_cli.services.sound_watching NAME

Taps the player of that name and writes a `SoundFrame` a line, as JSON, while something is heard. A line `reset` on
standard input says that another track begins; the end of it is the end of the process.
"""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from auralis_cli.errors import AuralisError
from auralis_cli.json_form import failure, json_text
from auralis_cli.player.control_protocol import TAP
from auralis_cli.player.tap import TapReader
from auralis_cli.services.remote_player import RemotePlayer
from auralis_cli.services.sound_meters import SoundMeters

FRAMES_PER_S = 25
# How often is looked while nothing is heard, and for how long nothing may be before that is said.
_QUIET_TURN_S = 0.1
_QUIET_AFTER_S = 0.3
# And how often the player is asked then whether it is still there.
_ASKS_EVERY_S = 2.0
_NICENESS = 5

Tell = Callable[[str], None]


class SoundWatcher:
    """Meters behind a tap, turn by turn."""

    def __init__(self, player: RemotePlayer, tell: Tell, clock: Callable[[], float] = time.monotonic) -> None:
        """`tell` takes a line. Raises NoPlayerError where the player cannot be looked at."""
        self._player, self._tell, self._clock = player, tell, clock
        self._reader = TapReader(Path(player.do(TAP)["path"]), clock)
        self._meters: SoundMeters | None = None
        self._rate_hz = 0
        self._heard_at_s = self._asked_at_s = clock()
        self._is_sounding = True

    @property
    def patience_s(self) -> float:
        """Until the next turn."""
        return 1.0 / FRAMES_PER_S if self._is_sounding else _QUIET_TURN_S

    def reset(self) -> None:
        """Another track begins."""
        if self._meters is not None:
            self._meters.reset()

    def turn(self) -> None:
        """Tells what was heard since the last turn; of silence once. Raises NoPlayerError where the player is gone."""
        now_s = self._clock()
        tapped = self._reader.read()
        if len(tapped.frames):
            if self._meters is None or tapped.rate_hz != self._rate_hz:
                self._meters, self._rate_hz = SoundMeters(tapped.rate_hz), tapped.rate_hz
            elif tapped.has_gap:
                self._meters.begin_anew()
            self._meters.add(tapped.frames)
            self._heard_at_s, self._is_sounding = now_s, True
            self._show(self._meters, is_sounding=True)
        elif now_s - self._heard_at_s >= _QUIET_AFTER_S:
            if self._is_sounding and self._meters is not None:
                self._show(self._meters, is_sounding=False)
            self._is_sounding = False
            if now_s - self._asked_at_s >= _ASKS_EVERY_S:
                self._asked_at_s = now_s
                self._player.status()

    def _show(self, meters: SoundMeters, *, is_sounding: bool) -> None:
        self._tell(json_text(meters.frame(is_sounding=is_sounding).to_json()))


def watch_sound(name: str, environ: Mapping[str, str], orders: int, tell: Tell) -> None:
    """Tells frames until the descriptor of `orders` ends. Raises NoPlayerError where the player is gone."""
    with RemotePlayer(name, environ) as player:
        watcher = SoundWatcher(player, tell)
        while True:
            if select.select([orders], [], [], watcher.patience_s)[0]:
                if not os.read(orders, 4096):
                    return
                watcher.reset()
            watcher.turn()


def main() -> int:
    """The process: what ends it is told as the last line."""

    def tell(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    os.nice(_NICENESS)
    with suppress(BrokenPipeError, KeyboardInterrupt):
        try:
            watch_sound(sys.argv[1], os.environ, sys.stdin.fileno(), tell)
        except AuralisError as error:
            tell(json_text(failure(None, error)))
            return error.exit_code
    return 0


if __name__ == "__main__":
    # At once: what was imported need not be taken apart.
    os._exit(main())
