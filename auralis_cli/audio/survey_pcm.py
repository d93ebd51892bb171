"""WAV, Wave64, AIFF, CAF and AU without decoding them: what their headers say of how much there is."""

from __future__ import annotations

import struct
from collections.abc import Callable

from auralis_cli.audio.announced import announced_audio
from auralis_cli.audio.chunks import chunks_of, is_chain
from auralis_cli.audio.file_window import FileWindow
from auralis_cli.audio.survey import NothingToHearError, Span, Survey, Texts
from auralis_cli.audio.tag_names import AIFF_TEXTS, INFO_NAMES, INFO_NUMBERS, LIBRARY_NAMES
from auralis_cli.audio.texts_id3 import take_id3

_WAV_CODECS = {
    2: "adpcm_ms",
    6: "pcm_alaw",
    7: "pcm_mulaw",
    0x11: "adpcm_ima_wav",
    0x31: "gsm_ms",
    0x50: "mp2",
    0x55: "mp3",
}
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_MAX_INFO_BYTES = 1 << 20
_MAX_CHUNKS = 1000
_W64_HEAD_BYTES = 24
# AU's encodings: codec and bits.
_AU = {
    1: ("pcm_mulaw", 8), 2: ("pcm_s8", 8), 3: ("pcm_s16be", 16), 4: ("pcm_s24be", 24), 5: ("pcm_s32be", 32),
    6: ("pcm_f32be", 32), 7: ("pcm_f64be", 64), 27: ("pcm_alaw", 8),
}  # fmt: skip
_AIFC = {
    b"NONE": "", b"twos": "", b"sowt": "le", b"fl32": "pcm_f32be", b"FL32": "pcm_f32be", b"fl64": "pcm_f64be",
    b"FL64": "pcm_f64be", b"alaw": "pcm_alaw", b"ALAW": "pcm_alaw", b"ulaw": "pcm_mulaw", b"ULAW": "pcm_mulaw",
    b"ima4": "adpcm_ima_qt", b"in24": "pcm_s24be", b"in32": "pcm_s32be", b"raw ": "pcm_u8",
}  # fmt: skip
_CAF = {
    b"alac": "alac",
    b"aac ": "aac",
    b"alaw": "pcm_alaw",
    b"ulaw": "pcm_mulaw",
    b"ima4": "adpcm_ima_qt",
    b"flac": "flac",
}
_CAF_FLOAT, _CAF_LITTLE = 1, 2


def survey_pcm(key: str, file: FileWindow) -> Survey:
    """The stream of a file of the registry's kind `key`."""
    return _SURVEYORS[key](file)


def _of_samples(codec: str, rate_hz: int, channels: int, bits: int) -> Survey:
    found = Survey(codec, rate_hz, channels, lossless=codec.startswith("pcm_") and "law" not in codec)
    found.bits = bits if found.lossless else None
    return found


