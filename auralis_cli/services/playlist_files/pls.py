"""PLS: keys with numbers, `File1=`, `Title1=`, `Length1=`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from auralis_cli.model.playlists import ListedFile
from auralis_cli.services.playlist_files.listing import Listing, WrittenFile
from auralis_cli.services.playlist_files.locations import artist_and_title, display_name, one_line, word_for
from auralis_cli.services.playlist_files.text_lines import TextLine, lines_of

_KEY = re.compile(rb"\s*(file|title|length)(\d{1,9})\s*=", re.IGNORECASE)
_NAME = re.compile(rb"\s*x-gnome-title\s*=", re.IGNORECASE)


def read_pls(data: bytes, listing: Listing) -> None:
    """Puts the entries of a PLS into `listing`, in the order of their numbers."""
    entries: dict[int, dict[bytes, TextLine]] = {}
    for line in lines_of(data):
        if found := _KEY.match(line.data):
            entries.setdefault(int(found[2]), {})[found[1].lower()] = line.behind(found.end())
            listing.check_length(len(entries))
        elif named := _NAME.match(line.data):
            listing.title = one_line(line.behind(named.end()).text) or None
    for _, entry in sorted(entries.items()):
        name = entry.get(b"file")
        if name is None or not name.data.strip():
            continue
        artist, title = artist_and_title(entry[b"title"].text) if b"title" in entry else (None, None)
        seconds = entry[b"length"].text.strip() if b"length" in entry else ""
        duration_s = float(seconds) if re.fullmatch(r"\d{1,10}", seconds) else None
        listing.add(name.word, title, artist, duration_s, otherwise=name.text)


def write_pls(title: str | None, entries: Iterator[ListedFile], relative_to: str | None) -> WrittenFile:
    """A PLS of those entries whose path fits on a line."""
    lines = [b"[playlist]"]
    if title and one_line(title):
        lines.append(f"X-GNOME-Title={one_line(title)}".encode())
    left_out: list[str] = []
    number = 0
    for entry in entries:
        if "\n" in entry.path or "\r" in entry.path:
            left_out.append(entry.path)
            continue
        number += 1
        lines.append(b"File%d=" % number + os.fsencode(word_for(entry.path, relative_to)))
        if name := display_name(entry.artist, entry.title):
            lines.append(f"Title{number}={name}".encode())
        lines.append(b"Length%d=%d" % (number, -1 if entry.duration_s is None else round(entry.duration_s)))
    lines += [b"NumberOfEntries=%d" % number, b"Version=2"]
    return WrittenFile(b"\n".join(lines) + b"\n", tuple(left_out))
