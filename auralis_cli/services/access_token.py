"""The token of a server: read from a file or the environment, sent in one header, and shown nowhere."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from auralis_cli.errors import UsageError

# What a header can carry, and a file may hold.
_TOKEN = re.compile(r"[\x21-\x7e]{1,512}", re.ASCII)
_MOST_BYTES = 4096
_HIDDEN = "***"


class AccessToken:
    """A secret: whatever shows it, in a traceback too, shows stars."""

    __slots__ = ("_secret",)

    def __init__(self, secret: str, origin: str) -> None:
        """Raises UsageError, about its `origin`, for what no header can carry."""
        if not _TOKEN.fullmatch(secret):
            raise UsageError(origin, "holds no token: one word of plain letters, digits and signs is expected")
        self._secret = secret

    def header(self) -> Mapping[str, str]:
        """The one place where it is given away."""
        return {"Authorization": f"Token {self._secret}"}

    def hidden_in(self, text: str) -> str:
        """`text`, which may come from a server that repeats what it was sent, without it."""
        return text.replace(self._secret, _HIDDEN)

    def __repr__(self) -> str:
        return f"AccessToken({_HIDDEN})"


def find_token(
    file: Path | None, variable: str, variables: Mapping[str, str], warn: Callable[[str], None]
) -> AccessToken:
    """The token in `file` where one is named, else in the variable of the environment.

    Warns of a file that others may read. Raises UsageError where there is none, or it cannot be read.
    """
    if file is None:
        if not (word := variables.get(variable, "").strip()):
            raise UsageError(
                "scrobble", "there is no token", f"name its file in scrobble.token_file, or set {variable}"
            )
        return AccessToken(word, variable)
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise UsageError(str(file), "is no file with a token", "name one in scrobble.token_file")
            text = os.read(descriptor, _MOST_BYTES)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UsageError(str(file), f"the token cannot be read ({error.strerror})") from error
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        warn(f"{file}: others may read this token (chmod 600 keeps it to yourself)")
    return AccessToken(text.decode("ascii", "replace").strip(), str(file))
