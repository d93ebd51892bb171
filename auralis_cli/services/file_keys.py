"""What a file is known by without reading it: its place on the disk, its size and its times, and the engine."""

from __future__ import annotations

import hashlib
import json
import os
import stat

from auralis_cli.json_form import to_json
from auralis_cli.model.source import AudioSource
from auralis_cli.services.receipts import engine


def file_key(source: AudioSource) -> str | None:
    """What this audio is, without reading it; None where there is no file.

    Every write changes the last of its times, which nobody can set.
    """
    if source.path is None:
        return None
    try:
        status = os.stat(source.path)
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    file = [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]
    cue = source.cue and [source.cue.number, source.cue.start_sector, source.cue.end_sector]
    return digest_of({"engine": engine(), "file": file, "cue": cue, "raw": source.raw})


def digest_of(said: dict[str, object]) -> str:
    """One word for all that was said."""
    return hashlib.sha256(json.dumps(to_json(said), sort_keys=True).encode()).hexdigest()
