"""Defects as data for programs and as lines for people."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from auralis_cli.json_form import Json, to_json
from auralis_cli.model.defects import Defect, DefectKind, Severity
from auralis_cli.output import Output
from auralis_cli.terminal_text import printable

_LABEL_COLUMNS = 18
_STYLES = {Severity.FAULT: ("red",), Severity.WARNING: ("yellow",), Severity.NOTE: ("dim",)}

# What the manual says of each kind.
MEANINGS = {
    DefectKind.NON_FINITE: "NaN or Inf among the samples; no other figure means anything then.",
    DefectKind.DAMAGED: "parts could not be decoded.",
    DefectKind.TRUNCATED: "the file ends before its header says.",
    DefectKind.ABRUPT_END: "the last 10 ms sound within 10 dB of what came before: a loop, a live track, or cut off.",
    DefectKind.CLIPPING: "three or more neighbouring samples at the channel's own maximum, with sharp corners, "
    "so that it is seen even when it was turned down afterwards.",
    DefectKind.TRUE_PEAK_OVERS: "the signal between the samples exceeds 0 dBTP; players and encoders may clip it.",
    DefectKind.INVERTED_POLARITY: "left is about the negative of right, also in the low end; in mono they cancel.",
    DefectKind.ONE_SIDED: "a channel is silent or 40 LU below the other.",
    DefectKind.DUAL_MONO: "both channels are the same, up to rounding and dither.",
    DefectKind.DC_OFFSET: "the average of a channel is not zero (0.1 % of full scale, more in short files).",
    DefectKind.SILENCE: "2 s or more at an edge, 5 s or more within, below -60 dBFS (40 dB below the peak in quiet "
    "tracks); digital where every sample is zero.",
    DefectKind.LOSSY_SOURCE: "a lossless file whose spectrum ends as steeply as encoders cut it, at 15 to 20.6 kHz. "
    "High bit rates leave no such end, and a converter's filter may look like one.",
    DefectKind.UPSAMPLED: "nothing above half of a lower sample rate.",
    DefectKind.PADDED_BITS: "all samples fit in fewer bits than they are stored in.",
}


def defects_document(defects: Sequence[Defect]) -> list[Json]:
    """Each with its kind, severity, message, and the numbers that concern it."""
    return [_document(defect) for defect in defects]


def _document(defect: Defect) -> Json:
    fields = to_json(defect)
    assert isinstance(fields, dict)
    return {name: value for name, value in fields.items() if value is not None}


def show_defects(output: Output, defects: Sequence[Defect]) -> None:
    """One paragraph each, below one another."""
    columns = max(20, output.columns() - _LABEL_COLUMNS - 2)
    label = "defects"
    for defect in defects:
        for line in textwrap.wrap(printable(defect.message), columns) or [""]:
            output.result(f"  {label:<{_LABEL_COLUMNS - 2}}  {output.styled(line, *_STYLES[defect.severity])}")
            label = ""


def defects_in_words(defects: Sequence[Defect]) -> str:
    """The kinds that are more than notes: `clipping, lossy source`."""
    kinds = [defect.kind for defect in defects if defect.severity is not Severity.NOTE]
    return ", ".join(dict.fromkeys(kind.replace("_", " ") for kind in kinds))
