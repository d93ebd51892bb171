"""What everything computed hangs on: the content of a file, and the number of the track in it."""

from __future__ import annotations


def content_key(content_id: str, cue_number: int) -> str:
    """The key of a track; of one that is all of its file, `cue_number` is 0."""
    return f"{content_id}#{cue_number}" if cue_number else content_id
