"""What is shared with the workers of a cluster: files that look alike, and receipts that come home."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from auralis_cli.services.receipts import receipt_name
from auralis_cli.services.shared_storage import (
    NotSharedError,
    lend_receipts,
    on_shared_storage,
    seen_here,
    take_receipts_back,
)


def test_a_worker_that_sees_another_file_or_none_does_nothing(tmp_path: Path) -> None:
    song = tmp_path / "song.flac"
    song.write_bytes(b"12345")
    seen = seen_here([song, tmp_path, tmp_path / "gone"])
    assert len(seen) == 2
    assert on_shared_storage(seen, lambda *rest: rest, 1, 2) == (1, 2)
    song.write_bytes(b"another")
    with pytest.raises(NotSharedError, match="is not seen by the worker") as failed:
        on_shared_storage(seen, lambda: 0)
    assert str(pickle.loads(pickle.dumps(failed.value))) == str(failed.value)
    song.unlink()
    with pytest.raises(NotSharedError):
        on_shared_storage(seen, lambda: 0)


def test_receipts_are_lent_and_come_home_with_what_came_to_them(tmp_path: Path) -> None:
    own, out = tmp_path / "own", tmp_path / "out"
    own.mkdir()
    old, new = out / "old.flac", out / "new.flac"
    (own / receipt_name(old)).write_text("old")
    (own / receipt_name(tmp_path / "other.flac")).write_text("other")
    lent = lend_receipts(own, out, [old, new])
    assert [one.name for one in lent.iterdir()] == [receipt_name(old)]
    (lent / receipt_name(new)).write_text("new")
    (lent / ".auralis-7-x.json").write_text("half of one")
    # Of a run that goes on: they are taken over, and stay where its workers look for them.
    take_receipts_back(own, out, done=False)
    assert (own / receipt_name(new)).read_text() == "new"
    assert lent.is_dir()
    take_receipts_back(own, out, done=True)
    assert not lent.exists()
    assert sorted(own.iterdir()) == sorted(
        own / name for name in (receipt_name(old), receipt_name(new), receipt_name(tmp_path / "other.flac"))
    )


def test_what_was_left_behind_does_not_replace_what_is_newer(tmp_path: Path) -> None:
    own, out = tmp_path / "own", tmp_path / "out"
    lent = lend_receipts(own, out, [])
    name = receipt_name(out / "song.flac")
    (lent / name).write_text("left behind")
    os.utime(lent / name, (1, 1))
    own.mkdir()
    (own / name).write_text("newer")
    take_receipts_back(own, out, done=True)
    assert (own / name).read_text() == "newer"
