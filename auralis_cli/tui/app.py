"""The terminal player: a screen of one view at a time over a player that runs in a process of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from auralis_cli.errors import AuralisError
from auralis_cli.model.actions import ACTIONS
from auralis_cli.services.background_verbs import BackgroundVerbs, VerbJob, own_command
from auralis_cli.terminal_text import printable
from auralis_cli.tui.commands import read_line
from auralis_cli.tui.context import UiContext
from auralis_cli.tui.keymap import DEFAULT_KEYS
from auralis_cli.tui.link import PlayerLink, Players
from auralis_cli.tui.messages import ActionRefused, JobTold, PlayerGone, StatusTold
from auralis_cli.tui.ui_state import Event, Gone, Noticed, Ticked, Told, UiState, Viewed, after
from auralis_cli.tui.view import View
from auralis_cli.tui.view_table import VIEWS

_TICK_S = 1.0


class PlayerScreen(Screen[None]):
    """All there is to see: the view, the status line, the footer."""

    BINDINGS: ClassVar[list[BindingType]] = []
    DEFAULT_CSS = """
    PlayerScreen { layout: vertical; }
    PlayerScreen #views { height: 1fr; }
    PlayerScreen #status { height: 1; }
    """

    def compose(self) -> ComposeResult:
        """The parts, with the first view."""
        app = self.app
        assert isinstance(app, AuralisApp)
        with Container(id="views"):
            yield app.first_view()
        yield Static(id="status", markup=False)

    def on_mount(self) -> None:
        """The app begins once there is something to show things in."""
        app = self.app
        assert isinstance(app, AuralisApp)
        app.begin()


class AuralisApp(App[int]):
    """Holds the state, gives keys and command lines to whom they are for, and shows one view at a time."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q", "nothing", show=False, priority=False)]

    def __init__(self, players: Players, context: UiContext, first_view: str = "now") -> None:
        super().__init__()
        self.context = context
        self.state = UiState(first_view)
        self.link = PlayerLink(players, self.post_message, context.clock_s)
        command = own_command(context.library_path, context.config_file)
        # Verbs that run beside the screen: `begin("Scan", ("scan",))`.
        self.jobs = BackgroundVerbs(command, context.variables, self._tell_job, context.clock_s)
        self._views: dict[str, View] = {}

    def get_default_screen(self) -> Screen[None]:
        """The one screen."""
        return PlayerScreen()

    def first_view(self) -> View:
        """The view that is seen first."""
        view = VIEWS[self.state.view].make()
        self._views[self.state.view] = view
        return view

    def begin(self) -> None:
        """Shows what there is by now, and begins to watch the player."""
        self.animation_level = "none"
        self.view.show(self.state)
        self.view.focus_first()
        self.link.begin()
        self.set_interval(_TICK_S, self._tick)

    def on_unmount(self) -> None:
        """Lets go of the player, and of what runs beside."""
        self.jobs.end()
        self.link.end()

    @property
    def view(self) -> View:
        """The view that is seen."""
        return self._views[self.state.view]

    async def look_at(self, name: str) -> None:
        """Shows that view; the one before stays as it is, unseen."""
        if name not in VIEWS:
            self.say(f"{name}: no such view; there are {', '.join(VIEWS)}", error=True)
            return
        box = self.screen_stack[0].query_one("#views")
        if name not in self._views:
            view = VIEWS[name].make()
            self._views[name] = view
            await box.mount(view)
        for other, view in self._views.items():
            view.display = other == name
        self.take(Viewed(name))
        self.view.show(self.state)
        self.view.focus_first()

    def take(self, event: Event) -> None:
        """Makes the next state of an event and shows it."""
        state = after(self.state, event)
        if state is self.state:
            return
        self.state = state
        if state.view in self._views:
            self.view.show(state)
        self._show_status()

    def say(self, text: str, *, error: bool = False) -> None:
        """Shows a line for a while."""
        self.take(Noticed(text, self.context.clock_s(), error))

    def run_line(self, line: str) -> None:
        """Does a command line; what is wrong with it is said."""
        try:
            command, words = read_line(line)
        except AuralisError as error:
            self.say(str(error), error=True)
            return
        if self.view.run(command.id, words) or self._run(command.id, words):
            return
        if not command.is_action or command.id == "quit":
            self.say(f"{command.id}: nothing here to do that with")
            return
        try:
            self.link.do(command.id, **ACTIONS[command.id].named(words))
        except AuralisError as error:
            self.say(str(error), error=True)

    def _run(self, command: str, words: Sequence[str]) -> bool:
        if command == "view":
            self.run_worker(self.look_at(words[0]), exclusive=True, group="view")
        elif command == "rescan":
            self.jobs.begin("Scan the music folders", ("scan",))
        elif command in ("quit", "leave"):
            self.exit(0)
        else:
            return False
        return True

    def on_key(self, event: events.Key) -> None:
        """Keys that what is focused does not take for itself."""
        if len(self.screen_stack) > 1:
            return
        line = DEFAULT_KEYS.get(event.character or "") or DEFAULT_KEYS.get(event.key)
        if line is not None:
            event.stop()
            event.prevent_default()
            self.run_line(line)

    def on_status_told(self, message: StatusTold) -> None:
        """Shows what the player does."""
        self.take(Told(message.status, message.at_s, message.run))

    def on_player_gone(self, _message: PlayerGone) -> None:
        """Shows that there is none."""
        self.take(Gone())

    def on_action_refused(self, message: ActionRefused) -> None:
        """Says why."""
        self.say(message.why, error=True)

    def _tell_job(self, job: VerbJob) -> None:
        self.post_message(JobTold(job))

    def on_job_told(self, message: JobTold) -> None:
        """Shows how far it is, and says what came of it."""
        job = message.job
        for view in self._views.values():
            view.job_told(job)
        if not job.is_running:
            self.say(job.in_words, error=job.has_failed)

    def _tick(self) -> None:
        self.take(Ticked(self.context.clock_s()))

    def _show_status(self) -> None:
        state = self.state
        notice, status = state.notice, state.status
        text = notice.text if notice is not None else "no player" if status is None else status.state
        self.screen_stack[0].query_one("#status", Static).update(Content(printable(text)))
