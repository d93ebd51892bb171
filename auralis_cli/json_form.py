"""The JSON form of what the program says: data, failures, and files of them."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum

from auralis_cli.errors import AuralisError

FORMAT_VERSION = 1
"""Value of the key `auralis` in listings: rises when the meaning of a key changes."""

Json = bool | int | float | str | None | list["Json"] | dict[str, "Json"]


def to_json(value: object) -> Json:
    """Plain JSON data of `value`: dataclasses by field, enums by value, non-finite numbers as None."""
    # Enums first: a StrEnum is also a str.
    if isinstance(value, Enum):
        return to_json(value.value)
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, os.PathLike):
        return str(os.fspath(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(to_json(key)): to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no JSON form")


def json_text(value: object, *, indent: int | None = None) -> str:
    """`value` as JSON in ASCII: control characters and names that are not UTF-8 stand as escapes."""
    text = json.dumps(to_json(value), ensure_ascii=True, allow_nan=False, indent=indent)
    return text.replace("\x7f", "\\u007f")


def listing_lines(items: Iterable[object]) -> Iterator[str]:
    """The document `{"auralis": 1, "items": [...]}` line by line, so that a listing of any length is never held."""
    yield f'{{\n  "auralis": {FORMAT_VERSION},'
    before: str | None = None
    for item in items:
        yield '  "items": [' if before is None else f"{before},"
        before = textwrap.indent(json_text(item, indent=2), "    ")
    yield '  "items": []' if before is None else f"{before}\n  ]"
    yield "}"


def failure(path: str | os.PathLike[str] | None, error: AuralisError) -> dict[str, Json]:
    """The one shape of failures: `{"path", "error": {"code", "message", "hint"?}}`."""
    names_the_path = path is not None and error.what == os.fspath(path)
    message = error.why if names_the_path or not error.what else f"{error.what}: {error.why}"
    described: dict[str, Json] = {"code": error.code, "message": message}
    if error.hint:
        described["hint"] = error.hint
    return {"path": None if path is None else os.fspath(path), "error": described}


def json_file(value: object) -> bytes:
    """`value`, indented, as the bytes of a file of its own."""
    return (json_text(value, indent=2) + "\n").encode("ascii")
