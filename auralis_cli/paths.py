"""Where the program keeps things (XDG, or everything below `AURALIS_HOME`). Imports nothing heavy."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from pathlib import Path


def cache_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder for what can be made again: `$AURALIS_HOME/cache` or `$XDG_CACHE_HOME/auralis`."""
    if home := environ.get("AURALIS_HOME"):
        return Path(home).expanduser() / "cache"
    # A relative path is to be ignored, says the XDG specification; so is one for HOME.
    if (base := Path(environ.get("XDG_CACHE_HOME", ""))).is_absolute():
        return base / "auralis"
    own = Path(environ.get("HOME", ""))
    if not own.is_absolute():
        own = Path(pwd.getpwuid(os.getuid()).pw_dir)
    return own / ".cache" / "auralis"
