"""Words of songs: plain lines, or lines with the moments at which they are sung; LRC read and written.

LRC is what people type: a line may have several moments, moments come in any order, and between them stands whatever
somebody's editor left there. Where any line has a moment, those without one are left out.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace

from auralis_cli.quick_dataclasses import dataclass

# More than any song, or book that is read aloud, has.
MOST_LINES = 100_000
_MOST_CHARACTERS = 4_000_000
_LONGEST_S = 1_000_000.0
# Of one line.
_MOST_MOMENTS, _MOST_WORDS = 200, 200
# Beyond them lines have moments alone.
_MOST_WORDS_IN_ALL = 100_000

_MOMENT = re.compile(r"\s*\[\s*(\d{1,4}):(\d{1,2})(?:[.:](\d{1,6}))?\s*\]", re.ASCII)
_HOURS = re.compile(r"\s*\[\s*(\d{1,3}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,6}))\s*\]", re.ASCII)
_WORD = re.compile(r"<\s*(\d{1,4}):(\d{1,2})(?:[.:](\d{1,6}))?\s*>", re.ASCII)
_STATEMENT = re.compile(r"\[\s*([A-Za-z#][A-Za-z0-9_ ]{0,30}?)\s*:(.*)\]\s*")
_OFFSET = re.compile(r"([+-]?)\s*(\d{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A part of a line and when it begins, in seconds; the parts together are the line."""

    at_s: float
    text: str


@dataclass(frozen=True, slots=True)
class TimedLine:
    """A line and when it begins, in seconds; empty where nothing is sung."""

    at_s: float
    text: str
    # Where the parts of it have moments of their own.
    words: tuple[TimedWord, ...] = ()


@dataclass(frozen=True, slots=True)
class Lyrics:
    """The words of one song. Of timed lines, the earliest comes first."""

    lines: tuple[str, ...] = ()
    timed: tuple[TimedLine, ...] = ()
    # What an LRC file states of itself, by its own short names: `ti`, `ar`, `al`, `by`.
    stated: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_timed(self) -> bool:
        """Whether it is known when the lines are sung."""
        return bool(self.timed)

    def __bool__(self) -> bool:
        return any(line.strip() for line in self.lines)

    def line_at(self, position_s: float) -> int | None:
        """Which of the timed lines is sung at a position; None before the first."""
        place = bisect_right(self.timed, position_s, key=lambda line: line.at_s) - 1
        return None if place < 0 else place

    def next_change_s(self, position_s: float) -> float | None:
        """When another line begins after a position; None behind the last."""
        place = bisect_right(self.timed, position_s, key=lambda line: line.at_s)
        return self.timed[place].at_s if place < len(self.timed) else None


def plain_lyrics(text: str) -> Lyrics:
    """Lines as they are, without blank ones at either end."""
    lines = [line.rstrip() for line in _lines_of(text)]
    said = [place for place, line in enumerate(lines) if line]
    return Lyrics(tuple(lines[said[0] : said[-1] + 1])) if said else Lyrics()


def parse_lyrics(text: str) -> Lyrics:
    """LRC where any line has a moment, else plain lines."""
    timed: list[TimedLine] = []
    stated: dict[str, str] = {}
    words = 0
    for line in _lines_of(text):
        moments, rest = _moments(line)
        if moments:
            lines = _timed_lines(moments, rest, with_words=words < _MOST_WORDS_IN_ALL)
            words += len(lines) * len(lines[0].words)
            timed += lines
        elif statement := _STATEMENT.fullmatch(line):
            stated.setdefault(statement[1].lower(), statement[2].strip())
        if len(timed) > MOST_LINES:
            break
    if not timed:
        return plain_lyrics(text)
    return timed_lyrics(_moved(timed, -_offset_s(stated.get("offset", ""))), stated)


def timed_lyrics(timed: Iterable[TimedLine], stated: Mapping[str, str] | None = None) -> Lyrics:
    """Lines with moments, put in their order; those at one moment stay as they come."""
    ordered = tuple(sorted(timed, key=lambda line: line.at_s))[:MOST_LINES]
    return Lyrics(tuple(line.text for line in ordered), ordered, dict(stated or {}))


def lrc_of(lyrics: Lyrics) -> str:
    """The text of an LRC file; its moments are what players count from, so that it needs no offset."""
    stated = [f"[{name}:{text}]" for name, text in lyrics.stated.items() if name != "offset"]
    if not lyrics.is_timed:
        return "\n".join((*stated, *lyrics.lines, ""))
    return "\n".join((*stated, *(_lrc_line(line) for line in lyrics.timed), ""))


