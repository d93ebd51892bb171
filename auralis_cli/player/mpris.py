"""The player as desktops know it: MPRIS 2.2 on the session's D-Bus, on a thread of its own."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Thread
from typing import Annotated, Any, Protocol
from urllib.parse import unquote_to_bytes, urlsplit

from dbus_fast import DBusError, DBusFastError, NameFlag, PropertyAccess, RequestNameReply, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import (
    DBusInt64,
    DBusObjectPath,
    DBusSignature,
    DBusStr,
)
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

from auralis_cli.errors import AuralisError
from auralis_cli.model.playback import PlayerState, Snapshot
from auralis_cli.player.mpris_properties import (
    LOOP_OF_REPEAT,
    MICROSECONDS_PER_SECOND,
    REPEAT_OF_LOOP,
    Typed,
    changed,
    microseconds,
    player_properties,
    track_path,
)
from auralis_cli.player.ports import Clock

BUS_NAME = "org.mpris.MediaPlayer2.auralis"
OBJECT_PATH = "/org/mpris/MediaPlayer2"

_FAILED = "org.mpris.MediaPlayer2.auralis.Failed"
_MIME_TYPES = (
    *("audio/flac", "audio/mpeg", "audio/ogg", "audio/opus", "audio/mp4", "audio/aac", "audio/wav", "audio/x-wav"),
    *("audio/aiff", "audio/x-aiff", "audio/x-wavpack", "audio/x-musepack", "audio/x-ms-wma", "audio/x-ape"),
)
# A bus that does not answer so long is none.
_PATIENCE_S = 5.0
# How far a position may be from where playing on leads to, before it was a jump.
_JUMP_S = 0.3

Nothing = Annotated[None, DBusSignature("")]


class Seen(Protocol):
    """What can be looked at: a player."""

    def snapshot(self) -> Snapshot:
        """All of it, now."""
        ...

    def subscribe(self, callback: Callable[[Snapshot], None]) -> Callable[[], None]:
        """Tells of every change until what it returns is called."""
        ...


# Does an action of the registry; raises AuralisError.
Perform = Callable[[str, Mapping[str, object]], object]
# The address of a picture of the cover of the track in a file, None where it has none; may take its time.
FindCover = Callable[[Path], str | None]


def no_cover(_: Path) -> None:
    """Finds none."""


class Mpris:
    """Shows a player on the bus at `address` until it is closed or the bus is gone; neither is an error."""

    def __init__(
        self,
        player: Seen,
        perform: Perform,
        address: str,
        find_cover: FindCover = no_cover,
        clock: Clock = time.monotonic,
    ) -> None:
        self._player = player
        self._address = address
        self._shown = _Shown(player, perform, find_cover, clock)
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._thread = Thread(target=self._run, name="mpris", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Leaves the bus; closing twice is fine."""
        self._ask(self._closing.set)
        self._thread.join(_PATIENCE_S)

    def _run(self) -> None:
        # What D-Bus has to say goes nowhere: standard error belongs to the user.
        logging.getLogger("dbus_fast").addHandler(logging.NullHandler())
        self._loop.set_exception_handler(lambda _loop, _context: None)
        try:
            self._loop.run_until_complete(self._serve())
        except (OSError, EOFError, DBusFastError):
            pass
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        async with asyncio.timeout(_PATIENCE_S):
            bus = await MessageBus(bus_address=self._address).connect()
        unsubscribe = self._player.subscribe(lambda snapshot: self._ask(self._shown.show, snapshot))
        try:
            self._shown.show(self._player.snapshot())
            bus.export(OBJECT_PATH, self._shown.root)
            bus.export(OBJECT_PATH, self._shown.controls)
            async with asyncio.timeout(_PATIENCE_S):
                await _named(bus)
            waiting = {
                asyncio.ensure_future(bus.wait_for_disconnect()),
                asyncio.ensure_future(self._closing.wait()),
            }
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            unsubscribe()
            bus.disconnect()

    def _ask(self, call: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:
            # The bus is gone, and nobody is to be told.
            return


async def _named(bus: MessageBus) -> None:
    if await bus.request_name(BUS_NAME, NameFlag.DO_NOT_QUEUE) is not RequestNameReply.PRIMARY_OWNER:
        # The name that MPRIS has for a second player of a kind.
        await bus.request_name(f"{BUS_NAME}.instance{os.getpid()}", NameFlag.DO_NOT_QUEUE)


class _Shown:
    """What the bus was told, and what it is to be told next; all of it on the loop's thread."""

    def __init__(self, player: Seen, perform: Perform, find_cover: FindCover, clock: Clock) -> None:
        self._find_cover = find_cover
        self._clock = clock
        self.player = player
        self.latest = player.snapshot()
        self._heard_at_s = clock()
        self.properties = player_properties(self.latest, None)
        self._cover: tuple[Path | None, str | None] = (None, None)
        self._looking: asyncio.Task[None] | None = None
        self.root = _Root(perform)
        self.controls = _Controls(self, perform)

    def show(self, snapshot: Snapshot) -> None:
        """Tells the bus what changed; a snapshot older than the latest is dropped."""
        if snapshot.revision < self.latest.revision:
            return
        jumped = self._jumped(snapshot)
        self.latest, self._heard_at_s = snapshot, self._clock()
        self._look_for_cover()
        self._tell()
        if jumped:
            self.controls.seeked(microseconds(snapshot.position_s))

    def _tell(self) -> None:
        now = player_properties(self.latest, self._cover[1])
        news = changed(self.properties, now)
        self.properties = now
        if news:
            self.controls.emit_properties_changed({name: _plain(value) for name, value in news.items()})

    def _jumped(self, snapshot: Snapshot) -> bool:
        before = self.latest
        if snapshot.item is None or snapshot.item != before.item:
            return snapshot.position_s > _JUMP_S
        passed_s = self._clock() - self._heard_at_s if before.state is PlayerState.PLAYING else 0.0
        return abs(snapshot.position_s - before.position_s - passed_s) > _JUMP_S

    def _look_for_cover(self) -> None:
        track = self.latest.track
        path = track.source.path if track else None
        if self._cover[0] == path:
            return
        self._cover = (path, None)
        if path is not None:
            # Neither a slow disk nor a large picture holds anybody up.
            self._looking = asyncio.ensure_future(self._found_cover(path))

    async def _found_cover(self, path: Path) -> None:
        url = await asyncio.to_thread(self._find_cover, path)
        if self._cover[0] == path:
            self._cover = (path, url)
            self._tell()


def _property(
    name: str, signature: str, get: Callable[[Any], object], change: Callable[[Any, Any], None] | None = None
) -> property:
    """A property of an interface, which keeps it by the same name: what it is annotated with is its type on the bus."""

    def getter(self: ServiceInterface) -> Any:
        return get(self)

    getter.__name__ = name
    getter.__annotations__["return"] = signature
    made = dbus_property(PropertyAccess.READWRITE if change else PropertyAccess.READ, name)(getter)
    if change is None:
        return made

    def setter(self: ServiceInterface, value: Any) -> None:
        change(self, value)

    setter.__name__ = name
    return made.setter(setter)


def _told(name: str, signature: str, change: Callable[[Any, Any], None] | None = None) -> property:
    """A property as the bus was told of it last."""
    return _property(name, signature, lambda self: _plain(self._shown.properties[name]), change)


class _Root(ServiceInterface):
    """`org.mpris.MediaPlayer2`."""

    def __init__(self, perform: Perform) -> None:
        super().__init__("org.mpris.MediaPlayer2")
        self._perform = perform

    @dbus_method("Raise")
    def raise_(self) -> Nothing:
        """There is no window that could be raised."""

    @dbus_method("Quit")
    def quit(self) -> Nothing:
        """Ends the player."""
        _done(self._perform, "quit")

    CanQuit = _property("CanQuit", "b", lambda self: True)
    CanRaise = _property("CanRaise", "b", lambda self: False)
    HasTrackList = _property("HasTrackList", "b", lambda self: False)
    Identity = _property("Identity", "s", lambda self: "Auralis")
    SupportedUriSchemes = _property("SupportedUriSchemes", "as", lambda self: ["file"])
    SupportedMimeTypes = _property("SupportedMimeTypes", "as", lambda self: list(_MIME_TYPES))


class _Controls(ServiceInterface):
    """`org.mpris.MediaPlayer2.Player`."""

    def __init__(self, shown: _Shown, perform: Perform) -> None:
        super().__init__("org.mpris.MediaPlayer2.Player")
        self._shown = shown
        self._perform = perform

    @dbus_method("Next")
    def next(self) -> Nothing:
        """The next track, where there is one."""
        if self._is_so("CanGoNext"):
            self._do("next")

    @dbus_method("Previous")
    def previous(self) -> Nothing:
        """The one before, or the same again."""
        if self._is_so("CanGoPrevious"):
            self._do("previous")

    @dbus_method("Pause")
    def pause(self) -> Nothing:
        """Nothing where nothing plays."""
        if self._shown.player.snapshot().state in (PlayerState.PLAYING, PlayerState.LOADING):
            self._do("pause")

    @dbus_method("PlayPause")
    def play_pause(self) -> Nothing:
        """Pauses what plays, plays what does not."""
        self._do("toggle")

    @dbus_method("Stop")
    def stop(self) -> Nothing:
        """Stops; playing then begins the track again."""
        self._do("stop")

    @dbus_method("Play")
    def play(self) -> Nothing:
        """Plays on."""
        self._do("play")

    @dbus_method("Seek")
    def seek(self, offset: DBusInt64) -> Nothing:
        """On or back by so many microseconds; beyond the end is the next track."""
        now = self._shown.player.snapshot()
        if now.item is None or now.duration_s is None:
            return
        target_s = now.position_s + offset / MICROSECONDS_PER_SECOND
        if target_s > now.duration_s:
            self.next()
        else:
            self._go_to(max(0.0, target_s))

    @dbus_method("SetPosition")
    def set_position(self, track: DBusObjectPath, position: DBusInt64) -> Nothing:
        """To so many microseconds of `track`: nothing where another one plays by now, or that is not in it."""
        now = self._shown.player.snapshot()
        if now.item is None or now.duration_s is None or track != track_path(now.item):
            return
        if 0 <= position <= microseconds(now.duration_s):
            self._go_to(position / MICROSECONDS_PER_SECOND)

    @dbus_method("OpenUri")
    def open_uri(self, uri: DBusStr) -> Nothing:
        """Queues a file behind the others and plays it."""
        parts = urlsplit(uri)
        path = os.fsdecode(unquote_to_bytes(parts.path))
        if parts.scheme != "file" or parts.netloc not in ("", "localhost") or not path.startswith("/") or "\0" in path:
            raise DBusError(_FAILED, f"{uri}: only addresses of local files are played")
        self._do("add", tracks=[path], play="on")

    @dbus_signal("Seeked")
    def seeked(self, position: DBusInt64) -> DBusInt64:
        """The position jumped."""
        return position

    def set_loop_status(self, value: str) -> None:
        """None, Track or Playlist."""
        if value not in REPEAT_OF_LOOP:
            raise DBusError(_FAILED, f"{value}: one of {', '.join(LOOP_OF_REPEAT.values())}")
        self._do("repeat", mode=REPEAT_OF_LOOP[value].value)

    def set_rate(self, value: float) -> None:
        """There is one speed; MPRIS has it that none at all is a pause."""
        if value == 0.0:
            self._do("pause")

    def set_shuffle(self, value: bool) -> None:
        """Another order, or that before."""
        if not value:
            # Also one that is still to be made, of which nobody knows yet.
            self._do("shuffle", order="off")
        elif not self._is_so("Shuffle"):
            self._do("shuffle", order="on")

    def set_volume(self, value: float) -> None:
        """0 to 1, on the curve of the player's 0 to 100; what is beyond is the nearest of them, and NaN is 0."""
        self._do("volume", level=f"{100.0 * min(max(0.0, value), 1.0):.2f}")

    def current_position(self) -> int:
        """What the device has played of the track, in microseconds."""
        return microseconds(self._shown.player.snapshot().position_s)

    PlaybackStatus = _told("PlaybackStatus", "s")
    LoopStatus = _told("LoopStatus", "s", set_loop_status)
    Rate = _property("Rate", "d", lambda self: 1.0, set_rate)
    Shuffle = _told("Shuffle", "b", set_shuffle)
    Metadata = _told("Metadata", "a{sv}")
    Volume = _told("Volume", "d", set_volume)
    Position = _property("Position", "x", current_position)
    MinimumRate = _property("MinimumRate", "d", lambda self: 1.0)
    MaximumRate = _property("MaximumRate", "d", lambda self: 1.0)
    CanGoNext = _told("CanGoNext", "b")
    CanGoPrevious = _told("CanGoPrevious", "b")
    CanPlay = _told("CanPlay", "b")
    CanPause = _told("CanPause", "b")
    CanSeek = _told("CanSeek", "b")
    CanControl = _property("CanControl", "b", lambda self: True)

    def _is_so(self, name: str) -> object:
        """At this moment: what the bus was told last may be of before the wish that came before this one."""
        return player_properties(self._shown.player.snapshot(), None)[name][1]

    def _go_to(self, position_s: float) -> None:
        self._do("seek", to=f"{position_s:.6f}")

    def _do(self, action: str, **arguments: object) -> None:
        _done(self._perform, action, **arguments)


def _done(perform: Perform, action: str, **arguments: object) -> None:
    try:
        perform(action, arguments)
    except AuralisError as error:
        raise DBusError(_FAILED, str(error)) from error


def _plain(typed: Typed) -> Any:
    """A value as D-Bus takes it: variants inside, none around."""
    _, value = typed
    if isinstance(value, dict):
        return {name: Variant(inner, _plain((inner, one))) for name, (inner, one) in value.items()}
    return value
