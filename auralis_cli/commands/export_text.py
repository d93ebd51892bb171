"""What `auralis export` says of the files it made, for people and for programs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import field
from pathlib import Path

from auralis_cli.commands.file_failures import exit_code_of
from auralis_cli.errors import AuralisError
from auralis_cli.json_form import Json, failure
from auralis_cli.model.exports import ExportAction, ExportOutcome
from auralis_cli.output import Output
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.terminal_text import printable
from auralis_cli.units import bytes_in_words, count_in_words, seconds_to_clock

_DONE = {
    ExportAction.COPY: "copied",
    ExportAction.TRANSCODE: "encoded",
    ExportAction.KEEP: "there already",
    ExportAction.PLAYLIST: "written",
    ExportAction.REMOVE: "moved to the trash",
}
_PLANNED = _DONE | {
    ExportAction.COPY: "to be copied",
    ExportAction.TRANSCODE: "to be encoded",
    ExportAction.PLAYLIST: "to be written",
    ExportAction.REMOVE: "to be moved to the trash",
}
_WRITES = (ExportAction.COPY, ExportAction.TRANSCODE, ExportAction.PLAYLIST)


@dataclass(slots=True)
class ExportTally:
    """What became of the files."""

    started_s: float = field(default_factory=time.monotonic)
    counts: Counter[ExportAction] = field(default_factory=Counter)
    written_bytes: int = 0
    failures: list[AuralisError] = field(default_factory=list)

    def counted(self, outcomes: Iterable[ExportOutcome]) -> Iterator[ExportOutcome]:
        """The same, each counted as it is told."""
        for one in outcomes:
            if one.error is not None:
                self.failures.append(one.error)
            else:
                self.counts[one.action] += 1
                self.written_bytes += (one.size_bytes or 0) if one.action in _WRITES else 0
            yield one

    @property
    def exit_code(self) -> int:
        """0, or 3 where some files failed, and the failures' own code where all did."""
        return exit_code_of(self.failures, is_any_done=any(self.counts[action] for action in ExportAction))


def document_of(one: ExportOutcome, *, dry_run: bool) -> dict[str, Json]:
    """The JSON of one file."""
    if one.error is not None:
        return failure(one.source or one.target, one.error)
    document: dict[str, Json] = {
        "id": one.track_id,
        "path": one.source,
        "target": one.target,
        "action": one.action.value,
        "size_bytes": one.size_bytes,
        "warnings": list(one.warnings),
    }
    return {**document, "dry_run": True} if dry_run else document


def show_outcome(output: Output, one: ExportOutcome, *, dry_run: bool) -> None:
    """One file: what was planned on stdout, what was done where more is to be said."""
    if one.error is not None:
        output.error(one.error)
        return
    for warning in one.warnings:
        output.warning(f"{one.source}: {warning}")
    line = f"{one.action:<9}  {printable(one.target)}"
    if one.source is not None:
        line += f"  from {printable(one.source)}"
    if dry_run and one.action is not ExportAction.KEEP:
        output.result(line)
    else:
        output.detail(line)


def show_tally(output: Output, tally: ExportTally, folder: Path, *, dry_run: bool) -> None:
    """How many of each, and how much."""
    words = _PLANNED if dry_run else _DONE
    said = [_said(action, tally.counts[action], words[action]) for action in ExportAction if tally.counts[action]]
    if tally.failures:
        said.append(f"{len(tally.failures):,} failed")
    said = said or ["nothing to do"]
    written = f"; {bytes_in_words(tally.written_bytes)}" if tally.written_bytes else ""
    took = time.monotonic() - tally.started_s
    in_words = f"{took:.1f} s" if took < 60.0 else seconds_to_clock(took)
    line = f"{', '.join(said)}{written} in {printable(str(folder))}"
    output.result(f"dry run: {line}" if dry_run else f"{line}, after {in_words}")


def _said(action: ExportAction, count: int, word: str) -> str:
    number = count_in_words(count, "playlist") if action is ExportAction.PLAYLIST else f"{count:,}"
    return f"{number} {word}"
