"""Words for roff: pages, paragraphs and tagged lists as `man` shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from auralis_cli.version import VERSION

# When the prose last changed: man pages carry a date.
DATE = "2026-11-22"
PROGRAM = "auralis"

# What the numbers of the parts of the manual stand for.
_PARTS = {1: "User commands", 5: "File formats", 7: "Miscellaneous"}

_LONG = 60

Section = tuple[str, Sequence[str]]


def page(name: str, purpose: str, sections: Sequence[Section], part: int = 1) -> str:
    """A whole page of that part of the manual."""
    title = name.upper().replace("-", "\\-")
    lines = [
        '.\\" Rendered by `make man` from the command tree; do not edit.',
        f'.TH {title} {part} {DATE} "{PROGRAM} {VERSION}" "{_PARTS[part]}"',
        # Names and JSON stay whole: no hyphens, no stretched blanks.
        ".nh",
        ".ad l",
        ".SH NAME",
        f"{prose(name)} \\- {prose(purpose[:1].lower() + purpose[1:])}",
    ]
    for title, body in sections:
        lines += [f".SH {title}", *body]
    return "\n".join([*lines, ""])


def prose(text: str) -> str:
    """Text on one line: backslashes, dashes and leading control characters made harmless."""
    return " ".join(_breakable(word) for word in verbatim(text).split())


def _breakable(word: str) -> str:
    """A path or a list that is as long as a line may go on in the next."""
    return re.sub(r"(?<=[,/])(?=.)", r"\\:", word) if len(word) > _LONG else word


def verbatim(text: str) -> str:
    """A line with all its blanks, made harmless."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga")
    # A macro would take plain quotes for its own.
    escaped = escaped.replace('"', "\\(dq")
    return "\\&" + escaped if escaped[:1] in (".", "'") else escaped


def paragraphs(texts: Iterable[str]) -> list[str]:
    """One after the other, room between them."""
    return [line for text in texts for line in (".PP", prose(text))][1:]


def tagged(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Each label in bold, what is said of it below, moved in."""
    return [line for label, text in rows for line in (".TP", f".B {prose(label)}", prose(text))]


def see_also(pages: Iterable[tuple[str, int]]) -> list[str]:
    """Names of other pages with their parts."""
    named = list(pages)
    return [f".BR {prose(name)} ({part}){',' if (name, part) != named[-1] else ''}" for name, part in named]
