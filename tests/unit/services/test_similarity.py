"""The nearest tracks, from the stored graph or by search, and the order that `like:` means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from library_of import NOW, put, record
from sounding import fingerprinted, put_sounds, put_vectors, vectors

from auralis_cli.analysis.similarity import distances, nearest
from auralis_cli.db.store import Store
from auralis_cli.errors import CancelledError, UsageError
from auralis_cli.model.fingerprint import DIMENSIONS, FingerprintFlag
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.query import Query
from auralis_cli.model.query_words import Surroundings, parse_query
from auralis_cli.model.similarity import Neighbour, Weighting
from auralis_cli.services.likeness import ranked
from auralis_cli.services.neighbour_graph import update_graph
from auralis_cli.services.seeds import Seed, heard_in_library, seed_of
from auralis_cli.services.similarity import SimilarRequest, similar
from auralis_cli.services.sound_matrix import cache_path, load_matrix
from auralis_cli.services.stored_scale import NEIGHBOURS_KEPT, scale_of_graph


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.empty(program="test", now=NOW) as store:
        yield store


@pytest.fixture
def filed(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db", program="test", now=NOW) as store:
        yield store


def _seed(store: Store, *ids: int) -> Seed:
    return seed_of(store, "seed", [heard_in_library(store, ids)])


def _ids(found: tuple[Neighbour, ...]) -> list[int]:
    return [one.track.id for one in found]


def _query(*words: str) -> Query:
    return parse_query(words, Surroundings(NOW))


def _by_force(store: Store, seed: int) -> list[int]:
    """Ids of tracks, which are those of fingerprints here, by distance."""
    matrix = load_matrix(store)
    far = distances(matrix.points, matrix.points[matrix.rows_of([seed])[0]])
    return [int(matrix.ids[row]) for row in np.argsort(far, kind="stable") if matrix.ids[row] != seed]


@pytest.mark.parametrize("with_graph", [True, False])
def test_the_nearest_tracks_come_first_and_never_the_track_itself(store: Store, with_graph: bool) -> None:
    put_sounds(store, 300)
    if with_graph:
        assert update_graph(store, CancelToken())

    found = similar(store, _seed(store, 7), SimilarRequest(limit=10))

    assert _ids(found) == _by_force(store, 7)[:10]
    assert [one.distance for one in found] == sorted(one.distance for one in found)
    assert all(one.score == 1.0 - one.distance and not one.explain for one in found)


def test_the_graph_answers_as_the_search_does_to_the_last_bit(store: Store) -> None:
    put_sounds(store, 500)
    searched = [similar(store, _seed(store, one), SimilarRequest(explain=True)) for one in range(1, 60)]
    update_graph(store, CancelToken())

    assert [similar(store, _seed(store, one), SimilarRequest(explain=True)) for one in range(1, 60)] == searched


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM neighbours WHERE rank < 4",
        "DELETE FROM neighbours WHERE rank > 4",
        "DELETE FROM neighbours",
        "UPDATE neighbours SET other_id = fingerprint_id WHERE rank = 2",
        "UPDATE neighbours SET distance = 1.0 WHERE rank = 2",
        "UPDATE neighbours SET other_id = other_id + 1000",
    ],
)
def test_a_damaged_graph_is_not_asked(store: Store, damage: str) -> None:
    put_sounds(store, 60)
    update_graph(store, CancelToken())
    store.database.run(damage)

    assert _ids(similar(store, _seed(store, 7), SimilarRequest(limit=10))) == _by_force(store, 7)[:10]


def test_copies_of_the_track_are_left_out_and_of_others_the_first_is_listed(store: Store) -> None:
    made = put_sounds(store, 40)
    put(store, [replace(record(f"/m/copy{one}.flac"), content_id=f"test:t0000{one}") for one in (1, 2)])
    put_vectors(store, {"test:t00002": made[0] * 1.0})

    found = similar(store, _seed(store, 1), SimilarRequest(limit=40))

    assert _ids(found)[0] == 2
    assert sorted(_ids(found)) == list(range(2, 41))


def test_contents_without_a_track_take_nobodys_place(store: Store) -> None:
    made = put_sounds(store, 60)
    near = {f"gone:{number:03}": made[0] + 1e-6 * number for number in range(100)}
    put_vectors(store, near)
    for with_graph in (False, True):
        if with_graph:
            update_graph(store, CancelToken())
        found = similar(store, _seed(store, 1), SimilarRequest(limit=10))
        assert _ids(found) == [one for one in _by_force(store, 1) if one <= 60][:10]


def test_silence_is_near_nothing_and_nothing_is_near_it(store: Store) -> None:
    made = put_sounds(store, 40)
    silent = replace(fingerprinted(made[0]), flags=(FingerprintFlag.SILENT,))
    put(store, [record("/m/silence.flac")])
    store.fingerprints.put([("test:silence", silent, None)], now=NOW)

    assert similar(store, _seed(store, 41), SimilarRequest()) == ()
    assert 41 not in _ids(similar(store, _seed(store, 1), SimilarRequest(limit=100)))
    assert ranked(store, _query("like:41")).ranking == ()


def test_a_track_without_fingerprint_says_how_to_make_one(store: Store) -> None:
    put_sounds(store, 3)
    put(store, [record("/m/new.flac")])

    with pytest.raises(UsageError, match="seed: has no fingerprint yet") as raised:
        _seed(store, 4)
    assert "auralis fingerprint" in (raised.value.hint or "")
    assert _seed(store, 4, 1).unknown == 1


def test_what_is_near_several_tracks_is_near_their_middle(store: Store) -> None:
    made = put_sounds(store, 200)
    centroid = [one.name for one in DIMENSIONS].index("spectral_centroid")
    low, high, between = made[0].copy(), made[0].copy(), made[0].copy()
    low[centroid], high[centroid], between[centroid] = 500.0, 3000.0, 1225.0
    put_vectors(store, {"test:t00010": low, "test:t00011": high, "test:t00012": between})

    found = similar(store, _seed(store, 10, 11), SimilarRequest(limit=3))

    assert _ids(found)[0] == 12
    assert found[0].distance < 0.01
    assert not {10, 11} & set(_ids(found))


def test_explain_has_all_shares_the_widest_first_with_the_values_of_both(store: Store) -> None:
    made = put_sounds(store, 50)

    (first,) = similar(store, _seed(store, 5), SimilarRequest(limit=1, explain=True))

    shares = [share.share for share in first.explain]
    assert sum(shares) == pytest.approx(1.0)
    assert shares == sorted(shares, reverse=True)
    names = [one.name for one in DIMENSIONS]
    for share in first.explain:
        column = names.index(share.dimension)
        assert (share.a, share.b) == (made[4][column], made[first.track.id - 1][column])


def test_weights_change_who_is_near(store: Store) -> None:
    put_sounds(store, 400)
    update_graph(store, CancelToken())

    found = {one: _ids(similar(store, _seed(store, 9), SimilarRequest(weighting=one))) for one in Weighting}

    assert len({tuple(ids) for ids in found.values()}) == len(Weighting)


def test_the_matrix_is_kept_beside_the_library_until_a_fingerprint_changes(filed: Store) -> None:
    made = put_sounds(filed, 50)
    first = load_matrix(filed)
    path = cache_path(filed)
    assert path is not None
    written = path.stat()

    again = load_matrix(filed)
    assert (path.stat().st_ino, path.stat().st_mode & 0o777) == (written.st_ino, 0o600)
    for one, other in ((first.ids, again.ids), (first.points, again.points), (first.squared, again.squared)):
        assert one.tobytes() == other.tobytes()
    assert again.normalisation == first.normalisation

    put_vectors(filed, {"test:t00001": made[1]})
    changed = load_matrix(filed)
    assert changed.points[0].tobytes() == changed.points[1].tobytes()
    assert path.stat().st_ino != written.st_ino


@pytest.mark.parametrize("damage", ["cut", "other", "empty", "head", "nested", "infinite", "one bit"])
def test_a_matrix_that_is_damaged_or_none_of_ours_is_made_anew(filed: Store, damage: str) -> None:
    put_sounds(filed, 50)
    expected = load_matrix(filed).points.tobytes()
    path = cache_path(filed)
    assert path is not None
    data = path.read_bytes()
    path.write_bytes(
        {
            "cut": data[:-4],
            "other": b"RIFF" * 2000,
            "empty": b"",
            "head": b"[1]" + data[3:],
            "nested": b"[" * len(data),
            "infinite": data.replace(b'"rows": 50', b'"rows": 1e999'),
            "one bit": data[:5000] + bytes([data[5000] ^ 64]) + data[5001:],
        }[damage]
    )

    assert load_matrix(filed).points.tobytes() == expected
    assert path.read_bytes() == data


def test_a_library_that_was_put_back_is_not_taken_for_the_one_that_went_on(filed: Store, tmp_path: Path) -> None:
    put_sounds(filed, 40, seed=1)
    copy = tmp_path / "copy.db"
    filed.backup(copy, CancelToken())
    put_vectors(filed, {"test:t00001": vectors(1, seed=5)[0]})
    load_matrix(filed)
    with Store.open(copy, program="test", now=NOW) as other:
        put_vectors(other, {"test:t00001": vectors(1, seed=6)[0]})
        assert other.fingerprints.revision() != filed.fingerprints.revision()


def test_where_nothing_can_be_written_the_matrix_is_made_each_time(
    filed: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_sounds(filed, 40)
    monkeypatch.setattr("auralis_cli.services.sound_matrix.cache_path", lambda _: Path("/proc/nothing/sounds"))

    assert len(load_matrix(filed).ids) == 40


def test_the_scale_is_fitted_anew_when_the_library_has_grown_by_a_tenth(store: Store) -> None:
    put_sounds(store, 100)
    update_graph(store, CancelToken())
    scale = scale_of_graph(store.similarity.state())
    assert scale is not None
    assert scale.tracks == 100

    more = vectors(20, seed=9)
    put_vectors(store, {f"new:{one}": more[one] for one in range(10)})
    update_graph(store, CancelToken())
    assert scale_of_graph(store.similarity.state()) == scale

    put_vectors(store, {"new:10": more[10]})
    assert scale_of_graph(store.similarity.state()) is None
    update_graph(store, CancelToken())
    fitted = scale_of_graph(store.similarity.state())
    assert fitted is not None
    assert fitted.tracks == 111
    _check_graph(store)


def test_a_graph_of_older_definitions_is_not_asked(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put_sounds(store, 40)
    update_graph(store, CancelToken())
    assert scale_of_graph(store.similarity.state()) is not None

    monkeypatch.setattr("auralis_cli.services.stored_scale.FINGERPRINT_VERSION", 99)
    assert scale_of_graph(store.similarity.state()) is None


def test_a_stopped_update_leaves_the_graph_as_it_was(store: Store) -> None:
    put_sounds(store, 60)
    update_graph(store, CancelToken())
    before = [store.similarity.neighbours(one) for one in range(1, 61)]
    put_vectors(store, {"test:t00001": vectors(1, seed=8)[0]})
    cancel = CancelToken()
    cancel.cancel()

    with pytest.raises(CancelledError):
        update_graph(store, cancel)

    assert [store.similarity.neighbours(one) for one in range(1, 61)] == before
    assert scale_of_graph(store.similarity.state()) is None
    update_graph(store, CancelToken())
    _check_graph(store)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_the_graph_is_what_brute_force_finds_whatever_came_changed_or_went(data: st.DataObject) -> None:
    count = data.draw(st.sampled_from([0, 1, 5, 12, 40, 150]))
    pool = vectors(600, seed=data.draw(st.integers(0, 1000)))
    drawn = iter(range(600))
    with Store.empty(program="test", now=NOW) as store:
        put_vectors(store, {f"k:{one}": pool[next(drawn)] for one in range(count)})
        keys = {f"k:{one}" for one in range(count)}
        for _ in range(data.draw(st.integers(1, 4))):
            added = data.draw(st.integers(0, 12))
            put_vectors(store, {f"n:{len(keys)}:{one}": pool[next(drawn)] for one in range(added)})
            keys |= {f"n:{len(keys)}:{one}" for one in range(added)}
            listed = sorted(keys)
            for key in data.draw(st.lists(st.sampled_from(listed), max_size=6)) if listed else ():
                # Also to the very sound of another.
                put_vectors(store, {key: pool[data.draw(st.integers(0, 599))]})
            for key in data.draw(st.sets(st.sampled_from(listed), max_size=6)) if listed else ():
                store.database.run("DELETE FROM fingerprints WHERE content_key = ?", (key,))
                keys.discard(key)
            assert update_graph(store, CancelToken())
            _check_graph(store)


def _check_graph(store: Store) -> None:
    """Every list is the one that a search finds on the scale of the graph, and there is no other."""
    matrix = load_matrix(store)
    assert scale_of_graph(store.similarity.state()) == matrix.normalisation
    for row, number in enumerate(matrix.ids.tolist()):
        near = nearest(matrix.points, matrix.points[row], NEIGHBOURS_KEPT, without=[row])
        expected = list(zip(matrix.ids[near.rows].tolist(), near.distances.tolist(), strict=True))
        assert store.similarity.neighbours(number) == expected
    known = {number for number, _, _ in store.similarity.farthest()}
    assert known <= set(matrix.ids.tolist())


def test_like_ranks_what_the_rest_finds_and_the_track_itself_comes_first(store: Store) -> None:
    put_sounds(store, 200)

    everything = [track.id for track in store.listings.tracks(ranked(store, _query("like:7")))]
    some = [track.id for track in store.listings.tracks(ranked(store, _query("like:7", "title:t0001")))]

    assert everything == [7, *_by_force(store, 7)]
    assert some == [one for one in everything if 10 <= one <= 19]


@pytest.mark.parametrize(("limit", "offset"), [(5, 0), (5, 3), (0, 0), (None, 190), (1500, 0)])
def test_like_is_cut_by_limit_and_offset(store: Store, limit: int | None, offset: int) -> None:
    put_sounds(store, 200)
    query = ranked(store, _query("like:7"))
    everything = [track.id for track in store.listings.tracks(query)]

    found = [track.id for track in store.listings.tracks(query, limit=limit, offset=offset)]

    assert found == everything[offset : None if limit is None else offset + limit]


def test_like_with_a_bound_finds_what_is_no_farther_and_sorting_comes_before_nearness(store: Store) -> None:
    put_sounds(store, 200)
    near = similar(store, _seed(store, 7), SimilarRequest(limit=200))
    bound = (near[9].distance + near[10].distance) / 2

    query = ranked(store, _query(f"like:7~{bound:.6f}"))
    by_title = ranked(store, _query(f"like:7~{bound:.6f}", "title-"))

    within = [7, *_ids(near[:10])]
    assert list(store.listings.track_ids(query)) == within
    assert list(store.listings.track_ids(by_title)) == sorted(within, reverse=True)
    assert store.listings.count_tracks(query) == 11


def test_like_a_path_and_like_several_rank_by_their_middle(store: Store) -> None:
    put_sounds(store, 100)

    assert ranked(store, _query("like:/m/t00007.flac")).ranking == ranked(store, _query("like:7")).ranking
    both = ranked(store, _query("like:7", "like:/m/t00008.flac~0.9")).ranking
    seed = _seed(store, 7, 8)
    assert seed.vector is not None
    assert both is not None
    assert [one for one in both if one not in (7, 8)][:5] == _ids(similar(store, seed, SimilarRequest(limit=5)))


def test_like_leaves_out_what_has_no_fingerprint_and_lists_every_copy(store: Store) -> None:
    put_sounds(store, 30)
    copy = replace(record("/m/copy.flac"), content_id="test:t00003")
    put(store, [record("/m/new.flac"), copy])

    ids = list(store.listings.track_ids(ranked(store, _query("like:3"))))

    copied = next(store.listings.track_ids(_query("path:=/m/copy.flac")))
    assert ids[:2] == [3, copied]
    assert len(ids) == 31


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("like:999", "no track of the library has this id"),
        ("like:/m/none.flac", "is no track of the library"),
        ("like:3", "has no fingerprint yet"),
    ],
)
def test_like_a_track_that_cannot_be_compared_is_refused(store: Store, word: str, why: str) -> None:
    put_sounds(store, 2)
    put(store, [record("/m/new.flac")])

    with pytest.raises(UsageError, match=f"{word}: {why}"):
        ranked(store, _query(word))


def test_a_likeness_that_nobody_ranked_is_no_query_for_the_library(store: Store) -> None:
    with pytest.raises(ValueError, match="is ranked by"):
        list(store.listings.tracks(_query("like:3")))


@pytest.mark.invariant("S0-H05")
def test_nearest_tracks_cost_as_many_queries_whatever_their_number(store: Store) -> None:
    put_sounds(store, 400)
    update_graph(store, CancelToken())

    def asked(limit: int) -> int:
        statements: list[str] = []
        connection = store.database.of_this_thread()
        connection.set_trace_callback(statements.append)
        try:
            seed = _seed(store, 5)
            assert len(similar(store, seed, SimilarRequest(limit=limit, explain=True))) == limit
            some = store.listings.tracks(ranked(store, _query("like:5", "title")), limit=limit)
            assert len(list(some)) == limit
        finally:
            connection.set_trace_callback(None)
        return len(statements)

    assert asked(20) == asked(200) <= 30
