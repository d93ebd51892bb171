"""What every view of the terminal player is, and can ask of the app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, cast

from textual.dom import DOMNode
from textual.widget import Widget

from auralis_cli.errors import AuralisError, CancelledError
from auralis_cli.services.background_verbs import VerbJob
from auralis_cli.tui.ui_state import UiState

if TYPE_CHECKING:
    from auralis_cli.tui.app import AuralisApp


def begin_work(node: DOMNode, work: Callable[[], Awaitable[None]], group: str, *, replaces: bool = True) -> None:
    """Starts work beside the screen; with `replaces` it ends what of its group is under way.

    The work is made when it starts: of what is replaced before that, nothing was ever begun.
    """
    node.run_worker(work, group=group, exclusive=replaces)


class View(Widget, can_focus=False):
    """One of the views. A failure in it or in what it holds shows a panel in its place; the others go on."""

    DEFAULT_CSS = "View { height: 1fr; width: 1fr; }"

    # As in the table of views.
    NAME: ClassVar[str]
    # Ids of the commands, or whole command lines, that the footer shows, the most important first.
    FOOTER: ClassVar[tuple[str, ...]] = ()
    # What the footer calls those that mean something else here than elsewhere.
    LABELS: ClassVar[Mapping[str, str]] = MappingProxyType({})

    @property
    def auralis(self) -> AuralisApp:
        """The app: its `link`, `context`, `state`, `run_line`, `say`."""
        from auralis_cli.tui.app import AuralisApp

        return cast(AuralisApp, self.app)

    def show(self, state: UiState) -> None:
        """What the player does now; called whenever that changes, and when the view comes to be seen."""

    def job_told(self, job: VerbJob) -> None:
        """A verb that runs beside the screen has got further, or has ended: a scan, for one."""

    def run(self, command: str, words: Sequence[str]) -> bool:
        """Does a command that is meant for what this view shows; False leaves it to the app and the player."""
        return False

    def begin(self, work: Callable[[], Awaitable[None]], group: str, *, replaces: bool = True) -> None:
        """Starts work of this view beside the screen, in the place of what of its group is under way."""
        begin_work(self, work, group, replaces=replaces)

    def attempt(self, work: Callable[[], Awaitable[None]], group: str, *, replaces: bool = True) -> None:
        """As `begin`; what cannot be done is said, and what was given up is not."""
        self.begin(partial(self.attempted, work), group, replaces=replaces)

    async def attempted(self, work: Callable[[], Awaitable[None]]) -> None:
        """Does it; what cannot be done is said."""
        try:
            await work()
        except CancelledError:
            return
        except AuralisError as error:
            self.auralis.say(str(error), error=True)

    def focus_first(self) -> None:
        """Gives the keys to the part that is used first; called when the view comes to be seen."""
        for widget in self.query("*"):
            if widget.focusable:
                widget.focus()
                return
