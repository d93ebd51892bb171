"""Monkey's Audio, WavPack, Musepack, TAK, TTA, DSD and WMA without decoding them: their headers by mutagen.

mutagen is imported for each where it is met: most libraries hold none of them.
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable, Iterator
from typing import IO, Any

from auralis_cli.audio.bounded_file import BoundedFile
from auralis_cli.audio.chunks import chunks_of
from auralis_cli.audio.file_window import FileWindow
from auralis_cli.audio.musepack import music_in_sv7, music_in_sv8
from auralis_cli.audio.surrounding_tags import TagPlaces
from auralis_cli.audio.survey import NothingToHearError, Span, Survey
from auralis_cli.audio.texts_id3 import take_id3

_HEAD_BYTES = 1 << 16
_DSF_HEAD_BYTES = 92
_DSF_HIGHEST_FIRST = 8
_ASF_DATA = bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")
_ASF_HEAD_BYTES = 24
_ASF_MAX_HEADER_BYTES = 64 << 20
_MAX_OBJECTS = 256
_ASF_CODECS = {0x160: "wmav1", 0x161: "wmav2", 0x162: "wmapro", 0x163: "wmalossless", 0x0A: "wmavoice"}
# Audio Media in ASF's names; the format tag stands behind it, the other ids and sizes of the object.
_ASF_AUDIO = bytes.fromhex("409e69f84d5bcf11a8fd00805f5c442b")
_ASF_FORMAT_AT = 54
_MPC_HEAD_BYTES = 256
_MAX_BLOCKS = 64
_WV_MONO, _WV_HYBRID, _WV_FLOAT, _WV_FINAL, _WV_DSD = 0x4, 0x8, 0x80, 0x1000, 1 << 31


def survey_rare(key: str, file: FileWindow, places: TagPlaces) -> Survey:
    """The stream of a file of the registry's kind `key` between its tags; raises ValueError where it is damaged."""
    from mutagen import MutagenError

    try:
        survey = _SURVEYORS[key](file, places)
    except MutagenError as error:
        raise ValueError(str(error)) from error
    survey.audio = survey.audio or ((places.start, places.end - places.start),)
    return survey


def _stream(file: FileWindow, places: TagPlaces) -> IO[bytes]:
    """The file as mutagen reads it, from its audio on."""
    stream = os.fdopen(os.dup(file.descriptor), "rb")
    stream.seek(places.start)
    return stream


def _survey_ape(file: FileWindow, places: TagPlaces) -> Survey:
    from mutagen.monkeysaudio import MonkeysAudioInfo

    info: Any = MonkeysAudioInfo(io.BytesIO(file.at(places.start, 76)))
    return Survey("ape", info.sample_rate, info.channels, True, info.bits_per_sample or 16, None, info.length or None)


def _survey_wavpack(file: FileWindow, places: TagPlaces) -> Survey:
    from mutagen.wavpack import WavPackInfo

    with _stream(file, places) as stream:
        info: Any = WavPackInfo(stream)
    head = file.at(places.start, 32)
    flags = int.from_bytes(head[24:28], "little")
    channels, place = 0, places.start
    for _ in range(_MAX_BLOCKS):
        channels += 1 if int.from_bytes(head[24:28], "little") & _WV_MONO else 2
        place += 8 + int.from_bytes(head[4:8], "little")
        if int.from_bytes(head[24:28], "little") & _WV_FINAL or len(head) < 32:
            break
        head = file.at(place, 32)
    bits = 1 if flags & _WV_DSD else 32 if flags & _WV_FLOAT else info.bits_per_sample
    # Of DSD, eight bits make a frame, as mutagen counts it.
    return Survey("wavpack", info.sample_rate, channels, not flags & _WV_HYBRID, bits, None, info.length or None)


def _survey_musepack(file: FileWindow, places: TagPlaces) -> Survey:
    from mutagen.musepack import MusepackInfo

    head = file.at(places.start, _MPC_HEAD_BYTES)
    with _stream(file, places) as stream:
        info: Any = MusepackInfo(stream)
    is_old = head[:3] == b"MP+"
    music = music_in_sv7(head) if is_old else music_in_sv8(head)
    length = info.length if music is None or music.length is None else music.length / info.sample_rate
    return Survey("musepack7" if is_old else "musepack8", info.sample_rate, info.channels, False, None, None, length)


def _survey_tak(file: FileWindow, places: TagPlaces) -> Survey:
    from mutagen.tak import TAKInfo

    with _stream(file, places) as stream:
        info: Any = TAKInfo(stream)
    return Survey("tak", info.sample_rate, info.channels, True, info.bits_per_sample, None, info.length)


def _survey_tta(file: FileWindow, places: TagPlaces) -> Survey:
    head = file.at(places.start, 18)
    if len(head) < 18:
        raise NothingToHearError("has no audio in it")
    _, channels, bits, rate_hz, samples = struct.unpack("<HHHII", head[4:18])
    return Survey("tta", rate_hz, channels, True, bits, None, samples / rate_hz if rate_hz else None)


