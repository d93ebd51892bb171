"""All that can be set: what holds, and who says so. A change is checked before the user's own file is written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from auralis_cli.config import Config, Rank, Value, load_config
from auralis_cli.errors import AuralisError
from auralis_cli.kinds import NumberOrWord
from auralis_cli.model.actions import ACTIONS
from auralis_cli.services.settings_changes import SettingChange, change_setting, take_back
from auralis_cli.settings import SETTINGS, Setting
from auralis_cli.terminal_text import printable
from auralis_cli.tui.dialogs import Choose, Prompt
from auralis_cli.tui.keymap import own_keymap
from auralis_cli.tui.ui_state import UiState
from auralis_cli.tui.view import View
from auralis_cli.tui.widgets.long_list import LongList
from auralis_cli.tui.widgets.rows import Column, Row, RowsInMemory, RowStyle

_COLUMNS = (Column("Setting", 24), Column("Value", share=2), Column("Says who", share=1, from_width=70))
# Settings by the number of their row; headings have the numbers below 0.
_BY_ROW = dict(enumerate(SETTINGS.values()))


class SettingsView(View):
    """The table of settings; Enter changes one, d takes it out of the file, u takes the last change back."""

    NAME = "settings"
    FOOTER = ("play-selected", "remove", "undo", "filter")
    LABELS = MappingProxyType({"play-selected": "change", "remove": "unset", "undo": "take back"})
    DEFAULT_CSS = """
    SettingsView { layout: vertical; }
    SettingsView #meaning { height: 3; padding: 0 1; color: $text-muted; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._changes: list[SettingChange] = []
        self._filter = ""

    def compose(self) -> ComposeResult:
        """The table, and what the selected one means."""
        yield LongList(_COLUMNS, id="settings", empty="No setting is called so.")
        yield Static(id="meaning", markup=False)

    def show(self, state: UiState) -> None:
        """Nothing of it is of the player."""

    def on_mount(self) -> None:
        """Shows what holds."""
        self._show()

    def run(self, command: str, words: Sequence[str]) -> bool:
        """Changes, takes out, takes back."""
        setting = self._selected
        if command == "remove" and setting is not None:
            self._begin(lambda: self._changed(setting, None))
        elif command == "undo":
            if self._changes:
                self._begin(self._taken_back)
            else:
                self.auralis.say("no setting was changed here")
        elif command == "filter":
            self.begin(partial(self._ask_filter, " ".join(words)), "dialog")
        elif command == "back" and self._filter:
            self._filter = ""
            self._show()
        else:
            return self._list.run(command)
        return True

    def on_long_list_chosen(self, message: LongList.Chosen) -> None:
        """Asks for the new value."""
        setting = _BY_ROW.get(message.row.id)
        if setting is not None:
            self.begin(partial(self._ask, setting), "dialog")

    def on_long_list_moved(self, message: LongList.Moved) -> None:
        """Says what the setting means and what it may be."""
        setting = None if message.row is None else _BY_ROW.get(message.row.id)
        self.query_one("#meaning", Static).update(Content("" if setting is None else _meaning(setting)))

    @property
    def _list(self) -> LongList:
        return self.query_one(LongList)

    @property
    def _selected(self) -> Setting | None:
        row = self._list.row
        return None if row is None else _BY_ROW.get(row.id)

    def _show(self) -> None:
        self._list.set_source(RowsInMemory(_rows(self.auralis.context.config, self._filter)), keep=True)

    async def _ask_filter(self, text: str) -> None:
        found = text or await self.auralis.push_screen_wait(Prompt("Show settings with", self._filter))
        if found is not None:
            self._filter = found
            self._show()

    async def _ask(self, setting: Setting) -> None:
        config = self.auralis.context.config
        now = config.values[setting.key].word or ""
        dialog: Choose | Prompt
        if choices := _choices(setting, config):
            dialog = Choose(setting.key, [(one, one) for one in choices], current=now)
        else:
            dialog = Prompt(f"{setting.key}: {setting.kind.expected}", now, check=partial(_complaint, setting))
        word: str | None = await self.auralis.push_screen_wait(dialog)
        if word is not None:
            await self._change(lambda: self._changed(setting, word))

    def _begin(self, work: Callable[[], SettingChange]) -> None:
        self.begin(partial(self._change, work), "change", replaces=False)

    def _changed(self, setting: Setting, word: str | None) -> SettingChange:
        context = self.auralis.context
        return change_setting(context.variables, context.config_file, setting.key, word)

    def _taken_back(self) -> SettingChange:
        change = self._changes[-1]
        take_back(change)
        return replace(change, before=change.after, after=change.before)

    async def _change(self, work: Callable[[], SettingChange]) -> None:
        """Does it in a thread, then goes by what holds now, in the player as well."""
        context = self.auralis.context
        try:
            change = await asyncio.to_thread(work)
            config = await asyncio.to_thread(load_config, context.variables, context.config_file)
        except AuralisError as error:
            self.auralis.say(str(error), error=True)
            return
        if self._changes and (change.before, change.after) == (self._changes[-1].after, self._changes[-1].before):
            self._changes.pop()
        elif change.before != change.after:
            self._changes.append(change)
        self.auralis.context = replace(context, config=config)
        self._tell_player(SETTINGS[change.key], config.values[change.key])
        self._show()

    def _use_keys(self) -> None:
        try:
            self.auralis.use_keys(own_keymap(self.auralis.context.config))
        except AuralisError as error:
            self.auralis.say(str(error), error=True)

    def _tell_player(self, setting: Setting, value: Value) -> None:
        """What the player starts with holds for the one that plays, too."""
        if value.rank is Rank.ENVIRONMENT:
            self.auralis.say(f"{value.origin} says otherwise, and wins")
        if setting.key == "play.keys":
            self._use_keys()
        if setting.key == "play.theme":
            self.auralis.theme = value.word or ""
        action = ACTIONS.get(setting.option) if setting.section == "play" else None
        if action is None or not value.is_set or value.word is None or not self.auralis.state.is_connected:
            return
        self.auralis.link.do(action.id, **{action.arguments[0].name: value.word})


def _rows(config: Config, text: str) -> list[Row]:
    """The settings in whose name, meaning or value every word of `text` stands, by their sections."""
    rows: list[Row] = []
    section = ""
    wanted = text.casefold().split()
    for number, setting in _BY_ROW.items():
        said = f"{setting.key} {setting.help} {config.values[setting.key].word}".casefold()
        if not all(word in said for word in wanted):
            continue
        if setting.section != section:
            section = setting.section
            rows.append(Row(-len(rows) - 1, (section,), RowStyle.TITLE))
        value = config.values[setting.key]
        shown = (value.word or setting.otherwise).replace("\n", ", ")
        style = RowStyle.PLAIN if value.is_set else RowStyle.DIM
        rows.append(Row(number, (f"  {setting.option}", shown, value.origin), style))
    return rows


def _choices(setting: Setting, config: Config) -> list[str]:
    """What it may be, with presets and targets of the user's own; none where a number may be said as well."""
    if isinstance(setting.kind, NumberOrWord):
        return []
    own = {"presets": config.presets, "targets": config.targets}.get(setting.kind.section, {})
    return list(dict.fromkeys((*setting.kind.choices, *own)))


def _complaint(setting: Setting, text: str) -> str | None:
    try:
        setting.kind.parse(text)
    except ValueError as error:
        return str(error)
    return None


def _meaning(setting: Setting) -> str:
    lines = (f"{setting.key}: {setting.help}", f"It is {setting.kind.expected}; {setting.variable} says it as well.")
    return "\n".join(map(printable, lines))
