"""Edits of files for tests, as workers get them, and folders of music to try them on."""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from mutagen.id3 import TIT2, TXXX
from mutagen.wave import WAVE
from scanned_folders import SilentBatchProgress

from auralis_cli.db.store import Store
from auralis_cli.errors import RefusedError
from auralis_cli.model.file_rewrites import FileEdit, RewriteTask, Rewritten
from auralis_cli.model.progress import CancelToken
from auralis_cli.services.changes import changes
from auralis_cli.services.file_rewriting import RewriteOptions, rewrite_files

LATER = 1_700_000_500
# Folder by folder: mode, time, and what the file holds.
State = dict[str, tuple[int, int, str]]


@dataclass(frozen=True, slots=True)
class Titled:
    """Gives a WAV a title, and what else makes it longer."""

    title: str
    more: str = ""

    def apply(self, file: IO[bytes], format_key: str) -> tuple[str, ...]:
        assert format_key == "wav"
        file.seek(0)
        wave = WAVE(file)
        if not wave.tags:
            wave.add_tags()
        tags: Any = wave.tags
        tags.setall("TIT2", [TIT2(encoding=3, text=[self.title])])
        tags.setall("TXXX", [TXXX(encoding=3, desc="more", text=[self.more])] if self.more else [])
        file.seek(0)
        wave.save(file)
        return (f"titled {self.title}",)


@dataclass(frozen=True, slots=True)
class Spoiling:
    """Changes a byte of the audio."""

    at: int = 100

    def apply(self, file: IO[bytes], format_key: str) -> tuple[str, ...]:
        file.seek(self.at)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))
        return ()


@dataclass(frozen=True, slots=True)
class Cutting:
    """Leaves nothing that is audio."""

    def apply(self, file: IO[bytes], format_key: str) -> tuple[str, ...]:
        file.truncate(20)
        return ()


@dataclass(frozen=True, slots=True)
class Refusing:
    """Cannot be done."""

    def apply(self, file: IO[bytes], format_key: str) -> tuple[str, ...]:
        file.write(b"half of it")
        raise RefusedError("", "cannot hold that")


@dataclass(frozen=True, slots=True)
class Stumbling:
    """Fails as parsers of foreign bytes do."""

    def apply(self, file: IO[bytes], format_key: str) -> tuple[str, ...]:
        raise IndexError("list index out of range")


@dataclass(frozen=True, slots=True)
class Nothing:
    """Writes what is there already."""

    def apply(self, file: IO[bytes], format_key: str) -> tuple[str, ...]:
        file.seek(0)
        data = file.read()
        file.seek(0)
        file.write(data)
        return ("nothing to do",)


@dataclass(frozen=True, slots=True)
class Crashing:
    """Takes its process along."""

    def apply(self, file: IO[bytes], format_key: str) -> tuple[str, ...]:
        file.write(b"half of it")
        os.kill(os.getpid(), signal.SIGKILL)
        return ()


@dataclass(frozen=True, slots=True)
class ChangedMeanwhile:
    """Somebody writes to the file itself while its copy is edited."""

    path: str

    def apply(self, file: IO[bytes], format_key: str) -> tuple[str, ...]:
        status = os.stat(self.path)
        Path(self.path).write_bytes(Path(self.path).read_bytes())
        os.utime(self.path, ns=(status.st_atime_ns, status.st_mtime_ns))
        return Titled("too late").apply(file, format_key)


def state_of(*folders: Path) -> State:
    """All files below, hidden ones too."""
    return {
        str(path): (path.stat().st_mode, path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rewrite(
    store: Store, tasks: Iterable[tuple[Path, FileEdit]], cancel: CancelToken | None = None, **options: object
) -> tuple[int, list[Rewritten]]:
    """One change: its id, and what came of it."""
    done: list[Rewritten] = []
    with changes(store, "tag set", "a test", lambda: LATER) as change:
        done.extend(
            rewrite_files(
                store,
                change,
                [RewriteTask(str(path), edit) for path, edit in tasks],
                RewriteOptions(**options),  # type: ignore[arg-type]
                SilentBatchProgress(),
                cancel or CancelToken(),
            )
        )
    return change.entry_id, done


def why(done: Sequence[Rewritten]) -> list[str | None]:
    """The failures."""
    return [None if one.failure is None else one.failure.message for one in done]
