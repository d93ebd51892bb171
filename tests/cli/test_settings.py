"""What is set takes effect, wherever it is set, the nearer word wins, and every surface refuses the same words."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import demo_piece
import numpy as np
import pytest
import soundfile
from command_line import REPOSITORY, Finished, auralis

from auralis_cli.audio.formats import WRITABLE_KEYS
from auralis_cli.cli import VERBS, load_verb
from auralis_cli.commands import analyze
from auralis_cli.commands.items import Manner
from auralis_cli.commands.verb import VerbCommand
from auralis_cli.settings import BITS, OTHER_VARIABLES, SETTINGS, WRITTEN_FORMATS, setting_of

Run = Callable[..., Finished]


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("song") / "song.wav"
    piece = np.clip(demo_piece.compose()[5 * 44_100 : 8 * 44_100], -1.0, 1.0)
    soundfile.write(path, piece, 44_100, subtype="PCM_24")
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An AURALIS_HOME of the test's own; in-process runs take it as a variable."""
    (tmp_path / "home" / "config").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture
def user(home: Path) -> Callable[[str], Path]:
    """Writes the user's own settings file."""

    def write(text: str) -> Path:
        path = home / "config" / "config.toml"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def run(home: Path) -> Run:
    def start(*words: str | Path, **variables: str) -> Finished:
        return auralis(*words, variables={"AURALIS_HOME": str(home), **variables})

    return start


# Setting → a word that is not its default, and a command line (with SONG and OUT) on which it shows.
DRY = ("master", "SONG", "OUT.wav", "-n", "--json")
EFFECTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "master.preset": ("warm", DRY),
    "master.intensity": ("0.25", DRY),
    "master.loudness": ("-20", DRY),
    "master.target": ("apple", DRY),
    "master.ceiling": ("-3", DRY),
    "master.bits": ("16", DRY),
    "master.dither": ("none", DRY),
    "master.rate": ("48000", DRY),
    "master.to": ("flac", ("master", "SONG", "-", "-n", "--json")),
    "master.bitrate": ("96", ("master", "SONG", "OUT.mp3", "-n", "--json")),
    "verify.target": ("loud", ("verify", "SONG", "--json")),
    "limits.max_duration": ("1s", ("analyze", "SONG", "--json")),
    "limits.max_size": ("1K", ("analyze", "SONG", "--json")),
    "output.color": ("always", ("verify", "--target", "loud", "SONG")),
    "output.progress": ("json", ("verify", "--target", "loud", "SONG")),
    "output.verbosity": ("verbose", ("analyze", "SONG")),
    "play.keys": ("cmus", ("keys",)),
    "scrobble.enabled": ("true", ("scrobble", "status", "--json")),
    "scrobble.server": ("https://lb.example/apis/1", ("scrobble", "status", "--json")),
    "scrobble.token_file": ("/home-of/token", ("scrobble", "status", "--json")),
    "online.enabled": ("true", ("scrobble", "status", "--json")),
}
# Those that have a test of their own below, in test_db.py, test_scan.py and test_play.py.
ELSEWHERE = {
    "master.keep_mtime",
    "master.preferences",
    "limits.jobs",
    "limits.stall_timeout",
    "log.file",
    "library.file",
    "scan.ignore",
}
PLAYER = {
    "play.volume": "40", "play.enhance": "true", "play.preset": "warm", "play.intensity": "0.25",
    "play.normalize": "album", "play.repeat": "all", "play.crossfade": "3", "play.device": "hifi",
    "play.latency": "250", "play.exact_rate": "true",
}  # fmt: skip
ELSEWHERE |= PLAYER.keys()
# In test_art_fetch.py, test_scrobble.py and test_prefs.py.
ONLINE = {
    "online.enabled": "true", "online.musicbrainz": "https://mb.example", "online.cover_art": "https://art.example",
    "online.hosts": "img.example", "scrobble.enabled": "true", "scrobble.server": "https://lb.example/apis/1",
    "scrobble.token_file": "/home-of/token",
}  # fmt: skip
ELSEWHERE |= {*ONLINE, "master.preferences"} - EFFECTS.keys()
# In test_play.py, test_keys.py and tests/tui.
SCREEN = {"play.at_quit": "leave", "play.keys": "cmus", "play.theme": "light", "play.covers": "off"}
ELSEWHERE |= SCREEN.keys() - EFFECTS.keys()


