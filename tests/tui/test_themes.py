"""The colours of the terminal player: readable, of the cover where that is asked for, none where NO_COLOR is set."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest
from PIL import Image
from scanned_folders import song
from textual.color import Color
from textual.theme import BUILTIN_THEMES
from tui.fake_player import FakePlayers, app_over
from tui.watching import in_front, until

from auralis_cli.services.cover_colours import colours_of_cover
from auralis_cli.services.settings_changes import change_setting
from auralis_cli.services.thumbnails import Thumbnails
from auralis_cli.settings import THEME_NAMES
from auralis_cli.tui.dialogs import Choose
from auralis_cli.tui.themes import DARK, LIGHT, Rgb, cover_theme
from auralis_cli.tui.widgets.long_list import LongList

RED, TEAL, GREY = (200, 30, 40), (20, 140, 140), (90, 90, 90)


def contrast(one: str | None, other: str | None) -> float:
    """As WCAG has it."""
    assert one is not None
    assert other is not None
    lights = sorted((_luminance(Color.parse(one)), _luminance(Color.parse(other))))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(color: Color) -> float:
    parts = [value / 255 for value in (color.r, color.g, color.b)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colours", [(RED, TEAL), (TEAL, GREY), ((255, 255, 0), (0, 0, 255)), (GREY,), ()])
def test_whatever_the_cover_its_theme_can_be_read(colours: tuple[Rgb, ...]) -> None:
    theme = cover_theme(colours)
    for color in (theme.foreground, theme.accent, theme.error, theme.success, theme.secondary):
        assert contrast(color, theme.background) > 4.5, color
    assert contrast(theme.foreground, theme.primary) > 3


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: str(theme.name))
def test_our_own_themes_can_be_read(theme: object) -> None:
    for name in ("foreground", "accent", "error", "success", "secondary"):
        for ground in ("background", "surface", "panel"):
            assert contrast(getattr(theme, name), getattr(theme, ground)) > 4.5, (name, ground)
    # The cursor.
    assert contrast("#ffffff", getattr(theme, "primary")) > 4.5  # noqa: B009


def test_all_themes_that_may_be_set_are_there() -> None:
    assert set(THEME_NAMES[4:]) <= set(BUILTIN_THEMES)


def test_colours_of_a_cover_come_the_most_frequent_first(tmp_path: Path) -> None:
    track = with_cover(tmp_path / "music", TEAL, RED)
    first, second, *_ = colours_of_cover(track, Thumbnails(tmp_path / "covers"))
    assert all(abs(part - wanted) < 12 for part, wanted in zip((*first, *second), (*TEAL, *RED), strict=True))


def test_the_screen_takes_the_colours_of_the_cover_that_plays(tmp_path: Path) -> None:
    track = with_cover(tmp_path / "music", TEAL, RED)
    change_setting({"AURALIS_HOME": str(tmp_path)}, None, "play.theme", "cover")
    players = FakePlayers([str(track)])

    async def run() -> None:
        app = app_over(players, tmp_path, "jobs")
        async with app.run_test(size=(80, 24)):
            ground = Color.parse(DARK.surface or "")
            shown = app.query_one("#keys").styles
            await until(lambda: ground != shown.background == Color.parse(app.current_theme.surface or ""))
            primary = Color.parse(app.current_theme.primary)
            assert primary.g > primary.r

    asyncio.run(run())


def test_a_theme_is_seen_before_it_is_chosen_and_esc_brings_the_old_one_back(tmp_path: Path) -> None:
    async def run() -> None:
        app = app_over(FakePlayers(), tmp_path, "jobs")
        async with app.run_test(size=(80, 24)) as pilot:
            await until(lambda: app.is_running and app.state.status is not None)
            await pilot.press("ctrl+t")
            await in_front(app, Choose)
            await pilot.press(*"nord")
            await until(lambda: app.theme == "nord")
            await pilot.press("escape")
            await until(lambda: app.theme == "dark")
            app.run_line("theme")
            await in_front(app, Choose)
            await pilot.press(*"gruv", "enter")
            await until(lambda: app.theme == "gruvbox" and not isinstance(app.screen, Choose))

    asyncio.run(run())


def test_without_colour_the_cursor_is_still_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def run() -> None:
        app = app_over(FakePlayers(), tmp_path, "settings")
        async with app.run_test(size=(80, 24)):
            rows = app.query_one(LongList)
            await until(lambda: rows.has_focus and rows.get_component_rich_style("long-list--cursor").reverse)

    asyncio.run(run())


def with_cover(folder: Path, most: Rgb, less: Rgb) -> Path:
    track = song(folder / "song.wav", 1)
    picture = Image.new("RGB", (64, 64), most)
    picture.paste(less, (0, 0, 64, 20))
    target = io.BytesIO()
    picture.save(target, "PNG")
    (folder / "cover.png").write_bytes(target.getvalue())
    return track
