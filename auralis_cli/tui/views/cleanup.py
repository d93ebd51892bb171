"""What is wrong with the library, and what is there more than once: listened to side by side, then mended or left."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from textual.app import ComposeResult

from auralis_cli.errors import AuralisError
from auralis_cli.model.cleanup import CleanupAction, FindingKind
from auralis_cli.model.journal import EntryState
from auralis_cli.services.background_verbs import VerbJob
from auralis_cli.services.change_history import latest_changes
from auralis_cli.tui.dialogs import confirm
from auralis_cli.tui.findings import Findings, FindingsOfKind, FoundCopy
from auralis_cli.tui.view import View
from auralis_cli.tui.widgets.long_list import LongList
from auralis_cli.tui.widgets.rows import Column, RowsInMemory

_COLUMNS = (Column("", 6), Column("What", share=3), Column("Why", share=2))
_CHANGING_VERBS = ("cleanup", "duplicates")
_LATEST = 20
# Terms of one query.
_MOST_AT_ONCE = 150


class CleanupView(View):
    """Findings by their kind. Enter on a heading looks for that kind."""

    NAME = "cleanup"
    FOOTER = ("play-selected", "compare", "apply", "mark", "remove", "undo")
    LABELS = MappingProxyType({"play-selected": "look, listen", "apply": "mend", "remove": "no duplicate"})

    def __init__(self) -> None:
        super().__init__()
        self._findings = Findings()
        # What verbs have told and is not shown yet, by the number of the job; filled in threads of theirs.
        self._told: dict[int, tuple[FindingKind, deque[Mapping[str, Any]]]] = {}
        # What to look for again once a job has ended, and the copy that is said to be none.
        self._looks_after: dict[int, FindingKind] = {}
        self._ignores: dict[int, FoundCopy] = {}
        # The copies that are listened to, and the place of the first in the queue, from 1.
        self._heard: tuple[FoundCopy, int] | None = None

    def compose(self) -> ComposeResult:
        """One list."""
        yield LongList(_COLUMNS)

    def on_mount(self) -> None:
        """Shows what may be looked for."""
        self._show()

    def job_told(self, job: VerbJob) -> None:
        """Shows what was found, and looks again where something was mended."""
        kind, told = self._told.get(job.id, (None, deque[Mapping[str, Any]]()))
        if kind is not None:
            self._findings.add(kind, [told.popleft() for _ in range(len(told))])
            if not job.is_running:
                self._findings.end(kind)
                del self._told[job.id]
            self._show()
        if not job.is_running:
            self._after(job)

    def run(self, command: str, words: Sequence[str]) -> bool:
        """Listens, mends, leaves alone, takes back."""
        if command == "compare":
            return self._listen()
        if command == "apply":
            self.begin(self._mend, "dialog")
        elif command == "remove":
            self._ignore()
        elif command == "undo":
            self.begin(self._take_back, "dialog")
        elif command == "back" and self._heard is not None and not self._list.marked:
            self._end_listening()
        else:
            return self._list.run(command)
        return True

    def on_long_list_chosen(self, message: LongList.Chosen) -> None:
        """Looks for a kind, or lets a copy be heard."""
        if self._findings.at(message.row.id) is None:
            self._look(self._findings.kind_of(message.row.id).kind)
        elif not self._listen():
            self.auralis.say("only recordings that are there more than once can be listened to here")

    @property
    def _list(self) -> LongList:
        return self.query_one(LongList)

    def _show(self) -> None:
        self._list.set_source(RowsInMemory(self._findings.rows()), keep=True)

    def _look(self, kind: FindingKind) -> None:
        if any(kind is one for one, _ in self._told.values()):
            return
        told: deque[Mapping[str, Any]] = deque()
        is_of_copies = kind is FindingKind.DUPLICATE
        words = ("duplicates", "--jsonl", "-q") if is_of_copies else ("cleanup", f"--{_OPTIONS[kind]}", "--jsonl", "-q")
        self._findings.begin(kind)
        job_id = self.auralis.jobs.begin(f"Look for {_NAMES[kind]}", words, told.append)
        self._told[job_id] = (kind, told)
        self._show()

    def _after(self, job: VerbJob) -> None:
        ignored = self._ignores.pop(job.id, None)
        if ignored is not None and not job.has_failed:
            self._findings.forget_copy(ignored)
            self._show()
        again = self._looks_after.pop(job.id, None)
        if again is not None:
            self._look(again)

    # Listening

    def _listen(self) -> bool:
        """Plays one of two copies at the place where the other one is; False where none is selected."""
        found = None if self._list.row is None else self._findings.at(self._list.row.id)
        if found is None or found.copy is None:
            return False
        link, status = self.auralis.link, self.auralis.state.status
        if self._heard is None or self._heard[0] != found.copy:
            if status is None or not self.auralis.state.is_connected:
                self.auralis.say("no player runs", error=True)
                return True
            self._end_listening()
            pair = [found.copy.copy] if found.is_kept else [found.copy.keep, found.copy.copy]
            self._heard = (found.copy, status.queue_length + 1)
            link.edit("add", pair, play=True)
            self.auralis.say("the one that is kept plays; c goes to the other and back, Esc ends it")
        elif status is not None and not found.is_kept:
            self._go_to_other(*self._heard)
        return True

    def _go_to_other(self, copy: FoundCopy, place: int) -> None:
        state = self.auralis.state
        playing = None if state.status is None else state.status.track
        if playing is None:
            return
        position_s = state.position_s(self.auralis.context.clock_s())
        is_kept = (playing.path, playing.cue_number) == (copy.keep.path, copy.keep.cue_number)
        at_s = position_s - copy.starts_s if is_kept else position_s + copy.starts_s
        self.auralis.link.do("jump", position=str(place + 1 if is_kept else place))
        self.auralis.link.do("seek", to=f"{max(at_s, 0.0):.2f}")
        self.auralis.say(f"{'copy' if is_kept else 'kept'}: {copy.copy.path if is_kept else copy.keep.path}")

    def _end_listening(self) -> None:
        """Takes the copies out of the queue again."""
        if self._heard is not None:
            copy, place = self._heard
            self._heard = None
            last = place if copy.keep == copy.copy else place + 1
            self.auralis.link.do("remove", positions=f"{place}-{last}")

    # Mending

    async def _mend(self) -> None:
        row = self._list.row
        if row is None:
            return
        kind = self._findings.kind_of(row.id)
        if kind.kind is FindingKind.DUPLICATE:
            await self._trash_copies(kind)
        elif not kind.going:
            self.auralis.say("there is nothing to mend here; Enter on the heading looks")
        elif await confirm(self.auralis, kind.question(kind.going), "do it"):
            words = ("cleanup", f"--{_OPTIONS[kind.kind]}", "--apply", "-y")
            self._looks_after[self.auralis.jobs.begin(f"Clean up {_NAMES[kind.kind]}", words)] = kind.kind

    async def _trash_copies(self, kind: FindingsOfKind) -> None:
        row = self._list.row
        is_all = row is not None and row.id < 0 and not self._list.marked
        chosen = [self._findings.at(row_id) for row_id in await self._list.chosen_ids()]
        found = [one for one in (kind.found if is_all else chosen) if one is not None and one.copy is not None]
        going = [one for one in found if one.action is CleanupAction.TRASH]
        if not going:
            self.auralis.say("that stays: only what would be moved to the trash goes")
        elif len(going) > _MOST_AT_ONCE and len(going) < kind.going:
            self.auralis.say(f"at most {_MOST_AT_ONCE} at a time, or all from the heading")
        elif await confirm(self.auralis, kind.question(len(going)), "move them"):
            ids = [f"id:{one.copy.ids[1]}" for one in going if one.copy is not None]
            query = () if len(going) == kind.going else " , ".join(ids).split()
            words = ("duplicates", "--apply", "-y", *query)
            self._looks_after[self.auralis.jobs.begin("Move copies to the trash", words)] = FindingKind.DUPLICATE

    def _ignore(self) -> None:
        row = self._list.row
        found = None if row is None else self._findings.at(row.id)
        if found is None or found.copy is None or found.is_kept:
            self.auralis.say("d says of a copy that it is none; nothing else can be left out")
            return
        words = ("duplicates", "--ignore", *map(str, found.copy.ids))
        self._ignores[self.auralis.jobs.begin("Remember that these are no duplicates", words)] = found.copy

    async def _take_back(self) -> None:
        context = self.auralis.context
        try:
            latest = await asyncio.to_thread(latest_changes, context.library_path, _LATEST, now=int(context.now_s()))
        except AuralisError as error:
            self.auralis.say(str(error), error=True)
            return
        entry = next((one for one in latest if one.verb in _CHANGING_VERBS and one.state is EntryState.DONE), None)
        if entry is None:
            self.auralis.say("nothing was cleaned up")
        elif await confirm(self.auralis, f"Undo change {entry.id}, {entry.verb}: {entry.summary}?", "undo it"):
            kind = FindingKind.DUPLICATE if entry.verb == "duplicates" else FindingKind.MISSING
            self._looks_after[self.auralis.jobs.begin(f"Undo change {entry.id}", ("undo", str(entry.id)))] = kind


_OPTIONS = {FindingKind.MISSING: "missing", FindingKind.CORRUPT: "corrupt", FindingKind.ORPHAN: "orphans"}
_NAMES = {
    FindingKind.MISSING: "files that are gone",
    FindingKind.CORRUPT: "files that cannot be read",
    FindingKind.ORPHAN: "what nothing refers to",
    FindingKind.DUPLICATE: "duplicates",
}
