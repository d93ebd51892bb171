"""Where a library lies: its folder, and the kind of file system, for on some locks are not to be relied on."""

from __future__ import annotations

import os
import re
from pathlib import Path

from auralis_cli.db.complaints import system_error

MOUNTS = Path("/proc/self/mounts")
_NETWORK = frozenset(
    {"9p", "afs", "afpfs", "ceph", "cifs", "coda", "davfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "orangefs"}
    | {"smb2", "smb3", "smbfs", "vboxsf"}
)
_OTHERS_PROGRAMS = "fuse."


def network_filesystem(path: Path, mounts: Path = MOUNTS) -> str | None:
    """The kind of the network file system that `path` lies on, as `nfs4` or `fuse.sshfs`; None on a local disk."""
    kind = filesystem_kind(path, mounts)
    return kind if kind in _NETWORK or kind.startswith(_OTHERS_PROGRAMS) else None


def filesystem_kind(path: Path, mounts: Path = MOUNTS) -> str:
    """The kind of the file system that `path` lies on, as `ext4` or `vfat`; empty where the system does not tell."""
    try:
        lines = os.fsdecode(mounts.read_bytes()).splitlines()
    except OSError:
        return ""  # no Linux
    real = Path(os.path.realpath(path))
    kind, longest = "", -1
    for line in lines:
        words = line.split(" ")
        if len(words) < 3:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), words[1]))
        # Of two at one place the later covers the earlier.
        if (real == point or point in real.parents) and len(point.parts) >= longest:
            kind, longest = words[2], len(point.parts)
    return kind


def on_network(kind: str) -> str:
    """What the user should know of a library there."""
    return f"lies on a network file system ({kind}), where two machines at once may damage it; keep it on a local disk"


def make_folder(folder: Path) -> None:
    """Makes a folder that only its owner may look into, where there is none."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise system_error(folder, error) from error
