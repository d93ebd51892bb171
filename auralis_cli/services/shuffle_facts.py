"""Artists and albums of queued tracks, for orders of chance: the library's, else what names of files say."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from auralis_cli.db.queued_tracks import queued_facts
from auralis_cli.model.queue import QueueItem, QueueTrack
from auralis_cli.services.shuffling import ShuffleFacts


def facts_of(library: Path | None, items: Sequence[QueueItem]) -> list[ShuffleFacts]:
    """What is known of each; where the library cannot be asked, their files' names tell."""
    known = {} if library is None else queued_facts(library, sorted({item.track.path for item in items}))
    rows = [known.get((item.track.path, item.track.cue_number)) for item in items]
    return [_by_name(item.track) if row is None else ShuffleFacts(*row) for item, row in zip(items, rows, strict=True)]


def _by_name(track: QueueTrack) -> ShuffleFacts:
    """A folder stands for an album; tags are not read, as there may be 100,000 files."""
    from auralis_cli.audio.path_names import names_in

    named = names_in(track.path)
    artist = None if named.artist is None else named.artist.casefold()
    return ShuffleFacts(artist, os.path.dirname(track.path), named.disc or 0, track.cue_number or named.track or 0)
