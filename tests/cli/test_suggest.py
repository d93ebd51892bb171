"""`auralis suggest` as a command: genres and moods from the user's own tags, and how good such guesses are."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import library_of
import pytest
import sounding
from command_line import Run

from auralis_cli.db.store import Store
from auralis_cli.model.fingerprint import FingerprintFlag

GENRES = ("Jazz", "Folk", "Metal")
OF_EACH = 12


def kind(number: int) -> int:
    """Which of three kinds of music a track is."""
    return number % len(GENRES)


def fill(library: Path, *, tagged: Callable[[int], dict[str, Any]]) -> None:
    """Tracks of three kinds, which sound alike within a kind; one more that was never fingerprinted."""
    centres = sounding.vectors(len(GENRES), seed=1)
    spread = sounding.vectors(OF_EACH * len(GENRES), seed=2)
    with Store.open(library, program="test", now=1) as store:
        records, known = [], []
        for number, vector in enumerate(spread):
            name = f"{number:02}"
            records.append(library_of.record(f"/m/{name}.flac", duration_s=60.0 + 9.0 * number, **tagged(number)))
            mixed = centres[kind(number)] * 0.9 + vector * 0.1
            known.append((f"test:{name}", sounding.fingerprinted(mixed), None))
        library_of.put(store, [*records, library_of.record("/m/unknown.flac")])
        store.fingerprints.put(known, now=1)


def by_kind(number: int) -> dict[str, Any]:
    """The last three have no tags."""
    if number >= OF_EACH * len(GENRES) - 3:
        return {"artist": "New"}
    return {"genres": (GENRES[kind(number)],), "moods": ("Calm", "Far") if kind(number) else ("Wild",), "artist": "Old"}


def by_lot(number: int) -> dict[str, Any]:
    chance = random.Random(number)
    return {"genres": (chance.choice(GENRES),)} if number < 30 else {}


def test_what_sounds_alike_is_suggested_with_how_often_that_is_right(run: Run, library: Path) -> None:
    fill(library, tagged=by_kind)
    found = run("suggest", "--json").document
    assert [(item["title"], item["genre"]) for item in found["items"]] == [
        ("33", "Jazz"), ("34", "Folk"), ("35", "Metal"),
    ]  # fmt: skip
    assert found["trial"]["asked"] == found["trial"]["right"] == 33
    assert (found["trial"]["commonest"], found["trial"]["commonest_right"]) == ("Folk", 11)
    assert (found["untagged"], found["without_fingerprint"], found["refusal"]) == (4, 1, None)
    titles = {track["id"]: int(track["title"]) for track in run("list", "genre:", "--json").document["items"]}
    for item in found["items"]:
        assert item["confidence"] == 1.0
        assert len(item["like"]) == 3
        assert {kind(titles[number]) for number in item["like"]} == {kind(int(item["title"]))}


def test_people_read_the_guesses_and_beside_them_what_they_are_worth(run: Run, library: Path) -> None:
    fill(library, tagged=by_kind)
    done = run("suggest", "artist:new")
    assert [line.split()[1:] for line in done.out.splitlines()] == [
        ["Jazz", "100", "%", "New", "-", "33"],
        ["Folk", "100", "%", "New", "-", "34"],
        ["Metal", "100", "%", "New", "-", "35"],
    ]
    assert "right for 33 of 33 tagged tracks (100 %); always saying Folk: 11 (33 %)" in done.err
    assert "fingerprint" not in done.err
    assert "1 without a fingerprint" in run("suggest").err
    assert run("suggest", "artist:old").err.splitlines()[-1].endswith("no track is found that has no genre")
    assert [line["genre"] for line in run("suggest", "--jsonl", "--limit", "2", "artist:new").lines] == ["Jazz", "Folk"]


def test_silent_tracks_are_told_apart_from_those_without_fingerprint(run: Run, library: Path) -> None:
    fill(library, tagged=by_kind)
    with Store.open(library, program="test", now=1) as store:
        library_of.put(store, [library_of.record("/m/silence.flac")])
        silence = replace(sounding.fingerprinted(sounding.vectors(1, seed=3)[0]), flags=(FingerprintFlag.SILENT,))
        store.fingerprints.put([("test:silence", silence, None)], now=1)
    found = run("suggest", "--json").document
    assert (found["untagged"], found["without_fingerprint"], found["silent"]) == (5, 1, 1)
    assert "1 silent, and silence is like nothing" in run("suggest").err


def test_moods_are_suggested_in_the_same_way(run: Run, library: Path) -> None:
    fill(library, tagged=by_kind)
    found = run("suggest", "--field", "mood", "--json").document
    assert found["trial"]["asked"] == 33
    assert [item["mood"] for item in found["items"]] == ["Wild", "Calm", "Calm"]


def test_moods_are_asked_for_one_by_one_and_shown_together(run: Run, library: Path) -> None:
    fill(library, tagged=by_kind)
    for words in (("mood:=Far",), ("mood:ca",), ("mood:=~CALM",)):
        tracks = run("list", *words, "--json").document["items"]
        assert (len(tracks), tracks[0]["mood"]) == (22, "Calm; Far")
    assert run("list", "mood:=far", "--count").out == "0\n"
    assert sorted(run("list", "^mood:", "-f", "$title|$mood").out.split()) == ["33|", "34|", "35|", "unknown|"]


def test_where_the_guesses_are_no_better_than_the_commonest_nothing_is_suggested(run: Run, library: Path) -> None:
    fill(library, tagged=by_lot)
    done = run("suggest")
    assert (done.code, done.out) == (0, "")
    assert "nothing is suggested: the guesses are no better than always" in done.err
    document = run("suggest", "--json").document
    assert document["items"] == []
    assert document["trial"]["accuracy"] < document["trial"]["commonest_accuracy"] + 0.2
    assert document["refusal"]


def test_four_tracks_of_a_genre_are_too_few(run: Run, library: Path) -> None:
    fill(library, tagged=lambda number: {"genres": (GENRES[kind(number)],)} if number < 12 else {})
    done = run("suggest", "--json")
    assert (done.code, done.document["items"], done.document["trial"]) == (0, [], None)
    assert "no genre has 5 tracks" in done.document["refusal"]


def test_without_a_library_tags_or_fingerprints_nothing_is_said_to_be_known(run: Run, library: Path) -> None:
    assert (run("suggest").code, run("suggest").out) == (0, "")
    with Store.open(library, program="test", now=1) as store:
        library_of.put(store, [library_of.record("/m/a.flac", genres=("Jazz",)), library_of.record("/m/b.flac")])
    done = run("suggest")
    assert (done.code, done.out) == (0, "")
    assert "no genre has 5 tracks with a fingerprint" in done.err


@pytest.mark.parametrize(
    ("words", "why"),
    [(["--field", "artist"], "--field"), (["--json", "--jsonl"], "excludes --jsonl"), (["nothing:x"], "no field")],
)
def test_what_cannot_be_asked_is_refused(run: Run, words: list[str], why: str) -> None:
    done = run("suggest", *words)
    assert done.code == 2
    assert why in done.err


def test_names_from_tags_are_shown_and_never_obeyed(run: Run, library: Path) -> None:
    evil = "Jazz\u202e[red]"
    fill(library, tagged=lambda number: {"genres": (evil if kind(number) else "Folk",)} if number < 33 else {})
    done = run("suggest")
    assert "[red]" in done.out
    assert "\u202e" not in done.out + done.err
