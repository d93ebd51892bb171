"""Groups of duplicates as people and programs read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import field

from auralis_cli.errors import EXIT_PARTIAL, OutputError
from auralis_cli.json_form import FORMAT_VERSION, failure
from auralis_cli.model.cleanup import CleanupAction
from auralis_cli.model.duplicates import DuplicateGroup, DuplicateKind, DuplicateReport, TrackCopy
from auralis_cli.model.library import Track
from auralis_cli.output import Output
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.terminal_text import align, printable
from auralis_cli.units import bytes_in_words, count_in_words

_HEADS = {
    DuplicateKind.IDENTICAL: "the same audio",
    DuplicateKind.SAME: "the same recording",
    DuplicateKind.CUT: "the same recording, cut",
    DuplicateKind.POSSIBLE: "perhaps the same recording",
}
_WIDTHS = (2, 5, 0)


@dataclass(frozen=True, slots=True)
class Form:
    """How groups are shown."""

    as_json: bool
    as_json_lines: bool
    dry_run: bool


@dataclass(slots=True)
class GroupTally:
    """What was found, and what became of it."""

    kinds: Counter[DuplicateKind] = field(default_factory=Counter)
    files: int = 0
    size_bytes: int = 0
    failed: int = 0

    def count(self, group: DuplicateGroup) -> None:
        """One more."""
        self.kinds[group.kind] += 1
        for copy in group.copies:
            if copy.action is CleanupAction.TRASH:
                self.files += 1
                self.size_bytes += copy.track.size_bytes
            self.failed += copy.error is not None

    @property
    def exit_code(self) -> int:
        """0; 3 where some files could not be moved, 1 where none could."""
        if not self.failed:
            return 0
        return EXIT_PARTIAL if self.files else OutputError.exit_code

    def in_words(self, found: DuplicateReport, *, mended: bool) -> str:
        """`12 recordings more than once; 14 files (120.3 MiB): --apply moves them to the trash`."""
        sure = sum(count for kind, count in self.kinds.items() if kind is not DuplicateKind.POSSIBLE)
        parts = [f"{count_in_words(sure, 'recording')} more than once"] if sure else ["no duplicates"]
        if possible := self.kinds[DuplicateKind.POSSIBLE]:
            parts.append(f"{count_in_words(possible, 'pair')} to listen to")
        if self.files:
            what = f"{count_in_words(self.files, 'file')} ({bytes_in_words(self.size_bytes)})"
            parts.append(f"{what}: {'moved to the trash' if mended else '--apply moves to the trash'}")
        if self.failed:
            parts.append(f"{count_in_words(self.failed, 'file')} could not be moved")
        if found.ignored:
            parts.append(f"{count_in_words(found.ignored, 'pair')} left out as no duplicates")
        if found.unknown:
            parts.append(f"{count_in_words(found.unknown, 'track')} not fingerprinted yet (auralis fingerprint)")
        return "; ".join(parts)


def show_groups(output: Output, groups: Iterable[DuplicateGroup], found: DuplicateReport, form: Form) -> GroupTally:
    """Shows each group as it comes, and counts them."""
    tally = GroupTally()
    documents: list[Mapping[str, object]] = []
    for group in groups:
        tally.count(group)
        for copy in group.copies:
            if copy.error is not None:
                output.error(copy.error)
        if form.as_json:
            documents.append(_document_of(group))
        elif form.as_json_lines:
            output.json_line({**_document_of(group), "dry_run": form.dry_run})
        else:
            _show(output, group)
    if form.as_json:
        head: dict[str, object] = {"auralis": FORMAT_VERSION, "groups": documents}
        output.document({**head, "ignored": found.ignored, "unknown": found.unknown, "dry_run": form.dry_run})
    return tally


def _document_of(group: DuplicateGroup) -> Mapping[str, object]:
    keep = {**_track(group.keep), "action": CleanupAction.KEEP, "reasons": group.reasons}
    return {"kind": group.kind, "keep": group.keep.id, "tracks": [keep, *map(_copy, group.copies)]}


def _track(track: Track) -> dict[str, object]:
    names = ("id", "path", "title", "artist", "album", "duration_s", "format", "codec", "bitrate_bps", "lossless")
    more = ("sample_rate_hz", "bits", "size_bytes", "integrated_lufs", "cue_number")
    return {name: getattr(track, name) for name in (*names, *more)}


def _copy(copy: TrackCopy) -> Mapping[str, object]:
    document = {
        **_track(copy.track),
        "action": copy.action,
        "kind": copy.kind,
        "error_rate": copy.error_rate,
        "level_difference_lu": copy.level_difference_lu,
        "start_s": copy.start_s,
        "end_s": copy.end_s,
        "detail": copy.detail,
        "stays": copy.stays,
    }
    return document if copy.error is None else {**document, **failure(copy.track.path, copy.error)}


def _show(output: Output, group: DuplicateGroup) -> None:
    output.result(output.styled(_HEADS[group.kind], "bold"))
    _line(output, output.styled("keep", "green"), group.keep, ", ".join(group.reasons))
    for copy in group.copies:
        goes = copy.action is CleanupAction.TRASH
        stays = f"; stays: {copy.stays}" if copy.stays else ""
        _line(output, output.styled("trash", "red") if goes else "stays", copy.track, copy.detail + stays)


def _line(output: Output, action: str, track: Track, why: str) -> None:
    number = f"#{track.cue_number}" if track.cue_number else ""
    said = printable(track.path) + number + output.styled(f": {printable(why)}", "dim")
    output.result(align(("", action, said), _WIDTHS))
