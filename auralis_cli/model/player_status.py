"""What the player does, as programs are told: the keys of `ctl status --json` and of every event of the socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Self

from auralis_cli.errors import NoPlayerError
from auralis_cli.model.playback import Snapshot
from auralis_cli.model.preferences import Aspect
from auralis_cli.quick_dataclasses import dataclass

_START_ANEW = "auralis ctl quit ends it, and the next play goes on where it was"


@dataclass(frozen=True, slots=True)
class TrackStatus:
    """The track that plays; of one that was not looked at yet, only the first three and the ticket are known."""

    path: str
    cue_number: int
    track_id: int | None
    # Tells apart two places of the queue with one track.
    ticket: int
    title: str | None = None
    artist: str | None = None
    album: str | None = None
    disc: int | None = None
    track: int | None = None
    format: str | None = None
    codec: str | None = None
    sample_rate_hz: int | None = None
    channels: int | None = None
    integrated_lufs: float | None = None
    true_peak_dbtp: float | None = None


@dataclass(frozen=True, slots=True)
class ProblemStatus:
    """What went wrong last."""

    code: str
    message: str
    path: str | None


@dataclass(frozen=True, slots=True)
class TasteStatus:
    """What was learnt of somebody's choices, and is used."""

    # Of the track that plays.
    kind: str
    # 0 to 1, of what is least certain of it.
    confidence: float
    # What it changed: preset, intensity, tilt_db, width_db, loudness_lu.
    aspects: tuple[str, ...]
    # `your taste for speech: tilt -0.4 dB, confidence 0.62 of 14 choices`
    words: str


@dataclass(frozen=True, slots=True)
class PlayerStatus:
    """All that is told of the player. Of two of one run, the one with the higher revision is newer."""

    revision: int
    # stopped, loading, playing, paused, error
    state: str
    track: TrackStatus | None
    position_s: float
    duration_s: float | None
    volume: float
    mute: bool
    normalize: str
    normalize_db: float
    enhance: bool
    preset: str
    intensity: float
    # What is known of the track that is mastered: level, predicted, solved; None while not enhanced.
    plan_stage: str | None
    # original or mastered while they are compared, else None.
    compare: str | None
    repeat: str
    shuffle: bool
    consume: bool
    stop_after_current: bool
    crossfade_s: float
    # From 0; None where the queue is empty.
    queue_index: int | None
    queue_length: int
    # Changes with every edit of the queue.
    queue_revision: int
    device: str | None
    sample_rate_hz: int | None
    underruns: int
    problem: ProblemStatus | None
    # Of the master, while it is heard and as far as its plan is known.
    mastered_lufs: float | None = None
    mastered_true_peak_dbtp: float | None = None
    # By what the master is decided: adaptive, reference, hybrid; and the name of the reference where there is one.
    mastering_mode: str = "adaptive"
    reference: str | None = None
    # Beyond what the music asks for.
    tilt_db: float = 0.0
    width_db: float = 0.0
    # Whether what was learnt of somebody's choices is used; and what of it is in the master that is heard.
    preferences: bool = True
    taste: TasteStatus | None = None

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        """What is told of a snapshot."""
        problem, mastered = snapshot.problem, snapshot.mastered_levels
        return cls(
            revision=snapshot.revision,
            state=snapshot.state.value,
            track=_track_of(snapshot),
            position_s=round(snapshot.position_s, 3),
            duration_s=snapshot.duration_s,
            volume=snapshot.volume,
            mute=snapshot.is_muted,
            normalize=snapshot.normalize.value,
            normalize_db=round(snapshot.normalize_db, 3),
            enhance=snapshot.is_enhanced,
            preset=snapshot.wish.preset,
            intensity=snapshot.wish.intensity,
            plan_stage=None if snapshot.plan_stage is None else snapshot.plan_stage.value,
            compare=None if snapshot.compared is None else snapshot.compared.value,
            repeat=snapshot.repeat.value,
            shuffle=snapshot.is_shuffled,
            consume=snapshot.consume,
            stop_after_current=snapshot.stop_after_current,
            crossfade_s=snapshot.crossfade_s,
            queue_index=snapshot.queue_index if snapshot.queue_length else None,
            queue_length=snapshot.queue_length,
            queue_revision=snapshot.queue_revision,
            device=snapshot.device,
            sample_rate_hz=snapshot.sample_rate_hz,
            underruns=snapshot.underruns,
            problem=None if problem is None else ProblemStatus(problem.code, problem.message, problem.path),
            mastered_lufs=_tenth(None if mastered is None else mastered.integrated_lufs),
            mastered_true_peak_dbtp=_tenth(None if mastered is None else mastered.true_peak_dbtp),
            mastering_mode=snapshot.wish.mode.value,
            reference=None if snapshot.wish.reference is None else snapshot.wish.reference.name,
            tilt_db=snapshot.wish.tilt_db,
            width_db=snapshot.wish.width_db,
            preferences=snapshot.goes_by_taste,
            taste=_taste_of(snapshot),
        )

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """The status of its JSON; keys of a newer player are left out. Raises NoPlayerError for what is none."""
        try:
            known = _known(cls, told)
            if isinstance(track := known.get("track"), dict):
                known["track"] = TrackStatus(**_known(TrackStatus, track))
            if isinstance(problem := known.get("problem"), dict):
                known["problem"] = ProblemStatus(**_known(ProblemStatus, problem))
            if isinstance(taste := known.get("taste"), dict):
                aspects = tuple(taste.get("aspects", ()))
                known["taste"] = TasteStatus(**{**_known(TasteStatus, taste), "aspects": aspects})
            return cls(**known)
        except (TypeError, AttributeError) as error:
            raise NoPlayerError("player", "the one that runs is of another version", _START_ANEW) from error


def _known(kind: type, told: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in told.items() if name in names}


def _taste_of(snapshot: Snapshot) -> TasteStatus | None:
    taste = None if snapshot.plan is None or snapshot.plan_stage is None else snapshot.plan.solved.plan.taste
    if taste is None:
        return None
    preset = () if taste.preset is None else (Aspect.PRESET.value,)
    aspects = (*preset, *(figure.aspect.value for figure in taste.figures))
    return TasteStatus(taste.kind.value, taste.confidence, aspects, taste.words)


def _track_of(snapshot: Snapshot) -> TrackStatus | None:
    if snapshot.item is None:
        return None
    queued = snapshot.item.track
    told = TrackStatus(queued.path, queued.cue_number, queued.track_id, snapshot.item.ticket)
    if (track := snapshot.track) is not None:
        track_id = queued.track_id if track.track_id is None else track.track_id
        told = replace(told, track_id=track_id, title=track.title, artist=track.artist, album=track.album)
        told = replace(told, disc=track.disc, track=track.track)
    if (stream := snapshot.stream) is not None:
        told = replace(told, format=stream.format, codec=stream.codec)
        told = replace(told, sample_rate_hz=stream.sample_rate_hz, channels=stream.channels)
    if (levels := snapshot.levels) is not None:
        told = replace(told, integrated_lufs=_tenth(levels.integrated_lufs))
        told = replace(told, true_peak_dbtp=_tenth(levels.true_peak_dbtp))
    return told


def _tenth(level: float | None) -> float | None:
    """As levels are read."""
    return None if level is None else round(level, 1)
