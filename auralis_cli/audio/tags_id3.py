"""ID3 frames (mp3, wav, aiff) to and from plain tags. Names: the common mapping of Picard and foobar2000."""

from __future__ import annotations

from typing import Any

from mutagen import id3

from auralis_cli.audio.tag_set import CoverPicture, TagSet, is_stale

_TEXTS = {
    "TIT2": "title",
    "TPE1": "artist",
    "TALB": "album",
    "TPE2": "albumartist",
    "TDRC": "date",
    "TDOR": "originaldate",
    "TDRL": "releasedate",
    "TCON": "genre",
    "TCOM": "composer",
    "TBPM": "bpm",
    "TSRC": "isrc",
    "TCOP": "copyright",
    "TCMP": "compilation",
    "TPUB": "label",
    "TEXT": "lyricist",
    "TPE3": "conductor",
    "TPE4": "remixer",
    "TIT1": "grouping",
    "TIT3": "subtitle",
    "TSST": "discsubtitle",
    "TLAN": "language",
    "TKEY": "key",
    "TMOO": "mood",
    "TMED": "media",
    "TSOT": "titlesort",
    "TSOP": "artistsort",
    "TSOA": "albumsort",
    "TSO2": "albumartistsort",
    "TSOC": "composersort",
    "MVNM": "movementname",
}
_FRAMES = {name: frame for frame, name in _TEXTS.items()}
# Frame → names of the number and of the total, each with its aliases in Vorbis comments.
_NUMBERS = {
    "TRCK": (("tracknumber", "track"), ("tracktotal", "totaltracks")),
    "TPOS": (("discnumber", "disc"), ("disctotal", "totaldiscs")),
}
_NUMBER_NAMES = frozenset(name for pair in _NUMBERS.values() for names in pair for name in names)
_NAMED_TEXTS = {
    "musicbrainz_albumid": "MusicBrainz Album Id",
    "musicbrainz_artistid": "MusicBrainz Artist Id",
    "musicbrainz_albumartistid": "MusicBrainz Album Artist Id",
    "musicbrainz_releasegroupid": "MusicBrainz Release Group Id",
    "musicbrainz_releasetrackid": "MusicBrainz Release Track Id",
    "musicbrainz_workid": "MusicBrainz Work Id",
    "musicbrainz_discid": "MusicBrainz Disc Id",
    "releasestatus": "MusicBrainz Album Status",
    "releasetype": "MusicBrainz Album Type",
    "releasecountry": "MusicBrainz Album Release Country",
    "acoustid_id": "Acoustid Id",
    "acoustid_fingerprint": "Acoustid Fingerprint",
}
_NAMES_OF_TEXTS = {description.lower(): name for name, description in _NAMED_TEXTS.items()}
_RECORDING_OWNER = "http://musicbrainz.org"
_RECORDING_NAME = "musicbrainz_trackid"
_DATES = ("TDRC", "TDOR", "TDRL")
# True of the source's bytes or level only: encoder, length, gain, places in the stream.
_STALE_FRAMES = frozenset(
    [
        "TSSE",
        "TENC",
        "TLEN",
        "TSIZ",
        "TDLY",
        "RVA2",
        "RVAD",
        "RGAD",
        "EQU2",
        "EQUA",
        "MLLT",
        "ASPI",
        "SEEK",
        "ETCO",
        "SYTC",
    ]
)
_UTF8 = id3.Encoding.UTF8
# "No language stated", ISO-639-2 as ID3 writes it.
_NO_LANGUAGE = "XXX"


def fresh_frames(tags: id3.ID3) -> list[Any]:
    """The frames that stay true of a copy; pictures are not among them."""
    return [
        frame
        for frame in tags.values()
        if frame.FrameID not in _STALE_FRAMES and frame.FrameID != "APIC" and not is_stale(getattr(frame, "desc", ""))
    ]


def read_id3(tags: id3.ID3) -> TagSet:
    """An ID3 tag as plain tags."""
    found = TagSet()
    for frame in fresh_frames(tags):
        _read_frame(frame, found)
    for frame in tags.getall("APIC"):
        found.add_picture(CoverPicture(int(frame.type), frame.mime or "image/jpeg", frame.desc, frame.data))
    return found


