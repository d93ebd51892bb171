"""`auralis master --report FILE.html`: one page that needs nothing else and obeys nothing it shows."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import soundfile
from chords import chords
from command_line import Run, auralis

from auralis_cli.analysis.sound_profile import ProfileMeter
from auralis_cli.model.sound_profile import PROFILE_FREQUENCIES_HZ

RATE = 44_100
HOSTILE = "<img src=x onerror=alert(1)> & \"quotes\" 'too' \x1b[31m"


class Page(HTMLParser):
    """What a browser would make of it: elements with their attributes, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "path"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag == "path" or self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of two tracks, one of a hostile name, and of what is no audio."""
    folder = tmp_path_factory.mktemp("report")
    music = np.clip(1.6 * chords(), -1.0, 1.0)
    soundfile.write(folder / f"{HOSTILE}.wav", music, RATE)
    soundfile.write(folder / "silence.wav", np.zeros((RATE, 1)), RATE)
    (folder / "broken <b>.wav").write_bytes(b"RIFF")
    report = folder / "report.html"
    done = auralis("master", "-j", "1", "--out-dir", folder / "out", "--report", report, *sorted(folder.glob("*.wav")))
    assert done.code == 3, done
    return report.read_text(encoding="utf-8")


@pytest.mark.invariant("S0-L06")
def test_names_and_errors_are_shown_and_never_obeyed(page: str) -> None:
    """Kills: text that is put into the page as it is."""
    parsed = Page(page)
    assert not [tag for tag, _ in parsed.elements if tag in {"img", "b", "script"}]
    assert not [name for _, attributes in parsed.elements for name in attributes if name.startswith("on")]
    text = " ".join(parsed.words)
    assert "<img src=x onerror=alert(1)> & \"quotes\" 'too'" in text
    assert "broken <b>.wav" in text
    assert "\x1b" not in page


@pytest.mark.invariant("S0-L06")
def test_a_page_asks_for_nothing_from_outside(page: str) -> None:
    """Kills: a font, script or style from the network, or a policy that would let one in."""
    parsed = Page(page)
    policies = [a["content"] for tag, a in parsed.elements if tag == "meta" and "http-equiv" in a]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]
    assert not {"script", "link", "iframe", "object", "image", "use", "img"} & {tag for tag, _ in parsed.elements}
    links = [a["href"] for _, a in parsed.elements if "href" in a]
    assert links
    assert all(link is not None and link.startswith("#") for link in links)
    assert not [a for _, a in parsed.elements if "src" in a]
    style = page[page.index("<style>") : page.index("</style>")]
    assert not re.search(r"url\(|@import|https?:", style)


def test_every_track_has_its_pictures_figures_and_reasons_and_stays_small(page: str) -> None:
    parsed = Page(page)
    assert len(page.encode()) < 300_000
    sections = [attributes for tag, attributes in parsed.elements if tag == "section"]
    assert [one["id"] for one in sections] == ["t1", "t2"]
    drawn = {a["aria-label"] for tag, a in parsed.elements if tag == "svg"}
    assert {"Loudness", "Gain reduction", "Before", "After", "Spectrum", "Width", "Correlation"} <= drawn
    text = " ".join(parsed.words)
    for word in ("Asked for", "What was done, and why", "Repaired", "flat tops", "1 failed", "Held back by"):
        assert word in text
    assert not re.search(r"\bnan\b|\binf\b", page, re.IGNORECASE)
    assert "M" in next(a["d"] or "" for tag, a in parsed.elements if tag == "path" and a["class"] == "after")


def places(path: str) -> np.ndarray:
    """The points of a path that is not interrupted."""
    return np.array([[float(place) for place in point.split()] for point in path.removeprefix("M").split("L")])


def test_the_spectrum_shows_the_references_own_beside_before_and_after(tmp_path: Path, page: str) -> None:
    """Kills: another curve under the reference's name, and a curve where nothing was followed."""
    middle, side = np.random.default_rng(3).normal(0.0, 0.05, (2, 4 * RATE))
    # What is at the sides is low, what is in the middle is high.
    middle, side = np.diff(middle), np.convolve(side, np.full(9, 1.0 / 9.0), "same")[1:]
    wanted = np.stack([middle + side, middle - side], axis=1)
    song, reference, report = (tmp_path / name for name in ("song.wav", "reference.wav", "report.html"))
    soundfile.write(song, chords(4.0), RATE, subtype="FLOAT")
    soundfile.write(reference, wanted, RATE, subtype="FLOAT")
    done = auralis("master", song, tmp_path / "out.flac", "--reference", reference, "--report", report)
    assert done.code == 0, done
    alone, page = page, report.read_text(encoding="utf-8")
    picture = page[page.index('aria-label="Spectrum"') :].partition("</figure>")[0]
    assert "reference</span>" in page[page.index("<h3>Spectrum") : page.index('aria-label="Spectrum"')]
    across, down = places(re.findall(r'<path class="goal" d="([^"]*)"', picture)[0]).T
    meter = ProfileMeter(RATE, 2)
    meter.add(wanted.astype(np.float32))
    profile = meter.result()[1]
    powers = 10.0 ** (np.array(profile.mid_db) / 10.0) + 10.0 ** (np.array(profile.side_db) / 10.0)
    frequencies_hz = np.array(PROFILE_FREQUENCIES_HZ)
    inside = (frequencies_hz >= 20.0) & (frequencies_hz <= 20_000.0)
    levels_db = 10.0 * np.log10(powers[inside])
    assert len(across) == inside.sum()
    # By ratio, and so that a line of the grid is 20 dB above the next.
    assert np.ptp(np.diff(across)) < 0.2
    lines = [float(place) for place in re.findall(r'<path class="grid" d="M0 ([0-9.]+)H', picture)]
    drawn_db = -20.0 * down / (lines[0] - lines[1])
    seen = down < 199.0
    assert seen.sum() > 150
    assert np.ptp((drawn_db - levels_db)[seen]) < 0.15
    assert len(re.findall('aria-label="Spectrum"', alone)) == 2
    assert "reference" not in alone


