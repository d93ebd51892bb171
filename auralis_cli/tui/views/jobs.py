"""What runs beside the screen, with its progress, and what was done to the library before, each change to be undone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from types import MappingProxyType

from textual.app import ComposeResult

from auralis_cli.errors import AuralisError
from auralis_cli.model.journal import EntryState, FileOperation, JournalEntry
from auralis_cli.services.background_verbs import JobState, VerbJob
from auralis_cli.services.change_history import files_of_change, latest_changes
from auralis_cli.tui.dialogs import confirm
from auralis_cli.tui.ui_state import UiState
from auralis_cli.tui.view import View
from auralis_cli.tui.widgets.long_list import LongList
from auralis_cli.tui.widgets.rows import Column, Row, RowsInMemory, RowStyle
from auralis_cli.units import moment_in_words

_MOST_CHANGES = 1000
_MOST_FILES = 1000
_BAR_CELLS = 10
_JOB_COLUMNS = (Column("Job", share=2), Column("State", 12), Column("Progress", 16), Column("", share=3, from_width=70))
_CHANGE_COLUMNS = (
    Column("Change", 7, is_right=True),
    Column("When", 16),
    Column("Verb", 12),
    Column("", 8),
    Column("What", share=1),
)
_STATE_STYLES = {
    JobState.RUNNING: RowStyle.PLAYING,
    JobState.DONE: RowStyle.PLAIN,
    JobState.PARTLY: RowStyle.BAD,
    JobState.FAILED: RowStyle.BAD,
    JobState.STOPPED: RowStyle.DIM,
}
_OPERATIONS = {
    FileOperation.TRASHED: "to the trash",
    FileOperation.CREATED: "made",
    FileOperation.REWRITTEN: "rewritten",
    FileOperation.MOVED: "renamed",
}


class JobsView(View):
    """Jobs above, changes below; Enter tells more of either."""

    NAME = "jobs"
    FOOTER = ("remove", "undo", "rescan", "play-selected", "next-pane")
    LABELS = MappingProxyType({"play-selected": "tell more", "remove": "stop job", "undo": "undo change"})
    DEFAULT_CSS = """
    JobsView { layout: vertical; }
    JobsView #jobs { height: 1fr; max-height: 40%; }
    JobsView #changes { height: 2fr; margin-top: 1; }
    JobsView #more { height: 2fr; margin-top: 1; display: none; }
    JobsView.tells-more #more { display: block; }
    JobsView.tells-more #changes { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._entries: dict[int, JournalEntry] = {}
        self._is_read = False

    def compose(self) -> ComposeResult:
        """The lists."""
        yield LongList(_JOB_COLUMNS, id="jobs", empty="Nothing runs. U scans the music folders.")
        yield LongList(_CHANGE_COLUMNS, id="changes", empty="Nothing was changed yet.")
        yield LongList((Column("More"),), id="more")

    def show(self, state: UiState) -> None:
        """Reads the changes when it is first seen, and whenever it is seen again."""
        if state.view != self.NAME:
            self._is_read = False
        elif not self._is_read:
            self._is_read = True
            self._show_jobs()
            self._read_changes()

    def focus_first(self) -> None:
        """What runs, if anything does."""
        self._list("jobs" if self.auralis.jobs.jobs else "changes").focus()

    def job_told(self, job: VerbJob) -> None:
        """Shows how far it is; a job that has ended may have changed something."""
        self._show_jobs()
        if not job.is_running:
            self._read_changes()

    def run(self, command: str, words: Sequence[str]) -> bool:
        """Stops jobs and undoes changes."""
        if command == "remove" and self._focused.id == "jobs":
            self._stop_job()
        elif command == "undo":
            self._undo_change()
        elif command in ("next-pane", "previous-pane"):
            self._go_on(1 if command == "next-pane" else -1)
        elif command == "back" and self.has_class("tells-more"):
            self.remove_class("tells-more")
            self._list("changes").focus()
        else:
            return self._focused.run(command)
        return True

    def on_long_list_chosen(self, message: LongList.Chosen) -> None:
        """Tells more of a job or of a change."""
        if message.control.id == "jobs":
            self._tell(_more_of(self._job(message.row.id)))
        elif message.control.id == "changes":
            self.begin(partial(self._tell_change, message.row.id), "more")

    def _list(self, name: str) -> LongList:
        return self.query_one(f"#{name}", LongList)

    @property
    def _lists(self) -> list[LongList]:
        return [one for one in self.query(LongList) if one.display]

    @property
    def _focused(self) -> LongList:
        return next((one for one in self._lists if one.has_focus), self._list("changes"))

    def _go_on(self, by: int) -> None:
        lists = self._lists
        lists[(lists.index(self._focused) + by) % len(lists)].focus()

    def _job(self, job_id: int) -> VerbJob | None:
        return next((job for job in self.auralis.jobs.jobs if job.id == job_id), None)

    def _show_jobs(self) -> None:
        rows = [_row_of(job) for job in self.auralis.jobs.jobs]
        self._list("jobs").set_source(RowsInMemory(rows), keep=True)

    def _stop_job(self) -> None:
        row = self._list("jobs").row
        if row is not None and not self.auralis.jobs.stop(row.id):
            self.auralis.say("it has ended already")
        self._show_jobs()

    def _undo_change(self) -> None:
        row = self._list("changes").row
        entry = None if row is None else self._entries.get(row.id)
        if entry is None:
            self.auralis.say("no change is selected")
        elif entry.state is EntryState.UNDONE:
            self.auralis.say(f"change {entry.id} is undone already")
        else:
            self.begin(partial(self._undo, entry), "undo")

    async def _undo(self, entry: JournalEntry) -> None:
        question = f"Undo change {entry.id}, {entry.verb}: {entry.summary}?"
        if await confirm(self.auralis, question, "undo it"):
            self.auralis.jobs.begin(f"Undo change {entry.id}", ("undo", str(entry.id)))

    def _read_changes(self) -> None:
        self.begin(self._load_changes, "changes")

    async def _load_changes(self) -> None:
        context = self.auralis.context
        try:
            entries = await asyncio.to_thread(
                latest_changes, context.library_path, _MOST_CHANGES, now=int(context.now_s())
            )
        except AuralisError as error:
            self.auralis.say(str(error), error=True)
            return
        self._entries = {entry.id: entry for entry in entries}
        self._list("changes").set_source(RowsInMemory([_row_of_change(entry) for entry in entries]), keep=True)

    async def _tell_change(self, entry_id: int) -> None:
        context = self.auralis.context
        try:
            files = await asyncio.to_thread(files_of_change, context.library_path, entry_id, now=int(context.now_s()))
        except AuralisError as error:
            self.auralis.say(str(error), error=True)
            return
        entry = self._entries[entry_id]
        lines = [f"change {entry_id}: {entry.rows:,} rows of the library, {entry.files:,} files"]
        for file in files[:_MOST_FILES]:
            to = f" to {file.place}" if file.operation is FileOperation.MOVED and file.place else ""
            lines.append(f"{_OPERATIONS[file.operation]}: {file.path}{to}")
        if len(files) > _MOST_FILES:
            lines.append(f"and {len(files) - _MOST_FILES:,} more (auralis history {entry_id})")
        self._tell(lines)

    def _tell(self, lines: Sequence[str]) -> None:
        rows = [Row(number, (line,)) for number, line in enumerate(lines)]
        self._list("more").set_source(RowsInMemory(rows))
        self.add_class("tells-more")


