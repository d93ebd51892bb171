"""One file of music read for the library: what it is, what it says, what it is told by; nothing is decoded.

What is common is read by our own surveyors from a few kilobytes; a library is imported only for what is rare, so that
a worker that reads thousands of files starts and reads fast.
"""

from __future__ import annotations

import errno
import os
import stat as kinds
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from auralis_cli.audio.content_id import content_id, full_content_hash
from auralis_cli.audio.file_window import FileWindow
from auralis_cli.audio.formats import READABLE, AudioFormat, format_of_content
from auralis_cli.audio.path_names import completed, names_in
from auralis_cli.audio.sheet_finding import Described, SheetFinder
from auralis_cli.audio.signatures import stranger
from auralis_cli.audio.surrounding_tags import TagPlaces, ape_texts, find_trailing_tags, leading_tags
from auralis_cli.audio.survey import NothingToHearError, Span, Survey
from auralis_cli.audio.survey_flac import survey_flac
from auralis_cli.audio.survey_mp4 import survey_mp4
from auralis_cli.audio.survey_mpeg import survey_mpeg
from auralis_cli.audio.survey_ogg import survey_ogg
from auralis_cli.audio.tag_names import LIBRARY_NAMES
from auralis_cli.audio.texts_id3 import take_id3, v1_texts
from auralis_cli.audio.track_tags import track_tags
from auralis_cli.errors import InputError, UnsupportedError
from auralis_cli.model.audio import MAX_CHANNELS, check_sample_rate
from auralis_cli.model.library import FileKind, FileRecord, FileStat, TrackRecord
from auralis_cli.model.plausible import MAX_BITRATE_BPS, MAX_BITS, plausible_duration, within
from auralis_cli.model.source import is_cue_sheet

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
_SNIFF_BYTES = 65_536
_BITS_PER_BYTE = 8
# What mutagen's parsers let through, and what ours might.
_UNREADABLE = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    EOFError,
    RuntimeError,
    struct.error,
)
_SELF_TAGGED = ("flac", "oggflac", "ogg", "opus", "spx", "m4a", "wav", "aiff", "w64", "caf", "au", "dsf", "dff", "wma")
_APE_FIRST = ("ape", "wv", "mpc", "mpc8", "tak")


def read_track_file(
    stat: FileStat,
    root: str | None = None,
    sheets: SheetFinder | None = None,
    *,
    whole: Callable[[], None] | None = None,
) -> FileRecord:
    """What the file that a scan saw as `stat` is; `root` is where names of folders begin to say something.

    A file named `.cue` is read as a sheet; the tracks of one are in the record of the audio file it names. Whoever
    reads many files gives the same `sheets` for them, for a while. With `whole`, which is called as that goes on,
    all of the audio is read for its hash.

    Raises InputError for what is missing, unreadable, damaged beyond use, or no longer what `stat` says, and
    UnsupportedError for what is no audio of a kind read here.
    """
    if is_cue_sheet(stat.path):
        return _sheet(stat)
    described = (sheets or SheetFinder()).describing(stat.path)
    file, row, survey = _opened(stat.path, stat)
    try:
        found = _record(stat, file, row, survey, root, described)
        if whole is not None:
            found = replace(found, audio_hash=full_content_hash(file, survey, whole))
        if not _is_same(stat, os.fstat(file.descriptor)):
            raise InputError(stat.path, "changed while it was read")
        return found
    except OSError as error:
        raise _unreadable(stat.path, error) from error
    finally:
        os.close(file.descriptor)


def _sheet(stat: FileStat) -> FileRecord:
    from auralis_cli.audio.sheet_tracks import read_sheet

    try:
        found = read_sheet(stat)
        if not _is_same(stat, os.stat(stat.path)):
            raise InputError(stat.path, "changed while it was read")
    except OSError as error:
        raise _unreadable(stat.path, error) from error
    return found


