"""What `like:` means, found out by a process beside an interface, which stays as light as it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from auralis_cli.errors import AuralisError
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.query import Likeness, Query
from auralis_cli.player.control_protocol import error_of
from auralis_cli.services.background_verbs import own_variables

_PROGRAM = (sys.executable, "-m", "auralis_cli.services.likeness_ranking")
# How often is looked whether somebody still waits.
_LOOK_S = 0.05

_Key = tuple[tuple[Likeness, ...], object]


class LikenessBeside:
    """Ranks a library; several threads that want the same have it found once."""

    def __init__(self, library: Path, environ: Mapping[str, str] = os.environ) -> None:
        self._library, self._environ = library, environ
        self._finding = threading.Lock()
        # The last one: letters behind `like:7` ask for no other.
        self._found: tuple[_Key, Sequence[int]] | None = None

    def ranked(self, query: Query, state: object, cancel: CancelToken) -> Query:
        """As `likeness.ranked`; what was found counts as long as the `state` of the library is the same.

        Raises CancelledError as soon as nobody waits; the process ends then.
        """
        if not query.like:
            return query
        while not self._finding.acquire(timeout=_LOOK_S):
            cancel.raise_if_cancelled()
        try:
            key = (query.like, state)
            if self._found is None or self._found[0] != key:
                self._found = (key, self._rank(query.like, cancel))
            return replace(query, like=(), ranking=self._found[1])
        finally:
            self._finding.release()

    def _rank(self, like: Sequence[Likeness], cancel: CancelToken) -> Sequence[int]:
        cancel.raise_if_cancelled()
        try:
            process = subprocess.Popen(
                (*_PROGRAM, str(self._library), *map(str, like)), env=own_variables(self._environ),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, ValueError) as error:
            raise AuralisError(" ".join(map(str, like)), f"cannot be ranked ({error})") from error
        with process:
            said = _said(process, cancel)
        try:
            told = json.loads(said)
        except ValueError as error:
            raise AuralisError(" ".join(map(str, like)), "cannot be ranked: the process that does it failed") from error
        if isinstance(told, dict):
            raise error_of(told["error"])
        ranking: list[int] = told
        return ranking


def _said(process: subprocess.Popen[bytes], cancel: CancelToken) -> bytes:
    """All that it writes; it is ended where nobody waits."""
    while True:
        try:
            return process.communicate(timeout=_LOOK_S)[0]
        except subprocess.TimeoutExpired:
            if cancel.is_cancelled:
                process.kill()
                process.wait()
                cancel.raise_if_cancelled()
