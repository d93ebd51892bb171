"""The device that is played on: opened when it is needed, at rest when it is not, tried again when it has gone."""

from __future__ import annotations

from collections.abc import Callable

from auralis_cli.player.inbox import Inbox, OutputLost
from auralis_cli.player.ports import Clock, OutputOpener, OutputStream, Render

# Pauses between two tries to open a device grow from the first to the last.
FIRST_PAUSE_S = 0.25
LAST_PAUSE_S = 5.0
# A device that nothing is played on is let go after so long.
RESTS_AFTER_S = 5.0


class Loudspeaker:
    """At most one open output. Used by one thread at a time: the conductor's, and at the end whoever closes."""

    def __init__(
        self, outputs: Callable[[str | None], OutputOpener], render: Render, inbox: Inbox, clock: Clock
    ) -> None:
        self._outputs, self._render, self._inbox, self._clock = outputs, render, inbox, clock
        self._output: OutputStream | None = None
        # Tells outputs apart, for one that is lost after another was opened.
        self._number = 0
        self._pause_s = FIRST_PAUSE_S
        self._try_at_s = 0.0
        self._rests_at_s: float | None = None
        # Of the device that is chosen; None for the system's own choice.
        self.name: str | None = None
        self.last_rate_hz = 44_100
        self._closed = False

    @property
    def device(self) -> str | None:
        """The name of the open one."""
        output = self._output
        return None if output is None else output.device

    @property
    def rate_hz(self) -> int | None:
        """Of the open one."""
        output = self._output
        return None if output is None else output.sample_rate_hz

    def open(self, rate_hz: int) -> int:
        """Plays from now on, at `rate_hz` where the device can; returns the true rate. Raises DeviceError."""
        self._rests_at_s = None
        output = self._output
        if output is None:
            self._number += 1
            number = self._number
            output = self._outputs(self.name)(
                rate_hz, self._render, lambda reason: self._inbox.put(OutputLost(number, reason))
            )
            self._output = output
            if self._closed:
                self.close()
                return rate_hz
        output.start()
        self.last_rate_hz = output.sample_rate_hz
        self._pause_s = FIRST_PAUSE_S
        return output.sample_rate_hz

    def is_open_as(self, number: int) -> bool:
        """Whether that is the output which is open."""
        return self._output is not None and number == self._number

    def let_go(self) -> None:
        """Gives the device back; it is opened anew when it is needed."""
        output, self._output = self._output, None
        if output is not None:
            output.close()

    def close(self) -> None:
        """Gives the device back for good."""
        self._closed = True
        self.let_go()

    # What time brings

    def failed(self) -> None:
        """It could not be opened: the next try is later than the one before was."""
        self.let_go()
        self._try_at_s = self._clock() + self._pause_s
        self._pause_s = min(2 * self._pause_s, LAST_PAUSE_S)

    def is_due(self) -> bool:
        """Whether it is time for another try."""
        return self._clock() >= self._try_at_s

    def wanted(self) -> None:
        """Something is to be heard."""
        self._rests_at_s = None

    def rest(self) -> None:
        """Nothing is to be heard: lets it go when that has been so for a while."""
        if self._output is None:
            return
        if self._rests_at_s is None:
            self._rests_at_s = self._clock() + RESTS_AFTER_S
        elif self._clock() >= self._rests_at_s:
            self._rests_at_s = None
            self.let_go()

    def due_in_s(self, *, waits: bool) -> float | None:
        """When there is something to do next; `waits` for a device to come back."""
        if waits:
            return max(0.0, self._try_at_s - self._clock())
        return None if self._rests_at_s is None else max(0.0, self._rests_at_s - self._clock())
