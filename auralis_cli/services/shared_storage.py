"""What workers of a cluster and this process share: music and results, by the same paths, and nothing else.

The receipts of a batch are this process's. So that a job which is done again finds what its first worker made, those
of the outputs are lent to the workers, in a folder beside the results, and taken back with what came to it.
"""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from auralis_cli.errors import InputError, OutputError
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.receipts import receipt_name
from auralis_cli.whole_file import temporary_prefix

_LENT = ".auralis-receipts"

Result = TypeVar("Result")


class NotSharedError(InputError):
    """A worker does not see what this machine sees; that says nothing of the file."""


@dataclass(frozen=True, slots=True)
class SeenPlace:
    """A file as it is seen here, or a folder."""

    path: str
    # None of a folder.
    size_bytes: int | None


def seen_here(paths: Iterable[str | os.PathLike[str]]) -> tuple[SeenPlace, ...]:
    """Those of `paths` that can be seen; of others the work on them will say what is the matter."""
    seen = []
    for path in paths:
        with suppress(OSError, ValueError):
            status = os.stat(path)
            seen.append(SeenPlace(os.fspath(path), None if os.path.isdir(path) else status.st_size))
    return tuple(seen)


def on_shared_storage(seen: tuple[SeenPlace, ...], work: Callable[..., Result], *rest: Any) -> Result:
    """Job of a worker: does `work(*rest)` where it sees all that was `seen`; raises NotSharedError where not."""
    for one in seen:
        if (one,) != seen_here((one.path,)):
            why = f"is not seen by the worker on {platform.node()} as it is here"
            raise NotSharedError(one.path, why, "workers need the same storage by the same paths")
    return work(*rest)


def lend_receipts(own: Path, out_dir: Path, outputs: Iterable[Path]) -> Path:
    """The folder for the workers, with the receipts of `outputs`. Raises OutputError where it cannot be made."""
    lent = _lent(out_dir)
    try:
        lent.mkdir(parents=True, exist_ok=True)
        for output in outputs:
            with suppress(FileNotFoundError):
                shutil.copy2(own / receipt_name(output), lent)
    except OSError as error:
        raise OutputError(str(lent), error.strerror or "cannot be written") from error
    return lent


def take_receipts_back(own: Path, out_dir: Path, *, done: bool) -> None:
    """Takes over the receipts that are newer than our own; where the workers are `done`, the folder goes.

    Also those that an earlier run, killed before it could, left there. Raises OutputError where they cannot be kept.
    """
    lent = _lent(out_dir)
    try:
        found = [one for one in os.scandir(lent) if one.name.endswith(".json") and not one.name.startswith(".")]
    except OSError:
        return
    try:
        own.mkdir(parents=True, exist_ok=True)
        for one in found:
            kept = own / one.name
            if one.is_file(follow_symlinks=False) and not (kept.exists() and _is_as_new(kept, one)):
                # Whole, or not at all.
                arriving = kept.with_name(f"{temporary_prefix(os.getpid())}{one.name}")
                shutil.copy2(one.path, arriving)
                arriving.replace(kept)
    except OSError as error:
        raise OutputError(str(own), error.strerror or "cannot be written") from error
    if done:
        shutil.rmtree(lent, ignore_errors=True)


def _is_as_new(kept: Path, lent: os.DirEntry[str]) -> bool:
    return kept.stat().st_mtime_ns >= lent.stat().st_mtime_ns


def _lent(out_dir: Path) -> Path:
    return Path(os.path.abspath(out_dir)) / _LENT
