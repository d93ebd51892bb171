"""Fingerprints in files beside the audio: `song.flac.25d`, for whoever keeps music in more than one place.

A sidecar says which content it is of, so that one of other audio is never taken for that of the file beside it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from auralis_cli.db.store import Store
from auralis_cli.errors import AuralisError, InputError, OutputError
from auralis_cli.json_form import Json
from auralis_cli.model.library import FileStatus, Track
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.query import Query
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.changes import Change, changes
from auralis_cli.services.fingerprint_exchange import Importing, ImportReport, import_records, keyed_here
from auralis_cli.services.fingerprint_records import FingerprintRecord, line_of, record_of
from auralis_cli.services.found_tracks import found_ids
from auralis_cli.whole_file import write_whole_file

SUFFIX = ".25d"
_CHUNK = 500
# Of a file that a sheet divides into a hundred tracks of an hour.
_LARGEST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class SidecarReport:
    """What came of writing sidecars."""

    written: int
    # As they would be written.
    unchanged: int
    failures: tuple[OutputError, ...]


def write_sidecars(
    store: Store, query: Query, progress: ProgressSink, cancel: CancelToken, *, dry_run: bool, now: int
) -> SidecarReport:
    """Writes a sidecar beside each file of a query that is there and has a fingerprint, whole or not at all.

    One that is there and says something else goes to the trash.
    """
    written = unchanged = 0
    failures: list[OutputError] = []
    with nullcontext() if dry_run else changes(store, "fingerprint", "sidecars", lambda: now) as change:
        for path in _paths_of(store, query):
            cancel.raise_if_cancelled()
            progress.step("writing", None)
            sidecar, data = Path(path + SUFFIX), _sidecar_data(store, path)
            if not data:
                continue
            if data == _content_of(sidecar):
                unchanged += 1
                continue
            if sidecar.is_dir():
                failures.append(OutputError(str(sidecar), "is a folder"))
                continue
            try:
                if change is not None:
                    _write(sidecar, data, change)
                written += 1
            except OutputError as error:
                failures.append(error)
        if change is not None:
            change.summary = f"{written:,} sidecars written"
    return SidecarReport(written, unchanged, tuple(failures))


def _write(sidecar: Path, data: bytes, change: Change) -> None:
    write_whole_file(sidecar, data, displace=lambda path: change.trash(str(path)))
    change.created(str(sidecar))


def import_sidecars(
    store: Store, place: Path, how: Importing, progress: ProgressSink, cancel: CancelToken
) -> ImportReport:
    """Stores what a sidecar holds, or those below a folder; one of other audio than beside it is refused."""
    failures: list[tuple[str, AuralisError]] = []

    def records() -> Iterator[FingerprintRecord]:
        for sidecar in _sidecars_in(place):
            cancel.raise_if_cancelled()
            progress.step("importing", None)
            try:
                yield from _read(store, sidecar)
            except InputError as error:
                failures.append((str(sidecar), error))

    with how.transaction(store, str(place)) as change:
        report = import_records(store, records(), how)
        change.summary = f"{report.imported:,} fingerprints imported from {place}"
    return replace(report, failures=tuple(failures))


def _paths_of(store: Store, query: Query) -> Iterator[str]:
    ids = list(found_ids(store, query))
    seen: set[str] = set()
    for start in range(0, len(ids), _CHUNK):
        for track in store.tracks.by_ids(ids[start : start + _CHUNK]):
            if track.status is FileStatus.PRESENT and track.path not in seen:
                seen.add(track.path)
                yield track.path


def _sidecar_data(store: Store, path: str) -> bytes:
    """The lines of all tracks of a file; nothing where none has a fingerprint."""
    tracks = store.tracks.by_path(path)
    ids = [track.id for track in tracks]
    known, keys = store.fingerprints.of_tracks(ids), store.fingerprints.keys_of(ids)
    landmarks = store.landmarks.get(list(keys.values()), also_none=True)
    hashes = store.audio_hashes.of_keys(list(keys.values()))
    return b"".join(
        line_of(FingerprintRecord(key, known[track.id], landmarks.get(key), hashes.get(key)), _named(track))
        for track in tracks
        if track.id in known and (key := keys[track.id])
    )


def _named(track: Track) -> dict[str, Json]:
    """Files may be moved with their sidecars: only what stays is said."""
    return {"cue_number": track.cue_number} if track.cue_number else {}


def _content_of(sidecar: Path) -> bytes | None:
    """What is in a file, None where that cannot be a sidecar."""
    # A pipe would wait for somebody to write into it.
    if not sidecar.is_file():
        return None
    try:
        with sidecar.open("rb") as stream:
            data = stream.read(_LARGEST_BYTES + 1)
    except OSError:
        return None
    return data if len(data) <= _LARGEST_BYTES else None


def _sidecars_in(place: Path) -> Iterator[Path]:
    if not place.is_dir():
        yield place
        return
    for folder, folders, names in os.walk(place):
        folders.sort()
        yield from (Path(folder, name) for name in sorted(names) if name.endswith(SUFFIX))


def _read(store: Store, sidecar: Path) -> list[FingerprintRecord]:
    """What a sidecar says, all of it or InputError."""
    if not os.path.isfile(sidecar):
        raise InputError(str(sidecar), "is no file")
    if (data := _content_of(sidecar)) is None:
        raise InputError(str(sidecar), "cannot be read")
    audio = os.path.abspath(sidecar).removesuffix(SUFFIX)
    tracks = store.tracks.by_path(audio) or store.tracks.by_path(os.path.realpath(audio))
    if not tracks:
        raise InputError(str(sidecar), "lies beside no file of the library", "auralis scan adds files")
    keys = set(store.fingerprints.keys_of([track.id for track in tracks]).values())
    try:
        lines = [record_of(line) for line in data.splitlines() if line.strip()]
        records = list(keyed_here(store, lines, dry_run=True))
    except ValueError as error:
        raise InputError(str(sidecar), str(error)) from error
    if not records or any(record.content_key not in keys for record in records):
        raise InputError(str(sidecar), "is of other audio than the file beside it", "--sidecars writes it anew")
    return records
