"""Covers for albums that have none, from the network: looked up, looked at, and put into folders or files."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import field
from enum import StrEnum
from pathlib import Path

from auralis_cli.audio.cover_editing import EmbedCover
from auralis_cli.audio.tag_set import CoverPicture
from auralis_cli.db.store import Store
from auralis_cli.errors import AuralisError, InputError, OnlineError, OutputError, RefusedError
from auralis_cli.model.album_grouping import album_key
from auralis_cli.model.covers import CoverPlace, DescribedCover, FoundCover, PictureKind
from auralis_cli.model.file_rewrites import RewriteTask
from auralis_cli.model.library import FileFailure, TrackTags
from auralis_cli.model.progress import BatchProgressSink, CancelToken
from auralis_cli.model.tag_changes import TagTarget
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.changes import Change, changes
from auralis_cli.services.cover_extraction import write_cover
from auralis_cli.services.cover_lookup import AlbumNames, CoverLookup, CoverSize, OnlineCover
from auralis_cli.services.covers import cover_of, covers_in, picture_to_embed
from auralis_cli.services.file_rewriting import RewriteOptions, rewrite_files
from auralis_cli.services.file_tags import failure_at, read_tagged_file
from auralis_cli.units import count_in_words

# What a cover beside music is called, without what says its format.
_NAME = "cover"
# A line that is down is not tried for every album.
_BROKEN_IN_A_ROW = 3


class FetchOutcome(StrEnum):
    """What came of an album, or would."""

    FETCHED = "fetched"
    # Every track shows a cover already.
    HAS_ONE = "has_one"
    # The servers know none.
    NOT_FOUND = "not_found"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class AlbumCover:
    """What came of one album."""

    # Its folder; of several the first.
    path: str
    names: AlbumNames
    outcome: FetchOutcome
    found: OnlineCover | None = None
    cover: DescribedCover | None = None
    # Image files that were made, and audio files that the picture is in, or would be.
    files: tuple[str, ...] = ()
    # Of the album, or of single files.
    failures: tuple[FileFailure, ...] = ()


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """For which files, and where the pictures go."""

    targets: Sequence[TagTarget | FileFailure]
    into_files: bool
    size: CoverSize = CoverSize.LARGE
    # Also where there is a cover.
    replace: bool = False
    rewriting: RewriteOptions = field(default_factory=RewriteOptions)
    dry_run: bool = False


@dataclass(slots=True)
class _Album:
    tags: TrackTags
    paths: list[str] = field(default_factory=list)
    artists: set[str | None] = field(default_factory=set)

    @property
    def names(self) -> AlbumNames:
        """By what it is looked up: where it is nobody's album, that of its one artist."""
        (one, *more) = self.artists
        artist = self.tags.albumartist or (None if more else one)
        return AlbumNames(self.tags.album, artist, self.tags.mb_album_id, self.tags.mb_release_group_id)

    @property
    def folder(self) -> str:
        """Where the first of its files lies."""
        return os.path.dirname(self.paths[0])


def fetch_covers(
    store: Store,
    request: FetchRequest,
    lookup: CoverLookup,
    sink: BatchProgressSink,
    cancel: CancelToken,
    clock: Callable[[], int],
) -> Generator[AlbumCover]:
    """What came of each album, one after the other; what is written is one change of the journal.

    Raises OnlineError where the servers cannot be asked again and again, CancelledError when asked to stop.
    """
    albums, failures = _albums(request.targets, cancel)
    for failure in failures:
        yield AlbumCover(failure.path, AlbumNames(None, None), FetchOutcome.FAILED, failures=(failure,))
    broken, fetched = 0, 0
    with ExitStack() as closing:
        change = None if request.dry_run else closing.enter_context(changes(store, "art fetch", "covers", clock))
        for number, album in enumerate(albums, 1):
            cancel.raise_if_cancelled()
            try:
                done = _fetched(album, request, lookup, store, change, sink, cancel)
            except AuralisError as error:
                broken = broken + 1 if isinstance(error, OnlineError) else 0
                done = _failed(album, error)
                if broken >= _BROKEN_IN_A_ROW:
                    raise
            else:
                broken = 0
            if change is not None and done.outcome is FetchOutcome.FETCHED:
                fetched += 1
                change.summary = f"covers of {count_in_words(fetched, 'album')} fetched"
            sink.overall(number, len(albums), album.folder)
            yield done


