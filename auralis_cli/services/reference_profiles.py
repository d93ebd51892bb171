"""References: files as the profile that a master is compared with, measured once and kept on disk."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from auralis_cli.audio.downmix import two_channels
from auralis_cli.audio.opening import open_audio
from auralis_cli.audio.replay import BLOCK_FRAMES
from auralis_cli.errors import InputError
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.sound_profile import Reference, SoundProfile, median_profile
from auralis_cli.model.source import AudioSource
from auralis_cli.paths import cache_dir
from auralis_cli.services.file_keys import file_key
from auralis_cli.services.plain_data import packed, unpacked
from auralis_cli.services.plan_cache import PlanCache

# Less says nothing about how loud and quiet follow each other.
MIN_REFERENCE_S = 3.0
# Of some 5 kB each.
_MOST_PROFILES = 2000
_SUFFIX = ".profile"


class ReferenceProfiles:
    """Profiles by file; a file that was measured is measured again only once it has changed, or Auralis has."""

    def __init__(self, folder: Path) -> None:
        self._cache = PlanCache(folder, _MOST_PROFILES, _SUFFIX)

    def reference(
        self, name: str, sources: Sequence[AudioSource], progress: ProgressSink, cancel: CancelToken
    ) -> Reference:
        """What `name` stands for: the middle of all `sources`.

        Raises InputError where one of them cannot be read, is silent or shorter than `MIN_REFERENCE_S`: another sound
        than the one asked for is never taken instead.
        """
        profiles = [self.profile(source, progress, cancel) for source in sources]
        return Reference(name, len(profiles), median_profile(profiles))

    def profile(self, source: AudioSource, progress: ProgressSink, cancel: CancelToken) -> SoundProfile:
        """How one file sounds; raises as `reference` does."""
        file = file_key(source)
        key = None if file is None else hashlib.sha256(f"profile {file}".encode("ascii")).hexdigest()
        profile = None if key is None else unpacked(SoundProfile, self._cache.get(key))
        if profile is None:
            profile = _measured(source, progress, cancel)
            # What was written while it was read is another file now.
            if key is not None and file_key(source) == file:
                self._cache.put(key, packed(profile))
        return _fit(profile, source.name)


def profiles_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where profiles are kept between runs."""
    return cache_dir(environ) / "profiles"


def _measured(source: AudioSource, progress: ProgressSink, cancel: CancelToken) -> SoundProfile:
    from auralis_cli.services.decoding import decode_ahead

    with (
        two_channels(open_audio(source)) as reader,
        closing(decode_ahead(reader.blocks(BLOCK_FRAMES), reader.info.channels)) as blocks,
    ):
        # Decoding has begun; what is imported now takes its time.
        from auralis_cli.services.passes import measure_profile

        measured, profile = measure_profile(blocks, reader.info, progress, cancel)
    if measured.meaningless is not None:
        raise InputError(source.name, measured.meaningless)
    return profile


def _fit(profile: SoundProfile, name: str) -> SoundProfile:
    if profile.duration_s < MIN_REFERENCE_S:
        raise InputError(name, f"lasts {profile.duration_s:.1f} s: a reference needs {MIN_REFERENCE_S:.0f} s")
    if not math.isfinite(profile.integrated_lufs):
        raise InputError(name, "is silent: there is nothing to sound like")
    return profile
