"""Words on the command line that are no files: the tracks of the library that they find are what is to be read.

Only what is in the library is found that way; a name that no track has is never opened.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from auralis_cli.commands.library import opened_library
from auralis_cli.commands.verb import Session
from auralis_cli.errors import InputError
from auralis_cli.model.query_words import Surroundings, names_field, parse_query
from auralis_cli.model.source import AudioSource, DecodeLimits, is_cue_sheet


def is_query_word(session: Session, word: str) -> bool:
    """Whether `word` names no file but asks the library, and there is one."""
    return asks_library(word) and session.library_path.exists()


def asks_library(word: str) -> bool:
    """Whether `word` names no file, and nobody would call one so."""
    return not os.path.lexists(word) and (names_field(word) or _is_no_file_name(word))


def sources_found(
    session: Session, words: Sequence[str], limits: DecodeLimits, results_in: Path | None
) -> list[AudioSource | InputError]:
    """The tracks that a query finds, in its order, as things to read; what of them cannot be named fails in its place.

    What is below `results_in` and was made by an earlier run is left out.
    """
    from auralis_cli.services.found_tracks import found_tracks
    from auralis_cli.services.track_sources import sources_of

    query = parse_query(words, Surroundings(int(time.time())))
    with opened_library(session, read_only=True) as store:
        tracks = list(found_tracks(store, query))
    named = " ".join(words)
    if not tracks:
        return [InputError(named, "does not exist, and the library holds no such tracks", "auralis list shows them")]
    results = _Results(results_in)
    kept = [track for track in tracks if not results.hold(track.path)]
    if len(kept) < len(tracks):
        session.output.note(f"{results_in}: what results are there is left out ({len(tracks) - len(kept)})")
    session.output.detail(f"{named}: {len(kept)} tracks of the library")
    return list(sources_of(kept, limits))


class _Results:
    """What earlier runs made in a folder for results."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = None if folder is None else folder.resolve()

    def hold(self, path: str) -> bool:
        """Whether the file at `path` is such a result."""
        if self._folder is None or not Path(path).is_relative_to(self._folder):
            return False
        from auralis_cli.paths import receipts_dir
        from auralis_cli.services.receipts import Receipts

        return Receipts(receipts_dir()).knows(Path(path))


def _is_no_file_name(word: str) -> bool:
    """Whether nobody would call a file so who wanted it read."""
    from auralis_cli.audio.formats import FORMATS

    suffix = os.path.splitext(word)[1].lower()
    return (
        "/" not in word
        and "\0" not in word
        and not is_cue_sheet(word)
        and not any(suffix in row.extensions for row in FORMATS)
    )
