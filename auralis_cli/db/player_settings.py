"""How the last player was set: volume, mastering and the rest of it."""

from __future__ import annotations

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.model.live_mastering import MasteringWish
from auralis_cli.model.playback import NormalizeMode, PlayerSettings

_COLUMNS = (
    "volume",
    "is_muted",
    "is_enhanced",
    "preset",
    "intensity",
    "normalize",
    "consume",
    "stop_after_current",
    "crossfade_s",
    "was_playing",
)
_LOAD = f"SELECT {', '.join(_COLUMNS)} FROM player_state WHERE id = 1"
_SAVE = (
    f"INSERT INTO player_state (id, {', '.join(_COLUMNS)}, updated_at) VALUES (1{', ?' * (len(_COLUMNS) + 1)}) "
    f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in (*_COLUMNS, 'updated_at'))}"
)


class PlayerSettingsRepository:
    """The settings of the player, one row."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def load(self) -> tuple[PlayerSettings, bool]:
        """The settings, and whether it played when it was last heard of; where there was no player, how one begins."""
        row = self._database.one(_LOAD)
        if row is None:
            return PlayerSettings(), False
        volume, is_muted, is_enhanced, preset, intensity, normalize, consume, stop, crossfade_s, was_playing = row
        settings = PlayerSettings(
            volume=volume,
            is_muted=bool(is_muted),
            is_enhanced=bool(is_enhanced),
            wish=MasteringWish(preset, intensity),
            normalize=NormalizeMode(normalize),
            consume=bool(consume),
            stop_after_current=bool(stop),
            crossfade_s=crossfade_s,
        )
        return settings, bool(was_playing)

    def save(self, settings: PlayerSettings, *, playing: bool, now: int) -> None:
        """Keeps them in place of what there was."""
        values = (
            settings.volume,
            settings.is_muted,
            settings.is_enhanced,
            settings.wish.preset,
            settings.wish.intensity,
            settings.normalize.value,
            settings.consume,
            settings.stop_after_current,
            settings.crossfade_s,
            playing,
        )
        with self._database.write():
            self._database.run(_SAVE, (*values, now))
