"""How the content of each format begins: questions put to the first bytes of a file, never to its name."""

from __future__ import annotations

import struct
from collections.abc import Callable

Matcher = Callable[[bytes], bool]

_W64_RIFF = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
_W64_WAVE = b"wave\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
_ASF_HEADER = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"
# Boxes an MP4 or QuickTime file may begin with, besides the sound itself. None is of 16 MiB, but text might read so.
_MP4_BOXES = (b"ftyp", b"moov", b"free", b"skip", b"wide", b"pnot")
_BEGINS_A_STREAM = 0x02
_MAX_OGG_STREAMS = 16
# What is audio but opened by no decoder here, and what people hand over by mistake.
_STRANGERS: tuple[tuple[bytes, str], ...] = (
    (b"OFR ", "OptimFROG"),
    (b"ADIF", "AAC in ADIF"),
    (b"LA0", "Lossless Audio (LA)"),
    (b"ajkg", "Shorten"),
    (b"#!AMR", "AMR"),
    (b".RMF", "RealMedia"),
    (b".ra\xfd", "RealAudio"),
    (b"MThd", "MIDI, which holds notes and no sound"),
    (b"\x1aE\xdf\xa3", "Matroska or WebM"),
    (b"#EXTM3U", "a playlist"),
    (b"[playlist]", "a playlist"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\0", "a picture"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "compressed by gzip"),
)


def begins_with(*magic: bytes) -> Matcher:
    """Whether one of some magic numbers comes first."""
    return lambda head: head.startswith(magic)


def is_wav(head: bytes) -> bool:
    """RIFF, its big-endian and its 64-bit forms."""
    return head[:4] in (b"RIFF", b"RF64", b"BW64", b"RIFX") and head[8:12] == b"WAVE"


def is_wave64(head: bytes) -> bool:
    """Sony Wave64."""
    return head.startswith(_W64_RIFF) and head[24:40] == _W64_WAVE


def is_aiff(head: bytes) -> bool:
    """AIFF and AIFF-C."""
    return head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC")


def is_caf(head: bytes) -> bool:
    """Apple's Core Audio Format, of the one version there is."""
    return head[:6] == b"caff\0\x01"


def is_dsdiff(head: bytes) -> bool:
    """Philips' DSDIFF."""
    return head[:4] == b"FRM8" and head[12:16] == b"DSD "


def is_asf(head: bytes) -> bool:
    """Microsoft's Advanced Systems Format."""
    return head.startswith(_ASF_HEADER)


def is_mp4(head: bytes) -> bool:
    """ISO base media and QuickTime: a box with a name that may stand first."""
    return head[4:8] == b"mdat" or (head[4:8] in _MP4_BOXES and head[:1] == b"\0")


def ogg_carries(codec: bytes) -> Matcher:
    """Whether `codec` is the first kind of audio among the streams an Ogg file begins with."""

    def matches(head: bytes) -> bool:
        if head[:4] != b"OggS":
            return False
        return next((name for packet in _ogg_first_packets(head) if (name := _ogg_audio(packet))), None) == codec

    return matches


def stranger(head: bytes) -> str | None:
    """What a file beginning with `head` is, where it is a known thing that is not read."""
    return next((name for magic, name in _STRANGERS if head.startswith(magic)), None)


OGG_VORBIS = b"\x01vorbis"
OGG_OPUS = b"OpusHead"
OGG_FLAC = b"\x7fFLAC"
OGG_SPEEX = b"Speex   "


def _ogg_audio(packet: bytes) -> bytes | None:
    return next((name for name in (OGG_VORBIS, OGG_OPUS, OGG_FLAC, OGG_SPEEX) if packet.startswith(name)), None)


def _ogg_first_packets(head: bytes) -> list[bytes]:
    """The first packet of every stream; each has a page of its own before all other pages."""
    packets: list[bytes] = []
    start = 0
    while len(packets) < _MAX_OGG_STREAMS and head[start : start + 4] == b"OggS" and len(head) >= start + 27:
        flags, segments = struct.unpack_from("<xB20xB", head, start + 4)
        if not flags & _BEGINS_A_STREAM:
            break
        body = start + 27 + segments
        size = sum(head[start + 27 : body])
        packets.append(head[body : body + size])
        start = body + size
    return packets
