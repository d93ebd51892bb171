"""Which loudness and ceiling a master is made for."""

from __future__ import annotations

from auralis_cli.model.mastering import Delivery
from auralis_cli.model.presets import Preset
from auralis_cli.model.targets import DEFAULT_CEILING_DBTP, DEFAULT_LOUDNESS_LUFS, Target


def choose_delivery(
    preset: Preset,
    *,
    loudness_lufs: float | None,
    level_off: bool,
    target: Target | None,
    ceiling_dbtp: float | None,
) -> Delivery:
    """A given loudness wins over the target, the target over the preset."""
    ceiling = ceiling_dbtp if ceiling_dbtp is not None else target.ceiling_dbtp if target else DEFAULT_CEILING_DBTP
    explicit = level_off or loudness_lufs is not None or target is not None
    if level_off:
        wanted = None
    elif loudness_lufs is not None:
        wanted = loudness_lufs
    else:
        wanted = target.loudness_lufs if target else DEFAULT_LOUDNESS_LUFS + preset.loudness_lu
    if target is None:
        return Delivery(wanted, ceiling, explicit=explicit, target=None)
    return Delivery(
        wanted, ceiling, explicit=explicit, target=target.name, max_lra_lu=target.max_lra_lu, clip_db=target.clip_db
    )
