"""Which files the verbs of tags are to work on.

Where all words are names of files and folders, these are meant, whether the library has them or not. Otherwise the
words are a query, as in `auralis list`: all of them have to hold, and a folder among them keeps to what is below it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.commands.asked_query import asked_query
from auralis_cli.commands.inputs import Asked, inputs_of
from auralis_cli.commands.query_inputs import asks_library
from auralis_cli.commands.verb import Session
from auralis_cli.errors import AuralisError, InputError, UsageError
from auralis_cli.model.library import FileFailure, Track
from auralis_cli.model.source import STANDARD_STREAM, AudioSource, DecodeLimits
from auralis_cli.model.tag_changes import TagTarget

if TYPE_CHECKING:
    from auralis_cli.db.store import Store

TagWords = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="QUERY",
        help="Files and folders, in the library or not; or words of a query as in auralis list.",
        show_default=False,
    ),
]
Target = TagTarget | FileFailure


def tag_targets(
    session: Session,
    store: Store | None,
    words: Sequence[str],
    files_from: str | None,
    *,
    nul: bool,
    of_sheets: bool = False,
) -> list[Target]:
    """Each file once, in the order it was found; what cannot be named, and tracks of cue sheets, as failures.

    With `of_sheets` the track of a sheet means the file it is in. Without a store files are no tracks of the library,
    and words are all names.
    """
    if STANDARD_STREAM in words:
        raise UsageError(STANDARD_STREAM, "standard input has no tags that could be worked on", "name a file")
    if not words and files_from is None:
        raise UsageError("QUERY", "nothing is named", "name files, a query, or --files-from; id:1.. is everything")
    if store is not None and any(map(asks_library, words)):
        if files_from is not None or nul:
            raise UsageError("--files-from", "excludes a query", "put all names in the list")
        return _each_once(_of_query(session, store, words, of_sheets=of_sheets))
    sources = [AudioSource(Path(word)) for word in words]
    found = inputs_of(session, Asked(sources, files_from, nul, DecodeLimits(), None)).found
    targets = [_target(one, of_sheets=of_sheets) for one in found]
    return _each_once(targets if store is None else _with_ids(store, targets))


def _of_query(session: Session, store: Store, words: Sequence[str], *, of_sheets: bool) -> Iterable[Target]:
    from auralis_cli.services.found_tracks import found_tracks

    found = [_of_track(track, of_sheets=of_sheets) for track in found_tracks(store, asked_query(words))]
    if not found:
        session.output.note(f"{' '.join(words)}: the library holds no such tracks")
    return found


def _of_track(track: Track, *, of_sheets: bool) -> Target:
    if track.cue_number:
        if of_sheets:
            return TagTarget(track.path)
        return _of_sheet(f"{track.sheet_path or track.path}#{track.cue_number}")
    return TagTarget(track.path, track.id)


def _target(one: AudioSource | AuralisError, *, of_sheets: bool) -> Target:
    if isinstance(one, AuralisError):
        return FileFailure(None, one.what, one.code, one.why, one.hint)
    if one.cue is None:
        return TagTarget(one.name)
    return TagTarget(str(one.path)) if of_sheets else _of_sheet(one.name)


def _of_sheet(name: str) -> FileFailure:
    error = InputError(
        name, "is a track of a cue sheet, which has no tags of its own", "edit the sheet, or name its file"
    )
    return FileFailure(None, name, error.code, error.why, error.hint)


def _with_ids(store: Store, found: Sequence[Target]) -> Iterable[Target]:
    """The same with the ids of files that the library has."""
    whole = {os.path.abspath(one.path) for one in found if isinstance(one, TagTarget)}
    ids = store.tracks.ids_at(whole) if whole else {}
    for one in found:
        yield TagTarget(one.path, ids.get((os.path.abspath(one.path), 0))) if isinstance(one, TagTarget) else one


def _each_once(found: Iterable[Target]) -> list[Target]:
    return list({os.path.abspath(one.path): one for one in found}.values())
