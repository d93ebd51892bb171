"""The tables of playlists, the queue, scans, plays to be sent and the journal, described for queries as in `schema`."""

from __future__ import annotations

import peewee as pw

from auralis_cli.db.schema import LibraryTable, TrackTable


class SchemaVersionTable(pw.Model):
    """Rows of `schema_versions`."""

    version = pw.IntegerField(primary_key=True)
    name = pw.TextField()
    applied_at = pw.IntegerField()
    program = pw.TextField()

    class Meta:
        table_name = "schema_versions"


class ScanRunTable(LibraryTable):
    """Rows of `scan_runs`."""

    started_at = pw.IntegerField()
    finished_at = pw.IntegerField(null=True)
    outcome = pw.TextField(default="running")
    added = pw.IntegerField(default=0)
    updated = pw.IntegerField(default=0)
    unchanged = pw.IntegerField(default=0)
    moved = pw.IntegerField(default=0)
    missing = pw.IntegerField(default=0)
    failed = pw.IntegerField(default=0)
    skipped = pw.IntegerField(default=0)
    seconds = pw.FloatField(null=True)

    class Meta:
        table_name = "scan_runs"


class ScanFailureTable(LibraryTable):
    """Rows of `scan_failures`."""

    run = pw.ForeignKeyField(ScanRunTable, column_name="run_id", on_delete="CASCADE", backref="+")
    path = pw.BlobField()
    code = pw.TextField()
    message = pw.TextField()
    hint = pw.TextField(null=True)

    class Meta:
        table_name = "scan_failures"
        indexes = ((("run_id",), False),)


class PlaylistTable(LibraryTable):
    """Rows of `playlists`."""

    key = pw.TextField(unique=True)
    name = pw.TextField()
    kind = pw.TextField()
    query = pw.TextField(null=True)
    description = pw.TextField(null=True)
    created_at = pw.IntegerField()
    updated_at = pw.IntegerField()

    class Meta:
        table_name = "playlists"


class PlaylistEntryTable(LibraryTable):
    """Rows of `playlist_entries`."""

    playlist = pw.ForeignKeyField(PlaylistTable, column_name="playlist_id", on_delete="CASCADE", backref="+")
    position = pw.IntegerField()
    track = pw.ForeignKeyField(TrackTable, column_name="track_id", on_delete="SET NULL", backref="+", null=True)
    path = pw.BlobField()
    cue_number = pw.IntegerField(default=0)
    title = pw.TextField(null=True)
    artist = pw.TextField(null=True)
    duration_s = pw.FloatField(null=True)

    class Meta:
        table_name = "playlist_entries"
        indexes = ((("path",), False), (("playlist_id", "position"), True), (("track_id",), False))


class QueueSnapshotTable(LibraryTable):
    """Rows of `queue_snapshots`."""

    length = pw.IntegerField()
    current_index = pw.IntegerField()
    position_s = pw.FloatField()
    repeat = pw.TextField()
    shuffled = pw.IntegerField()

    class Meta:
        table_name = "queue_snapshots"


class QueueItemTable(LibraryTable):
    """Rows of `queue_items`."""

    snapshot = pw.ForeignKeyField(QueueSnapshotTable, column_name="snapshot_id", on_delete="CASCADE", backref="+")
    position = pw.IntegerField()
    unshuffled_position = pw.IntegerField(null=True)
    ticket = pw.IntegerField()
    track = pw.ForeignKeyField(TrackTable, column_name="track_id", on_delete="SET NULL", backref="+", null=True)
    path = pw.BlobField()
    cue_number = pw.IntegerField(default=0)

    class Meta:
        table_name = "queue_items"
        indexes = ((("path",), False), (("snapshot_id", "position"), True), (("track_id",), False))


class QueueStateTable(LibraryTable):
    """Rows of `queue_state`."""

    snapshot = pw.ForeignKeyField(
        QueueSnapshotTable, column_name="snapshot_id", on_delete="RESTRICT", backref="+", unique=True
    )
    updated_at = pw.IntegerField()

    class Meta:
        table_name = "queue_state"


class QueueHistoryTable(LibraryTable):
    """Rows of `queue_history`."""

    operation = pw.TextField()
    snapshot = pw.ForeignKeyField(
        QueueSnapshotTable, column_name="snapshot_id", on_delete="CASCADE", backref="+", unique=True
    )
    created_at = pw.IntegerField()

    class Meta:
        table_name = "queue_history"


