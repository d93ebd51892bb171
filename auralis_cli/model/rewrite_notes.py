"""What the journal keeps of a rewritten file, so that it can be what it was."""

from __future__ import annotations

import json
from dataclasses import asdict

from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """A file at one moment: nothing of it was changed while all of this is the same."""

    device: int
    inode: int
    size_bytes: int
    mtime_ns: int
    # Of its last change of any kind, which no program can set.
    ctime_ns: int


@dataclass(frozen=True, slots=True)
class RewriteNote:
    """The old bytes and the new ones of a rewritten file."""

    old_size_bytes: int
    old_mtime_ns: int
    old_digest: str
    new_size_bytes: int
    new_digest: str
    # Where in its place the patch lies that makes the former of the latter.
    patch_at: int
    patch_bytes: int
    # How the new file was left, once it had its place.
    left: FileIdentity | None = None

    def packed(self) -> str:
        """As text, from which `unpacked` makes the same."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def unpacked(cls, text: str) -> RewriteNote:
        """What was packed; ValueError where that is not so."""
        try:
            values = json.loads(text)
            left = values.pop("left")
            return cls(**values, left=None if left is None else FileIdentity(**left))
        except (KeyError, TypeError) as error:
            raise ValueError("no note of a rewritten file") from error
