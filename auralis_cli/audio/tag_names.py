"""What ID3 frames, MP4 atoms and other containers call what Vorbis comments have one name for."""

from __future__ import annotations

# ID3v2.4, and what version 2.3 calls otherwise where no more than the name differs.
ID3_TEXTS = {
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
    "MVIN": "movement",
    "WOAR": "website",
    "WCOP": "license",
}
# Frame → names of the number and of the total.
ID3_NUMBERS = {"TRCK": ("tracknumber", "tracktotal"), "TPOS": ("discnumber", "disctotal")}
# Named texts, as Picard writes their names.
NAMED_TEXTS = {
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
NAMES_OF_TEXTS = {spelling.lower(): name for name, spelling in NAMED_TEXTS.items()}
RECORDING_OWNER = "http://musicbrainz.org"
RECORDING_NAME = "musicbrainz_trackid"
MP4_TEXTS = {
    "\xa9nam": "title",
    "\xa9ART": "artist",
    "\xa9alb": "album",
    "aART": "albumartist",
    "\xa9day": "date",
    "\xa9gen": "genre",
    "\xa9wrt": "composer",
    "\xa9cmt": "comment",
    "\xa9lyr": "lyrics",
    "\xa9grp": "grouping",
    "\xa9wrk": "work",
    "\xa9mvn": "movementname",
    "cprt": "copyright",
    "desc": "description",
    "sonm": "titlesort",
    "soar": "artistsort",
    "soal": "albumsort",
    "soaa": "albumartistsort",
    "soco": "composersort",
}
MP4_NUMBERS = {"trkn": ("tracknumber", "tracktotal"), "disk": ("discnumber", "disctotal")}
NAMES_OF_FREEFORMS = NAMES_OF_TEXTS | {"musicbrainz track id": RECORDING_NAME}
APE_NAMES = {
    "year": "date",
    "album artist": "albumartist",
    "mixartist": "remixer",
    "record date": "recordingdate",
    "catalog": "catalognumber",
    "ean/upn": "barcode",
    "related": "url",
}
APE_NUMBERS = {"track": ("tracknumber", "tracktotal"), "disc": ("discnumber", "disctotal")}
# Of LIST INFO in WAV files.
INFO_NAMES = {
    "INAM": "title",
    "IART": "artist",
    "IPRD": "album",
    "ICRD": "date",
    "IGNR": "genre",
    "ICMT": "comment",
    "ICOP": "copyright",
    "IMUS": "composer",
    "IWRI": "lyricist",
    "IPRO": "producer",
    "IENG": "engineer",
    "ISRC": "source",
    "ILNG": "language",
    "IKEY": "keywords",
    "ISBJ": "subject",
}
INFO_NUMBERS = ("ITRK", "IPRT", "TRCK")
# The text chunks of AIFF files.
AIFF_TEXTS = {b"NAME": "title", b"AUTH": "artist", b"ANNO": "comment", b"(c) ": "copyright"}
# Other names that Vorbis comments have for one thing.
ALIASES = {
    "track": "tracknumber",
    "totaltracks": "tracktotal",
    "trackc": "tracktotal",
    "disc": "discnumber",
    "totaldiscs": "disctotal",
    "discc": "disctotal",
    "album artist": "albumartist",
    "album_artist": "albumartist",
    "unsyncedlyrics": "lyrics",
    "unsynced lyrics": "lyrics",
    "description": "comment",
    "year": "date",
    "organization": "label",
    "publisher": "label",
    "tempo": "bpm",
    "initialkey": "key",
}
# What a file says of the one recording it is: not true of a part of it.
OF_THE_WHOLE = frozenset(
    [
        "title",
        "titlesort",
        "subtitle",
        "tracknumber",
        "tracktotal",
        "isrc",
        "lyrics",
        "cuesheet",
        "musicbrainz_trackid",
        "musicbrainz_releasetrackid",
        "musicbrainz_workid",
        "acoustid_id",
        "acoustid_fingerprint",
    ]
)
OF_THE_WHOLE_PREFIXES = ("cue_track", "chapter")
# What the library keeps of a file's tags, other names for it included.
LIBRARY_NAMES = frozenset(
    [
        "title",
        "artist",
        "artists",
        "artistsort",
        "album",
        "albumsort",
        "albumartist",
        "albumartists",
        "albumartistsort",
        "genre",
        "mood",
        "tracknumber",
        "tracktotal",
        "discnumber",
        "disctotal",
        "discsubtitle",
        "date",
        "releasedate",
        "originaldate",
        "originalyear",
        "compilation",
        "composer",
        "comment",
        "bpm",
        "label",
        "copyright",
        "isrc",
        "cuesheet",
        "musicbrainz_trackid",
        "musicbrainz_releasetrackid",
        "musicbrainz_albumid",
        "musicbrainz_releasegroupid",
        "musicbrainz_artistid",
        "musicbrainz_albumartistid",
        "replaygain_track_gain",
        "replaygain_track_peak",
        "replaygain_album_gain",
        "replaygain_album_peak",
        "r128_track_gain",
        "r128_album_gain",
        "track",
        "totaltracks",
        "trackc",
        "disc",
        "totaldiscs",
        "discc",
        "album_artist",
        "year",
        "organization",
        "publisher",
        "tempo",
        "description",
    ]
) | {"album artist"}