def content_of(path: str) -> str:
    """What the audio of a file is told by as it is now; raises like `read_track_file`."""
    return _told_by(path, lambda file, row, survey: content_id(file, survey, row.key))


def full_hash(path: str, going_on: Callable[[], None] = lambda: None) -> str:
    """A hash of every byte of a file's audio, whatever its tags; raises like `read_track_file`.

    `going_on` is called as it does.
    """
    return _told_by(path, lambda file, _, survey: full_content_hash(file, survey, going_on))


@contextmanager
def opened_audio(path: str) -> Iterator[tuple[FileWindow, AudioFormat, Survey]]:
    """An open file of music, of what format it is, and what it holds; opening raises like `read_track_file`."""
    file, row, survey = _opened(path, None)
    try:
        yield file, row, survey
    finally:
        os.close(file.descriptor)


def _told_by(path: str, asked: Callable[[FileWindow, AudioFormat, Survey], str]) -> str:
    with opened_audio(path) as (file, row, survey):
        try:
            return asked(file, row, survey)
        except OSError as error:
            raise _unreadable(path, error) from error


def _opened(path: str, stat: FileStat | None) -> tuple[FileWindow, AudioFormat, Survey]:
    """The open file, for the caller to close, its format, and what it holds."""
    try:
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    try:
        now = os.fstat(descriptor)
        if not kinds.S_ISREG(now.st_mode):
            raise InputError(path, "is not a file")
        if stat is not None and not _is_same(stat, now):
            raise InputError(path, "changed since it was found")
        if now.st_size == 0:
            raise InputError(path, "is empty")
        file = FileWindow(descriptor, now.st_size)
        return file, *_surveyed(path, file)
    except OSError as error:
        os.close(descriptor)
        raise _unreadable(path, error) from error
    except BaseException:
        os.close(descriptor)
        raise


def _is_same(stat: FileStat, now: os.stat_result) -> bool:
    return stat.size_bytes == now.st_size and stat.mtime_ns == now.st_mtime_ns and stat.inode == now.st_ino


def _unreadable(path: str, error: OSError | ValueError) -> InputError:
    if isinstance(error, ValueError):
        return InputError(path, "is no possible file name")
    if error.errno == errno.ENOENT:
        return InputError(path, "does not exist")
    if error.errno in (errno.EACCES, errno.EPERM):
        return InputError(path, "may not be read (permission denied)")
    return InputError(path, f"cannot be read ({error.strerror or error})")


def _surveyed(path: str, file: FileWindow) -> tuple[AudioFormat, Survey]:
    places = leading_tags(file)
    row = format_of_content(file.head[places.start :]) if places.start < len(file.head) // 2 else None
    if row is None:
        head = file.at(places.start, _SNIFF_BYTES)
        row = format_of_content(head)
        if row is None:
            known = stranger(head)
            why = "is not audio of a kind read here" + (f" (it is {known})" if known else "")
            raise UnsupportedError(path, why, f"Auralis reads {READABLE}")
    try:
        survey = _survey(row, file, places)
        if (not survey.has_odd_tags and row.key not in _SELF_TAGGED) or (row.key == "flac" and not survey.texts):
            _take_tags_around(row.key, file, places, survey)
        survey.audio = tuple(_there(span, file.size_bytes) for span in survey.audio)
        if survey.duration_s == 0 or not any(size for _, size in survey.audio):
            raise NothingToHearError("holds no audio")
    except NothingToHearError as error:
        raise UnsupportedError(path, str(error)) from error
    except _UNREADABLE as error:
        raise InputError(path, f"is damaged ({type(error).__name__})") from error
    return row, survey


def _there(span: Span, size_bytes: int) -> Span:
    """The part of a span that is in the file: where it lies is a claim."""
    start = min(max(span[0], 0), size_bytes)
    return start, min(max(span[1], 0), size_bytes - start)


