"""A file that a run has made and named."""

from __future__ import annotations

from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A result as it was given its name: whoever finds it otherwise knows that somebody changed it."""

    size_bytes: int
    mtime_ns: int
    # Where in the trash the file lies that had the name before.
    replaced: str | None
