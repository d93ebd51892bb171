"""Samples without a header, from a file or a pipe: what they are, the user says."""

from __future__ import annotations

import io
import os
from pathlib import Path

from auralis_cli.audio.byte_input import ByteInput
from auralis_cli.audio.pcm import PcmLayout, PcmReader
from auralis_cli.audio.source_file import open_source
from auralis_cli.model.source import DecodeLimits, RawPcm

FORMAT = "raw"


def open_raw_file(path: Path, raw: RawPcm, limits: DecodeLimits) -> PcmReader:
    """A reader of the samples in the file at `path`; raises like `open_reader`."""
    file = io.FileIO(open_source(path), "rb")
    try:
        size_bytes = os.fstat(file.fileno()).st_size
        source = ByteInput(file, str(path), limits.max_bytes, closes=True)
        return PcmReader(source, _layout(raw, size_bytes))
    except BaseException:
        file.close()
        raise


def open_raw_stream(source: ByteInput, raw: RawPcm) -> PcmReader:
    """A reader of the samples that come through a pipe."""
    return PcmReader(source, _layout(raw, None))


def _layout(raw: RawPcm, size_bytes: int | None) -> PcmLayout:
    return PcmLayout(raw.encoding, raw.sample_rate_hz, raw.channels, FORMAT, size_bytes)
