"""What the player does for each action of the registry: one door for `ctl`, the socket, MPRIS, keys and palette."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from auralis_cli.errors import UsageError
from auralis_cli.model.action_kinds import Comparison, Level, SeekFrom, SeekTarget, ShuffleOrder
from auralis_cli.model.actions import action_named
from auralis_cli.model.playback import Side
from auralis_cli.model.player_choices import VOLUME_RANGE
from auralis_cli.model.plays import LikingWish
from auralis_cli.model.queue import QueueTrack, ShuffleMode

if TYPE_CHECKING:
    from auralis_cli.player.player import Player


class PlayerActions:
    """Does actions by their ids, with arguments checked in the one way there is."""

    def __init__(self, player: Player, quit_player: Callable[[], None]) -> None:
        """`quit_player` makes the program end soon; it returns at once."""
        self.player = player
        self._quit = quit_player

    def perform(self, action_id: str, arguments: Mapping[str, object] = MappingProxyType({})) -> None:
        """Does it, at once. Raises UsageError for an action or an argument that is none; nothing has changed then."""
        values = action_named(action_id).read(arguments)
        if action_id == "quit":
            self._quit()
        else:
            _DO[action_id](self.player, *values)


def _seek(player: Player, target: SeekTarget) -> None:
    if target.origin is SeekFrom.HERE_S:
        player.seek_by(target.amount)
    elif target.origin is SeekFrom.START_S:
        player.seek(target.amount)
    else:
        now = player.snapshot()
        if now.duration_s is not None and now.item is not None:
            # Should another track have begun meanwhile, it was not meant.
            player.seek(target.amount * now.duration_s, ticket=now.item.ticket)


def _volume(player: Player, level: Level) -> None:
    low, high = VOLUME_RANGE
    wanted = player.snapshot().volume + level.amount if level.is_relative else level.amount
    player.set_volume(min(max(wanted, low), high))


def _compare(player: Player, comparison: Comparison) -> None:
    if comparison is Comparison.OFF:
        player.compare(None)
    elif comparison is Comparison.TOGGLE:
        heard = player.snapshot().compared
        player.compare(Side.ORIGINAL if heard is Side.MASTERED else Side.MASTERED)
    else:
        player.compare(Side(comparison.value))


def _shuffle(player: Player, order: ShuffleOrder) -> None:
    if order is ShuffleOrder.OFF or (order is ShuffleOrder.TOGGLE and player.is_shuffled):
        player.unshuffle()
    else:
        player.shuffle(ShuffleMode.TRACKS if order is ShuffleOrder.TOGGLE else ShuffleMode(order.value))


def _jump(player: Player, position: int) -> None:
    _check_positions(player, position)
    player.jump(position)


def _insert(player: Player, position: int, tracks: tuple[QueueTrack, ...]) -> None:
    # Behind the last is a place as well.
    _check_positions(player, position, behind=1)
    player.insert(position, tracks)


def _remove(player: Player, positions: tuple[int, ...]) -> None:
    _check_positions(player, *positions)
    player.remove(positions)


def _move(player: Player, origin: int, target: int) -> None:
    _check_positions(player, origin, target)
    player.move(origin, target)


def _check_positions(player: Player, *positions: int, behind: int = 0) -> None:
    """In the numbers that people count by; the player's own check, which says nothing else, counts from 0."""
    length = len(player.queue.items)
    if positions and max(positions) >= length + behind:
        raise UsageError(str(max(positions) + 1), "is no position of the queue", f"it has {length}")


_DO: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {
        "play": lambda player: player.play(),
        "pause": lambda player: player.pause(),
        "toggle": lambda player: player.toggle(),
        "stop": lambda player: player.stop(),
        "next": lambda player: player.next(),
        "previous": lambda player: player.previous(),
        "seek": _seek,
        "stop-after-current": lambda player, on: player.stop_after_current(on=on),
        "rate": lambda player, rating: player.like(LikingWish(rates=True, rating=rating)),
        "favourite": lambda player, on: player.like(LikingWish(favourite=on, toggles_favourite=on is None)),
        "volume": _volume,
        "mute": lambda player, on: player.mute(on=on),
        "normalize": lambda player, mode: player.normalize(mode),
        "crossfade": lambda player, seconds: player.crossfade(seconds),
        "device": lambda player, name: player.device(name),
        "enhance": lambda player, on: player.enhance(on=on),
        "preset": lambda player, name: player.preset(name),
        "intensity": lambda player, amount: player.intensity(amount),
        "tilt": lambda player, tilt_db: player.lean(tilt_db=tilt_db),
        "width": lambda player, width_db: player.lean(width_db=width_db),
        "preferences": lambda player, on: player.preferences(on=on),
        "reference": lambda player, reference, mode: player.reference(reference, mode),
        "compare": _compare,
        "repeat": lambda player, mode: player.repeat(mode),
        "shuffle": _shuffle,
        "consume": lambda player, on: player.consume(on=on),
        "jump": _jump,
        "set-queue": lambda player, tracks, start, play: player.set_queue(tracks, start=start, play=play),
        "add": lambda player, tracks, play: player.add(tracks, play=play),
        "play-next": lambda player, tracks: player.play_next(tracks),
        "insert": _insert,
        "remove": _remove,
        "move": _move,
        "clear": lambda player: player.clear(),
        "undo": lambda player: player.undo(),
        "redo": lambda player: player.redo(),
    }
)