def _survey_wav(file: FileWindow) -> Survey:
    """A RIFF file, or one of its 64-bit and big-endian forms."""
    found: Survey | None = None
    data: Span | None = None
    byte_rate, stated, infos, id3 = 0, None, [], None
    order = ">" if file.at(0, 4) == b"RIFX" else "<"
    for name, body, size in chunks_of(file.descriptor):
        if name == b"fmt " and found is None:
            found, byte_rate = _wav_format(file.at(body, min(size, 40)), order)
        elif name == b"data" and data is None:
            data = body, size
        elif name == b"fact" and size >= 4:
            stated = struct.unpack(order + "I", file.at(body, 4).ljust(4, b"\0"))[0]
        elif name in (b"id3 ", b"ID3 ") and id3 is None:
            id3 = body
        elif name == b"LIST" and 4 < size <= _MAX_INFO_BYTES:
            infos.append(file.at(body, size))
    if found is None:
        raise NothingToHearError("has no format chunk")
    if data is None:
        raise NothingToHearError("has no data chunk")
    if id3 is not None and file.at(id3, 3) == b"ID3":
        take_id3(file, id3, found)
    for info in infos:
        if not found.texts and not found.has_odd_tags and info[:4] == b"INFO":
            found.texts = _info_texts(info)
    there = max(0, file.size_bytes - data[0])
    # Written to a pipe, or by a program that died, it says "none" although audio follows.
    is_unfinished = data[1] == 0 and there > 0 and not is_chain(file.descriptor, order, data[0])
    size = there if is_unfinished else min(data[1], there)
    found.audio = ((data[0], size),)
    frame_bytes = found.channels * (found.bits or 8) // 8
    if found.codec.startswith("pcm_") and frame_bytes:
        found.duration_s = _length(size // frame_bytes, found)
    elif stated and (not byte_rate or size >= byte_rate * (stated / max(found.sample_rate_hz, 1)) * 0.9):
        found.duration_s = _length(stated, found)
    elif byte_rate:
        found.duration_s = size / byte_rate
    return found


def _length(frames: int, found: Survey) -> float | None:
    return frames / found.sample_rate_hz if found.sample_rate_hz else None


def _wav_format(description: bytes, order: str) -> tuple[Survey, int]:
    """The stream and its bytes per second."""
    codec, channels, rate_hz, byte_rate, align, bits = struct.unpack(
        order + "HHIIHH", description[:16].ljust(16, b"\0")
    )
    if codec == _EXTENSIBLE and len(description) >= 26:
        codec = struct.unpack_from(order + "H", description, 24)[0]
    if codec in (_PCM, _FLOAT):
        stored = 8 * align // channels if channels else bits
        end = "be" if order == ">" else "le"
        name = f"pcm_f{stored}{end}" if codec == _FLOAT else "pcm_u8" if stored == 8 else f"pcm_s{stored}{end}"
        return _of_samples(name, rate_hz, channels, stored), byte_rate
    return _of_samples(_WAV_CODECS.get(codec, f"0x{codec:04x}"), rate_hz, channels, bits), byte_rate


def _info_texts(body: bytes) -> Texts:
    """LIST INFO, in UTF-8 or what Windows wrote before that."""
    texts: Texts = {}
    start = 4
    while start + 8 <= len(body):
        name, size = body[start : start + 4].decode("latin-1"), int.from_bytes(body[start + 4 : start + 8], "little")
        raw = body[start + 8 : start + 8 + size].rstrip(b"\0")
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode("cp1252", "replace")
        if name in INFO_NUMBERS:
            for part_name, part in zip(("tracknumber", "tracktotal"), text.partition("/")[::2], strict=True):
                if part.strip():
                    texts.setdefault(part_name, []).append(part.strip())
        elif INFO_NAMES.get(name) in LIBRARY_NAMES and text:
            texts.setdefault(INFO_NAMES[name], []).append(text)
        start += 8 + size + size % 2
    return texts


def _survey_aiff(file: FileWindow) -> Survey:
    """An AIFF or AIFF-C file."""
    found: Survey | None = None
    frames, sound, id3, texts = 0, None, None, Texts()
    for name, body, size in chunks_of(file.descriptor):
        if name == b"COMM" and found is None:
            found, frames = _aiff_format(file.at(body, min(size, 22)))
        elif name == b"SSND" and sound is None:
            sound = body + 8, max(0, min(size - 8, file.size_bytes - body - 8))
        elif name in (b"ID3 ", b"id3 ") and id3 is None:
            id3 = body
        elif name in AIFF_TEXTS and size <= _MAX_INFO_BYTES and (text := mac_text(file.at(body, size))):
            texts.setdefault(AIFF_TEXTS[name], []).append(text)
    if found is None or sound is None:
        raise NothingToHearError("has no audio in it")
    found.audio = (sound,)
    if id3 is not None and file.at(id3, 3) == b"ID3":
        take_id3(file, id3, found)
    if not found.texts and not found.has_odd_tags:
        found.texts = texts
    frame_bytes = found.channels * (found.bits or 0) // 8
    found.duration_s = _length(min(frames, sound[1] // frame_bytes) if frame_bytes else frames, found)
    return found


def _aiff_format(description: bytes) -> tuple[Survey, int]:
    """The stream and its frames; the rate is a float of 80 bits."""
    channels, frames, bits, exponent, mantissa = struct.unpack(">HIHHQ", description[:18].ljust(18, b"\0"))
    rate_hz = int(mantissa * 2.0 ** (exponent - 16446)) if exponent < 16446 else 0
    stored = -(-bits // 8) * 8
    name = _AIFC.get(description[18:22], description[18:22].decode("latin-1").strip().lower())
    if name in ("", "le"):
        name = f"pcm_s{stored}{name or 'be'}" if stored > 8 else "pcm_s8"
    elif name.startswith("pcm_f"):
        stored = int(name[5:7])
    return _of_samples(name, rate_hz, channels, stored), frames


def mac_text(raw: bytes) -> str:
    """Text as it was written on a Mac, before UTF-8 or since."""
    try:
        return raw.rstrip(b"\0").decode("utf-8").strip()
    except UnicodeDecodeError:
        return raw.rstrip(b"\0").decode("mac-roman").strip()


def _survey_wave64(file: FileWindow) -> Survey:
    """A Sony Wave64 file: chunks are named by 16 bytes, sizes count the head of 24 and are padded to 8."""
    found: Survey | None = None
    start = 40
    for _ in range(_MAX_CHUNKS):
        head = file.at(start, _W64_HEAD_BYTES)
        size = int.from_bytes(head[16:], "little")
        if len(head) < _W64_HEAD_BYTES or size < _W64_HEAD_BYTES:
            break
        if head[:4] == b"fmt ":
            found, _rate = _wav_format(file.at(start + _W64_HEAD_BYTES, 26), "<")
        if head[:4] == b"data" and found is not None:
            body = start + _W64_HEAD_BYTES
            return _plain(file, found, (body, size - _W64_HEAD_BYTES))
        start += size + -size % 8
    raise NothingToHearError("has no audio in it")


def _survey_caf(file: FileWindow) -> Survey:
    """An Apple Core Audio file."""
    found: Survey | None = None
    data: Span | None = None
    start = 8
    for _ in range(_MAX_CHUNKS):
        head = file.at(start, 12)
        if len(head) < 12:
            break
        name, size = head[:4], int.from_bytes(head[4:], "big", signed=True)
        if name == b"desc" and len(body := file.at(start + 12, 32)) == 32:
            found = _caf_format(body)
        elif name == b"data":
            # Four bytes count its edits; −1: up to the end.
            data = start + 16, size - 4 if size >= 0 else file.size_bytes - start - 16
        if size < 0:
            break
        start += 12 + size
    if found is None or data is None:
        raise NothingToHearError("has no audio in it")
    frames = announced_audio(file.descriptor, "caf").frames
    found = _plain(file, found, data)
    if frames and not found.bits:
        found.duration_s = _length(frames, found)
    return found


def _caf_format(body: bytes) -> Survey:
    rate, kind, flags, _, _, channels, bits = struct.unpack(">d4sIIIII", body)
    rate_hz = int(rate) if 0 < rate < 1e9 else 0
    if kind != b"lpcm":
        name = _CAF.get(kind, kind.decode("latin-1").strip().lower())
        found = _of_samples(name, rate_hz, channels, bits)
        found.lossless = found.lossless or name in ("alac", "flac")
        return found
    letter, end = "f" if flags & _CAF_FLOAT else "s", "le" if flags & _CAF_LITTLE else "be"
    return _of_samples("pcm_s8" if bits == 8 else f"pcm_{letter}{bits}{end}", rate_hz, channels, bits)


def _survey_au(file: FileWindow) -> Survey:
    """A Sun or NeXT file."""
    head = file.at(0, 24)
    if len(head) < 24:
        raise NothingToHearError("has no audio in it")
    start, size, encoding, rate_hz, channels = struct.unpack(">IIIII", head[4:])
    codec, bits = _AU.get(encoding, (f"au_{encoding}", 0))
    found = _of_samples(codec, rate_hz, channels, bits)
    return _plain(file, found, (start, size), bits)


def _plain(file: FileWindow, found: Survey, data: Span, bits: int | None = None) -> Survey:
    """The stream, whose samples lie in `data` as far as they are there."""
    size = max(0, min(data[1], file.size_bytes - data[0]))
    found.audio = ((data[0], size),)
    frame_bytes = found.channels * (bits or found.bits or 0) // 8
    if frame_bytes:
        found.duration_s = _length(size // frame_bytes, found)
    return found


_SURVEYORS: dict[str, Callable[[FileWindow], Survey]] = {
    "wav": _survey_wav,
    "aiff": _survey_aiff,
    "w64": _survey_wave64,
    "caf": _survey_caf,
    "au": _survey_au,
}
