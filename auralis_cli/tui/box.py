"""A box over the screen, to which all keys go that are pressed from when it is opened on."""

from __future__ import annotations

from collections import deque
from typing import Any

from textual import events
from textual.message import Message
from textual.screen import ModalScreen, Screen

from auralis_cli.tui.guard import GuardedScreen

_MOST_UNDER_WAY = 100
_WAITS_AT_MOST_S = 0.5


class KeysFromOpening(Screen[Any]):
    """Keys that are pressed before the box is there wait for it, and are heard in the order they were pressed in.

    Some of them are on their way already through what is below, where they were pressed; what is sent behind them
    comes to the app once all of them have, which hands them over.
    """

    class AllAreThrough(Message):
        """Goes the way of keys, behind the last that is not the box's own."""

        def __init__(self, box: KeysFromOpening) -> None:
            super().__init__()
            self.box = box

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        self._waiting: list[events.Key] = []
        self._takes_keys = False
        # Keys that have been through the box and go on to the app.
        self._heard: deque[events.Key] = deque(maxlen=_MOST_UNDER_WAY)

    def has_heard(self, event: events.Key) -> bool:
        """Whether a key that comes by has been through this box, and is not one of what is below."""
        return any(one is event for one in self._heard)

    def take_over(self, event: events.Key) -> None:
        """A key that what is below was given before the box was opened."""
        key = events.Key(event.key, event.character)
        key.time = event.time
        self._forward_event(key)

    def take_keys(self) -> None:
        """Hears what has waited, and from now on what is pressed."""
        if self._takes_keys:
            return
        self._takes_keys = True
        self._update_auto_focus()
        for event in sorted(self._waiting, key=lambda one: one.time):
            self._forward_event(event)
        self._waiting.clear()

    def on_key(self, event: events.Key) -> None:
        """Remembers it, wherever it goes."""
        self._heard.append(event)

    async def _compose(self) -> None:
        await super()._compose()
        stack = self.app.screen_stack
        if self not in stack:
            # It has failed.
            return
        below = stack[stack.index(self) - 1]
        (below.focused or below).post_message(self.AllAreThrough(self))
        # What is below may be about to go, and then passes nothing on.
        self.set_timer(_WAITS_AT_MOST_S, self.take_keys)

    def _update_auto_focus(self) -> None:
        # What has the focus is given keys directly.
        if self._takes_keys:
            super()._update_auto_focus()

    def _forward_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key):
            super()._forward_event(event)
        elif not self._takes_keys:
            self._waiting.append(event)
        elif self.focused is not None:
            self.focused._forward_event(event)
        else:
            super()._forward_event(event)


class Box(KeysFromOpening, GuardedScreen, ModalScreen[Any]):
    """What is over the screen; a failure in it closes it."""
