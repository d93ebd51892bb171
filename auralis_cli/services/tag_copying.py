"""Tags of one file taken over by another, and of one folder by another, file by file of the same name."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from auralis_cli.audio.tag_values import canonical_values
from auralis_cli.audio.walk import audio_files_below
from auralis_cli.errors import InputError, RefusedError
from auralis_cli.model.library import FileFailure
from auralis_cli.model.tag_changes import TagTarget, Wanted, WantedOf
from auralis_cli.model.tag_edits import TagAction, TagEdit
from auralis_cli.model.tag_fields import TagField
from auralis_cli.model.tagged_files import TaggedFile
from auralis_cli.services.file_tags import failure_at, read_tagged_file


def paired(source: Path, destination: Path) -> tuple[list[TagTarget | FileFailure], Mapping[str, str]]:
    """The files of `destination` that take over tags, and the file of `source` that each takes them from.

    Two files are a pair. Of two folders, files of the same name and subfolder are, whatever their ending; one without
    its like, or with several, is a failure. Raises InputError where the two are no pair, RefusedError where they are
    one.
    """
    if not os.path.isdir(source) and not os.path.isdir(destination):
        _check_two(source, destination)
        return [TagTarget(str(destination))], {str(destination): str(source)}
    for one in (source, destination):
        if not os.path.isdir(one):
            raise InputError(str(one), "is no folder, and the other is", "name two files or two folders")
    _check_two(source, destination)
    found = _by_name(source)
    targets: list[TagTarget | FileFailure] = []
    sources: dict[str, str] = {}
    for name, paths in _by_name(destination).items():
        alike = found.get(name, [])
        for path in paths:
            if len(alike) == 1:
                sources[path] = alike[0]
                targets.append(TagTarget(path))
            else:
                why = "several files are called so" if alike else "no file is called so"
                targets.append(failure_at(path, InputError(path, f"{why} in {source}")))
    if not targets:
        raise InputError(str(destination), "holds no audio files")
    return targets, sources


def copied_from(sources: Mapping[str, str], fields: Sequence[TagField]) -> WantedOf:
    """What gives a file the values that these fields have in the file it takes them from; what that does not say stays
    as it is.
    """

    def wanted(file: TaggedFile) -> Wanted:
        tags = read_tagged_file(TagTarget(sources[file.path])).tags
        edits: list[TagEdit] = []
        notes: list[str] = []
        for field in fields:
            if not tags.get(field.name):
                continue
            try:
                edits.append(TagEdit(field.name, TagAction.SET, canonical_values(field, tags[field.name])))
            except ValueError as error:
                notes.append(f"{field.name} is left out: it {error}")
        return Wanted(edits, tuple(notes))

    return wanted


def _check_two(source: Path, destination: Path) -> None:
    for path in (source, destination):
        if not os.path.exists(path):
            raise InputError(str(path), "does not exist")
    if os.path.samefile(source, destination):
        raise RefusedError(str(destination), "is the same as FROM")


def _by_name(folder: Path) -> dict[str, list[str]]:
    """The audio files below a folder, by what they are called without their ending."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in _files(audio_files_below(folder)):
        found[os.path.splitext(os.path.relpath(path, folder))[0]].append(str(path))
    return found


def _files(found: Iterable[Path | InputError]) -> Iterable[Path]:
    for one in found:
        if isinstance(one, InputError):
            raise one
        yield one
