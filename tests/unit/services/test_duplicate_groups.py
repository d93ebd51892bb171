"""Pairs become groups around a copy to keep, and nothing is chained that is not like it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import pytest
from copies_of_tracks import copy_facts

from auralis_cli.model.duplicates import DuplicateGroup, RecordingMatch
from auralis_cli.services.duplicate_groups import Pair, Resemblance, groups_of, ignored_pair
from auralis_cli.services.kept_copy import CopyFacts

_MP3: dict[str, Any] = {"format": "mp3", "codec": "mp3", "lossless": False, "bits": None, "bitrate_bps": 128_000}


def match(one: str, other: str, rate: float = 0.03, *, offset_s: float = 0.0, shared: float = 1.0) -> RecordingMatch:
    first, second = sorted((one, other))
    return RecordingMatch(first, second, rate, offset_s if first == one else -offset_s, shared)


def groups(
    facts: Sequence[CopyFacts],
    matches: Sequence[RecordingMatch] = (),
    *,
    same_samples: Collection[Pair] = (),
    looked: Sequence[RecordingMatch] = (),
    ignored: Collection[Pair] = (),
    chosen: Collection[int] | None = None,
) -> tuple[list[DuplicateGroup], int]:
    by_pair = {frozenset((one.first_key, one.second_key)): one for one in looked}
    likeness = Resemblance(
        {frozenset((one.first_key, one.second_key)): one for one in matches},
        set(same_samples),
        lambda one, other: by_pair.get(frozenset((one, other))),
    )
    return groups_of(facts, likeness, set(ignored), chosen)


def shown(found: tuple[list[DuplicateGroup], int]) -> list[tuple[str, str, list[str]]]:
    """Kind, path of the copy to keep, and the others with what is done about them."""
    return [
        (group.kind.value, group.keep.path, [f"{copy.action} {copy.track.path}" for copy in group.copies])
        for group in found[0]
    ]


A, B, C, D = (copy_facts(number, f"/{name}", key=name) for number, name in enumerate("abcd", 1))


def test_tracks_of_one_content_are_identical() -> None:
    found = groups([copy_facts(1, "/a", key="k"), copy_facts(2, "/b", key="k", artist="A", title="Other")])
    assert shown(found) == [("identical", "/b", ["trash /a"])]
    (copy,) = found[0][0].copies
    assert (copy.error_rate, copy.detail) == (None, "the same audio, sample for sample: under other tags")


def test_the_same_samples_in_another_container_are_identical_whatever_the_landmarks_say() -> None:
    wav = copy_facts(2, "/b", key="b", format="wav", codec="pcm_s16le")
    found = groups([A, wav], [match("a", "b", 0.0)], same_samples={frozenset("ab")})
    assert shown(found) == [("identical", "/a", ["trash /b"])]
    assert found[0][0].copies[0].detail == "the same audio, sample for sample: pcm_s16le"


def test_the_kind_of_a_group_is_that_of_its_least_close_copy_and_the_closest_come_first() -> None:
    cut = replace(copy_facts(3, "/0", key="c", duration_s=30.0, **_MP3), heard_s=30.0)
    same_content = copy_facts(4, "/z", key="a")
    found = groups([A, B, cut, same_content], [match("a", "b"), match("a", "c", offset_s=60.0, shared=0.12)])
    assert shown(found) == [("cut", "/a", ["trash /z", "trash /b", "trash /0"])]


def test_it_is_said_what_a_copy_differs_in() -> None:
    keep = copy_facts(1, "/a", key="a", integrated_lufs=-14.0)
    copy = copy_facts(2, "/b", key="b", integrated_lufs=-11.9, sample_rate_hz=48_000, duration_s=230.0, **_MP3)
    (told,) = groups([keep, copy], [match("a", "b", 0.031)])[0][0].copies
    differences = "10.0 s shorter, mp3 128 kbit/s, 48 kHz, 2.1 LU louder"
    assert told.detail == f"the same recording: {differences}; 3.1 % of the landmarks differ"
    assert (told.level_difference_lu, told.start_s, told.end_s) == (2.1, None, None)


def test_the_stretch_that_a_cut_copy_holds_is_told() -> None:
    cut = replace(copy_facts(2, "/b", key="b", duration_s=90.0), heard_s=90.0)
    (told,) = groups([A, cut], [match("a", "b", offset_s=65.0, shared=0.38)])[0][0].copies
    assert (told.start_s, told.end_s, told.level_difference_lu) == (65.0, 155.0, None)
    assert told.detail.startswith("a cut of the same recording: 1:05 to 2:35 of it;")


def test_a_copy_of_a_copy_belongs_only_if_it_is_like_the_one_to_keep() -> None:
    # b is like a and c, which are not like each other; d is like c alone.
    pairs = [match("a", "b"), match("b", "c"), match("c", "d")]
    assert shown(groups([A, B, C, D], pairs)) == [
        ("same", "/a", ["trash /b"]),
        ("same", "/c", ["trash /d"]),
    ]
    looked = groups([A, B, C], pairs[:2], looked=[match("a", "c", 0.1)])
    assert shown(looked) == [("same", "/a", ["trash /b", "trash /c"])]


@pytest.mark.invariant("S3-ENG-14")
def test_what_is_possible_is_shown_and_never_chained_nor_acted_on() -> None:
    pairs = [match("a", "b"), match("b", "c", 0.25), match("c", "d", 0.28)]
    found = groups([A, B, C, D], pairs, looked=[match("a", "c", 0.22)])
    assert shown(found) == [
        ("same", "/a", ["trash /b"]),
        ("possible", "/a", ["keep /c"]),
        ("possible", "/c", ["keep /d"]),
    ]
    assert found[0][1].copies[0].stays == "somebody has to listen"


def test_a_possible_pair_within_one_group_is_not_shown_again() -> None:
    pairs = [match("a", "b"), match("a", "c"), match("b", "c", 0.24)]
    assert shown(groups([A, B, C], pairs)) == [("same", "/a", ["trash /b", "trash /c"])]


def test_what_was_said_to_be_no_duplicate_is_none_and_counted() -> None:
    ignored = {frozenset(ignored_pair((1, "a"), (2, "b")))}
    assert groups([A, B], [match("a", "b")], ignored=ignored) == ([], 1)
    # Both are like c, which is kept, and yet both are wanted: one of them stays out.
    best = copy_facts(3, "/c", key="c", artist="A")
    found = groups([A, B, best], [match("a", "b"), match("a", "c"), match("b", "c")], ignored=ignored)
    assert shown(found) == [("same", "/c", ["trash /a"])]
    assert groups([A, B], [match("a", "b", 0.25)], ignored=ignored)[0] == []


def test_two_tracks_of_one_content_may_both_be_wanted() -> None:
    first, second, third = (copy_facts(number, f"/{number}", key="k") for number in (1, 2, 3))
    ignored = {frozenset(ignored_pair((1, "k"), (2, "k")))}
    assert groups([first, second], ignored=ignored) == ([], 1)
    assert shown(groups([first, second, third], ignored=ignored)) == [("identical", "/1", ["trash /3"])]


def test_of_chosen_tracks_their_groups_are_shown_and_only_they_go() -> None:
    pairs = [match("a", "b"), match("a", "c")]
    assert groups([A, B, C], pairs, chosen=[99])[0] == []
    assert shown(groups([A, B, C], pairs, chosen=[2])) == [("same", "/a", ["trash /b", "keep /c"])]
    assert shown(groups([A, B, C], pairs, chosen=[1])) == [("same", "/a", ["keep /b", "keep /c"])]


def test_a_lossless_copy_does_not_go_for_a_complete_one_that_is_lossy() -> None:
    complete = copy_facts(1, "/a", key="a", **_MP3)
    lossless = copy_facts(2, "/b", key="b", heard_s=225.0, duration_s=225.0)
    found = groups([complete, lossless], [match("a", "b", shared=0.94)])
    assert shown(found) == [("same", "/a", ["keep /b"])]
    assert found[0][0].copies[0].stays == "it is lossless, and the complete one is not"


def test_stereo_does_not_go_for_a_complete_one_that_is_mono() -> None:
    stereo = replace(copy_facts(2, "/b", key="b", heard_s=100.0, duration_s=100.0), voices=2)
    found = groups([A, stereo], [match("a", "b", shared=0.4)])
    assert shown(found) == [("cut", "/a", ["keep /b"])]
    assert found[0][0].copies[0].stays == "it is stereo, and the complete one is not"


def test_a_mix_of_another_number_of_channels_stays() -> None:
    surround = replace(copy_facts(2, "/b", key="b", channels=6), voices=2)
    stereo = replace(A, voices=2)
    found = groups([stereo, surround], [match("a", "b")])
    assert [copy.stays for copy in found[0][0].copies] == ["it has another number of channels"]


def test_a_part_of_something_much_longer_stays() -> None:
    mix = replace(copy_facts(1, "/a", key="a", duration_s=3600.0), heard_s=3600.0)
    found = groups([mix, B], [match("a", "b", offset_s=600.0, shared=0.07)])
    assert shown(found) == [("cut", "/a", ["keep /b"])]
    assert found[0][0].copies[0].stays == "the longer one may be a mix"


def test_parts_that_follow_each_other_in_a_longer_one_stay() -> None:
    side = replace(copy_facts(1, "/a", key="a", duration_s=480.0), heard_s=480.0)
    pairs = [match("a", "b", shared=0.5), match("a", "c", offset_s=240.0, shared=0.5)]
    assert shown(groups([side, B, C], pairs)) == [("cut", "/a", ["keep /b", "keep /c"])]
    overlapping = [pairs[0], match("a", "c", offset_s=60.0, shared=0.5)]
    assert shown(groups([side, B, C], overlapping)) == [("cut", "/a", ["trash /b", "trash /c"])]


def test_a_file_that_is_bound_stays() -> None:
    bound = replace(B, bound="a track of a cue sheet, its file holds others")
    better = copy_facts(1, "/a", key="a", artist="A")
    found = groups([better, bound], [match("a", "b")])
    assert shown(found) == [("same", "/a", ["keep /b"])]
    assert found[0][0].copies[0].stays == bound.bound
