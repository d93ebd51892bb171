"""What a master is written as: decided from what was asked for and, once it is open, from what the source is."""

from __future__ import annotations

from auralis_cli.audio.formats import (
    FORMATS,
    WRITABLE_KEYS,
    AudioFormat,
    check_output,
    format_named,
    writable_format,
)
from auralis_cli.errors import UsageError
from auralis_cli.model.audio import Dither, OutputFormat, StreamInfo, Subtype
from auralis_cli.model.mastering import MasterRequest

_BITS = {Subtype.PCM_16: "16", Subtype.PCM_24: "24", Subtype.FLOAT: "32f"}


def output_choice(request: MasterRequest) -> AudioFormat:
    """The format asked for; raises UsageError for wishes that contradict each other, before any work."""
    row = _chosen(request)
    if request.keep_mtime and request.source.path is None:
        raise UsageError("--keep-mtime", "standard input has no time of modification")
    if request.keep_mtime and request.destination.path is None:
        raise UsageError("--keep-mtime", "standard output has no time of modification")
    if request.preview_s is not None:
        _check_preview(request, row)
    if row.lossy is None:
        _check_stored(request, row)
        return row
    if request.subtype is not None:
        raise UsageError("--bits", f"{row.key} stores no samples", "leave --bits out, or choose --bitrate")
    if request.dither is not None:
        raise UsageError("--dither", f"{row.key} stores no samples, there is nothing to dither", "leave it out")
    if request.rate_hz is not None and request.rate_hz not in row.lossy.sample_rates_hz:
        rates = ", ".join(str(rate) for rate in row.lossy.sample_rates_hz)
        raise UsageError("--rate", f"{row.key} holds no {request.rate_hz} Hz", f"it holds {rates}")
    return row


def _check_preview(request: MasterRequest, row: AudioFormat) -> None:
    if request.destination.path is None:
        raise UsageError("--preview", "writes two files, before and after, and standard output is one", "name OUT")
    if row.lossy is not None:
        why = f"is no part of a master in {row.key}: what a lossy encoder does hangs on the whole"
        raise UsageError("--preview", why, "choose flac, wav or aiff")


def output_rate_hz(request: MasterRequest, row: AudioFormat, source_rate_hz: int) -> int:
    """The rate everything is done at: what was asked for, else the source's, else the next that `row` holds."""
    if request.rate_hz is not None:
        return request.rate_hz
    return source_rate_hz if row.lossy is None else row.lossy.rate_for(source_rate_hz)


def output_format(request: MasterRequest, row: AudioFormat, info: StreamInfo) -> OutputFormat:
    """All there is to know for a writer, `info` being at the rate of the result; raises UsageError where it cannot."""
    if row.lossy is None:
        output = OutputFormat(
            format=row.key,
            sample_rate_hz=info.sample_rate_hz,
            channels=info.channels,
            subtype=request.subtype or _default_subtype(request, info),
            dither=request.dither or Dither.TPDF,
        )
    else:
        output = OutputFormat(
            format=row.key,
            sample_rate_hz=info.sample_rate_hz,
            channels=info.channels,
            subtype=Subtype.LOSSY,
            dither=Dither.NONE,
            bitrate_bps=request.bitrate_bps or row.lossy.default_bps(info.sample_rate_hz, info.channels),
        )
    try:
        check_output(output)
    except UsageError as error:
        # Of many inputs it is one that does not fit.
        raise UsageError(request.source.name, f"{error.what} {error.why}", error.hint) from error
    return output


def _chosen(request: MasterRequest) -> AudioFormat:
    path = request.destination.path
    if request.format is None:
        return format_named("wav") if path is None else writable_format(path)
    if request.format not in WRITABLE_KEYS:
        raise UsageError("--to", f"{request.format!r} is not written", f"use one of {', '.join(WRITABLE_KEYS)}")
    row = format_named(request.format)
    extension = "" if path is None else path.suffix.lower()
    if extension and extension not in row.extensions and any(extension in other.extensions for other in FORMATS):
        raise UsageError(str(path), f"is named {extension} but would hold {row.key}", f"name it {row.extensions[0]}")
    return row


def _check_stored(request: MasterRequest, row: AudioFormat) -> None:
    if request.bitrate_bps is not None:
        raise UsageError("--bitrate", f"{row.key} stores samples, its bit rate follows from them", "choose --bits")
    if request.subtype is not None and request.subtype not in row.subtypes:
        held = " or ".join(_BITS[subtype] for subtype in row.subtypes)
        raise UsageError("--bits", f"{row.key} cannot hold {_BITS[request.subtype]}", f"use {held}, or name OUT .wav")


def _default_subtype(request: MasterRequest, info: StreamInfo) -> Subtype:
    """24 bit, or the source's where that is less (never below 16); what goes through a pipe is always alike."""
    if request.destination.path is None:
        return Subtype.PCM_24
    return Subtype.PCM_16 if info.subtype in (Subtype.PCM_8, Subtype.PCM_16) else Subtype.PCM_24
