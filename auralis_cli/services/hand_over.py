"""One player for each user: a second one hands what it was to play to the first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from threading import Event

from auralis_cli.errors import NoPlayerError
from auralis_cli.model.action_kinds import ShuffleOrder
from auralis_cli.model.play_request import PlayRequest
from auralis_cli.player.control_place import DEFAULT_NAME, ControlClaim, claim_name, is_starting
from auralis_cli.services.remote_player import RemotePlayer
from auralis_cli.units import count_in_words

# One that has just started takes the name first, and listens a second later.
_STARTS_WITHIN_S = 10.0
_TURN_S = 0.1


def claim_or_reach(environ: Mapping[str, str], look_around: Callable[[], None]) -> ControlClaim | RemotePlayer:
    """The name of the one player, or the player that has it.

    `look_around` is called while one that is just starting is waited for; what it raises ends that. Raises
    NoPlayerError for one that never answers, UsageError where there is no place for a socket.
    """
    pause = Event()
    for _ in range(round(_STARTS_WITHIN_S / _TURN_S)):
        if (claim := claim_name(DEFAULT_NAME, environ)) is not None:
            return claim
        try:
            return RemotePlayer(DEFAULT_NAME, environ)
        except NoPlayerError:
            look_around()
            pause.wait(_TURN_S)
    return RemotePlayer(DEFAULT_NAME, environ)


def reach(name: str, environ: Mapping[str, str], look_around: Callable[[], None]) -> RemotePlayer:
    """The player of that name, waited for while it is just starting; `look_around` as above.

    Raises NoPlayerError where none runs.
    """
    pause = Event()
    for _ in range(round(_STARTS_WITHIN_S / _TURN_S)):
        try:
            return RemotePlayer(name, environ)
        except NoPlayerError:
            if not is_starting(name, environ):
                raise
        look_around()
        pause.wait(_TURN_S)
    return RemotePlayer(name, environ)


def hand_over(request: PlayRequest, player: RemotePlayer) -> str:
    """Has the running player play what was asked for; says in words what it does."""
    for action, arguments in _wishes(request):
        player.do(action, **arguments)
    if request.tracks:
        player.add(request.tracks, play=True)
    if request.wishes.shuffle is not None:
        player.do("shuffle", order=ShuffleOrder(request.wishes.shuffle.value).value)
    if request.tracks:
        return f"{count_in_words(len(request.tracks), 'track')} handed to the player that runs"
    player.do("play")
    return "the player that runs plays on"


def _wishes(request: PlayRequest) -> Iterator[tuple[str, dict[str, object]]]:
    wishes = request.wishes
    if wishes.volume is not None:
        yield "volume", {"level": wishes.volume}
    if wishes.preset is not None:
        yield "preset", {"name": wishes.preset}
    if wishes.intensity is not None:
        yield "intensity", {"amount": wishes.intensity}
    if wishes.tilt_db is not None:
        yield "tilt", {"tilt_db": wishes.tilt_db}
    if wishes.width_db is not None:
        yield "width", {"width_db": wishes.width_db}
    if wishes.preferences is not None:
        yield "preferences", {"preferences": wishes.preferences}
    if wishes.reference is not None:
        yield "reference", {"profile": wishes.reference}
    if wishes.is_enhanced is not None:
        yield "enhance", {"enhance": wishes.is_enhanced}
    if wishes.normalize is not None:
        yield "normalize", {"mode": wishes.normalize.value}
    if wishes.repeat is not None:
        yield "repeat", {"mode": wishes.repeat.value}
    if wishes.crossfade_s is not None:
        yield "crossfade", {"seconds": wishes.crossfade_s}
    if request.device.device is not None:
        yield "device", {"name": request.device.device}
