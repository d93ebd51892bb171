"""What is wrong with the library, and what is there more than once: listened to side by side, then mended or left."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

from textual.app import ComposeResult
from textual.message import Message

from auralis_cli.errors import AuralisError, RefusedError
from auralis_cli.model.cleanup import CleanupAction, FindingKind
from auralis_cli.model.journal import EntryState
from auralis_cli.model.player_status import PlayerStatus
from auralis_cli.player.control_protocol import STATUS
from auralis_cli.services.background_verbs import VerbJob
from auralis_cli.services.change_history import latest_changes
from auralis_cli.services.queue_pages import play_item, queue_page, remove_items
from auralis_cli.tui.dialogs import confirm
from auralis_cli.tui.findings import Findings, FindingsOfKind, Found, FoundCopy
from auralis_cli.tui.link import Port
from auralis_cli.tui.messages import ActionDone
from auralis_cli.tui.view import View
from auralis_cli.tui.widgets.long_list import LongList, RowChoice
from auralis_cli.tui.widgets.rows import Column, RowsInMemory

_COLUMNS = (Column("", 6), Column("What", share=3), Column("Why", share=2))
_CHANGING_VERBS = ("cleanup", "duplicates")
_LATEST = 20
# Terms of one query.
_MOST_AT_ONCE = 150
# How far from the end of the queue is looked for what was put there.
_ADDED_MEANWHILE = 8


class _Heard:
    """Two copies side by side in the queue, or one alone. Their tickets belong to the link's thread."""

    def __init__(self, copy: FoundCopy, run: int) -> None:
        self.copy = copy
        # Of the player whose queue it is.
        self.run = run
        self.pair = [copy.keep] if copy.keep == copy.copy else [copy.keep, copy.copy]
        # Where they were put, by their tickets, in the order of the pair.
        self._places: dict[int, int] = {}

    def note_tickets(self, port: Port) -> None:
        """Finds them where they were just added: others may have added something behind them."""
        length = queue_page(port, 0).length
        first = max(0, length - len(self.pair) - _ADDED_MEANWHILE)
        page = queue_page(port, first)
        for start in range(len(page.items) - len(self.pair), -1, -1):
            items = page.items[start : start + len(self.pair)]
            if [(one.track.path, one.track.cue_number) for one in items] == [(o.path, o.cue_number) for o in self.pair]:
                self._places = {one.ticket: first + start + n for n, one in enumerate(items)}
                return

    def go_to_other(self, port: Port) -> Message:
        """Plays the one that does not play by then, at the place where the other one is."""
        if len(self._places) < len(self.pair):
            raise RefusedError("compare", "these copies are not in the queue")
        (kept, kept_at), (copy, copy_at) = self._places.items()
        status = PlayerStatus.read(port.do(STATUS))
        playing = None if status.track is None else status.track.ticket
        if playing == kept:
            self._play(port, copy, copy_at, status.position_s - self.copy.starts_s)
            return ActionDone(f"copy: {self.copy.copy.path}")
        self._play(port, kept, kept_at, status.position_s + self.copy.starts_s if playing == copy else 0.0)
        return ActionDone(f"kept: {self.copy.keep.path}")

    def _play(self, port: Port, ticket: int, place: int, at_s: float) -> None:
        play_item(port, ticket, place)
        port.do("seek", to=f"{max(at_s, 0.0):.2f}")

    def take_out(self, port: Port) -> None:
        """Takes them, and nothing else, out of the queue."""
        remove_items(port, self._places)


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
        self._heard: _Heard | None = None

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
            return self._listen(self._found_at_cursor)
        if command == "apply":
            self._list.in_turn(lambda: self.begin(partial(self._mend, self._list.choice()), "dialog"))
        elif command == "remove":
            self._list.in_turn(self._ignore)
        elif command == "undo":
            self.begin(self._take_back, "dialog")
        elif command == "back" and self._heard is not None and not self._list.marked:
            self._end_listening()
        else:
            return self._list.run(command)
        return True

    def on_long_list_chosen(self, message: LongList.Chosen) -> None:
        """Looks for a kind, or lets a copy be heard."""
        found = self._findings.at(message.row.id)
        if message.row.id < 0:
            self._look(self._findings.kind_of(message.row.id).kind)
        elif found is not None and not self._listen(found):
            self.auralis.say("only recordings that are there more than once can be listened to here")

    @property
    def _list(self) -> LongList:
        return self.query_one(LongList)

    @property
    def _found_at_cursor(self) -> Found | None:
        return None if self._list.row is None else self._findings.at(self._list.row.id)

    def _show(self) -> None:
        self._list.set_source(RowsInMemory(self._findings.rows()), keep=True)

    def _look(self, kind: FindingKind) -> None:
        if any(kind is one for one, _ in self._told.values()):
            return
        told: deque[Mapping[str, Any]] = deque()
        is_of_copies = kind is FindingKind.DUPLICATE
        words = ("duplicates", "--jsonl", "-q") if is_of_copies else ("cleanup", f"--{_OPTIONS[kind]}", "--jsonl", "-q")
        self._list.unmark([one.row_id for one in self._findings.kinds[kind].found])
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

    def _listen(self, found: Found | None) -> bool:
        """Plays one of two copies at the place where the other one is; False where none is selected."""
        if found is None or found.copy is None:
            return False
        link, state = self.auralis.link, self.auralis.state
        if self._heard is None or (self._heard.copy, self._heard.run) != (found.copy, state.run):
            if state.status is None or not state.is_connected:
                self.auralis.say("no player runs", error=True)
                return True
            self._end_listening()
            self._heard = _Heard(found.copy, state.run)
            link.edit("add", self._heard.pair, play=True)
            link.ask(link.meant_for(state.run, self._heard.note_tickets))
            self.auralis.say("the one that is kept plays; c goes to the other and back, Esc ends it")
        elif not found.is_kept:
            link.ask(link.meant_for(state.run, self._heard.go_to_other))
        return True

    def _end_listening(self) -> None:
        """Takes the copies out of the queue again; another player has none of them."""
        heard, self._heard = self._heard, None
        link = self.auralis.link
        if heard is not None and heard.run == self.auralis.state.run:
            link.ask(link.meant_for(heard.run, heard.take_out))

    # Mending

    async def _mend(self, choice: RowChoice) -> None:
        if choice.row_id is None:
            return
        kind = self._findings.kind_of(choice.row_id)
        if kind.kind is FindingKind.DUPLICATE:
            await self._trash_copies(kind, choice)
        elif not kind.going:
            self.auralis.say("there is nothing to mend here; Enter on the heading looks")
        elif await confirm(self.auralis, kind.question(kind.going), "do it"):
            words = ("cleanup", f"--{_OPTIONS[kind.kind]}", "--apply", "-y")
            self._looks_after[self.auralis.jobs.begin(f"Clean up {_NAMES[kind.kind]}", words)] = kind.kind

    async def _trash_copies(self, kind: FindingsOfKind, choice: RowChoice) -> None:
        is_all = choice.row_id is not None and choice.row_id < 0 and not choice.marks
        chosen = [self._findings.at(row_id) for row_id in choice.known or ()]
        found = [one for one in (kind.found if is_all else chosen) if one is not None and one.copy is not None]
        going = [one for one in found if one.action is CleanupAction.TRASH]
        if not going:
            self.auralis.say("that stays: only what would be moved to the trash goes")
        elif _MOST_AT_ONCE < len(going) < kind.going:
            self.auralis.say(f"at most {_MOST_AT_ONCE} at a time, or all from the heading")
        elif await confirm(self.auralis, kind.question(len(going)), "move them"):
            ids = [f"id:{one.copy.ids[1]}" for one in going if one.copy is not None]
            # By name: what was found since is not what was agreed to.
            query = () if len(going) > _MOST_AT_ONCE else " , ".join(ids).split()
            words = ("duplicates", "--apply", "-y", *query)
            self._looks_after[self.auralis.jobs.begin("Move copies to the trash", words)] = FindingKind.DUPLICATE

    def _ignore(self) -> None:
        found = self._found_at_cursor
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
