"""`auralis prefs`, and what `master` learns and uses: chosen five times, it is what comes of saying nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from command_line import REPOSITORY, Finished, auralis

from auralis_cli.db.store import Store
from auralis_cli.model.preferences import Observation, SoundChoice
from auralis_cli.model.presets import PRESETS
from auralis_cli.model.track_kinds import TrackKind
from auralis_cli.services.preferences import learnt_taste

RATE_HZ = 44_100
# The song below.
KIND = TrackKind.DENSE_FLOWING_DARK
Run = Callable[..., Finished]


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """A steady chord: nothing strikes, nothing is high, and its peaks are low."""
    time_s = np.arange(2 * RATE_HZ) / RATE_HZ
    chord = sum(np.sin(2 * np.pi * hz * time_s) for hz in (110.0, 220.0, 277.0, 330.0, 550.0))
    path = tmp_path / "song.flac"
    soundfile.write(path, 0.08 * np.stack([chord, 0.9 * chord], 1), RATE_HZ, subtype="PCM_16")
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home" / "data").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture
def library(home: Path) -> Path:
    return home / "library.db"


@pytest.fixture
def run(home: Path, library: Path) -> Run:
    def start(*words: str | Path, **variables: str) -> Finished:
        return auralis("--library", library, *words, variables={"AURALIS_HOME": str(home), **variables})

    return start


def note(library: Path, choice: SoundChoice, times: int = 8, kind: TrackKind = KIND) -> None:
    """As `master` would have noted it, an hour apart until now."""
    now = int(time.time())
    with Store.open(library, program="test", now=now) as store:
        store.preferences.add([Observation(kind, choice, now - 3600 * age) for age in range(times)], now=now)


def test_what_is_recommended_names_the_taste_that_a_master_has(run: Run, song: Path, library: Path) -> None:
    plain = run("recommend", "--json", song).document
    assert plain["preferences"]["applied"] is False
    note(library, SoundChoice(preset="warm", tilt_db=-2.0))
    liked = run("recommend", "--json", song).document
    assert liked["preferences"] == planned(run, song)["preferences"]
    assert (liked["preferences"]["applied"], liked["preset"]) == (True, plain["preset"])
    text = run("recommend", song).out
    assert "your taste" in text
    assert "preset warm, confidence" in text
    assert run("recommend", "--json", song, AURALIS_MASTER_PREFERENCES="false").document == plain


def planned(run: Run, song: Path, *words: str, **variables: str) -> Mapping[str, Any]:
    done = run("master", song, song.with_name("dry.wav"), "-n", "--json", *words, **variables)
    assert done.code == 0, done.err
    document: Mapping[str, Any] = done.document
    return document


def shown(run: Run) -> list[Mapping[str, Any]]:
    items: list[Mapping[str, Any]] = run("prefs", "show", "--json").document["items"]
    return items


def test_what_is_chosen_five_times_is_learnt_and_used_where_nothing_is_said(run: Run, song: Path) -> None:
    out = song.with_name("out.wav")
    assert planned(run, song)["preferences"] == {"applied": False, "kind": None, "confidence": None, "figures": []}
    for number in range(5):
        assert planned(run, song)["preferences"]["applied"] is False
        done = run("master", song, out, "--force", "--tilt", "-2", "--preset", "warm", "--loudness", "-16")
        assert done.code == 0, done.err
        assert [one["choices"] for one in shown(run)] == [number + 1]
    told = planned(run, song)
    assert told["preferences"]["applied"] is True
    assert told["preferences"]["kind"] == KIND
    figures = {one["aspect"]: one["value"] for one in told["preferences"]["figures"]}
    assert figures == {"preset": "warm", "tilt_db": -1.0, "loudness_lu": -1.0}
    assert told["plan"]["preset"] == "warm"
    assert told["plan"]["delivery"]["loudness_lufs"] == pytest.approx(-15.0 + PRESETS["warm"].loudness_lu)
    text = run("master", song, song.with_name("dry.wav"), "-n", "--explain").out
    assert "tilt -1.0 dB, confidence 0.48 of 5 choices" in text
    assert "dense, flowing, dark music" in text


def test_a_batch_counts_each_kind_once_and_trials_do_not_count(run: Run, song: Path, tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{number}.flac").write_bytes(song.read_bytes())
    out = tmp_path / "out"
    assert run("master", tmp_path / "in", "--out-dir", out, "--width", "1", "-j", "1").code == 0
    assert [(one["kind"], one["choices"]) for one in shown(run)] == [(KIND, 1)]
    planned(run, song, "--width", "1")
    assert run("master", song, tmp_path / "p.wav", "--as-played", "--preset", "warm").code == 0
    assert run("master", song, tmp_path / "q.wav").code == 0
    assert [one["choices"] for one in shown(run)] == [1]


def test_it_is_not_used_where_something_is_said_or_set_or_it_is_not_wanted(
    run: Run, song: Path, library: Path, home: Path
) -> None:
    note(library, SoundChoice(preset="warm", tilt_db=-2.0))
    assert planned(run, song)["plan"]["preset"] == "warm"
    said = planned(run, song, "--preset", "adaptive", "--tilt", "0")
    assert said["plan"]["preset"] == "adaptive"
    assert said["preferences"]["applied"] is False
    only_tilt = planned(run, song, "--preset", "bright")["preferences"]
    assert [one["aspect"] for one in only_tilt["figures"]] == ["tilt_db"]
    assert planned(run, song, AURALIS_MASTER_PRESET="gentle")["plan"]["preset"] == "gentle"
    assert planned(run, song, "--no-preferences")["preferences"]["applied"] is False
    assert planned(run, song, AURALIS_MASTER_PREFERENCES="false")["preferences"]["applied"] is False
    assert planned(run, song, "--preferences", AURALIS_MASTER_PREFERENCES="false")["preferences"]["applied"] is True
    assert planned(run, song, "--as-played")["preferences"]["applied"] is False
    assert planned(run, song, "--target", "apple")["plan"]["delivery"]["loudness_lufs"] == -16.0


def test_without_anything_learnt_a_master_is_what_it_was(run: Run, song: Path, library: Path, tmp_path: Path) -> None:
    plain, learnt = tmp_path / "plain.wav", tmp_path / "learnt.wav"
    assert run("master", song, plain, "--no-preferences").code == 0
    note(library, SoundChoice(tilt_db=-2.0), times=4)
    note(library, SoundChoice(tilt_db=-2.0), kind=TrackKind.SPEECH)
    assert run("master", song, learnt).code == 0
    assert plain.read_bytes() == learnt.read_bytes()


def test_a_reference_alone_takes_no_lean(run: Run, song: Path) -> None:
    for option in ("--tilt", "--width"):
        done = run("master", song, song.with_name("o.wav"), "--reference", song, option, "1")
        assert done.code == 2
        assert option in done.err


@pytest.mark.parametrize("word", ["nan", "3.1", "-4", "inf", "", "x"])
@pytest.mark.parametrize("option", ["--tilt", "--width"])
def test_a_lean_that_cannot_be_is_refused(run: Run, song: Path, option: str, word: str) -> None:
    done = run("master", song, song.with_name("o.wav"), f"{option}={word}")
    assert done.code == 2
    assert option in done.err
    assert done.err.count("\n") == 1


# The verb.


def test_show_says_what_was_learnt_and_what_is_not_certain(run: Run, library: Path) -> None:
    empty = run("prefs")
    assert (empty.code, empty.out) == (0, "")
    assert not library.exists()
    note(library, SoundChoice(preset="warm", intensity=0.5))
    note(library, SoundChoice(width_db=1.0), times=2, kind=TrackKind.SPEECH)
    assert run("prefs").out == (
        "speech  2 choices\n  nothing that is certain enough\ndense-flowing-dark  8 choices\n"
        "  preset warm, confidence 0.57 of 8 choices\n  intensity 0.50, confidence 0.57 of 8 choices\n"
    )
    assert shown(run)[1]["preset"] == {"value": "warm", "confidence": 0.57, "choices": 8}


def test_forget_leaves_nothing_and_undo_brings_it_back(run: Run, library: Path) -> None:
    note(library, SoundChoice(tilt_db=1.0))
    note(library, SoundChoice(tilt_db=1.0), kind=TrackKind.SPEECH)
    before = shown(run)
    assert run("prefs", "forget").code == 2
    assert run("prefs", "forget", "speech", "--all").code == 2
    assert run("prefs", "forget", "polka").code == 2
    assert run("prefs", "forget", "--all", "-n").out == "dry run: 16 choices forgotten\n"
    assert shown(run) == before
    assert run("prefs", "forget", "speech").out == "8 choices forgotten\n"
    assert [one["kind"] for one in shown(run)] == [KIND]
    assert run("prefs", "forget", "--all", "--json").document == {"kind": None, "forgotten": 8, "dry_run": False}
    assert shown(run) == []
    note(library, SoundChoice(tilt_db=-1.0), times=1)
    assert run("undo", "-y").code == 0
    assert run("undo", "-y").code == 0
    assert [(one["kind"], one["choices"]) for one in shown(run)] == [("speech", 8), (KIND, 9)]


def test_an_export_is_imported_elsewhere_and_twice_is_once(run: Run, library: Path, tmp_path: Path) -> None:
    note(library, SoundChoice(preset="warm", tilt_db=1.0))
    file, before = tmp_path / "taste.json", shown(run)
    assert run("prefs", "export", "--to", file, "-n").out == "dry run: 8 choices exported\n"
    assert not file.exists()
    assert run("prefs", "export", "--to", file).out == "8 choices exported\n"
    assert run("prefs", "export").out == run("prefs", "export", "--to", "-").out == file.read_text()
    assert run("prefs", "export", "--to", file).code == 2
    told = run("prefs", "export", "--to", file, "--force", "--json").document
    assert told == {"path": str(file), "exported": 8, "dry_run": False}
    assert run("prefs", "import", file).out == "0 choices added, 8 were there\n"
    assert shown(run) == before
    assert run("prefs", "forget", "--all").code == 0
    note(library, SoundChoice(tilt_db=-2.0), times=1)
    assert run("prefs", "import", file, "--force", "-n").out == "dry run: 8 choices added, 1 forgotten for them\n"
    done = run("prefs", "import", file, "--force", "--json")
    assert done.document == {"added": 8, "known": 0, "forgotten": 1, "dry_run": False}
    assert shown(run) == before
    assert run("undo", "-y").code == 0
    assert [one["choices"] for one in shown(run)] == [1]


def test_a_bad_file_is_refused_in_one_line_and_changes_nothing(run: Run, library: Path, tmp_path: Path) -> None:
    note(library, SoundChoice(tilt_db=1.0))
    before, bad = shown(run), tmp_path / "bad.json"
    told = json.loads(run("prefs", "export").out)
    for change in ({"version": 2}, {"version": "1"}, {"choices": [{**told["choices"][0], "tilt_db": 9}]}):
        bad.write_text(json.dumps({**told, **change}))
        for force in ((), ("--force",)):
            done = run("prefs", "import", bad, *force)
            assert done.code == 4
            assert done.err.count("\n") == 1
            assert str(bad) in done.err
    for name in (tmp_path, tmp_path / "none", Path("/dev/zero")):
        assert run("prefs", "import", name).code == 4
    assert shown(run) == before


# Dies as if it had been killed, at the row of so many.
KILLED = """
import os, sys
from auralis_cli.db import preferences
row_of, rows = preferences._row_of, 0
def mortal(one):
    global rows
    rows += 1
    if rows == 40:
        os._exit(9)
    return row_of(one)
preferences._row_of = mortal
from auralis_cli.__main__ import main
sys.argv = ["auralis", "--library", sys.argv[1], "prefs", "import", "--force", sys.argv[2]]
main()
"""


def test_an_import_that_is_killed_leaves_what_was_there(run: Run, library: Path, home: Path, tmp_path: Path) -> None:
    """Kills: what was there is forgotten in a transaction of its own."""
    note(library, SoundChoice(tilt_db=1.0), times=60)
    file = tmp_path / "taste.json"
    assert run("prefs", "export", "--to", file).code == 0
    assert run("prefs", "forget", "--all").code == 0
    note(library, SoundChoice(preset="warm"), times=7)
    before = shown(run)
    variables = {**os.environ, "PYTHONPATH": str(REPOSITORY), "AURALIS_HOME": str(home)}
    done = subprocess.run([sys.executable, "-c", KILLED, library, file], env=variables, check=False, timeout=60)
    assert done.returncode == 9
    assert shown(run) == before


def test_a_preset_that_is_gone_is_nobodys_taste(library: Path) -> None:
    note(library, SoundChoice(preset="evening"))
    assert learnt_taste(library, PRESETS, now=int(time.time())) is None
