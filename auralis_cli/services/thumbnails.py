"""Small pictures of covers, kept in the cache folder by what the picture is: tracks of one album share theirs.

    thumbnails = Thumbnails(thumbnails_folder(environ))
    path = thumbnails.of_track(Path("song.flac"), 256)

Nothing is held between two questions, so any number of threads and processes may ask; decoding takes up to a second,
so none of them should be one that draws.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from auralis_cli.errors import AuralisError, InputError
from auralis_cli.model.covers import digest_of_picture
from auralis_cli.paths import cache_dir
from auralis_cli.services.covers import cover_of
from auralis_cli.whole_file import write_whole_file

# What is asked for becomes the next of these, so that a window that is resized leaves a few pictures, not hundreds.
THUMBNAIL_SIZES_PX = (64, 128, 256, 512, 1024)
MAX_CACHE_BYTES = 64 << 20
# What is left after it was too much: the next ones do not begin with tidying.
_KEPT_SHARE = 0.75
# What desktops show beside the name of a track.
_DESKTOP_PX = 512
# Stands for a picture that cannot be decoded, so that it is not tried again and again.
_NOTHING = ".none"


def thumbnails_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where they lie."""
    return cache_dir(environ) / "covers"


class Thumbnails:
    """The thumbnails in a folder, which is made when the first is."""

    def __init__(self, folder: Path, max_bytes: int = MAX_CACHE_BYTES) -> None:
        self._folder = folder
        self._max_bytes = max_bytes

    def of_track(self, path: Path, size_px: int) -> Path | None:
        """An image file of the cover that stands for a track, neither side longer than `size_px` or the next size up.

        None where it has no cover, none that can be decoded, or the cache cannot be written.
        """
        try:
            cover = cover_of(path)
        except InputError:
            return None
        return None if cover is None else self.of_picture(cover.data, size_px)

    def of_picture(self, data: bytes, size_px: int) -> Path | None:
        """The same for a picture."""
        size = next((one for one in THUMBNAIL_SIZES_PX if one >= size_px), THUMBNAIL_SIZES_PX[-1])
        stem = f"{digest_of_picture(data)}-{size}"
        for suffix in (".jpg", ".png", _NOTHING):
            known = self._folder / f"{stem}{suffix}"
            if os.path.exists(known):
                # What was asked for last goes last.
                with suppress(OSError):
                    os.utime(known)
                return None if suffix == _NOTHING else known
        return self._made(data, stem, size)

    def _made(self, data: bytes, stem: str, size_px: int) -> Path | None:
        from auralis_cli.services.cover_images import scaled_image

        try:
            small, facts = scaled_image(data, size_px)
            name = f"{stem}{facts.format.extension}"
        except ValueError:
            small, name = b"", f"{stem}{_NOTHING}"
        path = self._folder / name
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole_file(path, small, mode=0o600)
            self._tidy()
        except (AuralisError, OSError):
            return None
        return path if small else None

    def _tidy(self) -> None:
        """Takes away what was not asked for the longest, where all of it is too much."""
        found = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    status = entry.stat(follow_symlinks=False)
                    found.append((status.st_mtime_ns, status.st_size, entry.path))
        left = sum(size for _, size, _ in found)
        if left <= self._max_bytes:
            return
        for _, size, path in sorted(found):
            if left <= self._max_bytes * _KEPT_SHARE:
                return
            with suppress(FileNotFoundError):
                os.unlink(path)
            left -= size


def cover_url(path: Path, environ: Mapping[str, str] = os.environ) -> str | None:
    """The address of a file with the cover of a track, for desktops that show it; None where there is none."""
    found = Thumbnails(thumbnails_folder(environ)).of_track(path, _DESKTOP_PX)
    return None if found is None else found.absolute().as_uri()
