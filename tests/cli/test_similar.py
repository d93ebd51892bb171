"""`auralis similar`: nearest tracks for people, pipes and programs; and `like:` wherever a query is taken."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from command_line import Finished, Run, auralis, auralis_process
from library_of import NOW, put, record
from sounding import fingerprinted, put_sounds

from auralis_cli.db.store import Store
from auralis_cli.model.fingerprint import DIMENSIONS, FingerprintFlag
from auralis_cli.model.progress import CancelToken
from auralis_cli.services.neighbour_graph import update_graph

RATE_HZ = 22_050


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Forty tracks with fingerprints, one without (41) and one of silence (42)."""
    path = tmp_path / "library.db"
    with Store.open(path, program="test", now=NOW) as store:
        made = put_sounds(store, 40)
        put(store, [record("/m/new.flac"), record("/m/silence.flac")])
        silence = replace(fingerprinted(made[0]), flags=(FingerprintFlag.SILENT,))
        store.fingerprints.put([("test:silence", silence, None)], now=NOW)
    return path


def _paths(done: Finished) -> list[str]:
    assert done.code == 0, done.err
    return [item["path"] for item in done.document["items"]]


def beat(path: Path, seconds: float = 6.0, *, gain: float = 1.0) -> Path:
    """Noise with a beat."""
    rng = np.random.default_rng(3)
    time_s = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    wave = 0.25 * rng.standard_normal(len(time_s)) * np.exp(-8.0 * (time_s % 0.5))
    soundfile.write(path, gain * wave, RATE_HZ, subtype="PCM_16")
    return path


def test_the_document_has_the_track_and_how_near_it_is_and_why(run: Run) -> None:
    items = run("similar", "id:7", "--limit", "3", "--explain", "--json").document["items"]

    assert len(items) == 3
    assert [item["distance"] for item in items] == sorted(item["distance"] for item in items)
    for item in items:
        assert item["path"].startswith("/m/t000")
        assert item["score"] == pytest.approx(1.0 - item["distance"])
        assert {share["dimension"] for share in item["explain"]} <= {one.name for one in DIMENSIONS}
        assert sum(share["share"] for share in item["explain"]) == pytest.approx(1.0)
        assert {"id", "title", "duration_s"} <= item.keys()
    lines = run("similar", "id:7", "--limit", "3", "--explain", "--jsonl").lines
    assert lines == items
    assert [{**item, "explain": []} for item in items] == run("similar", "id:7", "--limit", "3", "--jsonl").lines


def test_into_a_pipe_goes_the_score_and_a_line_a_track(run: Run) -> None:
    items = run("similar", "id:7", "--json").document["items"]
    done = run("similar", "id:7")

    assert done.err == ""
    assert done.out.splitlines() == [f"{item['score']:.3f}  {item['title']}" for item in items]
    explained = run("similar", "id:7", "--explain").out.splitlines()
    assert explained[::2] == done.out.splitlines()
    assert all("→" in line and "%" in line and "e-" not in line and "e+" not in line for line in explained[1::2])


def test_on_a_terminal_it_is_a_table_with_the_score_before_each_row(run: Run) -> None:
    shown = run("similar", "id:7", "--limit", "2", terminal=True, variables={"COLUMNS": "100", "NO_COLOR": "1"}).out
    head, *rows = shown.splitlines()

    assert head.startswith("score  artist")
    assert len(rows) == 2
    assert all(row.startswith("0.") and "Title t000" in row and len(row) <= 100 for row in rows)


def test_paths_and_formats_go_out_for_other_programs(run: Run) -> None:
    paths = _paths(run("similar", "id:7", "--json"))

    assert run("similar", "id:7", "--print0").out == "".join(f"{path}\0" for path in paths)
    assert run("similar", "id:7", "-f", "$path").out.splitlines() == paths


def test_how_near_each_is_can_be_asked_for_in_a_format(run: Run) -> None:
    near = run("similar", "id:7", "--json").document["items"]
    done = run("similar", "id:7", "-f", "$score|$distance|$title")
    assert done.out.splitlines() == [f"{one['score']}|{one['distance']}|{one['title']}" for one in near]
    assert "did you mean score" in run("similar", "id:7", "-f", "$scor").err