def bar_of(done: float | None) -> str:
    """`▰▰▰▰▱▱▱▱▱▱  42 %`; an empty text where the end is not known."""
    if done is None:
        return ""
    full = round(done * _BAR_CELLS)
    return f"{'▰' * full}{'▱' * (_BAR_CELLS - full)} {done * 100:3.0f} %"


def _row_of(job: VerbJob) -> Row:
    last = job.said[-1] if job.said else ""
    state = "stopping" if job.is_stopping else job.state.value
    told = (job.task or last) if job.is_running else (last if job.has_failed else job.summary or last)
    return Row(job.id, (job.title, state, bar_of(job.done) if job.is_running else "", told), _STATE_STYLES[job.state])


def _more_of(job: VerbJob | None) -> list[str]:
    if job is None:
        return ["it is not kept any more"]
    return [f"auralis {' '.join(job.words)}", *job.said, *([job.summary] if job.summary else [])]


def _row_of_change(entry: JournalEntry) -> Row:
    state = {EntryState.OPEN: "open", EntryState.DONE: "", EntryState.UNDONE: "undone"}[entry.state]
    cells = (str(entry.id), moment_in_words(entry.started_at), entry.verb, state, entry.summary)
    return Row(entry.id, cells, RowStyle.DIM if entry.state is EntryState.UNDONE else RowStyle.PLAIN)
