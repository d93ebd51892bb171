"""Where each track goes in a folder that is exported into; no two files share a name, wherever the folder is taken."""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePath

from auralis_cli.errors import InputError
from auralis_cli.model.fields import TRACK_FIELDS
from auralis_cli.model.library import Track
from auralis_cli.model.templates import Template
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.name_templates import NameRules, filled_path, parse_name_template

_FOLDERS = "${albumartist|artist|'Unknown artist'}/${album|'Unknown album'}"
_USUAL = f"{_FOLDERS}/${{track:02}} - $title"
# Of an album of several discs, whose numbers begin anew.
_OF_DISCS = f"{_FOLDERS}/$disc-${{track:02}} - $title"
_WITHOUT_NUMBER = f"{_FOLDERS}/$title"
_NUMBERED_MORE_BYTES = len(" (1000000)")


@dataclass(frozen=True, slots=True)
class NamedTrack:
    """A track that wants a name: what it is known by from one export to the next, and the end of the name."""

    track: Track
    key: str
    extension: str


def names_for(
    wanted: Sequence[NamedTrack], template: str | None, *, portable: bool, known: Iterable[tuple[str, str]] = ()
) -> list[str | InputError]:
    """The path of each as seen from the folder, or why there is none.

    Names that would be the same, also where upper and lower case or ways to write an accent are not told apart, are
    numbered: `song (2).flac`. `known` are path and key of what was exported before, which keeps its name and number
    whatever else is exported now. Raises UsageError for a template that cannot be served.
    """
    rules = NameRules(portable=portable)
    template_of = _templates(template)
    before = list(known)
    spellings = _Spellings(path for path, _ in before)
    plain: list[str | InputError] = []
    for one in wanted:
        # Room is left for a number.
        extension = one.extension.ljust(_NUMBERED_MORE_BYTES + len(one.extension), "x")
        try:
            path = filled_path(template_of(one.track), one.track, rules, extension)
        except InputError as error:
            plain.append(InputError(one.track.path, error.why, error.hint))
        else:
            stem = path.name[: len(path.name) - len(extension)]
            plain.append(spellings.of(path.parent, stem))
    return _numbered(wanted, plain, before)


def _templates(template: str | None) -> Callable[[Track], Template]:
    """Which template names a track: the one that is asked for, else one that fits what is known of it."""
    if template is not None:
        made = parse_name_template(template, TRACK_FIELDS)
        return lambda _: made
    usual, of_discs, unnumbered = (
        parse_name_template(text, TRACK_FIELDS) for text in (_USUAL, _OF_DISCS, _WITHOUT_NUMBER)
    )

    def fitting(track: Track) -> Template:
        if track.track is None:
            return unnumbered
        return of_discs if track.disc is not None and (track.disc_total or 1) > 1 else usual

    return fitting


def folded(path: str) -> str:
    """Equal for names that some file system takes for one."""
    return unicodedata.normalize("NFC", path).casefold()


class _Spellings:
    """Folders whose names differ by case only are one, called as it was called first."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._folders: dict[str, str] = {"": ""}
        for path in paths:
            self.of(PurePath(path).parent, "")

    def of(self, folder: PurePath, name: str) -> str:
        parent = ""
        for part in folder.parts:
            path = f"{parent}{part}/"
            parent = self._folders.setdefault(folded(path), path)
        return parent + name


def _numbered(
    wanted: Sequence[NamedTrack], plain: Sequence[str | InputError], known: Sequence[tuple[str, str]]
) -> list[str | InputError]:
    earlier: dict[tuple[str, str], deque[str]] = defaultdict(deque)
    # In the order of their numbers: (2) before (10).
    for path, key in sorted(known, key=lambda one: (len(one[0]), one[0])):
        for plain_path in {folded(path), _unnumbered(path)}:
            earlier[key, plain_path].append(path)
    result: list[str | InputError] = list(plain)
    taken: set[str] = set()
    fresh: list[int] = []
    for index, (one, base) in enumerate(zip(wanted, plain, strict=True)):
        if isinstance(base, InputError):
            continue
        before = earlier[one.key, folded(base + one.extension)]
        while before and folded(before[0]) in taken:
            before.popleft()
        if before:
            result[index] = before.popleft()
            taken.add(folded(str(result[index])))
        else:
            fresh.append(index)
    last: dict[str, int] = defaultdict(int)
    for index in fresh:
        base, extension = str(plain[index]), wanted[index].extension
        candidate, same = base + extension, folded(base + extension)
        while folded(candidate) in taken:
            last[same] += 1
            candidate = f"{base} ({last[same] + 1}){extension}"
        taken.add(folded(candidate))
        result[index] = candidate
    return result


def _unnumbered(path: str) -> str:
    """The path as it would be without a number, in the form that is compared."""
    stem, extension = os.path.splitext(path)
    head, bracket, number = stem.rpartition(" (")
    if bracket and number.endswith(")") and number[:-1].isdecimal():
        stem = head
    return folded(stem + extension)
