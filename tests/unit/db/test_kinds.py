"""Genres and moods by fingerprint: each once, in one spelling, whichever of a content's tracks has them."""

from __future__ import annotations

from collections.abc import Iterator

import music_records
import pytest

from auralis_cli.db.store import Store
from auralis_cli.model.fingerprint import DIMENSIONS, FINGERPRINT_VERSION, Fingerprint, FingerprintedTrack

SILENCE = Fingerprint(*(dimension.silence for dimension in DIMENSIONS))


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.empty(program="test", now=1) as store:
        root = store.roots.add("/m", now=1).id
        records = [
            music_records.record("/m/a.flac", number=1, content="a", genres=("Jazz", "Hip Hop"), moods=("Calm",)),
            music_records.record(
                "/m/b.flac", number=2, content="a", genres=("hip hop", "Blues"), moods=("calm", "Far")
            ),
            music_records.record("/m/c.flac", number=3, content="c", moods=("calm",)),
            music_records.record("/m/d.flac", number=4, content="d", genres=("Jazz",), moods=("Far",)),
            music_records.record("/m/e.flac", number=5, content="old", genres=("Jazz",), moods=("Far",)),
        ]
        store.files.apply(records, root_id=root, now=1)
        known = FingerprintedTrack(SILENCE)
        store.fingerprints.put([("a", known, None), ("c", known, None), ("nowhere", known, None)], now=1)
        old = FingerprintedTrack(SILENCE, version=FINGERPRINT_VERSION + 1)
        store.fingerprints.put([("old", old, None)], now=1)
        yield store


def test_genres_are_those_of_all_tracks_of_a_content(store: Store) -> None:
    (number,) = store.database.one("SELECT id FROM fingerprints WHERE content_key = 'a'") or ()
    (hip_hop,) = store.database.one("SELECT name FROM genres WHERE key = 'hip hop'") or ()
    assert store.kinds.genres() == {number: ("Jazz", hip_hop, "Blues")}


def test_moods_have_the_spelling_that_most_have(store: Store) -> None:
    ids: dict[str, int] = dict(store.database.all("SELECT content_key, id FROM fingerprints"))
    assert store.kinds.moods() == {ids["a"]: ("calm", "Far"), ids["c"]: ("calm",)}
