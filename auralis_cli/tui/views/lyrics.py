"""The words of what plays, line by line when they are sung, over the spectrum of what is heard."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from auralis_cli.model.lyrics import TimedLine
from auralis_cli.model.player_status import TrackStatus
from auralis_cli.services.lyrics import FoundLyrics, LyricsPlace
from auralis_cli.services.lyrics_following import song_of
from auralis_cli.terminal_text import printable
from auralis_cli.tui.sound_look import SoundLook, SoundTold
from auralis_cli.tui.studio_text import heard_frame
from auralis_cli.tui.ui_state import UiState
from auralis_cli.tui.view import View
from auralis_cli.tui.widgets.song_lines import SongLines
from auralis_cli.tui.widgets.spectrum_bars import SpectrumBars

_SPECTRUM_FROM_ROWS = 14
_LOWEST_DB, _HIGHEST_DB = -72.0, -18.0
_NO_WORDS = "No words are known of this track."
# Woken a hair later, so that rounding never wakes before the line.
_HAIR_S = 0.005
_SCROLLS = {"up": -1, "down": 1, "page-up": -10, "page-down": 10, "top": -100_000, "bottom": 100_000}


class LyricsView(View):
    """Words and spectrum."""

    NAME = "lyrics"
    FOOTER = ("toggle", "next", "previous", "seek -5", "seek +5", "view now")
    DEFAULT_CSS = """
    LyricsView { layout: vertical; padding: 0 1; }
    LyricsView #lyrics-note { height: 1; text-align: center; color: $text-muted; }
    LyricsView #lyrics-spectrum { height: 1fr; }
    LyricsView.-has-words #lyrics-spectrum { height: 35%; }
    """

    class Found(Message):
        """The words of a track are there, or there are none."""

        def __init__(self, track: TrackStatus, found: FoundLyrics | None, why: str) -> None:
            super().__init__()
            self.track, self.found, self.why = track, found, why

    def compose(self) -> ComposeResult:
        """The words above, the spectrum below."""
        app = self.auralis
        self._place: tuple[int, str, int] | None = None
        self._found: FoundLyrics | None = None
        self._timer: Timer | None = None
        self._note = ""
        self._sound = SoundLook(
            lambda: app.link.player_name, app.context.variables, self.post_message, app.context.clock_s
        )
        yield Static(id="lyrics-note", markup=False)
        yield SongLines(id="lyrics-lines")
        yield SpectrumBars(lowest_db=_LOWEST_DB, highest_db=_HIGHEST_DB, id="lyrics-spectrum")

    def on_unmount(self) -> None:
        """Looks no more."""
        self._sound.end()

    def on_hide(self, _event: events.Hide) -> None:
        """What is not seen is not measured."""
        self._sound.end()

    def on_resize(self) -> None:
        """The spectrum goes where there is no room for both."""
        self._share_room()

    def show(self, state: UiState) -> None:
        """The words of what plays, as far as they are sung."""
        if state.view == self.NAME and self.query_one(SpectrumBars).display:
            self._sound.follow(state)
        track = None if state.status is None else state.status.track
        place = None if track is None else (track.ticket, track.path, track.cue_number)
        if place != self._place:
            self._place, self._found = place, None
            self._show_words("" if track is None else "looking for the words …")
            if track is not None:
                self.run_worker(partial(self._find, track), thread=True, exclusive=True, group="lyrics")
        self._show_line()

    def run(self, command: str, words: Sequence[str]) -> bool:
        """Scrolls words that do not scroll by themselves."""
        if command not in _SCROLLS:
            return False
        self.query_one(SongLines).scroll_by(_SCROLLS[command])
        return True

    def on_sound_told(self, _message: SoundTold) -> None:
        """Shows what is heard now."""
        if (frame := self._sound.take()) is not None:
            side = heard_frame(frame, self.auralis.state.status)
            self.query_one(SpectrumBars).set_bands(side.bands_db if frame.is_sounding else ())

    def on_lyrics_view_found(self, message: Found) -> None:
        """Shows them, where they are of what plays by now."""
        track = message.track
        if (track.ticket, track.path, track.cue_number) == self._place:
            self._found = message.found
            self._show_words(message.why if message.found is None else "")
            self._show_line()

    def _find(self, track: TrackStatus) -> None:
        found, problem = song_of(track, tuple(LyricsPlace))
        why = _NO_WORDS if problem is None else str(problem)
        self.post_message(self.Found(track, found, "" if found is not None else why))

    def _show_words(self, note: str) -> None:
        found = self._found
        lines = () if found is None else found.lyrics.lines
        self.query_one(SongLines).set_lines(lines, is_timed=found is not None and found.lyrics.is_timed)
        self._note = note
        self._share_room()
        self._show_note()

    def _share_room(self) -> None:
        """Without words all of it is the spectrum's; in low screens words are alone."""
        has_words = self._found is not None
        self.set_class(has_words, "-has-words")
        self.query_one(SongLines).display = has_words
        has_spectrum = not has_words or self.size.height >= _SPECTRUM_FROM_ROWS
        self.query_one(SpectrumBars).display = has_spectrum
        if not has_spectrum:
            self._sound.end()

    def _show_note(self) -> None:
        self.query_one("#lyrics-note", Static).update(Content(printable(self._note)))

    def _show_line(self) -> None:
        """The line that is sung, and when the next one is."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        found, state = self._found, self.auralis.state
        if found is None or not found.lyrics.is_timed:
            return
        position_s = state.position_s(self.auralis.context.clock_s())
        number = found.lyrics.line_at(position_s)
        line = None if number is None else found.lyrics.timed[number]
        self.query_one(SongLines).set_sung(number, _sung_letters(line, position_s))
        due_s = _next_s(found, line, position_s)
        if (
            due_s is not None
            and state.status is not None
            and state.status.state == "playing"
            and state.view == self.NAME
        ):
            self._timer = self.set_timer(max(due_s - position_s, 0.0) + _HAIR_S, self._show_line)


def _sung_letters(line: TimedLine | None, position_s: float) -> int:
    """Of a line whose words are timed, how many letters were sung."""
    return 0 if line is None else sum(len(word.text) for word in line.words if word.at_s <= position_s)


def _next_s(found: FoundLyrics, line: TimedLine | None, position_s: float) -> float | None:
    """When another line or word is sung."""
    words = () if line is None else line.words
    coming = [word.at_s for word in words if word.at_s > position_s]
    following = found.lyrics.next_change_s(position_s)
    return min([*coming, *([] if following is None else [following])], default=None)
