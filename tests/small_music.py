"""Files of a tenth of a second with the tags a test wants."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from mutagen.flac import FLAC


def flac_file(path: Path, **tags: str) -> Path:
    """Makes one, tagged by mutagen."""
    soundfile.write(path, np.zeros((800, 1), np.float32), 8_000, format="FLAC")
    file = FLAC(path)
    for name, value in tags.items():
        file[name] = value
    file.save()
    return path
