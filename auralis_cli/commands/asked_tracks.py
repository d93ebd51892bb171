"""Tracks of the library that words, or lists of names, mean: for verbs about what the library keeps of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from auralis_cli.commands.asked_query import asked_query
from auralis_cli.commands.inputs import listed_names
from auralis_cli.commands.verb import Session
from auralis_cli.errors import EXIT_PARTIAL, InputError, UsageError
from auralis_cli.model.library import Track

if TYPE_CHECKING:
    from auralis_cli.db.store import Store

_SHOWN = 20


def check_names(words: Sequence[str], names_from: str | None, *, names_end_in_nul: bool) -> None:
    """Raises UsageError where words and a list are both given, or neither of what is needed for the other."""
    if names_from is None and names_end_in_nul:
        raise UsageError("--null", "says how the names of --files-from end", "give --files-from as well")
    if names_from is not None and words:
        raise UsageError("--files-from", "excludes names on the command line", "put them all in the list")


def asked_tracks(
    session: Session, store: Store, words: Sequence[str], names_from: str | None, *, names_end_in_nul: bool
) -> tuple[list[Track], list[InputError]]:
    """The tracks, each once, and what of the named files the library does not have."""
    from auralis_cli.services.found_tracks import found_tracks

    if names_from is not None:
        return _at_paths(store, listed_names(session, names_from, nul=names_end_in_nul))
    tracks = list(found_tracks(store, asked_query(words)))
    files = [word for word in words if os.path.isfile(word)]
    return tracks, _at_paths(store, files)[1] if files else []


def tell_failures(session: Session, failures: Sequence[InputError], done: int) -> int:
    """Says what could not be found, the first of it, and returns the exit code."""
    for failure in failures[:_SHOWN]:
        session.output.error(failure)
    if (more := len(failures) - _SHOWN) > 0:
        session.output.warning(f"{more:,} more files are not in the library (--json lists them all)")
    return 0 if not failures else EXIT_PARTIAL if done else InputError.exit_code


def _at_paths(store: Store, names: Sequence[str]) -> tuple[list[Track], list[InputError]]:
    paths = {os.path.abspath(name): name for name in names}
    ids: dict[str, list[int]] = {}
    for (path, _), track_id in store.tracks.ids_at(list(paths)).items():
        ids.setdefault(path, []).append(track_id)
    tracks = store.tracks.by_ids([number for path in paths for number in ids.get(path, ())])
    missing = [name for path, name in paths.items() if path not in ids]
    return list(tracks), [InputError(name, "is not in the library", "auralis scan adds it") for name in missing]
