"""How threads, memory and the event loop are used, held everywhere: locks by a list, what grows by a list, no waiting.

A new lock or a new queue without bound is not forbidden: it takes a row here, which says what it guards or what bounds
it, and whoever reads the row can ask whether that is so.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from command_line import REPOSITORY

PACKAGE = REPOSITORY / "auralis_cli"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Where a lock is, and what it guards. Nobody holds two of them at once: each is left before foreign code is called.
LOCKS = {
    "audio/sndfile_decoder.py": "descriptor 2, which libsndfile's decoders write to",
    "db/connection.py": "the list of connections, one a thread",
    "mastering/live.py": "that one chain serves one thread",
    "player/control.py": "the newest status, for those who watch",
    "player/output.py": "that a stream is lost once",
    "player/player.py": "state, queue, feed and flight of the player: the one lock of its verbs",
    "player/tap.py": "that one watcher opens the tap",
    "services/cluster.py": "jobs and the chunks that have them",
    "services/cluster_job.py": "which chunks are to stop",
    "services/likeness_beside.py": "that one process at a time looks for likeness",
    "services/live_plans.py": "plans and analyses at hand",
    "services/player_memory.py": "what is to be kept of the player",
    "services/request_pace.py": "when the next request may go out",
    "services/scrobbler.py": "listens that are to be sent",
    "services/sound_feed.py": "the newest frame of the meters, and that they close once",
    "services/waveforms.py": "which waveforms are being drawn",
    "services/workers.py": "jobs and the workers that have them",
    "tui/link.py": "errands for the player",
}

# Where something can grow without a bound of its own, and what bounds it.
GROWING = {
    "analysis/smooth_order.py": "each track of an order once",
    "audio/vorbis_quality.py": "the pairs of rate and channels there are",
    "commands/play_headless.py": "news of the player, told at once",
    "db/store.py": "one of each repository",
    "dsp/windows.py": "the lengths of windows there are",
    "player/control.py": "answers, one a request, of connections that are counted",
    "player/crossfade.py": "blocks of one overlap",
    "player/joining.py": "segments that are buffered, one a track",
    "player/opening.py": "one opened track",
    "player/player.py": "the conductor's inbox, emptied at once; the audio thread may not wait for room",
    "services/cluster.py": "jobs that callers handed over, who keep a few ahead; signs, taken at once",
    "services/batch.py": "jobs under way, and signs of theirs, which are taken at once",
    "services/editing_workers.py": "the files of one edit",
    "services/lyrics_following.py": "one status a change, taken at once",
    "services/newest_first.py": "requests under way, of which newer ones displace older ones",
    "services/plain_data.py": "the classes there are",
    "services/playback_rendering.py": "one answer",
    "services/player_memory.py": "changes, of which a newer one displaces an older one of its kind",
    "services/receipts.py": "one engine",
    "services/scan_lock.py": "one outcome",
    "services/scan_work.py": "the chunks of one scan, and workers that have one each",
    "services/track_work.py": "a few jobs ahead of the workers; notes, which are told at once",
    "services/workers.py": "jobs that callers handed over, who keep a few ahead",
    "tui/link.py": "errands, of which seeks and volumes that wait are merged",
    "tui/views/cleanup.py": "findings of one run, told in one go",
    "services/web_client.py": "one client",
}

# What waits, and is never to be called where the event loop runs.
_WAITING = {"open", "input", "sleep"}
_WAITING_OF = {
    "subprocess": {"run", "call", "check_call", "check_output"},
    "time": {"sleep"},
    "os": {"stat", "scandir", "listdir", "walk", "open", "read"},
    "shutil": {"copy", "copy2", "copytree", "rmtree", "move"},
    "sqlite3": {"connect"},
    "socket": {"create_connection"},
}
_WAITING_METHODS = {"read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "rglob"}


def place(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


def calls(tree: ast.AST) -> Iterator[tuple[str, str, ast.Call]]:
    """Each call as what it is of and its name: `("threading", "Lock", …)`, `("", "open", …)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield "", node.func.id, node
            elif isinstance(node.func, ast.Attribute):
                owner = node.func.value
                yield owner.id if isinstance(owner, ast.Name) else "?", node.func.attr, node


@cache
def parsed(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


@cache
def called(module: Path) -> tuple[tuple[str, str, ast.Call], ...]:
    return tuple(calls(parsed(module)))


def makes_locks(module: Path) -> bool:
    names = {"Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore", "Barrier"}
    return any(
        name in names and (owner == "threading" or (owner == "" and name.endswith("Lock")))
        for owner, name, _ in called(module)
    )


def grows(module: Path) -> bool:
    """Whether it makes a queue, a deque or a cache that takes any number."""
    for _, name, call in called(module):
        bounds = {keyword.arg for keyword in call.keywords} & {"maxlen", "maxsize"}
        if name == "SimpleQueue" or (name == "deque" and "maxlen" not in bounds and len(call.args) < 2):
            return True
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.FunctionDef) and any(
            isinstance(one, ast.Name) and one.id in ("cache", "cached_property") for one in node.decorator_list
        ):
            return True
    return False


@pytest.mark.invariant("S1-R2")
def test_locks_are_where_the_list_says() -> None:
    assert {place(module) for module in MODULES if makes_locks(module)} == LOCKS.keys()


@pytest.mark.invariant("S1-R2")
def test_the_player_has_one_lock_that_may_be_taken_again() -> None:
    reentrant = [place(module) for module in MODULES for _, name, _ in called(module) if name == "RLock"]
    assert reentrant == ["player/player.py", "tui/link.py"]


@pytest.mark.invariant("S1-R3")
def test_what_can_grow_is_where_the_list_says_what_bounds_it() -> None:
    assert {place(module) for module in MODULES if grows(module)} == GROWING.keys()


def waiting_calls(function: ast.AST) -> list[str]:
    """What it calls that waits for a disk, a process or the network; functions inside it are threads' own."""
    found = []
    nested = {id(node) for inner in ast.walk(function) if inner is not function
              and isinstance(inner, ast.FunctionDef | ast.Lambda) for node in ast.walk(inner)}  # fmt: skip
    for owner, name, call in calls(function):
        if id(call) in nested:
            continue
        if (owner == "" and name in _WAITING) or name in _WAITING_OF.get(owner, ()) or name in _WAITING_METHODS:
            found.append(f"{owner}.{name}:{call.lineno}")
    return found


def on_the_loop(tree: ast.AST) -> Iterator[ast.AST]:
    """Coroutines, and what Textual calls by its name."""
    begins = ("on_", "action_", "watch_", "render", "compose", "validate_", "compute_")
    for node in ast.walk(tree):
        by_name = isinstance(node, ast.FunctionDef) and node.name.startswith(begins)
        if by_name or isinstance(node, ast.AsyncFunctionDef):
            yield node


@pytest.mark.invariant("S1-R4")
def test_nothing_on_the_loop_of_the_screen_waits() -> None:
    screen = [module for module in MODULES if module.is_relative_to(PACKAGE / "tui")]
    found = {place(module): [*map(waiting_calls, on_the_loop(parsed(module)))] for module in screen}
    assert {name: calls for name, calls in found.items() if any(calls)} == {}


@pytest.mark.invariant("S0-R4")
def test_threads_wait_on_what_wakes_them_never_by_sleeping() -> None:
    sleeping = {place(module) for module in MODULES for _, name, _ in called(module) if name == "sleep"}
    assert sleeping == set()
