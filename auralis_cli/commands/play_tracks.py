"""From the words of `auralis play` to tracks of a queue: nothing is opened, so that many are as fast as one."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence

from auralis_cli.commands.inputs import listed_names
from auralis_cli.commands.verb import Session
from auralis_cli.errors import AuralisError, InputError, UsageError
from auralis_cli.model.queue import QueueTrack
from auralis_cli.model.source import STANDARD_STREAM
from auralis_cli.services.queueable import queueable_at


def tracks_named(
    session: Session,
    words: Sequence[str],
    names_from: str | None,
    *,
    names_end_in_nul: bool,
    playlist: str | None = None,
) -> tuple[QueueTrack, ...]:
    """All that is to be queued, in order; what is not there is said, and is an InputError where nothing is left.

    None of it named gives none. Raises UsageError for standard input, which no queue can hold.
    """
    if names_from is None and names_end_in_nul:
        raise UsageError("--null", "says how the names of --files-from end", "give --files-from as well")
    if playlist is not None and (words or names_from is not None):
        raise UsageError("--playlist", "excludes other names", "auralis queue add puts more behind it")
    if playlist is not None:
        found: Iterable[QueueTrack | AuralisError] = _of_playlist(session, playlist)
    elif names_from is not None:
        if words:
            raise UsageError("--files-from", "excludes names on the command line", "put them all in the list")
        found = _of_names(listed_names(session, names_from, nul=names_end_in_nul))
    elif STANDARD_STREAM in words:
        raise UsageError(STANDARD_STREAM, "standard input cannot be queued", "name a file; ./- is one of that name")
    else:
        found = _of_words(session, words)
    return _without_failures(session, found, any_named=names_from is not None or bool(words))


def _without_failures(
    session: Session, found: Iterable[QueueTrack | AuralisError], *, any_named: bool
) -> tuple[QueueTrack, ...]:
    tracks: list[QueueTrack] = []
    failures: list[AuralisError] = []
    for one in found:
        (failures if isinstance(one, AuralisError) else tracks).append(one)  # type: ignore[arg-type]
    if failures and not tracks:
        for failure in failures[:-1]:
            session.output.warning(str(failure))
        raise failures[-1]
    for failure in failures:
        session.output.warning(str(failure))
    if any_named and not tracks:
        raise InputError("--files-from", "names nothing to play")
    return tuple(tracks)


def _of_names(names: Iterable[str]) -> Iterator[QueueTrack | AuralisError]:
    # Whether each of thousands is there shows when its turn comes.
    for name in names:
        yield from queueable_at(name)


def _of_words(session: Session, words: Sequence[str]) -> Iterator[QueueTrack | AuralisError]:
    """What each word stands for; those that name nothing are one query, in the place of the first of them."""
    missing = [word for word in dict.fromkeys(words) if not os.path.lexists(word)]
    asked: list[str] = []
    if missing:
        from auralis_cli.commands.query_inputs import is_query_word

        asked = [word for word in missing if is_query_word(session, word)]
    for word in words:
        if word not in missing:
            yield from queueable_at(word)
        elif word not in asked:
            is_asked = "/" not in word and not session.library_path.exists()
            hint = "there is no library to be asked: auralis scan DIR makes one" if is_asked else None
            yield InputError(word, "does not exist", hint)
        elif word == asked[0]:
            yield from _of_query(session, asked)


def _of_playlist(session: Session, name: str) -> Iterator[QueueTrack | AuralisError]:
    from auralis_cli.commands.library import opened_library
    from auralis_cli.services.playlists import playlist_entries

    with opened_library(session, read_only=True) as store:
        tracks = [one.queued for one in playlist_entries(store, store.playlists.named(name), int(time.time()))]
    if not tracks:
        yield InputError(name, "holds no tracks", "auralis playlist show says what is in it")
    yield from tracks


def _of_query(session: Session, words: Sequence[str]) -> Iterator[QueueTrack | AuralisError]:
    from auralis_cli.commands.library import opened_library
    from auralis_cli.model.query_words import Surroundings, parse_query
    from auralis_cli.services.found_tracks import found_tracks

    query = parse_query(words, Surroundings(int(time.time())))
    with opened_library(session, read_only=True) as store:
        tracks = [QueueTrack(one.path, one.cue_number, one.id) for one in found_tracks(store, query)]
    if not tracks:
        yield InputError(" ".join(words), "is no file, and the library holds no such tracks", "auralis list shows them")
    yield from tracks
