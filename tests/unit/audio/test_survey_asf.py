"""Where the audio of a WMA lies, whatever its header says of itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mutagen.asf import ASF
from tagged_files import NEEDS_FFMPEG, SOURCES

from auralis_cli.audio.content_id import content_id
from auralis_cli.audio.track_file import opened_audio

# As encoders leave it between a header and the audio.
_GAP_BYTES = 3852
_SIZE_AT = slice(16, 24)


@NEEDS_FFMPEG
@pytest.mark.parametrize("tag_length", [10, 60_000])
def test_audio_behind_more_than_the_header_owns_to_is_found_behind_any_tags(tmp_path: Path, tag_length: int) -> None:
    path = tmp_path / "a.wma"
    SOURCES["wma"].make(path)
    with opened_audio(str(path)) as (window, row, survey):
        expected = content_id(window, survey, row.key)
    audio: Any = ASF(path)
    audio["WM/Lyrics"] = "é" * tag_length
    audio.save()
    data = path.read_bytes()
    header_bytes = int.from_bytes(data[_SIZE_AT], "little")
    path.write_bytes(data[:header_bytes] + bytes(_GAP_BYTES) + data[header_bytes:])

    with opened_audio(str(path)) as (window, row, survey):
        assert survey.audio[0][0] >= header_bytes + _GAP_BYTES
        assert content_id(window, survey, row.key) == expected