def _albums(targets: Iterable[TagTarget | FileFailure], cancel: CancelToken) -> tuple[list[_Album], list[FileFailure]]:
    """The albums that the files are of, in the order in which they come; what is of none is no album."""
    albums: dict[str, _Album] = {}
    failures: list[FileFailure] = []
    for target in targets:
        cancel.raise_if_cancelled()
        if isinstance(target, FileFailure):
            failures.append(target)
            continue
        path = os.path.abspath(target.path)
        try:
            tags = _tags_of(target)
            key = album_key(tags, path)
            if key is None:
                raise InputError(target.path, "says nothing of its album", "auralis tag set album=…")
        except AuralisError as error:
            failures.append(failure_at(target.path, error))
            continue
        album = albums.setdefault(key, _Album(tags))
        album.paths.append(path)
        album.artists.add(tags.artist)
    return list(albums.values()), failures


def _tags_of(target: TagTarget) -> TrackTags:
    """What the tags say of an album, and nothing that only folders say: those are nobody's business elsewhere."""
    said = read_tagged_file(target).tags

    def first(name: str) -> str | None:
        return next(iter(said.get(name, ())), None)

    return TrackTags(
        album=first("album"),
        albumartist=first("albumartist"),
        artist=first("artist"),
        mb_album_id=first("mb_album_id"),
        mb_release_group_id=first("mb_release_group_id"),
        compilation=first("compilation") == "1",
    )


def _fetched(
    album: _Album,
    request: FetchRequest,
    lookup: CoverLookup,
    store: Store,
    change: Change | None,
    sink: BatchProgressSink,
    cancel: CancelToken,
) -> AlbumCover:
    lacking = album.paths if request.replace else [path for path in album.paths if _lacks(path, request)]
    names = album.names
    if not lacking:
        return AlbumCover(album.folder, names, FetchOutcome.HAS_ONE)
    sink.item(album.folder, "looking up", None)
    found = lookup.find(names, request.size)
    if found is None:
        return AlbumCover(album.folder, names, FetchOutcome.NOT_FOUND)
    # What does not decode is not written anywhere.
    picture, facts = picture_to_embed(found.data, found.place, PictureKind.FRONT)
    place = CoverPlace.EMBEDDED if request.into_files else CoverPlace.FOLDER
    cover = FoundCover(place, found.place, PictureKind.FRONT, "", picture.data, facts).described()
    if request.into_files:
        files, failures = _embedded(lacking, picture, request, store, change, sink, cancel)
    else:
        files, failures = _beside(lacking, picture.data, facts.format.extension, request, change)
    outcome = FetchOutcome.FETCHED if files else FetchOutcome.FAILED if failures else FetchOutcome.HAS_ONE
    return AlbumCover(album.folder, names, outcome, found, cover, tuple(files), tuple(failures))


def _lacks(path: str, request: FetchRequest) -> bool:
    if not request.into_files:
        return cover_of(Path(path)) is None
    return not any(one.kind is PictureKind.FRONT and one.facts is not None for one in covers_in(Path(path)))


def _beside(
    paths: Iterable[str], data: bytes, extension: str, request: FetchRequest, change: Change | None
) -> tuple[list[str], list[FileFailure]]:
    """Into each folder of the files once; one that takes none is a failure of its own."""
    places = [Path(folder, _NAME + extension) for folder in dict.fromkeys(map(os.path.dirname, paths))]
    if change is None:
        return [str(place) for place in places], []
    files: list[str] = []
    failures: list[FileFailure] = []
    for place in places:
        try:
            if write_cover(change, data, place, replace=request.replace):
                files.append(str(place))
        except (OutputError, RefusedError) as error:
            failures.append(failure_at(str(place), error))
    return files, failures


def _embedded(
    paths: Sequence[str],
    picture: CoverPicture,
    request: FetchRequest,
    store: Store,
    change: Change | None,
    sink: BatchProgressSink,
    cancel: CancelToken,
) -> tuple[list[str], list[FileFailure]]:
    if change is None:
        return list(paths), []
    tasks = [RewriteTask(path, EmbedCover(picture)) for path in paths]
    done = list(rewrite_files(store, change, tasks, request.rewriting, sink, cancel))
    failures = [one.failure for one in done if one.failure is not None]
    return [one.path for one in done if one.changed and one.failure is None], failures


def _failed(album: _Album, error: AuralisError) -> AlbumCover:
    return AlbumCover(album.folder, album.names, FetchOutcome.FAILED, failures=(failure_at(album.folder, error),))
