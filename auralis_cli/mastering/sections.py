"""Verse and chorus: sections that differ clearly from the whole track, and what each kind of them asks for beyond it.

Sections are found where tone or level change for good: the means of the eight seconds before and behind differ. They
are of three kinds at most. What a kind is given is small (1 dB a band, 1 LU) and comes and goes slowly (1 dB a second).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.k_weighting import k_weighting_gain_db
from auralis_cli.mastering.curves import smooth_neighbours, smoothstep
from auralis_cli.mastering.dynamics import Character
from auralis_cli.mastering.tone import section_move_db
from auralis_cli.model.fingerprint import Content
from auralis_cli.model.mastering import Reason, SectionKind, SectionPlan
from auralis_cli.model.measurements import Passages, TrackAnalysis
from auralis_cli.model.presets import Preset
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.units import seconds_to_clock

Levels = NDArray[np.float64]

_LEAST_SECTION_S = 8
_MOST_SECTIONS = 12
_MOST_KINDS = 3
# Tone and level before and behind a border, and of two kinds, differ by so much at least, over all bands.
_NOVELTY_DB = 4.0
_KINDS_APART_DB = 5.0
# A kind that makes up less of the track is no kind.
_LEAST_SHARE = 0.12
_SMOOTHING_S = 5
# What lies so far below the loudest tenth is a pause, fade or noise, and tells nothing of sections.
_PAUSE_DB = 25.0
_LOWEST_HZ, _HIGHEST_HZ = 50.0, 12_000.0

_MOST_TONE_DB = 1.0
_MOST_LEVEL_DB = 1.0
# Levels come together by this share of their distance, where the range is neither small nor the leveller's affair.
_LEVEL_PULL = 0.15
_RANGE_LU = (6.0, 10.0)
_LEAST_DB = 0.6
_LEAST_ROBUSTNESS = 0.3
_LEAST_CROSSING_S = 2.0
_MOST_DB_PER_S = 1.0


@dataclass(frozen=True, slots=True)
class Sections:
    """Stretches of a track and their kinds."""

    # In whole seconds; the first begins at 0.
    starts_s: tuple[int, ...]
    kinds: tuple[int, ...]
    # For each kind the seconds that are of it and sound.
    seconds: tuple[NDArray[np.intp], ...]


def decide_sections(
    analysis: TrackAnalysis, preset: Preset, intensity: float, character: Character, *, is_levelled: bool
) -> tuple[SectionPlan | None, tuple[Reason, ...]]:
    """How sections are held apart from the whole; None where there are none, or nothing that would be heard.

    Speech is left alone, and so is music that does not bear being shaped (character near 0).
    """
    if analysis.content is Content.SPEECH or character.robustness < _LEAST_ROBUSTNESS or intensity == 0.0:
        return None, ()
    found = find_sections(analysis.passages)
    if found is None:
        return None, ()
    apart = _apart_db(analysis.passages, found)
    level_pull = 0.0
    if not is_levelled:
        level_pull = _LEVEL_PULL * smoothstep(analysis.measurements.lra_lu, *_RANGE_LU) * character.robustness
    kinds = tuple(
        _kind(analysis, preset, intensity, character.percussiveness, apart_db, level_pull) for apart_db in apart
    )
    if max(_largest_db(kind.gains_db) for kind in kinds) < _LEAST_DB:
        return None, ()
    sections, borders_s = _joined(found)
    crossings_s = tuple(_crossing_s(kinds[one], kinds[following]) for one, following in pairwise(sections))
    plan = SectionPlan(analysis.tone.frequencies_hz, kinds, sections, borders_s, crossings_s)
    return plan, (Reason("sections", _in_words(plan)),)


def find_sections(passages: Passages) -> Sections | None:
    """The sections of a track; None where it is of one kind throughout."""
    if not passages.frequencies_hz:
        return None
    frequencies, levels = np.array(passages.frequencies_hz), np.array(passages.halves_db, np.float64) / 2.0
    wanted = (frequencies >= _LOWEST_HZ) & (frequencies <= _HIGHEST_HZ)
    if levels.shape[1] < 3 * _LEAST_SECTION_S or wanted.sum() < 3:
        return None
    loudness = _loudness_db(frequencies, levels)
    sounds = loudness > np.percentile(loudness, 90.0) - _PAUSE_DB
    if sounds.sum() < 3 * _LEAST_SECTION_S:
        return None
    features = _features(loudness, levels[wanted], sounds)
    starts = (0, *_borders(features))
    ends = (*starts[1:], levels.shape[1])
    spans = [np.arange(start, end)[sounds[start:end]] for start, end in zip(starts, ends, strict=True)]
    kinds = _kinds(features, spans)
    many = max(kinds) + 1
    if many == 1:
        return None
    seconds = [np.concatenate([s for s, kind in zip(spans, kinds, strict=True) if kind == k]) for k in range(many)]
    return Sections(starts, kinds, tuple(seconds))


def _loudness_db(frequencies_hz: Levels, levels_db: Levels) -> Levels:
    weighted = levels_db + k_weighting_gain_db(frequencies_hz)[:, None]
    return np.asarray(10.0 * np.log10((10.0 ** (weighted / 10.0)).sum(axis=0)))


def _features(loudness_db: Levels, levels_db: Levels, sounds: NDArray[np.bool_]) -> Levels:
    """One column a second: loudness, and each band against it; pauses are as what sounded last."""
    # A band that is all but empty, as behind a codec's low-pass, would be noise among the features.
    against = np.maximum(levels_db - loudness_db, -50.0)
    columns = np.vstack((loudness_db[None, :] * math.sqrt(len(levels_db) / 2.0), against)) / math.sqrt(len(levels_db))
    last = np.maximum.accumulate(np.where(sounds, np.arange(len(sounds)), -1))
    columns = columns[:, np.where(last < 0, int(np.argmax(sounds)), last)]
    return np.array([smooth_neighbours(row, _SMOOTHING_S // 2) for row in columns])


def _borders(features: Levels) -> tuple[int, ...]:
    """Where what follows differs most from what was before, the clearest first, no two within eight seconds."""
    seconds, reach = features.shape[1], _LEAST_SECTION_S
    sums = np.concatenate((np.zeros((len(features), 1)), np.cumsum(features, axis=1)), axis=1)
    places = np.arange(reach, seconds - reach + 1)
    before = (sums[:, places] - sums[:, places - reach]) / reach
    behind = (sums[:, places + reach] - sums[:, places]) / reach
    novelty = np.sqrt(((behind - before) ** 2).sum(axis=0))
    chosen: list[int] = []
    for index in np.argsort(-novelty, kind="stable").tolist():
        place = int(places[index])
        if novelty[index] < _NOVELTY_DB or len(chosen) == _MOST_SECTIONS - 1:
            break
        if all(abs(place - other) >= _LEAST_SECTION_S for other in chosen):
            chosen.append(place)
    return tuple(sorted(chosen))


def _kinds(features: Levels, spans: Sequence[NDArray[np.intp]]) -> tuple[int, ...]:
    """Sections put together by likeness, the nearest first, until there are few and they differ clearly."""
    groups = [[index] for index, span in enumerate(spans) if len(span)]
    total = sum(len(span) for span in spans)

    def middle(group: list[int]) -> Levels:
        return np.asarray(features[:, np.concatenate([spans[index] for index in group])].mean(axis=1))

    def share(group: list[int]) -> float:
        return sum(len(spans[index]) for index in group) / total

    while len(groups) > 1:
        middles = [middle(group) for group in groups]
        pairs = [(float(np.linalg.norm(middles[a] - middles[b])), a, b) for b in range(len(groups)) for a in range(b)]
        small = min(range(len(groups)), key=lambda index: share(groups[index]))
        distance, a, b = min(pairs)
        if distance >= _KINDS_APART_DB and len(groups) <= _MOST_KINDS:
            if share(groups[small]) >= _LEAST_SHARE:
                break
            _, a, b = min(pair for pair in pairs if small in pair[1:])
        groups[a] += groups.pop(b)
    found = {index: number for number, group in enumerate(sorted(groups, key=min)) for index in group}
    kinds: list[int] = []
    for index in range(len(spans)):
        # A pause goes on as what was before it.
        kinds.append(found.get(index, kinds[-1] if kinds else 0))
    return tuple(kinds)


def _apart_db(passages: Passages, sections: Sections) -> list[Levels]:
    """How far each kind's mean power lies from that of all of them, in each octave."""
    powers = 10.0 ** (np.array(passages.halves_db, np.float64) / 20.0)
    whole = powers[:, np.concatenate(sections.seconds)].mean(axis=1)
    return [
        np.stack((np.array(passages.frequencies_hz), 10.0 * np.log10(powers[:, own].mean(axis=1) / whole)))
        for own in sections.seconds
    ]


