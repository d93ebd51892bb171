"""Records the README's terminal session: real commands over the demo library, as one SVG that plays by itself.

Every line comes when it came, but waiting is cut short. What does not move, such as a print, shows the end.
"""

from __future__ import annotations

import base64
import html
import io
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fcntl import ioctl
from pathlib import Path

from demo_library import ALBUMS, make_demo_library
from PIL import Image
from printed_commands import own_program
from report_picture import photographed
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

REPOSITORY = Path(__file__).resolve().parent.parent
SCREENS = REPOSITORY / "tests" / "screens"
PLACE = SCREENS / "session.svg"
COMMANDS = (
    "auralis scan ~/Music",
    "auralis list genre:jazz title+",
    "song=$(auralis list title:heron --limit 1 -f '$path')",
    'auralis master "$song" heron.flac --report heron.html',
    "auralis verify heron.flac --target streaming",
    "xdg-open heron.html",
)
_COLUMNS, _ROWS = 80, 24
_CELL_W, _CELL_H, _MARGIN = 8.4, 18.0, 14.0
_REPORT_PX = (1050, 690)
_KEY_S, _LINE_S, _LOOKS_S, _REPORT_S = 0.045, 0.06, 1.6, 6.0
_INK, _PAPER, _PROMPT = "#d8dee9", "#1b1e26", "#7bd88f"
_STEP = "animation-timing-function: step-end"
_FONT = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the terminal: when it begins to be there, and when it is there whole."""

    text: Text
    begins_s: float
    ends_s: float


def answer(command: str, environ: Mapping[str, str], folder: Path) -> str:
    """What a terminal of that width is sent."""
    own, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, _COLUMNS, 0, 0))
    with subprocess.Popen(
        ("bash", "-c", command), cwd=folder, env=environ, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        sent = b"".join(iter(lambda: _read(own), b""))
    assert process.returncode == 0, sent
    os.close(own)
    return sent.decode().replace("\r\n", "\n").rstrip("\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:
        return b""


def session(environ: Mapping[str, str], folder: Path) -> tuple[list[Row], float]:
    """The rows, and when the report is opened."""
    rows: list[Row] = []
    now_s = 0.6
    for command in COMMANDS:
        typed_s = now_s + _KEY_S * len(command)
        rows.append(Row(Text.assemble(("$ ", _PROMPT), (command, "bold")), now_s, typed_s))
        now_s = typed_s + 0.4
        if command == COMMANDS[-1]:
            break
        said = answer(command, environ, folder) if not command.startswith("song=") else ""
        for line in said.splitlines():
            rows.append(Row(Text.from_ansi(line.replace(str(folder), "~")), now_s, now_s))
            now_s += _LINE_S
        now_s += _LOOKS_S if said else 0.3
    return rows, now_s


def drawn(rows: Sequence[Row], report_s: float, report: Image.Image) -> str:
    """All of it, as one picture that begins anew when it has ended."""
    width, height = 2 * _MARGIN + _COLUMNS * _CELL_W, 2 * _MARGIN + _ROWS * _CELL_H
    ends_s = report_s + _REPORT_S
    kept = io.BytesIO()
    report.save(kept, "PNG", optimize=True)
    picture = base64.b64encode(kept.getvalue()).decode()
    style = "\n".join([
        f"text {{ font: 14px {_FONT}; fill: {_INK}; white-space: pre; }}",
        f".a {{ animation: {ends_s:.2f}s infinite both; }}",
        *_frames(rows, report_s, ends_s),
    ])  # fmt: skip
    lines = "\n".join(_row(number, row) for number, row in enumerate(rows))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" xml:space="preserve">
<title>auralis scan, list, master and verify in a terminal, and the report</title>
<style>{style}</style>
<rect width="100%" height="100%" rx="8" fill="{_PAPER}"/>
<svg x="{_MARGIN:g}" y="{_MARGIN:g}" width="{_COLUMNS * _CELL_W:g}" height="{_ROWS * _CELL_H:g}">
<g class="a" style="animation-name: scroll; transform: translateY({-_scrolled(len(rows)):g}px)">
{lines}
</g>
</svg>
<image class="a" style="animation-name: report" x="0" y="0" width="{width:g}" height="{height:g}"
 preserveAspectRatio="xMidYMin slice" href="data:image/png;base64,{picture}"/>
</svg>
"""


