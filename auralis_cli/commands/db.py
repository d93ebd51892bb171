"""`auralis db …`: keeps the library's file well."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from auralis_cli.commands.group import SubVerb
from auralis_cli.commands.options import AsJson, parse_path
from auralis_cli.commands.questions import Yes, confirmed
from auralis_cli.commands.verb import Page, session_of
from auralis_cli.errors import LibraryError
from auralis_cli.model.upkeep import Backup
from auralis_cli.terminal_text import align, printable
from auralis_cli.units import moment_in_words
from auralis_cli.version import VERSION

ABOUT = """Check, back up and restore the library.

The library is one file. It needs no care, but may be checked, copied while others use it, and put back."""

_UNAVAILABLE = (
    5,
    "The library does not exist, is in use, damaged, read-only, on a full disk, or from a newer program.",
)
_BASE_STATUS = ((0, "Done."), (2, "Usage."), _UNAVAILABLE)

PAGE = Page(
    examples=(
        ("auralis db check", "Ask whether the library is whole."),
        ("auralis db backup /mnt/stick", "Copy it to another disk."),
        ("auralis db restore -y", "Put the newest backup back."),
    ),
    exit_status=(
        (0, "Done."),
        (2, "Usage; or refused: the file of a backup exists, or nobody can be asked and -y is not given."),
        (5, "The library is damaged, says db check; or it cannot be used: the line says why."),
        (130, "Interrupted. The library is as it was."),
    ),
    details=(
        "A library from an older version is migrated by the first command that uses it: in transactions, by one "
        "process alone, after a backup that was proven. Where no backup can be made, nothing is migrated. Of such "
        "backups, and of those made before a restoration, the newest five are kept, in the folder library.db.backups "
        "beside the library; backups that were asked for are never deleted.",
        "A command waits up to 10 s for another one that is in its way. Who only reads never waits for who writes.",
        "Where there is no library yet, commands that only read find an empty one, say so on standard error, and end "
        "with 0; nothing is made.",
        "Two machines at once may damage a library on a network file system; a warning says so wherever one is opened.",
    ),
)

DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would be done, and do nothing.")]


def check(context: typer.Context, json: AsJson = False) -> int:
    """Ask whether the library is whole.

    Reads every page of it, compares its schema, and asks whether every reference leads somewhere and the search finds
    what is listed. Nothing is changed, nor migrated.
    """
    from auralis_cli.services.library import check_library

    session = session_of(context)
    session.subject = session.library_path
    with session.output.progress() as progress:
        report = check_library(session.library_path, progress, session.cancel)
    if json:
        session.output.document({"path": report.path, "ok": report.ok, "checks": report.checks})
    else:
        for one in report.checks:
            mark = session.output.styled("ok", "green") if one.ok else session.output.styled("no", "bold", "red")
            session.output.result(align((mark, one.name, printable(one.detail)), (2, 10, 0)))
            if one.hint:
                session.output.result(align(("", "", session.output.styled(f"→ {one.hint}", "yellow")), (2, 10, 0)))
    return 0 if report.is_whole else LibraryError.exit_code


def backup(
    context: typer.Context,
    to: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            parser=parse_path,
            help="Where to, a new file or a folder; else the folder of backups beside the library.",
            show_default=False,
        ),
    ] = None,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Copy the library.

    The copy holds everything that is committed, stands alone, and is read back before it gets its name. Others may go
    on using the library.
    """
    from auralis_cli.services.library import back_up_library, library_state, name_backup

    session = session_of(context)
    library = session.library_path
    session.subject = library
    file = name_backup(library, to, now=int(time.time()))
    if dry_run:
        state = library_state(library)
        document = {"path": str(file), "size_bytes": state.size_bytes, "made_at": None, "version": state.version}
    else:
        made = back_up_library(library, file, session.cancel)
        document = {"path": made.path, "size_bytes": made.size_bytes, "made_at": made.made_at, "version": made.version}
    if json:
        session.output.document({**document, "dry_run": dry_run})
    else:
        session.output.result(printable(file))
    return 0


