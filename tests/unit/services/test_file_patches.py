"""A patch makes the old file of the new one, whatever was done to it, and takes little room for an edit of tags."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auralis_cli.services import file_patches
from auralis_cli.services.file_patches import DamagedPatchError, make_patch, old_bytes

NOISE = random.Random(7).randbytes(1_000_000)
Patched = tuple[bytes, bytes]


def patched(folder: Path, old: bytes, new: bytes, shifts: Sequence[int] = ()) -> Patched:
    """The patch, and what it makes of the new file."""
    (folder / "old").write_bytes(old)
    (folder / "new").write_bytes(new)
    with (folder / "old").open("rb") as one, (folder / "new").open("rb") as other:
        patch = make_patch(one.fileno(), other.fileno(), shifts)
        return patch, b"".join(old_bytes(patch, other.fileno()))


@pytest.mark.parametrize(
    ("edit", "most_bytes"),
    [
        (lambda data: data, 100),
        (lambda data: b"tags" * 10 + data, 400),
        (lambda data: data[3000:], 4000),
        (lambda data: data + b"TAG" * 40, 400),
        (lambda data: data[:500] + b"x" + data[500:] + b"y", 1000),
        (lambda data: b"", 1_100_000),
        # As pages that are numbered anew.
        (lambda data: b"\0" * 5 + b"".join(b"P" + data[at : at + 4000] for at in range(0, len(data), 4001)), 20_000),
    ],
)
def test_the_old_file_is_made_again_from_little(
    tmp_path: Path, edit: Callable[[bytes], bytes], most_bytes: int
) -> None:
    patch, again = patched(tmp_path, NOISE, edit(NOISE))
    assert again == NOISE
    assert len(patch) < most_bytes


def test_what_moved_otherwise_than_the_end_did_is_found_where_it_is_said_to_be(tmp_path: Path) -> None:
    old = b"a" * 300_000 + NOISE + b"b" * 300_000
    patch, again = patched(tmp_path, old, NOISE + b"c" * 700_000, [-300_000])
    assert again == old
    assert len(patch) < 2_000


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_two_files_have_a_patch(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    parts = st.lists(st.sampled_from([NOISE[:70_000], NOISE[70_000:70_010], NOISE[5:140_000], b"\0" * 66_000, b"t"]))
    old, new = (b"".join(data.draw(parts)) for _ in range(2))
    shifts = data.draw(st.lists(st.integers(-100_000, 100_000), max_size=2))
    assert patched(tmp_path_factory.mktemp("patch"), old, new, shifts)[1] == old


@pytest.mark.parametrize("spoil", [lambda patch: patch[:-1], lambda patch: patch[:10], lambda patch: patch + b"x"])
def test_a_patch_that_is_not_whole_is_refused(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    patch, _ = patched(tmp_path, NOISE, b"x" + NOISE[40_000:])
    with (tmp_path / "new").open("rb") as new, pytest.raises(DamagedPatchError):
        b"".join(old_bytes(spoil(patch), new.fileno()))


def test_a_patch_is_of_one_file_only_and_damage_is_noticed(tmp_path: Path) -> None:
    patch, _ = patched(tmp_path, NOISE, b"x" + NOISE[40_000:])
    with (tmp_path / "old").open("rb") as other, pytest.raises(DamagedPatchError):
        b"".join(old_bytes(patch, other.fileno()))
    with (tmp_path / "new").open("rb") as new, pytest.raises(DamagedPatchError):
        b"".join(old_bytes(patch[:-9] + bytes([patch[-9] ^ 1]) + patch[-8:], new.fileno()))


def test_memory_does_not_grow_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_patches, "_MAX_OWN_BYTES", 1 << 20)
    monkeypatch.setattr(file_patches, "_MAX_SHIFT_BYTES", 1 << 20)
    noise = random.Random(8).randbytes(16 << 20)
    new = bytearray(noise)
    # Not one block is the same.
    new[::50_000] = bytes(len(new[::50_000]))
    (tmp_path / "old").write_bytes(noise)
    (tmp_path / "new").write_bytes(new)
    del noise, new
    with (tmp_path / "old").open("rb") as one, (tmp_path / "new").open("rb") as other:
        tracemalloc.start()
        patch = make_patch(one.fileno(), other.fileno())
        assert all(len(part) <= 2 << 20 for part in old_bytes(patch, other.fileno()))
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert len(patch) < 200_000
    assert peak_bytes < 12 << 20
