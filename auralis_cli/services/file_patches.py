"""What is needed to make a file's old bytes of its new ones again: where they lie in there, and those that do not.

An edit of tags leaves the audio where it was, or moves all of it alike. Found so is nearly everything; what is left
is compressed with what else the new file holds as its dictionary (zstd), which tells the renumbered pages of an Ogg
stream from new ones. Memory is bounded by what is left, not by the file.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_MARK = b"AUP1"
_HEAD = struct.Struct("<4sQQI")
# Where it is copied from, -1 for what the patch itself holds, and how many bytes.
_PIECE = struct.Struct("<qQ")
_OWN = -1
_BLOCK_BYTES = 1 << 16
# More than that is no patch: the file is kept as it was.
MAX_OWN_BYTES = 64 << 20
_MAX_DICTIONARY_BYTES = 64 << 20
_WIDEST_WINDOW = 31
_NARROWEST_WINDOW = 10


class DamagedPatchError(ValueError):
    """A patch is not what was made, or not of this file."""


@dataclass(slots=True)
class _Piece:
    source: int
    size: int


def make_patch(old: int, new: int, shifts: Iterable[int] = ()) -> bytes | None:
    """What makes the file `old` of the file `new`, both open; None where that is too much.

    `shifts` are by how many bytes what is in both may lie further on in the new one, beside the difference in size.
    """
    old_size, new_size = os.fstat(old).st_size, os.fstat(new).st_size
    pieces = _pieces(old, new, [0, new_size - old_size, *shifts])
    if sum(piece.size for piece in pieces if piece.source == _OWN) > MAX_OWN_BYTES:
        return None
    own = bytearray()
    place = 0
    for piece in pieces:
        if piece.source == _OWN:
            own += _read(old, place, piece.size)
        place += piece.size
    table = b"".join(_PIECE.pack(piece.source, piece.size) for piece in pieces)
    rest = _compressed(bytes(own), _dictionary(new, new_size, pieces)) if own else b""
    body = table + rest
    return _HEAD.pack(_MARK, old_size, new_size, len(pieces)) + body


def old_bytes(patch: bytes, new: int) -> Iterator[bytes]:
    """The old file in parts. Raises DamagedPatchError where the patch is none of the file `new`."""
    try:
        mark, old_size, new_size, count = _HEAD.unpack_from(patch)
        table_end = _HEAD.size + count * _PIECE.size
        pieces = [_Piece(*found) for found in _PIECE.iter_unpack(patch[_HEAD.size : table_end])]
        if mark != _MARK or len(pieces) != count or os.fstat(new).st_size != new_size:
            raise DamagedPatchError("it is of another file")
        own = memoryview(b"")
        if table_end < len(patch):
            own = memoryview(_decompressed(patch[table_end:], _dictionary(new, new_size, pieces)))
        own_bytes = sum(piece.size for piece in pieces if piece.source == _OWN)
        if own_bytes != len(own) or sum(piece.size for piece in pieces) != old_size:
            raise DamagedPatchError("it is not whole")
    except (struct.error, zstd.ZstdError) as error:
        raise DamagedPatchError("it is damaged") from error
    taken = 0
    for piece in pieces:
        if piece.source == _OWN:
            yield bytes(own[taken : taken + piece.size])
            taken += piece.size
        else:
            yield from _blocks(new, piece.source, piece.size)


def write_old(patch: bytes, new: int, out: IO[bytes]) -> None:
    """Writes the old file; raises as `old_bytes` does, OSError where it cannot be written."""
    for part in old_bytes(patch, new):
        out.write(part)


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
        return last.source == source
    return last.source + last.size == source


def _dictionary(new: int, new_size: int, pieces: Sequence[_Piece]) -> bytes:
    """What of the new file no piece is copied from, up to a limit."""
    copied = sorted((piece.source, piece.source + piece.size) for piece in pieces if piece.source != _OWN)
    found = bytearray()
    place = 0
    for start, end in [*copied, (new_size, new_size)]:
        if start > place:
            found += _read(new, place, min(start - place, _MAX_DICTIONARY_BYTES - len(found)))
        place = max(place, end)
    return bytes(found)


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
    return zstd.compress(data, options=options, zstd_dict=_prefix(dictionary))


def _decompressed(data: bytes, dictionary: bytes) -> bytes:
    options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _WIDEST_WINDOW}
    if not dictionary:
        return zstd.decompress(data, options=options)
    return zstd.decompress(data, zstd_dict=_prefix(dictionary), options=options)


def _prefix(dictionary: bytes) -> tuple[zstd.ZstdDict, int]:
    return zstd.ZstdDict(dictionary, is_raw=True).as_prefix


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