def test_a_bare_number_is_no_id_and_the_error_says_how_one_is_named(run: Run) -> None:
    done = run("similar", "70707")
    assert (done.code, done.out) == (4, "")
    assert "id:70707 means the track with that id" in done.err


def test_a_path_of_the_library_and_an_id_are_the_same_track(run: Run, tmp_path: Path) -> None:
    by_id = _paths(run("similar", "id:7", "--json"))

    assert _paths(run("similar", "path:=/m/t00007.flac", "--json")) == by_id
    assert _paths(run("similar", "title:t00007", "--json")) == by_id


def test_a_file_outside_the_library_is_listened_to_and_its_copies_are_found(run: Run, tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    inside, outside = beat(music / "inside.wav"), beat(tmp_path / "outside.wav", gain=0.5)
    assert run("scan", music, "--fingerprint").code == 0

    items = run("similar", outside, "--explain", "--json").document["items"]

    assert items[0]["path"] == str(inside)
    assert items[0]["distance"] < 0.05
    assert items[0]["explain"][0]["dimension"] == "lufs"
    # What is in the library is itself, and so is a copy of it under another name.
    copy = tmp_path / "copy.wav"
    copy.write_bytes(inside.read_bytes())
    assert str(inside) not in _paths(run("similar", inside, "--json"))
    assert _paths(run("similar", copy, "--json")) == _paths(run("similar", inside, "--json"))
    assert _paths(run("similar", inside, outside, "--json"))


def test_a_file_comes_through_a_pipe_as_well(library: Path, tmp_path: Path) -> None:
    data = beat(tmp_path / "x.wav").read_bytes()
    words: list[str] = [
        sys.executable,
        "-m",
        "auralis_cli",
        "--library",
        str(library),
        "similar",
        "-",
        "--jsonl",
        "--limit",
        "2",
    ]
    done = subprocess.run(words, input=data, capture_output=True, check=False, timeout=60)

    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2), done.stderr


def test_a_track_without_fingerprint_is_one_line_that_says_how_to_make_one(run: Run) -> None:
    for words in (("similar", "id:41"), ("list", "like:41"), ("similar", "--json", "id:41")):
        done = run(*words)
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert "has no fingerprint yet (auralis fingerprint" in done.err


def test_of_several_tracks_those_without_fingerprint_are_told(run: Run) -> None:
    done = run("similar", "id:40..41", "--json")

    assert "1 more have no fingerprint yet" in done.err
    assert _paths(done) == _paths(run("similar", "id:40", "--json"))


def test_silence_is_like_nothing_and_that_is_no_failure(run: Run) -> None:
    done = run("similar", "id:42", "--json")

    assert (done.code, done.document["items"]) == (0, [])
    assert "is like nothing" in done.err


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        ([], 2, "is not named"),
        (["nobody", "knows"], 4, "the library holds no such tracks"),
        (["/nowhere/x.flac"], 4, "the library holds no such tracks"),
        (["id:7", "--weights", "loud"], 2, "balanced, equal, tone, rhythm, dynamics"),
        (["id:7", "--limit", "-1"], 2, "whole number"),
        (["id:7", "-f", "$nothing"], 2, "no field 'nothing'"),
        (["title::("], 2, "is no regular expression"),
    ],
)
def test_what_cannot_be_served_is_one_line(run: Run, words: list[str], code: int, why: str) -> None:
    done = run("similar", *words)

    assert (done.code, done.out, done.err.count("\n")) == (code, "", 1)
    assert why in done.err


