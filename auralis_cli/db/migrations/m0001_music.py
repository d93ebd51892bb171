"""Version 1: what was scanned, and what is known of it."""

from __future__ import annotations

from auralis_cli.db.migration import Migration

# The dimensions of a fingerprint have a column each, so that they can be asked for.
_DIMENSIONS = [
    "sub_bass_pct",
    "bass_pct",
    "low_mid_pct",
    "mid_pct",
    "upper_mid_pct",
    "presence_pct",
    "air_pct",
    "lufs",
    "crest_db",
    "bass_mid_ratio",
    "tempo_bpm",
    "rhythm_stability",
    "transient_density",
    "silence_ratio",
    "spectral_centroid",
    "spectral_rolloff",
    "spectral_flatness",
    "harmonic_ratio",
    "pitch_stability",
    "chroma_energy",
    "dynamic_range_variation",
    "loudness_variation_std",
    "peak_consistency",
    "stereo_width",
    "phase_correlation",
]

_ROOTS = """
CREATE TABLE roots (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE CHECK (length(path) > 0),
    added_at INTEGER NOT NULL,
    scanned_at INTEGER,
    offline_since INTEGER
) STRICT
"""

_FILES = """
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    root_id INTEGER NOT NULL REFERENCES roots (id) ON DELETE RESTRICT,
    kind TEXT NOT NULL DEFAULT 'audio' CHECK (kind IN ('audio', 'sheet')),
    path BLOB NOT NULL UNIQUE CHECK (length(path) > 0),
    size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
    mtime_ns INTEGER NOT NULL,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    content_id TEXT CHECK (length(content_id) BETWEEN 1 AND 200),
    full_hash TEXT CHECK (length(full_hash) BETWEEN 1 AND 200),
    format TEXT,
    codec TEXT,
    sample_rate_hz INTEGER CHECK (sample_rate_hz BETWEEN 1000 AND 384000),
    channels INTEGER CHECK (channels BETWEEN 1 AND 32),
    bits INTEGER CHECK (bits BETWEEN 1 AND 64),
    bitrate_bps INTEGER CHECK (bitrate_bps >= 0),
    duration_s REAL CHECK (duration_s BETWEEN 0 AND 1e9),
    lossless INTEGER CHECK (lossless IN (0, 1)),
    status TEXT NOT NULL DEFAULT 'present' CHECK (status IN ('present', 'missing', 'unreadable')),
    missing_since INTEGER CHECK ((missing_since IS NOT NULL) = (status = 'missing')),
    error_code TEXT,
    error_message TEXT CHECK ((error_message IS NOT NULL) = (status = 'unreadable')),
    error_hint TEXT,
    read_at INTEGER NOT NULL
) STRICT
"""

_ARTISTS = """
CREATE TABLE artists (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 1000),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 1000),
    sort_name TEXT CHECK (length(sort_name) <= 1000),
    sort_key TEXT NOT NULL DEFAULT ''
) STRICT
"""

_ALBUMS = """
CREATE TABLE albums (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 4000),
    title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 1000),
    title_key TEXT NOT NULL DEFAULT '',
    albumartist TEXT CHECK (length(albumartist) <= 1000),
    artist_key TEXT NOT NULL DEFAULT '',
    year INTEGER CHECK (year BETWEEN 1 AND 9999),
    compilation INTEGER NOT NULL DEFAULT 0 CHECK (compilation IN (0, 1)),
    mb_album_id TEXT CHECK (length(mb_album_id) <= 200),
    added_at INTEGER NOT NULL
) STRICT
"""

# An album's artists are told from all its tracks, like its row.
_ALBUM_ARTISTS = """
CREATE TABLE album_artists (
    id INTEGER PRIMARY KEY,
    album_id INTEGER NOT NULL REFERENCES albums (id) ON DELETE CASCADE,
    artist_id INTEGER NOT NULL REFERENCES artists (id) ON DELETE RESTRICT,
    position INTEGER NOT NULL CHECK (position >= 0),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 1000),
    UNIQUE (album_id, position)
) STRICT
"""

_GENRES = """
CREATE TABLE genres (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 1000),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 1000)
) STRICT
"""

