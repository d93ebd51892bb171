"""What SQL cannot do with text: compare it folded, and find regular expressions in it, within a stated time."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from functools import lru_cache

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.errors import UsageError
from auralis_cli.model.album_grouping import fold

_WORD = re.compile(r"[^\W_]+")
# Latin letters that SQLite's index of words and our folding make the same of: neither ligatures nor ß nor dotless i.
_ALIKE = re.compile("[ -~\xc0-\xde\xe0-\u012f\u0134-\u013e\u0141-\u0148\u014a-\u017e]*")
# Processor time that the patterns of one query may take: some 20 million titles.
PATTERN_BUDGET_S = 30.0


class TextFunctions:
    """The functions that queries call by name: each is registered below."""

    def __init__(
        self,
        database: LibraryDatabase,
        *,
        budget_s: float = PATTERN_BUDGET_S,
        clock: Callable[[], float] = time.thread_time,
    ) -> None:
        self._budget_s = budget_s
        self._clock = clock
        self._spent_s = 0.0
        self._too_slow: str | None = None
        database.register_function(_folded, "folded", 1, True)
        database.register_function(_folded_holds, "folded_holds", 2, True)
        database.register_function(reads_alike, "reads_alike", -1, True)
        database.register_function(self._pattern_found, "pattern_found", 2, True)

    def begin(self) -> None:
        """A query begins: its patterns have all their time."""
        self._spent_s, self._too_slow = 0.0, None

    def check(self) -> None:
        """Raises UsageError where a pattern took more than its time: what was found since then is not all."""
        if self._too_slow is not None:
            raise UsageError(
                self._too_slow, f"this pattern takes more than {self._budget_s:g} s", "make it simpler, or find less"
            )

    def _pattern_found(self, pattern: str | bytes, text: str | bytes | int | None) -> int:
        pattern = os.fsdecode(pattern)
        if self._spent_s > self._budget_s:
            self._too_slow = pattern
            return 0
        subject = os.fsdecode(text) if isinstance(text, bytes) else "" if text is None else str(text)
        started_s = self._clock()
        found = _compiled(pattern).search(subject)
        self._spent_s += self._clock() - started_s
        return found is not None


def folded_words(text: str) -> str:
    """The words of `text`, folded, as the index of words takes them apart: each behind a blank."""
    return "".join(f" {word}" for word in _WORD.findall(fold(text)))


def searched_words(*names: str | None) -> str:
    """The words of `names`, one name a line: those that follow each other in it follow each other in one name."""
    return "\n".join(folded_words(name) for name in dict.fromkeys(names) if name)


def reads_alike(*texts: str | None) -> bool:
    """Whether the words of `texts` are to us what they are to the index of words."""
    return all(text is None or _ALIKE.fullmatch(text) for text in texts)


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _folded(text: str | None) -> str | None:
    return None if text is None else fold(text)


def _folded_holds(text: str | None, wanted: str) -> int | None:
    return None if text is None else wanted in fold(text)
