"""ADTS and AC-3 without decoding: streams without a header of their own, whose frames are counted."""

from __future__ import annotations

from collections.abc import Callable

from auralis_cli.audio.file_window import FileWindow
from auralis_cli.audio.surrounding_tags import TagPlaces
from auralis_cli.audio.survey import NothingToHearError, Survey
from auralis_cli.audio.sync_frames import AAC_RATES_HZ, ac3_length, adts_length, count_frames, eac3_length

_ADTS_CHANNELS = (2, 1, 2, 3, 4, 5, 6, 8)
_ADTS_SAMPLES = 1024
_AC3_RATES_HZ = (48_000, 44_100, 32_000)
_AC3_CHANNELS = (2, 1, 2, 3, 3, 4, 4, 5)
_AC3_BLOCK_SAMPLES = 256
_AC3_BLOCKS = 6
_AC3_MARK = b"\x0b\x77"
_EAC3_BLOCKS = (1, 2, 3, 6)


def survey_sync_frames(key: str, file: FileWindow, places: TagPlaces) -> Survey:
    """The stream of a file of the registry's kind `key` between its tags."""
    return _SURVEYORS[key](file, places)


def _survey_adts(file: FileWindow, places: TagPlaces) -> Survey:
    """The ADTS stream between the tags."""
    head = file.at(places.start, 8)
    rate, layout = head[2] >> 2 & 15, (head[2] & 1) << 2 | head[3] >> 6
    if rate >= len(AAC_RATES_HZ):
        raise NothingToHearError("has a damaged ADTS header")
    found = Survey("aac", AAC_RATES_HZ[rate], _ADTS_CHANNELS[layout], lossless=False)
    frames = count_frames(file.descriptor, places.start, places.end, adts_length)
    return _of_length(found, frames * _ADTS_SAMPLES, places)


def _survey_ac3(file: FileWindow, places: TagPlaces) -> Survey:
    """The AC-3 stream between the tags."""
    head = file.at(places.start, 8)
    # A/52, 5.3.2: levels of the centre and the surround channels come before the bit for the bass where they matter.
    layout = head[6] >> 5
    skipped = 2 * (layout & 1 and layout != 1) + 2 * bool(layout & 4) + 2 * (layout == 2)
    bass = (head[6] << 8 | head[7]) >> (12 - skipped) & 1
    rate = head[4] >> 6
    if rate >= len(_AC3_RATES_HZ):
        raise NothingToHearError("has a damaged AC-3 header")
    halved = max(0, (head[5] >> 3) - 8)
    found = Survey("ac3", _AC3_RATES_HZ[rate] >> halved, _AC3_CHANNELS[layout] + bass, lossless=False)
    frames = count_frames(file.descriptor, places.start, places.end, ac3_length, _AC3_MARK)
    return _of_length(found, frames * _AC3_BLOCKS * _AC3_BLOCK_SAMPLES, places)


def _survey_eac3(file: FileWindow, places: TagPlaces) -> Survey:
    """The E-AC-3 stream between the tags; its first program."""
    head = file.at(places.start, 8)
    rate, blocks, layout, bass = head[4] >> 6, head[4] >> 4 & 3, head[4] >> 1 & 7, head[4] & 1
    rate_hz = _AC3_RATES_HZ[rate] if rate < len(_AC3_RATES_HZ) else _AC3_RATES_HZ[min(blocks, 2)] // 2
    in_frame = (_EAC3_BLOCKS[blocks] if rate < len(_AC3_RATES_HZ) else _AC3_BLOCKS) * _AC3_BLOCK_SAMPLES
    found = Survey("eac3", rate_hz, _AC3_CHANNELS[layout] + bass, lossless=False)
    frames = count_frames(file.descriptor, places.start, places.end, _independent, _AC3_MARK)
    return _of_length(found, frames * in_frame, places)


def _independent(block: bytes, place: int) -> int | None:
    """Length of a frame together with those that add channels to it."""
    length = eac3_length(block, place)
    if length is None:
        return None
    while place + length + 3 <= len(block) and block[place + length : place + length + 2] == _AC3_MARK:
        if block[place + length + 2] >> 6 != 1 or (more := eac3_length(block, place + length)) is None:
            break
        length += more
    return length


def _of_length(found: Survey, frames: int, places: TagPlaces) -> Survey:
    found.duration_s = frames / found.sample_rate_hz
    found.audio = ((places.start, places.end - places.start),)
    return found


_SURVEYORS: dict[str, Callable[[FileWindow, TagPlaces], Survey]] = {
    "aac": _survey_adts,
    "ac3": _survey_ac3,
    "eac3": _survey_eac3,
}
