"""A player with everything it is wired to: library, plans, memory, device, control socket, desktop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from auralis_cli.model.online import ScrobbleSettings
from auralis_cli.model.play_request import PlayRequest, PlayWishes
from auralis_cli.model.playback import PlayerSettings
from auralis_cli.model.presets import ADAPTIVE, Preset
from auralis_cli.model.queue import Queue
from auralis_cli.model.sound_wishes import MasteringMode
from auralis_cli.player.actions import PlayerActions
from auralis_cli.player.control import ControlServer
from auralis_cli.player.control_place import ControlClaim, tap_path
from auralis_cli.player.desktop import show_on_desktop
from auralis_cli.player.output import output_opener
from auralis_cli.player.player import Player
from auralis_cli.player.tap import SoundTap
from auralis_cli.player.world import PlayerWorld
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.forgetful_memory import ForgetfulMemory
from auralis_cli.services.live_plans import LivePlans, plans_folder
from auralis_cli.services.player_memory import LibraryMemory, Remembered, remembered
from auralis_cli.services.player_taste import PlayerTaste
from auralis_cli.services.scrobbler_opening import listen_queued, open_scrobbler
from auralis_cli.services.shuffling import QueueShuffler
from auralis_cli.services.thumbnails import cover_url
from auralis_cli.services.track_lookup import LibraryTrackLookup


@dataclass(frozen=True, slots=True)
class PlayerPlaces:
    """What a player is made from, and whom it tells."""

    library: Path
    presets: Mapping[str, Preset]
    environ: Mapping[str, str]
    # Whether queue, position, settings and plays are kept; else the library is only read.
    keeps: bool
    # Its name, under which it is reached.
    claim: ControlClaim
    # Makes the program end soon.
    quit_player: Callable[[], None]
    # Told, from any thread, what went otherwise than expected.
    complain: Callable[[str], None]
    # Who is told of plays; None where nobody is.
    scrobbling: ScrobbleSettings | None = None
    # Whether what was learnt of somebody's choices goes into masters, where nothing is said of that.
    goes_by_taste: bool = True


class PlayerSession:
    """A player that is there, and what it is to begin with."""

    def __init__(self, player: Player, kept: Remembered, shuffler: QueueShuffler, request: PlayRequest) -> None:
        self.player = player
        self._kept = kept
        self._shuffler = shuffler
        self._request = request

    @property
    def has_something_to_play(self) -> bool:
        """Whether `begin` plays anything."""
        return bool(self._request.tracks or self._kept.queue.items)

    def begin(self) -> int:
        """Plays what is asked for, else goes on where the last player was left.

        Returns the revision up to which nothing of that shows.
        """
        wishes, tracks, player = self._request.wishes, self._request.tracks, self.player
        player.start()
        if wishes.repeat is not None:
            player.repeat(wishes.repeat)
        before = player.snapshot().revision
        if tracks:
            shuffle = wishes.shuffle
            start = 0 if shuffle is None else self._shuffler.start_in(Queue().set(tracks), shuffle)
            player.set_queue(tracks, start=start)
        elif self._kept.queue.items:
            player.play()
        if wishes.shuffle is not None:
            player.shuffle(wishes.shuffle)
        return before


@contextmanager
def open_player(places: PlayerPlaces, request: PlayRequest) -> Iterator[PlayerSession]:
    """The player, until the end of the context: then it keeps its place and gives everything back, within seconds.

    Raises LibraryError where what it is to go on with cannot be read, UsageError where it cannot be reached.
    """
    library = places.library if places.library.exists() or places.keeps else None
    with ExitStack() as closing:
        closing.callback(places.claim.release)
        kept = remembered(places.library, int(time.time())) if places.keeps else Remembered()
        scrobbling = places.scrobbling if places.keeps else None
        scrobbler = open_scrobbler(scrobbling, places.library, places.environ, places.complain)
        if scrobbler is not None:
            closing.callback(scrobbler.close)
        queued = listen_queued(scrobbling, scrobbler)
        memory = (
            LibraryMemory(places.library, complain=places.complain, listen_queued=queued)
            if places.keeps
            else ForgetfulMemory()
        )
        closing.callback(memory.close)
        plans = LivePlans(places.presets, plans_folder(places.environ), library)
        closing.callback(plans.close)
        shuffler = QueueShuffler(library)
        tap = SoundTap(tap_path(places.claim.socket_path))
        closing.callback(tap.close)
        world = PlayerWorld(
            LibraryTrackLookup(library),
            plans,
            memory,
            partial(output_opener, latency_s=request.device.latency_s),
            shuffler,
            places.presets,
            rate_hz=request.device.rate_hz,
            exact_rate=request.device.exact_rate,
            tap=tap,
        )
        settings = settings_with(kept.settings, request.wishes, places.presets)
        said, device = request.wishes.said, request.device.device
        player = Player(world, queue=kept.queue, history=kept.history, settings=settings, device=device, said=said)
        closing.callback(player.close)
        wishes = request.wishes
        player.preferences(on=places.goes_by_taste if wishes.preferences is None else wishes.preferences)
        taste = PlayerTaste(player, memory, library, places.presets)
        player.subscribe(taste.hear)
        if scrobbler is not None:
            player.subscribe(scrobbler.hear)
        actions = PlayerActions(player, places.quit_player)
        server = ControlServer(places.claim, actions, said=places.complain)
        server.start()
        find_cover = partial(cover_url, environ=places.environ)
        desktop = show_on_desktop(player, actions.perform, places.environ, find_cover)
        if desktop is not None:
            closing.callback(desktop.close)
        # First of all, so that whoever looks for a player does not find one that is ending.
        closing.callback(server.close)
        yield PlayerSession(player, kept, shuffler, request)


def settings_with(kept: PlayerSettings, wishes: PlayWishes, presets: Mapping[str, Preset]) -> PlayerSettings:
    """How the player was left, with what is wished for instead; of a preset that is gone the usual one."""
    preset = kept.wish.preset if wishes.preset is None else wishes.preset
    wish = replace(
        kept.wish,
        preset=preset if preset in presets else ADAPTIVE.name,
        intensity=kept.wish.intensity if wishes.intensity is None else wishes.intensity,
        tilt_db=kept.wish.tilt_db if wishes.tilt_db is None else wishes.tilt_db,
        width_db=kept.wish.width_db if wishes.width_db is None else wishes.width_db,
    )
    if wishes.reference is not None:
        wish = replace(wish, mode=MasteringMode.REFERENCE, reference=wishes.reference)
    return replace(
        kept,
        volume=kept.volume if wishes.volume is None else wishes.volume,
        is_enhanced=kept.is_enhanced if wishes.is_enhanced is None else wishes.is_enhanced,
        wish=wish,
        normalize=kept.normalize if wishes.normalize is None else wishes.normalize,
        crossfade_s=kept.crossfade_s if wishes.crossfade_s is None else wishes.crossfade_s,
    )
