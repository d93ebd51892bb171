"""What a clean-up found, as rows: of each kind a heading, below it what there is and what would be done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from auralis_cli.model.cleanup import CleanupAction, FindingKind
from auralis_cli.model.queue import QueueTrack
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.tui.widgets.rows import Row, RowStyle
from auralis_cli.units import count_in_words, seconds_to_clock

# More than that nobody looks at one by one.
_MOST_SHOWN = 2000
_SHOWN_PARTS = 3
_WHAT = {
    FindingKind.MISSING: "Files that are gone",
    FindingKind.CORRUPT: "Files that cannot be read",
    FindingKind.ORPHAN: "What is left of tracks that are gone",
    FindingKind.DUPLICATE: "Recordings that are there more than once",
}
_QUESTIONS = {
    FindingKind.MISSING: "Forget {} that {} gone?",
    FindingKind.CORRUPT: "Move to the trash what still cannot be read of {}?",
    FindingKind.ORPHAN: "Forget {} that nothing refers to?",
    FindingKind.DUPLICATE: "Move {} to the trash, and keep the better copy?",
}
_DOES = {CleanupAction.FORGET: "forget", CleanupAction.TRASH: "trash", CleanupAction.KEEP: "stays"}


@dataclass(frozen=True, slots=True)
class FoundCopy:
    """A copy of a recording, beside the one that is kept."""

    keep: QueueTrack
    copy: QueueTrack
    # Where the copy begins in the one that is kept.
    starts_s: float

    @property
    def ids(self) -> tuple[int, int]:
        """Of both tracks in the library."""
        return self.keep.track_id or 0, self.copy.track_id or 0


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is wrong."""

    kind: FindingKind
    action: CleanupAction
    what: str
    why: str
    # Of a recording that is there more than once; None for the copy that is kept, too.
    copy: FoundCopy | None = None
    is_kept: bool = False
    # Of its row; no other has it, whatever is found later.
    row_id: int = 0


@dataclass(frozen=True, slots=True)
class FindingsOfKind:
    """All that was found of one kind."""

    kind: FindingKind
    is_looked_for: bool = False
    is_known: bool = False
    found: tuple[Found, ...] = ()

    @property
    def going(self) -> int:
        """How many would go, or be forgotten."""
        return sum(one.action is not CleanupAction.KEEP for one in self.found)

    @property
    def heading(self) -> tuple[str, str, str]:
        """The cells of its heading."""
        if not (self.is_known or self.is_looked_for):
            return "", _WHAT[self.kind], "Enter looks for them"
        told = "looking …" if self.is_looked_for else "" if self.found else "none"
        return "", f"{_WHAT[self.kind]}: {self.going:,}" if self.found else _WHAT[self.kind], told

    def question(self, number: int) -> str:
        """What is asked before so many are mended."""
        thing = {FindingKind.DUPLICATE: ("copy", "copies"), FindingKind.ORPHAN: ("row", "rows")}
        words = count_in_words(number, *thing.get(self.kind, ("file", "files")))
        return _QUESTIONS[self.kind].format(words, "is" if number == 1 else "are")


