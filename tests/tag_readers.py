"""What other people's programs read of the tags of files: ffprobe, exiftool, and TagLib by its Python binding."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

_SYSTEM_PYTHON = "/usr/bin/python3"
_BY_TAGLIB = """
import json, sys, taglib
found = {}
for path in sys.argv[1:]:
    try:
        found[path] = taglib.File(path).tags
    except OSError:
        found[path] = {}
print(json.dumps(found))
"""
# Name and value of everything a program says.
Said = set[tuple[str, str]]


@cache
def missing_readers() -> tuple[str, ...]:
    """Those that are not installed."""
    missing = [name for name in ("ffprobe", "exiftool") if shutil.which(name) is None]
    asked = [_SYSTEM_PYTHON, "-c", "import taglib"]
    has_taglib = Path(_SYSTEM_PYTHON).exists() and subprocess.run(asked, capture_output=True).returncode == 0
    return tuple(missing if has_taglib else [*missing, "python3-taglib"])


def by_taglib(paths: Sequence[Path]) -> dict[Path, Said]:
    """By the library of KDE's, GNOME's and many other players."""
    done = subprocess.run([_SYSTEM_PYTHON, "-c", _BY_TAGLIB, *map(str, paths)], check=True, capture_output=True)
    found = json.loads(done.stdout)
    return {path: {(name, text) for name, texts in found[str(path)].items() for text in texts} for path in paths}


def by_exiftool(paths: Sequence[Path]) -> dict[Path, Said]:
    """By exiftool; several values that it joins by a slash are taken apart as well."""
    command = ["exiftool", "-json", "-a", "-G4", "-charset", "UTF8", *map(str, paths)]
    listed = json.loads(subprocess.run(command, capture_output=True).stdout)
    found = {Path(each.pop("SourceFile")): each for each in listed}
    return {path: _said(found.get(path, {}).items()) for path in paths}


def by_ffprobe(paths: Sequence[Path]) -> dict[Path, Said]:
    """By ffprobe, of the container and of its streams."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return dict(zip(paths, map(_said, threads.map(_ffprobed, paths)), strict=True))


def _ffprobed(path: Path) -> list[tuple[str, Any]]:
    command = ("ffprobe", "-v", "quiet", "-show_format", "-show_streams", "-of", "json", str(path))
    try:
        said = json.loads(subprocess.run(command, capture_output=True).stdout)
    except json.JSONDecodeError:
        return []
    parts = (*said.get("streams", ()), said.get("format", {}))
    return [pair for part in parts for pair in part.get("tags", {}).items()]


def _said(pairs: Iterable[tuple[str, Any]]) -> Said:
    found = set()
    for name, value in pairs:
        for text in value if isinstance(value, list) else [value]:
            whole = str(text)
            found |= {(name, part) for part in (whole, *whole.split("/"), *whole.split(";"), *whole.split(") "))}
    return found
