"""Values of fields as people read them: `4:41`, `-9.1`, `256k`, `2024-05-17`."""

from __future__ import annotations

from auralis_cli.model.fields import Field, FieldKind
from auralis_cli.units import bytes_in_words, moment_in_words, seconds_to_clock

FieldValue = str | float | bool | None


def as_read(field: Field, value: FieldValue) -> str:
    """The value for people; empty where there is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return str(value)
    if field.kind is FieldKind.DURATION:
        return seconds_to_clock(value)
    if field.kind is FieldKind.TIME:
        return moment_in_words(value)
    if field.kind is FieldKind.SIZE:
        return bytes_in_words(int(value))
    if field.name == "bitrate_bps":
        return f"{value / 1000:.0f}k"
    return f"{value:z.1f}" if field.kind is FieldKind.NUMBER else str(value)


def as_stored(value: FieldValue) -> str:
    """The value as JSON has it, without quotes; empty where there is none."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
