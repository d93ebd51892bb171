"""The screen: the views that were looked at, one of them seen, and the lines around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Container

from auralis_cli.tui.bars import footer, keys_to_come, status_line, view_tabs
from auralis_cli.tui.command_line import CommandLine
from auralis_cli.tui.guard import GuardedScreen, ViewFrame
from auralis_cli.tui.view_table import VIEWS
from auralis_cli.tui.widgets.one_line import OneLine, Part

if TYPE_CHECKING:
    from auralis_cli.tui.app import AuralisApp

# Of lower screens every line goes to the view.
_TABS_FROM_LINES = 12


class PlayerScreen(GuardedScreen):
    """All there is to see."""

    # Views say themselves what has the keys.
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    PlayerScreen { layout: vertical; }
    PlayerScreen #views { height: 1fr; }
    PlayerScreen #tabs { background: $surface; }
    PlayerScreen #keys { background: $surface; }
    """

    @property
    def auralis(self) -> AuralisApp:
        """The app."""
        return cast("AuralisApp", self.app)

    def compose(self) -> ComposeResult:
        """The lines, and the first view between them."""
        yield OneLine(id="tabs")
        with Container(id="views"):
            yield ViewFrame(VIEWS[self.auralis.state.view])
        yield CommandLine(self.auralis.completions)
        yield OneLine(id="status")
        yield OneLine(id="keys")

    def on_mount(self) -> None:
        """The app begins once there is something to show things in."""
        self.auralis.begin()

    def on_resize(self) -> None:
        """The lines take what room there is."""
        self.query_one("#tabs").display = self.size.height >= _TABS_FROM_LINES
        self.show_lines()

    @property
    def frames(self) -> dict[str, ViewFrame]:
        """The views that were looked at, by name."""
        return {frame.row.name: frame for frame in self.query(ViewFrame)}

    def look_at(self, name: str) -> ViewFrame:
        """Shows that view, made now where it was not looked at yet; the others stay as they are, unseen."""
        frames = self.frames
        for other, frame in frames.items():
            if frame.display and other != name:
                frame.leave()
            frame.display = other == name
        if name not in frames:
            frames[name] = ViewFrame(VIEWS[name])
            self.query_one("#views").mount(frames[name])
        return frames[name]

    def show_lines(self) -> None:
        """What the lines say now."""
        app, columns = self.auralis, self.size.width
        frame = self.frames.get(app.state.view)
        keys, view = app.keymap.first_keys, None if frame is None else frame.view
        titles = {row.name: row.title for row in VIEWS.values()}
        tab_keys = {name: keys.get(f"view {name}", "") for name in titles}
        self._show("#tabs", view_tabs(titles, tab_keys, app.state.view, columns))
        lines, labels = ((), None) if view is None else (view.FOOTER, view.LABELS)
        begun, state_view = app.begun_keys, app.state.view
        to_come = keys_to_come(begun, app.keymap.going_on(begun, state_view)) if begun else ()
        self._show("#keys", [*to_come] or footer(lines, keys, columns, labels))
        self.show_status()

    def show_status(self) -> None:
        """What the status line says now."""
        app = self.auralis
        self._show("#status", status_line(app.state, app.context.clock_s(), self.size.width))

    def _show(self, line: str, parts: list[Part]) -> None:
        # While the screen is closed there is none any more, and something may still be told.
        for found in self.query(line).results(OneLine):
            found.set_parts(parts)
