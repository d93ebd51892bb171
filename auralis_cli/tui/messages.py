"""What is posted to the app from threads: what the player tells, what it refuses, what was found out off the loop."""

from __future__ import annotations

from textual.message import Message

from auralis_cli.model.player_status import PlayerStatus
from auralis_cli.services.background_verbs import VerbJob


class StatusTold(Message):
    """The player says what it does."""

    def __init__(self, status: PlayerStatus, at_s: float, run: int) -> None:
        """`at_s` is of the app's clock; `run` counts the connections, each of which tells everything anew."""
        super().__init__()
        self.status = status
        self.at_s = at_s
        self.run = run


class PlayerGone(Message):
    """No player can be reached any more; another may come."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why


class PlayerEnded(Message):
    """The process that was started to be the player has ended."""

    def __init__(self, code: int, complaint: str) -> None:
        super().__init__()
        self.code = code
        self.complaint = complaint


class ActionRefused(Message):
    """The player, or whoever else was to do it, did not do it, and says why."""

    def __init__(self, action: str, why: str) -> None:
        super().__init__()
        self.action = action
        self.why = why


class ActionDone(Message):
    """What the player was asked for behind all else is done, which nobody can see by itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class JobTold(Message):
    """A verb that runs beside the screen has got further, or has ended."""

    def __init__(self, job: VerbJob) -> None:
        super().__init__()
        self.job = job
