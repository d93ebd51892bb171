"""A player as the simplest thing that could be right: a list, an index, a word for the state. No sound, no threads."""

from __future__ import annotations

from dataclasses import dataclass, field

from auralis_cli.model.player_choices import RepeatMode

STOPPED, PLAYING, PAUSED = "stopped", "playing", "paused"


@dataclass
class ModelPlayer:
    """What the user may expect; items are tickets."""

    items: list[int] = field(default_factory=list)
    index: int = -1
    back: list[int] | None = None
    state: str = STOPPED
    repeat: RepeatMode = RepeatMode.OFF
    consume: bool = False
    stop_after: bool = False
    tickets: int = 0
    # Whether the current item is to be heard from its beginning.
    begins: bool = True
    done: list[tuple[list[int], int, list[int] | None]] = field(default_factory=list)
    undone: list[tuple[list[int], int, list[int] | None]] = field(default_factory=list)

    @property
    def current(self) -> int:
        return self.items[self.index] if self.items else 0

    # Playing

    def play(self) -> None:
        if self.items and self.state != PLAYING:
            self.state = PLAYING

    def pause(self) -> None:
        if self.state == PLAYING:
            self.state = PAUSED

    def stop(self) -> None:
        self.state, self.begins = STOPPED, True

    def go(self, index: int) -> None:
        self.index, self.begins = index, True

    def next(self) -> None:
        if not self.items or (self.index == len(self.items) - 1 and self.repeat is not RepeatMode.ALL):
            self.stop()
            return
        played = self.current
        self.go((self.index + 1) % len(self.items))
        if self.consume and self.state != STOPPED and self.current != played:
            self.take_out(played)

    def previous(self, *, restarts: bool) -> None:
        if restarts or not self.items:
            self.begins = True
        elif self.index > 0:
            self.go(self.index - 1)
        elif self.repeat is RepeatMode.ALL:
            self.go(len(self.items) - 1)
        else:
            self.begins = True

    def jump(self, index: int) -> None:
        self.go(index)
        self.state = PLAYING

    def ends(self) -> None:
        """The current track has come to its end."""
        stops, self.stop_after = self.stop_after, False
        after = self.after()
        played = self.current
        if after is not None:
            self.go(after)
            if self.consume and self.current != played:
                self.take_out(played)
        elif self.consume and self.repeat is not RepeatMode.ONE:
            self.take_out(played)
        if after is None or stops:
            self.stop()

    def after(self) -> int | None:
        if self.repeat is RepeatMode.ONE:
            return self.index
        if self.index + 1 < len(self.items):
            return self.index + 1
        return 0 if self.repeat is RepeatMode.ALL and not (self.consume and len(self.items) == 1) else None

    # Edits

    def edit(self) -> None:
        self.done.append((list(self.items), self.index, None if self.back is None else list(self.back)))
        del self.done[:-20]
        self.undone.clear()

    def set(self, count: int, start: int, *, play: bool) -> None:
        self.edit()
        self.items, self.back = self.new(count), None
        self.go(start if self.items else -1)
        self.state = PLAYING if play and self.items else STOPPED

    def insert(self, position: int, count: int) -> None:
        self.edit()
        current, new = self.current, self.new(count)
        if self.back is not None:
            place = self.back.index(self.items[position - 1]) + 1 if position else 0
            self.back[place:place] = new
        self.items[position:position] = new
        self.index = self.items.index(current) if current else (0 if self.items else -1)

    def remove(self, positions: list[int]) -> None:
        self.edit()
        gone = [self.items[position] for position in positions]
        kept_behind = [ticket for ticket in self.items[self.index :] if ticket not in gone]
        was_current = self.current in gone
        current = self.current
        self.items = [ticket for ticket in self.items if ticket not in gone]
        if self.back is not None:
            self.back = [ticket for ticket in self.back if ticket not in gone] or None
        if not was_current:
            self.index = self.items.index(current)
        elif kept_behind:
            self.go(self.items.index(kept_behind[0]))
        else:
            self.go(len(self.items) - 1)
            self.stop()

    def move(self, origin: int, target: int) -> None:
        self.edit()
        current = self.current
        self.items.insert(target, self.items.pop(origin))
        self.index = self.items.index(current)

    def clear(self) -> None:
        self.edit()
        self.items, self.back = [], None
        self.go(-1)
        self.stop()

    def shuffle(self) -> None:
        self.edit()
        if not self.items:
            return
        self.back = self.back or list(self.items)
        current = self.current
        self.items = [current, *reversed([ticket for ticket in self.items if ticket != current])]
        self.index = 0

    def unshuffle(self) -> None:
        if self.back is not None:
            self.edit()
            current = self.current
            self.items, self.back = list(self.back), None
            self.index = self.items.index(current)

    def step(
        self, taken: list[tuple[list[int], int, list[int] | None]], kept: list[tuple[list[int], int, list[int] | None]]
    ) -> None:
        if not taken:
            return
        current = self.current
        kept.append((list(self.items), self.index, None if self.back is None else list(self.back)))
        items, index, back = taken.pop()
        self.items, self.back = list(items), None if back is None else list(back)
        if current and current in self.items:
            self.index = self.items.index(current)
        else:
            # What was current then begins where it was then.
            self.index, self.begins = index, False
            if not self.items:
                self.stop()

    def undo(self) -> None:
        self.step(self.done, self.undone)

    def redo(self) -> None:
        self.step(self.undone, self.done)

    def take_out(self, ticket: int) -> None:
        """What was played: nobody's edit."""
        current = self.current
        self.items.remove(ticket)
        if self.back is not None:
            self.back = [other for other in self.back if other != ticket] or None
        self.index = self.items.index(current) if current in self.items else len(self.items) - 1

    def new(self, count: int) -> list[int]:
        first, self.tickets = self.tickets + 1, self.tickets + count
        return list(range(first, first + count))