def _lrc_line(line: TimedLine) -> str:
    clock = clock_of(line.at_s)
    if line.words:
        text = "".join(f"<{clock_of(word.at_s)}>{word.text}" for word in line.words)
    elif _MOMENT.match(line.text) or _HOURS.match(line.text):
        # Behind the moment of a word it is text, and none of the line's own.
        text = f"<{clock}>{line.text}"
    else:
        text = line.text
    return f"[{clock}]{text}"


def clock_of(seconds: float) -> str:
    """`03:07.25`, as LRC has it."""
    hundredths = round(max(0.0, seconds) * 100)
    return f"{hundredths // 6000:02d}:{hundredths // 100 % 60:02d}.{hundredths % 100:02d}"


def _lines_of(text: str) -> list[str]:
    """Ended by LF, CR LF or CR; a byte order mark and NULs are no words."""
    clean = text[:_MOST_CHARACTERS].replace("\ufeff", "").replace("\0", "")
    return clean.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:MOST_LINES]


def _moments(line: str) -> tuple[list[float], str]:
    """The moments at the beginning of a line, in seconds, and what is left of it."""
    moments: list[float] = []
    place = 0
    while len(moments) < _MOST_MOMENTS:
        if found := _HOURS.match(line, place):
            minutes = int(found[1]) * 60 + int(found[2])
            moments.append(_seconds(minutes, found[3], found[4]))
        elif found := _MOMENT.match(line, place):
            moments.append(_seconds(int(found[1]), found[2], found[3]))
        else:
            break
        place = found.end()
    return moments, line[place:]


def _seconds(minutes: int, seconds: str, fraction: str | None) -> float:
    # Two digits are hundredths, three thousandths: what stands behind a point.
    return min(minutes * 60 + float(f"{seconds}.{fraction or 0}"), _LONGEST_S)


def _timed_lines(moments: Sequence[float], rest: str, *, with_words: bool) -> list[TimedLine]:
    """A line at each of its moments; its words were timed at the first of them."""
    words = _timed_words(moments[0], rest) if with_words else ()
    text = "".join(word.text for word in words) if words else _WORD.sub("", rest).strip()
    return [
        TimedLine(moment, text, words if moment == moments[0] else _later(words, moment - moments[0], moment))
        for moment in moments
    ]


def _timed_words(moment: float, rest: str) -> tuple[TimedWord, ...]:
    """The parts of a line that have moments; none where there are none, or more than anybody sings."""
    pieces = _WORD.split(rest, _MOST_WORDS + 1)
    if not 1 < len(pieces) <= 4 * _MOST_WORDS + 1:
        return ()
    words = [TimedWord(moment, pieces[0].lstrip())] if pieces[0].strip() else []
    for place in range(1, len(pieces), 4):
        at_s = _seconds(int(pieces[place]), pieces[place + 1], pieces[place + 2])
        if text := pieces[place + 3]:
            words.append(TimedWord(max(moment, at_s), text))
    return _without_edges(words)


def _later(words: Sequence[TimedWord], by_s: float, earliest_s: float) -> tuple[TimedWord, ...]:
    return tuple(TimedWord(max(earliest_s, word.at_s + by_s), word.text) for word in words)


def _without_edges(words: Sequence[TimedWord]) -> tuple[TimedWord, ...]:
    """Without blanks at either end of the line, which are no words."""
    said = [place for place, word in enumerate(words) if word.text.strip()]
    if not said:
        return ()
    kept = list(words[said[0] : said[-1] + 1])
    kept[0] = replace(kept[0], text=kept[0].text.lstrip())
    kept[-1] = replace(kept[-1], text=kept[-1].text.rstrip())
    return tuple(kept)


def _offset_s(text: str) -> float:
    """Milliseconds by which everything comes earlier; what is no number moves nothing."""
    found = _OFFSET.fullmatch(text.strip())
    return 0.0 if found is None else (-1.0 if found[1] == "-" else 1.0) * int(found[2]) / 1000.0


def _moved(timed: Iterable[TimedLine], by_s: float) -> list[TimedLine]:
    if by_s == 0.0:
        return list(timed)
    return [TimedLine(max(0.0, line.at_s + by_s), line.text, _later(line.words, by_s, 0.0)) for line in timed]
