"""Runs bliss, in its own environment.    Usage: bliss_run.py < PATHS

Prints a line of JSON per path: its vector, null for what bliss refuses, and the seconds of the clock and of processors
that took.
"""

from __future__ import annotations

import json
import sys
import time

import bliss_audio

for line in sys.stdin:
    path = line.rstrip("\n")
    started, worked = time.perf_counter(), time.process_time()
    vector: list[float] | None = None
    try:
        vector = list(bliss_audio.Song(path).analysis)
    except (KeyboardInterrupt, SystemExit):
        raise
    # What fails in its Rust comes as a BaseException.
    except BaseException as error:
        print(f"bliss: {path}: {error}", file=sys.stderr)
    seconds, processor_s = time.perf_counter() - started, time.process_time() - worked
    print(json.dumps({"path": path, "vector": vector, "seconds": seconds, "processor_s": processor_s}), flush=True)
