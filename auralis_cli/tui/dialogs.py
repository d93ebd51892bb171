"""Questions over the screen: one of a few answers, a line of text, one of a list. Esc answers nothing.

`await confirm(app, …)`, `prompt`, `choose`, `ask` in a worker of Textual's; or `app.push_screen(Ask(…), callback)`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textual import events
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.terminal_text import printable
from auralis_cli.tui.box import Box
from auralis_cli.tui.key_names import key_pressed, shown_key

# A list of more is shown as far as this; typing narrows it down.
_SHOWN_CHOICES = 200


async def confirm(app: App[Any], question: str, yes: str = "do it") -> bool:
    """Whether the user wants that: `y` and `yes` in words."""
    return await ask(app, question, (Answer("y", yes, "yes"),)) is not None


async def ask(app: App[Any], question: str, answers: Sequence[Answer]) -> str | None:
    """The value of the answer that was given; None for none."""
    return await app.push_screen_wait(Ask(question, answers))


async def prompt(
    app: App[Any],
    title: str,
    value: str = "",
    *,
    hint: str = "",
    check: Callable[[str], str | None] = lambda text: None,
) -> str | None:
    """A line of text; `check` says what is wrong with it, or None."""
    return await app.push_screen_wait(Prompt(title, value, hint=hint, check=check))


async def choose(
    app: App[Any],
    title: str,
    choices: Sequence[str | tuple[str, str]],
    current: str | None = None,
    *,
    free: bool = False,
) -> str | None:
    """One of a list of ids, or of ids with what is shown of each; with `free` anything else that is typed."""
    pairs = tuple((one, one) if isinstance(one, str) else one for one in choices)
    return await app.push_screen_wait(Choose(title, pairs, current=current or "", free=free))


class Dialog(Box):
    """A box over the screen, which Esc closes."""

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog > Vertical {
        width: 64; max-width: 96%; height: auto; max-height: 90%;
        padding: 0 1; border: round $accent; background: $surface;
    }
    Dialog.see-through { align: right middle; background: $background 0%; }
    Dialog .quiet { color: $text-muted; }
    Dialog .complaint { color: $error; height: auto; }
    Dialog Input { background: $boost; }
    Dialog OptionList { border: none; height: auto; max-height: 14; padding: 0; background: $surface; }
    """

    def on_key(self, event: events.Key) -> None:
        """Esc goes back; no key goes on to what is below once the box is closed."""
        if event.key == "escape":
            event.stop()
            self.go_back()
        else:
            self.pressed(event)

    def go_back(self) -> None:
        """Answers nothing."""
        self.dismiss(None)

    def pressed(self, event: events.Key) -> None:
        """Another key, which whoever has a use for it stops."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the answers to a question, with its key."""

    key: str
    text: str
    value: str


class Ask(Dialog):
    """A question with a few answers, each by a key; the value of the answer comes back."""

    def __init__(self, question: str, answers: Sequence[Answer]) -> None:
        super().__init__()
        self._question = question
        self._answers = tuple(answers)

    def compose(self) -> ComposeResult:
        """The question, and the answers to be clicked as well."""
        with Vertical():
            yield Static(Content(printable(self._question)))
            yield Static("")
            for answer in (*self._answers, Answer("escape", "back", "")):
                yield _AnswerLine(answer)

    def pressed(self, event: events.Key) -> None:
        """The answer of that key."""
        pressed = key_pressed(event.key, event.character)
        for answer in self._answers:
            if answer.key == pressed:
                event.stop()
                self.dismiss(answer.value)


class _AnswerLine(Static):
    """An answer that the mouse can give."""

    def __init__(self, answer: Answer) -> None:
        text = f"  {shown_key(answer.key):>5}  {answer.text}"
        super().__init__(Content(printable(text)), classes="" if answer.value else "quiet")
        self._answer = answer

    def on_click(self, event: events.Click) -> None:
        """Gives it."""
        event.stop()
        assert isinstance(self.screen, Dialog)
        self.screen.dismiss(self._answer.value or None)


class Prompt(Dialog):
    """A line of text to be typed; it comes back once `check` has nothing to say against it."""

    def __init__(
        self, title: str, value: str = "", *, hint: str = "", check: Callable[[str], str | None] = lambda text: None
    ) -> None:
        super().__init__()
        self._title = title
        self._value = value
        self._hint = hint
        self._check = check

    def compose(self) -> ComposeResult:
        """Title, line, and what is wrong with it."""
        with Vertical():
            yield Static(Content(printable(self._title)))
            yield Input(self._value, select_on_focus=False, compact=True)
            yield Static(Content(printable(self._hint or "enter takes it, esc does not")), classes="quiet")
            yield Static("", classes="complaint", markup=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Says what is wrong while it is typed."""
        self.query_one(".complaint", Static).update(Content(printable(self._check(event.value) or "")))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Gives it back where nothing is wrong with it."""
        if self._check(event.value) is None:
            self.dismiss(event.value)


class Choose(Dialog):
    """One of a list, narrowed down by typing; its id comes back. `free` takes what was typed where nothing fits."""

    def __init__(
        self,
        title: str,
        choices: Sequence[tuple[str, str]],
        *,
        current: str = "",
        free: bool = False,
        passed: Callable[[str], object] = lambda name: None,
    ) -> None:
        """`choices` are ids with what is shown of each; `passed` is told the one that the cursor is on."""
        super().__init__()
        self._passed = passed
        self._title = title
        self._choices = tuple((name, printable(text)) for name, text in choices)
        self._current = current
        self._free = free
        self._fitting: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        """Title, what is typed, the list."""
        with Vertical():
            yield Static(Content(printable(self._title)))
            yield Input(placeholder="type to find, or a new name" if self._free else "type to find", compact=True)
            yield OptionList(markup=False, compact=True)

    def on_mount(self) -> None:
        """Shows all, the current one chosen."""
        self.query_one(OptionList).can_focus = False
        self._show("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Shows what fits."""
        self._show(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Gives the chosen one back."""
        place = self.query_one(OptionList).highlighted
        if place is not None and self._fitting:
            self.dismiss(self._fitting[place])
        elif self._free and event.value:
            self.dismiss(event.value)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Gives the one that was clicked back."""
        self.dismiss(self._fitting[event.option_index])

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tells of the one that the cursor is on now."""
        if event.option_index == self.query_one(OptionList).highlighted:
            self._passed(self._fitting[event.option_index])

    def pressed(self, event: events.Key) -> None:
        """The arrows go through the list while the keys are typed above it."""
        shown = self.query_one(OptionList)
        moves = {"down": shown.action_cursor_down, "up": shown.action_cursor_up}
        moves |= {"pagedown": shown.action_page_down, "pageup": shown.action_page_up}
        if event.key in moves:
            event.stop()
            moves[event.key]()

    def _show(self, typed: str) -> None:
        wanted = typed.casefold().split()
        fitting = [one for one in self._choices if all(word in one[1].casefold() for word in wanted)][:_SHOWN_CHOICES]
        self._fitting = tuple(name for name, _text in fitting)
        shown = self.query_one(OptionList)
        shown.clear_options()
        shown.add_options([Option(text) for _name, text in fitting])
        if fitting:
            shown.highlighted = self._fitting.index(self._current) if self._current in self._fitting else 0
