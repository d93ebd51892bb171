"""A line that is typed into above what it is about: it is left at once, and what is pressed behind that goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual import events
from textual.widget import Widget
from textual.widgets import Input

if TYPE_CHECKING:
    from auralis_cli.tui.app import AuralisApp


def give_keys(widget: Widget) -> None:
    """The next key is that widget's; of one that is only about to be seen, as soon as it is."""
    widget.screen.set_focus(widget)
    if widget.screen.focused is not widget:
        widget.focus()


class TypedLine(Input):
    """Enter and Esc leave it before another key is heard: keys that came with them are those of what has them then."""

    # What has the keys once Enter was pressed.
    leads_to: Callable[[], Widget]
    # The last key that others hear as well.
    _passed: events.Key | None = None

    def on_mount(self) -> None:
        """A cursor that blinks is written twice a second, for nothing, over whatever line."""
        self.cursor_blink = False

    def has_heard(self, event: events.Key) -> bool:
        """Whether a key that comes by is one that this line has left to others."""
        return event is self._passed

    def entered(self) -> None:
        """What Enter does."""
        self.post_message(self.Submitted(self, self.value))
        give_keys(self.leads_to())

    def left(self, event: events.Key) -> None:
        """What Esc does: whatever it is bound to."""
        cast("AuralisApp", self.app).on_key(event)

    def on_key(self, event: events.Key) -> None:
        """Leaves the line, or leaves the key to what has the keys by now."""
        focused = self.screen.focused
        if focused is not self:
            _take(event)
            (focused or self.screen).post_message(events.Key(event.key, event.character))
        elif event.key == "enter":
            _take(event)
            self.entered()
        elif event.key == "escape":
            _take(event)
            self.left(event)
        else:
            self._passed = event


def _take(event: events.Key) -> None:
    event.stop()
    event.prevent_default()
