"""The dimensions of the fingerprint, as the pages of the verbs that show them say it."""

from __future__ import annotations

from auralis_cli.model.fingerprint import DIMENSIONS, Dimension, FingerprintFlag


def _meaning(dimension: Dimension) -> str:
    unit = f" {dimension.unit}" if dimension.unit else ""
    values = f"{dimension.lowest:g} to {dimension.highest:g}{unit}, {dimension.silence:g} for silence"
    order = " Depends on what comes after what." if dimension.of_order else ""
    return f"{dimension.definition}. {values}.{order}"


# A section of a page (`Page.tables`): one line for each dimension, in the order in which they are stored.
FINGERPRINT_SECTION = ("FINGERPRINT", tuple((dimension.name, _meaning(dimension)) for dimension in DIMENSIONS))

FLAG_MEANINGS = {
    FingerprintFlag.SILENT: "nothing is heard, every value is that of silence",
    FingerprintFlag.SHORT: "below 0.75 s, too short for loudness or pitch",
    FingerprintFlag.NO_TEMPO: "no pulse was found",
    FingerprintFlag.DAMAGED: "the file is damaged or cut short, and the rest of it was heard",
    FingerprintFlag.ANTIPHASE: "mid all but cancels: rhythm and harmony are those of side",
}
