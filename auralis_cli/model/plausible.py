"""What may be in a library: the bounds of texts and numbers that files claim, and cleaning what is given to them.

Whatever is beyond its bounds is as good as not said: None, or cut where it is text.
"""

from __future__ import annotations

import re
import unicodedata

MAX_NAME_CHARACTERS = 500
MAX_COMMENT_CHARACTERS = 4000
MAX_SHORT_CHARACTERS = 100
MAX_DATE_CHARACTERS = 40
# Of artists, genres, moods, ids: more are no list of people.
MAX_VALUES = 64
MAX_YEAR = 9999
MAX_NUMBER = 9999
MAX_BPM = 2000.0
MAX_GAIN_DB = 100.0
MAX_PEAK = 100.0
MAX_BITS = 64
MAX_BITRATE_BPS = 1_000_000_000
MAX_DURATION_S = 10_000_000.0
# The fields of TrackTags: how long a text may be, and from where to where numbers go.
TEXT_CHARACTERS = {
    **dict.fromkeys(("title", "artist", "artist_sort", "album", "album_sort", "albumartist"), MAX_NAME_CHARACTERS),
    **dict.fromkeys(("albumartist_sort", "disc_title", "composer", "label", "copyright"), MAX_NAME_CHARACTERS),
    "comment": MAX_COMMENT_CHARACTERS,
    "date": MAX_DATE_CHARACTERS,
    **dict.fromkeys(("isrc", "mb_recording_id", "mb_track_id", "mb_album_id"), MAX_SHORT_CHARACTERS),
    "mb_release_group_id": MAX_SHORT_CHARACTERS,
}
WHOLE_BOUNDS = {
    **dict.fromkeys(("track", "track_total", "disc", "disc_total"), (1, MAX_NUMBER)),
    **dict.fromkeys(("year", "original_year"), (1, MAX_YEAR)),
}
REAL_BOUNDS = {
    "bpm": (0.0, MAX_BPM),
    **dict.fromkeys(("replaygain_track_gain_db", "replaygain_album_gain_db"), (-MAX_GAIN_DB, MAX_GAIN_DB)),
    **dict.fromkeys(("replaygain_track_peak", "replaygain_album_peak"), (0.0, MAX_PEAK)),
}
# Ends of lines too; surrogates are what is no Unicode.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")
_NUMBER_LETTERS = 5
_FLOAT_LETTERS = 40


def plain_text(text: str, max_characters: int = MAX_NAME_CHARACTERS) -> str | None:
    """`text` on one line, without controls, composed (NFC) and cut; None where nothing is left."""
    text = text[: 8 * max_characters]
    if not text.isascii():
        text = unicodedata.normalize("NFC", _CONTROLS.sub(" ", text))
    elif not text.isprintable():
        text = _CONTROLS.sub(" ", text)
    return text.strip()[:max_characters].rstrip() or None


def whole_number(text: str | None, lowest: int, highest: int) -> int | None:
    """The number `text` is, where that is within bounds."""
    text = (text or "").strip()
    if not text or not text.isascii() or not text.isdigit() or len(text.lstrip("0")) > _NUMBER_LETTERS:
        return None
    value = int(text)
    return value if lowest <= value <= highest else None


def real_number(text: str | None, lowest: float, highest: float) -> float | None:
    """The number `text` is, with a decimal point or comma, where that is within bounds."""
    try:
        value = float((text or "")[:_FLOAT_LETTERS].strip().replace(",", ".").replace("−", "-").replace("_", "x"))
    except ValueError:
        return None
    return within(value, lowest, highest)


def within(value: float | None, lowest: float, highest: float) -> float | None:
    """`value` where it is a finite number within bounds."""
    # Written so that NaN fails it.
    return value if value is not None and lowest <= value <= highest else None


def plausible_duration(duration_s: float | None) -> float | None:
    """A length of time that is none of a broken header."""
    return within(duration_s, 0.0, MAX_DURATION_S)


def plausible_year(date: str | None) -> int | None:
    """The year of a date, written in whatever order: `1984-05-03`, `3.5.1984`, `19840503`; None where it has none."""
    head = (date or "")[:4]
    if len(head) == 4 and head.isascii() and head.isdigit():
        return int(head) or None
    found = re.search(r"(?<!\d)\d{4}(?!\d)", (date or "")[:MAX_SHORT_CHARACTERS], re.ASCII)
    return int(found[0]) or None if found else None