def test_a_file_that_is_no_audio_is_one_line_and_four(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.wav").write_text("no sound in here")

    done = run("similar", tmp_path / "notes.wav")

    assert (done.code, done.err.count("\n")) == (4, 1)


def test_weights_are_heeded(run: Run) -> None:
    found = {weights: tuple(_paths(run("similar", "id:7", "--weights", weights, "--json"))) for weights in (
        "balanced", "equal", "tone", "rhythm", "dynamics"
    )}  # fmt: skip

    assert len(set(found.values())) >= 4
    assert found["balanced"] == tuple(_paths(run("similar", "id:7", "--json")))


def test_nothing_is_written_where_nothing_may_be(library: Path, run: Run) -> None:
    expected = run("similar", "id:7", "--json").out
    os.unlink(f"{library}-sounds")
    before = sorted(library.parent.iterdir())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("auralis_cli.services.sound_matrix.cache_path", lambda _: Path("/proc/none/sounds"))
        assert run("similar", "id:7", "--json").out == expected
    assert sorted(library.parent.iterdir()) == before


def test_no_library_has_nothing_that_is_alike(tmp_path: Path) -> None:
    done = auralis("--library", tmp_path / "none.db", "similar", beat(tmp_path / "x.wav"))

    assert (done.code, done.out) == (0, "")
    assert "no library yet" in done.err
    assert not list(tmp_path.glob("none.db*"))


def test_with_the_graph_in_order_numpy_stays_out(library: Path) -> None:
    with Store.open(library, program="test", now=NOW) as store:
        update_graph(store, CancelToken())
    code = (
        "import sys; from auralis_cli.__main__ import _run; code = _run(sys.argv[1:]); "
        "print('numpy' in sys.modules, file=sys.stderr); sys.exit(code)"
    )

    def loads_numpy(*words: str) -> bool:
        done = subprocess.run(
            [sys.executable, "-c", code, "--library", str(library), *words],
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stderr.splitlines()[-1] == b"True"

    assert not loads_numpy("similar", "id:7", "--explain", "--json")
    assert loads_numpy("similar", "id:7", "--weights", "tone")
    assert not loads_numpy("list", "title:t00007")


# like: wherever a query is taken


def test_a_listing_is_ranked_and_cut(run: Run) -> None:
    near = _paths(run("similar", "id:7", "--limit", "40", "--json"))
    everything = ["/m/t00007.flac", *near]

    assert _paths(run("list", "like:7", "--json")) == everything
    assert _paths(run("list", "like:7", "--limit", "5", "--offset", "2", "--json")) == everything[2:7]
    assert _paths(run("list", "like:7", "title:t0001", "--json")) == [one for one in everything if "t0001" in one]
    assert run("list", "like:7", "--count").out == "40\n"
    assert _paths(run("list", "like:7", "--sort", "path", "--json")) == sorted(everything)


def test_a_smart_playlist_is_ranked_each_time_it_is_asked(run: Run, library: Path) -> None:
    distance = run("similar", "id:7", "--limit", "4", "--json").document["items"][3]["distance"]
    words = f"like:7~{distance + 1e-6:.6f}"
    assert run("playlist", "create", "Near", "--smart", words).code == 0
    near = _paths(run("list", words, "--json"))

    assert len(near) == 5
    shown = run("playlist", "show", "Near", "--json").document
    assert [item["path"] for item in shown["items"]] == near
    (listed,) = run("playlist", "list", "--json").document["items"]
    assert listed["tracks"] == 5
    # Its track has gone: the playlist is listed all the same.
    with Store.open(library, program="test", now=NOW) as store:
        store.database.run("DELETE FROM fingerprints WHERE content_key = 'test:t00007'")
    assert run("playlist", "list").code == 0
    assert run("playlist", "show", "Near").code == 2


def test_a_playlist_takes_what_is_near_now(run: Run) -> None:
    assert run("playlist", "create", "Now", "like:7", "title:t0001").code == 0

    shown = run("playlist", "show", "Now", "--json").document
    assert [item["path"] for item in shown["items"]] == _paths(run("list", "like:7", "title:t0001", "--json"))


def test_numbers_of_the_library_and_fingerprints_take_it_as_well(run: Run) -> None:
    assert run("stats", "like:7", "--json").document["tracks"] == 40
    assert len(_paths(run("fingerprint", "like:7", "title:t0001", "-n", "--json"))) == 10


def test_other_verbs_read_the_files_in_the_order_of_nearness(run: Run, tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    for name in ("a", "b"):
        beat(music / f"{name}.wav", gain=0.9 if name == "a" else 0.4)
    run("scan", music, "--fingerprint")
    number = run("list", "title:b", f"path:{music}", "-f", "$id").out.strip()

    done = run("analyze", f"like:{number}", f"path:{music}", "--json")

    assert [Path(path).name for path in _paths(done)] == ["b.wav", "a.wav"]


def test_a_process_says_it_as_well(library: Path) -> None:
    done = auralis_process("--library", library, "similar", "id:7", "--limit", "1", "--json")

    assert (done.code, len(done.document["items"])) == (0, 1)
