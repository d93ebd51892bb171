"""Which files hold the same audio, where a look at some of it does not prove that.

What was measured hangs on a content id, so two files may have one only where all of their audio was compared. Most
files are read no further than their look: nobody else has it, and nothing was measured under it. What is in doubt is
read whole, after all others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeGuard

from auralis_cli.db.content_keys import content_key, quick_id, told_apart
from auralis_cli.db.store import Store
from auralis_cli.model.library import FileFailure, FileKind, FileRecord, FileStat, FileStatus, StoredFile

Read = FileRecord | FileFailure


class AudioProofs:
    """Settles the content ids of what one scan reads, whose records hold guesses."""

    def __init__(
        self,
        store: Store,
        rows: Mapping[str, StoredFile],
        is_gone: Callable[[StoredFile], bool],
        *,
        again: bool = False,
    ) -> None:
        """`rows` are those of files that have one, as they were before; `again` does not trust what they say."""
        self._store, self._rows, self._is_gone, self._again = store, rows, is_gone, again
        self._in_doubt: dict[str, tuple[str, FileStat]] = {}

    def clear(self, batch: Iterable[Read]) -> list[Read]:
        """What can be stored as it is; what cannot is `doubtful` from then on."""
        read = list(batch)
        own, known, measured, others = self._what_is_known([one for one in read if _has_audio(one)])
        seen: set[str] = set()
        clear: list[Read] = []
        for one in read:
            if not _has_audio(one):
                clear.append(one)
                continue
            quick, row = one.content_id, self._rows.get(one.stat.path)
            own_id = own.get(one.stat.path)
            if own_id is not None and quick_id(own_id) == quick and self._is_as_it_was(one) and not self._again:
                clear.append(replace(one, content_id=own_id))
            elif (
                quick in known
                or quick in seen
                or not measured.isdisjoint(_keys(one))
                or any(row is None or other.id != row.id for other in others.get(quick, ()))
            ):
                self._in_doubt[one.stat.path] = (quick, one.stat)
            else:
                clear.append(one)
            seen.add(quick)
        return clear

    def doubtful(self) -> list[FileStat]:
        """What has to be read whole."""
        return [stat for _, stat in self._in_doubt.values()]

    def holders(self) -> list[FileStat]:
        """The files that have to be read whole before those: what these may be the same as."""
        quick_ids = {quick for quick, _ in self._in_doubt.values()}
        known = self._store.audio_hashes.of_quick(quick_ids)
        wanted = [quick for quick in quick_ids if quick not in known.get(quick, ())]
        held = self._store.files.by_content(wanted)
        found: list[FileStat] = []
        for quick in wanted:
            rows = [row for row in held.get(quick, ()) if row.path not in self._in_doubt and self._is_there(row)]
            found += [FileStat(row.path, row.size_bytes, row.mtime_ns, row.device, row.inode) for row in rows[:1]]
        return sorted(found)

    def note(self, batch: Iterable[Read], holders: Collection[FileStat]) -> None:
        """Notes what the holders hold, of those that are as they were."""
        as_they_were = {_identity(stat) for stat in holders}
        with self._store.database.write():
            self._store.audio_hashes.put(
                (one.content_id, one.audio_hash)
                for one in batch
                if _has_audio(one) and one.audio_hash is not None and _identity(one.stat) in as_they_were
            )

    def settled(self, batch: Iterable[Read]) -> list[Read]:
        """Whole files with the ids of what they are proved to be, or with ids of their own."""
        read = list(batch)
        own, known, measured, others = self._what_is_known([one for one in read if _has_audio(one)])
        new: list[tuple[str, str]] = []
        settled: list[Read] = []
        for one in read:
            if not _has_audio(one) or one.audio_hash is None:
                settled.append(one)
                continue
            quick, row = one.content_id, self._rows.get(one.stat.path)
            hashes = known.setdefault(quick, {})
            own_id = own.get(one.stat.path)
            same = next((name for name, audio_hash in hashes.items() if audio_hash == one.audio_hash), None)
            if same is None and own_id is not None and quick_id(own_id) == quick and self._is_as_it_was(one):
                # What is known of it is of this file, which nobody changed since.
                same = own_id if own_id not in hashes else None
            if same is None:
                is_free = (
                    not hashes
                    and measured.isdisjoint(_keys(one))
                    and not any(row is None or other.id != row.id for other in others.get(quick, ()))
                )
                same = quick if is_free else told_apart(quick, one.audio_hash)
            if same not in hashes:
                hashes[same] = one.audio_hash
                new.append((same, one.audio_hash))
            settled.append(replace(one, content_id=same))
        with self._store.database.write():
            self._store.audio_hashes.put(new)
        return settled

    def _what_is_known(
        self, records: Sequence[FileRecord]
    ) -> tuple[dict[str, str], dict[str, dict[str, str]], set[str], dict[str, list[StoredFile]]]:
        """Their own ids by paths; hashes by quick ids; which keys have figures; who else has their quick ids."""
        known = self._store.audio_hashes.of_quick({one.content_id for one in records})
        measured = self._store.audio_hashes.measured([key for one in records for key in _keys(one)])
        return self._own_ids(records), known, measured, self._present(records, known)

    def _own_ids(self, records: Sequence[FileRecord]) -> dict[str, str]:
        """What the files at these paths were known to be."""
        numbers = {one.stat.path: row.id for one in records if (row := self._rows.get(one.stat.path)) is not None}
        ids = self._store.audio_hashes.ids_of_files(sorted(numbers.values()))
        return {path: ids[number] for path, number in numbers.items() if number in ids}

    def _present(
        self, records: Sequence[FileRecord], known: Mapping[str, Mapping[str, str]]
    ) -> dict[str, list[StoredFile]]:
        """By quick ids the files that have them, and are not gone."""
        wanted = {one.content_id for one in records}
        wanted.update(name for hashes in known.values() for name in hashes)
        found: dict[str, list[StoredFile]] = {}
        for content_id, rows in self._store.files.by_content(wanted).items():
            found.setdefault(quick_id(content_id), []).extend(row for row in rows if self._is_there(row))
        return found

    def _is_there(self, row: StoredFile) -> bool:
        return row.status is not FileStatus.MISSING and not self._is_gone(row)

    def _is_as_it_was(self, record: FileRecord) -> bool:
        row = self._rows.get(record.stat.path)
        return row is not None and (row.size_bytes, row.mtime_ns, row.inode) == _identity(record.stat)[1:]


def proved(store: Store, records: Iterable[FileRecord], unchanged: Collection[str]) -> list[FileRecord]:
    """Records of files that have rows, with the ids of these where their audio is the same.

    It is so where the path is among `unchanged`; of others all of the audio is read. Raises InputError like
    `read_track_file`.
    """
    from auralis_cli.audio.track_file import full_hash

    listed = list(records)
    rows = {one.stat.path: row for one in listed if (row := store.files.get(one.stat.path)) is not None}
    ids = store.audio_hashes.ids_of_files([row.id for row in rows.values()])
    found: list[FileRecord] = []
    for one in listed:
        row = rows.get(one.stat.path)
        own_id = None if row is None else ids.get(row.id)
        if own_id is not None and quick_id(own_id) == one.content_id and one.stat.path in unchanged:
            found.append(replace(one, content_id=own_id))
        elif _has_audio(one):
            proofs = AudioProofs(store, {} if row is None else {row.path: row}, lambda _: False)
            whole = replace(one, audio_hash=full_hash(one.stat.path))
            found += [read for read in proofs.settled([whole]) if isinstance(read, FileRecord)]
        else:
            found.append(one)
    return found


def _has_audio(one: Read) -> TypeGuard[FileRecord]:
    return isinstance(one, FileRecord) and one.kind is FileKind.AUDIO


def _keys(record: FileRecord) -> set[str]:
    """What would be measured of it hangs on these."""
    return {content_key(record.content_id, number) for number in (0, *(track.cue_number for track in record.tracks))}


def _identity(stat: FileStat) -> tuple[str, int, int, int]:
    return stat.path, stat.size_bytes, stat.mtime_ns, stat.inode
