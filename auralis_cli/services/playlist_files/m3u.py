"""M3U: a path a line, with duration and title in a comment above it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from auralis_cli.model.playlists import ListedFile
from auralis_cli.services.playlist_files.listing import Listing, WrittenFile
from auralis_cli.services.playlist_files.locations import artist_and_title, display_name, one_line, word_for
from auralis_cli.services.playlist_files.text_lines import lines_of

# The duration may be followed by attributes with commas of their own. Nothing is tried twice: a line may be long.
_ABOUT = re.compile(r'#EXTINF:\s*+(-?\d{1,10}(?:\.\d{0,6})?)?(?:\s++[\w-]+="[^"]*")*+[^,]*+,(.*)', re.IGNORECASE)
_TITLE = re.compile(r"#PLAYLIST:(.*)", re.IGNORECASE)


def read_m3u(data: bytes, listing: Listing) -> None:
    """Puts the entries of an M3U into `listing`."""
    about: re.Match[str] | None = None
    for line in lines_of(data):
        if not line.data.startswith(b"#"):
            if not line.data.strip():
                continue
            duration_s = float(about[1] or -1) if about else -1.0
            artist, title = artist_and_title(about[2]) if about else (None, None)
            listing.add(line.word, title, artist, duration_s if duration_s >= 0 else None, otherwise=line.text)
            about = None
        elif found := _ABOUT.match(line.text):
            about = found
        elif named := _TITLE.match(line.text):
            listing.title = one_line(named[1]) or None


def write_m3u(title: str | None, entries: Iterator[ListedFile], relative_to: str | None) -> WrittenFile:
    """An M3U of those entries whose path fits on a line."""
    lines = [b"#EXTM3U"]
    if title and one_line(title):
        lines.append(f"#PLAYLIST:{one_line(title)}".encode())
    left_out: list[str] = []
    for entry in entries:
        if "\n" in entry.path or "\r" in entry.path:
            left_out.append(entry.path)
            continue
        seconds = -1 if entry.duration_s is None else round(entry.duration_s)
        lines.append(f"#EXTINF:{seconds},{display_name(entry.artist, entry.title)}".encode())
        lines.append(os.fsencode(word_for(entry.path, relative_to)))
    return WrittenFile(b"\n".join(lines) + b"\n", tuple(left_out))
