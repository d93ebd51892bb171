"""`auralis lyrics --follow`: each line when it is sung, until the player ends."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING

from auralis_cli.commands.ctl_text import title_of
from auralis_cli.commands.verb import Session
from auralis_cli.output import Output
from auralis_cli.terminal_text import printable, shortened

if TYPE_CHECKING:
    from auralis_cli.services.lyrics import LyricsPlace
    from auralis_cli.services.lyrics_following import SongMoment

# Lines around the one that is sung.
_AROUND = 4
_NARROWEST = 10


def follow_player(session: Session, player: str | None, places: tuple[LyricsPlace, ...], *, as_json: bool) -> int:
    """Shows what a player plays until it ends; NoPlayerError where none runs."""
    from auralis_cli.services.lyrics_following import follow
    from auralis_cli.services.remote_player import find_player, watch

    output = session.output

    def look_around() -> None:
        session.cancel.raise_if_cancelled()
        output.raise_if_unread()

    variables = output.variables
    name = find_player(player, variables)
    in_place = output.is_on_terminal and variables.get("TERM", "dumb") != "dumb"
    screen = _Window(output) if in_place else _Scroll(output)
    for moment in follow(lambda look: watch(name, variables, look_around=look), look_around, places):
        if as_json:
            output.json_line(_document(moment))
        else:
            screen.show(moment)
        output.flush()
    return 0


def _document(moment: SongMoment) -> dict[str, object]:
    found, line = moment.found, moment.line
    timed = None if found is None or line is None else found.lyrics.timed[line]
    return {
        "path": moment.track.path,
        "cue_number": moment.track.cue_number,
        "title": moment.track.title,
        "artist": moment.track.artist,
        "place": None if found is None else found.place,
        "source": None if found is None else found.source,
        "synced": found is not None and found.lyrics.is_timed,
        "line": line,
        "at_s": None if timed is None else timed.at_s,
        "text": None if timed is None else timed.text,
        "position_s": round(moment.position_s, 3),
    }


class _Scroll:
    """A line is printed when it is sung: into pipes and plain terminals."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._ticket: int | None = None
        self._line: int | None = None

    def show(self, moment: SongMoment) -> None:
        """What is new at that moment."""
        if moment.track.ticket != self._ticket:
            self._ticket, self._line = moment.track.ticket, None
            self._begin(moment)
        line, found = moment.line, moment.found
        if found is None or line is None or line == self._line:
            return
        # What was passed unseen is said as well; where the player was moved, only what is sung.
        first = line if self._line is None or not self._line < line < self._line + _AROUND else self._line + 1
        for one in found.lyrics.timed[first : line + 1]:
            self._output.result(printable(one.text))
        self._line = line

    def _begin(self, moment: SongMoment) -> None:
        self._output.result(self._output.styled(printable(title_of(moment.track)), "bold"))
        for text in _unsung(moment):
            self._output.result(printable(text))


class _Window:
    """The lines around the one that is sung, which is bright, drawn over what was there."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._ticket: int | None = None
        self._drawn = 0

    def show(self, moment: SongMoment) -> None:
        """Draws that moment."""
        if moment.track.ticket != self._ticket:
            self._ticket, self._drawn = moment.track.ticket, 0
            self._output.result(self._output.styled(self._fitting(title_of(moment.track)), "bold"))
            for text in _unsung(moment):
                self._output.result(printable(text))
        if moment.found is None or not moment.found.lyrics.is_timed:
            return
        if self._drawn:
            # Back up over it, and clear to the end of the screen.
            self._output.exact(f"\x1b[{self._drawn}A\x1b[J", "")
        lines = [one.text for one in moment.found.lyrics.timed]
        self._drawn = 0
        for place in self._places(moment.line):
            text = self._fitting(lines[place]) if 0 <= place < len(lines) else ""
            self._output.result(self._output.styled(text, "bold" if place == moment.line else "dim") if text else "")
            self._drawn += 1

    def _places(self, line: int | None) -> Sequence[int]:
        """As many each time, so that the bright one stays where it is."""
        middle = -1 if line is None else line
        around = max(0, min(_AROUND, (shutil.get_terminal_size().lines - 3) // 2))
        return range(middle - around, middle + around + 1)

    def _fitting(self, text: str) -> str:
        return shortened(printable(text), max(_NARROWEST, shutil.get_terminal_size().columns - 1))


def _unsung(moment: SongMoment) -> Sequence[str]:
    """What stands below the name of a song whose lines have no moments."""
    if moment.found is None:
        return ("(no words)",) if moment.problem is None else (f"(no words: {moment.problem})",)
    return () if moment.found.lyrics.is_timed else (*moment.found.lyrics.lines, "")
