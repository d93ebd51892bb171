from __future__ import annotations

import io
import json
import math
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pytest
from command_line import Terminal

from auralis_cli.errors import InputError
from auralis_cli.json_form import failure, json_file, json_text, to_json
from auralis_cli.output import Output, ProgressMode, When
from auralis_cli.terminal_text import align, display_width, number, printable


class Fruit(StrEnum):
    PEAR = "pear"


@dataclass(frozen=True)
class Basket:
    fruit: Fruit
    weights_kg: tuple[float, ...]
    place: Path


def output(stream: type[io.StringIO] = io.StringIO, **variables: str) -> tuple[Output, io.StringIO, io.StringIO]:
    out, err = stream(), stream()
    return Output(out, err, variables), out, err


@pytest.mark.invariant("S0-L06")
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü 世界", "plain ü 世界"),
        ("[red]\x1b]0;x\x07\n/etc/passwd", "[red]\\x1b]0;x\\x07\\n/etc/passwd"),
        ("\x9b31m", "\\x9b31m"),
        ("gpj.\u202eexe", "gpj.\\u202eexe"),
        ("\udcff\udc80.wav", "\\xff\\x80.wav"),
        ("a\tb\r\x7f\u2028", "a\\tb\\r\\x7f\\u2028"),
    ],
)
def test_text_from_files_is_shown_and_never_obeyed(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_what_is_printable_can_always_be_encoded() -> None:
    assert printable("".join(map(chr, range(0x0, 0x110000, 7)))).encode("utf-8")


def test_numbers_that_do_not_exist_are_null() -> None:
    assert json_text([math.nan, math.inf, -math.inf, 1.5]) == "[null, null, null, 1.5]"


def test_dataclasses_enums_and_paths_have_a_json_form() -> None:
    basket = Basket(Fruit.PEAR, (0.2, -math.inf), Path("/a/b"))
    assert to_json(basket) == {"fruit": "pear", "weights_kg": [0.2, None], "place": "/a/b"}


def test_a_thing_without_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no JSON form"):
        to_json(object())


def test_names_that_are_not_utf8_survive_json() -> None:
    name = b"caf\xe9\n\x7f.wav".decode("utf-8", "surrogateescape")
    text = json_text({"path": Path(name)})
    assert text.isascii()
    assert "\x7f" not in text
    assert json.loads(text)["path"].encode("utf-8", "surrogateescape") == b"caf\xe9\n\x7f.wav"


def test_a_failure_has_one_shape() -> None:
    error = InputError("/x.wav", "is damaged", "get another")
    assert failure(Path("/x.wav"), error) == {
        "path": "/x.wav",
        "error": {"code": "unreadable", "message": "is damaged", "hint": "get another"},
    }
    assert failure(None, InputError("--x", "is bad")) == {
        "path": None,
        "error": {"code": "unreadable", "message": "--x: is bad"},
    }


@pytest.mark.parametrize(
    ("value", "shown"), [(-14.04, "-14.0"), (-0.04, "0.0"), (math.inf, "–"), (math.nan, "–"), (-math.inf, "–")]
)
def test_a_value_that_does_not_exist_is_a_dash(value: float, shown: str) -> None:
    assert number(value) == shown


def test_columns_stay_in_line_under_wide_letters_and_styles() -> None:
    for cell in ("世界", "e\u0301", "\x1b[1mbold\x1b[0m", "plain"):
        assert display_width(align((cell, "x"), (8, 1))) == 11
    assert align(("1", "22"), (4, 4), right=(0,)) == "   1  22"


def test_colour_needs_a_terminal_that_wants_it() -> None:
    assert output()[0].styled("x", "bold") == "x"
    assert output(Terminal)[0].styled("x", "bold") == "\x1b[1mx\x1b[0m"
    assert output(Terminal, NO_COLOR="1")[0].styled("x", "bold") == "x"
    assert output(Terminal, TERM="dumb")[0].styled("x", "bold") == "x"
    for stream in (io.StringIO, Terminal):
        chosen = output(stream, NO_COLOR="1")[0]
        chosen.color = When.ALWAYS
        assert chosen.styled("x", "bold", "red") == "\x1b[1;31mx\x1b[0m"
        chosen.color = When.NEVER
        assert chosen.styled("x", "bold") == "x"


@pytest.mark.parametrize(
    ("verbosity", "heard"), [(-1, []), (0, ["note", "warning"]), (1, ["note", "warning", "detail"])]
)
def test_quiet_keeps_results_and_errors(verbosity: int, heard: list[str]) -> None:
    speaking, out, err = output()
    speaking.verbosity = verbosity
    speaking.note("note")
    speaking.warning("warning")
    speaking.detail("detail")
    speaking.error(InputError("x", "bad"))
    speaking.result("result")
    assert out.getvalue() == "result\n"
    assert [line.rsplit(" ", 1)[-1] for line in err.getvalue().splitlines()] == [*heard, "bad"]


def test_errors_carry_a_traceback_only_when_asked() -> None:
    cases: list[tuple[dict[str, str], int]] = [({}, 1), ({"AURALIS_DEBUG": "0"}, 1), ({"AURALIS_DEBUG": "1"}, 3)]
    for variables, lines in cases:
        speaking, _, err = output(io.StringIO, **variables)
        speaking.error(InputError("x\ny", "is\x1b[0m bad"))
        assert len(err.getvalue().splitlines()) == lines
        assert "\x1b" not in err.getvalue()


def test_progress_off_a_terminal_passes_notes_only() -> None:
    speaking, out, err = output()
    with speaking.progress() as sink:
        sink.step("measuring", 0.5)
        sink.note("compiling")
    assert (out.getvalue(), err.getvalue()) == ("", "compiling\n")


def test_progress_as_json_is_one_object_a_line_and_says_nothing_twice() -> None:
    speaking, _, err = output()
    speaking.progress_mode = ProgressMode.JSON
    with speaking.progress() as sink:
        for done in (0.0, 0.001, 0.5, None, 1.0):
            sink.step("measuring", done)
        sink.note("done")
    lines = [json.loads(line) for line in err.getvalue().splitlines()]
    assert [line.get("done") for line in lines[:-1]] == [0.0, 0.5, None, 1.0]
    assert lines[-1] == {"note": "done"}


def test_a_bar_is_drawn_on_a_terminal_and_taken_away() -> None:
    speaking, out, err = output(Terminal)
    with speaking.progress() as sink:
        sink.step("measuring", 0.25)
        sink.step("[red]rendering", None)
        sink.note("a note")
    assert out.getvalue() == ""
    assert "[red]rendering" in err.getvalue()
    assert "a note" in err.getvalue()
    # The last thing done is erasing the line.
    assert err.getvalue().rstrip().endswith("\x1b[2K")


def _screen(written: str) -> list[str]:
    """What a terminal shows in the end, of what the bars make use of: new line, return, cursor up, erase line."""
    rows, row, column = [""], 0, 0
    for piece in re.findall(r"\x1b\[[?0-9;]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", written):
        if piece == "\n":
            row, column = row + 1, 0
            rows += [""] * (row + 1 - len(rows))
        elif piece == "\r":
            column = 0
        elif piece.endswith("A") and piece[0] == "\x1b":
            row = max(0, row - int(piece[2:-1] or 1))
        elif piece.endswith("K") and piece[0] == "\x1b":
            rows[row] = ""
        elif piece[0] != "\x1b":
            rows[row] = rows[row][:column].ljust(column) + piece + rows[row][column + len(piece) :]
            column += len(piece)
    return [line.rstrip() for line in rows]


def test_bars_wipe_nothing_that_is_written_between_them() -> None:
    terminal = Terminal()
    speaking = Output(terminal, terminal, {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"})
    with speaking.batch_progress() as bars:
        bars.overall(0, 9, None)
        for number in range(3):
            bars.item(f"song{number}", "measuring", 0.5)
        for number in range(4):
            speaking.result(f"row {number}")
            speaking.note(f"note {number}")
        assert "song2" in terminal.getvalue()
    shown = [line for line in _screen(terminal.getvalue()) if line]
    assert shown == [f"{kind} {number}" for number in range(4) for kind in ("row", "note")]


def test_no_bar_is_drawn_of_nothing() -> None:
    terminal = Terminal()
    speaking = Output(terminal, terminal, {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"})
    with speaking.batch_progress() as bars:
        bars.overall(0, 0, None)
        bars.overall(1, 3, "song")
        bars.item("music", "looking", None)
        bars.overall(0, 0, None)
        shown = len(terminal.getvalue())
        speaking.note("nothing is under way")
        assert "━" not in terminal.getvalue()[shown:]
        assert "0 of 0" not in terminal.getvalue()


def test_bars_leave_room_for_the_key_that_interrupts_them() -> None:
    terminal = Terminal()
    speaking = Output(terminal, terminal, {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"})
    with speaking.batch_progress() as bars:
        bars.overall(0, 9, None)
        bars.item("a long name " * 9, "measuring", 0.5)
        speaking.note("written")
    lines = re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", terminal.getvalue()).splitlines()
    assert 60 < max(map(len, lines)) <= 80 - len("^C")


def test_quiet_and_never_draw_no_bar() -> None:
    for mode, verbosity in ((ProgressMode.NEVER, 0), (ProgressMode.AUTO, -1)):
        speaking, _, err = output(Terminal)
        speaking.progress_mode, speaking.verbosity = mode, verbosity
        with speaking.progress() as sink:
            sink.step("measuring", 0.25)
        assert err.getvalue() == ""


def test_a_file_of_json_holds_no_number_that_json_has_not() -> None:
    assert json.loads(json_file({"loudness": -math.inf})) == {"loudness": None}
    with pytest.raises(TypeError):
        json_file(object())
