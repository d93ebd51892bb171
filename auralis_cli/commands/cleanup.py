"""`auralis cleanup`: shows what is wrong with the library; `--apply` mends it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import field
from typing import Annotated

import typer

from auralis_cli.commands.library import opened_library
from auralis_cli.commands.listing_forms import check_one
from auralis_cli.commands.options import DEFAULT_READ_STALL_TIMEOUT_S, AsJson, AsJsonLines, ReadStallTimeout
from auralis_cli.commands.questions import Yes, confirmed
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.errors import EXIT_PARTIAL, OutputError
from auralis_cli.json_form import FORMAT_VERSION, failure
from auralis_cli.model.cleanup import USUAL_KINDS, CleanupAction, Finding, FindingKind
from auralis_cli.output import Output
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.terminal_text import align, printable

PAGE = Page(
    examples=(
        ("auralis cleanup", "Show all that is wrong, and what would be done about it."),
        ("auralis cleanup --missing --apply", "Forget the files that are gone."),
        ("auralis cleanup --duplicates", "Show what is there more than once, as auralis duplicates does."),
        ("auralis cleanup --corrupt --apply -y", "Move what is no sound any more to the trash."),
        ("auralis undo", "Take the last change back."),
    ),
    exit_status=(
        (0, "Done, or nothing is wrong."),
        (1, "No file that should go to the trash could be moved there."),
        (2, "Usage; or --corrupt or --duplicates with --apply and without -y where nobody can be asked."),
        (3, "Some files could not be moved to the trash; the rest is done."),
        (5, "The library cannot be used."),
        (130, "Interrupted; what was mended until then stays, and can be undone."),
    ),
    details=(
        "Without --missing, --corrupt, --orphans or --duplicates it looks for the first three. Nothing is changed "
        "without --apply.",
        "Missing is a file of the library that is not there any more, looked for at this moment. A file below a root "
        "that is offline or empty, or on a volume that is not mounted, is never missing. Forgotten with it are its "
        "plays and its rating; playlists keep their entries.",
        "Corrupt is a file that could not be read when it was last tried. Such files are only listed, unless --corrupt "
        "is given with --apply: then each is tried once more, and what is still damaged goes to the trash. What the "
        "system refuses to open, and what is whole but of a kind not read here, stays.",
        "Orphans are measurements of contents that no track has, and albums, artists and genres without tracks. What "
        "was measured of a file that is forgotten is an orphan from then on.",
        "Duplicates are those of auralis duplicates, which tells more of them: the copies that go to the trash are the "
        "same.",
        "What was done is one change of auralis history, and auralis undo takes it back, with the files.",
    ),
)

_WHAT = {
    FindingKind.MISSING: "Files that are gone.",
    FindingKind.CORRUPT: "Files that cannot be read.",
    FindingKind.ORPHAN: "Measurements, albums, artists and genres without tracks.",
    FindingKind.DUPLICATE: "Copies of recordings of which another is worth keeping.",
}
_STYLES = {CleanupAction.FORGET: "yellow", CleanupAction.TRASH: "red", CleanupAction.KEEP: "dim"}


def cleanup(
    context: typer.Context,
    missing: Annotated[bool, typer.Option("--missing", help=_WHAT[FindingKind.MISSING])] = False,
    corrupt: Annotated[bool, typer.Option("--corrupt", help=_WHAT[FindingKind.CORRUPT])] = False,
    orphans: Annotated[bool, typer.Option("--orphans", help=_WHAT[FindingKind.ORPHAN])] = False,
    duplicates: Annotated[bool, typer.Option("--duplicates", help=_WHAT[FindingKind.DUPLICATE])] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Mend what is found, instead of only showing it.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Only show what is found, as without --apply.")
    ] = False,
    stall_timeout: ReadStallTimeout = DEFAULT_READ_STALL_TIMEOUT_S,
    yes: Yes = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Show what is wrong with the library, and mend it.

    Looks for files that are gone, files that cannot be read, and rows that nothing refers to, and says what would be
    done about each. With --apply it is done.
    """
    from auralis_cli.services.cleanup import CleanupRequest
    from auralis_cli.services.cleanup import cleanup as clean_up

    session = session_of(context)
    check_one({"--json": json, "--jsonl": jsonl})
    asked = {FindingKind.MISSING: missing, FindingKind.CORRUPT: corrupt, FindingKind.ORPHAN: orphans}
    asked[FindingKind.DUPLICATE] = duplicates
    kinds = frozenset(kind for kind, is_asked in asked.items() if is_asked) or USUAL_KINDS
    mends = apply and not dry_run and session.library_path.exists()
    if mends and not _agreed(session, corrupt=corrupt, duplicates=duplicates, yes=yes):
        session.output.note("nothing is changed")
        return 0
    request = CleanupRequest(kinds, apply=mends, trash_corrupt=corrupt, stall_s=stall_timeout)
    with (
        opened_library(session, read_only=not mends) as store,
        session.output.progress() as progress,
        closing(clean_up(store, request, progress, session.cancel, lambda: int(time.time()))) as findings,
    ):
        tally = _show(session, findings, as_json=json, as_json_lines=jsonl, dry_run=not mends)
    session.output.note(tally.in_words(mended=mends))
    return tally.exit_code