def documented() -> dict[str, str]:
    """Key → variable, as the manual has them."""
    page = (REPOSITORY / "man" / "man5" / "auralis-config.5").read_text().replace("\\-", "-")
    return dict(re.findall(r"^\.B (\w+\.\w+) \((AURALIS_\w+)\)$", page, re.MULTILINE))


def line(words: tuple[str, ...], song: Path, folder: Path) -> list[str]:
    return [word.replace("SONG", str(song)).replace("OUT", str(folder / "out")) for word in words]


def in_toml(value: bool | int | float | str) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def steady(done: Finished) -> tuple[int, str, str]:
    """Without the seconds it took."""
    return done.code, done.out, re.sub(r"\d+\.\d+ s\b", "", done.err)


@pytest.mark.invariant("S1-H-08")
def test_every_setting_is_documented_and_nothing_else_is() -> None:
    assert documented().keys() == SETTINGS.keys()
    assert EFFECTS.keys() | ELSEWHERE == SETTINGS.keys()
    assert EFFECTS.keys() & ELSEWHERE == set()
    root = (REPOSITORY / "man" / "man1" / "auralis.1").read_text()
    assert all(variable in root for variable in OTHER_VARIABLES)


@pytest.mark.invariant("S1-H-08")
@pytest.mark.parametrize("key", EFFECTS)
def test_a_documented_variable_and_key_change_what_happens(
    key: str, song: Path, tmp_path: Path, run: Run, user: Callable[[str], Path]
) -> None:
    word, words = EFFECTS[key]
    command = line(words, song, tmp_path)
    before = steady(run(*command))
    set_in_variable = steady(run(*command, **{documented()[key]: word}))
    user(f"[{key.partition('.')[0]}]\n{key.partition('.')[2]} = {in_toml(SETTINGS[key].kind.plain(word))}\n")
    set_in_file = steady(run(*command))
    assert set_in_variable != before
    assert set_in_file == set_in_variable
    if any(SETTINGS[key].flag in param.opts for param in load_verb(words[0]).params):
        user("")
        assert steady(run(*command, SETTINGS[key].flag, word)) == set_in_variable


@pytest.mark.invariant("S1-H-08")
@pytest.mark.parametrize("key", SETTINGS)
def test_config_show_tells_the_value_and_who_says_so(key: str, run: Run, user: Callable[[str], Path]) -> None:
    word = {**{key: word for key, (word, _) in EFFECTS.items()}, **PLAYER, **ONLINE, **SCREEN}.get(key, "")
    word = word or {"log.file": "/dev/null", "library.file": "/tmp/none.db", "scan.ignore": "rough/"}.get(key, "")
    others = {"master.keep_mtime": "true", "master.preferences": "false", "limits.jobs": "1"}
    word = word or {**others, "limits.stall_timeout": "9s"}[key]

    def shown(**variables: str) -> Any:
        done = run("config", "show", "--json", "--color=never", "--progress=never", **variables)
        return next(item for item in done.document["items"] if item["key"] == key)

    plain = SETTINGS[key].kind.plain(word)
    default = SETTINGS[key].default
    assert shown()["origin"] == "default"
    assert shown()["value"] == (None if default is None else SETTINGS[key].kind.plain(default))
    path = user(f"# mine\n[{key.partition('.')[0]}]\n{key.partition('.')[2]} = {in_toml(plain)}\n")
    assert (shown()["value"], shown()["origin"]) == (plain, f"{path}:3")
    variable = documented()[key]
    assert shown()["variable"] == variable
    assert (shown(**{variable: word})["value"], shown(**{variable: word})["origin"]) == (plain, variable)


@pytest.mark.invariant("S1-H-08")
def test_an_undocumented_variable_does_nothing_and_config_show_says_so(song: Path, tmp_path: Path, run: Run) -> None:
    strangers = {"AURALIS_PRESET": "warm", "AURALIS_MASTER_PREST": "warm", "AURALIS_COLOR": "always"}
    command = line(DRY, song, tmp_path)
    assert run(*command, **strangers) == run(*command)
    told = run("config", "show", **strangers)
    assert told.out == run("config", "show").out
    assert all(f"{name}: there is no such variable" in told.err for name in strangers)


def test_an_empty_variable_is_not_set(run: Run) -> None:
    assert run("config", "get", "master.preset", AURALIS_MASTER_PRESET="").out == "adaptive\n"


