"""Of several copies the one worth keeping is found, by what was measured before what is claimed, and it is said why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from copies_of_tracks import copy_facts

from auralis_cli.model.defects import Defect, DefectKind, Severity
from auralis_cli.services.kept_copy import CopyFacts, best_copy

_MP3: dict[str, Any] = {"format": "mp3", "codec": "mp3", "lossless": False, "bits": None, "bitrate_bps": 128_000}


def defect(kind: DefectKind, severity: Severity = Severity.WARNING, **figures: object) -> Defect:
    return Defect(kind, severity, "…", **figures)  # type: ignore[arg-type]


def with_defect(facts: CopyFacts, one: Defect, cutoff_hz: float | None = None) -> CopyFacts:
    return replace(facts, defects=(one,), cutoff_hz=cutoff_hz)


_FAKE = with_defect(copy_facts(1, "/a"), defect(DefectKind.LOSSY_SOURCE), 16_000.0)

_CASES = {
    "complete": (copy_facts(2, "/b", **_MP3), replace(copy_facts(1, "/a"), heard_s=200.0)),
    "stereo": (replace(copy_facts(2, "/b", **_MP3), voices=2), copy_facts(1, "/a")),
    "its channels do not cancel each other": (copy_facts(2, "/b"), replace(copy_facts(1, "/a"), voices=0)),
    "lossless": (copy_facts(2, "/b"), copy_facts(1, "/a", **_MP3)),
    "not clipped": (copy_facts(2, "/b"), with_defect(copy_facts(1, "/a"), defect(DefectKind.CLIPPING))),
    "sound up to 18 kHz": (
        replace(copy_facts(2, "/b", **_MP3), cutoff_hz=20_000.0),
        replace(copy_facts(1, "/a", **_MP3 | {"bitrate_bps": 320_000}), cutoff_hz=15_900.0),
    ),
    "lossless, though perhaps of a lossy source": (
        _FAKE,
        replace(copy_facts(2, "/b", **_MP3 | {"bitrate_bps": 320_000}), cutoff_hz=16_000.0),
    ),
    "96 kHz": (copy_facts(2, "/b", sample_rate_hz=96_000), copy_facts(1, "/a")),
    "44.1 kHz": (
        copy_facts(2, "/b"),
        with_defect(
            copy_facts(1, "/a", sample_rate_hz=96_000), defect(DefectKind.UPSAMPLED, original_rate_hz=22_050), 20_000.0
        ),
    ),
    "24 bit": (copy_facts(2, "/b", bits=24), copy_facts(1, "/a", bits=16)),
    "320 kbit/s": (copy_facts(2, "/b", **_MP3 | {"bitrate_bps": 320_000}), copy_facts(1, "/a", **_MP3)),
    "more tags (3)": (copy_facts(2, "/b", artist="A", year=1999), copy_facts(1, "/a", artist="A")),
    "rated 4": (copy_facts(2, "/b", rating=4.0), copy_facts(1, "/a", play_count=100)),
    "played 3 times": (copy_facts(2, "/b", play_count=3), copy_facts(1, "/a", play_count=2)),
    "played once": (copy_facts(2, "/b", play_count=1), copy_facts(1, "/a")),
    "a track of a cue sheet": (
        replace(copy_facts(2, "/b"), bound="a track of a cue sheet"),
        copy_facts(1, "/a"),
    ),
    "not named as a copy": (copy_facts(2, "/b/song.flac"), copy_facts(1, "/a/song (1).flac")),
    "as good as the others, and the first by path": (copy_facts(2, "/a"), copy_facts(1, "/b")),
}


@pytest.mark.parametrize("reason", _CASES)
def test_each_criterion_decides_where_those_before_it_do_not(reason: str) -> None:
    better, worse = _CASES[reason]
    assert best_copy([worse, better]) == (better, (reason,))
    assert best_copy([better, worse]) == (better, (reason,))


def test_a_lossless_file_made_of_a_lossy_one_is_not_preferred_for_it() -> None:
    lossy = replace(copy_facts(2, "/b", **_MP3 | {"bitrate_bps": 320_000}), cutoff_hz=20_000.0)
    assert best_copy([_FAKE, lossy]) == (lossy, ("sound up to 18 kHz",))
    real = copy_facts(3, "/c")
    assert best_copy([_FAKE, lossy, real]) == (real, ("lossless",))


def test_bits_that_are_only_padded_do_not_count() -> None:
    padded = with_defect(
        copy_facts(1, "/a", bits=24), defect(DefectKind.PADDED_BITS, Severity.NOTE, stored_bits=24, used_bits=16)
    )
    assert best_copy([padded, copy_facts(2, "/b", bits=16, artist="A")])[0].track.id == 2


def test_opus_is_not_preferred_for_what_it_fills_in() -> None:
    opus = copy_facts(1, "/a", **_MP3 | {"codec": "opus", "bitrate_bps": 64_000})
    mp3 = replace(copy_facts(2, "/b", **_MP3 | {"bitrate_bps": 192_000}), cutoff_hz=18_500.0)
    assert best_copy([opus, mp3])[0] is mp3


def test_clipping_that_may_be_chance_does_not_count() -> None:
    noted = with_defect(copy_facts(1, "/a", artist="A"), defect(DefectKind.CLIPPING, Severity.NOTE))
    assert best_copy([noted, copy_facts(2, "/b")])[0] is noted


@pytest.mark.parametrize(
    "name",
    ["song (1)", "song(12)", "song - Copy", "song - Copy (2)", "song copy 2", "song (copy)", "song (weitere Kopie)",
     "song_copie", "Copy of song", "Kopie von song"],
)  # fmt: skip
def test_a_copy_is_told_by_its_name(name: str) -> None:
    assert copy_facts(1, f"/a/{name}.flac").is_named_as_a_copy


@pytest.mark.parametrize(
    "name", ["song", "01 song", "Copycat", "The Photocopy", "song (1978)", "song (live)", "(1) song"]
)
def test_a_name_that_only_looks_like_one_says_nothing(name: str) -> None:
    assert not copy_facts(1, f"/copies (1)/{name}.flac").is_named_as_a_copy


def test_reasons_are_told_in_order_each_where_another_falls_behind() -> None:
    copies = [
        replace(copy_facts(1, "/a", **_MP3), heard_s=100.0),
        copy_facts(2, "/b", **_MP3),
        copy_facts(3, "/c"),
        copy_facts(4, "/d", artist="A"),
    ]
    best, reasons = best_copy(copies)
    assert (best.track.id, reasons) == (4, ("complete", "lossless", "more tags (2)"))
