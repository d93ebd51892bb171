"""Every failure the program knows how to name.

    AuralisError            1  failed: an unforeseen or internal error
    ├── UsageError          2  usage: words on the command line that cannot be served
    │   └── RefusedError    2  refused: an existing output, input = output, binary to a terminal
    ├── OutputError         1  output: the result cannot be written
    ├── StageError          1  stage: a processing stage broke its contract; it is named
    ├── InputError          4  unreadable: the input is missing, damaged or not audio
    │   ├── UnsupportedError 4 unsupported: audio of a kind no decoder here opens
    │   └── StalledError    4  stalled: reading it stood still, which says nothing of what it holds
    ├── LibraryError         5  library: locked, damaged, read-only, on a full disk, or from a newer program
    ├── DeviceError          6  device: no audio device, or none that plays this
    ├── OnlineError          1  online: a server could not be asked, or did not answer as it should
    ├── NoPlayerError        6  no_player: no player runs, or it cannot be reached
    └── CancelledError    130  interrupted: the user asked to stop

The number is the exit code, the word the `code` in JSON. Foreign exceptions are translated
into these once, at the boundary where they arise, with the cause kept (`raise … from`).
"""

from __future__ import annotations

import errno
import os
import re
from typing import ClassVar

__all__ = [
    "DEBUG_VARIABLE",
    "AuralisError",
    "CancelledError",
    "DeviceError",
    "InputError",
    "LibraryError",
    "NoPlayerError",
    "OnlineError",
    "OutputError",
    "RefusedError",
    "StageError",
    "StalledError",
    "UnsupportedError",
    "UsageError",
    "unforeseen",
]

DEBUG_VARIABLE = "AURALIS_DEBUG"

EXIT_PARTIAL = 3

_IMPOSSIBLE_PATHS = {
    errno.ENAMETOOLONG: "is no possible file name (too long)",
    errno.EACCES: "may not be reached (permission denied)",
}


class AuralisError(Exception):
    """A failure with what it concerns, why it happened and, optionally, what to do about it.

    Shown as one line: `what: why (hint)`.
    """

    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "failed"

    def __init__(self, what: str, why: str, hint: str | None = None) -> None:
        super().__init__(what, why, hint)
        self.what = what
        self.why = why
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.what}: {self.why}" if self.what else self.why
        return f"{text} ({self.hint})" if self.hint else text


class UsageError(AuralisError):
    """Words on the command line that cannot be served."""

    exit_code = 2
    code = "usage"


class RefusedError(UsageError):
    """Could be done, but would harm: an existing output, input = output, binary to a terminal."""

    code = "refused"


class OutputError(AuralisError):
    """The result cannot be written."""

    code = "output"


class OnlineError(AuralisError):
    """A server could not be asked, or did not answer as it should. Its text never holds a token."""

    code = "online"


class StageError(AuralisError):
    """A processing stage broke its contract; `what` names it."""

    code = "stage"


class InputError(AuralisError):
    """The input is missing, damaged or not audio."""

    exit_code = 4
    code = "unreadable"


class UnsupportedError(InputError):
    """Audio of a kind that no decoder here opens."""

    code = "unsupported"


class StalledError(InputError):
    """Reading stood still and was given up: the disk may be at fault, or the network, or the file."""

    code = "stalled"


class LibraryError(AuralisError):
    """The library cannot be used: locked, damaged, read-only, on a full disk, or from a newer program."""

    exit_code = 5
    code = "library"


class DeviceError(AuralisError):
    """There is no audio device, or none that plays this."""

    exit_code = 6
    code = "device"


class NoPlayerError(AuralisError):
    """No player runs, or the one that does cannot be reached."""

    exit_code = 6
    code = "no_player"


class CancelledError(AuralisError):
    """The user asked to stop."""

    exit_code = 130
    code = "interrupted"

    def __init__(self, what: str = "", why: str = "interrupted", hint: str | None = None) -> None:
        super().__init__(what, why, hint)


def unforeseen(error: Exception) -> AuralisError:
    """A defect of ours as one line: no traceback, no folders of the installation.

    A path that cannot be is none of ours, wherever it is noticed; inputs are asked before, so it is a result's.
    """
    if isinstance(error, OSError) and error.errno in _IMPOSSIBLE_PATHS and error.filename:
        named = OutputError(os.fsdecode(error.filename), _IMPOSSIBLE_PATHS[error.errno])
        named.__cause__ = error
        return named
    first_line = next(iter(str(error).splitlines()), "")
    message = re.sub(r"\S*/(?:site-packages|dist-packages|auralis_cli|lib/python[\d.]+)/", "", first_line)[:200]
    why = f"{type(error).__name__}: {message}" if message else type(error).__name__
    failed = AuralisError("unforeseen", why, f"a defect; {DEBUG_VARIABLE}=1 shows where")
    failed.__cause__ = error
    return failed
