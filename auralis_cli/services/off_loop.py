"""What an interface with a loop of its own asks of slow work, such as tags of files on a slow disk, without waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from auralis_cli.errors import AuralisError
from auralis_cli.model.library import FileFailure
from auralis_cli.model.tag_changes import TagTarget
from auralis_cli.model.tagged_files import TaggedFile
from auralis_cli.services.file_tags import failure_at, read_tagged_file

Item = TypeVar("Item")


async def each_off_loop(work: Callable[[], Generator[Item]]) -> AsyncGenerator[Item]:
    """What `work` yields, one by one, while the loop goes on: `edit_tags` for one, with the store it was given.

    All of it runs on one thread, and what it raises is raised here. Whoever stops listening stops it at the next item.
    """
    loop, end = asyncio.get_running_loop(), object()
    thread = ThreadPoolExecutor(1, "off the loop")
    items = work()
    try:
        while (item := await loop.run_in_executor(thread, next, items, end)) is not end:
            yield item  # type: ignore[misc]
    finally:
        # Behind the item that is under way, on its thread: connections of a library are of one thread each.
        thread.submit(items.close)
        thread.shutdown(wait=False)


def tagged_files_off_loop(targets: Sequence[TagTarget]) -> AsyncGenerator[TaggedFile | FileFailure]:
    """What the tags of files say, one by one, while the loop goes on."""

    def read() -> Generator[TaggedFile | FileFailure]:
        for target in targets:
            try:
                yield read_tagged_file(target)
            except AuralisError as error:
                yield failure_at(target.path, error)

    return each_off_loop(read)
