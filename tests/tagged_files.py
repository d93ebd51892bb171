"""Small audio files of every kind that keeps tags, tagged with mutagen's own classes, not with ours."""

from __future__ import annotations

import base64
import io
import shutil
import struct
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from mutagen import id3
from mutagen.aiff import AIFF
from mutagen.apev2 import BINARY, APEv2, APEValue
from mutagen.asf import ASF
from mutagen.asf._attrs import ASFByteArrayAttribute
from mutagen.dsf import DSF
from mutagen.flac import FLAC, Picture
from mutagen.mp4 import MP4, MP4Cover, MP4FreeForm
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggspeex import OggSpeex
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

NEEDS_FFMPEG = pytest.mark.skipif(
    shutil.which("ffmpeg") is None or shutil.which("ffprobe") is None, reason="needs ffmpeg and ffprobe"
)
RATE_HZ = 48_000
COVER = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEUlEQVR4nGP4z8AARGDiPwMAHfAD/aAzCYkAAAAASUVORK5CYII="
)
# As in Vorbis comments: what every source says, and every result has to say.
FIELDS: dict[str, list[str]] = {
    "title": ["Naïve Ψ"],
    "artist": ["One", "Two"],
    "album": ["An album"],
    "albumartist": ["Various"],
    "tracknumber": ["3"],
    "tracktotal": ["12"],
    "discnumber": ["1"],
    "disctotal": ["2"],
    "date": ["1999-04-02"],
    "genre": ["Jazz", "Weird"],
    "mood": ["Calm", "Far away"],
    "composer": ["C. Composer"],
    "performer": ["P. Player (violin)", "Q. Player"],
    "producer": ["R. Producer"],
    "comment": ["Said of it"],
    "lyrics": ["la la\nlo lo"],
    "isrc": ["GBAYE0000001"],
    "compilation": ["1"],
    "bpm": ["128"],
    "copyright": ["1999 Them"],
    "label": ["A label"],
    "titlesort": ["Naive Psi"],
    "musicbrainz_trackid": ["0f0f"],
    "musicbrainz_albumid": ["1e1e"],
    "musicbrainz_artistid": ["2d2d", "3c3c"],
    "my own field": ["kept"],
}
STALE = {"replaygain_track_gain": "-7 dB", "encodersettings": "-V0", "itunnorm": " 000"}
_ID3_TEXTS = {
    "TIT2": "title", "TPE1": "artist", "TALB": "album", "TPE2": "albumartist", "TDRC": "date", "TCON": "genre",
    "TCOM": "composer", "TSRC": "isrc", "TCMP": "compilation", "TBPM": "bpm", "TCOP": "copyright", "TPUB": "label",
    "TSOT": "titlesort", "TMOO": "mood",
}  # fmt: skip
_ID3_NAMED = {"MusicBrainz Album Id": "musicbrainz_albumid", "MusicBrainz Artist Id": "musicbrainz_artistid"}
_APE_NAMES = {"date": "Year", "albumartist": "Album Artist"}
_MP4_ATOMS = {
    "\xa9nam": "title", "\xa9ART": "artist", "\xa9alb": "album", "aART": "albumartist", "\xa9day": "date",
    "\xa9gen": "genre", "\xa9wrt": "composer", "\xa9cmt": "comment", "\xa9lyr": "lyrics", "cprt": "copyright",
    "sonm": "titlesort",
}  # fmt: skip
_MP4_FREEFORMS = {
    "MusicBrainz Track Id": "musicbrainz_trackid", "MusicBrainz Album Id": "musicbrainz_albumid",
    "MusicBrainz Artist Id": "musicbrainz_artistid", "ISRC": "isrc", "LABEL": "label", "PERFORMER": "performer",
    "MOOD": "mood",
    "PRODUCER": "producer", "my own field": "my own field",
}  # fmt: skip
_ASF_NAMES = {
    "Title": "title", "Author": "artist", "WM/AlbumTitle": "album", "WM/AlbumArtist": "albumartist",
    "WM/Year": "date", "WM/Genre": "genre", "WM/Composer": "composer", "Description": "comment",
    "WM/Lyrics": "lyrics", "WM/ISRC": "isrc", "WM/BeatsPerMinute": "bpm", "Copyright": "copyright",
    "WM/Publisher": "label", "WM/TitleSortOrder": "titlesort", "WM/Producer": "producer", "Performer": "performer",
    "WM/Mood": "mood",
    "MusicBrainz/Track Id": "musicbrainz_trackid", "MusicBrainz/Album Id": "musicbrainz_albumid",
    "MusicBrainz/Artist Id": "musicbrainz_artistid", "my own field": "my own field", "TRACKTOTAL": "tracktotal",
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """One kind of tagged file: its key in the registry, how its audio is made, how it is tagged."""

    key: str
    make: Callable[[Path], None]
    tag: Callable[[Path], None]


def encoded(container: str, subtype: str) -> Callable[[Path], None]:
    """A short tone, written by libsndfile."""

    def make(path: Path) -> None:
        tone = 0.1 * np.sin(np.arange(RATE_HZ)[:, None] / 20.0).repeat(2, axis=1)
        soundfile.write(path, tone, RATE_HZ, format=container, subtype=subtype)

    return make


def by_ffmpeg(*options: str) -> Callable[[Path], None]:
    """A short tone, encoded by ffmpeg."""

    def make(path: Path) -> None:
        tone = ("-f", "lavfi", "-i", f"sine=frequency=400:sample_rate={RATE_HZ}:duration=1")
        command = ("ffmpeg", "-v", "error", "-nostdin", *tone, "-ac", "2", *options, "-y", str(path))
        subprocess.run(command, check=True, capture_output=True)

    return make


def beginning_with(head: bytes) -> Callable[[Path], None]:
    """No audio: what a file of a kind without an encoder here begins with, which is all that tags are told by."""

    def make(path: Path) -> None:
        path.write_bytes(head.ljust(4096, b"\0"))

    return make


def picture() -> Picture:
    """A front cover."""
    cover = Picture()
    cover.type, cover.mime, cover.desc, cover.data = 3, "image/png", "front", COVER
    return cover


def id3_frames() -> list[Any]:
    """Everything as ID3 frames."""
    return [
        *(getattr(id3, frame)(encoding=3, text=FIELDS[name]) for frame, name in _ID3_TEXTS.items()),
        *(id3.TXXX(encoding=3, desc=label, text=FIELDS[name]) for label, name in _ID3_NAMED.items()),
        *(id3.TXXX(encoding=3, desc=name.upper(), text=[value]) for name, value in STALE.items()),
        id3.TRCK(encoding=3, text=["3/12"]),
        id3.TPOS(encoding=3, text=["1/2"]),
        id3.COMM(encoding=3, lang="eng", desc="", text=FIELDS["comment"]),
        id3.COMM(encoding=3, lang="eng", desc="iTunNORM", text=["000"]),
        id3.USLT(encoding=3, lang="eng", desc="", text=FIELDS["lyrics"][0]),
        id3.TXXX(encoding=3, desc="my own field", text=["kept"]),
        id3.TMCL(encoding=3, people=[["violin", "P. Player"], ["performer", "Q. Player"]]),
        id3.TIPL(encoding=3, people=[["producer", "R. Producer"]]),
        id3.UFID(owner="http://musicbrainz.org", data=b"0f0f"),
        id3.APIC(encoding=3, mime="image/png", type=3, desc="front", data=COVER),
    ]


def _tag_id3(path: Path) -> None:
    tag = id3.ID3()
    for frame in id3_frames():
        tag.add(frame)
    tag.save(path)


def _tag_container(kind: type[Any]) -> Callable[[Path], None]:
    def tag(path: Path) -> None:
        file = kind(path)
        if file.tags is None:
            file.add_tags()
        for frame in id3_frames():
            file.tags.add(frame)
        file.save()

    return tag


def id3_bytes() -> bytes:
    """Everything as an ID3v2.4 tag."""
    tag, buffer = id3.ID3(), io.BytesIO()
    for frame in id3_frames():
        tag.add(frame)
    tag.save(buffer, padding=lambda _: 0)
    return buffer.getvalue()


def _make_dff(path: Path) -> None:
    """A DSDIFF of a tenth of a second with an ID3 chunk: chunks of 64-bit sizes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return name + struct.pack(">Q", len(body)) + body + bytes(len(body) % 2)

    properties = b"SND " + chunk(b"FS  ", struct.pack(">I", 2_822_400)) + chunk(b"CHNL", b"\0\2SLFTSRGT")
    body = chunk(b"FVER", b"\1\5\0\0") + chunk(b"PROP", properties + chunk(b"CMPR", b"DSD \x0enot compressed\0"))
    body += chunk(b"DSD ", b"\x69" * 70_560) + chunk(b"ID3 ", id3_bytes())
    path.write_bytes(chunk(b"FRM8", b"DSD " + body))


def _make_dsf(path: Path) -> None:
    data_bytes, blocks = 4096 * 2 * 8, 8
    total = 28 + 52 + 12 + data_bytes
    head = b"DSD " + struct.pack("<QQQ", 28, total, 0)
    form = b"fmt " + struct.pack("<QIIIIIIQII", 52, 1, 0, 2, 2, 2_822_400, 1, blocks * 4096 * 8, 4096, 0)
    path.write_bytes(head + form + b"data" + struct.pack("<Q", 12 + data_bytes) + b"\x69" * data_bytes)


def _append_rf64_id3(path: Path) -> None:
    tag = id3_bytes()
    tag += bytes(len(tag) % 2)
    data = bytearray(path.read_bytes()) + b"id3 " + struct.pack("<I", len(tag)) + tag
    struct.pack_into("<Q", data, 20, len(data) - 8)
    path.write_bytes(data)


def _tag_vorbis(kind: type[Any]) -> Callable[[Path], None]:
    def tag(path: Path) -> None:
        file = kind(path)
        for name, values in FIELDS.items():
            file[name] = values
        for name, value in STALE.items():
            file[name] = [value]
        if kind is FLAC:
            file.add_picture(picture())
        else:
            file["metadata_block_picture"] = [base64.b64encode(picture().write()).decode()]
        file.save()

    return tag


def _tag_ape(path: Path) -> None:
    tag = APEv2()
    for name, values in FIELDS.items():
        if name not in ("tracknumber", "tracktotal", "discnumber", "disctotal"):
            tag[_APE_NAMES.get(name, name)] = values
    tag["Track"], tag["Disc"] = "3/12", "1/2"
    for name, value in STALE.items():
        tag[name] = value
    tag["Cover Art (Front)"] = APEValue(b"front\0" + COVER, BINARY)
    tag.save(path)


def _tag_mp4(path: Path) -> None:
    file: Any = MP4(path)
    if file.tags is None:
        file.add_tags()
    for atom, name in _MP4_ATOMS.items():
        file[atom] = FIELDS[name]
    for label, name in _MP4_FREEFORMS.items():
        file[f"----:com.apple.iTunes:{label}"] = [MP4FreeForm(value.encode()) for value in FIELDS[name]]
    for name, value in STALE.items():
        file[f"----:com.apple.iTunes:{name}"] = [MP4FreeForm(value.encode())]
    file["trkn"], file["disk"], file["cpil"], file["tmpo"] = [(3, 12)], [(1, 2)], True, [128]
    file["covr"] = [MP4Cover(COVER, MP4Cover.FORMAT_PNG)]
    file.save()


def _tag_asf(path: Path) -> None:
    file: Any = ASF(path)
    for label, name in _ASF_NAMES.items():
        file[label] = FIELDS[name]
    for name, value in STALE.items():
        file[name] = [value]
    file["WM/TrackNumber"], file["WM/PartOfSet"], file["WM/IsCompilation"] = ["3"], ["1/2"], [True]
    texts = b"".join(text.encode("utf-16-le") + b"\0\0" for text in ("image/png", "front"))
    file["WM/Picture"] = [ASFByteArrayAttribute(struct.pack("<BI", 3, len(COVER)) + texts + COVER)]
    file.save()


def _nothing(path: Path) -> None:
    """Tagged as it was made."""


SOURCES: dict[str, Kind] = {
    "wav": Kind("wav", encoded("WAV", "PCM_16"), _tag_container(WAVE)),
    "rf64": Kind("wav", encoded("RF64", "PCM_16"), _append_rf64_id3),
    "flac": Kind("flac", encoded("FLAC", "PCM_16"), _tag_vorbis(FLAC)),
    "oggflac": Kind("oggflac", by_ffmpeg("-c:a", "flac", "-f", "ogg"), _tag_vorbis(OggFLAC)),
    "aiff": Kind("aiff", encoded("AIFF", "PCM_16"), _tag_container(AIFF)),
    "ogg": Kind("ogg", encoded("OGG", "VORBIS"), _tag_vorbis(OggVorbis)),
    "opus": Kind("opus", encoded("OGG", "OPUS"), _tag_vorbis(OggOpus)),
    "spx": Kind("spx", by_ffmpeg("-ar", "32000", "-f", "spx"), _tag_vorbis(OggSpeex)),
    "mp3": Kind("mp3", encoded("MP3", "MPEG_LAYER_III"), _tag_id3),
    "mp3-ape": Kind("mp3", encoded("MP3", "MPEG_LAYER_III"), _tag_ape),
    "m4a": Kind("m4a", by_ffmpeg("-f", "ipod"), _tag_mp4),
    "alac": Kind("m4a", by_ffmpeg("-c:a", "alac", "-f", "ipod"), _tag_mp4),
    "aac": Kind("aac", by_ffmpeg("-f", "adts"), _tag_id3),
    "wma": Kind("wma", by_ffmpeg("-f", "asf"), _tag_asf),
    "wv": Kind("wv", by_ffmpeg("-f", "wv"), _tag_ape),
    "tta": Kind("tta", by_ffmpeg("-f", "tta"), _tag_id3),
    "tta-ape": Kind("tta", by_ffmpeg("-f", "tta"), _tag_ape),
    "ac3": Kind("ac3", by_ffmpeg("-f", "ac3"), _tag_ape),
    "eac3": Kind("eac3", by_ffmpeg("-f", "eac3"), _tag_ape),
    "dsf": Kind("dsf", _make_dsf, _tag_container(DSF)),
    "dff": Kind("dff", _make_dff, _nothing),
    "ape": Kind("ape", beginning_with(b"MAC \x96\x0f\0\0"), _tag_ape),
    "mpc": Kind("mpc", beginning_with(b"MP+\x07"), _tag_ape),
    "mpc8": Kind("mpc8", beginning_with(b"MPCKSH\x10"), _tag_ape),
    "tak": Kind("tak", beginning_with(b"tBaK"), _tag_ape),
}
# How an untagged file of each format that is written is made.
WRITTEN: dict[str, Callable[[Path], None]] = {
    "wav": encoded("WAV", "PCM_16"),
    "rf64": encoded("RF64", "PCM_16"),
    "flac": encoded("FLAC", "PCM_16"),
    "aiff": encoded("AIFF", "PCM_16"),
    "ogg": encoded("OGG", "VORBIS"),
    "opus": encoded("OGG", "OPUS"),
    "mp3": encoded("MP3", "MPEG_LAYER_III"),
    "m4a": by_ffmpeg("-f", "ipod"),
}
