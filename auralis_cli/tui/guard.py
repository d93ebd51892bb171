"""A failure in one view shows a panel in its place; the music and the other views go on. The screen's one guard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from textual._context import active_message_pump
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from auralis_cli.errors import AuralisError, unforeseen
from auralis_cli.services.background_verbs import VerbJob
from auralis_cli.terminal_text import printable
from auralis_cli.tui.view import View
from auralis_cli.tui.view_table import ViewRow
from auralis_cli.tui.widgets.typed_line import give_keys

if TYPE_CHECKING:
    from textual.worker import Worker

    from auralis_cli.tui.app import AuralisApp


@contextmanager
def guarded(app: AuralisApp, frame: ViewFrame | None = None) -> Iterator[None]:
    """What fails within shows in the frame; without one, in that of the widget that failed."""
    try:
        yield
    except Exception as error:  # the guard of the screen: one view fails, the rest goes on
        if frame is not None:
            frame.fail(error)
        else:
            app.fail(error)


class ViewFrame(Container):
    """The place of a view: holds it, or says why it cannot."""

    DEFAULT_CSS = "ViewFrame { height: 1fr; width: 1fr; }"

    def __init__(self, row: ViewRow) -> None:
        super().__init__(id=f"frame-{row.name}")
        self.row = row
        self.view: View | None = None
        self._focused: Widget | None = None

    @property
    def auralis(self) -> AuralisApp:
        """The app."""
        return cast("AuralisApp", self.app)

    def compose(self) -> ComposeResult:
        """The view, made now."""
        with guarded(self.auralis, self):
            self.view = self.row.make()
            yield self.view

    def on_mount(self) -> None:
        """The view is there with all it holds: it can be shown."""
        self.show()
        if self.display:
            self.focus_first()
        self.auralis.screen_of_views.show_lines()

    def show(self) -> None:
        """Has the view show what the player does."""
        if self.view is not None and self.view.is_mounted:
            with guarded(self.auralis, self):
                self.view.show(self.auralis.state)

    def leave(self) -> None:
        """Is about to be unseen: remembers what has the keys."""
        focused = self.screen.focused
        self._focused = focused if focused is not None and self in focused.ancestors else None

    def focus_first(self) -> None:
        """Gives the keys to the part of the view that had them, or is used first; or to the panel in its place."""
        if self.view is None:
            self.query(ErrorPanel).focus()
        elif self._focused is not None and self._focused.is_attached:
            give_keys(self._focused)
        else:
            with guarded(self.auralis, self):
                self.view.focus_first()

    def run(self, command: str, words: tuple[str, ...]) -> bool:
        """Whether the view did that."""
        if self.view is not None and self.view.is_mounted:
            with guarded(self.auralis, self):
                return self.view.run(command, words)
        return False

    def job_told(self, job: VerbJob) -> None:
        """Has the view know of a verb that runs beside."""
        if self.view is not None and self.view.is_mounted:
            with guarded(self.auralis, self):
                self.view.job_told(job)

    def fail(self, error: Exception) -> None:
        """Puts the panel in the place of the view. What fails while that goes on is of what is taken out already."""
        if self.view is None and self.query(ErrorPanel):
            return
        self.view = self._focused = None
        self.call_next(self._replace, ErrorPanel(self.row.title, error))

    def try_again(self) -> None:
        """Makes the view anew."""
        self.call_next(self._renew)

    async def _renew(self) -> None:
        await self._empty()
        with guarded(self.auralis, self):
            self.view = self.row.make()
            await self.mount(self.view)
            self.show()
            self.focus_first()

    async def _empty(self) -> None:
        await self.remove_children()
        # One that failed as it was mounted hears nothing, not even that it is to go.
        for dead in tuple(self.children):
            await dead._message_loop_exit()

    async def _replace(self, panel: ErrorPanel) -> None:
        had_focus = self.display
        await self._empty()
        await self.mount(panel)
        if had_focus:
            panel.focus()


class ErrorPanel(Static, can_focus=True):
    """Says what failed in the place where it did."""

    DEFAULT_CSS = "ErrorPanel { padding: 1 2; height: auto; }"

    def __init__(self, title: str, error: Exception) -> None:
        lines = (f"{title} cannot be shown.", "", printable(in_words(error)), "", "r tries again; the music plays on.")
        super().__init__(Content("\n".join(lines)), markup=False)

    def key_r(self) -> None:
        """Has the view made anew."""
        frame = self.parent
        assert isinstance(frame, ViewFrame)
        frame.try_again()


class GuardedScreen(Screen[Any]):
    """A screen on which a widget that cannot be drawn is taken for the failure of its view."""

    def _compositor_refresh(self) -> None:
        with guarded(cast("AuralisApp", self.app)):
            super()._compositor_refresh()


def in_words(error: Exception) -> str:
    """A failure in one line."""
    return str(error if isinstance(error, AuralisError) else unforeseen(error))


def failed_widget(error: BaseException) -> Widget | None:
    """The widget in whose code the error arose, or the box over the screen; None where it was in neither."""
    found: Widget | None = None
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        found = _widget_of(trace.tb_frame.f_locals.get("self")) or found
        trace = trace.tb_next
    return found or _widget_of(active_message_pump.get(None))


def _widget_of(subject: object) -> Widget | None:
    """The widget that a frame of the stack is about; a worker is about the one that began it."""
    node = cast("Worker[Any]", subject).node if hasattr(subject, "node") else subject
    is_below_all = isinstance(node, Screen) and not isinstance(node, ModalScreen)
    return node if isinstance(node, Widget) and not is_below_all else None
