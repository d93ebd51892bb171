"""What an export left in a folder, kept there: by it the next one knows what need not be made again.

A line of JSON for each file, the later one counts. That a file is begun is written down before its name is taken,
that it is done only once it is on the disk: whoever finds it begun makes it again, and takes nobody else's file for it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import fields
from pathlib import Path

from auralis_cli.errors import OutputError, RefusedError
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.whole_file import write_whole_file

MANIFEST_NAME = ".auralis-export.jsonl"
_VERSION = 1
_HEAD = "auralis_export"
_MAX_BYTES = 1 << 30
# FAT keeps times in steps of two seconds.
_TIME_STEP_NS = 2 * 10**9


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file of an export."""

    # As seen from the folder.
    path: str
    # What it was made of: the audio's own id and, of a cue sheet, the number; or the name of a playlist.
    key: str
    # And how: `copy`, `opus 128000`, `playlist`.
    made: str
    # Of the file it was made of, as it was then.
    source_size: int
    source_mtime_ns: int
    # As it was left; None as long as it is only begun.
    size_bytes: int | None = None
    mtime_ns: int | None = None

    def is_made_like(self, other: ExportedFile) -> bool:
        """Whether the other would be the same file again."""
        mine = (self.key, self.made, self.source_size, self.source_mtime_ns)
        return mine == (other.key, other.made, other.source_size, other.source_mtime_ns)

    def is_as_left(self, status: os.stat_result | None) -> bool:
        """Whether what is there is what was left there."""
        return (
            status is not None
            and status.st_size == self.size_bytes
            and self.mtime_ns is not None
            and abs(status.st_mtime_ns - self.mtime_ns) <= _TIME_STEP_NS
        )


class ExportManifest:
    """The files of an export by path. What is not its own it knows nothing of."""

    def __init__(self, folder: Path) -> None:
        """Reads what is there. RefusedError where a newer program wrote it."""
        self._path = folder / MANIFEST_NAME
        self._files: dict[str, ExportedFile] = {}
        self._lines = 0
        for one in self._read():
            self._files[one.path] = one

    def __iter__(self) -> Iterator[ExportedFile]:
        return iter(self._files.values())

    def get(self, path: str) -> ExportedFile | None:
        """What is known of a file; None where it is none of an export."""
        return self._files.get(path)

    def note(self, files: Iterable[ExportedFile]) -> None:
        """Adds these, for good before it returns. Raises OutputError where that cannot be."""
        noted = list(files)
        if not noted:
            return
        self._files.update((one.path, one) for one in noted)
        try:
            with open(self._path, "ab") as stream:
                # A line that a crash cut short is ended, and none is joined to it.
                stream.write(_line({_HEAD: _VERSION}) if stream.tell() == 0 else b"\n")
                stream.writelines(_file_line(one) for one in noted)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise OutputError(str(self._path), error.strerror or "cannot be written") from error

    def forget(self, paths: Iterable[str]) -> None:
        """Leaves files out from the next `close` on."""
        for path in paths:
            self._files.pop(path, None)

    def close(self) -> None:
        """Writes it anew, each file once, in the order of their paths; those only begun stay so."""
        if not self._files and not self._path.exists():
            return
        lines = (_file_line(one) for _, one in sorted(self._files.items()))
        write_whole_file(self._path, (_line({_HEAD: _VERSION}), *lines))

    def _read(self) -> Iterator[ExportedFile]:
        try:
            with open(self._path, "rb") as stream:
                data = stream.read(_MAX_BYTES)
        except FileNotFoundError:
            return
        except OSError as error:
            raise OutputError(str(self._path), error.strerror or "cannot be read") from error
        for line in data.splitlines():
            # What is damaged is none of ours: at worst a file is refused as one that is there already.
            with suppress(ValueError, TypeError, RecursionError):
                found = json.loads(line)
                if isinstance(found, dict) and found.get(_HEAD, _VERSION) != _VERSION:
                    raise RefusedError(str(self._path), "was written by a newer version of this program")
                if isinstance(found, dict) and _HEAD not in found and _is_sound(one := ExportedFile(**found)):
                    yield one


def _is_sound(file: ExportedFile) -> bool:
    """Whether a line says what it has to. Where its path leads is for those to ask who touch what is there."""
    texts = (file.path, file.key, file.made)
    numbers = (file.source_size, file.source_mtime_ns)
    if not all(isinstance(one, str) for one in texts) or not all(isinstance(one, int) for one in numbers):
        return False
    if not all(one is None or isinstance(one, int) for one in (file.size_bytes, file.mtime_ns)):
        return False
    # Raises for what no name of a file can be.
    os.fsencode(file.path)
    return bool(file.path) and "\0" not in file.path


_FIELDS = tuple(one.name for one in fields(ExportedFile))


def _file_line(file: ExportedFile) -> bytes:
    return _line({name: getattr(file, name) for name in _FIELDS})


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=True).encode("ascii") + b"\n"
