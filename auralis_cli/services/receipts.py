"""What was mastered already: one small receipt per output, so that a batch skips what is done and unchanged.

A receipt holds a key, of the source's content, every wish that shapes the result, and the engine
itself, and the size and time of the file that came out. Where either differs, the work is done again.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import fields, replace
from functools import cache
from pathlib import Path

from auralis_cli.audio.source_file import check_size, open_source
from auralis_cli.errors import InputError, OutputError
from auralis_cli.json_form import to_json
from auralis_cli.model.mastering import MasterRequest
from auralis_cli.version import VERSION
from auralis_cli.whole_file import write_whole_file

# What says where the result goes and how much may be read shapes no sample of it.
_SHAPES_NOTHING = frozenset({"source", "destination", "make_folders", "with_curves", "force"})
_ENGINE_FOLDERS = ("analysis", "audio", "dsp", "mastering", "model", "services")


class Receipts:
    """The receipts kept in one folder; several processes may use it at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def key(self, request: MasterRequest) -> str:
        """What the result depends on, as one word. Raises InputError where the source cannot be read."""
        wishes = {
            field.name: getattr(request, field.name) for field in fields(request) if field.name not in _SHAPES_NOTHING
        }
        source = request.source
        if source.path is not None:
            check_size(source.path, source.limits.max_bytes)
        said: dict[str, object] = {
            "engine": engine(),
            "content": _content(source.path) if source.path is not None else None,
            "cue": source.cue and replace(source.cue, sheet=Path(os.path.abspath(source.cue.sheet))),
            "raw": source.raw,
            "format": Path(request.destination.name).suffix.lower(),
            "wishes": wishes,
        }
        if request.keep_mtime and source.path is not None:
            said["mtime_ns"] = _mtime_ns(source.path)
        return hashlib.sha256(json.dumps(to_json(said), sort_keys=True).encode()).hexdigest()

    def holds(self, key: str, output: Path) -> bool:
        """Whether `output` is what was made under `key`, untouched since."""
        receipt = self._receipt_of(output)
        return receipt is not None and receipt["key"] == key

    def made(self, output: Path) -> bool:
        """Whether `output` was made by an earlier run under any key, untouched since."""
        return self._receipt_of(output) is not None

    def knows(self, output: Path) -> bool:
        """Whether something was made there before, whatever has become of it."""
        return os.path.exists(self._place(output))  # also where the folder may not be looked into

    def put(self, key: str, output: Path, finished: Path) -> None:
        """Notes that `finished`, about to be given the name `output`, was made under `key`.

        Before the name, not after it: whoever is killed between the two finds no output and does the work again.
        Raises OutputError where it cannot be noted.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            data = json.dumps(_receipt(key, finished.stat())).encode("ascii")
        except OSError as error:
            raise OutputError(str(self._folder), error.strerror or "cannot be written") from error
        write_whole_file(self._place(output), data)

    def _receipt_of(self, output: Path) -> dict[str, object] | None:
        """The receipt of a file that is still as it was made, None where there is none."""
        try:
            status = output.stat()
            receipt = json.loads(self._place(output).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None
        untouched = isinstance(receipt, dict) and receipt == _receipt(receipt.get("key"), status)
        return receipt if untouched else None

    def _place(self, output: Path) -> Path:
        return self._folder / receipt_name(output)


def receipt_name(output: Path) -> str:
    """The name of the file that the receipt of `output` is."""
    return f"{hashlib.sha256(os.fsencode(os.path.abspath(output))).hexdigest()}.json"


@cache
def engine() -> str:
    """The engine's version: the program's, and a hash of every source that shapes sound."""
    digest = hashlib.sha256(VERSION.encode())
    package = Path(__file__).parent.parent
    for folder in _ENGINE_FOLDERS:
        for source in sorted((package / folder).rglob("*.py")):
            digest.update(source.relative_to(package).as_posix().encode())
            digest.update(source.read_bytes())
    return digest.hexdigest()


def _content(path: Path) -> str:
    try:
        with open(open_source(path), "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(str(path), error.strerror or "cannot be read") from error


def _mtime_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise InputError(str(path), error.strerror or "cannot be read") from error


def _receipt(key: object, status: os.stat_result) -> dict[str, object]:
    return {"key": key, "size_bytes": status.st_size, "mtime_ns": status.st_mtime_ns}