def _kind(
    analysis: TrackAnalysis,
    preset: Preset,
    intensity: float,
    percussiveness: float,
    apart: Levels,
    level_pull: float,
) -> SectionKind:
    octaves_hz, apart_db = apart
    frequencies = np.array(analysis.tone.frequencies_hz)
    own_db = np.interp(np.log(frequencies), np.log(octaves_hz), apart_db)
    move = section_move_db(analysis, preset, percussiveness, own_db, _MOST_TONE_DB) * intensity
    weight = k_weighting_gain_db(octaves_hz)
    powers = np.interp(np.log(octaves_hz), np.log(frequencies), _powers_db(analysis))
    louder_lu = _sum_db(powers + apart_db + weight) - _sum_db(powers + weight)
    level = float(np.clip(-level_pull * louder_lu, -_MOST_LEVEL_DB, _MOST_LEVEL_DB)) * intensity
    return SectionKind(tuple(np.round(move + level, 3).tolist()), round(level, 3))


def _powers_db(analysis: TrackAnalysis) -> Levels:
    mid, side = (10.0 ** (np.array(band) / 10.0) for band in (analysis.tone.mid_db, analysis.tone.side_db))
    return np.asarray(10.0 * np.log10(np.maximum(mid + side, 1e-30)))


def _sum_db(levels_db: Levels) -> float:
    return 10.0 * float(np.log10((10.0 ** (levels_db / 10.0)).sum()))


