"""Tags, and what comes of changing them, as JSON and for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from auralis_cli.commands.file_failures import error_of, exit_code_of
from auralis_cli.commands.listing_forms import show_json, show_json_lines
from auralis_cli.commands.verb import Session
from auralis_cli.json_form import failure
from auralis_cli.model.library import FileFailure
from auralis_cli.model.tag_changes import TagOutcome
from auralis_cli.model.tag_fields import TAG_FIELD_OF, TagKind
from auralis_cli.model.tagged_files import TaggedFile
from auralis_cli.output import Output
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.terminal_text import align, printable, shortened

_NAME_COLUMNS = 16
_VALUE_COLUMNS = 60
_SHOWN_FAILURES = 20
_NOTHING = "-"
_YES_OR_NO = {"1": "yes", "0": "no"}


@dataclass(slots=True)
class FileTally:
    """What became of files."""

    changed: int = 0
    unchanged: int = 0
    failures: list[FileFailure] = field(default_factory=list)

    def count(self, output: Output, failed: FileFailure | None, *, is_changed: bool) -> None:
        """One more; what failed is said on stderr, unless many went before."""
        if failed is not None:
            tell_failure(output, failed, len(self.failures))
            self.failures.append(failed)
        elif is_changed:
            self.changed += 1
        else:
            self.unchanged += 1

    @property
    def exit_code(self) -> int:
        """0; 3 where some failed, and the code of failing where all did."""
        return exit_code_of([error_of(one) for one in self.failures], is_any_done=bool(self.changed or self.unchanged))

    def in_words(self, *, dry_run: bool, done: str = "changed") -> str:
        """`12 changed, 3 as they were, 1 failed`."""
        counts = {f"to be {done}" if dry_run else done: self.changed, "as they are": self.unchanged}
        counts["failed"] = len(self.failures)
        said = ", ".join(f"{number:,} {word}" for word, number in counts.items() if number)
        return f"{'dry run: ' if dry_run else ''}{said or 'nothing to do'}"


def tell_failure(output: Output, one: FileFailure, before: int) -> None:
    """A failure on stderr, unless many went before; those are only counted."""
    if before < _SHOWN_FAILURES:
        output.error(error_of(one))
    elif before == _SHOWN_FAILURES:
        output.warning("what else fails is only counted (--jsonl tells all)")


def json_values(name: str, values: Sequence[str]) -> object:
    """What JSON has of a field: a list where there may be several values, numbers as numbers, yes and no as such."""
    one = TAG_FIELD_OF[name]
    found = [_json_value(one.kind, value) for value in values]
    return found if one.is_several or len(found) > 1 else found[0] if found else None


def _json_value(kind: TagKind, value: str) -> object:
    if kind is TagKind.FLAG:
        return value == "1"
    try:
        return int(value) if kind is TagKind.WHOLE else float(value) if kind is TagKind.REAL else value
    except ValueError:
        # A file may say anything.
        return value


def document_of_file(file: TaggedFile) -> Mapping[str, object]:
    """The JSON of a file's tags."""
    return {
        "path": file.path,
        "id": file.id,
        "format": file.format,
        "tags": {name: json_values(name, values) for name, values in file.tags.items()},
        "other": {name: list(values) for name, values in file.other.items()},
        "pictures": file.pictures,
        "warnings": list(file.warnings),
    }


def document_of_outcome(outcome: TagOutcome, *, dry_run: bool) -> Mapping[str, object]:
    """The JSON of what came of a file, or would."""
    if outcome.failure is not None:
        return failure(outcome.target.path, error_of(outcome.failure))
    return {
        "path": outcome.target.path,
        "id": outcome.target.id,
        "changes": {
            name: {"before": json_values(name, change.before), "after": json_values(name, change.after)}
            for name, change in outcome.changes.items()
        },
        "notes": list(outcome.notes),
        "dry_run": dry_run,
    }


def show_file(output: Output, file: TaggedFile) -> None:
    """The tags of a file, for people: a value a line."""
    output.result(output.styled(printable(file.path), "bold"))
    for name, values in file.tags.items():
        _show_values(output, name, _said(name, values), "cyan")
    for name, values in file.other.items():
        _show_values(output, printable(name), values, "dim")
    if file.pictures:
        output.result(f"  {align((output.styled('(pictures)', 'dim'), str(file.pictures)), (_NAME_COLUMNS, 0))}")
    for warning in file.warnings:
        output.warning(f"{file.path}: {warning}")


def _show_values(output: Output, name: str, values: Sequence[str], style: str) -> None:
    for number, value in enumerate(values):
        shown = output.styled(shortened(name, _NAME_COLUMNS), style) if number == 0 else ""
        first, *others = printable_lines(value)
        output.result("  " + align((shown, first), (_NAME_COLUMNS, 0)))
        for line in others:
            output.result("  " + align(("", line), (_NAME_COLUMNS, 0)))


def printable_lines(text: str) -> list[str]:
    """The lines of a text, each made harmless."""
    return [printable(line) for line in text.split("\n")]


def show_outcome(output: Output, outcome: TagOutcome) -> None:
    """What changes in a file, for people: before → after; nothing where nothing does."""
    if not outcome.changes:
        return
    output.result(output.styled(printable(outcome.target.path), "bold"))
    for name, change in outcome.changes.items():
        before, after = (_in_one_line(_said(name, values)) for values in (change.before, change.after))
        arrow = f"{output.styled(before, 'dim')} → {after}"
        output.result("  " + align((output.styled(name, "cyan"), arrow), (_NAME_COLUMNS, 0)))


def _said(name: str, values: Sequence[str]) -> Sequence[str]:
    """Values as people read them: yes or no, as they are written on the command line too."""
    if TAG_FIELD_OF[name].kind is not TagKind.FLAG:
        return values
    return [_YES_OR_NO.get(value, value) for value in values]


def _in_one_line(values: Sequence[str]) -> str:
    """`Rock; Live`, or a dash where there is nothing."""
    return shortened(printable("; ".join(values)), _VALUE_COLUMNS) if values else _NOTHING


def show_outcomes(
    session: Session, outcomes: Iterable[TagOutcome], *, as_json: bool, as_json_lines: bool, dry_run: bool
) -> int:
    """Shows what came of each file in the form that was asked for, says the counts, and returns the exit code."""
    tally = FileTally()
    output = session.output
    counted = _counted(output, outcomes, tally)
    documents = (document_of_outcome(one, dry_run=dry_run) for one in counted)
    if as_json:
        # All at once: where the run is stopped, its failure is the one document.
        show_json(output, list(documents))
    elif as_json_lines:
        show_json_lines(output, documents)
    else:
        for one in counted:
            show_outcome(output, one)
    output.note(tally.in_words(dry_run=dry_run))
    return tally.exit_code


def _counted(output: Output, outcomes: Iterable[TagOutcome], tally: FileTally) -> Iterator[TagOutcome]:
    for one in outcomes:
        for note in one.notes:
            output.warning(f"{one.target.path}: {note}")
        tally.count(output, one.failure, is_changed=bool(one.changes))
        yield one
