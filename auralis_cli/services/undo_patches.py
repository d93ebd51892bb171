"""Where the patches of rewritten files lie: a folder for each library, in it one for each entry of the journal.

They are needed for as long as the entry can be undone. Those of entries that were undone, or of which nothing came, are
removed when files are rewritten next.
"""

from __future__ import annotations

import os
import shutil
from hashlib import blake2b
from pathlib import Path

from auralis_cli.db.store import Store
from auralis_cli.errors import OutputError
from auralis_cli.model.journal import EntryState
from auralis_cli.paths import undo_dir

_KEY_BYTES = 8


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


def prune_patches(store: Store, but: int) -> None:
    """Removes the patches of all entries that are undone, or that nothing came of; for whoever holds the lock."""
    try:
        numbers = [int(name) for name in os.listdir(_folder(store)) if name.isdigit()]
    except OSError:
        return
    newest = store.journal.newest_id()
    for number in numbers:
        if number == but:
            continue
        entry = store.journal.entry(number)
        # An entry beyond the newest is of a library that was restored since, and may come back.
        if entry.state is EntryState.UNDONE if entry is not None else number < newest:
            forget_patches(store, number)


def _folder(store: Store) -> Path:
    library = os.fsencode(os.path.realpath(store.database.path))
    return undo_dir() / blake2b(library, digest_size=_KEY_BYTES).hexdigest()
