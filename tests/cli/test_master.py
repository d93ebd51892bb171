"""`auralis master`: its options, its refusals, what it shows and writes. The sound has tests of its own."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from command_line import Finished, auralis, auralis_process

from auralis_cli.commands import mastering_text
from auralis_cli.model.mastering import LimitedBy
from auralis_cli.model.presets import PRESETS
from auralis_cli.model.targets import TARGETS


def music(seconds: float = 4.0, channels: int = 2, rate_hz: int = 44_100) -> np.ndarray:
    """A quiet chord with a beat."""
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    beat = np.exp(-8.0 * (time_s % 0.5))
    voices = [
        sum(np.sin(2 * np.pi * f * time_s + side) for f in (110, 220, 277, 330, 1760)) for side in range(channels)
    ]
    noise = np.random.default_rng(5).normal(0.0, 0.2, (len(time_s), channels))
    return (0.02 * np.stack(voices, axis=1) * (0.5 + beat[:, None]) + 0.05 * noise * beat[:, None]).astype(np.float32)


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("song") / "song.wav"
    soundfile.write(path, music(), 44_100, subtype="PCM_16")
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.flac"


def test_a_master_is_written_and_told_in_a_table(song: Path, out: Path) -> None:
    done = auralis("master", song, out)
    assert done.code == 0
    assert done.out.startswith(f"{song}\n→ {out}\n")
    for name in ("loudness", "loudness range", "true peak", "peak to loudness", "gain", "limiter", "held back by"):
        assert f"\n  {name}" in done.out
    assert "times real time" in done.err
    info = soundfile.info(out)
    assert (info.format, info.subtype, info.samplerate, info.channels) == ("FLAC", "PCM_16", 44_100, 2)
    assert info.frames == soundfile.info(song).frames


def test_quiet_leaves_the_result_alone(song: Path, out: Path) -> None:
    done = auralis("master", song, out, "-q")
    assert "held back by" in done.out
    assert done.err == ""


def test_the_document_holds_what_the_contract_names(song: Path, out: Path) -> None:
    done = auralis("master", song, out, "--json", "--loudness", "-20")
    document = done.document
    assert set(document) >= {
        "path",
        "destination",
        "dry_run",
        "input",
        "output",
        "plan",
        "limited_by",
        "gain_db",
        "gain_reduction_db",
        "seconds",
        "realtime_factor",
        "warnings",
        "degraded",
    }
    assert document["dry_run"] is False
    assert document["path"] == str(song)
    assert document["destination"] == str(out)
    assert set(document["gain_reduction_db"]) == {"max", "mean"}
    assert document["limited_by"] == "none"
    assert abs(document["output"]["integrated_lufs"] + 20.0) <= 0.1
    assert document["plan"]["goal_lufs"] == -20.0
    assert document["input"]["channels"] == 2
    assert document["source_info"]["format"] == "wav"
    assert document["output_subtype"] == "PCM_16"


def test_the_report_is_the_document(song: Path, out: Path, tmp_path: Path) -> None:
    report = tmp_path / "r.json"
    done = auralis("master", song, out, "--json", "--report", report)
    assert json.loads(report.read_text()) == done.document


def test_a_dry_run_has_the_same_form_and_writes_nothing(song: Path, out: Path, tmp_path: Path) -> None:
    planned = auralis("master", song, out, "-n", "--json")
    assert planned.code == 0
    assert list(tmp_path.iterdir()) == []
    done = auralis("master", song, out, "--json")
    assert planned.document["dry_run"] is True
    assert set(planned.document) == set(done.document)
    assert planned.document["plan"] == done.document["plan"]
    assert planned.document["output"]["predicted"] is True
    assert planned.document["output"]["integrated_lufs"] == pytest.approx(
        done.document["output"]["integrated_lufs"], abs=1
    )
    shown = auralis("master", song, tmp_path / "other.flac", "-n")
    assert "predicted" in shown.out
    assert "Dry run: nothing was written." in shown.err


def test_explain_says_why(song: Path, out: Path) -> None:
    plain = auralis("master", song, out, "-n").out
    explained = auralis("master", song, out, "-n", "--explain").out
    assert explained.startswith(plain)
    reasons = auralis("master", song, out, "-n", "--json").document["plan"]["reasons"]
    assert reasons
    for reason in reasons:
        assert reason["text"] in " ".join(explained.split())


def test_explanations_fit_the_terminal_and_part_no_number_from_its_unit() -> None:
    text = "bass -2.9 dB (19.9 dB above its target), treble +0.4 dB (4.5 dB below its target), " * 3
    for width in (30, 57, 90):
        lines = mastering_text._wrapped(text, width)
        assert " ".join(lines) == text.strip()
        assert all(len(line) <= width and not line.startswith("dB") for line in lines)


def test_a_change_is_that_of_the_figures_shown() -> None:
    assert mastering_text.change(13.14, 12.94) == "-0.2"
    assert mastering_text.change(13.06, 12.96) == "-0.1"
    assert mastering_text.change(6.56, 6.64) == ""
    assert mastering_text.change(float("nan"), 1.0) == ""


def test_a_dry_run_predicts_no_loudness_where_there_is_none(tmp_path: Path, out: Path) -> None:
    soundfile.write(tmp_path / "hit.wav", music(0.2), 44_100)
    assert auralis("master", tmp_path / "hit.wav", out, "-n", "--json").document["output"]["integrated_lufs"] is None


def test_verbose_tells_the_decisions_and_twice_verbose_every_parameter(song: Path, out: Path) -> None:
    plan = auralis("master", song, out, "-n", "--json").document["plan"]
    told = auralis("master", song, out, "-n", "-v").err
    assert all(reason["text"] in told for reason in plan["reasons"])
    assert "plan.goal_lufs" not in told
    everything = auralis("master", song, out, "-n", "-vv").err
    assert all(f"plan.{name} = " in everything for name in plan if name != "reasons")


def test_every_bound_has_its_words() -> None:
    assert set(mastering_text._WHAT_LIMITED) == set(LimitedBy)
    for words in mastering_text._WHAT_LIMITED.values():
        assert words.format(value=1.0, bound=2.0)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_taken(preset: str, song: Path, out: Path) -> None:
    assert auralis("master", song, out, "-n", "--json", "--preset", preset).document["plan"]["preset"] == preset


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_is_taken(target: str, song: Path, out: Path) -> None:
    plan = auralis("master", song, out, "-n", "--json", "--target", target).document["plan"]
    assert plan["delivery"]["target"] == target
    assert plan["delivery"]["explicit"] is True


def test_every_option_reaches_the_plan_or_the_file(song: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    words = ("--intensity", "0.5", "--ceiling", "-2.5", "--loudness", "-21")
    stored = ("--bits", "32f", "--dither", "none", "--rate", "48000")
    document = auralis("master", song, out, "--json", *words, *stored).document
    plan = document["plan"]
    assert plan["intensity"] == 0.5
    assert plan["delivery"] == {
        "loudness_lufs": -21.0,
        "ceiling_dbtp": -2.5,
        "explicit": True,
        "target": None,
        "max_lra_lu": None,
        "clip_db": 0.0,
    }
    info = soundfile.info(out)
    assert (info.subtype, info.samplerate) == ("FLOAT", 48_000)


def test_the_level_is_left_alone_when_asked(song: Path, out: Path) -> None:
    document = auralis("master", song, out, "-n", "--json", "--loudness", "off").document
    assert document["plan"]["goal_lufs"] is None


NUMBERS = {
    "--intensity": (("-0.01", "1.01", "50%"), "from 0 to 1"),
    "--loudness": (("-41", "-4.9", "0", "of", "-14dB"), "from -40 to -5 LUFS, nor off"),
    "--ceiling": (("0.1", "-20.1"), "from -20 to 0 dBTP"),
    "--rate": (("7999", "384001", "44100.5", "4_4100", "-1", "0", "1e9", "٤٤١٠٠"), "from 8000 to 384000 Hz"),
}
BAD_ANYWHERE = ("nan", "NaN", "-nan", "inf", "-inf", "1e999", "", "one", "0x10")


@pytest.mark.invariant("S2-NEW-3")
@pytest.mark.parametrize(
    ("option", "word"), [(option, word) for option, (bad, _) in NUMBERS.items() for word in (*BAD_ANYWHERE, *bad)]
)
def test_a_number_out_of_range_is_refused_by_naming_the_range(option: str, word: str, song: Path, out: Path) -> None:
    refused = auralis("master", song, out, option, word, "--json")
    assert refused.code == 2
    assert refused.err.startswith(f"auralis: error: {option}: {word!r} is not a ")
    assert NUMBERS[option][1] in refused.err
    assert refused.err.count("\n") == 1
    assert refused.document["error"]["code"] == "usage"
    assert not out.exists()


@pytest.mark.invariant("S2-NEW-3")
@pytest.mark.parametrize(
    ("option", "word"),
    [
        ("--preset", "loud"),
        ("--preset", "Warm"),
        ("--preset", "nan"),
        ("--target", "spotify"),
        ("--bits", "32"),
        ("--bits", "8"),
        ("--dither", "yes"),
        ("--report", "report.txt"),
    ],
)
def test_a_word_that_is_no_choice_is_refused_by_naming_the_choices(
    option: str, word: str, song: Path, out: Path
) -> None:
    refused = auralis("master", song, out, option, word)
    assert refused.code == 2
    assert refused.err.startswith(f"auralis: error: {option}: {word!r} ")


@pytest.mark.parametrize("bound", ["--intensity=0", "--intensity=1", "--loudness=-40", "--loudness=-5", "--ceiling=0"])
def test_the_ends_of_a_range_belong_to_it(bound: str, song: Path, out: Path) -> None:
    assert auralis("master", song, out, "-n", bound).code == 0


def refused(done: Finished, code: int, words: str) -> None:
    assert done.code == code, done
    assert words in done.err
    assert done.err.startswith("auralis: error: ")
    assert done.err.count("\n") == 1


def test_input_and_output_may_not_be_one_file(song: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.wav"
    mine.write_bytes(song.read_bytes())
    linked, same = tmp_path / "linked.wav", tmp_path / "same.wav"
    linked.symlink_to(mine)
    os.link(mine, same)
    for destination in (mine, linked, same, tmp_path / "." / "mine.wav"):
        for words in ([], ["--force"], ["-n"]):
            refused(auralis("master", mine, destination, *words), 2, "same file")
    assert mine.read_bytes() == song.read_bytes()


def test_an_existing_output_is_refused_without_force(song: Path, out: Path) -> None:
    out.write_bytes(b"precious")
    refused(auralis("master", song, out), 2, "exists already")
    assert out.read_bytes() == b"precious"
    told = auralis("master", song, out, "--json").document
    assert told["error"]["code"] == "refused"
    assert "--force" in told["error"]["hint"]
    # The old file goes to the trash of a home of this test's own.
    done = auralis_process("master", song, out, "--force", HOME=str(out.parent), XDG_DATA_HOME=str(out.parent / "data"))
    assert done.code == 0
    assert soundfile.info(out).format == "FLAC"


def test_a_link_to_nowhere_is_an_existing_output(song: Path, out: Path) -> None:
    out.symlink_to("gone.flac")
    refused(auralis("master", song, out), 2, "exists already")
    assert out.is_symlink()


@pytest.mark.parametrize("name", ["out.ape", "out.wma", "out", "out.flac.bak", ".flac"])
def test_a_format_that_cannot_be_written_is_refused(name: str, song: Path, tmp_path: Path) -> None:
    refused(auralis("master", song, tmp_path / name), 2, name)
    assert list(tmp_path.iterdir()) == []


def test_places_that_cannot_be_written_fail_before_any_work(song: Path, tmp_path: Path) -> None:
    refused(auralis("master", song, tmp_path / "no" / "out.flac"), 1, "folder does not exist")
    refused(auralis("master", song, tmp_path / "o.flac", "--report", tmp_path / "no" / "r.json"), 1, "folder does not")
    (tmp_path / "dir.flac").mkdir()
    refused(auralis("master", song, tmp_path / "dir.flac"), 2, "is a folder")
    (tmp_path / "r.json").write_text("{}")
    refused(auralis("master", song, tmp_path / "o.flac", "--report", tmp_path / "r.json"), 2, "exists already")
    refused(auralis("master", song, tmp_path / "o.flac", "--report", tmp_path / "s.json", "-n"), 2, "dry run")
    refused(auralis("master", song, tmp_path / "o.flac", "--bits", "32f"), 2, "--bits")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["dir.flac", "r.json"]


def test_inputs_that_cannot_be_read_are_named(out: Path, tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("this is no audio at all, whatever its name says\n" * 50)
    (tmp_path / "empty.wav").touch()
    bad = np.zeros((44_100, 2), np.float32)
    bad[100] = np.nan
    soundfile.write(tmp_path / "nan.wav", bad, 44_100, subtype="FLOAT")
    for name in ("missing.wav", "text.wav", "empty.wav", "nan.wav"):
        done = auralis("master", tmp_path / name, out, "--json")
        assert done.code == 4, done
        assert done.document["path"] == str(tmp_path / name)
        assert done.document["error"]["code"] in ("unreadable", "unsupported")
        assert done.err.count("\n") == 1
        assert not out.exists()


@pytest.mark.parametrize("words", [[], ["in.wav"], ["in.wav", "out.wav", "more.wav"], ["", "out.wav"]])
def test_two_files_are_wanted(words: list[str]) -> None:
    assert auralis("master", *words).code == 2


def test_a_name_beginning_with_a_dash_goes_behind_two_dashes(song: Path, tmp_path: Path) -> None:
    done = auralis_process("master", "--json", "--", song, "-14.flac", cwd=tmp_path)
    assert done.code == 0
    assert done.document["destination"] == "-14.flac"


def test_names_that_are_not_utf8_and_hostile_names_work(song: Path, tmp_path: Path) -> None:
    source = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 [red]\x1b[31m\n.wav"))
    source.write_bytes(song.read_bytes())
    destination = source.with_suffix(".flac")
    done = auralis_process("master", source, destination)
    assert done.code == 0
    assert "caf\\xe9 [red]\\x1b[31m\\n.flac" in done.out
    assert "\x1b" not in done.out
    assert destination.exists()
    told = json.loads(auralis_process("master", source, destination, "--json").out)
    assert os.fsencode(told["path"]) == os.fsencode(source)
