"""Where the program keeps things (XDG, or everything below `AURALIS_HOME`). Imports nothing heavy."""

from __future__ import annotations

import os
import pwd
import stat
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


def private_temporary_dir(name: str) -> Path:
    """A folder for temporary files that outlives the run, and into which nobody else has put anything.

    Its name is known beforehand, so that another user may have been there first: then it is a new one.
    """
    import tempfile

    folder = Path(tempfile.gettempdir()) / f"{name}-{os.geteuid()}"
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = os.lstat(folder)
        is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
        if not is_ours or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            return Path(tempfile.mkdtemp(prefix=f"{name}-"))
    return folder


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
