"""How deep samples were stored, for codecs that decode into wider ones: as their own headers say."""

from __future__ import annotations

from auralis_cli.model.audio import Subtype

_BY_SAMPLE_FORMAT = {
    "u8": Subtype.PCM_8,
    "s16": Subtype.PCM_16,
    "s32": Subtype.PCM_32,
    "flt": Subtype.FLOAT,
    "dbl": Subtype.DOUBLE,
}
# Their samples of 24 bits, the most they hold, are decoded into 32.
_UP_TO_24_BITS = ("ape", "tak", "tta", "wmalossless")
_FLAC_HEAD_BYTES = 34
_ALAC_DEPTH_AT = 17
_COMPANDED = ("pcm_alaw", "pcm_mulaw", "pcm_vidc")


def stored_as(codec: str, sample_format: str, extradata: bytes | None, head: bytes) -> Subtype:
    """The subtype of what `codec` decodes into `sample_format`, with its configuration and the first bytes of the file.

    A depth between two is the next wider. A-law and mu-law keep no samples but their logarithms: LOSSY. DSD,
    one bit at some megahertz, becomes FLOAT on its way to PCM.
    """
    if codec.startswith("dsd_"):
        return Subtype.FLOAT
    decoded = _BY_SAMPLE_FORMAT.get(sample_format, Subtype.LOSSY)
    if codec.startswith("pcm_") and codec not in _COMPANDED:
        return Subtype.PCM_24 if codec.startswith(("pcm_s24", "pcm_u24")) else decoded
    if codec in _UP_TO_24_BITS:
        return Subtype.PCM_24 if decoded is Subtype.PCM_32 else decoded
    if codec in ("alac", "flac", "wavpack"):
        bits = _stated_bits(codec, extradata or b"", head)
        return decoded if bits is None or decoded is Subtype.FLOAT else _subtype_of(bits)
    return Subtype.LOSSY


def _stated_bits(codec: str, extradata: bytes, head: bytes) -> int | None:
    if codec == "alac" and len(extradata) > _ALAC_DEPTH_AT and extradata[4:8] == b"alac":
        return extradata[_ALAC_DEPTH_AT]
    if codec == "flac" and len(extradata) >= _FLAC_HEAD_BYTES:
        return ((extradata[12] & 1) << 4 | extradata[13] >> 4) + 1
    if codec == "wavpack" and len(head) >= 28 and head[:4] == b"wvpk":
        flags = int.from_bytes(head[24:28], "little")
        return 8 * ((flags & 3) + 1) - (flags >> 13 & 0x1F)
    return None


def _subtype_of(bits: int) -> Subtype:
    widths = ((8, Subtype.PCM_8), (16, Subtype.PCM_16), (24, Subtype.PCM_24))
    return next((subtype for width, subtype in widths if bits <= width), Subtype.PCM_32)