def _read_frame(frame: Any, found: TagSet) -> None:
    kind = frame.FrameID
    if kind in _NUMBERS:
        (number, *_), (total, *_) = _NUMBERS[kind]
        first, _, last = str(frame.text[0] if frame.text else "").partition("/")
        found.add(number, first.strip())
        found.add(total, last.strip())
    elif kind == "TXXX":
        for value in frame.text:
            found.add(_NAMES_OF_TEXTS.get(frame.desc.lower(), frame.desc or "description"), str(value))
    elif kind in ("TIPL", "TMCL", "IPLS"):
        for role, person in frame.people:
            found.add(*(("performer", f"{person} ({role})") if kind == "TMCL" else (role or "involved", person)))
    elif kind in _TEXTS:
        for value in frame.genres if kind == "TCON" else frame.text:
            found.add(_TEXTS[kind], str(value))
    elif kind == "COMM":
        for value in frame.text:
            found.add(f"comment:{frame.desc}" if frame.desc else "comment", str(value))
    elif kind == "USLT":
        found.add("lyrics", frame.text)
    elif kind == "UFID" and frame.owner == _RECORDING_OWNER:
        found.add(_RECORDING_NAME, frame.data.decode("ascii", "replace"))
    else:
        found.only_in_id3.append(kind)


def frames_of(tags: TagSet) -> list[Any]:
    """ID3v2.4 frames of plain tags (pictures apart); fields without a frame of their own become TXXX."""
    values: dict[str, list[str]] = {}
    spelling: dict[str, str] = {}
    for name, value in tags.fields:
        values.setdefault(name.lower(), []).append(value)
        spelling.setdefault(name.lower(), name)
    frames = _number_frames(values)
    for name, texts in values.items():
        if name not in _NUMBER_NAMES:
            frames.extend(_field_frames(spelling[name], texts))
    return frames


def picture_frames(tags: TagSet) -> list[Any]:
    """The covers, told apart by descriptions where two of a kind share one."""
    frames: list[Any] = []
    taken: set[str] = set()
    for picture in tags.pictures:
        description = picture.description
        while description in taken:
            description += " "
        taken.add(description)
        frames.append(
            id3.APIC(encoding=_UTF8, mime=picture.mime, type=picture.kind, desc=description, data=picture.data)
        )
    return frames


def _number_frames(values: dict[str, list[str]]) -> list[Any]:
    frames = []
    for frame, (numbers, totals) in _NUMBERS.items():
        number = next((values[name][0] for name in numbers if name in values), "")
        total = next((values[name][0] for name in totals if name in values), "")
        text = number if "/" in number or not total else f"{number or 0}/{total}"
        if text:
            frames.append(getattr(id3, frame)(encoding=_UTF8, text=[text]))
    return frames


def _field_frames(name: str, texts: list[str]) -> list[Any]:
    plain = name.lower()
    if plain == _RECORDING_NAME:
        return [id3.UFID(owner=_RECORDING_OWNER, data=texts[0].encode("ascii", "replace"))]
    if plain in ("comment", "description") or plain.startswith("comment:"):
        description = name[len("comment:") :] if plain.startswith("comment:") else ""
        return [id3.COMM(encoding=_UTF8, lang=_NO_LANGUAGE, desc=description, text=texts)]
    if plain in ("lyrics", "unsyncedlyrics"):
        return [id3.USLT(encoding=_UTF8, lang=_NO_LANGUAGE, desc="", text="\n\n".join(texts))]
    if plain in _FRAMES:
        frame = getattr(id3, _FRAMES[plain])(encoding=_UTF8, text=texts)
        # A date that ID3 cannot parse would come out otherwise than it went in.
        if _FRAMES[plain] not in _DATES or [str(text) for text in frame.text] == texts:
            return [frame]
    return [id3.TXXX(encoding=_UTF8, desc=_NAMED_TEXTS.get(plain, name), text=texts)]
