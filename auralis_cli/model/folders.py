"""What lies below a folder, told by the names alone."""

from __future__ import annotations


def is_below(path: str, folder: str) -> bool:
    """Whether `path` is `folder` or lies below it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")
