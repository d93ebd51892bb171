"""A file of an export that is encoded anew: the samples as they are, nothing mastered, tags and cover taken along."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from auralis_cli.audio.downmix import two_channels
from auralis_cli.audio.formats import AudioFormat, format_named
from auralis_cli.audio.gain_tags import GainsEdit
from auralis_cli.audio.opening import open_audio
from auralis_cli.audio.reader import AudioReader
from auralis_cli.audio.replay import BLOCK_FRAMES
from auralis_cli.audio.resample import ResampledReader
from auralis_cli.audio.writer import AtomicWriter
from auralis_cli.errors import InputError
from auralis_cli.model.audio import Dither, OutputFormat, StreamInfo, Subtype
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.replaygain import Gain, Gains, gain_texts
from auralis_cli.services.decoding import decode_ahead
from auralis_cli.services.export_work import ExportJob, MadeFile
from auralis_cli.services.publishing import publish
from auralis_cli.services.streaming import copy_source_tags

# Samples of no more bits than that fit as they are.
_HOLDING = {8: Subtype.PCM_16, 16: Subtype.PCM_16, 24: Subtype.PCM_24}


def encoded(job: ExportJob, progress: ProgressSink, cancel: CancelToken) -> MadeFile:
    """Makes the file as `export_work.make_file` does."""
    assert job.format is not None
    row = format_named(job.format)
    with closing(_opened(job, row)) as reader:
        output, notes = _output_for(row, job, reader.info)
        frames = reader.info.frames
    if frames is None:
        frames = _counted(job, row, progress, cancel)
    made, there = _written(job, row, output, frames, notes, progress, cancel)
    if made is None:
        # Its header promised more or less than there is: encoders need to know.
        made, _ = _written(job, row, output, there, notes, progress, cancel)
    if made is None:
        raise InputError(job.source.name, "changed while it was read")
    return made


def _written(
    job: ExportJob,
    row: AudioFormat,
    output: OutputFormat,
    frames: int,
    notes: tuple[str, ...],
    progress: ProgressSink,
    cancel: CancelToken,
) -> tuple[MadeFile | None, int]:
    """The file, and how many frames there are; no file where those are not as many as was thought."""
    reader = _opened(job, row)
    with AtomicWriter(job.target, output, expected_frames=frames) as writer, reader:
        done = 0
        with closing(decode_ahead(reader.blocks(BLOCK_FRAMES), reader.info.channels)) as blocks:
            for block in blocks:
                cancel.raise_if_cancelled()
                done += len(block)
                if done <= frames:
                    writer.write(block)
                progress.step("encoding", min(1.0, done / frames) if frames else None)
        if done == 0:
            raise InputError(job.source.name, "holds no audio")
        if done != frames:
            return None, done
        writer.close_audio()
        warnings = (*notes, *reader.warnings, *copy_source_tags(job.source, writer.temporary_path))
        _take_gains_along(job, writer.temporary_path, output)
        published = publish(writer, job.target, done, force=job.displaces, mtime_ns=job.mtime_ns)
    return MadeFile(published, warnings), done


def _take_gains_along(job: ExportJob, temporary: Path, output: OutputFormat) -> None:
    """Copying tags leaves out what is of the level, which nothing changed here; Opus has a way of its own to say it."""
    gains = Gains(*(None if pair is None else Gain(*pair) for pair in (job.track_gain, job.album_gain)))
    texts = gain_texts(gains, output.format)
    if texts:
        with temporary.open("r+b") as file:
            GainsEdit({name: (text,) for name, text in texts.items()}).apply(file, output.format)


def _opened(job: ExportJob, row: AudioFormat) -> AudioReader:
    """The source with as many channels, and at a rate, that the format holds."""
    reader = open_audio(job.source)
    if row.lossy is None:
        return reader if reader.info.channels <= row.max_channels else two_channels(reader)
    if reader.info.channels not in row.lossy.channel_counts:
        reader = two_channels(reader)
    rate_hz = row.lossy.rate_for(reader.info.sample_rate_hz)
    return reader if rate_hz == reader.info.sample_rate_hz else ResampledReader(reader, rate_hz)


def _output_for(row: AudioFormat, job: ExportJob, info: StreamInfo) -> tuple[OutputFormat, tuple[str, ...]]:
    """What is written, and what that costs."""
    if row.lossy is not None:
        offered = row.lossy.bitrates(info.sample_rate_hz, info.channels)
        default = row.lossy.default_bps(info.sample_rate_hz, info.channels)
        bitrate_bps = default if job.bitrate_bps is None else offered.nearest(job.bitrate_bps)
        output = OutputFormat(
            row.key, info.sample_rate_hz, info.channels, Subtype.LOSSY, Dither.NONE, bitrate_bps=bitrate_bps
        )
        is_other = job.bitrate_bps is not None and bitrate_bps != job.bitrate_bps
        return output, (f"made with {bitrate_bps // 1000} kbit/s, the nearest there is",) if is_other else ()
    held = _HOLDING.get(info.subtype.bits or 0)
    if held is not None:
        return OutputFormat(row.key, info.sample_rate_hz, info.channels, held, Dither.NONE), ()
    if Subtype.FLOAT in row.subtypes and info.subtype is not Subtype.LOSSY:
        return OutputFormat(row.key, info.sample_rate_hz, info.channels, Subtype.FLOAT, Dither.NONE), ()
    is_lossy = info.subtype is Subtype.LOSSY
    output = OutputFormat(row.key, info.sample_rate_hz, info.channels, Subtype.PCM_24, Dither.TPDF)
    return output, () if is_lossy else (f"{info.subtype} becomes 24 bits, which are the most that {row.key} holds",)


def _counted(job: ExportJob, row: AudioFormat, progress: ProgressSink, cancel: CancelToken) -> int:
    """How long a source is that does not say so."""
    frames = 0
    with (
        _opened(job, row) as reader,
        closing(decode_ahead(reader.blocks(BLOCK_FRAMES), reader.info.channels)) as blocks,
    ):
        for block in blocks:
            cancel.raise_if_cancelled()
            progress.step("counting", None)
            frames += len(block)
    if not frames:
        raise InputError(job.source.name, "holds no audio")
    return frames
