"""The words that a file's own tags hold: plain, and with the moments at which they are sung.

ID3 has a frame for each (USLT, SYLT). Elsewhere LYRICS holds either, LRC being text, and SYNCEDLYRICS the latter.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from auralis_cli.audio.opened_tags import asked_of_tags
from auralis_cli.audio.tag_reading import read_all_tags
from auralis_cli.model.lyrics import Lyrics, TimedLine, parse_lyrics, timed_lyrics

_NAMES = ("syncedlyrics", "synced lyrics", "lyrics-synced", "lyrics", "unsyncedlyrics", "unsynced lyrics")
# Of SYLT: moments in milliseconds (1 counts MPEG frames, of which nobody tells how long they are), and texts that are
# lyrics, or what is not said.
_MILLISECONDS, _SUNG = 2, (0, 1)


def read_lyrics(path: Path) -> tuple[Lyrics, ...]:
    """All that the tags of a file hold, what is timed first. Raises InputError."""
    tags = asked_of_tags(path, read_all_tags)
    found = [_synced(frame) for frame in tags.id3_frames if frame.FrameID == "SYLT"]
    texts = [(name.lower(), text) for name, text in tags.fields]
    for wanted in _NAMES:
        found += [parse_lyrics(text) for name, text in texts if name == wanted]
    return tuple(sorted(filter(None, found), key=lambda lyrics: not lyrics.is_timed))


def _synced(frame: Any) -> Lyrics:
    """The lines of SYLT, of which a new one begins with a line end; a text of syllables is put together."""
    if frame.format != _MILLISECONDS or frame.type not in _SUNG:
        return Lyrics()
    pieces = [(str(text), int(moment) / 1000.0) for text, moment in frame.text]
    if not any("\n" in text for text, _ in pieces[1:]):
        return timed_lyrics(TimedLine(at_s, text.strip()) for text, at_s in pieces)
    lines: list[tuple[float, list[str]]] = []
    for text, at_s in pieces:
        if text.startswith("\n") or not lines:
            lines.append((at_s, []))
        lines[-1][1].append(text)
    return timed_lyrics(TimedLine(at_s, " ".join("".join(texts).split())) for at_s, texts in lines)
