"""What a verb is to work on: the words of the command line, lists of names, folders, and the tracks of cue sheets."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from auralis_cli.commands.standard_streams import check_standard_input
from auralis_cli.commands.verb import Session
from auralis_cli.errors import InputError, UsageError
from auralis_cli.model.source import STANDARD_STREAM, AudioSource, DecodeLimits, RawPcm, is_cue_sheet
from auralis_cli.quick_dataclasses import dataclass

_LONGEST_LIST_BYTES = 1 << 30
_PIECE_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be read, and how."""

    sources: Sequence[AudioSource]
    # A file of names, `-` for standard input; None for none.
    names_from: str | None
    # Whether those names end in NUL instead of a line end.
    names_end_in_nul: bool
    limits: DecodeLimits
    raw: RawPcm | None
    # Where results go; those of earlier runs are no inputs of this one.
    results_in: Path | None = None
    # Whether a folder stands for the audio files below it; else it is none of what can be read.
    folders: bool = True


# What could not even be named: it fails in its place, and the others go on.
Input = AudioSource | InputError


@dataclass(frozen=True, slots=True)
class Inputs:
    """What was found, in order."""

    found: Sequence[Input]
    # Whether a single file was named: its failure is the verb's.
    alone: bool
    # Those that were named and are there, whatever was found in them.
    folders: Sequence[Path] = ()


def inputs_of(session: Session, asked: Asked) -> Inputs:
    """Everything asked for. Raises UsageError where nothing is, or where standard input is wanted with others."""
    if asked.names_from is None:
        if asked.names_end_in_nul:
            raise UsageError("--null", "says how the names of --files-from end", "give --files-from as well")
        if not asked.sources:
            raise UsageError("PATH", "nothing to read is named", "name files or folders, or give --files-from")
        named = asked.sources
    else:
        if asked.sources:
            raise UsageError("--files-from", "excludes names on the command line", "put them all in the list")
        names = listed_names(session, asked.names_from, nul=asked.names_end_in_nul)
        named = [AudioSource(Path(name)) for name in names]
    words = [] if asked.names_from is not None or asked.raw is not None else _query_words(session, named)
    found = list(_all_found(session, named, words, asked))
    if len(found) > 1 and any(isinstance(one, AudioSource) and one.path is None for one in found):
        raise UsageError(STANDARD_STREAM, "standard input is read alone", "name it as the only input")
    alone = asked.names_from is None and len(named) == 1 and not words and _names_one_file(named[0], asked)
    check_standard_input(session, [one for one in found if isinstance(one, AudioSource)])
    folders = [source.path for source in named if source.path is not None and _is_folder_of_inputs(source.path, asked)]
    return Inputs(found, alone, folders)


def _is_folder_of_inputs(path: Path, asked: Asked) -> bool:
    return asked.folders and asked.raw is None and is_folder(path)


def _names_one_file(source: AudioSource, asked: Asked) -> bool:
    return source.path is None or not ((asked.folders and is_folder(source.path)) or is_cue_sheet(source.path))


def _all_found(session: Session, named: Sequence[AudioSource], words: Sequence[str], asked: Asked) -> Iterator[Input]:
    """What each name stands for; the `words` that are none are one query, in the place of the first of them."""
    for source in named:
        if source.name not in words:
            yield from _found(session, source, asked)
        elif source.name == words[0]:
            from auralis_cli.commands.query_inputs import sources_found

            yield from sources_found(session, words, asked.limits, asked.results_in)


def _query_words(session: Session, named: Sequence[AudioSource]) -> list[str]:
    missing = [source.name for source in named if source.path is not None and not os.path.lexists(source.path)]
    if not missing:
        return []
    from auralis_cli.commands.query_inputs import is_query_word

    return [word for word in dict.fromkeys(missing) if is_query_word(session, word)]


def is_folder(path: Path) -> bool:
    """Whether `path` is a folder; unlike the method of Path, of any name, even one too long to be any."""
    return os.path.isdir(path)


def _found(session: Session, named: AudioSource, asked: Asked) -> Iterable[Input]:
    """One name: a file, every audio file below a folder, or the tracks of a cue sheet."""
    path = named.path
    if path is not None and "\0" in str(path):
        return (InputError(str(path), "is no possible file name"),)
    if path is not None and asked.raw is None:
        if is_folder(path):
            no_folder = InputError(str(path), "is a folder", "name files; path:WORD finds those of the library")
            return _below(session, path, asked) if asked.folders else (no_folder,)
        if is_cue_sheet(path):
            from auralis_cli.audio.cue import tracks_of

            try:
                return tracks_of(path, asked.limits)
            except InputError as error:
                return (error,)
    return (AudioSource(path, asked.raw, asked.limits),)


def _below(session: Session, folder: Path, asked: Asked) -> Iterator[Input]:
    from auralis_cli.audio.walk import audio_files_below

    nothing, results = True, 0
    for found in audio_files_below(folder):
        if asked.results_in is not None and isinstance(found, Path) and _is_result(found, folder, asked.results_in):
            results += 1
            continue
        nothing = False
        yield found if isinstance(found, InputError) else AudioSource(found, limits=asked.limits)
    if results:
        session.output.note(f"{asked.results_in}: what results are there is left out ({results})")
    if nothing:
        yield InputError(str(folder), "holds no audio files")


def _is_result(path: Path, folder: Path, results_in: Path) -> bool:
    """Whether it is no input: anything in a folder for results below `folder`; where both are one, what was made."""
    from auralis_cli.paths import receipts_dir
    from auralis_cli.services.receipts import Receipts

    inputs, results = folder.resolve(), results_in.resolve()
    if inputs == results:
        return Receipts(receipts_dir()).knows(path)
    return results.is_relative_to(inputs) and path.resolve().is_relative_to(results)


def listed_names(session: Session, source: str, *, nul: bool) -> list[str]:
    """The names in a list, byte for byte; empty ones are left out."""
    return [os.fsdecode(name) for name in read_whole(session, source).split(b"\0" if nul else b"\n") if name]


def read_whole(session: Session, source: str) -> bytes:
    """All that a list or a table holds, `-` for standard input."""
    try:
        if source == STANDARD_STREAM:
            if session.streams.stdin is None:
                raise InputError(source, "standard input is closed", "pipe the list into it")
            return _read(session.streams.stdin)
        with open(source, "rb") as file:
            return _read(file)
    except OSError as error:
        raise InputError(source, error.strerror or "cannot be read") from error


def _read(file: BinaryIO) -> bytes:
    data = bytearray()
    # A pipe gives what it has, and is read until it has no more.
    while piece := file.read(_PIECE_BYTES):
        data += piece
        if len(data) > _LONGEST_LIST_BYTES:
            raise InputError("--files-from", "the list is longer than 1 GiB")
    return bytes(data)
