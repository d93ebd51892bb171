"""XSPF: XML that names files by URI, so that any name fits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from xml.parsers import expat

from auralis_cli.model.playlists import ListedFile
from auralis_cli.services.playlist_files.listing import Listing, Malformed, WrittenFile
from auralis_cli.services.playlist_files.locations import one_line, uri_path_of, word_for

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<playlist version="1" xmlns="http://xspf.org/ns/0/">\n'
_TRACK = ["playlist", "trackList", "track"]
_MAX_DEPTH = 32
_MAX_TEXT_LETTERS = 20_000
# Letters that are no control characters, but that XML has no place for.
_NOT_XML = re.compile("[\ufffe\uffff]")


def read_xspf(data: bytes, listing: Listing) -> None:
    """Puts the entries of an XSPF into `listing`. One with a document type, where entities are made, is refused."""
    reader = _Reader(listing)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise Malformed(f"is no XSPF: {error}") from error
    except Malformed:
        raise
    except (LookupError, ValueError) as error:
        raise Malformed("is no XSPF: its encoding is not known") from error


def write_xspf(title: str | None, entries: Iterator[ListedFile], relative_to: str | None) -> WrittenFile:
    """An XSPF of the entries."""
    parts = [_HEAD, _element("title", title, "  "), "  <trackList>\n"]
    for entry in entries:
        parts += [
            "    <track>\n",
            f"      <location>{escape(_uri(entry.path, relative_to), quote=False)}</location>\n",
            _element("title", entry.title, "      "),
            _element("creator", entry.artist, "      "),
            "" if entry.duration_s is None else f"      <duration>{round(entry.duration_s * 1000.0)}</duration>\n",
            "    </track>\n",
        ]
    parts.append("  </trackList>\n</playlist>\n")
    return WrittenFile("".join(parts).encode("utf-8"), ())


class _Reader:
    """What expat calls: collects the text of a track's elements."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self._open: list[str] = []
        self._text: list[str] = []
        self._letters = 0
        self._track: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._open.append(name.rpartition(" ")[2])
        if self._open[0] != "playlist":
            raise Malformed("is no XSPF: its XML is something else")
        if len(self._open) > _MAX_DEPTH:
            raise Malformed("is no XSPF: its elements are nested too deep")
        self._text.clear()
        self._letters = 0
        if self._open == _TRACK:
            self._track = {}

    def text(self, data: str) -> None:
        self._letters += len(data)
        if self._letters <= _MAX_TEXT_LETTERS:
            self._text.append(data)

    def end(self, name: str) -> None:
        text = "".join(self._text).strip()
        if self._open[:-1] == _TRACK:
            self._track.setdefault(self._open[-1], text)
        elif self._open == _TRACK:
            self._add()
        elif self._open == ["playlist", "title"]:
            self._listing.title = one_line(text) or None
        self._open.pop()
        self._text.clear()

    def _add(self) -> None:
        location = self._track.get("location")
        if not location:
            return
        milliseconds = self._track.get("duration", "")
        duration_s = int(milliseconds) / 1000.0 if re.fullmatch(r"[0-9]{1,13}", milliseconds) else None
        title, artist = (one_line(self._track.get(key, "")) or None for key in ("title", "creator"))
        self._listing.add_uri(location, title, artist, duration_s)


def _refuse_doctype(*_: object) -> None:
    raise Malformed("has a document type, which an XSPF does not need")


def _uri(path: str, relative_to: str | None) -> str:
    # A share of Windows has no drive to begin a URI with.
    is_share = path.startswith("\\\\")
    if is_share or (relative_to is not None and path.startswith("/")):
        return uri_path_of(word_for(path, relative_to))
    return "file://" + uri_path_of(path)


def _element(name: str, text: str | None, indent: str) -> str:
    text = _NOT_XML.sub(" ", one_line(text or "")).strip()
    return f"{indent}<{name}>{escape(text, quote=False)}</{name}>\n" if text else ""
