"""What is needed to make a file's old bytes of its new ones again: where they lie in there, and those that do not.

An edit of tags leaves the audio where it was, or moves all of it alike. Found so is nearly everything; what is left is
compressed with the part of the new file around it as its dictionary (zstd), which tells the renumbered pages of an Ogg
stream from new ones. Memory is bounded whatever the size of the file.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterable, Iterator, Sequence

from auralis_cli.quick_dataclasses import dataclass

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_MARK = b"AUP1"
# Both sizes, how many pieces, and by how much at least and at most things were moved.
_HEAD = struct.Struct("<4sQQIqq")
# Where it is copied from, -1 for what the patch itself holds, how many bytes, and in how many it holds them.
_PIECE = struct.Struct("<qQQ")
_OWN = -1
_BLOCK_BYTES = 1 << 16
_MAX_OWN_BYTES = 32 << 20
# What is looked for may have been moved by a little more than is known.
_MARGIN_BYTES = 1 << 16
_MAX_SHIFT_BYTES = 32 << 20
_WIDEST_WINDOW = 31
_NARROWEST_WINDOW = 10


class DamagedPatchError(ValueError):
    """A patch is not what was made, or not of this file."""


@dataclass(slots=True)
class _Piece:
    source: int
    size: int
    packed_bytes: int = 0


def make_patch(old: int, new: int, shifts: Iterable[int] = ()) -> bytes:
    """What makes the file `old` of the file `new`, both open.

    `shifts` are by how many bytes what is in both may lie further on in the new one, beside the difference in size.
    """
    old_size, new_size = os.fstat(old).st_size, os.fstat(new).st_size
    ways = [0, new_size - old_size, *shifts]
    pieces = _pieces(old, new, ways)
    least, most = max(min(ways), -_MAX_SHIFT_BYTES), min(max(ways), _MAX_SHIFT_BYTES)
    packed: list[bytes] = []
    place = 0
    for piece in pieces:
        if piece.source == _OWN:
            own = _read(old, place, piece.size)
            packed.append(_compressed(own, _dictionary(new, place + least, place + piece.size + most)))
            piece.packed_bytes = len(packed[-1])
        place += piece.size
    table = b"".join(_PIECE.pack(piece.source, piece.size, piece.packed_bytes) for piece in pieces)
    return b"".join((_HEAD.pack(_MARK, old_size, new_size, len(pieces), least, most), table, *packed))


def old_bytes(patch: bytes, new: int) -> Iterator[bytes]:
    """The old file in parts. Raises DamagedPatchError where the patch is none of the file `new`, or not whole."""
    try:
        mark, old_size, new_size, count, least, most = _HEAD.unpack_from(patch)
        at = _HEAD.size + count * _PIECE.size
        pieces = [_Piece(*found) for found in _PIECE.iter_unpack(patch[_HEAD.size : at])]
    except struct.error as error:
        raise DamagedPatchError("it is damaged") from error
    sizes = sum(piece.size for piece in pieces), sum(piece.packed_bytes for piece in pieces)
    if mark != _MARK or sizes != (old_size, len(patch) - at):
        raise DamagedPatchError("it is not whole")
    if os.fstat(new).st_size != new_size:
        raise DamagedPatchError("it is of another file")
    place = 0
    for piece in pieces:
        if piece.source == _OWN:
            dictionary = _dictionary(new, place + least, place + piece.size + most)
            yield _decompressed(patch[at : at + piece.packed_bytes], dictionary)
            at += piece.packed_bytes
        else:
            yield from _blocks(new, piece.source, piece.size)
        place += piece.size


def _pieces(old: int, new: int, shifts: Sequence[int]) -> list[_Piece]:
    """The old file, block by block: where each lies in the new one; what follows on is one piece."""
    ways = list(dict.fromkeys(shifts))
    pieces: list[_Piece] = []
    place = 0
    while block := os.pread(old, _BLOCK_BYTES, place):
        source = _OWN
        for way in ways:
            if place + way >= 0 and os.pread(new, len(block), place + way) == block:
                source = place + way
                # The next one probably lies the same way.
                ways.remove(way)
                ways.insert(0, way)
                break
        last = pieces[-1] if pieces else None
        if last is not None and _follows(last, source):
            last.size += len(block)
        else:
            pieces.append(_Piece(source, len(block)))
        place += len(block)
    return pieces


def _follows(last: _Piece, source: int) -> bool:
    if last.source == _OWN or source == _OWN:
        return last.source == source and last.size < _MAX_OWN_BYTES
    return last.source + last.size == source


def _dictionary(new: int, start: int, end: int) -> bytes:
    """The part of the new file from about `start` to about `end`."""
    start, end = max(0, start - _MARGIN_BYTES), min(os.fstat(new).st_size, end + _MARGIN_BYTES)
    return _read(new, start, end - start) if end > start else b""


def _compressed(data: bytes, dictionary: bytes) -> bytes:
    parameter = zstd.CompressionParameter
    window = (len(data) + len(dictionary)).bit_length()
    options: dict[int, int] = {
        parameter.compression_level: 1,
        parameter.checksum_flag: 1,
        parameter.window_log: max(_NARROWEST_WINDOW, min(window, _WIDEST_WINDOW)),
        parameter.enable_long_distance_matching: 1,
    }
    if not dictionary:
        return zstd.compress(data, options=options)
    return zstd.compress(data, options=options, zstd_dict=zstd.ZstdDict(dictionary, is_raw=True).as_prefix)


def _decompressed(data: bytes, dictionary: bytes) -> bytes:
    options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _WIDEST_WINDOW}
    try:
        if not dictionary:
            return zstd.decompress(data, options=options)
        return zstd.decompress(data, zstd_dict=zstd.ZstdDict(dictionary, is_raw=True).as_prefix, options=options)
    except zstd.ZstdError as error:
        raise DamagedPatchError("it is damaged") from error


def _blocks(file: int, start: int, size: int) -> Iterator[bytes]:
    while size > 0:
        block = os.pread(file, min(size, _BLOCK_BYTES * 16), start)
        if not block:
            raise DamagedPatchError("the file it is of is shorter")
        yield block
        start += len(block)
        size -= len(block)


def _read(file: int, start: int, size: int) -> bytes:
    return b"".join(_blocks(file, start, size))
