"""Queues that are kept under a name, with tags to find them by."""

from __future__ import annotations

from collections.abc import Sequence

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.queue_snapshots import read_snapshot, store_snapshot
from auralis_cli.errors import RefusedError, UsageError
from auralis_cli.model.player_choices import RepeatMode
from auralis_cli.model.playlists import check_name, name_key
from auralis_cli.model.queue import Queue, QueueTemplate

_LIST = """
SELECT t.id, t.name, s.length, s.repeat, t.load_count, t.loaded_at, t.created_at
FROM queue_templates t JOIN queue_snapshots s ON s.id = t.snapshot_id
WHERE ?1 IS NULL OR EXISTS (SELECT 1 FROM queue_template_tags g WHERE g.template_id = t.id AND g.key = ?1)
ORDER BY t.key
"""


class QueueTemplateRepository:
    """Templates by name, whatever its case."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def save(self, name: str, queue: Queue, *, now: int, tags: Sequence[str] = (), replace: bool = False) -> None:
        """Keeps the queue under a name; one that is taken is refused unless it is to be replaced."""
        with self._database.write():
            key, is_taken = self.check(name, replace=replace)
            if is_taken:
                self.delete(name)
            template = self._database.insert(
                "INSERT INTO queue_templates (key, name, snapshot_id, created_at) VALUES (?, ?, ?, ?)",
                (key, name, store_snapshot(self._database, queue), now),
            )
            self._database.run_many(
                "INSERT OR IGNORE INTO queue_template_tags (template_id, key, name) VALUES (?, ?, ?)",
                [(template, name_key(check_name(tag)), tag) for tag in tags],
            )

    def check(self, name: str, *, replace: bool = False) -> tuple[str, bool]:
        """The key of a name, and whether there is one already; that is refused unless it is to be replaced."""
        key = name_key(check_name(name))
        is_taken = self._database.one("SELECT 1 FROM queue_templates WHERE key = ?", (key,)) is not None
        if is_taken and not replace:
            raise RefusedError(name, "there is a template of that name", "another name, or --force")
        return key, is_taken

    def queue(self, name: str) -> Queue:
        """The queue that is kept under a name."""
        row = self._database.one("SELECT snapshot_id FROM queue_templates WHERE key = ?", (name_key(name),))
        if row is None:
            raise _no_template(name)
        return read_snapshot(self._database, row[0])

    def loaded(self, name: str, *, now: int) -> None:
        """Notes that it was made the queue that plays."""
        with self._database.write():
            counted = self._database.run(
                "UPDATE queue_templates SET load_count = load_count + 1, loaded_at = ? WHERE key = ?",
                (now, name_key(name)),
            )
            if counted == 0:
                raise _no_template(name)

    def all(self, tag: str | None = None) -> tuple[QueueTemplate, ...]:
        """The templates by name; those with a tag where one is given."""
        tags: dict[int, list[str]] = {}
        for template, name in self._database.all("SELECT template_id, name FROM queue_template_tags ORDER BY id"):
            tags.setdefault(template, []).append(name)
        rows = self._database.all(_LIST, (None if tag is None else name_key(tag),))
        return tuple(
            QueueTemplate(name, items, RepeatMode(repeat), load_count, loaded_at, saved_at, tuple(tags.get(id_, ())))
            for id_, name, items, repeat, load_count, loaded_at, saved_at in rows
        )

    def delete(self, name: str) -> None:
        """Forgets what is kept under a name."""
        deleted = self._database.run(
            "DELETE FROM queue_snapshots WHERE id = (SELECT snapshot_id FROM queue_templates WHERE key = ?)",
            (name_key(name),),
        )
        if deleted == 0:
            raise _no_template(name)


def _no_template(name: str) -> UsageError:
    return UsageError(name, "there is no template of that name", "auralis queue templates lists them")