def test_jobs_and_stall_timeout_reach_the_work(song: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    manners: list[Manner] = []

    class Done:
        exit_code = 0

    def note(_session: object, _tasks: object, _display: object, manner: Manner, **_: object) -> type[Done]:
        manners.append(manner)
        return Done

    monkeypatch.setattr(analyze, "run_items", note)
    run("analyze", song)
    run("analyze", song, AURALIS_LIMITS_JOBS="1", AURALIS_LIMITS_STALL_TIMEOUT="2m")
    run("analyze", song, "--jobs=1", "--stall-timeout=2m")
    assert [(one.jobs, one.stall_timeout_s) for one in manners] == [(None, 300.0), (1, 120.0), (1, 120.0)]


def test_the_time_of_modification_is_kept_when_set_unless_the_flag_says_no(
    song: Path, tmp_path: Path, run: Run
) -> None:
    os.utime(song, (1e9, 1e9))
    kept, plain, refused = (tmp_path / f"{name}.wav" for name in ("kept", "plain", "refused"))
    assert run("master", song, kept, AURALIS_MASTER_KEEP_MTIME="yes").code == 0
    assert run("master", song, plain).code == 0
    assert run("master", song, refused, "--no-keep-mtime", AURALIS_MASTER_KEEP_MTIME="yes").code == 0
    assert [path.stat().st_mtime == 1e9 for path in (kept, plain, refused)] == [True, False, False]


def test_the_nearer_word_wins(song: Path, tmp_path: Path, run: Run, user: Callable[[str], Path]) -> None:
    other = tmp_path / "other.toml"
    other.write_text("[master]\nintensity = 0.2\n")
    command = line(DRY, song, tmp_path)

    def intensity(*before: str | Path, flag: str | None = None, **variables: str) -> Any:
        after = [] if flag is None else ["--intensity", flag]
        return run(*before, *command, *after, **variables).document["plan"]["intensity"]

    assert intensity() == 1.0
    user("[master]\nintensity = 0.1\n")
    assert intensity() == 0.1
    assert intensity("--config", other) == 0.2
    assert intensity(AURALIS_CONFIG=str(other)) == 0.2
    assert intensity("--config", other, AURALIS_MASTER_INTENSITY="0.3") == 0.3
    assert intensity("--config", other, flag="0.4", AURALIS_MASTER_INTENSITY="0.3") == 0.4
    # A flag that says the default is a flag.
    assert intensity("--config", other, flag="1", AURALIS_MASTER_INTENSITY="0.3") == 1.0


def test_a_target_on_the_command_line_beats_a_loudness_that_is_only_set(
    song: Path, tmp_path: Path, run: Run, user: Callable[[str], Path]
) -> None:
    user("[master]\nloudness = -18\nceiling = -2\n")
    command = line(DRY, song, tmp_path)

    def delivery(*words: str, **variables: str) -> tuple[float, float]:
        found = run(*command, *words, **variables).document["plan"]["delivery"]
        return found["loudness_lufs"], found["ceiling_dbtp"]

    assert delivery() == (-18.0, -2.0)
    assert delivery("--target", "loud") == (-9.0, -0.3)
    assert delivery(AURALIS_MASTER_TARGET="loud") == (-9.0, -0.3)
    assert delivery("--target", "loud", "--loudness", "-12") == (-12.0, -0.3)
    user("[master]\nloudness = -18\ntarget = 'loud'\n")
    assert delivery() == (-18.0, -0.3)


def test_what_is_only_set_yields_to_a_format_that_has_no_use_for_it(
    song: Path, tmp_path: Path, run: Run, user: Callable[[str], Path]
) -> None:
    user("[master]\nbits = '32f'\nbitrate = 96\ndither = 'none'\nrate = 96000\nto = 'opus'\nkeep_mtime = true\n")
    for name in ("out.flac", "out.mp3", "out.opus", "out.wav", "-"):
        told = run("master", song, name if name == "-" else tmp_path / name, "-n", "--json")
        assert told.code == 0, told.err
        assert told.document["output_format"]["format"] == (name.partition(".")[2] or "opus")
    # What is said is served or refused.
    assert run("master", song, tmp_path / "out.flac", "-n", "--bits", "32f").code == 2
    assert run("master", song, tmp_path / "out.flac", "-n", "--bitrate", "96").code == 2


# What the terminal player looks like and does, which is nothing of a single run.
OF_THE_SCREEN = ("play.keys", "play.theme", "play.covers", "play.at_quit")


def test_every_setting_of_a_verb_is_the_default_of_an_option() -> None:
    for key, setting in SETTINGS.items():
        if setting.section in ("library", "output", "log", "online", "scrobble") or key in OF_THE_SCREEN:
            continue
        verbs = [setting.section] if setting.section in VERBS else ["master", "analyze", "verify"]
        for verb in verbs:
            command = load_verb(verb)
            assert isinstance(command, VerbCommand)
            param: Any = next(one for one in command.params if one.name == setting.option)
            assert setting_of(verb, setting.option) is setting
            assert setting.flag in param.opts
            # The option's own default is the table's.
            if setting.default is not None and param.default is not None:
                assert setting.kind.parse(str(param.default)) == setting.kind.parse(setting.default), key
            elif setting.default is not None:
                assert param.show_default == setting.default, key


def test_the_table_knows_the_formats_that_are_written() -> None:
    assert WRITTEN_FORMATS == WRITABLE_KEYS
    assert set(BITS) == {"16", "24", "32f"}


NUMBERS = ("nan", "inf", "1e999", "one")
BAD: dict[str, tuple[str, ...]] = {
    "master.preset": ("loud", "Warm", "nan", "warm ", "../x", "1"),
    "master.target": ("spotify", "nan", "Loud"),
    "master.intensity": (*NUMBERS, "NaN", "-nan", "-inf", "0x10", "true", "-0.01", "1.01", "50%"),
    "master.loudness": (*NUMBERS, "-41", "-4.9", "0", "of"),
    "master.ceiling": (*NUMBERS, "0.1", "-20.1"),
    "master.rate": (*NUMBERS, "7999", "384001", "44100.5", "4_4100"),
    "master.bitrate": (*NUMBERS, "7", "1025", "128.5"),
    "master.bits": ("32", "8", "nan", "24.0"),
    "master.dither": ("yes", "TPDF", "nan"),
    "master.to": ("wma", "FLAC", "nan"),
    "verify.target": ("spotify", "nan"),
    "limits.jobs": (*NUMBERS, "0", "1025", "1.5"),
    "limits.stall_timeout": (*NUMBERS, "0", "25h", "-5"),
    "limits.max_duration": (*NUMBERS, "0", "1:2:3:4"),
    "limits.max_size": (*NUMBERS, "0", "-1", "1X", "2000T"),
    "output.color": ("yes", "nan", "ALWAYS"),
}


def complaint(done: Finished) -> str:
    """What is said about the word, without what says whose word it is."""
    assert done.code == 2, done
    assert done.err.startswith("auralis: error: ")
    assert done.err.count("\n") == 1
    found = re.search(r": ('.*' is not .*)\n", done.err)
    assert found, done.err
    return plainly(found[1])


def plainly(text: str) -> str:
    """Without the hint, and without the quotes in which Typer lists choices."""
    head, _, choices = re.sub(r" \(see: .*\)$|, nor a name of .*$", "", text).partition(" is not ")
    return f"{head} is not {choices.replace(chr(39), '')}"


@pytest.mark.invariant("S2-NEW-3")
@pytest.mark.parametrize(("key", "word"), [(key, word) for key, words in BAD.items() for word in words])
def test_flag_variable_and_files_refuse_the_same_words_in_the_same_words(
    key: str, word: str, song: Path, tmp_path: Path, run: Run, user: Callable[[str], Path]
) -> None:
    setting = SETTINGS[key]
    verb = setting.section if setting.section in VERBS else "analyze"
    command = [verb, str(song), *([str(tmp_path / "out.wav"), "-n"] if verb == "master" else [])]
    said = complaint(run(*command, f"{setting.flag}={word}"))
    assert repr(word) in said
    assert complaint(run(*command, **{setting.variable: word})) == said
    assert complaint(run("config", "set", key, "--", word)) == said
    text = f"[{setting.section}]\n{setting.option} = {word!r}\n"
    in_quotes = complaint_in_file(run(*command, "--json"), user(text), key) if user(text) else ""
    other = tmp_path / "other.toml"
    other.write_text(text)
    user("")
    assert complaint_in_file(run("--config", other, *command), other, key) == in_quotes
    assert in_quotes.replace(" in quotes", "") == said
    if float in setting.kind.toml_types and word in ("nan", "inf", "-inf"):
        other.write_text(text.replace("'", ""))
        assert complaint_in_file(run("--config", other, *command), other, key) == said


def complaint_in_file(done: Finished, path: Path, key: str) -> str:
    assert done.code == 2, done
    head = f"auralis: error: {path}:2: {key}: "
    assert done.err.startswith(head)
    assert done.err.count("\n") == 1
    return plainly(done.err.removeprefix(head).rstrip("\n"))
