"""The tables of what is alike and what is the same, described for queries as in `schema`."""

from __future__ import annotations

import peewee as pw

from auralis_cli.db.schema import LibraryTable


class LandmarksTable(LibraryTable):
    """Rows of `landmarks`."""

    content_key = pw.TextField(unique=True)
    version = pw.IntegerField()
    words = pw.BlobField()
    valid = pw.BlobField()
    computed_at = pw.IntegerField()

    class Meta:
        table_name = "landmarks"


class AnalysisTable(LibraryTable):
    """Rows of `analyses`."""

    content_key = pw.TextField(unique=True)
    version = pw.IntegerField()
    body = pw.BlobField()
    computed_at = pw.IntegerField()

    class Meta:
        table_name = "analyses"


class AudioHashTable(LibraryTable):
    """Rows of `audio_hashes`."""

    content_id = pw.TextField(unique=True)
    quick_id = pw.TextField()
    audio_hash = pw.TextField()

    class Meta:
        table_name = "audio_hashes"
        indexes = ((("quick_id",), False),)


class FingerprintFailureTable(LibraryTable):
    """Rows of `fingerprint_failures`."""

    content_key = pw.TextField(unique=True)
    version = pw.IntegerField()
    code = pw.TextField()
    why = pw.TextField()
    hint = pw.TextField(null=True)
    failed_at = pw.IntegerField()

    class Meta:
        table_name = "fingerprint_failures"


class NotDuplicatesTable(LibraryTable):
    """Rows of `not_duplicates`."""

    first_key = pw.TextField()
    second_key = pw.TextField()
    noted_at = pw.IntegerField()

    class Meta:
        table_name = "not_duplicates"
        indexes = ((("first_key", "second_key"), True),)


class SimilarityStateTable(LibraryTable):
    """The row of `similarity_state`."""

    revision = pw.IntegerField()
    normalisation = pw.TextField(null=True)
    graph_revision = pw.IntegerField(null=True)

    class Meta:
        table_name = "similarity_state"


class NeighbourTable(pw.Model):
    """Rows of `neighbours`."""

    fingerprint_id = pw.IntegerField()
    rank = pw.IntegerField()
    other_id = pw.IntegerField()
    distance = pw.FloatField()

    class Meta:
        table_name = "neighbours"
        primary_key = pw.CompositeKey("fingerprint_id", "rank")
        indexes = ((("fingerprint_id", "rank"), True), (("other_id",), False))


class NeighbourChangeTable(LibraryTable):
    """Rows of `neighbour_changes`."""

    class Meta:
        table_name = "neighbour_changes"
