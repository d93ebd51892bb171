"""How the last player was set: volume, mastering and the rest of it."""

from __future__ import annotations

import json
import math

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.settings import SettingRepository
from auralis_cli.json_form import json_text
from auralis_cli.model.live_mastering import MasteringWish
from auralis_cli.model.playback import PlayerSettings
from auralis_cli.model.player_choices import NormalizeMode
from auralis_cli.model.sound_profile import reference_of_json
from auralis_cli.model.sound_wishes import TILT_RANGE_DB, WIDTH_RANGE_DB, MasteringMode

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
# What of the wish for a master has no column.
_REFERENCE = "player.reference"
_LEAN = "player.lean"


class PlayerSettingsRepository:
    """The settings of the player: one row, and what it is to sound like."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database
        self._words = SettingRepository(database)

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
            wish=self._wish(preset, intensity),
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
        wish = settings.wish
        with self._database.write():
            self._database.run(_SAVE, (*values, now))
            self._keep(_LEAN, [wish.tilt_db, wish.width_db] if wish.tilt_db or wish.width_db else None)
            self._keep(_REFERENCE, None if wish.reference is None else [wish.mode, wish.reference])

    def _keep(self, key: str, value: object) -> None:
        """Written only where it is another: the place of a track is kept every second, a reference is long."""
        word = None if value is None else json_text(value)
        kept = self._words.get(key)
        if word is None and kept is not None:
            self._words.remove(key)
        elif word is not None and word != kept:
            self._words.put(key, word)

    def _wish(self, preset: str, intensity: float) -> MasteringWish:
        """What cannot be understood, as what another version kept, is left out."""
        tilt_db, width_db = _read_lean(self._words.get(_LEAN))
        mode, reference = MasteringMode.ADAPTIVE, None
        try:
            kept_mode, told = json.loads(self._words.get(_REFERENCE) or "")
            mode, reference = MasteringMode(kept_mode), reference_of_json(told)
        except (ValueError, TypeError, RecursionError):
            mode = MasteringMode.ADAPTIVE
        return MasteringWish(preset, intensity, mode, reference, tilt_db, width_db)


def _read_lean(word: str | None) -> tuple[float, float]:
    """Tilt and width, within what may be wished for."""
    try:
        tilt_db, width_db = map(float, json.loads(word or ""))
    except (ValueError, TypeError, RecursionError):
        return 0.0, 0.0
    if not (math.isfinite(tilt_db) and math.isfinite(width_db)):
        return 0.0, 0.0
    (low, high), (narrow, wide) = TILT_RANGE_DB, WIDTH_RANGE_DB
    return min(max(tilt_db, low), high), min(max(width_db, narrow), wide)
