"""Takes the README's picture of a report: the demo piece, clipped and mastered, as Chromium shows its page."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import demo_piece
import numpy as np
import soundfile
from browser import chromium
from PIL import Image

PLACE = Path(__file__).resolve().parent / "screens" / "report.png"
_SIZE = (1120, 1080)
_COLOURS = 64


def photographed(page: Path, size: tuple[int, int]) -> Image.Image:
    """A page as Chromium shows it, from its beginning on."""
    program = chromium()
    if program is None:
        sys.exit("needs chromium")
    shot = page.with_suffix(".png")
    words = ["--headless=new", "--no-sandbox", "--hide-scrollbars", f"--window-size={size[0]},{size[1]}"]
    subprocess.run([program, *words, f"--screenshot={shot}", page.as_uri()], check=True, capture_output=True)
    with Image.open(shot) as picture:
        return picture.convert("RGB").quantize(_COLOURS)


def take(place: Path) -> None:
    """Masters into a folder of its own and puts the picture into `place`."""
    with tempfile.TemporaryDirectory(prefix="auralis-report-") as name:
        folder = Path(name)
        song, page = folder / "demo.wav", folder / "report.html"
        music = demo_piece.compose()
        raised = np.clip(2.0 * music / np.abs(music).max(), -1.0, 1.0)
        soundfile.write(song, raised, demo_piece.RATE_HZ, subtype="PCM_24")
        words = ["master", "-q", "--target", "loud", "--report", str(page), str(song), str(folder / "demo.flac")]
        subprocess.run([sys.executable, "-m", "auralis_cli", *words], check=True, stdout=subprocess.DEVNULL)
        # The name of the folder is nobody's.
        page.write_text(page.read_text(encoding="utf-8").replace(f"{folder}/", ""), encoding="utf-8")
        photographed(page, _SIZE).save(place, optimize=True)
    print(place)


if __name__ == "__main__":
    take(PLACE)