# `content_key` is the file's content id, with `#n` behind it for a track of a cue sheet: what is measured hangs on it.
# Numbers that are not stated are 0 where listings sort by them. `albumartists` is a JSON list where the tags name
# several; `albumartist_key` is that of the whole album, so that an album's tracks stand together.
# `words` are those of all names, folded, one name a line: what the search index finds, a row can be asked.
_TRACKS = """
CREATE TABLE tracks (
    id INTEGER PRIMARY KEY,
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    cue_number INTEGER NOT NULL DEFAULT 0 CHECK (cue_number BETWEEN 0 AND 999),
    sheet_id INTEGER REFERENCES files (id) ON DELETE SET NULL,
    start_frame INTEGER CHECK (start_frame >= 0),
    end_frame INTEGER CHECK (end_frame >= start_frame),
    content_key TEXT NOT NULL CHECK (length(content_key) BETWEEN 1 AND 220),
    year INTEGER CHECK (year BETWEEN 1 AND 9999),
    album_id INTEGER REFERENCES albums (id) ON DELETE SET NULL,
    title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 1000),
    title_key TEXT NOT NULL DEFAULT '',
    words TEXT NOT NULL DEFAULT '',
    artist TEXT CHECK (length(artist) BETWEEN 1 AND 1000),
    artist_sort TEXT CHECK (length(artist_sort) BETWEEN 1 AND 1000),
    artist_key TEXT NOT NULL DEFAULT '',
    album TEXT CHECK (length(album) BETWEEN 1 AND 1000),
    album_sort TEXT CHECK (length(album_sort) BETWEEN 1 AND 1000),
    album_key TEXT NOT NULL DEFAULT '',
    albumartist TEXT CHECK (length(albumartist) BETWEEN 1 AND 1000),
    albumartist_sort TEXT CHECK (length(albumartist_sort) BETWEEN 1 AND 1000),
    albumartists TEXT CHECK (length(albumartists) <= 20000),
    albumartist_key TEXT NOT NULL DEFAULT '',
    genre TEXT CHECK (length(genre) BETWEEN 1 AND 2000),
    mood TEXT CHECK (length(mood) BETWEEN 1 AND 2000),
    track INTEGER NOT NULL DEFAULT 0 CHECK (track BETWEEN 0 AND 9999),
    track_total INTEGER CHECK (track_total BETWEEN 1 AND 9999),
    disc INTEGER NOT NULL DEFAULT 0 CHECK (disc BETWEEN 0 AND 9999),
    disc_total INTEGER CHECK (disc_total BETWEEN 1 AND 9999),
    disc_title TEXT CHECK (length(disc_title) <= 1000),
    date TEXT CHECK (length(date) <= 40),
    original_year INTEGER CHECK (original_year BETWEEN 1 AND 9999),
    compilation INTEGER NOT NULL DEFAULT 0 CHECK (compilation IN (0, 1)),
    composer TEXT CHECK (length(composer) <= 1000),
    comment TEXT CHECK (length(comment) <= 4000),
    bpm REAL CHECK (bpm BETWEEN 0 AND 10000),
    label TEXT CHECK (length(label) <= 1000),
    copyright TEXT CHECK (length(copyright) <= 1000),
    isrc TEXT CHECK (length(isrc) <= 200),
    mb_recording_id TEXT CHECK (length(mb_recording_id) <= 200),
    mb_track_id TEXT CHECK (length(mb_track_id) <= 200),
    mb_album_id TEXT CHECK (length(mb_album_id) <= 200),
    mb_release_group_id TEXT CHECK (length(mb_release_group_id) <= 200),
    replaygain_track_gain_db REAL CHECK (replaygain_track_gain_db BETWEEN -200 AND 200),
    replaygain_track_peak REAL CHECK (replaygain_track_peak BETWEEN 0 AND 1e6),
    replaygain_album_gain_db REAL CHECK (replaygain_album_gain_db BETWEEN -200 AND 200),
    replaygain_album_peak REAL CHECK (replaygain_album_peak BETWEEN 0 AND 1e6),
    duration_s REAL CHECK (duration_s BETWEEN 0 AND 1e9),
    added_at INTEGER NOT NULL,
    UNIQUE (file_id, cue_number)
) STRICT
"""

