"""Playlists are changed as they are at that moment, not as they were read before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import library_of
import pytest

from auralis_cli.db.store import Store
from auralis_cli.errors import UsageError
from auralis_cli.model.playlists import NewEntry
from auralis_cli.services import playlists
from auralis_cli.services.playlists import Doing, add_to_playlist, create_playlist, remove_from_playlist

NOW = Doing(now=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db", program="test", now=1) as opened:
        library_of.put(opened, [library_of.record(f"/music/{one}.flac", title=one) for one in "abcd"], root="/music")
        create_playlist(opened, "List", (), None, smart=False, doing=NOW)
        add_to_playlist(opened, "List", [NewEntry(f"/music/{one}.flac") for one in "abcd"], None, doing=NOW)
        yield opened


def titles(store: Store) -> str:
    return "".join(entry.title or "?" for entry in store.playlists.entries(store.playlists.named("List")))


@pytest.mark.parametrize("word", ["title:b", "/music/b.flac"])
def test_no_entry_goes_in_the_place_of_one_that_somebody_else_took_out_just_now(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    found = playlists._positions

    def and_then_another_process(*given: object) -> set[int]:
        positions = found(*given)  # type: ignore[arg-type]
        monkeypatch.undo()
        with Store.open(tmp_path / "library.db", program="test", now=1) as other:
            remove_from_playlist(other, "List", ["title:a"], doing=NOW)
        return positions

    monkeypatch.setattr(playlists, "_positions", and_then_another_process)
    with pytest.raises(UsageError, match="changed meanwhile: nothing was done"):
        remove_from_playlist(store, "List", [word], doing=NOW)
    assert titles(store) == "bcd"
    remove_from_playlist(store, "List", [word], doing=NOW)
    assert titles(store) == "cd"
