"""What was made of all fingerprints together: how they are normalised, and who is near whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.in_lists import rows_in

# The other content and how far it is, the nearest first.
Nearest = Sequence[tuple[str, float]]


class SimilarityState(NamedTuple):
    """How far what was computed is behind what is known."""

    # Grows with every change of a fingerprint.
    revision: int
    # JSON.
    normalisation: str | None
    # The revision that the neighbours are those of; None where there are none.
    graph_revision: int | None


class SimilarityRepository:
    """The state and the graph; all of it can be computed again."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def state(self) -> SimilarityState:
        """As it is at this moment."""
        row = self._database.one("SELECT revision, normalisation, graph_revision FROM similarity_state")
        return SimilarityState(0, None, None) if row is None else SimilarityState(*row)

    def put_normalisation(self, normalisation: str | None) -> None:
        """Keeps how fingerprints are normalised (JSON); None forgets it."""
        self._database.run("UPDATE similarity_state SET normalisation = ?", (normalisation,))

    def neighbours(self, content_key: str) -> list[tuple[str, float]]:
        """The stored neighbours of a content with their distances, the nearest first."""
        return self._database.all(
            "SELECT other_key, distance FROM neighbours WHERE content_key = ? ORDER BY rank", (content_key,)
        )

    def near_to(self, keys: Collection[str]) -> set[str]:
        """The contents that have one of `keys` as a neighbour: what changes with these."""
        rows = rows_in(self._database, "SELECT content_key FROM neighbours WHERE other_key IN ({marks})", keys)
        return {key for (key,) in rows}

    def replace_neighbours(self, lists: Iterable[tuple[str, Nearest]]) -> None:
        """Gives each content key these neighbours instead of those it had; an empty list leaves it none."""
        with self._database.write():
            for key, nearest in lists:
                self._database.run("DELETE FROM neighbours WHERE content_key = ?", (key,))
                rows = [(key, rank, other, distance) for rank, (other, distance) in enumerate(nearest, 1)]
                self._database.run_many(
                    "INSERT INTO neighbours (content_key, rank, other_key, distance) VALUES (?, ?, ?, ?)", rows
                )

    def forget_neighbours(self) -> None:
        """Takes all neighbours away, and with them the revision they were those of."""
        with self._database.write():
            self._database.run("DELETE FROM neighbours")
            self.set_graph_revision(None)

    def set_graph_revision(self, revision: int | None) -> None:
        """Notes which fingerprints the neighbours are those of."""
        self._database.run("UPDATE similarity_state SET graph_revision = ?", (revision,))