def _largest_db(gains_db: Sequence[float]) -> float:
    return max(abs(gain) for gain in gains_db)


def _joined(found: Sections) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Neighbours of one kind are one section."""
    firsts = [0, *(k for k in range(1, len(found.kinds)) if found.kinds[k] != found.kinds[k - 1])]
    return tuple(found.kinds[k] for k in firsts), tuple(float(found.starts_s[k]) for k in firsts[1:])


def _crossing_s(one: SectionKind, following: SectionKind) -> float:
    """So long that no band moves faster than it may: half a cosine is steepest in its middle, π/2 of its mean."""
    highest = max(abs(b - a) for a, b in zip(one.gains_db, following.gains_db, strict=True))
    # Of two gains that cross as amplitudes the move in dB is a little uneven.
    return round(max(_LEAST_CROSSING_S, 1.25 * (math.pi / 2.0) * highest / _MOST_DB_PER_S), 2)


def _in_words(plan: SectionPlan) -> str:
    letters = "ABC"
    parts = []
    for start_s, kind in zip((0.0, *plan.borders_s), plan.sections, strict=True):
        parts.append(f"{letters[kind]} from {seconds_to_clock(start_s)}")
    moves = [f"{letters[number]} {_move_in_words(plan, kind)}" for number, kind in enumerate(plan.kinds)]
    return f"{', '.join(parts)}: {'; '.join(moves)}"


def _move_in_words(plan: SectionPlan, kind: SectionKind) -> str:
    frequencies, gains = np.array(plan.frequencies_hz), np.array(kind.gains_db) - kind.level_db
    said = []
    for name, low, high in (
        ("bass", 40, 160),
        ("mids", 160, 2_000),
        ("presence", 2_000, 5_000),
        ("treble", 5_000, 16_000),
    ):
        inside = (frequencies >= low) & (frequencies < high)
        if inside.any() and abs(move := float(gains[inside].mean())) >= 0.1:
            said.append(f"{name} {move:+.1f} dB")
    if abs(kind.level_db) >= 0.1:
        said.append(f"level {kind.level_db:+.1f} dB")
    return ", ".join(said) or "as the whole"
