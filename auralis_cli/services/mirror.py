"""Where the results of a batch go: the folders below the inputs' common parent, built up again elsewhere."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from auralis_cli.audio.file_names import output_name
from auralis_cli.model.source import AudioSource


def mirrored(sources: Sequence[AudioSource], folder: Path, extension: str, named: Iterable[Path] = ()) -> list[Path]:
    """One path below `folder` for each source, `extension` with its dot; no two are the same anywhere.

    The common parent is that of the folders `named` too, so that a source's path does not depend on what else there is.
    Names that would be the same, also where upper and lower case or ways to write an accent are not told
    apart, keep the extension of their input: `song (wav).flac`, `song (mp3).flac`.
    """
    places = [_place(source) for source in sources]
    base = _common_parent([*(place.parent for place in places), *(Path(os.path.abspath(one)) for one in named)])
    relative = [place.relative_to(base) for place in places]
    plain = [place.with_name(_name(source, place, extension)) for source, place in zip(sources, relative, strict=True)]
    shared = _shared(plain)
    told_apart = [
        name if _folded(name) not in shared else name.with_name(f"{place.stem} ({place.suffix[1:]}){extension}")
        for name, place in zip(plain, relative, strict=True)
    ]
    return [folder / name for name in _numbered(told_apart, extension)]


def _place(source: AudioSource) -> Path:
    """The file a result is named after; tracks of a sheet lie in a folder as the sheet does."""
    if source.path is None:
        raise ValueError("standard input has no place")
    file = source.cue.sheet if source.cue is not None else source.path
    return Path(os.path.abspath(file))


def _common_parent(folders: Sequence[Path]) -> Path:
    return Path(os.path.commonpath(folders))


def _name(source: AudioSource, place: Path, extension: str) -> str:
    return output_name(source.cue, extension) if source.cue is not None else place.stem + extension


def _folded(path: Path) -> str:
    return unicodedata.normalize("NFC", str(path)).casefold()


def _shared(paths: Sequence[Path]) -> set[str]:
    return {name for name, count in Counter(map(_folded, paths)).items() if count > 1}


def _numbered(paths: Sequence[Path], extension: str) -> list[Path]:
    """What is still the same is numbered in order."""
    taken: set[str] = set()
    distinct = []
    for path in paths:
        stem, candidate, number = path.name.removesuffix(extension), path, 1
        while _folded(candidate) in taken:
            number += 1
            candidate = path.with_name(f"{stem} ({number}){extension}")
        taken.add(_folded(candidate))
        distinct.append(candidate)
    return distinct
