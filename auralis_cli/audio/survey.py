"""What looking at one file finds without decoding it: the stream, where its audio lies, its tags as they stand."""

from __future__ import annotations

from dataclasses import field

from auralis_cli.quick_dataclasses import dataclass

# Texts by name, as Vorbis comments call them, in lower case.
Texts = dict[str, list[str]]
# First byte and size of a stretch of the file.
Span = tuple[int, int]


@dataclass(slots=True)
class Survey:
    """One file's stream and tags; None where the file does not say."""

    codec: str
    sample_rate_hz: int
    channels: int
    lossless: bool
    bits: int | None = None
    bitrate_bps: int | None = None
    duration_s: float | None = None
    texts: Texts = field(default_factory=dict)
    # Whether the tags are written so that it takes a library to read them.
    has_odd_tags: bool = False
    # The audio without tags, in the file's order.
    audio: tuple[Span, ...] = ()
    # What identifies the audio better than its bytes do.
    audio_md5: str | None = None
    # By how much its header has it made louder (Opus): heard, and no part of the audio's bytes.
    header_gain_db: float = 0.0
    # Ogg: the heads of its pages are numbered anew when tags grow.
    is_paged: bool = False
    # One line for each thing that could not be used as it was found.
    warnings: list[str] = field(default_factory=list)


class NothingToHearError(ValueError):
    """It is of a known format and has nothing that can be heard; the text says why."""
