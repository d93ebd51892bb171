"""Starts the program: `auralis` and `python -m auralis_cli`.

What needs the process itself stands here: streams, signals, and dying of a signal.
"""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType

    from auralis_cli.commands.verb import Session
    from auralis_cli.model.progress import CancelToken
    from auralis_cli.model.source import StandardStreams

# How long cooperative work may take to notice the token before it is interrupted where it stands.
GRACE_S = 1.0
SWITCH_INTERVAL_S = 0.0005
# Objects between two looks for garbage. At Python's 700 a short run looks through all it imports again and again.
OBJECTS_BETWEEN_LOOKS = 10_000


def main() -> NoReturn:
    """Runs the command line of this process and leaves it with the exit code."""
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS)
    if sys.platform == "win32":
        sys.exit("auralis: error: Windows: not supported (use Linux, or WSL on Windows)")
    if sys.argv[1:] == ["--version"]:
        from auralis_cli.version import VERSION

        _say_version(f"auralis {VERSION}")
    if sys.argv[1:2] == ["__complete"]:
        _offer_words(sys.argv[2:])
    # Threads of one track hand over every few milliseconds; the default of 5 ms would make them wait.
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    try:
        code = _run(sys.argv[1:])
    except KeyboardInterrupt:  # before or after the work itself
        code = 130
    _leave(code)


def _offer_words(words: list[str]) -> NoReturn:
    """Answers a shell that asks what may stand at its cursor; the command line would cost more than the answer."""
    from auralis_cli.services.completion_words import completion_words

    with suppress(OSError):
        sys.stdout.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]
        print("\n".join(completion_words(words, os.environ)), flush=True)
    os._exit(0)


def _say_version(line: str) -> NoReturn:
    """The one answer that needs no command line, failing as that does."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        _die_of(signal.SIGPIPE)
    except OSError as error:
        print(f"auralis: error: standard output: {error.strerror}", file=sys.stderr, flush=True)
        os._exit(1)
    sys.exit(0)


def _leave(code: int) -> NoReturn:
    """Ends at once: all is written and closed, and taking the compiler apart would cost a tenth of a second."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        _die_of(signal.SIGPIPE)
    except OSError:
        code = code or 1
    os._exit(code)


def _run(arguments: list[str]) -> int:
    from auralis_cli.cli import run
    from auralis_cli.commands.verb import Session
    from auralis_cli.errors import DEBUG_VARIABLE
    from auralis_cli.model.progress import CancelToken
    from auralis_cli.output import Output

    closed = _fill_closed_descriptors()
    _prepare_streams()
    if os.environ.get(DEBUG_VARIABLE, "") in ("", "0"):
        _silence_libraries()
    cancel = CancelToken()
    session = Session(Output(sys.stdout, sys.stderr, os.environ), cancel, _audio_streams(cancel, closed))
    with _stop_signals(session) as received:
        try:
            code = run(arguments, session)
        except BrokenPipeError:
            _die_of(signal.SIGPIPE)
    if received and received[0] != signal.SIGINT:
        _die_of(received[0])
    return code


def _fill_closed_descriptors() -> frozenset[int]:
    """Standard streams that the caller closed: their numbers are taken, lest a file of ours be given them."""
    closed = set()
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            closed.add(number)
            os.open(os.devnull, os.O_RDWR)  # takes the lowest that is free
    return frozenset(closed)


def _audio_streams(cancel: CancelToken, closed: frozenset[int]) -> StandardStreams:
    """Standard input and output for audio, which is neither text nor to be waited for without end."""
    from auralis_cli.audio.pipes import PatientInput, PatientOutput
    from auralis_cli.model.source import StandardStreams

    return StandardStreams(
        stdin=None if 0 in closed else PatientInput(0, cancel),
        stdout=None if 1 in closed else PatientOutput(1, cancel),
    )


def _prepare_streams() -> None:
    """Both streams exist, and a letter the terminal does not know is shown by its number."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _silence_libraries() -> None:
    """Takes standard error away from decoders that write there what a file made them think."""
    warnings.simplefilter("ignore")
    threading.excepthook = lambda _: None
    try:
        ours = os.dup(sys.stderr.fileno())
        nowhere = os.open(os.devnull, os.O_WRONLY)
    except (OSError, io.UnsupportedOperation):
        return
    encoding = sys.stderr.encoding
    sys.stderr.flush()
    sys.stderr = os.fdopen(ours, "w", buffering=1, encoding=encoding, errors="backslashreplace")
    os.dup2(nowhere, 2)
    os.close(nowhere)


@contextmanager
def _stop_signals(session: Session) -> Iterator[list[signal.Signals]]:
    """The first Ctrl-C (or SIGTERM, SIGHUP) asks the work to stop; after a grace, or a second one, it is made to."""
    received: list[signal.Signals] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        session.cancel.cancel()
        received.append(signal.Signals(number))
        if len(received) > 1:
            raise KeyboardInterrupt
        signal.setitimer(signal.ITIMER_REAL, GRACE_S)

    def insist(_number: int, _frame: FrameType | None) -> None:
        # Work that is already cleaning up is left to it.
        if not session.cancel.noticed:
            raise KeyboardInterrupt

    wanted = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    # A signal that the caller told us to ignore (nohup, background jobs) stays ignored.
    caught = [number for number in wanted if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in caught}
    before[signal.SIGALRM] = signal.signal(signal.SIGALRM, insist)
    try:
        yield received
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        for number, handler in before.items():
            signal.signal(number, handler)


def _die_of(number: signal.Signals) -> NoReturn:
    """Ends the process by the signal itself, as its parent expects; nothing more is written."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    signal.signal(number, signal.SIG_DFL)
    # Whoever started us may have it blocked; and sent to this very thread it comes before the line below.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    signal.raise_signal(number)
    os._exit(128 + number)


if __name__ == "__main__":
    main()
