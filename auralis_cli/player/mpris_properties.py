"""What desktops are told of the player, by the names and in the units of MPRIS 2.2; no D-Bus in here."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path

from auralis_cli.model.playback import PlayerState, Snapshot
from auralis_cli.model.player_choices import RepeatMode
from auralis_cli.model.queue import QueueItem

# A value and its D-Bus signature.
Typed = tuple[str, object]

MICROSECONDS_PER_SECOND = 1_000_000
LOOP_OF_REPEAT = {RepeatMode.OFF: "None", RepeatMode.ONE: "Track", RepeatMode.ALL: "Playlist"}
REPEAT_OF_LOOP = {loop: repeat for repeat, loop in LOOP_OF_REPEAT.items()}

_STATUS_OF_STATE = {
    PlayerState.STOPPED: "Stopped",
    # Whoever asked for it sees that it was obeyed.
    PlayerState.LOADING: "Playing",
    PlayerState.PLAYING: "Playing",
    PlayerState.PAUSED: "Paused",
    PlayerState.ERROR: "Stopped",
}
_INT32_MAX = (1 << 31) - 1
_INT64_MAX = (1 << 63) - 1


def player_properties(snapshot: Snapshot, art_url: str | None) -> dict[str, Typed]:
    """Every property of `org.mpris.MediaPlayer2.Player` that changes, but the position, which changes always."""
    has_item = snapshot.item is not None
    has_next = snapshot.queue_index + 1 < snapshot.queue_length or snapshot.repeat is RepeatMode.ALL
    return {
        "PlaybackStatus": ("s", _STATUS_OF_STATE[snapshot.state]),
        "LoopStatus": ("s", LOOP_OF_REPEAT[snapshot.repeat]),
        "Shuffle": ("b", snapshot.is_shuffled),
        "Metadata": ("a{sv}", track_metadata(snapshot, art_url)),
        "Volume": ("d", round(snapshot.volume / 100.0, 4)),
        "CanGoNext": ("b", has_item and has_next),
        # The first track begins again.
        "CanGoPrevious": ("b", has_item),
        "CanPlay": ("b", has_item),
        "CanPause": ("b", has_item),
        "CanSeek": ("b", snapshot.state in (PlayerState.PLAYING, PlayerState.PAUSED) and bool(snapshot.duration_s)),
    }


def track_metadata(snapshot: Snapshot, art_url: str | None) -> dict[str, Typed]:
    """What is known of the current track; empty where there is none."""
    item, track = snapshot.item, snapshot.track
    if item is None:
        return {}
    found: dict[str, Typed | None] = {"mpris:trackid": ("o", track_path(item))}
    if snapshot.duration_s is not None:
        found["mpris:length"] = ("x", microseconds(snapshot.duration_s))
    if track is None:
        found["xesam:url"] = _url(Path(item.track.path))
        found["xesam:title"] = _text(Path(item.track.path).name)
    else:
        found["xesam:url"] = _url(track.source.path) if track.source.path else None
        found["xesam:title"] = _text(track.title)
        found["xesam:artist"] = _texts(track.artist)
        found["xesam:album"] = _text(track.album)
        found["xesam:trackNumber"] = _number(track.track)
        found["xesam:discNumber"] = _number(track.disc)
    if art_url is not None:
        found["mpris:artUrl"] = ("s", art_url)
    return {name: value for name, value in found.items() if value is not None}


def track_path(item: QueueItem) -> str:
    """The object path that names a place in the queue."""
    return f"/org/auralis/queue/{item.ticket}"


def microseconds(duration_s: float) -> int:
    """Seconds as MPRIS counts them; 0 where they are no number."""
    return min(round(duration_s * MICROSECONDS_PER_SECOND), _INT64_MAX) if math.isfinite(duration_s) else 0


def changed(before: Mapping[str, Typed], after: Mapping[str, Typed]) -> dict[str, Typed]:
    """What is to be told to who knows `before`."""
    return {name: value for name, value in after.items() if before.get(name) != value}


def _url(path: Path) -> Typed:
    return "s", Path(os.path.abspath(path)).as_uri()


def _text(text: str | None) -> Typed | None:
    # The bus hangs up on whoever sends what is not UTF-8, or a NUL.
    return None if text is None else ("s", _clean(text))


def _texts(text: str | None) -> Typed | None:
    return None if text is None else ("as", [_clean(text)])


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def _number(number: int | None) -> Typed | None:
    return ("i", number) if number is not None and 0 <= number <= _INT32_MAX else None
