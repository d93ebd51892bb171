"""What the player plays, what can be asked of it, and what it tells. Frozen values; no audio in here."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum

from auralis_cli.model.audio import StreamInfo
from auralis_cli.model.live_mastering import LivePlan, MasteringWish, PlanStage
from auralis_cli.model.player_choices import NormalizeMode, RepeatMode
from auralis_cli.model.queue import QueueItem
from auralis_cli.model.source import AudioSource
from auralis_cli.quick_dataclasses import dataclass

# Further in than this, `previous` begins the track again.
RESTART_AFTER_S = 5.0
# A play counts once half of the track was heard, or this much of it.
COUNTS_AFTER_S = 240.0
# So many tracks in a row that cannot be played stop the player.
BROKEN_IN_A_ROW = 5


class PlayerState(StrEnum):
    """What the player does; the transitions are in `player/states.py`."""

    STOPPED = "stopped"
    # A track is wanted and not to be heard yet.
    LOADING = "loading"
    PLAYING = "playing"
    PAUSED = "paused"
    # Nothing can be played: no device, or nothing but broken tracks.
    ERROR = "error"


class Side(StrEnum):
    """What is heard while original and master are compared at the same loudness."""

    ORIGINAL = "original"
    MASTERED = "mastered"


@dataclass(frozen=True, slots=True)
class TrackLevels:
    """What is known of the loudness of a track or an album; None is not known."""

    integrated_lufs: float | None = None
    true_peak_dbtp: float | None = None


@dataclass(frozen=True, slots=True)
class PlayableTrack:
    """A track of the queue with all that playing it asks for."""

    source: AudioSource
    title: str
    artist: str | None = None
    album: str | None = None
    # What tells albums apart; None where the track is of none that is known.
    album_key: str | None = None
    disc: int | None = None
    track: int | None = None
    duration_s: float | None = None
    track_id: int | None = None
    # Of the library, else by ReplayGain or R128 tags; None where it has to be measured.
    levels: TrackLevels | None = None
    album_levels: TrackLevels | None = None


@dataclass(frozen=True, slots=True)
class PlayerSettings:
    """What is kept between runs beside the queue."""

    volume: float = 100.0
    is_muted: bool = False
    is_enhanced: bool = False
    wish: MasteringWish = field(default_factory=MasteringWish)
    normalize: NormalizeMode = NormalizeMode.OFF
    consume: bool = False
    stop_after_current: bool = False
    crossfade_s: float = 0.0


@dataclass(frozen=True, slots=True)
class PlaybackProblem:
    """What went wrong last, for whoever shows it."""

    # Of the errors' classes: `unreadable`, `device` …
    code: str
    message: str
    # The file it is about; None where it is about none.
    path: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that can be seen of the player at one moment. Of two, the one with the higher revision is newer."""

    revision: int
    state: PlayerState
    # The current item of the queue; what is known of its track, None until it was looked at.
    item: QueueItem | None
    track: PlayableTrack | None
    # As decoded.
    stream: StreamInfo | None
    # 0 ≤ position ≤ duration, always; 0 where stopped.
    position_s: float
    duration_s: float | None
    volume: float
    is_muted: bool
    normalize: NormalizeMode
    # What the source's level is changed by, dB; 0 where normalize is off.
    normalize_db: float
    is_enhanced: bool
    wish: MasteringWish
    # Of the plan that sounds; None while not enhanced.
    plan_stage: PlanStage | None
    # Which side is heard; None while nothing is compared.
    compared: Side | None
    repeat: RepeatMode
    is_shuffled: bool
    consume: bool
    stop_after_current: bool
    crossfade_s: float
    queue_index: int
    queue_length: int
    # Changes with every edit of the queue.
    queue_revision: int
    device: str | None
    sample_rate_hz: int | None
    underruns: int
    problem: PlaybackProblem | None
    # What else went wrong since subscribers were told before, the oldest first.
    earlier_problems: tuple[PlaybackProblem, ...] = ()
    # Of the track as it is, and of its master while that is heard; as far as they are known.
    levels: TrackLevels | None = None
    mastered_levels: TrackLevels | None = None
    # What the track that sounds is mastered by, heard or not.
    plan: LivePlan | None = None
    # Whether what was learnt of somebody's choices goes into it.
    goes_by_taste: bool = True