def _survey_dsf(file: FileWindow, _: TagPlaces) -> Survey:
    """Sony's DSD stream file: three chunks; bits are counted, of which eight make a frame."""
    head = file.at(0, _DSF_HEAD_BYTES)
    if len(head) < _DSF_HEAD_BYTES or head[28:32] != b"fmt ":
        raise NothingToHearError("has no audio in it")
    channels, rate_hz, order, samples = struct.unpack_from("<IIIQ", head, 52)
    codec = "dsd_msbf_planar" if order == _DSF_HIGHEST_FIRST else "dsd_lsbf_planar"
    size = min(int.from_bytes(head[84:92], "little") - 12, file.size_bytes - _DSF_HEAD_BYTES)
    found = Survey(codec, rate_hz // 8, channels, True, 1, None, samples / rate_hz if rate_hz else None)
    found.audio = ((_DSF_HEAD_BYTES, max(0, size)),)
    pointer = int.from_bytes(head[20:28], "little")
    if pointer and file.at(pointer, 3) == b"ID3":
        take_id3(file, pointer, found)
    return found


def _survey_dff(file: FileWindow, _: TagPlaces) -> Survey:
    """Philips' DSDIFF."""
    rate_hz = channels = 0
    sound: Span | None = None
    found = Survey("dsd_msbf", 0, 0, True, 1)
    for name, body, size in chunks_of(file.descriptor):
        if name == b"PROP":
            for inner, at, _size in _subchunks(file, body + 4, body + size):
                if inner == b"FS  ":
                    rate_hz = int.from_bytes(file.at(at, 4), "big")
                elif inner == b"CHNL":
                    channels = int.from_bytes(file.at(at, 2), "big")
        elif name == b"DSD ":
            sound = body, max(0, min(size, file.size_bytes - body))
        elif name == b"DST ":
            raise NothingToHearError("is compressed by DST, which is not read")
        elif name in (b"ID3 ", b"id3 ") and file.at(body, 3) == b"ID3":
            take_id3(file, body, found)
    if sound is None or not rate_hz or not channels:
        raise NothingToHearError("has no audio in it")
    found.sample_rate_hz, found.channels, found.audio = rate_hz // 8, channels, (sound,)
    found.duration_s = sound[1] * 8 / channels / rate_hz
    return found


def _subchunks(file: FileWindow, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    for _ in range(_MAX_OBJECTS):
        head = file.at(start, 12)
        if start + 12 > end or len(head) < 12:
            return
        size = int.from_bytes(head[4:], "big")
        yield head[:4], start + 12, size
        start += 12 + size + size % 2


def _survey_asf(file: FileWindow, places: TagPlaces) -> Survey:
    from mutagen.asf import ASF

    with _stream(file, places) as stream:
        info: Any = ASF(fileobj=BoundedFile(stream)).info
    if not info.channels or not info.sample_rate:
        raise NothingToHearError("holds no audio")
    codec = _asf_codec(file, places.start)
    found = Survey(
        codec, info.sample_rate, info.channels, codec == "wmalossless", None, info.bitrate or None, info.length
    )
    found.has_odd_tags = True
    start = places.start
    for _ in range(_MAX_OBJECTS):
        head = file.at(start, _ASF_HEAD_BYTES)
        size = int.from_bytes(head[16:24], "little")
        if head[:16] == _ASF_DATA:
            size = min(size, file.size_bytes - start) if size else file.size_bytes - start
            found.audio = ((start + _ASF_HEAD_BYTES, max(0, size - _ASF_HEAD_BYTES)),)
        if len(head) < _ASF_HEAD_BYTES or size < _ASF_HEAD_BYTES:
            break
        start += size
    if not found.audio and (place := _asf_data(file, places.start)) is not None:
        found.audio = ((place, file.size_bytes - place),)
    return found


def _asf_data(file: FileWindow, start: int) -> int | None:
    """Where the audio lies, if the size of the header is wrong: not far from where it says, pictures in it or not."""
    said = int.from_bytes(file.at(start, _ASF_HEAD_BYTES)[16:24], "little")
    place = file.at(start, min(said, _ASF_MAX_HEADER_BYTES) + _HEAD_BYTES).find(_ASF_DATA)
    return None if place < 0 else start + place + _ASF_HEAD_BYTES


def _asf_codec(file: FileWindow, start: int) -> str:
    """By the format tag in the description of the first stream of audio, which may stand behind long tags."""
    said = int.from_bytes(file.at(start, _ASF_HEAD_BYTES)[16:24], "little")
    head = file.at(start, min(max(said, _HEAD_BYTES), _ASF_MAX_HEADER_BYTES))
    place = head.find(_ASF_AUDIO)
    tag = int.from_bytes(head[place + _ASF_FORMAT_AT : place + _ASF_FORMAT_AT + 2], "little") if place >= 0 else 0
    return _ASF_CODECS.get(tag, f"0x{tag:04x}")


_SURVEYORS: dict[str, Callable[[FileWindow, TagPlaces], Survey]] = {
    "ape": _survey_ape,
    "wv": _survey_wavpack,
    "mpc": _survey_musepack,
    "mpc8": _survey_musepack,
    "tak": _survey_tak,
    "tta": _survey_tta,
    "dsf": _survey_dsf,
    "dff": _survey_dff,
    "wma": _survey_asf,
}
