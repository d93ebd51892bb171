"""What was made of all fingerprints together: how they are normalised, and who is near whom.

Fingerprints go by the ids of their rows here; `tracks_of` and `ids_of` lead to tracks and from contents.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from auralis_cli.db.connection import LibraryDatabase, Row
from auralis_cli.db.in_lists import rows_in
from auralis_cli.model.fingerprint import DIMENSIONS, FINGERPRINT_VERSION, FingerprintFlag

# The id of the other and how far it is, the nearest first.
Neighbours = Sequence[tuple[int, float]]

# Of the current definitions, and not silent: silence is like nothing.
_HEARD = "version = ? AND instr(' ' || flags || ' ', ?) = 0"
_HEARD_VALUES = (FINGERPRINT_VERSION, f" {FingerprintFlag.SILENT} ")


class SimilarityState(NamedTuple):
    """How far what was computed is behind what is known."""

    # Another one after every change of a fingerprint.
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

    def vectors(self) -> Iterator[Row]:
        """The id of each fingerprint that can be compared and its 25 values, in the order of ids.

        Also of contents that no track has at the moment: then the revision alone says whether what was made of them
        is still right.
        """
        names = ", ".join(dimension.name for dimension in DIMENSIONS)
        # The plus: in the order of the rows, not by an index.
        statement = f"SELECT id, {names} FROM fingerprints WHERE {_HEARD} ORDER BY +id"
        return self._database.stream(statement, _HEARD_VALUES)

    def ids_of(self, keys: Collection[str]) -> dict[str, int]:
        """The fingerprints of contents, of those that have one that can be compared."""
        statement = f"SELECT content_key, id FROM fingerprints WHERE content_key IN ({{marks}}) AND {_HEARD}"
        return dict(rows_in(self._database, statement, keys, then=_HEARD_VALUES))

    def first_tracks(self, ids: Collection[int]) -> dict[int, int]:
        """The first track that has the content of each fingerprint; one that no track has is left out."""
        statement = (
            "SELECT p.id, min(t.id) FROM fingerprints AS p CROSS JOIN tracks AS t ON t.content_key = p.content_key "
            "WHERE p.id IN ({marks}) GROUP BY p.id"
        )
        return dict(rows_in(self._database, statement, ids))

    def neighbours(self, fingerprint_id: int) -> list[tuple[int, float]]:
        """The stored neighbours of a fingerprint with their distances, the nearest first; none where damaged."""
        statement = "SELECT rank, other_id, distance FROM neighbours WHERE fingerprint_id = ? ORDER BY rank"
        rows = self._database.all(statement, (fingerprint_id,))
        found = [(other, distance) for _, other, distance in rows]
        is_in_order = [rank for rank, _, _ in rows] == list(range(1, len(rows) + 1))
        others, distances = {other for other, _ in found} - {fingerprint_id}, [distance for _, distance in found]
        return found if is_in_order and len(others) == len(rows) and distances == sorted(distances) else []

    def are_more_than(self, count: int) -> bool:
        """Whether so many fingerprints that can be compared are not all."""
        statement = f"SELECT 1 FROM fingerprints WHERE {_HEARD} LIMIT 1 OFFSET ?"
        return self._database.one(statement, (*_HEARD_VALUES, count)) is not None

    def near_to(self, ids: Collection[int]) -> set[int]:
        """The fingerprints that have one of `ids` as a neighbour: what changes with these."""
        rows = rows_in(self._database, "SELECT fingerprint_id FROM neighbours WHERE other_id IN ({marks})", ids)
        return {found for (found,) in rows}

    def farthest(self) -> Iterator[tuple[int, int, float]]:
        """How many neighbours each has that has any, and how far the farthest is."""
        statement = "SELECT fingerprint_id, count(*), max(distance) FROM neighbours GROUP BY fingerprint_id"
        return ((found, count, distance) for found, count, distance in self._database.stream(statement))

    def changed(self) -> set[int]:
        """The fingerprints that came, changed or went since the neighbours were put in order."""
        return {found for (found,) in self._database.all("SELECT id FROM neighbour_changes")}

    def replace_neighbours(self, lists: Iterable[tuple[int, Neighbours]]) -> None:
        """Gives each fingerprint these neighbours instead of those it had; an empty list leaves it none."""
        listed = list(lists)
        rows = (
            (found, rank, other, distance)
            for found, nearest in listed
            for rank, (other, distance) in enumerate(nearest, 1)
        )
        with self._database.write():
            self._database.run_many("DELETE FROM neighbours WHERE fingerprint_id = ?", [(one,) for one, _ in listed])
            self._database.run_many(
                "INSERT INTO neighbours (fingerprint_id, rank, other_id, distance) VALUES (?, ?, ?, ?)", rows
            )

    def forget_neighbours(self) -> None:
        """Takes all neighbours away, and with them the revision they were those of."""
        with self._database.write():
            self._database.run("DELETE FROM neighbours")
            self._database.run("UPDATE similarity_state SET graph_revision = NULL")

    def set_graph_revision(self, revision: int) -> None:
        """Notes which fingerprints the neighbours are those of: nothing has changed since then."""
        with self._database.write():
            self._database.run("DELETE FROM neighbour_changes")
            self._database.run("UPDATE similarity_state SET graph_revision = ?", (revision,))
