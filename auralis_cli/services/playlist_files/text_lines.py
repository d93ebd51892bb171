"""Lines of playlists that are plain text: bytes in an encoding that nobody states for certain."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from contextlib import suppress

_LINE = re.compile(rb"[^\r\n]+")
# What Windows wrote before it wrote UTF-8.
_USUAL = "cp1252"


class TextLine:
    """A line, and how to read it."""

    def __init__(self, data: bytes, encoding: str = _USUAL) -> None:
        self.data = data
        self._encoding = encoding

    @property
    def word(self) -> str:
        """The line as the name of a file: byte by byte what stands there."""
        return os.fsdecode(self.data)

    @property
    def text(self) -> str:
        """The line as text: UTF-8 where it is, else what the encoding makes of it."""
        for encoding in ("utf-8", self._encoding):
            with suppress(UnicodeDecodeError):
                return self.data.decode(encoding)
        return self.data.decode("latin-1")

    def behind(self, start: int) -> TextLine:
        """The same line from `start` on."""
        return TextLine(self.data[start:], self._encoding)


def lines_of(data: bytes) -> Iterator[TextLine]:
    """The lines that are not empty, whichever way they end; a line #EXTENC: says in which encoding the rest is."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            data = data[len(mark) :].decode(encoding, "replace").encode("utf-8", "surrogatepass")
    encoding = _USUAL
    for found in _LINE.finditer(data.removeprefix(codecs.BOM_UTF8)):
        line = TextLine(found.group(), encoding)
        if line.data[:8].upper() == b"#EXTENC:":
            encoding = _known(line.text[8:].strip()) or encoding
        yield line


def _known(encoding: str) -> str | None:
    """The encoding if it is one of text, byte by byte."""
    with suppress(LookupError, ValueError):
        info = codecs.lookup(encoding)
        if "a\n".encode(info.name) == b"a\n":
            return info.name
    return None
