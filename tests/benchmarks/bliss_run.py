"""Runs bliss, in its own environment.    Usage: bliss_run.py < PATHS

Prints a line of JSON per path: its vector, and the seconds that took, or null for what bliss refuses.
"""

from __future__ import annotations

import json
import sys
import time

import bliss_audio

for line in sys.stdin:
    path = line.rstrip("\n")
    started = time.perf_counter()
    vector: list[float] | None = None
    try:
        vector = list(bliss_audio.Song(path).analysis)
    except (KeyboardInterrupt, SystemExit):
        raise
    # What fails in its Rust comes as a BaseException.
    except BaseException as error:
        print(f"bliss: {path}: {error}", file=sys.stderr)
    seconds = time.perf_counter() - started
    print(json.dumps({"path": path, "vector": vector, "seconds": seconds}), flush=True)
