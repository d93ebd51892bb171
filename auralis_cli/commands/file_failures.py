"""Files that could not be used, as errors and for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from auralis_cli.errors import (
    EXIT_PARTIAL,
    AuralisError,
    InputError,
    LibraryError,
    OnlineError,
    OutputError,
    RefusedError,
    StalledError,
    UnsupportedError,
    UsageError,
)
from auralis_cli.model.library import FileFailure
from auralis_cli.output import Output

_SHOWN = 20
_KINDS: dict[str, type[AuralisError]] = {
    kind.code: kind
    for kind in (
        InputError,
        UnsupportedError,
        StalledError,
        OutputError,
        UsageError,
        RefusedError,
        LibraryError,
        OnlineError,
    )
}


def error_of(one: FileFailure) -> AuralisError:
    """The error that a failure was made of."""
    return _KINDS.get(one.code, AuralisError)(one.path, one.message, one.hint)


def exit_code_of(failures: Sequence[AuralisError], *, is_any_done: bool) -> int:
    """0; 3 where some failed; where all did, the code that they share, else that of what cannot be read."""
    if not failures:
        return 0
    if is_any_done:
        return EXIT_PARTIAL
    codes = {error.exit_code for error in failures}
    return codes.pop() if len(codes) == 1 else InputError.exit_code


def show_failures(output: Output, failures: Sequence[FileFailure]) -> None:
    """The first of them on stderr; what may be done is said once, not with every file."""
    hints: set[str | None] = set()
    for one in failures[:_SHOWN]:
        output.error(error_of(replace(one, hint=None) if one.hint in hints else one))
        hints.add(one.hint)
    if (more := len(failures) - _SHOWN) > 0:
        output.warning(f"{more:,} more files could not be read (--json lists them all)")
