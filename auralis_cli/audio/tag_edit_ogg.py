"""Comments of Ogg streams (Vorbis, Opus, Speex, FLAC) changed: the second packet, and the pages it stands on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import IO

from mutagen.ogg import OggPage

from auralis_cli.audio.vorbis_block import CommentBlock, change_comments, parsed_block
from auralis_cli.quick_dataclasses import dataclass

# Padding that is left for the next change, and what is too much of it.
_NEW_PADDING_BYTES, _MAX_PADDING_BYTES = 1024, 1 << 16
_MAX_PAGES, _MAX_BYTES = 65_536, 192 << 20
# Of a page. What stands behind the comments on theirs may be sound: it stays there, or the sound would seem another.
_APART_BYTES, _TOGETHER_BYTES = 4096, 48 << 10
_FLAC_HEAD_BYTES = 4


@dataclass(frozen=True, slots=True)
class _Codec:
    """How a codec wraps its block of comments."""

    # What its first packet begins with, and what the comments begin with.
    mark: bytes
    prefix: bytes
    # What must stand behind the block, and whether zeros may follow.
    suffix: bytes = b""
    may_be_padded: bool = True


_CODECS = (
    _Codec(b"\x01vorbis", b"\x03vorbis", suffix=b"\x01"),
    _Codec(b"OpusHead", b"OpusTags"),
    _Codec(b"Speex   ", b"", may_be_padded=False),
)
_FLAC_MARK = b"\x7fFLAC"


def edit_ogg(file: IO[bytes], fields: Mapping[str, Sequence[str]]) -> None:
    """Changes the comments of the first stream of sound in an Ogg file; ValueError where there is none."""
    rewrite_comments(file, lambda block: change_comments(block, fields))


def rewrite_comments(file: IO[bytes], change: Callable[[CommentBlock], None]) -> None:
    """Changes the block of comments by `change`, and the pages it stands on."""
    codec, pages = _comment_pages(file)
    packets = OggPage.to_packets(pages)
    new = _changed_flac(packets[0], change) if codec is None else _changed(packets[0], codec, change)
    if new == packets[0]:
        return
    if len(new) == len(packets[0]):
        new_pages = _as_before(pages, new)
    else:
        size_bytes = _TOGETHER_BYTES if len(packets) > 1 else _APART_BYTES
        new_pages = OggPage.from_packets([new, *packets[1:]], pages[0].sequence, size_bytes)
    # What ends on the last page may be sound, which counts.
    new_pages[-1].position = pages[-1].position
    OggPage.replace(file, pages, new_pages)
    file.flush()


def _comment_pages(file: IO[bytes]) -> tuple[_Codec | None, list[OggPage]]:
    """The pages of the second packet; a codec of None is FLAC."""
    file.seek(0)
    serial, codec, pages = None, None, []
    for _ in range(_MAX_PAGES):
        page = OggPage(file)
        if serial is None:
            head = page.packets[0] if page.packets else b""
            codec = next((each for each in _CODECS if head.startswith(each.mark)), None)
            if codec is not None or head.startswith(_FLAC_MARK):
                serial = page.serial
        elif page.serial == serial:
            pages.append(page)
            if (page.offset or 0) > _MAX_BYTES:
                break
            if page.complete or len(page.packets) > 1:
                return codec, pages
    raise ValueError("its comments do not end")


def _as_before(pages: list[OggPage], packet: bytes) -> list[OggPage]:
    """The same pages with other comments of the same size on them."""
    for page in pages:
        size = len(page.packets[0])
        page.packets[0], packet = packet[:size], packet[size:]
    return pages


def _changed(packet: bytes, codec: _Codec, change: Callable[[CommentBlock], None]) -> bytes:
    if not packet.startswith(codec.prefix):
        raise ValueError("its comments are not where they should be")
    block = parsed_block(packet[len(codec.prefix) :])
    before, kept = list(block.comments), block.rest[len(codec.suffix) :]
    change(block)
    if block.comments == before:
        return packet
    new = codec.prefix + block.rendered() + (codec.suffix or b"")
    # Opus keeps what begins with an odd byte.
    if not codec.may_be_padded or (kept and kept[0] & 1):
        return new + kept
    padding = len(packet) - len(new)
    return new + bytes(padding if 0 <= padding <= _MAX_PADDING_BYTES else _NEW_PADDING_BYTES)


def _changed_flac(packet: bytes, change: Callable[[CommentBlock], None]) -> bytes:
    """A block of FLAC's metadata: one byte, three of its size, the comments."""
    block = parsed_block(packet[_FLAC_HEAD_BYTES:])
    change(block)
    body = block.rendered() + block.rest
    if len(body) >> 24:
        raise ValueError("FLAC holds up to 16 MiB of texts")
    return packet[:1] + len(body).to_bytes(3, "big") + body