def _agreed(session: Session, *, corrupt: bool, duplicates: bool, yes: bool) -> bool:
    """Whether files may go to the trash."""
    what = {
        "every file that still cannot be read": corrupt,
        "every copy of a recording of which a better one is kept": duplicates,
    }
    asked = " and ".join(one for one, is_asked in what.items() if is_asked)
    options = "".join(f"{option} " for option, is_on in (("--corrupt", corrupt), ("--duplicates", duplicates)) if is_on)
    return not asked or confirmed(session, f"{options}--apply", f"Move {asked} to the trash?", yes=yes)


def document_of(finding: Finding) -> Mapping[str, object]:
    """The JSON of a finding."""
    document: dict[str, object] = {
        "kind": finding.kind,
        "id": finding.id,
        "path": finding.path,
        "action": finding.action,
        "detail": finding.detail,
    }
    return document if finding.error is None else {**document, **failure(finding.path, finding.error)}


def show_finding(output: Output, finding: Finding) -> None:
    """`missing  forget  /music/song.flac`, for people."""
    action = output.styled(finding.action, _STYLES[finding.action])
    what = finding.path if finding.path is not None else finding.detail or ""
    why = f": {finding.detail}" if finding.path is not None and finding.detail else ""
    output.result(align((finding.kind, action, printable(what) + output.styled(printable(why), "dim")), (9, 6, 0)))


@dataclass(slots=True)
class _Tally:
    """What was found."""

    mended: Counter[FindingKind] = field(default_factory=Counter)
    kept: int = 0
    failed: int = 0

    def count(self, finding: Finding) -> None:
        """One more."""
        if finding.action is CleanupAction.KEEP:
            self.kept += 1
            self.failed += finding.error is not None
        else:
            self.mended[finding.kind] += 1

    @property
    def exit_code(self) -> int:
        """0; 3 where some could not be mended, 1 where none could."""
        if not self.failed:
            return 0
        return EXIT_PARTIAL if self.mended else OutputError.exit_code

    def in_words(self, *, mended: bool) -> str:
        """`12 missing, 3 orphan: mended; 1 kept`."""
        parts: list[str] = []
        if self.mended:
            what = ", ".join(f"{count:,} {kind}" for kind, count in self.mended.items())
            parts.append(f"{what}: {'mended' if mended else '--apply mends'}")
        if self.kept:
            parts.append(f"{self.kept:,} kept")
        return "; ".join(parts) or "nothing to clean up"


def _show(
    session: Session, findings: Iterable[Finding], *, as_json: bool, as_json_lines: bool, dry_run: bool
) -> _Tally:
    tally = _Tally()
    items: list[Mapping[str, object]] = []
    for finding in findings:
        tally.count(finding)
        if finding.error is not None:
            session.output.error(finding.error)
        if as_json:
            items.append(document_of(finding))
        elif as_json_lines:
            session.output.json_line({**document_of(finding), "dry_run": dry_run})
        else:
            show_finding(session.output, finding)
    if as_json:
        session.output.document({"auralis": FORMAT_VERSION, "findings": items, "dry_run": dry_run})
    return tally
