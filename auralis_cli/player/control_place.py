"""Where players are reached: a folder of the user's own, in it a socket and a lock for each player, by its name."""

from __future__ import annotations

import fcntl
import os
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from auralis_cli.errors import AuralisError, NoPlayerError, UsageError
from auralis_cli.paths import runtime_dir
from auralis_cli.quick_dataclasses import dataclass

# The one player of a user, unless others are started with `play --new`.
DEFAULT_NAME = "player"
# `sun_path` of a socket's address holds 108 bytes, the last of them NUL.
LONGEST_SOCKET_PATH_BYTES = 107
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
_NO_LOCK = "a player holds a lock there: a file in a folder that can be written"
_SHORTER = "set XDG_RUNTIME_DIR or AURALIS_HOME to a folder with a shorter path"


class ControlClaim:
    """A player's name, held until it is released or the process ends; no other process holds it meanwhile."""

    def __init__(self, name: str, socket_path: Path, lock: int) -> None:
        self.name = name
        self.socket_path = socket_path
        self._lock = lock

    def release(self) -> None:
        """Takes socket and lock away; releasing twice is fine."""
        if self._lock < 0:
            return
        # In this order, and while the lock is held: what another process makes afterwards stays.
        for path in (self.socket_path, lock_path(self.socket_path)):
            # Gone, or in a folder that cannot be changed any more: without the lock it is in nobody's way.
            with suppress(OSError):
                path.unlink()
        os.close(self._lock)
        self._lock = -1


@dataclass(frozen=True, slots=True)
class KnownPlayer:
    """A player that has, or had, a socket."""

    name: str
    pid: int | None
    socket_path: Path


def new_name(pid: int) -> str:
    """The name of a player beside the one."""
    return f"{DEFAULT_NAME}-{pid}"


def socket_path(name: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Where the player of that name listens; UsageError for a name, or a folder, that makes no address."""
    if not _NAME.fullmatch(name):
        raise UsageError(name[:80], "is no name of a player", "small letters, digits and -")
    path = runtime_dir(environ).absolute() / f"{name}.sock"
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH_BYTES:
        why = f"the path is longer than the {LONGEST_SOCKET_PATH_BYTES} bytes that a socket's may have"
        raise UsageError(str(path), why, _SHORTER)
    return path


def lock_path(socket: Path) -> Path:
    """The lock that belongs to a socket."""
    return socket.with_suffix(".lock")


def tap_path(socket: Path) -> Path:
    """Where what a player plays can be looked at, see `tap.py`."""
    return socket.with_suffix(".tap")


def claim_name(name: str = DEFAULT_NAME, environ: Mapping[str, str] = os.environ) -> ControlClaim | None:
    """Takes the name of a player; None where one of that name runs.

    What a player that was killed left behind is taken away. Raises UsageError where there is no place for a socket.
    """
    path = socket_path(name, environ)
    _check_base(environ)
    _make_private(path.parent)
    _sweep(path.parent)
    while (lock := _locked(lock_path(path))) is not None:
        # Between opening and locking, the one before may have taken its lock away.
        if _is_the_file(lock, lock_path(path)):
            # On a full disk it is held all the same, and its holder found by name alone.
            with suppress(OSError):
                os.ftruncate(lock, 0)
                os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
            claim = ControlClaim(name, path, lock)
            _take_away_stale(claim)
            return claim
        os.close(lock)
    return None


def known_players(environ: Mapping[str, str] = os.environ) -> list[KnownPlayer]:
    """The players that have a socket, whether or not they still listen; the one of the default name first."""
    folder = runtime_dir(environ).absolute()
    sockets = sorted(folder.glob("*.sock"), key=lambda path: (path.stem != DEFAULT_NAME, path.stem))
    return [KnownPlayer(path.stem, pid_of(path), path) for path in sockets]


def pid_of(socket: Path) -> int | None:
    """The process that listens, as its lock says; None where that says nothing."""
    with suppress(OSError, ValueError):
        return int(lock_path(socket).read_bytes()[:20])
    return None


def is_starting(name: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a process has taken that name and does not listen yet: it compiles, or opens the library."""
    try:
        socket = socket_path(name, environ)
    except UsageError:
        return False
    pid = None if socket.exists() else pid_of(socket)
    return pid is not None and _is_running(pid)


def _check_base(environ: Mapping[str, str]) -> None:
    """The system makes the folder above ours, when the user logs in, and nobody else."""
    base = Path(environ.get("XDG_RUNTIME_DIR", ""))
    if runtime_dir(environ).parent == base and not base.is_dir():
        raise UsageError(str(base), "the runtime folder is missing", "without XDG_RUNTIME_DIR the state folder is used")


def _make_private(folder: Path) -> None:
    """Makes the folder where there is none, for its owner alone; UsageError where it is not ours to trust."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_private(folder, UsageError)
    except OSError as error:
        raise UsageError(str(folder), f"no folder for a socket: {error.strerror}") from error


def check_private(folder: Path, kind: type[AuralisError] = NoPlayerError) -> None:
    """Raises `kind` for a folder that is another user's, or a link; one of ours that others may enter is closed."""
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode):
        raise kind(str(folder), "is no folder", "sockets are kept there: move away what is")
    if found.st_uid != os.geteuid():
        raise kind(str(folder), "is another user's", "sockets are kept in a folder of your own: set XDG_RUNTIME_DIR")
    if stat.S_IMODE(found.st_mode) & 0o077:
        os.chmod(folder, 0o700)


def _locked(path: Path) -> int | None:
    """The lock, opened and held; None where another holds it, UsageError where none can be."""
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise UsageError(str(path), f"cannot be locked: {error.strerror}", _NO_LOCK) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    except OSError as error:
        os.close(lock)
        raise UsageError(str(path), f"cannot be locked: {error.strerror}", _NO_LOCK) from error
    return lock


def _is_the_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def _take_away_stale(claim: ControlClaim) -> None:
    """A socket that nobody can listen on: its name's lock is ours."""
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(os.lstat(claim.socket_path).st_mode):
            path = claim.socket_path
            os.close(claim._lock)
            raise UsageError(str(path), "is no socket", "a player listens there: move away what is")
        claim.socket_path.unlink()


def _sweep(folder: Path) -> None:
    """Takes away what players with names of their own left behind when they were killed."""
    for path in folder.glob(f"{DEFAULT_NAME}-*.lock"):
        pid = pid_of(path)
        # One that has not written its number yet is just starting.
        if pid is None or _is_running(pid):
            continue
        try:
            lock = _locked(path)
        except UsageError:
            # None of ours.
            continue
        if lock is None:
            continue
        if _is_the_file(lock, path):
            path.with_suffix(".sock").unlink(missing_ok=True)
            tap_path(path).unlink(missing_ok=True)
            path.unlink(missing_ok=True)
        os.close(lock)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
