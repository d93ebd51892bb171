"""How long a queue lasts and how much of it is left: the player does not know, the library does."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from contextlib import closing
from dataclasses import field
from itertools import accumulate
from pathlib import Path

from auralis_cli.model.player_status import PlayerStatus
from auralis_cli.model.progress import CancelToken
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.queue_pages import described, queue_page
from auralis_cli.tui.link import Port
from auralis_cli.units import count_in_words, seconds_to_clock

# Of a longer queue nobody asks when it ends.
MOST_ITEMS = 10_000


@dataclass(frozen=True, slots=True)
class QueueLengths:
    """Of the queue at one revision; one without places is of none."""

    revision: int = -1
    # What comes from each place on lasts so long.
    left_s: array[float] = field(default_factory=lambda: array("d"))
    # Whether there are items of which nobody knows how long they last.
    is_least: bool = False

    def words(self, status: PlayerStatus, position_s: float) -> list[str]:
        """`18:20`, `9:31 left`; nothing where it was not measured."""
        place = status.queue_index
        if status.queue_revision != self.revision or place is None or place + 1 >= len(self.left_s):
            return []
        left_s = self.left_s[place + 1] + max(0.0, (status.duration_s or 0.0) - position_s)
        least = "over " if self.is_least else ""
        return [f"{least}{seconds_to_clock(self.left_s[0])}", f"{least}{seconds_to_clock(left_s)} left"]


class QueueMeasure:
    """Adds up what the library knows, asking it about each item once."""

    def __init__(self, connect: Callable[[], Port], library: Path) -> None:
        self._connect = connect
        self._library = library
        # By ticket, as long as the player runs; below 0 for what is not known.
        self._known: dict[int, float] = {}

    def forget(self) -> None:
        """Another player's tickets mean other items."""
        self._known = {}

    def measure(self, cancel: CancelToken) -> QueueLengths:
        """In any thread; raises CancelledError once nobody waits for it, NoPlayerError without a player."""
        durations: list[float] = []
        known = self._known
        with closing(self._connect()) as port:
            page = first = queue_page(port)
            while page.items and first.length <= MOST_ITEMS and page.revision == first.revision:
                cancel.raise_if_cancelled()
                unknown = [item for item in page.items if item.ticket not in known]
                for item, text in zip(unknown, described(self._library, unknown), strict=True):
                    known[item.ticket] = -1.0 if text is None or text.duration_s is None else text.duration_s
                durations += [known[item.ticket] for item in page.items]
                page = queue_page(port, len(durations))
        if len(durations) != first.length:
            return QueueLengths()
        from_end = accumulate((max(0.0, one) for one in reversed(durations)), initial=0.0)
        return QueueLengths(first.revision, array("d", from_end)[::-1], any(one < 0.0 for one in durations))


def heading(status: PlayerStatus, lengths: QueueLengths, position_s: float) -> str:
    """`120 tracks, at 7 · 8:02:11 · 7:31:40 left · shuffled · repeat all`."""
    words = [count_in_words(status.queue_length, "track")]
    if status.queue_index is not None:
        words[0] += f", at {status.queue_index + 1:,}"
    words += lengths.words(status, position_s)
    if status.shuffle:
        words.append("shuffled")
    if status.repeat != "off":
        words.append(f"repeat {status.repeat}")
    if status.consume:
        words.append("what was played goes")
    if status.stop_after_current:
        words.append("stops after this track")
    return " · ".join(words)
