"""ASF attributes (wma) to plain tags. Names: as Picard maps them."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any

from auralis_cli.audio.tag_set import TagSet

# Each field's own name comes before others for it.
ASF_NAMES = {
    "Title": "title",
    "Author": "artist",
    "WM/AlbumTitle": "album",
    "WM/AlbumArtist": "albumartist",
    "WM/Year": "date",
    "WM/OriginalReleaseTime": "originaldate",
    "WM/OriginalReleaseYear": "originalyear",
    "WM/Genre": "genre",
    "WM/Composer": "composer",
    "WM/Conductor": "conductor",
    "WM/Writer": "lyricist",
    "WM/Producer": "producer",
    "WM/ModifiedBy": "remixer",
    "Description": "comment",
    "WM/Lyrics": "lyrics",
    "Copyright": "copyright",
    "WM/IsCompilation": "compilation",
    "WM/BeatsPerMinute": "bpm",
    "WM/ISRC": "isrc",
    "WM/Publisher": "label",
    "WM/ContentGroupDescription": "grouping",
    "WM/SubTitle": "subtitle",
    "WM/SetSubTitle": "discsubtitle",
    "WM/Language": "language",
    "WM/InitialKey": "key",
    "WM/Mood": "mood",
    "WM/Media": "media",
    "WM/Barcode": "barcode",
    "WM/CatalogNo": "catalognumber",
    "WM/AuthorURL": "website",
    "WM/TitleSortOrder": "titlesort",
    "WM/ArtistSortOrder": "artistsort",
    "WM/AlbumSortOrder": "albumsort",
    "WM/AlbumArtistSortOrder": "albumartistsort",
    "WM/ComposerSortOrder": "composersort",
    "TRACKTOTAL": "tracktotal",
    "TOTALTRACKS": "tracktotal",
    "DISCTOTAL": "disctotal",
    "TOTALDISCS": "disctotal",
    "MusicBrainz/Track Id": "musicbrainz_trackid",
    "MusicBrainz/Release Track Id": "musicbrainz_releasetrackid",
    "MusicBrainz/Album Id": "musicbrainz_albumid",
    "MusicBrainz/Artist Id": "musicbrainz_artistid",
    "MusicBrainz/Album Artist Id": "musicbrainz_albumartistid",
    "MusicBrainz/Release Group Id": "musicbrainz_releasegroupid",
    "MusicBrainz/Work Id": "musicbrainz_workid",
    "MusicBrainz/Album Status": "releasestatus",
    "MusicBrainz/Album Type": "releasetype",
    "MusicBrainz/Album Release Country": "releasecountry",
    "Acoustid/Id": "acoustid_id",
    "Acoustid/Fingerprint": "acoustid_fingerprint",
}
_NAMES = {spelling.lower(): name for spelling, name in ASF_NAMES.items()}
_NUMBERS = {"wm/tracknumber": ("tracknumber", "tracktotal"), "wm/partofset": ("discnumber", "disctotal")}
# True of the source's stream or shop only: encoder, rights, identities in Microsoft's catalogues.
_STALE_NAMES = frozenset(
    [
        "isvbr",
        "is_protected",
        "is_trusted",
        "seekable",
        "stridable",
        "broadcast",
        "hasaudio",
        "hasvideo",
        "hasimage",
        "hasscript",
        "hasattachedimages",
        "hasarbitrarydatastream",
        "hasfiletransferstream",
        "numberofframes",
        "currentbitrate",
        "optimalbitrate",
        "deviceconformancetemplate",
        "asfleakybucketpairs",
        "mediafoundationversion",
        "filesize",
        "wm/track",
        "wm/encodedby",
        "wm/encodingsettings",
        "wm/encodingtime",
        "wm/toolname",
        "wm/toolversion",
        "wm/wmadrcpeakreference",
        "wm/wmadrcpeaktarget",
        "wm/wmadrcaveragereference",
        "wm/wmadrcaveragetarget",
        "wm/mediaclassprimaryid",
        "wm/mediaclasssecondaryid",
        "wm/uniquefileidentifier",
        "wm/provider",
        "wm/providerrating",
        "wm/providerstyle",
        "wm/collectionid",
        "wm/collectiongroupid",
        "wm/contentid",
        "wm/mcdi",
        "wm/wmcollectionid",
        "wm/wmcollectiongroupid",
        "wm/wmcontentid",
    ]
)
_STALE_PREFIXES = ("wmfsdk", "peakvalue", "averagelevel")
_PICTURE = "wm/picture"
_FALSE = "False"


def read_asf(attributes: Iterable[tuple[str, Any]]) -> TagSet:
    """ASF attributes as plain tags."""
    found = TagSet()
    for name, attribute in attributes:
        plain = name.lower()
        if plain in _STALE_NAMES or plain.startswith(_STALE_PREFIXES):
            continue
        value = attribute.value
        if plain == _PICTURE:
            _add_picture(value, found)
        elif isinstance(value, bytes):
            found.nameless.append(name)
        elif plain in _NUMBERS:
            found.add_numbered(*_NUMBERS[plain], str(value))
        elif str(value) != _FALSE:
            found.add(_NAMES.get(plain, name.removeprefix("WM/")), "1" if value is True else str(value))
    return found


def names_of_attribute(attribute: str) -> tuple[str, ...]:
    """The fields that an attribute is read as, by the names of Vorbis comments in lower case."""
    plain = attribute.lower()
    if plain in _NUMBERS:
        return _NUMBERS[plain]
    return (_NAMES.get(plain, plain.removeprefix("wm/")),)


def _add_picture(data: Any, found: TagSet) -> None:
    """Kind, size, then type and description as UTF-16 that ends with a zero, then the picture."""
    if not isinstance(data, bytes) or len(data) < 9:
        found.warnings.append("a damaged cover was left out")
        return
    kind, size = struct.unpack_from("<BI", data)
    texts, start = [], 5
    for _ in range(2):
        end = start
        while data[end : end + 2] not in (b"\0\0", b"", b"\0"):
            end += 2
        texts.append(data[start:end].decode("utf-16-le", "replace"))
        start = end + 2
    found.add_picture(kind, texts[0], texts[1], data[start : start + size])