# `name` is how this track spells it; the artist has the spelling that most have.
_TRACK_ARTISTS = """
CREATE TABLE track_artists (
    id INTEGER PRIMARY KEY,
    track_id INTEGER NOT NULL REFERENCES tracks (id) ON DELETE CASCADE,
    artist_id INTEGER NOT NULL REFERENCES artists (id) ON DELETE RESTRICT,
    position INTEGER NOT NULL CHECK (position >= 0),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 1000),
    sort_name TEXT CHECK (length(sort_name) <= 1000),
    UNIQUE (track_id, position)
) STRICT
"""

_TRACK_GENRES = """
CREATE TABLE track_genres (
    id INTEGER PRIMARY KEY,
    track_id INTEGER NOT NULL REFERENCES tracks (id) ON DELETE CASCADE,
    genre_id INTEGER NOT NULL REFERENCES genres (id) ON DELETE RESTRICT,
    position INTEGER NOT NULL CHECK (position >= 0),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 1000),
    UNIQUE (track_id, position)
) STRICT
"""

_LOUDNESS = """
CREATE TABLE loudness (
    id INTEGER PRIMARY KEY,
    content_key TEXT NOT NULL UNIQUE CHECK (length(content_key) BETWEEN 1 AND 220),
    integrated_lufs REAL CHECK (integrated_lufs BETWEEN -1000 AND 1000),
    momentary_max_lufs REAL CHECK (momentary_max_lufs BETWEEN -1000 AND 1000),
    short_term_max_lufs REAL CHECK (short_term_max_lufs BETWEEN -1000 AND 1000),
    lra_lu REAL CHECK (lra_lu BETWEEN 0 AND 1000),
    true_peak_dbtp REAL CHECK (true_peak_dbtp BETWEEN -1000 AND 1000),
    sample_peak_dbfs REAL CHECK (sample_peak_dbfs BETWEEN -1000 AND 1000),
    plr_db REAL CHECK (plr_db BETWEEN -1000 AND 1000),
    crest_db REAL CHECK (crest_db BETWEEN -1000 AND 1000),
    dc_offset REAL CHECK (dc_offset BETWEEN -1e6 AND 1e6),
    version INTEGER NOT NULL CHECK (version >= 1),
    measured_at INTEGER NOT NULL
) STRICT
"""

_FINGERPRINTS = f"""
CREATE TABLE fingerprints (
    id INTEGER PRIMARY KEY,
    content_key TEXT NOT NULL UNIQUE CHECK (length(content_key) BETWEEN 1 AND 220),
    version INTEGER NOT NULL CHECK (version >= 1),
    {", ".join(f"{name} REAL NOT NULL CHECK ({name} BETWEEN -1e6 AND 1e6)" for name in _DIMENSIONS)},
    tempo_confidence REAL NOT NULL DEFAULT 0 CHECK (tempo_confidence BETWEEN 0 AND 1),
    flags TEXT NOT NULL DEFAULT '' CHECK (length(flags) <= 200),
    computed_at INTEGER NOT NULL
) STRICT
"""

_TRACK_STATS = """
CREATE TABLE track_stats (
    id INTEGER PRIMARY KEY,
    track_id INTEGER NOT NULL UNIQUE REFERENCES tracks (id) ON DELETE CASCADE,
    rating REAL CHECK (rating BETWEEN 0 AND 5),
    play_count INTEGER NOT NULL DEFAULT 0 CHECK (play_count >= 0),
    skip_count INTEGER NOT NULL DEFAULT 0 CHECK (skip_count >= 0),
    last_played_at INTEGER
) STRICT
"""

_PLAYS = """
CREATE TABLE plays (
    id INTEGER PRIMARY KEY,
    track_id INTEGER NOT NULL REFERENCES tracks (id) ON DELETE CASCADE,
    started_at INTEGER NOT NULL,
    played_s REAL NOT NULL CHECK (played_s BETWEEN 0 AND 1e9),
    outcome TEXT NOT NULL CHECK (outcome IN ('finished', 'skipped', 'stopped'))
) STRICT
"""

