"""The registry of formats: what each is called, how it begins, who decodes it, what can be written.

A further format is a further row.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from auralis_cli.audio import lossy, signatures, sync_frames
from auralis_cli.audio.lossy import LossyCoding
from auralis_cli.audio.mpeg import starts_with_mpeg_audio
from auralis_cli.errors import UsageError
from auralis_cli.model.audio import OutputFormat, Subtype, check_sample_rate
from auralis_cli.quick_dataclasses import dataclass


class Decoder(StrEnum):
    """A library that decodes."""

    LIBSNDFILE = "libsndfile"
    PYAV = "PyAV"


class TagContainer(StrEnum):
    """How a format keeps its tags."""

    ID3 = "id3"
    VORBIS = "vorbis"
    APE = "ape"
    MP4 = "mp4"
    ASF = "asf"
    NONE = "none"


class LengthPromise(StrEnum):
    """What is known of how long a file decodes, when N frames were encoded."""

    EXACT = "exact"
    # Where the encoder left word of its padding, which most do.
    EXACT_WHERE_STATED = "exact where the file states it"
    # The format does not say what is padding.
    AS_DECODED = "as decoded"


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """One row of the registry."""

    key: str
    extensions: tuple[str, ...]
    mime: str
    tags: TagContainer
    # In the order they are asked: the first that opens the file decodes it. One that never could is not listed.
    decoders: tuple[Decoder, ...]
    # What ffmpeg calls the container: it may try this demuxer and no other.
    demuxer: str
    # Whether a file that begins so (tags in front skipped) is of this format.
    matches: Callable[[bytes], bool]
    length: LengthPromise = LengthPromise.EXACT
    # What else is known of the length, for the manual.
    length_note: str = ""
    # What can be written; empty where nothing can.
    subtypes: tuple[Subtype, ...] = ()
    # What its lossy encoder takes, where it has one.
    lossy: LossyCoding | None = None
    max_channels: int = 32


_SNDFILE_FIRST = (Decoder.LIBSNDFILE, Decoder.PYAV)
# libsndfile ends a VBR mp3 without a Xing header at 61 %.
_PYAV_FIRST = (Decoder.PYAV, Decoder.LIBSNDFILE)
_PYAV_ONLY = (Decoder.PYAV,)

# Those told by a pattern of bits come last: the others begin with their names.
FORMATS: tuple[AudioFormat, ...] = (
    AudioFormat(
        key="wav",
        extensions=(".wav", ".wave", ".rf64", ".bw64"),
        mime="audio/wav",
        tags=TagContainer.ID3,
        decoders=_SNDFILE_FIRST,
        demuxer="wav",
        matches=signatures.is_wav,
        length_note="ADPCM inside ends with a whole block",
        subtypes=(Subtype.PCM_16, Subtype.PCM_24, Subtype.FLOAT),
    ),
    AudioFormat(
        key="w64",
        extensions=(".w64",),
        mime="audio/x-w64",
        tags=TagContainer.NONE,
        decoders=_SNDFILE_FIRST,
        demuxer="w64",
        matches=signatures.is_wave64,
    ),
    AudioFormat(
        key="flac",
        extensions=(".flac",),
        mime="audio/flac",
        tags=TagContainer.VORBIS,
        decoders=_SNDFILE_FIRST,
        demuxer="flac",
        matches=signatures.begins_with(b"fLaC"),
        subtypes=(Subtype.PCM_16, Subtype.PCM_24),
        max_channels=8,
    ),
    AudioFormat(
        key="oggflac",
        extensions=(".oggflac",),
        mime="audio/ogg",
        tags=TagContainer.VORBIS,
        decoders=_PYAV_ONLY,
        demuxer="ogg",
        matches=signatures.ogg_carries(signatures.OGG_FLAC),
    ),
    AudioFormat(
        key="aiff",
        extensions=(".aiff", ".aif", ".aifc"),
        mime="audio/aiff",
        tags=TagContainer.ID3,
        decoders=_SNDFILE_FIRST,
        demuxer="aiff",
        matches=signatures.is_aiff,
        subtypes=(Subtype.PCM_16, Subtype.PCM_24, Subtype.FLOAT),
    ),
    AudioFormat(
        key="caf",
        extensions=(".caf",),
        mime="audio/x-caf",
        tags=TagContainer.NONE,
        decoders=_SNDFILE_FIRST,
        demuxer="caf",
        matches=signatures.is_caf,
    ),
    AudioFormat(
        key="au",
        extensions=(".au", ".snd"),
        mime="audio/basic",
        tags=TagContainer.NONE,
        decoders=_SNDFILE_FIRST,
        demuxer="au",
        matches=signatures.begins_with(b".snd"),
    ),
    AudioFormat(
        key="ogg",
        extensions=(".ogg", ".oga"),
        mime="audio/ogg",
        tags=TagContainer.VORBIS,
        decoders=_SNDFILE_FIRST,
        demuxer="ogg",
        matches=signatures.ogg_carries(signatures.OGG_VORBIS),
        subtypes=(Subtype.LOSSY,),
        lossy=lossy.VORBIS,
    ),
    AudioFormat(
        key="opus",
        extensions=(".opus",),
        mime="audio/ogg",
        tags=TagContainer.VORBIS,
        decoders=_SNDFILE_FIRST,
        demuxer="ogg",
        matches=signatures.ogg_carries(signatures.OGG_OPUS),
        length_note="counted at 48 kHz",
        subtypes=(Subtype.LOSSY,),
        lossy=lossy.OPUS,
    ),
    AudioFormat(
        key="spx",
        extensions=(".spx",),
        mime="audio/ogg",
        tags=TagContainer.VORBIS,
        decoders=_PYAV_ONLY,
        demuxer="ogg",
        matches=signatures.ogg_carries(signatures.OGG_SPEEX),
        length=LengthPromise.AS_DECODED,
        length_note="some 16 ms of delay stay in front, and the last packet is whole",
    ),
    AudioFormat(
        key="m4a",
        extensions=(".m4a", ".m4b", ".mp4"),
        mime="audio/mp4",
        tags=TagContainer.MP4,
        decoders=_PYAV_ONLY,
        demuxer="mov",
        matches=signatures.is_mp4,
        length=LengthPromise.EXACT_WHERE_STATED,
        length_note="by an edit list or iTunSMPB; ALAC always; without either the encoder's delay and padding stay",
        subtypes=(Subtype.LOSSY,),
        lossy=lossy.AAC,
    ),
    AudioFormat(
        key="wma",
        extensions=(".wma", ".asf"),
        mime="audio/x-ms-wma",
        tags=TagContainer.ASF,
        decoders=_PYAV_ONLY,
        demuxer="asf",
        matches=signatures.is_asf,
        length=LengthPromise.AS_DECODED,
        length_note="stated in milliseconds; the first 4096 frames of WMA 1 and 2, mostly delay, are not decoded",
    ),
    AudioFormat(
        key="ape",
        extensions=(".ape",),
        mime="audio/x-ape",
        tags=TagContainer.APE,
        decoders=_PYAV_ONLY,
        demuxer="ape",
        matches=signatures.begins_with(b"MAC "),
    ),
    AudioFormat(
        key="wv",
        extensions=(".wv",),
        mime="audio/x-wavpack",
        tags=TagContainer.APE,
        decoders=_PYAV_ONLY,
        demuxer="wv",
        matches=signatures.begins_with(b"wvpk"),
    ),
    AudioFormat(
        key="mpc",
        extensions=(".mpc",),
        mime="audio/x-musepack",
        tags=TagContainer.APE,
        decoders=_PYAV_ONLY,
        demuxer="mpc",
        matches=signatures.begins_with(b"MP+\x07", b"MP+\x17", b"MP+\x27", b"MP+\x37"),
        length_note="the delay of 481 frames is taken out; a piece shorter than some 1200 frames may be refused",
    ),
    AudioFormat(
        key="mpc8",
        extensions=(".mpc",),
        mime="audio/x-musepack",
        tags=TagContainer.APE,
        decoders=_PYAV_ONLY,
        demuxer="mpc8",
        matches=signatures.begins_with(b"MPCK"),
        length_note="the delay of 481 frames is taken out; a piece shorter than some 1200 frames may be refused",
    ),
    AudioFormat(
        key="dsf",
        extensions=(".dsf",),
        mime="audio/x-dsf",
        tags=TagContainer.ID3,
        decoders=_PYAV_ONLY,
        demuxer="dsf",
        matches=signatures.begins_with(b"DSD "),
    ),
    AudioFormat(
        key="dff",
        extensions=(".dff",),
        mime="audio/x-dff",
        tags=TagContainer.ID3,
        decoders=_PYAV_ONLY,
        demuxer="iff",
        matches=signatures.is_dsdiff,
    ),
    AudioFormat(
        key="tta",
        extensions=(".tta",),
        mime="audio/x-tta",
        tags=TagContainer.ID3,
        decoders=_PYAV_ONLY,
        demuxer="tta",
        matches=signatures.begins_with(b"TTA1"),
    ),
    AudioFormat(
        key="tak",
        extensions=(".tak",),
        mime="audio/x-tak",
        tags=TagContainer.APE,
        decoders=_PYAV_ONLY,
        demuxer="tak",
        matches=signatures.begins_with(b"tBaK"),
    ),
    AudioFormat(
        key="aac",
        extensions=(".aac",),
        mime="audio/aac",
        tags=TagContainer.ID3,
        decoders=_PYAV_ONLY,
        demuxer="aac",
        matches=sync_frames.is_adts,
        length=LengthPromise.AS_DECODED,
        length_note="the encoder's delay (1024 frames or more) and padding stay: ADTS states neither",
    ),
    AudioFormat(
        key="ac3",
        extensions=(".ac3",),
        mime="audio/ac3",
        tags=TagContainer.NONE,
        decoders=_PYAV_ONLY,
        demuxer="ac3",
        matches=sync_frames.is_ac3,
        length=LengthPromise.AS_DECODED,
        length_note="256 frames of delay and up to 1535 of padding stay",
    ),
    AudioFormat(
        key="eac3",
        extensions=(".eac3", ".ec3"),
        mime="audio/eac3",
        tags=TagContainer.NONE,
        decoders=_PYAV_ONLY,
        demuxer="eac3",
        matches=sync_frames.is_eac3,
        length=LengthPromise.AS_DECODED,
        length_note="256 frames of delay and up to 1535 of padding stay",
    ),
    AudioFormat(
        key="mp3",
        extensions=(".mp3", ".mp2", ".mp1"),
        mime="audio/mpeg",
        tags=TagContainer.ID3,
        decoders=_PYAV_FIRST,
        demuxer="mp3",
        matches=starts_with_mpeg_audio,
        length=LengthPromise.EXACT_WHERE_STATED,
        length_note="by LAME's tag; without one it is complete, and some 1100 to 2300 frames of padding stay",
        subtypes=(Subtype.LOSSY,),
        lossy=lossy.MP3,
    ),
)

_BY_KEY = {row.key: row for row in FORMATS}
_OGG = tuple(row for row in FORMATS if row.demuxer == "ogg")
# Streams of frames without a head: nothing else begins with the byte that theirs do.
_BARE = tuple(_BY_KEY[key] for key in ("aac", "mp3"))
_SYNC = b"\xff"
# As people call them: by the first of their extensions.
_READABLE = list(dict.fromkeys(row.extensions[0].removeprefix(".") for row in FORMATS))
READABLE = f"{', '.join(_READABLE[:-1])} and {_READABLE[-1]}"
WRITABLE_KEYS = tuple(row.key for row in FORMATS if row.subtypes)
# As the end of a name: `.wav, .flac or .mp3`.
WRITABLE = f"{', '.join(f'.{key}' for key in WRITABLE_KEYS[:-1])} or .{WRITABLE_KEYS[-1]}"


def format_named(key: str) -> AudioFormat:
    """The row called `key`; raises KeyError for a name no reader or writer announces."""
    return _BY_KEY[key]


def format_of_content(head: bytes) -> AudioFormat | None:
    """The format a file beginning with `head` is of, None where it is none of ours."""
    if head[:4] == b"OggS":
        return next((row for row in _OGG if row.matches(head)), None)
    for row in _BARE if head[:1] == _SYNC and head[4:8] != b"mdat" else FORMATS:
        if row.matches(head):
            return row
    return None


def writable_format(path: Path) -> AudioFormat:
    """The format an output called `path` is written in; raises UsageError where there is none."""
    extension = path.suffix.lower()
    row = next((row for row in FORMATS if extension in row.extensions), None)
    if row is None:
        why = f"no format is known by the name {extension}" if extension else "its name does not tell a format"
        raise UsageError(str(path), why, f"name it {WRITABLE}")
    if not row.subtypes:
        raise UsageError(str(path), f"{row.key} is read but not written", f"name it {WRITABLE}")
    return row


def check_output(output: OutputFormat) -> AudioFormat:
    """The row of a format that can hold `output`; raises UsageError where it cannot."""
    row = format_named(output.format)
    if output.subtype not in row.subtypes:
        held = ", ".join(row.subtypes) or "nothing that is written here"
        raise UsageError(row.key, f"holds no {output.subtype}", f"it holds {held}")
    if row.lossy is not None:
        _check_lossy(row, row.lossy, output)
    elif output.bitrate_bps is not None:
        raise UsageError(row.key, "stores samples and has no bit rate to choose")
    if not 1 <= output.channels <= row.max_channels:
        hint = None if row.key == "wav" else "use wav"
        raise UsageError(row.key, f"holds at most {row.max_channels} channels, not {output.channels}", hint)
    try:
        check_sample_rate(output.sample_rate_hz)
    except ValueError as error:
        raise UsageError(row.key, f"holds no rate of {error}") from error
    return row


def _check_lossy(row: AudioFormat, coding: LossyCoding, output: OutputFormat) -> None:
    if output.channels not in coding.channel_counts:
        counts = [str(count) for count in coding.channel_counts]
        held = f"{', '.join(counts[:-1])} or {counts[-1]} channels"
        raise UsageError(row.key, f"is written with {held}, not {output.channels}", "use flac or wav")
    if output.sample_rate_hz not in coding.sample_rates_hz:
        rates = ", ".join(str(rate) for rate in coding.sample_rates_hz)
        raise UsageError(row.key, f"holds no rate of {output.sample_rate_hz} Hz", f"it holds {rates}")
    offered = coding.bitrates(output.sample_rate_hz, output.channels)
    if output.bitrate_bps is None or not offered.holds(output.bitrate_bps):
        wanted = "no bit rate" if output.bitrate_bps is None else f"{output.bitrate_bps / 1000:g} kbit/s"
        what = f"{output.channels} channel{'s' if output.channels > 1 else ''} at {output.sample_rate_hz} Hz"
        raise UsageError(row.key, f"is not made with {wanted}", f"{what}: {offered}")