@dataclass(slots=True)
class Findings:
    """Everything that was found; rows are known again by their ids, those of what is looked for anew have others."""

    kinds: dict[FindingKind, FindingsOfKind] = field(
        default_factory=lambda: {kind: FindingsOfKind(kind) for kind in _WHAT}
    )
    _by_row: dict[int, Found] = field(default_factory=dict)
    _last_row_id: int = 0

    def begin(self, kind: FindingKind) -> None:
        """That kind is looked for anew."""
        self.kinds[kind] = FindingsOfKind(kind, is_looked_for=True)

    def add(self, kind: FindingKind, documents: Sequence[Mapping[str, Any]]) -> None:
        """More of it, as the verb tells it."""
        read = _copies if kind is FindingKind.DUPLICATE else _finding
        found = (one for document in documents for one in read(document))
        more = [replace(one, row_id=row_id) for row_id, one in enumerate(found, self._last_row_id + 1)]
        self._last_row_id += len(more)
        self.kinds[kind] = replace(self.kinds[kind], found=(*self.kinds[kind].found, *more))

    def end(self, kind: FindingKind) -> None:
        """All is found."""
        self.kinds[kind] = replace(self.kinds[kind], is_looked_for=False, is_known=True)

    def forget_copy(self, copy: FoundCopy) -> None:
        """That copy is none, as the user has said."""
        kind = self.kinds[FindingKind.DUPLICATE]
        left = tuple(one for one in kind.found if one.copy != copy)
        kept = {one.copy.keep for one in left if one.copy is not None and not one.is_kept}
        left = tuple(one for one in left if not one.is_kept or (one.copy is not None and one.copy.keep in kept))
        self.kinds[FindingKind.DUPLICATE] = replace(kind, found=left)

    def rows(self) -> list[Row]:
        """A heading for each kind, and what was found below it."""
        rows: list[Row] = []
        self._by_row.clear()
        for number, kind in enumerate(self.kinds.values()):
            rows.append(Row(-number - 1, kind.heading, RowStyle.TITLE))
            for found in kind.found[:_MOST_SHOWN]:
                self._by_row[found.row_id] = found
                rows.append(Row(found.row_id, _cells(found), _style(found)))
            if len(kind.found) > _MOST_SHOWN:
                rows.append(Row(-number - 101, ("", f"and {len(kind.found) - _MOST_SHOWN:,} more", ""), RowStyle.DIM))
        return rows

    def kind_of(self, row_id: int) -> FindingsOfKind:
        """The kind that a row is of, heading or not."""
        found = self._by_row.get(row_id)
        return list(self.kinds.values())[(-row_id - 1) % 100] if found is None else self.kinds[found.kind]

    def at(self, row_id: int) -> Found | None:
        """What a row tells of; None for a heading."""
        return self._by_row.get(row_id)


def _cells(found: Found) -> tuple[str, str, str]:
    return "keep" if found.is_kept else _DOES[found.action], found.what, found.why


def _style(found: Found) -> RowStyle:
    if found.action is CleanupAction.TRASH:
        return RowStyle.BAD
    return RowStyle.DIM if found.action is CleanupAction.KEEP and not found.is_kept else RowStyle.PLAIN


def _finding(document: Mapping[str, Any]) -> list[Found]:
    path, detail = document["path"], document["detail"] or ""
    action = CleanupAction(document["action"])
    return [Found(FindingKind(document["kind"]), action, _end_of(path) if path else detail, detail if path else "")]


def _copies(document: Mapping[str, Any]) -> list[Found]:
    kept = next(track for track in document["tracks"] if track["id"] == document["keep"])
    keep = _queued(kept)
    reasons = ", ".join(kept["reasons"])
    of_keep = FoundCopy(keep, keep, 0.0)
    found = [Found(FindingKind.DUPLICATE, CleanupAction.KEEP, _named(kept), reasons, of_keep, is_kept=True)]
    for track in document["tracks"]:
        if track["id"] != document["keep"]:
            why = track["detail"] + (f"; stays: {track['stays']}" if track["stays"] else "")
            copy = FoundCopy(keep, _queued(track), track["start_s"] or 0.0)
            found.append(Found(FindingKind.DUPLICATE, CleanupAction(track["action"]), _named(track), why, copy))
    return found


def _named(track: Mapping[str, Any]) -> str:
    number = f"#{track['cue_number']}" if track["cue_number"] else ""
    length = f"  {seconds_to_clock(track['duration_s'])}" if track["duration_s"] else ""
    return f"{_end_of(track['path'])}{number}{length}"


def _end_of(path: str) -> str:
    """The file with the folders that say most: `…/Artist/Album/01 Song.flac`."""
    parts = path.rsplit("/", _SHOWN_PARTS)
    return path if len(parts) <= _SHOWN_PARTS else "/".join(("…", *parts[1:]))


def _queued(track: Mapping[str, Any]) -> QueueTrack:
    return QueueTrack(track["path"], track["cue_number"], track["id"])
