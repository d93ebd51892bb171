"""Moves copies of a recording to the trash, after a look at what is there at that moment.

A copy goes only where its file and the one to keep are as the library knows them, the latter can be decoded to its
end, and what is said to be the same audio is so, sample for sample. Places in playlists, plays and ratings go to the
copy that is kept, in the journal's entry as all else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace

from auralis_cli.db.content_keys import quick_id
from auralis_cli.db.store import Store
from auralis_cli.errors import InputError, OutputError
from auralis_cli.model.cleanup import CleanupAction
from auralis_cli.model.duplicates import DuplicateGroup, DuplicateKind, TrackCopy
from auralis_cli.model.library import Track
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.services.changes import Change, changes
from auralis_cli.services.scan_lock import one_scan_at_a_time
from auralis_cli.services.scan_work import stat_now
from auralis_cli.services.track_work import source_of
from auralis_cli.units import count_in_words

# Words by which a reader says that the audio is not all there.
_FAULTS = ("damaged", "truncated")


def remove_copies(
    store: Store,
    groups: Iterable[DuplicateGroup],
    progress: ProgressSink,
    cancel: CancelToken,
    clock: Callable[[], int],
) -> Generator[DuplicateGroup]:
    """As `settle`, as one change of its own, while nobody scans."""
    with (
        one_scan_at_a_time(store.database.path, progress.note, cancel),
        changes(store, "duplicates", "copies to the trash", clock) as change,
    ):
        gone = 0
        for group in settle(store, groups, change, progress, cancel):
            gone += len(group.going)
            change.summary = f"{count_in_words(gone, 'copy', 'copies')} to the trash"
            yield group


def settle(
    store: Store, groups: Iterable[DuplicateGroup], change: Change, progress: ProgressSink, cancel: CancelToken
) -> Iterator[DuplicateGroup]:
    """Moves to the trash what is proposed for it, group by group; each is told, as it is then, when it is done.

    What is not as it should be stays, and its error is told. Raises LibraryError where the store cannot be used,
    CancelledError when asked to stop: what was moved by then stands in the journal.
    """
    removal = _Removal(store, change, progress, cancel)
    for group in groups:
        yield replace(group, copies=tuple(removal.of(group)))


class _Removal:
    """One run."""

    def __init__(self, store: Store, change: Change, progress: ProgressSink, cancel: CancelToken) -> None:
        self._store, self._change = store, change
        self._progress, self._cancel = progress, cancel

    def of(self, group: DuplicateGroup) -> Iterator[TrackCopy]:
        """The copies of one group."""
        kept: str | None = None
        for copy in group.copies:
            if copy.action is not CleanupAction.TRASH:
                yield copy
                continue
            self._cancel.raise_if_cancelled()
            self._progress.step("checking", None)
            try:
                # Each time anew: decoding took a while.
                _check_content(group.keep)
                kept = kept or self._digest(group.keep)
                self._check(copy, group.keep, kept)
                self._move(copy.track, group.keep)
            except (InputError, OutputError) as error:
                yield replace(copy, action=CleanupAction.KEEP, stays=error.why, error=error)
            else:
                yield copy

    def _check(self, copy: TrackCopy, keep: Track, kept: str) -> None:
        """Raises InputError where a copy is not what was found."""
        path = copy.track.path
        _check_content(copy.track)
        now = self._store.tracks.get(copy.track.id)
        if now is None or (now.path, now.content_id) != (path, copy.track.content_id):
            raise InputError(path, "is no longer in the library as it was")
        try:
            is_same = os.path.samefile(path, keep.path)
        except OSError as error:
            raise InputError(path, f"cannot be held against {keep.path} ({error.strerror})") from error
        if is_same:
            raise InputError(path, f"is the same file as {keep.path}")
        if self._store.copies.tracks_in_files([path]).get(path) != 1:
            raise InputError(path, "holds more than this track by now")
        if copy.kind is DuplicateKind.IDENTICAL and self._digest(copy.track) != kept:
            raise InputError(path, f"is not the same as {keep.path}, sample for sample")

    def _digest(self, track: Track) -> str:
        """Of all samples of a track, decoded to its end. Raises InputError where that cannot be done, or is silent."""
        from auralis_cli.audio.opening import open_audio
        from auralis_cli.audio.replay import BLOCK_FRAMES
        from auralis_cli.dsp.sample_digest import SampleDigest

        place = next(iter(self._store.fingerprints.places([track.id], again=True)), None)
        if place is None:
            raise InputError(track.path, "is no longer in the library as it was")
        is_heard = False
        with open_audio(source_of(place)) as reader:
            digest = SampleDigest(reader.info.channels)
            for block in reader.blocks(BLOCK_FRAMES):
                self._cancel.raise_if_cancelled()
                digest.process(block)
                is_heard = is_heard or bool(block.any())
            faults = [warning for warning in reader.warnings if warning.startswith(_FAULTS)]
            if faults:
                raise InputError(track.path, f"is not whole ({faults[0]})")
            if not is_heard:
                raise InputError(track.path, "is silent, and silence is the same as nothing")
            return f"{reader.info.sample_rate_hz} {digest.result()}"

    def _move(self, track: Track, keep: Track) -> None:
        file = self._store.files.get(track.path)
        if file is None:
            raise InputError(track.path, "is no longer in the library")
        self._change.trash(track.path)
        self._store.plays.make_room([keep.id])
        with self._change.transaction():
            self._store.copies.hand_over(track.id, keep.id)
            self._store.files.remove([file.id])


def _check_content(track: Track) -> None:
    """Raises InputError where the file is gone, cannot be read, or holds other audio than the library knows."""
    from auralis_cli.audio.track_file import read_track_file

    found = read_track_file(stat_now(track.path))
    if found.content_id != quick_id(track.content_id or ""):
        raise InputError(track.path, "was changed since it was scanned", "auralis scan, then look again")
