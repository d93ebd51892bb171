"""The tables of music, described for queries: what the migrations made, which a test compares with this.

The models are bound to no database: a query is compiled (`database.all(*query.sql())`), its rows become frozen values,
and no model leaves this package.
"""

from __future__ import annotations

import peewee as pw


class LibraryTable(pw.Model):
    """A table with ids."""

    id = pw.AutoField()


class RootTable(LibraryTable):
    """Rows of `roots`."""

    path = pw.BlobField(unique=True)
    added_at = pw.IntegerField()
    scanned_at = pw.IntegerField(null=True)
    offline_since = pw.IntegerField(null=True)

    class Meta:
        table_name = "roots"


class FileTable(LibraryTable):
    """Rows of `files`."""

    root = pw.ForeignKeyField(RootTable, column_name="root_id", on_delete="RESTRICT", backref="+")
    kind = pw.TextField(default="audio")
    path = pw.BlobField(unique=True)
    size_bytes = pw.IntegerField()
    mtime_ns = pw.IntegerField()
    device = pw.IntegerField()
    inode = pw.IntegerField()
    content_id = pw.TextField(null=True)
    full_hash = pw.TextField(null=True)
    format = pw.TextField(null=True)
    codec = pw.TextField(null=True)
    sample_rate_hz = pw.IntegerField(null=True)
    channels = pw.IntegerField(null=True)
    bits = pw.IntegerField(null=True)
    bitrate_bps = pw.IntegerField(null=True)
    duration_s = pw.FloatField(null=True)
    lossless = pw.IntegerField(null=True)
    status = pw.TextField(default="present")
    missing_since = pw.IntegerField(null=True)
    error_code = pw.TextField(null=True)
    error_message = pw.TextField(null=True)
    error_hint = pw.TextField(null=True)
    read_at = pw.IntegerField()

    class Meta:
        table_name = "files"
        indexes = ((("content_id",), False), (("root_id",), False), (("status", "id"), False))


class ArtistTable(LibraryTable):
    """Rows of `artists`."""

    key = pw.TextField(unique=True)
    name = pw.TextField()
    sort_name = pw.TextField(null=True)
    sort_key = pw.TextField(default="")

    class Meta:
        table_name = "artists"
        indexes = ((("sort_key", "id"), False),)


class AlbumTable(LibraryTable):
    """Rows of `albums`."""

    key = pw.TextField(unique=True)
    title = pw.TextField()
    title_key = pw.TextField(default="")
    albumartist = pw.TextField(null=True)
    artist_key = pw.TextField(default="")
    year = pw.IntegerField(null=True)
    compilation = pw.IntegerField(default=0)
    mb_album_id = pw.TextField(null=True)
    added_at = pw.IntegerField()

    class Meta:
        table_name = "albums"
        indexes = ((("artist_key", "year", "title_key", "id"), False),)


class AlbumArtistTable(LibraryTable):
    """Rows of `album_artists`."""

    album = pw.ForeignKeyField(AlbumTable, column_name="album_id", on_delete="CASCADE", backref="+")
    artist = pw.ForeignKeyField(ArtistTable, column_name="artist_id", on_delete="RESTRICT", backref="+")
    position = pw.IntegerField()
    name = pw.TextField()

    class Meta:
        table_name = "album_artists"
        indexes = ((("album_id", "position"), True), (("artist_id", "album_id"), False))


class GenreTable(LibraryTable):
    """Rows of `genres`."""

    key = pw.TextField(unique=True)
    name = pw.TextField()

    class Meta:
        table_name = "genres"


class TrackTable(LibraryTable):
    """Rows of `tracks`."""

    file = pw.ForeignKeyField(FileTable, column_name="file_id", on_delete="CASCADE", backref="+")
    cue_number = pw.IntegerField(default=0)
    sheet = pw.ForeignKeyField(FileTable, column_name="sheet_id", on_delete="SET NULL", backref="+", null=True)
    start_frame = pw.IntegerField(null=True)
    end_frame = pw.IntegerField(null=True)
    content_key = pw.TextField()
    year = pw.IntegerField(null=True)
    album_row = pw.ForeignKeyField(AlbumTable, column_name="album_id", on_delete="SET NULL", backref="+", null=True)
    title = pw.TextField()
    title_key = pw.TextField(default="")
    words = pw.TextField(default="")
    artist = pw.TextField(null=True)
    artist_sort = pw.TextField(null=True)
    artist_key = pw.TextField(default="")
    album = pw.TextField(null=True)
    album_sort = pw.TextField(null=True)
    album_key = pw.TextField(default="")
    albumartist = pw.TextField(null=True)
    albumartist_sort = pw.TextField(null=True)
    albumartists = pw.TextField(null=True)
    albumartist_key = pw.TextField(default="")
    genre = pw.TextField(null=True)
    mood = pw.TextField(null=True)
    track = pw.IntegerField(default=0)
    track_total = pw.IntegerField(null=True)
    disc = pw.IntegerField(default=0)
    disc_total = pw.IntegerField(null=True)
    disc_title = pw.TextField(null=True)
    date = pw.TextField(null=True)
    original_year = pw.IntegerField(null=True)
    compilation = pw.IntegerField(default=0)
    composer = pw.TextField(null=True)
    comment = pw.TextField(null=True)
    bpm = pw.FloatField(null=True)
    label = pw.TextField(null=True)
    copyright = pw.TextField(null=True)
    isrc = pw.TextField(null=True)
    mb_recording_id = pw.TextField(null=True)
    mb_track_id = pw.TextField(null=True)
    mb_album_id = pw.TextField(null=True)
    mb_release_group_id = pw.TextField(null=True)
    replaygain_track_gain_db = pw.FloatField(null=True)
    replaygain_track_peak = pw.FloatField(null=True)
    replaygain_album_gain_db = pw.FloatField(null=True)
    replaygain_album_peak = pw.FloatField(null=True)
    duration_s = pw.FloatField(null=True)
    added_at = pw.IntegerField()

    class Meta:
        table_name = "tracks"
        indexes = (
            (("added_at", "albumartist_key", "album_key", "disc", "track", "title_key", "id"), False),
            (("album_id", "disc", "track"), False),
            (("albumartist_key", "album_key", "disc", "track", "title_key", "id"), False),
            (("artist_key", "id"), False),
            (("content_key",), False),
            (("duration_s", "id"), False),
            (("file_id", "cue_number"), True),
            (("sheet_id",), False),
            (("title_key", "id"), False),
            (("year", "id"), False),
        )


