"""Which loudness and ceiling a master is made for."""

from __future__ import annotations

from auralis_cli.model.mastering import Delivery
from auralis_cli.model.sound_wishes import SoundWishes
from auralis_cli.model.targets import DEFAULT_CEILING_DBTP, DEFAULT_LOUDNESS_LUFS, Target


def choose_delivery(
    sound: SoundWishes,
    *,
    loudness_lufs: float | None,
    level_off: bool,
    target: Target | None,
    ceiling_dbtp: float | None,
    loudness_lu: float = 0.0,
) -> Delivery:
    """A given loudness wins over the target, the target over the reference and the preset.

    `loudness_lu` is on top of what is the preset's own.
    """
    ceiling = ceiling_dbtp if ceiling_dbtp is not None else target.ceiling_dbtp if target else DEFAULT_CEILING_DBTP
    explicit = level_off or loudness_lufs is not None or target is not None
    if level_off:
        wanted = None
    elif loudness_lufs is not None:
        wanted = loudness_lufs
    else:
        wanted = target.loudness_lufs if target else _own_loudness_lufs(sound) + loudness_lu
    if target is None:
        return Delivery(wanted, ceiling, explicit=explicit, target=None)
    return Delivery(
        wanted, ceiling, explicit=explicit, target=target.name, max_lra_lu=target.max_lra_lu, clip_db=target.clip_db
    )


def _own_loudness_lufs(sound: SoundWishes) -> float:
    """The preset's, the reference's, or what lies between."""
    by_preset = DEFAULT_LOUDNESS_LUFS + sound.preset.loudness_lu
    if sound.reference is None:
        return by_preset
    by_reference = sound.reference.profile.integrated_lufs
    return by_preset + sound.reference_share * (by_reference - by_preset)
