"""Analyses as the library keeps them: the same to the last bit, small, and refused where damaged."""

from __future__ import annotations

import hashlib
import math
import random
import zlib
from dataclasses import is_dataclass, replace
from typing import Any, get_args, get_type_hints

import demo_piece
import pytest
import tracks

from auralis_cli.analysis.measure import TrackMeter
from auralis_cli.mastering.delivery import choose_delivery
from auralis_cli.mastering.plan import make_plan
from auralis_cli.model.defects import FlatTop, Silence
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.presets import PRESETS
from auralis_cli.model.sound_wishes import SoundWishes
from auralis_cli.model.targets import TARGETS
from auralis_cli.services import stored_analysis
from auralis_cli.services.stored_analysis import ANALYSIS_VERSION, analysis_from_bytes, analysis_to_bytes

RATE = 44_100


def as_kept(analysis: TrackAnalysis) -> TrackAnalysis:
    """Without what lies elsewhere."""
    return replace(analysis, picture=None, landmarks=None)


@pytest.fixture(scope="module")
def heard() -> TrackAnalysis:
    """What is measured of the piece."""
    audio = demo_piece.compose()
    meter = TrackMeter(RATE, audio.shape[1])
    for start in range(0, len(audio), 65_536):
        meter.add(audio[start : start + 65_536])
    return meter.result()


def odd() -> list[TrackAnalysis]:
    """Every kind of value that an analysis can hold."""
    plain = tracks.track()
    line = tuple(round(math.sin(i) * 20 - 30, 2) if i % 7 else -math.inf for i in range(500))
    evidence = replace(
        plain.evidence,
        flat_tops=(FlatTop(-0.1, 3, 12, 6, 1 << 40), FlatTop(-math.inf, 0, 0, 0, 0)),
        leading_silence=Silence(0.0, 2.5, True),
        longest_silence=Silence(1 / 3, 7.25, False),
    )
    return [
        plain,
        tracks.track(short_term_lufs=(-math.inf, -14.07, -math.inf, 3.0, -69.99)),
        tracks.track(short_term_lufs=line, cutoff_hz=16_000.1, balance_lu=math.inf, first_non_finite_frame=7),
        tracks.track(integrated_lufs=-math.inf, plr_db=-math.inf, on_grid_bits=None, silent=True, channels=1),
        replace(plain, evidence=evidence, sample_digest="ab" * 16, short_term_lufs=()),
        # Louder and quieter than any sound.
        tracks.track(short_term_lufs=(300.25, -640.5, -640.51)),
    ]


@pytest.mark.parametrize("analysis", odd())
def test_what_comes_back_is_the_same_to_the_last_bit(analysis: TrackAnalysis) -> None:
    again = analysis_from_bytes(analysis_to_bytes(analysis))
    assert again == as_kept(analysis)
    # Equal is not enough: 0.0 equals −0.0, and 3 equals 3.0.
    assert repr(again) == repr(as_kept(analysis))


def test_the_plan_of_a_stored_analysis_is_the_plan(heard: TrackAnalysis) -> None:
    again = analysis_from_bytes(analysis_to_bytes(heard))
    assert repr(again) == repr(as_kept(heard))
    for preset in PRESETS.values():
        for target in (None, *TARGETS.values()):
            delivery = choose_delivery(
                SoundWishes(preset), loudness_lufs=None, level_off=False, target=target, ceiling_dbtp=None
            )  # fmt: skip
            wishes = SoundWishes(preset, 0.7)
            assert make_plan(again, delivery, wishes) == make_plan(heard, delivery, wishes)


def test_four_minutes_are_stored_in_a_few_kilobytes() -> None:
    drawn = random.Random(4)
    level, line = -1400, []
    for _ in range(2_371):
        # Steps as large as those of lively music.
        level += round(drawn.gauss(0, 25))
        line.append(level / 100)
    analysis = tracks.track(short_term_lufs=tuple(line))
    noisy = tuple(drawn.uniform(-90, -20) for _ in analysis.tone.mid_db)
    analysis = replace(analysis, tone=replace(analysis.tone, mid_db=noisy, side_db=noisy[::-1], spread_db=noisy))
    assert len(analysis_to_bytes(analysis)) <= 8_000


def test_loudness_that_is_not_in_hundredths_is_our_own_error() -> None:
    with pytest.raises(ValueError, match="hundredths"):
        analysis_to_bytes(tracks.track(short_term_lufs=(-14.001,)))


def test_damaged_bytes_are_refused_and_never_believed() -> None:
    sound = analysis_to_bytes(tracks.track())
    drawn = random.Random(1)
    refused = 0
    for _ in range(300):
        damaged = bytearray(sound)
        damaged[drawn.randrange(len(damaged))] ^= 1 << drawn.randrange(8)
        try:
            # Some bits of a packed file mean nothing.
            assert analysis_from_bytes(bytes(damaged)) == tracks.track()
        except ValueError:
            refused += 1
    assert refused > 290
    for other in (b"", b"x", sound[:-5], bytes(100)):
        with pytest.raises(ValueError):  # noqa: PT011
            analysis_from_bytes(other)


@pytest.mark.parametrize("text", [b"[]", b"{}", b"1", b"null", b"[[],1]", b"[[0],[],[],[],[]]", b"[" * 20_000, b"\xff"])
def test_what_is_packed_but_no_analysis_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        analysis_from_bytes(zlib.compress(text))


def test_what_unpacks_without_end_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_analysis, "_MOST_BYTES", 1 << 16)
    with pytest.raises(ValueError, match="too long"):
        analysis_from_bytes(zlib.compress(bytes(1 << 20)))


# The shape of an analysis under each version. Whoever changes it raises MEASURED_VERSION and writes the new one here.
SHAPES = {1001: "919bcc5f19e2fecb", 2001: "8ba062d5d8778a28"}


def shape(of: Any) -> str:
    """Names and types of all fields, and of their fields."""
    parts = []
    for name, hint in get_type_hints(of).items():
        if name in ("picture", "profile", "landmarks"):
            continue
        inner = [one for one in (hint, *get_args(hint)) if is_dataclass(one)]
        parts.append(f"{name}: {hint}" + "".join(f"({shape(one)})" for one in inner))
    return ", ".join(parts)


def test_a_changed_shape_has_a_new_version() -> None:
    digest = hashlib.sha256(shape(TrackAnalysis).encode()).hexdigest()[:16]
    assert SHAPES.get(ANALYSIS_VERSION) == digest, f"{digest}: raise MEASURED_VERSION when an analysis has other fields"
