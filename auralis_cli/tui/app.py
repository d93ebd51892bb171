"""The terminal player: a screen of one view at a time over a player that runs in a process of its own."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, ClassVar

from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Input, TextArea
from textual.worker import WorkerFailed

from auralis_cli.errors import AuralisError
from auralis_cli.model.actions import ACTIONS
from auralis_cli.services.background_verbs import BackgroundVerbs, VerbJob, own_command
from auralis_cli.services.player_process import PlayerProcess
from auralis_cli.tui.app_commands import APP_COMMANDS, told_to_end
from auralis_cli.tui.box import KeysFromOpening
from auralis_cli.tui.command_line import CommandLine
from auralis_cli.tui.commands import COMMANDS, Command, read_line
from auralis_cli.tui.context import UiContext
from auralis_cli.tui.guard import ViewFrame, failed_widget, in_words
from auralis_cli.tui.key_names import key_pressed, shown_key
from auralis_cli.tui.keymap import Keymap
from auralis_cli.tui.link import PlayerLink, Players
from auralis_cli.tui.messages import ActionDone, ActionRefused, JobTold, PlayerEnded, PlayerGone, StatusTold
from auralis_cli.tui.screen import PlayerScreen
from auralis_cli.tui.themes import CoverDress, install_themes
from auralis_cli.tui.ui_state import Event, Gone, Noticed, Ticked, Told, UiState, Viewed, after
from auralis_cli.tui.view import View, begin_work
from auralis_cli.tui.view_table import VIEWS, import_views
from auralis_cli.tui.widgets.typed_line import TypedLine

_TICK_S = 0.5
# So long after it was told to may a player take to end.
_MAY_BE_ENDING_S = 6.0


class AuralisApp(App[int]):
    """Holds the state, gives keys and command lines to whom they are for, and shows one view at a time."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(
        self, players: Players, context: UiContext, first_view: str = "now", own_player: PlayerProcess | None = None
    ) -> None:
        """`own_player` is the player that was started for this screen."""
        super().__init__()
        self.context = context
        self.keymap: Keymap = context.keymap
        self.state = UiState(first_view)
        self.own_player = own_player
        self.link = PlayerLink(players, self.post_message, context.clock_s, lambda: self._is_coming)
        command = own_command(context.library_path, context.config_file)
        # Verbs that run beside the screen: `begin("Scan", ("scan",))`.
        self.jobs = BackgroundVerbs(command, context.variables, self._tell_job, context.clock_s)
        install_themes(self, context.config.value("play.theme"))
        self._dress = CoverDress(self, context.variables)
        self._begun_s = context.clock_s()
        # Keys that were pressed and wait for the next, and where.
        self.begun_keys = ""
        self._begun_at: tuple[str, Widget | None] = ("", None)
        # What it was left for, where that was a failure.
        self.failure: Exception | None = None
        # What the player that was started said last, where it did not end well.
        self._player_failed_with = ""

    def get_default_screen(self) -> Screen[None]:
        """The one screen."""
        return PlayerScreen()

    @property
    def screen_of_views(self) -> PlayerScreen:
        """The screen below all dialogs."""
        screen = self.screen_stack[0]
        assert isinstance(screen, PlayerScreen)
        return screen

    @property
    def frame(self) -> ViewFrame:
        """The place of the view that is seen."""
        return self.screen_of_views.frames[self.state.view]

    @property
    def view(self) -> View | None:
        """The view that is seen; None where it has failed."""
        return self.frame.view

    @property
    def _is_coming(self) -> bool:
        """Whether a player was started for this screen, which may not be there yet."""
        return self.own_player is not None and self.own_player.is_running

    def begin(self) -> None:
        """Begins to watch the player; called once the screen is there."""
        self.animation_level = "none"
        self.app_resume_signal.subscribe(self.screen_of_views, self._wake_up)
        if self.keymap.notes:
            self.say("; ".join(self.keymap.notes))
        self.link.begin()
        self.set_interval(_TICK_S, self._tick)
        # Whoever looks at another view does not wait for its modules.
        self.call_after_refresh(lambda: threading.Thread(target=import_views, daemon=True).start())

    def on_unmount(self) -> None:
        """Lets go of the player, and of what runs beside."""
        self.jobs.end()
        self.link.end()

    # What is shown

    def look_at(self, name: str) -> None:
        """Shows that view."""
        if name not in VIEWS:
            self.say(f"{name}: no such view; there are {', '.join(VIEWS)}", error=True)
            return
        frame = self.screen_of_views.look_at(name)
        self.take(Viewed(name))
        if frame.is_mounted:
            frame.show()
            frame.focus_first()
        self.screen_of_views.show_lines()

    def take(self, event: Event) -> None:
        """Makes the next state of an event and shows it."""
        state = after(self.state, event)
        if state is self.state:
            return
        self.state = state
        for screen in self.screen_stack[:1]:
            self._show_on(screen)

    def _show_on(self, screen: Screen[Any]) -> None:
        # Something may still be told while the screen is taken down.
        if isinstance(screen, PlayerScreen) and (frame := screen.frames.get(self.state.view)) is not None:
            frame.show()
            screen.show_status()

    def say(self, text: str, *, error: bool = False) -> None:
        """Shows a line for a while."""
        self.take(Noticed(text, self.context.clock_s(), error))

    def use_keys(self, keymap: Keymap) -> None:
        """Hears other keys from now on."""
        self.keymap = keymap
        self.screen_of_views.show_lines()
        if keymap.notes:
            self.say("; ".join(keymap.notes))

    def open_command_line(self, line: str = "") -> None:
        """Has the user type a command, with the beginning of it."""
        self.screen_of_views.query_one(CommandLine).open(line)

    @property
    def completions(self) -> dict[str, tuple[str, ...]]:
        """What may follow commands, where that is not the same for everybody."""
        return {name: self.words_of(COMMANDS[name]) for name in ("view", "preset", "theme")}

    def words_of(self, command: Command) -> tuple[str, ...]:
        """What may follow a command, where that is a short list."""
        if command.id == "view":
            return tuple(VIEWS)
        if command.id == "preset":
            return tuple(self.context.config.presets)
        return tuple(self.available_themes) if command.id == "theme" else command.choices

    # What is done

    def run_line(self, line: str) -> None:
        """Does a command line; what is wrong with it is said."""
        if not self._does(line):
            self.say(f"{line}: there is nothing here to do that with")

    def _does(self, line: str) -> bool:
        """Whether the view that is seen, the app or the player does that, tried in this order."""
        try:
            command, words = read_line(line)
            if self.frame.run(command.id, words):
                return True
            if command.id in APP_COMMANDS:
                APP_COMMANDS[command.id](self, words)
                return True
            if not command.is_action:
                return False
            self.act(command.id, words)
        except AuralisError as error:
            self.say(str(error), error=True)
        return True

    def act(self, action: str, words: tuple[str, ...]) -> None:
        """Has the player do it; tracks that are to be found first are so by the verb that does the same."""
        if any(one.name == "tracks" for one in ACTIONS[action].arguments):
            ACTIONS[action].named(words)
            self.jobs.begin(f"{action} {' '.join(words)}", ("ctl", action, *words))
            return
        named = ACTIONS[action].named(words)
        ACTIONS[action].read(named)
        self.link.do(action, **named)

    def begin_scan(self) -> None:
        """Looks for what has changed in the music folders, beside."""
        self.jobs.begin("Scan the music folders", ("scan",))

    def on_key(self, event: events.Key) -> None:
        """Keys that what is focused does not take for itself."""
        view, focused = self._begun_at
        # A view that was still to come may take the keys from none.
        begun = self.begun_keys if view == self.state.view and focused in (None, self.focused) else ""
        self._wait_behind("")
        over = self.screen
        if isinstance(over, KeysFromOpening):
            if not over.has_heard(event):
                event.prevent_default()
                over.take_over(event)
        elif not self._is_typed_ahead(event) and not self._edits_text(event):
            self._obey(event, begun)

    def _obey(self, event: events.Key, begun: str) -> None:
        if self._hear(begun, key_pressed(event.key, event.character)):
            event.stop()
            event.prevent_default()

    def on_keys_from_opening_all_are_through(self, message: KeysFromOpening.AllAreThrough) -> None:
        """The box that was opened has the keys."""
        message.box.take_keys()

    def _hear(self, begun: str, key: str) -> bool:
        """Whether that key says something, behind those that were waiting for it."""
        keys, view = f"{begun} {key}".strip(), self.state.view
        if self.keymap.going_on(keys, view):
            self._wait_behind(keys)
            return True
        line = self.keymap.line_of(keys, view)
        if line is None and begun and key != "escape":
            self.say(f"{shown_key(keys)}: no such keys")
        return (line is not None and self._does(line)) or bool(begun)

    def _wait_behind(self, keys: str) -> None:
        """These wait for the next key, where what has the keys stays as it is; none for none."""
        if keys != self.begun_keys:
            self.begun_keys, self._begun_at = keys, (self.state.view, self.focused)
            self.screen_of_views.show_lines()

    def _is_typed_ahead(self, event: events.Key) -> bool:
        """What was typed before the line that now has the keys had them is heard there."""
        focused = self.focused
        if not isinstance(focused, TypedLine) or focused.has_heard(event) or event.key == "escape":
            return False
        focused.post_message(events.Key(event.key, event.character))
        event.stop()
        return True

    def _edits_text(self, event: events.Key) -> bool:
        """Whether the key is one that moves or deletes in the line that is typed."""
        focused = self.focused
        return isinstance(focused, Input | TextArea) and event.key in focused._bindings.key_to_bindings

    async def action_quit(self) -> None:
        """Ctrl-Q is `quit` as well."""
        self.run_line("quit")

    def action_help_quit(self) -> None:
        """Ctrl-C does not quit."""
        self.say("q quits, Q leaves the player playing")

    # What is told

    def on_status_told(self, message: StatusTold) -> None:
        """Shows what the player does."""
        self._player_failed_with = ""
        is_first = self.state.status is None
        self.take(Told(message.status, message.at_s, message.run))
        if is_first and not message.status.queue_length and self.state.view == "now":
            begin_work(self, self._look_for_music, "music")

    async def _look_for_music(self) -> None:
        """Where nothing is queued and the library is empty, the library says how music comes in."""
        is_empty = await asyncio.to_thread(_is_without_music, self.context)
        if is_empty and self.state.view == "now":
            self.look_at("library")

    def on_player_gone(self, message: PlayerGone) -> None:
        """Shows that there is none; one that was just started is not there yet."""
        self._follow_one_that_was_ending()
        self.link.forget_edits()
        self.take(Gone("the player is starting …" if self._is_coming else self._player_failed_with or message.why))

    def _follow_one_that_was_ending(self) -> None:
        """A player that was found and ends at once was told to before this screen came: it has one of its own then."""
        own, is_new = self.own_player, self.context.clock_s() - self._begun_s < _MAY_BE_ENDING_S
        if own is None or own.pid is not None or not is_new:
            return
        try:
            own.begin_again()
        except AuralisError as error:
            self.say(str(error), error=True)

    def on_player_ended(self, message: PlayerEnded) -> None:
        """Says why, where it did not end well."""
        if message.code != 0:
            self._player_failed_with = message.complaint or "the player has failed; :start-player starts it again"
            self.say(self._player_failed_with, error=True)

    def on_action_refused(self, message: ActionRefused) -> None:
        """Says why."""
        self.say(message.why, error=True)

    def on_action_done(self, message: ActionDone) -> None:
        """Says what was done."""
        self.say(message.text)

    def _tell_job(self, job: VerbJob) -> None:
        self.post_message(JobTold(job))

    def on_job_told(self, message: JobTold) -> None:
        """Shows how far it is, and says what came of it."""
        job = message.job
        for frame in self.screen_of_views.frames.values():
            frame.job_told(job)
        if not job.is_running:
            self.say(job.in_words, error=job.has_failed)

    def _tick(self) -> None:
        track = None if self.state.status is None else self.state.status.track
        self._dress.look_at(None if track is None else track.path)
        if self.context.cancel.is_cancelled:
            told_to_end(self)
        self.take(Ticked(self.context.clock_s()))
        for screen in self.screen_stack[:1]:
            if isinstance(screen, PlayerScreen):
                screen.show_status()

    def _wake_up(self, _app: App[int]) -> None:
        """After a sleep all that was told meanwhile may be long past, and the terminal shows something else."""
        self.link.refresh()
        for screen in self.screen_stack:
            screen.refresh(layout=True)

    # What fails

    def fail(self, error: Exception) -> None:
        """A failure in a view shows in its place, one in a box over it closes that, one of work beside all is said.

        One in the app itself ends it, the terminal as it was before.
        """
        is_beside = isinstance(error, WorkerFailed)
        cause = error.error if isinstance(error, WorkerFailed) and isinstance(error.error, Exception) else error
        widget = failed_widget(cause)
        for place in () if widget is None else widget.ancestors_with_self:
            if isinstance(place, ViewFrame):
                place.fail(cause)
                return
            if isinstance(place, ModalScreen):
                self._close_failed(place, cause)
                return
        if is_beside:
            self.say(in_words(cause), error=True)
            return
        self.failure = error
        super()._handle_exception(error)

    def _close_failed(self, box: ModalScreen[Any], cause: Exception) -> None:
        """What was asked in it is answered by nothing."""
        if box is self.screen:
            box.dismiss(None)
        self.say(in_words(cause), error=True)

    def _handle_exception(self, error: Exception) -> None:
        self.fail(error)

    def _fatal_error(self) -> None:
        # The command line says what it was, in one line.
        self._close_messages_no_wait()


def _is_without_music(context: UiContext) -> bool:
    """Imported in a thread: what reads libraries is much for a screen that is just coming up."""
    from auralis_cli.services.library_pages import is_without_music

    return is_without_music(context.library_path, context.now_s)