class TrackArtistTable(LibraryTable):
    """Rows of `track_artists`."""

    track = pw.ForeignKeyField(TrackTable, column_name="track_id", on_delete="CASCADE", backref="+")
    artist = pw.ForeignKeyField(ArtistTable, column_name="artist_id", on_delete="RESTRICT", backref="+")
    position = pw.IntegerField()
    name = pw.TextField()
    sort_name = pw.TextField(null=True)

    class Meta:
        table_name = "track_artists"
        indexes = ((("artist_id", "track_id"), False), (("track_id", "position"), True))


class TrackGenreTable(LibraryTable):
    """Rows of `track_genres`."""

    track = pw.ForeignKeyField(TrackTable, column_name="track_id", on_delete="CASCADE", backref="+")
    genre = pw.ForeignKeyField(GenreTable, column_name="genre_id", on_delete="RESTRICT", backref="+")
    position = pw.IntegerField()
    name = pw.TextField()

    class Meta:
        table_name = "track_genres"
        indexes = ((("genre_id", "track_id"), False), (("track_id", "position"), True))


class LoudnessTable(LibraryTable):
    """Rows of `loudness`."""

    content_key = pw.TextField(unique=True)
    integrated_lufs = pw.FloatField(null=True)
    momentary_max_lufs = pw.FloatField(null=True)
    short_term_max_lufs = pw.FloatField(null=True)
    lra_lu = pw.FloatField(null=True)
    true_peak_dbtp = pw.FloatField(null=True)
    sample_peak_dbfs = pw.FloatField(null=True)
    plr_db = pw.FloatField(null=True)
    crest_db = pw.FloatField(null=True)
    dc_offset = pw.FloatField(null=True)
    version = pw.IntegerField()
    measured_at = pw.IntegerField()

    class Meta:
        table_name = "loudness"
        indexes = ((("integrated_lufs",), False), (("true_peak_dbtp",), False))


class FingerprintTable(LibraryTable):
    """Rows of `fingerprints`."""

    content_key = pw.TextField(unique=True)
    version = pw.IntegerField()
    sub_bass_pct = pw.FloatField()
    bass_pct = pw.FloatField()
    low_mid_pct = pw.FloatField()
    mid_pct = pw.FloatField()
    upper_mid_pct = pw.FloatField()
    presence_pct = pw.FloatField()
    air_pct = pw.FloatField()
    lufs = pw.FloatField()
    crest_db = pw.FloatField()
    bass_mid_ratio = pw.FloatField()
    tempo_bpm = pw.FloatField()
    rhythm_stability = pw.FloatField()
    transient_density = pw.FloatField()
    silence_ratio = pw.FloatField()
    spectral_centroid = pw.FloatField()
    spectral_rolloff = pw.FloatField()
    spectral_flatness = pw.FloatField()
    harmonic_ratio = pw.FloatField()
    pitch_stability = pw.FloatField()
    chroma_energy = pw.FloatField()
    dynamic_range_variation = pw.FloatField()
    loudness_variation_std = pw.FloatField()
    peak_consistency = pw.FloatField()
    stereo_width = pw.FloatField()
    phase_correlation = pw.FloatField()
    tempo_confidence = pw.FloatField(default=0)
    flags = pw.TextField(default="")
    computed_at = pw.IntegerField()

    class Meta:
        table_name = "fingerprints"
        indexes = ((("tempo_bpm",), False),)


class TrackStatTable(LibraryTable):
    """Rows of `track_stats`."""

    track = pw.ForeignKeyField(TrackTable, column_name="track_id", on_delete="CASCADE", backref="+", unique=True)
    rating = pw.FloatField(null=True)
    play_count = pw.IntegerField(default=0)
    skip_count = pw.IntegerField(default=0)
    last_played_at = pw.IntegerField(null=True)
    is_favourite = pw.IntegerField(default=0)

    class Meta:
        table_name = "track_stats"
        indexes = ((("last_played_at",), False), (("rating",), False), (("track_id",), False))


class PlayTable(LibraryTable):
    """Rows of `plays`."""

    track = pw.ForeignKeyField(TrackTable, column_name="track_id", on_delete="CASCADE", backref="+")
    started_at = pw.IntegerField()
    played_s = pw.FloatField()
    outcome = pw.TextField()

    class Meta:
        table_name = "plays"
        indexes = ((("started_at",), False), (("track_id",), False))


class SettingTable(LibraryTable):
    """Rows of `settings`."""

    key = pw.TextField(unique=True)
    value = pw.TextField()

    class Meta:
        table_name = "settings"
