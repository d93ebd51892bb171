"""Settings of `master` among each other: which of two wins, and which keep quiet where they would contradict a file.

What is said on the command line is served or refused. What is merely set is a habit, and yields.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import typer

from auralis_cli.commands.master_requests import BATCH_FORMAT
from auralis_cli.commands.verb import is_said, session_of
from auralis_cli.errors import UsageError
from auralis_cli.model.mastering import MasterRequest
from auralis_cli.model.source import AudioSource
from auralis_cli.model.targets import Loudness

_SAID = 10
# What the player, which delivers to nobody, does not ask for.
_DELIVERY = ("loudness", "target", "ceiling", "rate")


def nearer_than_the_target(
    context: typer.Context, loudness: Loudness | None, ceiling_dbtp: float | None
) -> tuple[Loudness | None, float | None]:
    """Loudness and ceiling, None for one that is set farther away than the target: `--target` beats the file's."""
    target = _rank(context, "target")
    return (
        loudness if _rank(context, "loudness") >= target else None,
        ceiling_dbtp if _rank(context, "ceiling") >= target else None,
    )


def by_preset_and_intensity(context: typer.Context, wishes: MasterRequest) -> MasterRequest:
    """The wishes as the player has them, which masters by preset and intensity alone, whatever else is set."""
    others = next((one for one in _DELIVERY if is_said(context, one)), None)
    if others is not None:
        raise UsageError(f"--{others}", "is not how the player masters", "leave it, or --as-played, out")
    return replace(wishes, loudness_lufs=None, level_off=False, target=None, ceiling_dbtp=None, rate_hz=None)


def without_idle_settings(
    context: typer.Context, wishes: MasterRequest, ends: Sequence[AudioSource] | None
) -> MasterRequest:
    """The wishes without settings that `ends`, IN and OUT, have no use for; None: a folder of results.

    A format that is set yields to a name that tells one.
    """
    from auralis_cli.audio.formats import format_named, writable_format

    out = ends[-1].path if ends else None
    key = wishes.format or (BATCH_FORMAT if ends is None else "wav")
    if out is not None and not is_said(context, "to"):
        with suppress(UsageError):
            key = writable_format(out).key
            wishes = replace(wishes, format=None)
    row = format_named(key)
    idle = {
        "bits": wishes.subtype not in row.subtypes,
        "dither": row.lossy is not None,
        "bitrate": row.lossy is None,
        "rate": row.lossy is not None and wishes.rate_hz not in row.lossy.sample_rates_hz,
    }
    dropped = {option for option, yields in idle.items() if yields and not is_said(context, option)}
    wishes = replace(
        wishes,
        subtype=None if "bits" in dropped else wishes.subtype,
        dither=None if "dither" in dropped else wishes.dither,
        bitrate_bps=None if "bitrate" in dropped else wishes.bitrate_bps,
        rate_hz=None if "rate" in dropped else wishes.rate_hz,
    )
    if any(end.path is None for end in ends or ()) and not is_said(context, "keep_mtime"):
        wishes = replace(wishes, keep_mtime=False)
    return wishes


def _rank(context: typer.Context, option: str) -> int:
    """How near a value is said: on the command line nearest, as a default farthest."""
    if is_said(context, option):
        return _SAID
    return session_of(context).config.values[f"master.{option}"].rank
