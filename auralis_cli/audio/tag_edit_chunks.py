"""The containers' own text chunks, LIST INFO of WAV and NAME, AUTH, ANNO of AIFF, kept in step where they are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO

from auralis_cli.audio.chunk_editing import FoundChunk, found_chunks, put_chunk
from auralis_cli.audio.survey_pcm import mac_text
from auralis_cli.audio.tag_names import AIFF_TEXTS, INFO_NAMES, INFO_NUMBERS

_LIST, _INFO = b"LIST", b"INFO"
_MAX_BYTES = 4 << 20
_NUMBER, _TOTAL = "tracknumber", "tracktotal"
_ENTRY_HEAD_BYTES = 8
_SEVERAL = "; "

# An entry of LIST INFO: its name and its text as it is stored.
Entry = tuple[bytes, bytes]


def edit_info(file: IO[bytes], fields: Mapping[str, Sequence[str]]) -> None:
    """Changes what the LIST INFO chunks say of the fields; what they do not say is not added."""
    for chunk in _info_chunks(file):
        entries = _entries(_body(file, chunk)[len(_INFO) :])
        changed = [new for entry in entries if (new := _changed(entry, fields)) is not None]
        if changed != entries:
            body = _INFO + b"".join(_stored(*entry) for entry in changed)
            put_chunk(file, chunk, _LIST, body if changed else b"")


def info_names(file: IO[bytes]) -> set[str]:
    """The fields that LIST INFO says something of."""
    entries = [entry for chunk in _info_chunks(file) for entry in _entries(_body(file, chunk)[len(_INFO) :])]
    return {name for entry, _ in entries for name in _names_of(entry)}


def edit_aiff_texts(file: IO[bytes], fields: Mapping[str, Sequence[str]]) -> None:
    """Changes the text chunks of an AIFF file that hold the fields; several of a kind become one."""
    for name, field in AIFF_TEXTS.items():
        if field not in fields:
            continue
        body = _SEVERAL.join(fields[field]).encode()
        for number, chunk in reversed(list(enumerate(_chunks_named(file, name)))):
            put_chunk(file, chunk, name, b"" if number else body)


def aiff_text_values(file: IO[bytes]) -> dict[str, list[str]]:
    """What the text chunks of an AIFF file say."""
    found: dict[str, list[str]] = {}
    for chunk in found_chunks(file):
        if chunk.name in AIFF_TEXTS and chunk.size <= _MAX_BYTES:
            found.setdefault(AIFF_TEXTS[chunk.name], []).append(mac_text(_body(file, chunk)))
    return found


def _chunks_named(file: IO[bytes], name: bytes) -> list[FoundChunk]:
    return [chunk for chunk in found_chunks(file) if chunk.name == name]


def _info_chunks(file: IO[bytes]) -> list[FoundChunk]:
    """The last first: changing one moves those behind it."""
    lists = [chunk for chunk in reversed(_chunks_named(file, _LIST)) if chunk.size <= _MAX_BYTES]
    return [chunk for chunk in lists if _body(file, chunk)[: len(_INFO)] == _INFO]


def _body(file: IO[bytes], chunk: FoundChunk) -> bytes:
    file.seek(chunk.start)
    return file.read(chunk.size)


def _entries(body: bytes) -> list[Entry]:
    entries, place = [], 0
    while place + _ENTRY_HEAD_BYTES <= len(body):
        name, size = body[place : place + 4], int.from_bytes(body[place + 4 : place + _ENTRY_HEAD_BYTES], "little")
        place += _ENTRY_HEAD_BYTES
        entries.append((name, body[place : place + size]))
        place += size + size % 2
    return entries


def _names_of(entry: bytes) -> tuple[str, ...]:
    name = entry.decode("latin-1")
    if name in INFO_NUMBERS:
        return (_NUMBER, _TOTAL)
    return (INFO_NAMES[name],) if name in INFO_NAMES else ()


def _changed(entry: Entry, fields: Mapping[str, Sequence[str]]) -> Entry | None:
    """The entry as the fields want it, None where it is to go."""
    name, stored = entry
    names = _names_of(name)
    if not any(field in fields for field in names):
        return entry
    if names == (_NUMBER, _TOTAL):
        number, total = ("".join(fields.get(field, ())[:1]) for field in names)
        text = f"{number or 0}/{total}" if total and b"/" in stored else number
    else:
        text = _SEVERAL.join(fields[names[0]])
    return (name, text.encode() + b"\0") if text else None


def _stored(name: bytes, text: bytes) -> bytes:
    return name + len(text).to_bytes(4, "little") + text + bytes(len(text) % 2)
