"""MIDI files of one stated tempo, and what fluidsynth makes of them, also when they are played slower or faster."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import soundfile

RATE_HZ = 44_100
# Of each rendering.
LENGTH_S = 150
_SET_TEMPO, _META, _SYSEX = 0x51, 0xFF, (0xF0, 0xF7)
# A meta event of the tempo has three bytes: microseconds per beat.
_TEMPO_BYTES = 3


@dataclass(frozen=True, slots=True)
class Piece:
    path: Path
    # Package and file name.
    name: str
    tempo_bpm: float

    @property
    def package(self) -> str:
        return self.name.split("/", 1)[0]


def pieces(root: Path) -> list[Piece]:
    """The MIDI files below a folder that keep one tempo from end to end."""
    found = []
    for path in sorted(root.rglob("*.mid")):
        tempi = {int.from_bytes(value) for _, value in _tempi(path.read_bytes())}
        if len(tempi) == 1:
            name = f"{path.relative_to(root).parts[0]}/{path.name}"
            found.append(Piece(path, name, 60e6 / tempi.pop()))
    return found


def render(piece: Piece, speed: float, soundfont: Path, made: Path) -> Path:
    """The first 150 s of the piece played `speed` times as fast, as a 16-bit file; kept once made."""
    if made.exists():
        return made
    data = bytearray(piece.path.read_bytes())
    for place, value in list(_tempi(bytes(data))):
        data[place : place + _TEMPO_BYTES] = round(int.from_bytes(value) / speed).to_bytes(_TEMPO_BYTES)
    made.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=made.parent) as folder:
        midi, whole, part = (Path(folder) / name for name in ("piece.mid", "whole.wav", "part.flac"))
        midi.write_bytes(data)
        words = ["fluidsynth", "-ni", "-q", "-r", str(RATE_HZ), "-F", str(whole), str(soundfont), str(midi)]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        audio, rate_hz = soundfile.read(whole, frames=LENGTH_S * RATE_HZ, dtype="int16", always_2d=True)
        soundfile.write(part, audio, rate_hz, subtype="PCM_16")
        part.replace(made)
    return made


def can_render() -> bool:
    return shutil.which("fluidsynth") is not None


def _tempi(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Where in a MIDI file its tempi are stated, and the three bytes that state them."""
    place = 8 + int.from_bytes(data[4:8])
    while data[place : place + 4] == b"MTrk":
        end = place + 8 + int.from_bytes(data[place + 4 : place + 8])
        yield from _tempi_of_track(data, place + 8, end)
        place = end


def _tempi_of_track(data: bytes, place: int, end: int) -> Iterator[tuple[int, bytes]]:
    status = 0
    while place < end:
        _, place = _number(data, place)
        # A channel's event may leave out what kind it is, where it is that of the one before.
        if data[place] & 0x80:
            status = data[place]
            place += 1
        if status == _META or status in _SYSEX:
            kind, place = (data[place], place + 1) if status == _META else (0, place)
            length, place = _number(data, place)
            if status == _META and kind == _SET_TEMPO:
                yield place, data[place : place + length]
            place += length
        else:
            # Program change and channel pressure have one byte, all others two.
            place += 1 if status & 0xE0 == 0xC0 else 2


def _number(data: bytes, place: int) -> tuple[int, int]:
    """A number of seven bits a byte, and the place after it."""
    value = 0
    while True:
        byte = data[place]
        place += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place
