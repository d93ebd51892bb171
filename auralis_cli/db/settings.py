"""What the library itself is set to: a few words by name."""

from __future__ import annotations

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.schema import SettingTable


class SettingRepository:
    """Settings that travel with the library."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def get(self, key: str) -> str | None:
        """The value of a setting, None where it is not set."""
        row = self._database.one(*SettingTable.select(SettingTable.value).where(SettingTable.key == key).sql())
        return None if row is None else str(row[0])

    def put(self, key: str, value: str) -> None:
        """Sets a setting."""
        changed = {SettingTable.value: value}
        query = SettingTable.insert(key=key, value=value).on_conflict(
            conflict_target=[SettingTable.key], update=changed
        )
        with self._database.write():
            self._database.run(*query.bind(self._database).sql())

    def remove(self, key: str) -> None:
        """Unsets a setting."""
        with self._database.write():
            self._database.run(*SettingTable.delete().where(SettingTable.key == key).sql())
