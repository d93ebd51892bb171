"""Where music may be that is not in the library yet: the folders a first screen offers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path

from auralis_cli.audio.walk import audio_files_below
from auralis_cli.quick_dataclasses import dataclass

# Enough to know that a folder is worth it.
_MOST_COUNTED = 1_000
_USER_DIRS = re.compile(r'^\s*XDG_MUSIC_DIR\s*=\s*"(.*)"\s*$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MusicPlace:
    """A folder with audio files somewhere below it."""

    path: str
    # How many there are, counted as far as this.
    files: int

    @property
    def in_words(self) -> str:
        """`12 audio files`, `more than 1,000 audio files`."""
        if self.files > _MOST_COUNTED:
            return f"more than {_MOST_COUNTED:,} audio files"
        return f"{self.files:,} audio file{'' if self.files == 1 else 's'}"


def music_places(variables: Mapping[str, str], folder: str) -> Iterator[MusicPlace]:
    """The user's music folder, `~/Music` and the folder the program was started in, where there is music in them.

    One by one as they are looked into, which takes as long as the disk does; none twice.
    """
    seen: set[str] = set()
    for candidate in _candidates(variables, folder):
        place = os.path.realpath(candidate)
        if place in seen or not os.path.isdir(place):
            continue
        seen.add(place)
        found = (one for one in audio_files_below(Path(place)) if isinstance(one, Path))
        if files := sum(1 for _ in islice(found, _MOST_COUNTED + 1)):
            yield MusicPlace(os.path.abspath(candidate), files)


def _candidates(variables: Mapping[str, str], folder: str) -> Iterator[str]:
    home = variables.get("HOME", "")
    if named := variables.get("XDG_MUSIC_DIR"):
        yield named
    if os.path.isabs(home):
        if said := _said_in_user_dirs(variables, home):
            yield said
        yield os.path.join(home, "Music")
    # All of a disk, or of a home, is more than is meant.
    if os.path.realpath(folder) not in ("/", os.path.realpath(home)):
        yield folder


def _said_in_user_dirs(variables: Mapping[str, str], home: str) -> str | None:
    """The music folder of the desktop, in whatever language it is called; the home itself means none."""
    settings = Path(variables.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")) / "user-dirs.dirs"
    text = ""
    with suppress(OSError):
        text = settings.read_text(errors="surrogateescape")
    if (said := _USER_DIRS.search(text)) is None:
        return None
    place = said[1].replace("$HOME", home)
    return place if os.path.isabs(place) and place.rstrip("/") != home.rstrip("/") else None
