"""What others are to be like: tracks of the library, or files that are not in it and are listened to on the spot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from auralis_cli.db.store import Store
from auralis_cli.errors import InputError, UsageError
from auralis_cli.model.fingerprint import FingerprintedTrack, FingerprintFlag
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.source import NO_STREAMS, AudioSource, StandardStreams
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.known_analysis import content_key_of

# What a source that the library knows nothing of sounds like.
Listen = Callable[[AudioSource], FingerprintedTrack]


@dataclass(frozen=True, slots=True)
class HeardSounds:
    """What is known of the sound of some that were asked for."""

    # By content, or by name where that cannot be told.
    sounds: Mapping[str, FingerprintedTrack]
    # How many have no fingerprint yet.
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Seed:
    """One sound, and what of the library is that sound itself."""

    # 25 values, of several tracks their middle; None of silence, which is like nothing.
    vector: tuple[float, ...] | None
    # The fingerprints of the library that it is made of.
    fingerprint_ids: tuple[int, ...]
    # Whether it is the sound of one content of the library.
    is_stored: bool
    # How many more were asked for and have no fingerprint yet.
    unknown: int


def heard_in_library(store: Store, ids: Sequence[int]) -> HeardSounds:
    """Of tracks of the library."""
    known = store.fingerprints.of_tracks(ids)
    keys = store.fingerprints.keys_of(list(known))
    return HeardSounds({keys[number]: track for number, track in known.items()}, len(ids) - len(known))


def heard_in_file(store: Store, source: AudioSource, listen: Listen) -> HeardSounds:
    """Of what is no track of the library: what that knows of the same content, else what is heard now."""
    key = content_key_of(source, store.audio_hashes)
    known = None if key is None else store.fingerprints.get(key)
    return HeardSounds({key or source.name: listen(source) if known is None else known})


def seed_of(store: Store, name: str, heard: Iterable[HeardSounds]) -> Seed:
    """The one sound in the middle of all that was heard. Raises UsageError about `name` where nothing was."""
    parts = list(heard)
    sounds = {key: track for part in parts for key, track in part.sounds.items()}
    unknown = sum(part.unknown for part in parts)
    if not sounds:
        raise UsageError(name, "has no fingerprint yet", "auralis fingerprint makes them")
    vectors = [track.fingerprint.values() for track in sounds.values() if FingerprintFlag.SILENT not in track.flags]
    ids = tuple(sorted(store.similarity.ids_of(list(sounds)).values()))
    return Seed(_middle(vectors), ids, len(sounds) == len(ids) == 1, unknown)


def listened(
    source: AudioSource, progress: ProgressSink, cancel: CancelToken, streams: StandardStreams = NO_STREAMS
) -> FingerprintedTrack:
    """What a source sounds like, from its first frame to its last; raises like `analyze_file`."""
    from auralis_cli.services.analyze import analyze_file

    analysis = analyze_file(source, progress, cancel, streams).analysis
    if analysis.measurements.meaningless is not None:
        raise InputError(source.name, f"{analysis.measurements.meaningless}: it is like nothing")
    return analysis.fingerprinted


def _middle(vectors: Sequence[tuple[float, ...]]) -> tuple[float, ...] | None:
    if len(vectors) < 2:
        return vectors[0] if vectors else None
    from auralis_cli.analysis.similarity import middle

    return middle(vectors)
