"""Embedded pictures written as image files: beside the music, or into a folder; one that is there already stays."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from pathlib import Path

from auralis_cli.db.store import Store
from auralis_cli.errors import AuralisError, InputError, OutputError, RefusedError
from auralis_cli.model.covers import CoverAction, DescribedCover, FoundCover, PictureKind, shown_first
from auralis_cli.model.library import FileFailure
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.tag_changes import TagTarget
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.changes import Change, changes
from auralis_cli.services.covers import covers_in
from auralis_cli.services.file_tags import failure_at
from auralis_cli.units import count_in_words
from auralis_cli.whole_file import write_whole_file

_OTHER_EXTENSION = ".bin"


@dataclass(frozen=True, slots=True)
class ExtractedCover:
    """What came of one picture of a file, or would; without a failure it is at `path` then."""

    target: TagTarget
    path: str | None = None
    action: CoverAction = CoverAction.UNCHANGED
    cover: DescribedCover | None = None
    failure: FileFailure | None = None


@dataclass(frozen=True, slots=True)
class ExtractionRequest:
    """Which pictures of which files, and where they go."""

    targets: Sequence[TagTarget | FileFailure]
    # None: all of them.
    kind: PictureKind | None
    # None: beside each file, by the kind's name; else into this folder, by the file's name.
    folder: Path | None
    # What the front cover beside a file is called, without what says its format.
    name: str = "cover"
    replace: bool = False
    dry_run: bool = False


def extract_covers(
    store: Store, request: ExtractionRequest, cancel: CancelToken, clock: Callable[[], int]
) -> Generator[ExtractedCover]:
    """What came of each file's pictures, in order; what was written is one change of the journal."""
    taken: dict[str, str] = {}
    with ExitStack() as closing:
        change = None if request.dry_run else closing.enter_context(changes(store, "art extract", "covers", clock))
        for target in request.targets:
            cancel.raise_if_cancelled()
            if isinstance(target, FileFailure):
                yield ExtractedCover(TagTarget(target.path), failure=target)
                continue
            try:
                for cover, path in _places(target, request):
                    yield _extracted(target, cover, path, request, taken, change)
            except AuralisError as error:
                yield ExtractedCover(target, failure=failure_at(target.path, error))


def write_cover(change: Change, data: bytes, path: Path, *, replace: bool) -> bool:
    """Writes an image, journalled; whether there was anything to do: the same picture there already is enough.

    Raises RefusedError where another file has the name and is not to be replaced; replaced, it goes to the trash.
    """
    if not _would_write(data, path, replace=replace):
        return False
    write_whole_file(path, data, displace=lambda old: change.trash(str(old)))
    change.created(str(path))
    return True


def _places(target: TagTarget, request: ExtractionRequest) -> list[tuple[FoundCover, Path]]:
    """The pictures to write, and where to. Raises InputError where there are none."""
    audio = Path(target.path)
    there = covers_in(audio)
    if request.kind is None:
        chosen = list(there)
    else:
        one = shown_first(there, request.kind)
        chosen = [] if one is None else [one]
    if not chosen:
        kind = "" if request.kind in (None, PictureKind.FRONT) else f" of the kind {request.kind}"
        raise InputError(target.path, f"has no embedded picture{kind}")
    folder = audio.parent if request.folder is None else request.folder
    places, names = [], set[str]()
    for cover in chosen:
        stem, number = _stem(cover, audio, request), 1
        name = stem
        while name in names:
            number += 1
            name = f"{stem} {number}"
        names.add(name)
        places.append((cover, folder / f"{name}{_extension(cover)}"))
    return places


def _stem(cover: FoundCover, audio: Path, request: ExtractionRequest) -> str:
    if request.folder is None:
        is_front = cover.kind is PictureKind.FRONT or request.kind is PictureKind.FRONT
        return request.name if is_front else str(cover.kind)
    return f"{audio.stem} {cover.kind}" if request.kind is None and cover.kind is not PictureKind.FRONT else audio.stem


def _extension(cover: FoundCover) -> str:
    return _OTHER_EXTENSION if cover.facts is None else cover.facts.format.extension


def _extracted(
    target: TagTarget,
    cover: FoundCover,
    path: Path,
    request: ExtractionRequest,
    taken: dict[str, str],
    change: Change | None,
) -> ExtractedCover:
    """One picture. `taken` holds what this run wrote: tracks of an album have the same."""
    name, described = str(path), cover.described()
    is_first = name not in taken
    try:
        if taken.setdefault(name, cover.digest) != cover.digest:
            raise RefusedError(name, "another picture of this run is called so", "--to DIR names them by their tracks")
        if change is not None:
            written = write_cover(change, cover.data, path, replace=request.replace)
            change.summary = f"{count_in_words(len(taken), 'cover')} written as files"
        else:
            written = _would_write(cover.data, path, replace=request.replace) and is_first
    except AuralisError as error:
        return ExtractedCover(target, cover=described, failure=failure_at(target.path, error))
    return ExtractedCover(target, name, CoverAction.EXTRACTED if written else CoverAction.UNCHANGED, described)


def _would_write(data: bytes, path: Path, *, replace: bool) -> bool:
    there = _bytes_at(path)
    if there is not None and there != data and not replace:
        raise RefusedError(str(path), "exists already", "--force replaces it; the old one goes to the trash")
    return there != data


def _bytes_at(path: Path) -> bytes | None:
    """The bytes of a file that is in the place, as far as a picture goes; None where there is none."""
    try:
        with open(path, "rb") as file:
            return file.read(1 << 26)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutputError(str(path), error.strerror or "cannot be written") from error
