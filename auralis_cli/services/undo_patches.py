"""Where the patches of rewritten files lie: a folder for each library, in it one for each entry of the journal.

They are needed for as long as the entry can be undone. Those of entries that were undone, or of which nothing came, are
removed when files are rewritten next; and the oldest, where all take more than `MAX_KEPT_BYTES`. For most edits they
are some hundred bytes a file; pictures that were taken out of files are in them whole.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

from auralis_cli.db.store import Store
from auralis_cli.errors import OutputError
from auralis_cli.model.journal import EntryState
from auralis_cli.paths import undo_dir
from auralis_cli.units import bytes_in_words

_KEY_BYTES = 8
# Of one library, beside what the change under way takes.
MAX_KEPT_BYTES = 8 << 30


def patches_of(store: Store, entry_id: int) -> Path:
    """The folder of an entry's patches, which may not be there."""
    return _folder(store) / str(entry_id)


def new_pack(store: Store, entry_id: int, number: int) -> str:
    """The name of a new file of patches; OutputError where there can be none."""
    folder = patches_of(store, entry_id)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(str(folder), f"cannot be made ({error.strerror})", "it is needed for auralis undo") from error
    # Of an entry that was interrupted and whose id another has now, there may be some.
    while os.path.lexists(found := folder / f"{os.getpid()}-{number}"):
        number += 1_000_000
    return str(found)


def forget_patches(store: Store, entry_id: int) -> None:
    """Removes what an entry that is undone needs no more."""
    shutil.rmtree(patches_of(store, entry_id), ignore_errors=True)


def prune_patches(store: Store, but: int, note: Callable[[str], None]) -> None:
    """Removes the patches of entries that are undone, or that nothing came of; of others the oldest, where there are
    too many, and says so. For whoever holds the lock; those of the entry `but`, which is under way, stay.
    """
    try:
        numbers = sorted(int(name) for name in os.listdir(_folder(store)) if name.isdigit())
    except OSError:
        return
    states = store.journal.states()
    newest = max(states, default=0)
    kept: dict[int, int] = {}
    for number in numbers:
        state = states.get(number)
        # An entry beyond the newest is of a library that was restored since, and may come back.
        if number != but and (state is EntryState.UNDONE or (state is None and number < newest)):
            forget_patches(store, number)
        else:
            kept[number] = _size_of(patches_of(store, number))
    too_many = sum(kept.values()) - MAX_KEPT_BYTES
    for number, size_bytes in kept.items():
        if too_many <= 0:
            return
        if number == but:
            continue
        forget_patches(store, number)
        too_many -= size_bytes
        note(f"change {number} cannot be undone any more: what that took ({bytes_in_words(size_bytes)}) was removed")


def _size_of(folder: Path) -> int:
    try:
        with os.scandir(folder) as entries:
            return sum(entry.stat().st_size for entry in entries)
    except OSError:
        return 0


def _folder(store: Store) -> Path:
    library = os.fsencode(os.path.realpath(store.database.path))
    return undo_dir() / blake2b(library, digest_size=_KEY_BYTES).hexdigest()
