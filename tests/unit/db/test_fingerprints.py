"""Fingerprints, landmarks and analyses are kept by content, and are given back to the last bit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import music_records
import pytest
from fingerprints import fingerprinted, landmarks

from auralis_cli.db.store import Store
from auralis_cli.model.fingerprint import DIMENSIONS, FINGERPRINT_VERSION, FingerprintFlag
from auralis_cli.model.landmarks import Landmarks
from auralis_cli.model.library import FileFailure, FileRecord, TrackRecord

PATHS = ("/music/a.flac", "/music/b.flac", "/music/sub/c.flac", "/music/sub/copy of a.flac")
KEYS = ("flac:a", "flac:b", "flac:c", "flac:a")
BAD = FileFailure(None, PATHS[1], "unreadable", "cannot be decoded", "look at it")


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.empty(program="test", now=1) as store:
        root = store.roots.add("/music", now=1)
        files = [
            music_records.record(path, number=number, content=key)
            for number, (path, key) in enumerate(zip(PATHS, KEYS, strict=True))
        ]
        store.files.apply(files, root_id=root.id, now=2)
        yield store


def test_what_was_put_is_given_back_to_the_last_bit(store: Store) -> None:
    track = fingerprinted(3, flags=(FingerprintFlag.SHORT, FingerprintFlag.NO_TEMPO), confidence=1 / 3)
    store.fingerprints.put([("flac:a", track, landmarks(40))], now=3)
    assert store.fingerprints.get("flac:a") == track
    assert store.landmarks.get(["flac:a", "flac:b"]) == {"flac:a": landmarks(40)}
    assert store.fingerprints.get("flac:b") is None


def test_tracks_of_one_content_share_its_fingerprint(store: Store) -> None:
    store.fingerprints.put([("flac:a", fingerprinted(1), None)], now=3)
    ids = [track.id for path in PATHS for track in store.tracks.by_path(path)]
    assert store.fingerprints.of_tracks(ids) == {ids[0]: fingerprinted(1), ids[3]: fingerprinted(1)}
    assert store.fingerprints.tracks_of(["flac:a", "flac:c", "flac:none"]) == {
        "flac:a": [ids[0], ids[3]],
        "flac:c": [ids[2]],
    }
    assert store.fingerprints.keys_of(ids) == dict(zip(ids, KEYS, strict=True))


def test_each_content_is_to_be_done_once_where_its_largest_file_lies(store: Store) -> None:
    # What is cut short has the content of the whole; `music_records` makes later files larger.
    assert [place.path for place in store.fingerprints.places()] == list(PATHS[1:])
    assert [place.path for place in store.fingerprints.places(below="/music/sub")] == list(PATHS[2:])
    ids = [track.id for path in PATHS[:3] for track in store.tracks.by_path(path)]
    assert [place.path for place in store.fingerprints.places(ids)] == list(PATHS[:3])


def test_what_is_done_and_what_failed_is_not_to_be_done_again(store: Store) -> None:
    store.fingerprints.put([("flac:a", fingerprinted(1), landmarks(40))], now=3)
    store.fingerprints.fail("flac:b", BAD, now=3)
    assert [place.content_key for place in store.fingerprints.places()] == ["flac:c"]
    assert [place.content_key for place in store.fingerprints.places(again=True)] == ["flac:b", "flac:c", "flac:a"]


def test_without_landmarks_a_content_is_not_done(store: Store) -> None:
    nowhere = Landmarks(b"", b"")
    store.fingerprints.put([("flac:a", fingerprinted(1), None), ("flac:b", fingerprinted(2), nowhere)], now=3)
    assert [place.content_key for place in store.fingerprints.places()] == ["flac:c", "flac:a"]
    assert store.landmarks.get(["flac:b"]) == {}
    assert list(store.landmarks.stream()) == []


@pytest.mark.parametrize(
    ("tracks", "left"),
    [
        ([(1, 0, 500), (2, 500, None)], ["flac:cue#1", "flac:cue#2"]),
        ([(1, 0, 600), (2, 600, None)], []),
        ([(1, 0, 500), (2, 500, 900), (3, 900, None)], ["flac:cue#1"]),
        ([(1, 0, 500)], ["flac:cue#1"]),
    ],
)
def test_what_was_computed_of_another_part_of_a_file_is_forgotten(
    store: Store, tracks: list[tuple[int, int, int | None]], left: list[str]
) -> None:
    whole = music_records.record("/music/cue.flac", number=9, content="flac:cue", title="A")

    def divided(spans: list[tuple[int, int, int | None]], title: str) -> FileRecord:
        tags = replace(whole.tracks[0].tags, title=title)
        return replace(whole, tracks=tuple(TrackRecord(tags, 9.0, n, None, start, end) for n, start, end in spans))

    store.files.apply([divided([(1, 0, 500), (2, 500, None)], "A")], root_id=1, now=3)
    keys = ["flac:cue#1", "flac:cue#2"]
    store.fingerprints.put([(key, fingerprinted(1), landmarks(40)) for key in keys], now=4)
    store.analyses.put([(key, b"body") for key in keys], version=1, now=4)
    store.loudness.put([(key, music_records.LOUD) for key in keys], now=4)
    store.files.apply([divided(tracks, "B")], root_id=1, now=5)

    assert sorted(store.fingerprints.known(keys)) == left
    assert sorted(store.landmarks.get(keys)) == left
    assert [key for key in keys if store.analyses.get(key, version=1) is not None] == left
    assert [key for (key,) in store.database.all("SELECT content_key FROM loudness ORDER BY 1")] == left


@pytest.mark.parametrize(
    "damage", ["words = zeroblob(161)", "valid = zeroblob(4)", "valid = zeroblob(6)", "words = zeroblob(0)"]
)
def test_damaged_landmarks_are_as_good_as_none_and_looked_for_again(store: Store, damage: str) -> None:
    whole = [(key, fingerprinted(number), landmarks(40, number)) for number, key in enumerate(KEYS[:3])]
    store.fingerprints.put(whole, now=3)
    store.database.run(f"UPDATE landmarks SET {damage} WHERE content_key = 'flac:b'")
    assert list(store.landmarks.get(KEYS, also_none=True)) == ["flac:a", "flac:c"]
    assert [key for key, _ in store.landmarks.stream()] == ["flac:a", "flac:c"]
    assert [place.content_key for place in store.fingerprints.places()] == ["flac:b"]
    store.fingerprints.put(whole, now=4)
    assert store.landmarks.get(["flac:b"]) == {"flac:b": landmarks(40, 1)}


def test_older_definitions_are_as_good_as_none(store: Store) -> None:
    old = replace(fingerprinted(1), version=FINGERPRINT_VERSION + 1)
    store.fingerprints.put([("flac:a", old, landmarks(40))], now=3)
    assert store.fingerprints.get("flac:a") is None
    assert list(store.fingerprints.vectors()) == []
    assert "flac:a" in [place.content_key for place in store.fingerprints.places()]


def test_a_failure_is_remembered_until_it_succeeds(store: Store) -> None:
    store.fingerprints.fail("flac:b", BAD, now=3)
    store.fingerprints.fail("flac:b", replace(BAD, message="is silent as the grave"), now=4)
    assert store.fingerprints.failures() == [replace(BAD, message="is silent as the grave")]
    store.fingerprints.put([("flac:b", fingerprinted(1), landmarks(40))], now=5)
    assert store.fingerprints.failures() == []


def test_vectors_are_those_of_all_that_is_heard(store: Store) -> None:
    silent = fingerprinted(1, flags=(FingerprintFlag.SILENT,))
    short = fingerprinted(2, flags=(FingerprintFlag.SHORT,))
    heard = fingerprinted(3)
    store.fingerprints.put([("flac:c", short, None), ("flac:a", heard, None), ("flac:b", silent, None)], now=3)
    assert list(store.fingerprints.vectors()) == [
        ("flac:a", heard.fingerprint.values()),
        ("flac:c", short.fingerprint.values()),
    ]


def test_the_revision_changes_with_fingerprints_and_with_nothing_else(store: Store) -> None:
    seen = [store.fingerprints.revision()]
    store.fingerprints.put([("flac:a", fingerprinted(3), None)], now=3)
    seen.append(store.fingerprints.revision())
    store.fingerprints.put([("flac:a", fingerprinted(4), None)], now=4)
    seen.append(store.fingerprints.revision())
    store.orphans.remove("fingerprints", [1])
    store.fingerprints.put([("flac:a", fingerprinted(4), landmarks(8))], now=5)
    assert seen == sorted(set(seen))
    assert store.fingerprints.revision() == seen[-1]


@pytest.mark.parametrize("dimension", [dimension.name for dimension in DIMENSIONS])
def test_one_impossible_number_and_nothing_of_the_lot_is_stored(store: Store, dimension: str) -> None:
    good = fingerprinted(1)
    bad = replace(good, fingerprint=replace(good.fingerprint, **{dimension: 1e7}))
    with pytest.raises(Exception, match=f"CHECK constraint failed: {dimension}"):
        store.fingerprints.put([("flac:b", good, None), ("flac:a", bad, landmarks(8))], now=3)
    assert store.fingerprints.get("flac:b") is None
    assert store.landmarks.get(["flac:a"]) == {}


def test_an_analysis_is_given_back_to_its_own_version(store: Store) -> None:
    store.analyses.put([("flac:a", b"\x00bytes")], version=2, now=3)
    assert store.analyses.get("flac:a", version=2) == b"\x00bytes"
    assert store.analyses.get("flac:a", version=3) is None
    assert store.analyses.get("flac:b", version=2) is None


def test_a_pair_that_is_no_duplicate_has_no_order(store: Store) -> None:
    store.not_duplicates.add("flac:b", "flac:a", now=3)
    store.not_duplicates.add("flac:a", "flac:b", now=4)
    assert store.not_duplicates.all() == {frozenset(("flac:a", "flac:b"))}
    assert store.not_duplicates.remove("flac:b", "flac:a")
    assert not store.not_duplicates.remove("flac:b", "flac:a")
    assert store.not_duplicates.all() == set()


def test_neighbours_are_replaced_list_by_list(store: Store) -> None:
    similarity = store.similarity
    similarity.replace_neighbours([(1, [(2, 0.1), (3, 0.2)]), (2, [(1, 0.1)])])
    similarity.replace_neighbours([(1, [(3, 0.05)])])
    similarity.set_graph_revision(7)
    similarity.put_normalisation("{}")
    assert similarity.neighbours(1) == [(3, 0.05)]
    assert similarity.near_to([1, 3]) == {1, 2}
    assert set(similarity.farthest()) == {(1, 1, 0.05), (2, 1, 0.1)}
    assert similarity.state() == (0, "{}", 7)
    similarity.forget_neighbours()
    assert similarity.neighbours(1) == []
    assert similarity.state() == (0, "{}", None)


def test_what_came_changed_or_went_is_known_until_the_neighbours_are_in_order(store: Store) -> None:
    store.fingerprints.put([("flac:a", fingerprinted(3), None), ("flac:b", fingerprinted(4), None)], now=3)
    ids = store.similarity.ids_of(["flac:a", "flac:b"])
    assert store.similarity.changed() == set(ids.values())

    store.similarity.set_graph_revision(store.fingerprints.revision())
    assert store.similarity.changed() == set()
    store.fingerprints.put([("flac:b", fingerprinted(4), None)], now=4)
    assert store.similarity.changed() == set()
    store.fingerprints.put([("flac:b", fingerprinted(5), None)], now=4)
    store.database.run("DELETE FROM fingerprints WHERE id = ?", (ids["flac:a"],))
    assert store.similarity.changed() == set(ids.values())
