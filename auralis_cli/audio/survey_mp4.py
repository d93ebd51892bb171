"""MP4 without decoding it: the first track of sound, and the tags in `ilst`; covers are stepped over.

ISO/IEC 14496-12 and 14496-14; Apple's atoms.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import field

from auralis_cli.audio.file_window import FileWindow
from auralis_cli.audio.mp4 import Mp4Track, music_of_track
from auralis_cli.audio.survey import NothingToHearError, Span, Survey, Texts
from auralis_cli.audio.sync_frames import AAC_RATES_HZ
from auralis_cli.audio.tag_names import LIBRARY_NAMES, MP4_NUMBERS, MP4_TEXTS, NAMES_OF_FREEFORMS
from auralis_cli.quick_dataclasses import dataclass

_MAX_BOXES = 4096
_MAX_TABLE_ENTRIES = 4096
_MAX_TEXT_BYTES = 1 << 20
_MAX_SMALL_BYTES = 64
_MAX_SHORT_BYTES = 2048
_TRACK_PATH = frozenset([b"mdia", b"minf", b"stbl", b"edts"])
_ITUNES_NOTE = "itunsmpb"
_UTF16 = 2
_TEXT_TYPES = (0, 1)
_TEXTS = {atom.encode("latin-1"): name for atom, name in MP4_TEXTS.items() if name in LIBRARY_NAMES}
_PAIRS = {atom.encode(): names for atom, names in MP4_NUMBERS.items()}
_CODECS = {b"mp4a": "aac", b"alac": "alac", b"ac-3": "ac3", b"ec-3": "eac3", b"fLaC": "flac", b"Opus": "opus"} | {
    b".mp3": "mp3", b"sowt": "pcm_s16le", b"twos": "pcm_s16be", b"in24": "pcm_s24be", b"dtsc": "dts",
}  # fmt: skip
_LOSSLESS = ("alac", "flac", "pcm_s16le", "pcm_s16be", "pcm_s24be")
_PROTECTED = (b"drms", b"enca")
_MP3_OBJECTS = (0x69, 0x6B)
_AAC_CHANNELS = (0, 1, 2, 3, 4, 5, 6, 8)
_SBR_OBJECTS = (5, 29)
_ESCAPE = 15


@dataclass(slots=True)
class _Sound:
    """What is known of one track."""

    boxes: Mp4Track = field(default_factory=Mp4Track)
    codec: bytes = b""
    # By its table; a fragmented file has them elsewhere.
    samples: int = 0
    entry: Survey | None = None


@dataclass(slots=True)
class _Movie:
    """What was found so far."""

    timescale: int = 0
    # Of fragments, in units of `timescale`.
    fragmented: int = 0
    has_fragments: bool = False
    tracks: list[_Sound] = field(default_factory=list)
    data: list[Span] = field(default_factory=list)
    texts: Texts = field(default_factory=dict)
    note: bytes | None = None


def survey_mp4(file: FileWindow, start: int) -> Survey:
    """The MP4 file whose boxes begin at `start`."""
    movie = _Movie()
    budget = iter(range(_MAX_BOXES))
    for name, body, size in _boxes(file, start, file.size_bytes, budget):
        if name == b"mdat":
            movie.data.append((body, size))
        elif name == b"moov":
            _read_movie(file, body, body + size, movie, budget)
    sound = next((track for track in movie.tracks if track.boxes.is_audio), None)
    if sound is None or not (sound.samples or movie.has_fragments):
        raise NothingToHearError("holds no audio")
    if sound.codec in _PROTECTED:
        raise NothingToHearError("is protected (DRM)")
    if sound.entry is None:
        raise NothingToHearError("does not say how its audio is coded")
    found = sound.entry
    found.duration_s = _duration(sound.boxes, movie)
    found.texts, found.audio = movie.texts, tuple(movie.data)
    return found


def _boxes(file: FileWindow, start: int, end: int, budget: Iterator[int]) -> Iterator[tuple[bytes, int, int]]:
    """Name, first byte and size of the body of each box from `start` to `end`."""
    for _ in budget:
        head = file.at(start, 16)
        if start + 8 > end or len(head) < 8:
            return
        size, name, head_bytes = int.from_bytes(head[:4], "big"), head[4:8], 8
        if size == 1 and len(head) == 16:
            size, head_bytes = int.from_bytes(head[8:], "big"), 16
        elif size == 0:
            size = end - start
        if size < head_bytes:
            return
        yield name, start + head_bytes, min(start + size, end) - start - head_bytes
        start += size


def _read_movie(file: FileWindow, start: int, end: int, movie: _Movie, budget: Iterator[int]) -> None:
    for name, body, size in _boxes(file, start, end, budget):
        if name == b"mvhd":
            movie.timescale = _timescale(file.at(body, 32))
        elif name == b"trak":
            movie.tracks.append(_Sound())
            _read_track(file, body, body + size, movie.tracks[-1], budget)
        elif name == b"udta":
            _read_movie(file, body, body + size, movie, budget)
        elif name == b"meta":
            # Four bytes of version and flags stand before its boxes, in QuickTime none.
            skipped = 0 if file.at(body, 8)[4:] == b"hdlr" else 4
            _read_movie(file, body + skipped, body + size, movie, budget)
        elif name == b"ilst":
            _read_tags(file, body, body + size, movie, budget)
        elif name == b"mvex":
            movie.has_fragments = True
            for inner, at, _ in _boxes(file, body, body + size, budget):
                if inner == b"mehd":
                    movie.fragmented = int.from_bytes(file.at(at + 4, 8 if file.at(at, 1) == b"\x01" else 4), "big")


def _read_track(file: FileWindow, start: int, end: int, track: _Sound, budget: Iterator[int]) -> None:
    for name, body, size in _boxes(file, start, end, budget):
        if name in _TRACK_PATH:
            _read_track(file, body, body + size, track, budget)
        elif name == b"hdlr":
            track.boxes.is_audio = track.boxes.is_audio or file.at(body, 12)[8:] == b"soun"
        elif name == b"mdhd":
            track.boxes.timescale = _timescale(file.at(body, 32))
        elif name == b"stts":
            track.boxes.duration = sum(count * delta for count, delta in _table(file, body, size, ">II"))
        elif name in (b"stsz", b"stz2"):
            track.samples = int.from_bytes(file.at(body + 8, 4), "big")
        elif name == b"elst":
            entries = _table(file, body, size, ">QqI" if file.at(body, 1) == b"\x01" else ">IiI")
            track.boxes.edits = tuple((entry[0], entry[1]) for entry in entries)
        elif name == b"stsd" and track.boxes.is_audio:
            for codec, at, length in _boxes(file, body + 8, body + size, budget):
                track.codec, track.entry = codec, _entry(file, codec, at, length, budget)
                break


def _timescale(header: bytes) -> int:
    """Of a movie's or a track's header, whose times are of 32 or, in version 1, of 64 bits."""
    offset = 20 if header[:1] == b"\x01" else 12
    return int.from_bytes(header[offset : offset + 4], "big")


def _table(file: FileWindow, start: int, size: int, layout: str) -> list[tuple[int, ...]]:
    """The entries of a table that are there; none where it claims more than is read of any."""
    entry_bytes = struct.calcsize(layout)
    claimed = int.from_bytes(file.at(start + 4, 4), "big")
    if claimed > _MAX_TABLE_ENTRIES or 8 + claimed * entry_bytes > size:
        return []
    data = file.at(start + 8, claimed * entry_bytes)
    return list(struct.iter_unpack(layout, data)) if len(data) == claimed * entry_bytes else []


def _entry(file: FileWindow, codec: bytes, start: int, size: int, budget: Iterator[int]) -> Survey | None:
    """How the samples of a track are described."""
    head = file.at(start, 28)
    if len(head) < 28:
        return None
    version, channels, bits, rate_hz = struct.unpack_from(">H6xHH4xH", head, 8)
    name = _CODECS.get(codec, codec.decode("latin-1").strip().lower())
    found = Survey(name, rate_hz, channels, name in _LOSSLESS)
    if found.lossless:
        found.bits = bits
    inner = start + 28 + {1: 16, 2: 36}.get(version, 0)
    for box, body, length in _boxes(file, inner, start + size, budget):
        if box == b"esds":
            _read_descriptor(file.at(body + 4, min(length, _MAX_SMALL_BYTES)), found)
        elif box == b"alac" and length >= 28:
            found.bits, found.channels = file.at(body + 9, 1)[0], file.at(body + 13, 1)[0]
            found.sample_rate_hz = int.from_bytes(file.at(body + 24, 4), "big")
        elif box == b"dfLa" and length >= 42:
            (packed,) = struct.unpack(">Q", file.at(body + 18, 8))
            found.sample_rate_hz, found.bits = packed >> 44, (packed >> 36 & 31) + 1
        elif box == b"dOps":
            found.sample_rate_hz, found.channels = 48_000, file.at(body + 1, 1)[0]
    return found


def _read_descriptor(data: bytes, found: Survey) -> None:
    """ES_Descriptor → DecoderConfigDescriptor → AudioSpecificConfig: what AAC says of itself."""
    place = 0
    while place < len(data):
        tag, place = data[place], place + 1
        while place < len(data) and data[place] & 0x80:
            place += 1
        place += 1
        if tag == 3:
            flags = data[place + 2] if place + 2 < len(data) else 0
            place += 3 + 2 * bool(flags & 0x80) + 2 * bool(flags & 0x20)
        elif tag == 4:
            if place < len(data) and data[place] in _MP3_OBJECTS:
                found.codec = "mp3"
            place += 13
        else:
            if tag == 5 and found.codec == "aac":
                _read_configuration(data[place : place + 16], found)
            return


def _read_configuration(config: bytes, found: Survey) -> None:
    """ISO/IEC 14496-3, 1.6.2.1; a rate that is doubled (SBR) counts where it is said outright."""
    bits = int.from_bytes(config.ljust(16, b"\0"), "big")
    place = 128

    def take(count: int) -> int:
        nonlocal place
        place -= count
        return bits >> place & (1 << count) - 1

    def rate() -> int:
        index = take(4)
        return take(24) if index == _ESCAPE else AAC_RATES_HZ[index] if index < len(AAC_RATES_HZ) else 0

    kind = take(5)
    kind = 32 + take(6) if kind == 31 else kind
    rate_hz, layout = rate(), take(4)
    if kind in _SBR_OBJECTS:
        rate_hz = rate()
    if rate_hz:
        found.sample_rate_hz = rate_hz
    if 0 < layout < len(_AAC_CHANNELS):
        found.channels = 2 if kind == 29 else _AAC_CHANNELS[layout]


def _duration(track: Mp4Track, movie: _Movie) -> float | None:
    if not track.timescale:
        return None
    music = music_of_track(track, movie.timescale, movie.note)
    if music is not None and music.length is not None:
        return music.length / (music.scale_hz or track.timescale)
    if track.duration:
        return track.duration / track.timescale
    return movie.fragmented / movie.timescale if movie.fragmented and movie.timescale else None


def _read_tags(file: FileWindow, start: int, end: int, movie: _Movie, budget: Iterator[int]) -> None:
    texts = movie.texts
    for atom, body, size in _boxes(file, start, end, budget):
        if atom == b"----":
            _read_freeform(file, body, body + size, movie, budget)
        elif atom in _TEXTS:
            for kind, data in _values(file, body, body + size, budget):
                if text := _text(kind, data):
                    texts.setdefault(_TEXTS[atom], []).append(text)
        elif atom in _PAIRS:
            for _, data in _values(file, body, body + size, budget):
                for name, at in zip(_PAIRS[atom], (2, 4), strict=True):
                    if number := int.from_bytes(data[at : at + 2], "big"):
                        texts.setdefault(name, []).append(str(number))
                break
        elif atom == b"tmpo":
            for _, data in _values(file, body, body + size, budget):
                texts["bpm"] = [str(int.from_bytes(data, "big"))]
        elif atom == b"cpil":
            if any(data.strip(b"\0") for _, data in _values(file, body, body + size, budget)):
                texts["compilation"] = ["1"]
        elif atom == b"gnre":
            for _, data in _values(file, body, body + size, budget):
                _add_old_genre(int.from_bytes(data[:2], "big"), texts)


def _values(file: FileWindow, start: int, end: int, budget: Iterator[int]) -> Iterator[tuple[int, bytes]]:
    """Type and content of each value of an atom."""
    if end - start <= _MAX_SHORT_BYTES:
        # One value is the rule.
        atom = file.at(start, end - start)
        if len(atom) >= 16 and atom[4:8] == b"data" and int.from_bytes(atom[:4], "big") == len(atom):
            yield int.from_bytes(atom[9:12], "big"), atom[16:]
            return
    for name, body, size in _boxes(file, start, end, budget):
        if name == b"data" and 8 <= size <= _MAX_TEXT_BYTES:
            data = file.at(body, size)
            yield int.from_bytes(data[1:4], "big"), data[8:]


def _text(kind: int, data: bytes) -> str:
    if kind == _UTF16:
        return data.decode("utf-16-be", "replace")
    return data.decode("utf-8", "replace") if kind in _TEXT_TYPES else ""


def _read_freeform(file: FileWindow, start: int, end: int, movie: _Movie, budget: Iterator[int]) -> None:
    name = ""
    for box, body, size in _boxes(file, start, end, budget):
        if box == b"name":
            label = file.at(body + 4, min(size - 4, _MAX_SMALL_BYTES)).decode("utf-8", "replace").lower()
            name = NAMES_OF_FREEFORMS.get(label, label)
        elif box == b"data" and 8 < size <= _MAX_TEXT_BYTES:
            if name == _ITUNES_NOTE:
                movie.note = file.at(body, size)[8:]
            elif name in LIBRARY_NAMES:
                data = file.at(body, size)
                if text := _text(int.from_bytes(data[1:4], "big"), data[8:]):
                    movie.texts.setdefault(name, []).append(text)


def _add_old_genre(number: int, texts: Texts) -> None:
    # Imported where it is needed: most files have words.
    from mutagen.id3 import TCON

    if number and "genre" not in texts:
        texts["genre"] = list(TCON(encoding=3, text=[str(number - 1)]).genres)