def test_a_report_of_one_master_is_that_master(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "song.wav", chords(4.0), RATE, subtype="FLOAT")
    report = tmp_path / "report.html"
    done = auralis("master", tmp_path / "song.wav", tmp_path / "out.flac", "--preview", "2s", "--report", report)
    assert done.code == 0, done
    text = " ".join(Page(report.read_text(encoding="utf-8")).words)
    assert "only the part from" in text
    assert "as loud with" in done.out
    again = auralis("master", tmp_path / "song.wav", tmp_path / "other.flac", "--report", report)
    assert again.code == 2


def test_the_page_of_an_album_shows_all_of_it_and_where_its_tracks_meet(tmp_path: Path) -> None:
    """Kills: joins at other times than those at which tracks begin."""
    music, report = chords(4.5), tmp_path / "report.html"
    for name, part in zip(("1.wav", "2.wav"), np.split(music, [RATE * 3 // 2]), strict=True):
        (tmp_path / "Night").mkdir(exist_ok=True)
        soundfile.write(tmp_path / "Night" / name, part, RATE, subtype="FLOAT")
    done = auralis("master", "--album", "--out-dir", tmp_path / "out", "--report", report, tmp_path / "Night")
    assert done.code == 0, done
    page = report.read_text(encoding="utf-8")
    album, *tracks = page[page.index('<section class="track" id="a1">') :].split('<section class="track" id="t')
    assert "Night</h2>" in album
    assert "2 tracks as one" in album
    assert len(tracks) == 2
    loudness = album[album.index('aria-label="Loudness"') :].partition("</figure>")[0]
    assert re.findall(r'<path class="join" d="M([0-9.]+) 0V200"/>', loudness) == ["333.3"]
    assert {"Gain reduction", "Before", "After", "Spectrum"} <= set(re.findall('aria-label="([^"]*)"', album))


def test_other_endings_and_previews_of_albums_are_refused(tmp_path: Path) -> None:
    assert auralis("master", "in.wav", "out.flac", "--report", "report.pdf").code == 2
    refused = auralis("master", "--album", "--preview", "30s", "--out-dir", tmp_path, "in.wav")
    assert refused.code == 2
    assert "--preview" in refused.err


@pytest.mark.invariant("S3-ENG-14")
@pytest.mark.parametrize("suffix", [".json", ".html"])
def test_a_report_that_is_replaced_comes_back_with_an_undo(
    suffix: str, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills: an old report that is gone for good, and one that an undo leaves behind."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    song, out, report = tmp_path / "song.wav", tmp_path / "out.flac", tmp_path / f"report{suffix}"
    soundfile.write(song, chords(4.0), RATE, subtype="FLOAT")
    out.write_text("an older master")
    report.write_text("precious")
    refused = run("master", song, out, "--report", report)
    assert (refused.code, report.read_text()) == (2, "precious")
    assert run("master", song, out, "--report", report, "--force").code == 0
    written = report.read_bytes()
    assert written != b"precious"
    assert run("undo", "-y").code == 0
    assert (out.read_text(), report.read_text()) == ("an older master", "precious")
    # What was made lies in the trash, and all of it was one change.
    assert written in [file.read_bytes() for file in (tmp_path / "data" / "Trash" / "files").iterdir()]
    assert "nothing to undo" in run("undo", "-y").err


def test_a_report_without_a_master_can_be_undone_too(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    report = tmp_path / "report.json"
    words = ("master", "--out-dir", tmp_path / "out", "--report", report, tmp_path / "broken.wav", tmp_path)
    assert run(*words).code == 4
    assert report.exists()
    assert run("undo", "-y").code == 0
    assert not report.exists()
