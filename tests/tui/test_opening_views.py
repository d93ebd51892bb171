"""A key that opens a view is answered at once: what takes its time to import comes when it is asked for, elsewhere."""

from __future__ import annotations

import subprocess
import sys

_SLOW = ("numpy", "numba", "soundfile", "mutagen", "peewee", "PIL")


def test_queue_playlists_and_files_open_without_the_database_and_the_readers_of_tags() -> None:
    views = ", ".join(f"auralis_cli.tui.views.{name}" for name in ("queue", "playlists", "files"))
    code = f"import sys; import {views}; print([one for one in {_SLOW} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
