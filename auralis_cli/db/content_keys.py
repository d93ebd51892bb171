"""What everything computed hangs on: the content of a file, and the number of the track in it.

A content id is a quick one, told by a look at some of the audio, as long as nobody else has that. Other audio of the
same look is told apart by a hash of all of it behind a mark.
"""

from __future__ import annotations

_APART = "~"
_HASH_CHARACTERS = 32


def content_key(content_id: str, cue_number: int) -> str:
    """The key of a track; of one that is all of its file, `cue_number` is 0."""
    return f"{content_id}#{cue_number}" if cue_number else content_id


def content_of_key(key: str) -> str:
    """The content id in a key."""
    return key.partition("#")[0]


def quick_id(content_id: str) -> str:
    """What a look at some of the audio tells of it."""
    return content_id.partition(_APART)[0]


def told_apart(quick: str, audio_hash: str) -> str:
    """The content id of audio that is not what another of the same look is."""
    return f"{quick}{_APART}{audio_hash[:_HASH_CHARACTERS]}"
