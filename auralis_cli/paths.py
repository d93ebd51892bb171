"""Where the program keeps things (XDG, or everything below `AURALIS_HOME`). Imports nothing heavy."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from pathlib import Path


def cache_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder for what can be made again: `$AURALIS_HOME/cache` or `$XDG_CACHE_HOME/auralis`."""
    return _place(environ, "cache", "XDG_CACHE_HOME", ".cache")


def config_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of the user's settings: `$AURALIS_HOME/config` or `$XDG_CONFIG_HOME/auralis`."""
    return _place(environ, "config", "XDG_CONFIG_HOME", ".config")


def data_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of the library: `$AURALIS_HOME/data` or `$XDG_DATA_HOME/auralis`."""
    return _place(environ, "data", "XDG_DATA_HOME", ".local/share")


def library_file(environ: Mapping[str, str] = os.environ) -> Path:
    """The user's library, where none other is chosen."""
    return data_dir(environ) / "library.db"


def state_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder for what was done and may be resumed: `$AURALIS_HOME/state` or `$XDG_STATE_HOME/auralis`."""
    return _place(environ, "state", "XDG_STATE_HOME", ".local/state")


def runtime_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder for sockets: `$AURALIS_HOME/run` or `$XDG_RUNTIME_DIR/auralis`, else a part of the state folder."""
    if home := environ.get("AURALIS_HOME"):
        return Path(home).expanduser() / "run"
    if (base := Path(environ.get("XDG_RUNTIME_DIR", ""))).is_absolute():
        return base / "auralis"
    return state_dir(environ) / "run"


def receipts_dir() -> Path:
    """The folder of the receipts of what was mastered in batches."""
    return state_dir() / "receipts"


def jobs_dir() -> Path:
    """The folder of the records of long runs."""
    return state_dir() / "jobs"


def undo_dir() -> Path:
    """The folder of what the old bytes of rewritten files are made of again."""
    return state_dir() / "undo"


def _place(environ: Mapping[str, str], kind: str, variable: str, below_home: str) -> Path:
    if home := environ.get("AURALIS_HOME"):
        return Path(home).expanduser() / kind
    # A relative path is to be ignored, says the XDG specification; so is one for HOME.
    if (base := Path(environ.get(variable, ""))).is_absolute():
        return base / "auralis"
    own = Path(environ.get("HOME", ""))
    if not own.is_absolute():
        own = Path(pwd.getpwuid(os.getuid()).pw_dir)
    return own / below_home / "auralis"