class QueueTemplateTable(LibraryTable):
    """Rows of `queue_templates`."""

    key = pw.TextField(unique=True)
    name = pw.TextField()
    snapshot = pw.ForeignKeyField(
        QueueSnapshotTable, column_name="snapshot_id", on_delete="CASCADE", backref="+", unique=True
    )
    load_count = pw.IntegerField(default=0)
    loaded_at = pw.IntegerField(null=True)
    created_at = pw.IntegerField()

    class Meta:
        table_name = "queue_templates"


class QueueRedoTable(LibraryTable):
    """Rows of `queue_redo`."""

    operation = pw.TextField()
    snapshot = pw.ForeignKeyField(
        QueueSnapshotTable, column_name="snapshot_id", on_delete="CASCADE", backref="+", unique=True
    )
    created_at = pw.IntegerField()

    class Meta:
        table_name = "queue_redo"


class QueueTemplateTagTable(LibraryTable):
    """Rows of `queue_template_tags`."""

    template = pw.ForeignKeyField(QueueTemplateTable, column_name="template_id", on_delete="CASCADE", backref="+")
    key = pw.TextField()
    name = pw.TextField()

    class Meta:
        table_name = "queue_template_tags"
        indexes = ((("template_id", "key"), True),)


class PlayerStateTable(LibraryTable):
    """The row of `player_state`."""

    volume = pw.FloatField()
    is_muted = pw.IntegerField()
    is_enhanced = pw.IntegerField()
    preset = pw.TextField()
    intensity = pw.FloatField()
    normalize = pw.TextField()
    consume = pw.IntegerField()
    stop_after_current = pw.IntegerField()
    crossfade_s = pw.FloatField()
    was_playing = pw.IntegerField()
    updated_at = pw.IntegerField()

    class Meta:
        table_name = "player_state"


class JournalTable(LibraryTable):
    """Rows of `journal`."""

    verb = pw.TextField()
    summary = pw.TextField()
    started_at = pw.IntegerField()
    finished_at = pw.IntegerField(null=True)
    state = pw.TextField(default="open")
    undone_at = pw.IntegerField(null=True)

    class Meta:
        table_name = "journal"


class JournalRowTable(LibraryTable):
    """Rows of `journal_rows`."""

    entry = pw.ForeignKeyField(JournalTable, column_name="entry_id", on_delete="CASCADE", backref="+")
    step = pw.IntegerField()
    table_name = pw.TextField()
    row_id = pw.IntegerField()
    last_row_id = pw.IntegerField()
    operation = pw.TextField()
    before = pw.TextField(null=True)

    class Meta:
        table_name = "journal_rows"
        indexes = ((("entry_id", "step"), False), (("table_name", "row_id"), False))


class JournalFileTable(LibraryTable):
    """Rows of `journal_files`."""

    entry = pw.ForeignKeyField(JournalTable, column_name="entry_id", on_delete="CASCADE", backref="+")
    operation = pw.TextField()
    path = pw.BlobField()
    place = pw.BlobField(null=True)
    size_bytes = pw.IntegerField(null=True)
    mtime_ns = pw.IntegerField(null=True)
    state = pw.TextField(default="intended")
    before = pw.TextField(null=True)

    class Meta:
        table_name = "journal_files"
        indexes = ((("entry_id",), False),)


class ListenTable(LibraryTable):
    """Rows of `listens`."""

    listened_at = pw.IntegerField()
    track = pw.ForeignKeyField(TrackTable, column_name="track_id", on_delete="SET NULL", backref="+", null=True)
    payload = pw.TextField()
    attempts = pw.IntegerField(default=0)
    last_error = pw.TextField(null=True)

    class Meta:
        table_name = "listens"
        indexes = ((("listened_at", "payload"), True),)


class PreferenceObservedTable(LibraryTable):
    """Rows of `preferences_observed`."""

    observed_at = pw.IntegerField()
    kind = pw.TextField()
    content_key = pw.TextField(null=True)
    weight = pw.FloatField()
    preset = pw.TextField(null=True)
    intensity = pw.FloatField(null=True)
    tilt_db = pw.FloatField(null=True)
    width_db = pw.FloatField(null=True)
    loudness_lu = pw.FloatField(null=True)

    class Meta:
        table_name = "preferences_observed"
        indexes = ((("observed_at",), False),)