_SETTINGS = """
CREATE TABLE settings (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 200),
    value TEXT NOT NULL CHECK (length(value) <= 100000)
) STRICT
"""

_SCAN_RUNS = """
CREATE TABLE scan_runs (
    id INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    outcome TEXT NOT NULL DEFAULT 'running' CHECK (outcome IN ('running', 'done', 'interrupted')),
    added INTEGER NOT NULL DEFAULT 0 CHECK (added >= 0),
    updated INTEGER NOT NULL DEFAULT 0 CHECK (updated >= 0),
    unchanged INTEGER NOT NULL DEFAULT 0 CHECK (unchanged >= 0),
    moved INTEGER NOT NULL DEFAULT 0 CHECK (moved >= 0),
    missing INTEGER NOT NULL DEFAULT 0 CHECK (missing >= 0),
    failed INTEGER NOT NULL DEFAULT 0 CHECK (failed >= 0),
    skipped INTEGER NOT NULL DEFAULT 0 CHECK (skipped >= 0),
    seconds REAL CHECK (seconds >= 0)
) STRICT
"""

_SCAN_FAILURES = """
CREATE TABLE scan_failures (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES scan_runs (id) ON DELETE CASCADE,
    path BLOB NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    hint TEXT
) STRICT
"""

_INDEXES = (
    "CREATE INDEX files_root ON files (root_id)",
    "CREATE INDEX files_content ON files (content_id)",
    "CREATE INDEX files_not_present ON files (status, id) WHERE status <> 'present'",
    "CREATE INDEX tracks_order ON tracks (albumartist_key, album_key, disc, track, title_key, id)",
    "CREATE INDEX tracks_artist ON tracks (artist IS NULL, artist_key, id)",
    "CREATE INDEX tracks_title ON tracks (title_key, id)",
    "CREATE INDEX tracks_album ON tracks (album_id, disc, track)",
    "CREATE INDEX tracks_content ON tracks (content_key)",
    "CREATE INDEX tracks_year ON tracks (year, id)",
    "CREATE INDEX tracks_duration ON tracks (duration_s, id)",
    # What a first scan adds is all of one moment: the order among equals is here as well.
    "CREATE INDEX tracks_added ON tracks (added_at DESC, albumartist_key, album_key, disc, track, title_key, id)",
    "CREATE INDEX tracks_sheet ON tracks (sheet_id) WHERE sheet_id IS NOT NULL",
    "CREATE INDEX artists_order ON artists (sort_key, id)",
    "CREATE INDEX albums_order ON albums (artist_key, year, title_key, id)",
    "CREATE INDEX album_artists_artist ON album_artists (artist_id, album_id)",
    "CREATE INDEX track_artists_artist ON track_artists (artist_id, track_id)",
    "CREATE INDEX track_genres_genre ON track_genres (genre_id, track_id)",
    "CREATE INDEX loudness_integrated ON loudness (integrated_lufs)",
    "CREATE INDEX loudness_true_peak ON loudness (true_peak_dbtp)",
    "CREATE INDEX fingerprints_tempo ON fingerprints (tempo_bpm)",
    "CREATE INDEX track_stats_rating ON track_stats (rating) WHERE rating IS NOT NULL",
    "CREATE INDEX track_stats_played ON track_stats (last_played_at) WHERE last_played_at IS NOT NULL",
    "CREATE INDEX plays_track ON plays (track_id)",
    "CREATE INDEX plays_started ON plays (started_at)",
    "CREATE INDEX scan_failures_run ON scan_failures (run_id)",
)

MUSIC = Migration(
    version=1,
    name="music",
    statements=(
        _ROOTS,
        _FILES,
        _ARTISTS,
        _ALBUMS,
        _ALBUM_ARTISTS,
        _GENRES,
        _TRACKS,
        _TRACK_ARTISTS,
        _TRACK_GENRES,
        _LOUDNESS,
        _FINGERPRINTS,
        _TRACK_STATS,
        _PLAYS,
        _SETTINGS,
        _SCAN_RUNS,
        _SCAN_FAILURES,
        *_INDEXES,
    ),
)
