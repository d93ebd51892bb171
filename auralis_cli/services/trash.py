"""Nothing of the user's is deleted: what must go, goes to the freedesktop trash."""

from __future__ import annotations

from pathlib import Path

from send2trash import TrashPermissionError, send2trash

from auralis_cli.errors import OutputError


def move_to_trash(path: Path) -> None:
    """Moves a file to the home trash or its volume's; raises OutputError where neither takes it."""
    try:
        send2trash(path)
    except (TrashPermissionError, OSError) as error:
        raise OutputError(str(path), f"cannot be moved to the trash: {error}") from error
