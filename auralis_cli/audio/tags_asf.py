"""ASF attributes (wma) to plain tags. Names: as Picard maps them."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any

from auralis_cli.audio.tag_set import TagSet

_NAMES = {
    "title": "title",
    "author": "artist",
    "wm/albumtitle": "album",
    "wm/albumartist": "albumartist",
    "wm/year": "date",
    "wm/originalreleasetime": "originaldate",
    "wm/originalreleaseyear": "originalyear",
    "wm/genre": "genre",
    "wm/composer": "composer",
    "wm/conductor": "conductor",
    "wm/writer": "lyricist",
    "wm/producer": "producer",
    "wm/modifiedby": "remixer",
    "description": "comment",
    "wm/lyrics": "lyrics",
    "copyright": "copyright",
    "wm/iscompilation": "compilation",
    "wm/beatsperminute": "bpm",
    "wm/isrc": "isrc",
    "wm/publisher": "label",
    "wm/contentgroupdescription": "grouping",
    "wm/subtitle": "subtitle",
    "wm/setsubtitle": "discsubtitle",
    "wm/language": "language",
    "wm/initialkey": "key",
    "wm/mood": "mood",
    "wm/media": "media",
    "wm/barcode": "barcode",
    "wm/catalogno": "catalognumber",
    "wm/authorurl": "website",
    "wm/titlesortorder": "titlesort",
    "wm/artistsortorder": "artistsort",
    "wm/albumsortorder": "albumsort",
    "wm/albumartistsortorder": "albumartistsort",
    "wm/composersortorder": "composersort",
    "tracktotal": "tracktotal",
    "totaltracks": "tracktotal",
    "disctotal": "disctotal",
    "totaldiscs": "disctotal",
    "musicbrainz/track id": "musicbrainz_trackid",
    "musicbrainz/release track id": "musicbrainz_releasetrackid",
    "musicbrainz/album id": "musicbrainz_albumid",
    "musicbrainz/artist id": "musicbrainz_artistid",
    "musicbrainz/album artist id": "musicbrainz_albumartistid",
    "musicbrainz/release group id": "musicbrainz_releasegroupid",
    "musicbrainz/work id": "musicbrainz_workid",
    "musicbrainz/album status": "releasestatus",
    "musicbrainz/album type": "releasetype",
    "musicbrainz/album release country": "releasecountry",
    "acoustid/id": "acoustid_id",
    "acoustid/fingerprint": "acoustid_fingerprint",
}
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
