"""Where the program keeps things (XDG, or everything below `AURALIS_HOME`). Imports nothing heavy."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def cache_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder for what can be made again: `$AURALIS_HOME/cache` or `$XDG_CACHE_HOME/auralis`."""
    if home := environ.get("AURALIS_HOME"):
        return Path(home).expanduser() / "cache"
    if base := environ.get("XDG_CACHE_HOME"):
        return Path(base) / "auralis"
    return Path(environ.get("HOME") or "~").expanduser() / ".cache" / "auralis"
