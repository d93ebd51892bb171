"""Folders of many small tagged files: five formats of real music, or tiny FLACs by the hundred thousand."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import mutagen
import numpy as np
import soundfile
from mutagen.id3 import ID3, TALB, TCON, TDRC, TIT2, TPE1, TRCK
from mutagen.mp4 import MP4

CODERS = {
    "flac": ["-c:a", "flac"],
    "mp3": ["-c:a", "libmp3lame", "-b:a", "128k", "-id3v2_version", "3"],
    "ogg": ["-c:a", "libvorbis"],
    "opus": ["-c:a", "libopus", "-ar", "48000"],
    "m4a": ["-c:a", "aac"],
}
SEGMENT_S = 2
ALBUM_TRACKS = 10
SEED = 4
_WORDS = [
    "amber", "anchor", "ash", "autumn", "bell", "birch", "blue", "bridge", "cedar",
    "circle", "cloud", "copper", "coral", "dawn", "drift", "dust", "echo", "ember",
]  # fmt: skip


def make_music(corpus: Path, folder: Path, files: int) -> None:
    """Cuts the open music into `files` pieces of two seconds, a fifth in each format, tagged as albums of ten."""
    if (folder / "done").exists():
        return
    each = files // len(CODERS)
    folder.mkdir(parents=True, exist_ok=True)
    listing = folder / "tracks.txt"
    tracks = sorted(corpus.glob("wesnoth*/**/*.ogg"))
    listing.write_text("".join(f"file '{track}'\n" for track in tracks), encoding="utf-8")
    chance = random.Random(SEED)
    for extension, coder in CODERS.items():
        pieces = folder / "pieces" / extension
        pieces.mkdir(parents=True, exist_ok=True)
        source = ["-f", "concat", "-safe", "0", "-i", str(listing), "-t", str(each * SEGMENT_S), "-map_metadata", "-1"]
        cut = ["-f", "segment", "-segment_time", str(SEGMENT_S), str(pieces / f"%05d.{extension}")]
        command = ["ffmpeg", "-v", "fatal", "-nostdin", "-y", *source, "-map", "0:a", "-ac", "2", *coder, *cut]
        subprocess.run(command, check=True)
        for number, piece in enumerate(sorted(pieces.iterdir())[:each]):
            _file_away(piece, folder / "music", number, chance)
    shutil.rmtree(folder / "pieces")
    (folder / "done").touch()


def _file_away(piece: Path, music: Path, number: int, chance: random.Random) -> None:
    album, track = divmod(number, ALBUM_TRACKS)
    artist = f"{_WORDS[album % len(_WORDS)].title()} {piece.suffix[1:].upper()} {album // len(_WORDS)}"
    title = " ".join(chance.choices(_WORDS, k=3)).title()
    target = music / artist / f"Album {album}" / f"{track + 1:02d} {title}{piece.suffix}"
    target.parent.mkdir(parents=True, exist_ok=True)
    piece.replace(target)
    tag(target, artist=artist, album=f"Album {album}", title=title, track=track + 1, year=1960 + album % 60)


def tag(path: Path, *, artist: str, album: str, title: str, track: int, year: int) -> None:
    """Writes the usual six tags in the way of the format."""
    if path.suffix == ".mp3":
        tags = ID3()
        for frame in (TPE1(3, artist), TALB(3, album), TIT2(3, title), TCON(3, "Ambient")):
            tags.add(frame)
        tags.add(TRCK(3, f"{track}/{ALBUM_TRACKS}"))
        tags.add(TDRC(3, str(year)))
        tags.save(path)
        return
    if path.suffix == ".m4a":
        mp4 = MP4(path)
        mp4.update({"\xa9ART": artist, "\xa9alb": album, "\xa9nam": title, "\xa9gen": "Ambient", "\xa9day": str(year)})
        mp4["trkn"] = [(track, ALBUM_TRACKS)]
        mp4.save()
        return
    audio = mutagen.File(path)
    fields = {"artist": artist, "album": album, "title": title, "genre": "Ambient", "date": str(year)}
    audio.update({**fields, "tracknumber": str(track)})
    audio.save()


def make_tiny(folder: Path, files: int) -> None:
    """Writes `files` FLACs of a few milliseconds, each its own, ten a folder."""
    if (folder / "done").exists():
        return
    noise = np.random.default_rng(SEED)
    for number in range(files):
        album, track = divmod(number, ALBUM_TRACKS)
        path = folder / "music" / f"Artist {album // 10}" / f"Album {album}" / f"{track + 1:02d}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, noise.uniform(-0.5, 0.5, 64), 44_100, subtype="PCM_16")
        tag(
            path,
            artist=f"Artist {album // 10}",
            album=f"Album {album}",
            title=f"T {number}",
            track=track + 1,
            year=2000,
        )
    (folder / "done").touch()
