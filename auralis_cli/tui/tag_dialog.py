"""Tags edited in a form: one line for each field, what would change file by file, then the change."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from auralis_cli.errors import AuralisError
from auralis_cli.model.tag_changes import TagOutcome
from auralis_cli.model.tag_edits import TagEdit
from auralis_cli.services.tag_form import FormField, TagForm, TagFormWork, edits_of
from auralis_cli.terminal_text import printable, shortened
from auralis_cli.tui.dialogs import Dialog
from auralis_cli.tui.view import begin_work
from auralis_cli.tui.widgets.tag_lines import TagLine, TagText
from auralis_cli.units import count_in_words

if TYPE_CHECKING:
    from auralis_cli.tui.app import AuralisApp

_SHOWN_CHANGES = 200
# Of a value in the preview.
_SHOWN_CELLS = 120
_FILL_IN = "tab next field · enter shows the changes, ctrl+s from any field · esc back"
_AGREE = "enter writes it · esc goes back to the form"


async def edit_tags_of(app: AuralisApp, paths: Sequence[str]) -> None:
    """Asks in a form how the tags of these files are to be, writes them, and says what came of it."""
    work = TagFormWork(app.context.library_path, app.context.now_s)
    try:
        form = await asyncio.to_thread(work.read, paths)
    except AuralisError as error:
        app.say(str(error), error=True)
        return
    done = await app.push_screen_wait(TagDialog(work, form))
    if done is not None:
        changed = sum(bool(one.changes) for one in done)
        failed = [one.failure for one in done if one.failure is not None]
        said = f"tags of {count_in_words(changed, 'file')} changed"
        # Of the queue that key takes the edits back.
        said += "; u takes that back" if changed and app.state.view != "queue" else ""
        app.say(f"{said}; {failed[0].path}: {failed[0].message}" if failed else said, error=bool(failed))


class TagDialog(Dialog):
    """The form, then the preview; gives back what came of each file, None where nothing was to be done."""

    DEFAULT_CSS = """
    TagDialog > Vertical { width: 84; }
    TagDialog VerticalScroll { height: auto; max-height: 50vh; }
    TagDialog Horizontal { height: auto; }
    TagDialog .field { width: 17; color: $text-muted; }
    TagDialog #preview { display: none; }
    TagDialog .complaint { height: auto; max-height: 2; }
    TagDialog.agreed #preview { display: block; }
    TagDialog.agreed #form { display: none; }
    """

    def __init__(self, work: TagFormWork, form: TagForm) -> None:
        super().__init__()
        self._work = work
        self._form = form
        self._edits: tuple[TagEdit, ...] = ()
        self._is_writing = False

    def compose(self) -> ComposeResult:
        """The files, the form, the place for the preview, and what keys do."""
        with Vertical():
            yield Static(Content(printable(_heading(self._form))))
            with VerticalScroll(id="form", can_focus=False):
                for one in self._form.fields:
                    with Horizontal():
                        yield Static(Content(one.field.name.replace("_", " ")), classes="field")
                        yield _field_of(one)
            with VerticalScroll(id="preview", can_focus=True):
                yield Static(id="changes", markup=False)
            yield Static("", classes="complaint", markup=False)
            yield Static(_FILL_IN, id="keys", classes="quiet", markup=False)

    def on_input_submitted(self, _event: Input.Submitted) -> None:
        """Shows what would change."""
        begin_work(self, self._preview, "work")

    def key_ctrl_s(self) -> None:
        """The same, where Enter is a line of the text."""
        if not self.has_class("agreed"):
            begin_work(self, self._preview, "work")

    def on_input_blurred(self, event: Input.Blurred) -> None:
        """Says what a field cannot be, as soon as it is left."""
        if isinstance(event.input, TagLine) and not self.has_class("agreed"):
            self._complain("")
            self._edits_wanted(event.input)

    def key_enter(self) -> None:
        """Writes what was shown, once."""
        if self.has_class("agreed") and not self._is_writing:
            self._is_writing = True
            begin_work(self, self._write, "work")

    def go_back(self) -> None:
        """Goes back to the form, or leaves everything as it is; what is being written is waited for."""
        if self._is_writing:
            return
        if self.has_class("agreed"):
            self._show_form()
        else:
            self.dismiss(None)

    def _show_form(self) -> None:
        self.remove_class("agreed")
        self.query_one("#keys", Static).update(_FILL_IN)
        self._fields[0].focus()

    @property
    def _fields(self) -> list[TagLine | TagText]:
        return [one for one in self.query("#form TagLine, #form TagText") if isinstance(one, TagLine | TagText)]

    def _complain(self, text: str) -> None:
        self.query_one(".complaint", Static).update(Content(printable(text)))

    def _edits_wanted(self, *fields: TagLine | TagText) -> tuple[TagEdit, ...] | None:
        """What was filled in; None where one cannot be that, which is said."""
        edits: list[TagEdit] = []
        for one in fields:
            wanted = one.wanted
            try:
                edits += () if wanted is None else edits_of(self._form, {(one.id or "").removeprefix("tag-"): wanted})
            except AuralisError as error:
                self._complain(str(error))
                return None
        return tuple(edits)

    async def _preview(self) -> None:
        edits = self._edits_wanted(*self._fields)
        if edits is None:
            return
        try:
            tried = await asyncio.to_thread(self._work.tried, self._form, edits) if edits else []
        except AuralisError as error:
            self._complain(str(error))
            return
        self._edits = edits
        if not any(one.changes or one.failure for one in tried):
            self._complain("nothing is changed yet")
            return
        self._complain("")
        self.query_one("#changes", Static).update(Content(_changes_in_words(tried)))
        self.query_one("#keys", Static).update(_AGREE)
        self.add_class("agreed")
        self.query_one("#preview").focus()

    async def _write(self) -> None:
        self.query_one("#keys", Static).update("writing …")
        try:
            done = await asyncio.to_thread(self._work.written, self._form, self._edits)
        except AuralisError as error:
            self._is_writing = False
            self._complain(str(error))
            self._show_form()
            return
        self.dismiss(done)


def _heading(form: TagForm) -> str:
    first = os.path.basename(form.targets[0].path)
    more = len(form.targets) - 1
    said = f"Tags of {first}" + (f" and {count_in_words(more, 'file')} more" if more else "")
    if form.failures:
        said += f"; {count_in_words(len(form.failures), 'file')} cannot be read"
    return said


def _field_of(one: FormField) -> TagLine | TagText:
    text = "\n".join(printable(line) for line in one.text.splitlines())
    return (TagText if one.is_long else TagLine)(one.field.name, text, is_various=one.is_various)


def _changes_in_words(outcomes: Sequence[TagOutcome]) -> str:
    """File by file: `song.flac`, then `  title: Old → New`; what fails in its place."""
    lines: list[str] = []
    for one in outcomes:
        if one.changes or one.failure is not None:
            lines.append(printable(os.path.basename(one.target.path)))
        if one.failure is not None:
            lines.append(f"  stays as it is: {printable(one.failure.message)}")
        for name, change in one.changes.items():
            before, after = (
                shortened(printable("; ".join(values) or "–"), _SHOWN_CELLS) for values in (change.before, change.after)
            )
            lines.append(f"  {name}: {before} → {after}")
        lines += [f"  {printable(note)}" for note in one.notes]
    more = len(lines) - _SHOWN_CHANGES
    return "\n".join([*lines[:_SHOWN_CHANGES], *([f"… and {more:,} lines more"] if more > 0 else [])])