def _frames(rows: Sequence[Row], report_s: float, ends_s: float) -> Iterator[str]:
    """Key frames: when each row comes, typed ones letter by letter; how far all is scrolled; when the report comes."""

    def at(moment_s: float) -> str:
        return f"{100 * moment_s / ends_s:.3f}%"

    for number, row in enumerate(rows):
        letters = max(1, len(row.text.plain) - 2)
        hidden = "opacity: 0; clip-path: inset(0 100% 0 0)"
        if row.ends_s > row.begins_s:
            begins = f"opacity: 1; clip-path: inset(0 {100 - 200 / _COLUMNS:g}% 0 0)"
            whole = f"clip-path: inset(0 {100 - 100 * (letters + 2) / _COLUMNS:g}% 0 0)"
            typed = f"{begins}; animation-timing-function: steps({letters})"
            yield (
                f"@keyframes r{number} {{ 0% {{ {hidden}; animation-timing-function: step-end }} "
                f"{at(row.begins_s)} {{ {typed} }} {at(row.ends_s)}, 100% {{ opacity: 1; {whole} }} }}"
            )
        else:
            yield (
                f"@keyframes r{number} {{ 0% {{ visibility: hidden; animation-timing-function: step-end }} "
                f"{at(row.begins_s)}, 100% {{ visibility: visible }} }}"
            )
    steps = [f"0% {{ transform: translateY(0); {_STEP} }}"]
    for number, row in enumerate(rows, 1):
        if number > _ROWS:
            steps.append(f"{at(row.begins_s)} {{ transform: translateY({-_scrolled(number):g}px); {_STEP} }}")
    yield f"@keyframes scroll {{ {' '.join(steps)} 100% {{ transform: translateY({-_scrolled(len(rows)):g}px) }} }}"
    yield f"@keyframes report {{ 0%, {at(report_s)} {{ opacity: 0 }} {at(report_s + 0.4)}, 100% {{ opacity: 1 }} }}"


def _scrolled(rows: int) -> float:
    return max(0, rows - _ROWS) * _CELL_H


def _row(number: int, row: Row) -> str:
    """A line of text in its place; what is typed is cut at its cells, so that it is as wide as the terminal."""
    spans = "".join(_spans(row.text))
    box = f'<rect width="{_COLUMNS * _CELL_W:g}" height="{_CELL_H:g}" fill="none"/>'
    cut = box if row.ends_s > row.begins_s else ""
    place = f'transform="translate(0 {number * _CELL_H:g})"'
    return f'<g {place}><g class="a" style="animation-name: r{number}">{cut}<text y="13.5">{spans}</text></g></g>'


def _spans(text: Text) -> Iterator[str]:
    """Each piece at its column, whatever the font."""
    console, column = Console(), 0
    for piece in text.divide(sorted({place for span in text.spans for place in (span.start, span.end)})):
        if not piece.plain:
            continue
        style = piece.get_style_at_offset(console, 0)
        colour = "" if style.color is None or style.color.is_default else style.color.get_truecolor(MONOKAI).hex
        looks = (f' fill="{colour}"' if colour else "") + (' font-weight="bold"' if style.bold else "")
        looks += ' opacity="0.65"' if style.dim else ""
        long = f' textLength="{len(piece.plain) * _CELL_W:g}" lengthAdjust="spacingAndGlyphs"'
        yield f'<tspan x="{column * _CELL_W:g}"{looks}{long}>{html.escape(piece.plain)}</tspan>'
        column += len(piece.plain)


def record(place: Path) -> None:
    """Makes the music and plays the session in a folder of its own, then draws it."""
    with tempfile.TemporaryDirectory(prefix="auralis-session-") as name:
        home = Path(name) / "home"
        make_demo_library(home / "Music", ALBUMS[:2])
        places = {"HOME": str(home), "AURALIS_HOME": str(home / ".auralis"), "PYTHONPATH": str(REPOSITORY)}
        kernels = REPOSITORY / "build" / "test-kernels"
        kernels.mkdir(parents=True, exist_ok=True)
        (home / ".auralis" / "cache").mkdir(parents=True)
        (home / ".auralis" / "cache" / "kernels").symlink_to(kernels)
        path = f"{own_program(home / 'bin')}:{os.environ['PATH']}"
        calm = {"AURALIS_OUTPUT_PROGRESS": "never", "TERM": "xterm-256color", "PATH": path}
        environ = {**os.environ, **places, **calm}
        environ.pop("NO_COLOR", None)
        environ["song"] = str(next((home / "Music").rglob("02 Blue Heron.flac")))
        # Compiled before, as after the first day.
        answer('auralis master -q "$song" before.flac && rm before.flac', environ, home)
        rows, report_s = session(environ, home)
        page = home / "heron.html"
        page.write_text(page.read_text(encoding="utf-8").replace(str(home), "~"), encoding="utf-8")
        drawing = drawn(rows, report_s, photographed(page, _REPORT_PX))
    place.write_text(drawing, encoding="utf-8")
    print(place)


if __name__ == "__main__":
    record(Path(sys.argv[1]) if len(sys.argv) > 1 else PLACE)
