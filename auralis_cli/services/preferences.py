"""What people chose, as it is noted and as it is learnt of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from auralis_cli.db.store import Store
from auralis_cli.mastering.preferences import learn
from auralis_cli.model.preferences import KindTaste, Observation, SoundChoice, Taste
from auralis_cli.model.presets import Preset
from auralis_cli.model.track_kinds import TrackKind
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.changes import changes
from auralis_cli.units import count_in_words

if TYPE_CHECKING:
    from auralis_cli.db.audio_hashes import AudioHashRepository
    from auralis_cli.model.master_reports import MasterReport


def learnt_taste(library: Path, presets: Mapping[str, Preset], *, now: int) -> Taste | None:
    """What was learnt of the choices in a library; None where nothing was, or the library cannot be asked."""
    if not library.exists():
        return None
    from auralis_cli.db.preference_lookup import find_observations

    return taste_of(find_observations(library, now=now), presets)


def taste_of(observations: Iterable[Observation], presets: Mapping[str, Preset]) -> Taste | None:
    """What is learnt of choices; None where that is nothing."""
    kinds = learn(observations)
    # A preset that is gone is nobody's taste.
    kinds = tuple(one if one.preset and one.preset.name in presets else replace(one, preset=None) for one in kinds)
    kinds = tuple(one for one in kinds if not one.is_empty)
    spoken_of = {one.preset.name for one in kinds if one.preset is not None}
    return Taste(kinds, tuple(presets[name] for name in sorted(spoken_of))) if kinds else None


def has_kinds(reports: Iterable[MasterReport]) -> bool:
    """Whether anything was made of which it can be told what kind of track it is."""
    from auralis_cli.analysis.track_kind import kind_of

    return any(kind_of(report.analysis) is not None for report in reports)


def observed(
    reports: Iterable[MasterReport], choice: SoundChoice, hashes: AudioHashRepository, now: int
) -> list[Observation]:
    """The choice for what was made by it: of each kind of track one, the first, as the library of `hashes` knows it."""
    from auralis_cli.analysis.track_kind import kind_of
    from auralis_cli.services.known_analysis import content_key_of

    found: dict[TrackKind, Observation] = {}
    for report in reports:
        kind = kind_of(report.analysis)
        if kind is not None and kind not in found:
            found[kind] = Observation(kind, choice, now, content_key=content_key_of(report.source, hashes))
    return list(found.values())


@dataclass(frozen=True, slots=True)
class LearntKind:
    """What is known of one kind of track."""

    taste: KindTaste
    # However little they tell.
    choices: int


@dataclass(frozen=True, slots=True)
class PreferenceImport:
    """What an import does."""

    added: int
    # Choices that were there.
    known: int
    # Choices that were forgotten for them.
    forgotten: int


def learnt_kinds(store: Store, *, now: int) -> list[LearntKind]:
    """Every kind that something was chosen for, in the order of their table."""
    observations = store.preferences.all(now=now)
    tastes = {one.kind: one for one in learn(observations)}
    counts = {kind: sum(one.kind is kind for one in observations) for kind in TrackKind}
    return [LearntKind(tastes.get(kind, KindTaste(kind)), count) for kind, count in counts.items() if count]


def forget(store: Store, kind: TrackKind | None, clock: Callable[[], int], *, dry_run: bool = False) -> int:
    """Forgets what was chosen for a kind, or all, as one change; how many choices that are."""
    if dry_run:
        counts = store.preferences.counts()
        return sum(counts.values()) if kind is None else counts.get(kind.value, 0)
    with changes(store, "prefs forget", "", clock) as change, change.transaction():
        count = store.preferences.forget(kind)
        of = "" if kind is None else f" for {kind.words}"
        change.summary = f"{count_in_words(count, 'choice')}{of} forgotten"
    return count


def import_observations(
    store: Store, found: Sequence[Observation], clock: Callable[[], int], *, instead: bool, dry_run: bool
) -> PreferenceImport:
    """Adds choices that are not there, or puts them in the place of those that are; one change, all or nothing."""
    now = clock()
    if dry_run:
        forgotten = sum(store.preferences.counts().values()) if instead else 0
        new = list(found) if instead else _unknown(store, found, now)
        return PreferenceImport(len(new), len(found) - len(new), forgotten)
    with changes(store, "prefs import", "", clock) as change, change.transaction():
        forgotten = store.preferences.forget(None) if instead else 0
        new = _unknown(store, found, now)
        store.preferences.add(new, now=now)
        change.summary = f"{count_in_words(len(new), 'choice')} added"
    return PreferenceImport(len(new), len(found) - len(new), forgotten)


def _unknown(store: Store, found: Sequence[Observation], now: int) -> list[Observation]:
    known = {(one.observed_at, one.kind, one.choice) for one in store.preferences.all(now=now)}
    return [one for one in found if (one.observed_at, one.kind, one.choice) not in known]


def export_to_file(store: Store, target: Path, clock: Callable[[], int], *, dry_run: bool) -> int:
    """Writes all choices into a file, whole or not at all, and says how many; what is there goes to the trash."""
    from auralis_cli.services.preference_documents import document_of
    from auralis_cli.whole_file import write_whole_file

    found = store.preferences.all(now=clock())
    if not dry_run:
        with changes(store, "prefs export", f"preferences exported to {target}", clock) as change:
            write_whole_file(target, document_of(found), displace=lambda path: change.trash(str(path)))
            change.created(str(target))
    return len(found)