def _survey(row: AudioFormat, file: FileWindow, places: TagPlaces) -> Survey:
    key = row.key
    if key == "flac":
        find_trailing_tags(file, places)
        return survey_flac(file, places.start, places.end)
    if key == "mp3":
        find_trailing_tags(file, places)
        return survey_mpeg(file, places)
    if row.demuxer == "ogg":
        return survey_ogg(file, places.start)
    if key == "m4a":
        return survey_mp4(file, places.start)
    if key in ("wav", "aiff", "w64", "caf", "au"):
        from auralis_cli.audio.survey_pcm import survey_pcm

        return survey_pcm(key, file)
    find_trailing_tags(file, places)
    if key in ("aac", "ac3", "eac3"):
        from auralis_cli.audio.survey_sync_frames import survey_sync_frames

        return survey_sync_frames(key, file, places)
    from auralis_cli.audio.survey_rare import survey_rare

    return survey_rare(key, file, places)


def _take_tags_around(key: str, file: FileWindow, places: TagPlaces, survey: Survey) -> None:
    """ID3v2 and APE, in the order the format's users write them, each adding what others do not say; ID3v1 last."""
    # One behind the audio is read by few: an APE tag says what is so.
    if places.id3 is not None and (places.id3 < places.start or places.ape is None):
        take_id3(file, places.id3, survey)
    if places.ape is not None:
        ape = ape_texts(file, places.ape)
        survey.texts = {**survey.texts, **ape} if key in _APE_FIRST else {**ape, **survey.texts}
    if places.v1:
        survey.texts = v1_texts(places.v1) | survey.texts


def _record(
    stat: FileStat, file: FileWindow, row: AudioFormat, survey: Survey, root: str | None, described: Described | None
) -> FileRecord:
    try:
        check_sample_rate(survey.sample_rate_hz)
    except ValueError as error:
        raise UnsupportedError(stat.path, f"has a rate of {error}") from error
    if not 1 <= survey.channels <= MAX_CHANNELS:
        raise UnsupportedError(stat.path, f"has {survey.channels} channels (1 to {MAX_CHANNELS} are supported)")
    if survey.has_odd_tags:
        _read_odd_tags(file, row, survey)
    duration_s = plausible_duration(survey.duration_s)
    tags = track_tags(survey.texts)
    if not (tags.title and (tags.album or tags.artist)):
        tags = completed(tags, names_in(stat.path, root))
    tracks: tuple[TrackRecord, ...] = (TrackRecord(tags, duration_s),)
    if described is not None:
        from auralis_cli.audio.sheet_tracks import records_of

        tracks, lines = records_of(described, survey.texts, tracks[0], survey.sample_rate_hz)
        survey.warnings.extend(lines)
    return FileRecord(
        stat,
        FileKind.AUDIO,
        content_id(file, survey, row.key),
        format=row.key,
        codec=survey.codec,
        sample_rate_hz=survey.sample_rate_hz,
        channels=survey.channels,
        bits=survey.bits if survey.bits and 1 <= survey.bits <= MAX_BITS else None,
        bitrate_bps=_bitrate(survey, duration_s),
        duration_s=duration_s,
        lossless=survey.lossless,
        tracks=tracks,
        warnings=tuple(survey.warnings),
    )


def _bitrate(survey: Survey, duration_s: float | None) -> int | None:
    """Of the audio on average, whatever its header hopes for."""
    if duration_s:
        size = sum(length for _, length in survey.audio)
        return round(within(size * _BITS_PER_BYTE / duration_s, 0, MAX_BITRATE_BPS) or 0) or None
    return survey.bitrate_bps


def _read_odd_tags(file: FileWindow, row: AudioFormat, survey: Survey) -> None:
    """Adds what mutagen reads of tags that are not written plainly."""
    from auralis_cli.audio.tag_reading import read_tags_or_warn

    found = read_tags_or_warn(file.descriptor, row.key)
    survey.warnings.extend(found.report())
    texts = {name: values for name, (_, values) in found.values().items() if name in LIBRARY_NAMES}
    # What our own parsers read of other tags only adds to it.
    survey.texts = survey.texts | texts
