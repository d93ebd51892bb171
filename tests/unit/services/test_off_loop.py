"""An interface's loop goes on while files are read and changed on a disk that takes 200 ms for each."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
import soundfile

from auralis_cli.audio.tag_editing import FileTags, read_file_tags
from auralis_cli.db.store import Store
from auralis_cli.errors import UsageError
from auralis_cli.model.library import FileFailure
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.tag_changes import TagTarget, Wanted
from auralis_cli.model.tag_edits import TagAction, TagEdit
from auralis_cli.model.tagged_files import TaggedFile
from auralis_cli.services import file_tags
from auralis_cli.services.file_rewriting import RewriteOptions
from auralis_cli.services.off_loop import each_off_loop, tagged_files_off_loop
from auralis_cli.services.tag_editing import TagRequest, edit_tags

SLOW_S = 0.2
# A frame of an interface that nobody calls slow, on a machine that is busy with other tests.
LONGEST_GAP_S = 0.05
Item = TypeVar("Item")


class QuietSink:
    def item(self, *_: object) -> None:
        pass

    overall = note = item


@pytest.fixture
def songs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[TagTarget]:
    """Files whose tags take their time."""
    for number in range(3):
        soundfile.write(tmp_path / f"{number}.flac", np.zeros(4410, np.float32), 44_100)

    def slow(*arguments: Any) -> FileTags:
        threading.Event().wait(SLOW_S)
        return read_file_tags(*arguments)

    monkeypatch.setattr(file_tags, "read_file_tags", slow)
    return [TagTarget(str(tmp_path / f"{number}.flac")) for number in range(3)]


async def all_of(items: AsyncIterator[Item]) -> list[Item]:
    return [item async for item in items]


def largest_gap(work: Callable[[], Awaitable[Item]]) -> tuple[Item, float]:
    """What the work gives, and the longest that a tick of the loop, one every 2 ms, was late meanwhile."""

    async def run() -> tuple[Item, float]:
        gaps, task = [0.0], asyncio.ensure_future(work())
        while not task.done():
            before = time.monotonic()
            await asyncio.wait([task], timeout=0.002)
            gaps.append(time.monotonic() - before)
        return await task, max(gaps)

    return asyncio.run(run())


@pytest.mark.alone
@pytest.mark.invariant("S1-L-05")
def test_the_loop_goes_on_while_tags_are_read(songs: list[TagTarget]) -> None:
    """✗ tags are read on the loop."""
    missing = TagTarget(songs[0].path + ".none")
    begun = time.monotonic()
    found, gap = largest_gap(lambda: all_of(tagged_files_off_loop([*songs, missing])))
    assert time.monotonic() - begun > 3 * SLOW_S
    assert gap < LONGEST_GAP_S
    assert [one.path for one in found] == [target.path for target in [*songs, missing]]
    assert [type(one) for one in found] == [TaggedFile] * 3 + [FileFailure]


@pytest.mark.alone
@pytest.mark.invariant("S1-L-05")
def test_the_loop_goes_on_while_tags_are_changed(songs: list[TagTarget], tmp_path: Path) -> None:
    with Store.open(tmp_path / "library.db", program="test", now=1) as store:

        def work(title: str) -> Generator[Any]:
            wanted = Wanted((TagEdit("title", TagAction.SET, (title,)),))
            request = TagRequest("tag set", songs, lambda _file: wanted, RewriteOptions())
            return edit_tags(store, request, QuietSink(), CancelToken(), lambda: 1)

        # What is imported once is there before anything is timed: compiling a module stops every thread.
        list(work("Old"))
        done, gap = largest_gap(lambda: all_of(each_off_loop(lambda: work("New"))))
        assert store.journal.entries(9)[0].files == 3
    assert [one.failure for one in done] == [None] * 3
    assert gap < LONGEST_GAP_S


def test_what_the_work_raises_is_raised_and_what_nobody_waits_for_is_stopped() -> None:
    threads, ended = set[int](), threading.Event()

    def work() -> Generator[int]:
        try:
            for number in range(10):
                threads.add(threading.get_ident())
                yield number
                if number == 3:
                    raise UsageError("3", "is enough")
        finally:
            threads.add(threading.get_ident())
            ended.set()

    async def until_it_fails() -> list[int]:
        seen = []
        with pytest.raises(UsageError, match="is enough"):
            async for number in each_off_loop(work):
                seen.append(number)
        return seen

    async def leave() -> None:
        items = each_off_loop(work)
        assert await anext(items) == 0
        await items.aclose()

    assert asyncio.run(until_it_fails()) == [0, 1, 2, 3]
    ended.clear()
    threads.clear()
    asyncio.run(leave())
    assert ended.wait(5)
    assert len(threads) == 1
    assert threading.get_ident() not in threads
