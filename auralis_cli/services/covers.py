"""Covers of tracks: which picture one has, embedded in its file or beside it, and what is made of a picture to embed.

A file's own pictures come first, then what lies in its folder; both are data from anywhere, held to bounds.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from auralis_cli.audio.cover_reading import embedded_pictures
from auralis_cli.audio.opened_tags import UnreadableTagsError
from auralis_cli.audio.tag_set import CoverPicture
from auralis_cli.errors import InputError
from auralis_cli.model.album_grouping import disc_of_folder
from auralis_cli.model.covers import (
    CoverPlace,
    DescribedCover,
    FoundCover,
    ImageFacts,
    ImageFormat,
    PictureKind,
    shown_first,
)
from auralis_cli.model.library import FileFailure
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.tag_changes import TagTarget
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.cover_files import cover_names_in, read_in_folder
from auralis_cli.services.image_heads import bounded_facts

# What every player shows; of other formats a JPEG is made first.
EMBEDDABLE = (ImageFormat.JPEG, ImageFormat.PNG)


def covers_in(path: Path) -> tuple[FoundCover, ...]:
    """The pictures embedded in a file. Raises InputError where it, or its tags, cannot be read."""
    return tuple(found_cover(CoverPlace.EMBEDDED, str(path), one) for one in embedded_pictures(path))


def covers_beside(path: Path) -> tuple[FoundCover, ...]:
    """The images in the folder that may be the cover, likeliest first; those that cannot be read are left out.

    Of a disc's folder (`Album/CD1`) without any, those of the album's folder above that are called a cover.
    """
    folder = Path(os.path.abspath(path)).parent
    if found := _covers_in_folder(path.parent, cover_names_in(folder)):
        return found
    if disc_of_folder(folder.name) is None:
        return ()
    return _covers_in_folder(folder.parent, cover_names_in(folder.parent, only_named=True))


def _covers_in_folder(folder: Path, names: Sequence[str]) -> tuple[FoundCover, ...]:
    found = []
    for name in names:
        try:
            data = read_in_folder(folder, name)
        except InputError:
            continue
        picture = CoverPicture(PictureKind.FRONT.number, "", "", data)
        found.append(found_cover(CoverPlace.FOLDER, os.path.join(folder, name), picture))
    return tuple(found)


def cover_of(path: Path, kind: PictureKind = PictureKind.FRONT) -> FoundCover | None:
    """The picture that stands for a track: its own, else its folder's; None where there is none.

    Raises InputError where the file cannot be read, or its tags cannot and its folder has no cover.
    """
    try:
        own = shown_first(covers_in(path), kind)
    except UnreadableTagsError:
        if kind is not PictureKind.FRONT or (beside := shown_first(covers_beside(path))) is None:
            raise
        return beside
    if own is not None or kind is not PictureKind.FRONT:
        return own
    return shown_first(covers_beside(path))


def picture_to_embed(
    data: bytes, name: str, kind: PictureKind, *, description: str = "", max_px: int | None = None
) -> tuple[CoverPicture, ImageFacts]:
    """An image as a picture for tags: as it is, or no larger than `max_px`, then as JPEG or PNG.

    Raises InputError, of `name`, where it is damaged, beyond the bounds, or of a format that players do not show.
    """
    from auralis_cli.services.cover_images import check_image, scaled_image

    try:
        facts = check_image(data)
        if max_px is not None and (max(facts.width_px, facts.height_px) > max_px or facts.format not in EMBEDDABLE):
            data, facts = scaled_image(data, max_px)
    except ValueError as error:
        raise InputError(name, str(error)) from error
    if facts.format not in EMBEDDABLE:
        raise InputError(name, f"is a {facts.format}, which few players show", "--max-px makes a JPEG or PNG of it")
    picture = CoverPicture(kind.number, facts.format.mime, description, data, facts.width_px, facts.height_px)
    return picture, facts


def found_cover(place: CoverPlace, path: str, picture: CoverPicture) -> FoundCover:
    """A picture with what its head says; one that is never decoded has a problem instead."""
    kind = PictureKind.of_number(picture.kind)
    try:
        return FoundCover(place, path, kind, picture.description, picture.data, bounded_facts(picture.data))
    except ValueError as error:
        return FoundCover(place, path, kind, picture.description, picture.data, None, str(error))


@dataclass(frozen=True, slots=True)
class CoverFinding:
    """Which picture a track shows."""

    target: TagTarget
    cover: DescribedCover | None = None
    # Of a file that could not be read.
    failure: FileFailure | None = None


def find_covers(
    targets: Iterable[TagTarget | FileFailure], kind: PictureKind, cancel: CancelToken
) -> Iterator[CoverFinding]:
    """What each of them shows, in order."""
    for target in targets:
        cancel.raise_if_cancelled()
        if isinstance(target, FileFailure):
            yield CoverFinding(TagTarget(target.path), failure=target)
            continue
        try:
            found = cover_of(Path(target.path), kind)
            yield CoverFinding(target, None if found is None else found.described())
        except InputError as error:
            failed = FileFailure(None, target.path, error.code, error.why, error.hint)
            yield CoverFinding(target, failure=failed)


def one_per_folder(findings: Iterable[CoverFinding]) -> Iterator[CoverFinding]:
    """Of each folder the first track that has a cover, else its first; failures all of them."""
    best: dict[str, CoverFinding] = {}
    for one in findings:
        if one.failure is not None:
            yield one
            continue
        folder = os.path.dirname(os.path.abspath(one.target.path))
        before = best.get(folder)
        if before is None or (before.cover is None and one.cover is not None):
            best[folder] = one
    yield from best.values()