def restore(
    context: typer.Context,
    named: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", parser=parse_path, help="A backup; else the newest beside the library.", show_default=False
        ),
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Put a backup in the place of the library.

    What stood there is kept as a backup in its turn. Waits until nobody uses the library, and gives up after 10 s.
    """
    from auralis_cli.services.library import find_backup, restore_library

    session = session_of(context)
    library = session.library_path
    session.subject = library
    found = find_backup(library, named)
    if dry_run:
        if json:
            session.output.document({"path": str(library), "backup": found, "kept": None, "dry_run": True})
        else:
            session.output.result(printable(f"{library}: would become {_described(found)}"))
        return 0
    if not confirmed(session, str(library), f"Replace it by {_described(found)}?", yes=yes):
        session.output.note("nothing is changed")
        return 0
    done = restore_library(library, found, session.cancel, now=int(time.time()))
    if json:
        session.output.document({"path": done.path, "backup": done.backup, "kept": done.kept, "dry_run": False})
    else:
        session.output.result(printable(f"{done.path}: is {_described(done.backup)}"))
        if done.kept is not None:
            session.output.note(f"what stood there is kept in {done.kept}")
    return 0


def migrate(context: typer.Context, dry_run: DryRun = False, json: AsJson = False) -> int:
    """Bring the library to the newest version.

    Does now what the next command would: a backup, then one transaction for each version.
    """
    from auralis_cli.services.library import library_state, migrate_library

    session = session_of(context)
    library = session.library_path
    session.subject = library
    state = library_state(library)
    if state.version is None:
        raise LibraryError(str(library), "does not exist", "auralis scan DIR makes a library")
    made = None if dry_run else migrate_library(library, program=VERSION, now=int(time.time()))
    if json:
        versions = {"from_version": state.version, "to_version": state.newest_version}
        session.output.document({"path": str(library), **versions, "backup": made, "dry_run": dry_run})
    elif not state.is_old:
        session.output.note(f"{library}: nothing to migrate, it has version {state.version}")
    else:
        will = "would go" if dry_run else "went"
        line = f"{library}: {will} from version {state.version} to {state.newest_version}"
        session.output.result(printable(line if made is None else f"{line}, its backup is {made.path}"))
    return 0


def path_(context: typer.Context, json: AsJson = False) -> int:
    """Print the name of the library's file.

    Prints it whether it exists or not; with --json also what state it is in, and its backups.
    """
    session = session_of(context)
    library = session.library_path
    if not json:
        session.output.result(printable(library))
        return 0
    from auralis_cli.services.library import library_state, list_backups

    session.subject = library
    state = library_state(library)
    session.output.document(
        {
            "path": str(library),
            "exists": state.exists,
            "size_bytes": state.size_bytes,
            "version": state.version,
            "newest_version": state.newest_version,
            "network_filesystem": state.network_filesystem,
            "backups": list_backups(library),
        }
    )
    return 0


def _described(one: Backup) -> str:
    return f"the backup of {moment_in_words(one.made_at)} ({one.path})"


def _page(examples: Iterable[tuple[str, str]], exit_status: Iterable[tuple[int, str]] = _BASE_STATUS) -> Page:
    return Page(tuple(examples), tuple(exit_status))


VERBS = {
    "check": SubVerb(
        "Ask whether the library is whole.",
        check,
        _page([("auralis db check && auralis db backup", "Copy it only if it is whole.")], PAGE.exit_status),
    ),
    "backup": SubVerb(
        "Copy the library.",
        backup,
        _page([("auralis db backup ~/music-library.db", "While it may be in use.")], PAGE.exit_status),
    ),
    "restore": SubVerb(
        "Put a backup in the place of the library.",
        restore,
        _page(
            [
                ("auralis db restore -n", "Say which backup is the newest."),
                ("auralis db restore -y ~/music-library.db", "Put this one back without being asked."),
            ],
            PAGE.exit_status,
        ),
    ),
    "migrate": SubVerb(
        "Bring the library to the newest version.",
        migrate,
        _page([("auralis db migrate -n", "Say whether it is old.")]),
    ),
    "path": SubVerb(
        "Print the name of the library's file.",
        path_,
        _page([('ls -l "$(auralis db path)"', "See the file itself.")]),
    ),
}
