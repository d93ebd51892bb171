"""How it sounds: what can be set at once, in the engine, and what needs another feed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from auralis_cli.model.live_mastering import MasteringWish
from auralis_cli.model.playback import PlayerSettings, Side
from auralis_cli.model.player_choices import NormalizeMode
from auralis_cli.model.preferences import Aspect, Taste
from auralis_cli.model.sound_profile import Reference
from auralis_cli.model.sound_wishes import MasteringMode
from auralis_cli.player.engine import Engine
from auralis_cli.player.feed_request import FeedSettings
from auralis_cli.player.volume import volume_to_gain


class SoundSettings:
    """The settings of the sound, and the engine in accord with them. Guarded by the player's lock."""

    def __init__(self, engine: Engine, settings: PlayerSettings, said: Collection[Aspect] = ()) -> None:
        """`said` is what was asked for anew; what is kept of the last time, and is not as it is by itself, is as well.

        Of neither a taste is used.
        """
        self._engine = engine
        self._taste: Taste | None = None
        self.goes_by_taste = True
        self._said = frozenset(said) | _set_in(settings.wish)
        self.volume, self.is_muted = settings.volume, settings.is_muted
        self.is_enhanced, self.wish = settings.is_enhanced, settings.wish
        self.normalize, self.crossfade_s = settings.normalize, settings.crossfade_s
        self.compared: Side | None = None
        self._tune()
        engine.set_enhanced(self.is_enhanced)

    @property
    def feed(self) -> FeedSettings:
        """What feeds are made by. Both sides are in each, so that either is heard at once."""
        return FeedSettings(self.wish, self.normalize)

    @property
    def hears_master(self) -> bool:
        """Whether the mastered side is heard."""
        return self.is_enhanced if self.compared is None else self.compared is Side.MASTERED

    @property
    def wants_plans(self) -> bool:
        """Whether tracks are to be analysed for their master."""
        return self.is_enhanced or self.compared is not None

    def set_volume(self, volume: float) -> None:
        """0 to 100."""
        self.volume = volume
        self._tune()

    def mute(self, *, on: bool) -> None:
        """Silence, the volume kept."""
        self.is_muted = on
        self._tune()

    def enhance(self, *, on: bool) -> None:
        """The mastered side."""
        self.is_enhanced = on
        self._engine.set_enhanced(on)

    def compare(self, side: Side | None) -> None:
        """One side at the loudness of the quieter one."""
        self.compared = side
        self._engine.set_compared(side)

    def prefer(
        self,
        *,
        preset: str | None = None,
        intensity: float | None = None,
        tilt_db: float | None = None,
        width_db: float | None = None,
    ) -> bool:
        """Another master; False where it is the one there is. What is said here is no matter of taste any more."""
        figures = {Aspect.PRESET: preset, Aspect.INTENSITY: intensity, Aspect.TILT: tilt_db, Aspect.WIDTH: width_db}
        self._said |= {aspect for aspect, value in figures.items() if value is not None}
        return self._wish_for(
            replace(
                self.wish,
                preset=self.wish.preset if preset is None else preset,
                intensity=self.wish.intensity if intensity is None else intensity,
                tilt_db=self.wish.tilt_db if tilt_db is None else tilt_db,
                width_db=self.wish.width_db if width_db is None else width_db,
            )
        )

    def refer(self, reference: Reference | None, mode: MasteringMode) -> bool:
        """Another reference, or none; False where it is the one there is."""
        mode = mode if reference is not None else MasteringMode.ADAPTIVE
        return self._wish_for(replace(self.wish, mode=mode, reference=reference))

    def like(self, taste: Taste | None) -> bool:
        """What was learnt by now; False where that changes nothing."""
        self._taste = taste
        return self._wish_for(self.wish)

    def go_by_taste(self, *, on: bool) -> bool:
        """Whether what was learnt is used; False where that is as it was."""
        changed, self.goes_by_taste = on is not self.goes_by_taste, on
        self._wish_for(self.wish)
        return changed

    def _wish_for(self, wish: MasteringWish) -> bool:
        has_say = self._taste is not None and self.goes_by_taste and wish.mode is MasteringMode.ADAPTIVE
        wish = replace(wish, taste=self._taste.without(self._said) if self._taste and has_say else None)
        changed, self.wish = wish != self.wish, wish
        return changed

    def normalize_by(self, mode: NormalizeMode) -> bool:
        """Other levels; False where they are the ones there are."""
        changed, self.normalize = mode is not self.normalize, mode
        return changed

    def kept(self, *, consume: bool, stop_after_current: bool) -> PlayerSettings:
        """What is kept between runs."""
        return PlayerSettings(
            volume=self.volume,
            is_muted=self.is_muted,
            is_enhanced=self.is_enhanced,
            wish=replace(self.wish, taste=None),
            normalize=self.normalize,
            consume=consume,
            stop_after_current=stop_after_current,
            crossfade_s=self.crossfade_s,
        )

    def _tune(self) -> None:
        self._engine.set_volume(0.0 if self.is_muted else volume_to_gain(self.volume))


def _set_in(wish: MasteringWish) -> frozenset[Aspect]:
    """What is other than it is by itself."""
    by_itself = MasteringWish()
    return frozenset(
        aspect
        for aspect in (Aspect.PRESET, Aspect.INTENSITY, Aspect.TILT, Aspect.WIDTH)
        if getattr(wish, aspect.value) != getattr(by_itself, aspect.value)
    )
