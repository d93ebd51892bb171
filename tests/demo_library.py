"""A small library that looks like one of somebody's: synthesised music, drawn covers, names in several scripts.

`python -m demo_library FOLDER` makes it: the same for everybody, in some seconds. Nothing of it is anybody's. With a
number behind it makes so many of its albums.
"""

from __future__ import annotations

import colorsys
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import mutagen
import numpy as np
import soundfile
from demo_piece import BEAT_S, RATE_HZ, compose
from PIL import Image, ImageDraw

_COVER_PX = 400
_WORDS = """[00:00.50]The tape machine is humming in the hall
[00:04.00]and somebody is tuning a guitar
[00:08.00]A needle finds the groove along the wall
[00:12.00]and tells me where you are
[00:16.00]Turn it up, turn it up
[00:20.00]until the windows know the tune
[00:24.00]Turn it up, turn it up
[00:28.00]we have the whole of June
"""


@dataclass(frozen=True, slots=True)
class DemoAlbum:
    """An album with the hue of its cover."""

    artist: str
    title: str
    year: int
    genre: str
    hue: float
    tracks: tuple[str, ...]


ALBUMS = (
    DemoAlbum("The Tape Machines", "Groove Along the Wall", 1978, "Rock", 0.06, (
        "Whole of June", "Where You Are", "Humming in the Hall", "Needle Drop", "Side Two",
    )),
    DemoAlbum("Ada Lindqvist Trio", "Slow Lake", 1961, "Jazz", 0.55, (
        "Slow Lake", "Blue Heron", "After the Rain Came", "Ferry, 6 a.m.",
    )),
    DemoAlbum("青い電車", "終点の前に", 2011, "Electronic", 0.76, ("始発", "終点の前に", "雨の踏切", "夜のホーム")),
    DemoAlbum("فرقة المرفأ", "رسائل إلى البحر", 1999, "Folk", 0.12, (
        "رسائل إلى البحر", "الميناء القديم", "نجمة الصبح",
    )),
    DemoAlbum("Ensemble Nordwind", "String Sketches", 2004, "Classical", 0.33, (
        "I. Allegro, ma non troppo", "II. Adagio", "III. Scherzo", "IV. Finale",
    )),
    DemoAlbum("Kilo Bravo", "Signal / Noise", 2019, "Electronic", 0.92, (
        "Carrier", "Sideband", "Squelch", "Static in the Garden", "73",
    )),
)  # fmt: skip


def make_demo_library(folder: Path, albums: Sequence[DemoAlbum] = ALBUMS) -> Path:
    """The music below `folder`, made where it is not there yet; the file that is played in pictures."""
    piece = compose()
    for number, album in enumerate(albums):
        place = folder / album.artist / album.title
        place.mkdir(parents=True, exist_ok=True)
        _cover(album).save(place / "cover.jpg", quality=90)
        for track, title in enumerate(album.tracks, 1):
            file = place / f"{track:02d} {title.replace('/', '-')}.flac"
            if not file.exists():
                _write(file, piece, number, track)
                _tag(file, album, track, title)
    first = folder / ALBUMS[0].artist / ALBUMS[0].title / f"01 {ALBUMS[0].tracks[0]}.flac"
    first.with_suffix(".lrc").write_text(_WORDS, encoding="utf-8")
    copy = folder / "Downloads" / "whole of june (1).flac"
    copy.parent.mkdir(exist_ok=True)
    copy.write_bytes(first.read_bytes())
    return first


def _write(file: Path, piece: np.ndarray, album: int, track: int) -> None:
    """One piece at many pitches, its beats in many orders, so that no two are one recording; each swells as it does."""
    number = 5 * album + track
    beat = round(BEAT_S * RATE_HZ)
    edge = np.minimum(np.arange(beat), np.arange(beat)[::-1]) / (0.003 * RATE_HZ)
    beats = piece[: len(piece) // beat * beat].reshape(-1, beat, 2) * np.minimum(edge, 1.0)[:, None]
    # Some backwards: harmonies that follow each other are what recordings are told apart by.
    order = np.random.default_rng(number).permutation(len(beats))
    piece = beats[order].reshape(-1, 2)[:: -1 if number % 3 == 0 else 1]
    pitch = 0.62 * 1.04**number
    places = np.arange(0.0, len(piece) - 1.0, pitch)
    part = np.stack([np.interp(places, np.arange(len(piece)), side) for side in piece.T], axis=1)
    swell = 0.35 + 0.65 * np.sin(np.linspace(0.2, (2 + track) * math.pi, len(part))) ** 2
    soundfile.write(file, (part * swell[:, None]).clip(-1.0, 1.0), RATE_HZ, subtype="PCM_16")


def _tag(file: Path, album: DemoAlbum, track: int, title: str) -> None:
    tags = mutagen.File(file)
    tags.update(
        title=title, artist=album.artist, album=album.title, albumartist=album.artist, genre=album.genre,
        date=str(album.year), tracknumber=str(track), tracktotal=str(len(album.tracks)),
    )  # fmt: skip
    tags.save()


def _cover(album: DemoAlbum) -> Image.Image:
    """Rings around a sun over a horizon, in colours around the hue of the album."""
    image = Image.new("RGB", (_COVER_PX, _COVER_PX))
    draw = ImageDraw.Draw(image)
    for line in range(_COVER_PX):
        draw.line(
            [(0, line), (_COVER_PX, line)], _color(album.hue + 0.1 * line / _COVER_PX, 0.10 + 0.25 * line / _COVER_PX)
        )
    middle = _COVER_PX * (0.35 + 0.3 * album.hue)
    for ring in range(9, 0, -1):
        radius = ring * _COVER_PX / 22
        box = (middle - radius, _COVER_PX * 0.45 - radius, middle + radius, _COVER_PX * 0.45 + radius)
        draw.ellipse(box, fill=_color(album.hue + 0.45 * (ring % 2), 0.30 + 0.045 * (9 - ring)))
    draw.rectangle((0, _COVER_PX * 0.72, _COVER_PX, _COVER_PX), fill=_color(album.hue + 0.05, 0.12))
    return image


def _color(hue: float, lightness: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hls_to_rgb(hue % 1.0, min(lightness, 0.9), 0.55)
    return round(red * 255), round(green * 255), round(blue * 255)


if __name__ == "__main__":
    print(make_demo_library(Path(sys.argv[1]), ALBUMS[: int(sys.argv[2])] if len(sys.argv) > 2 else ALBUMS))
