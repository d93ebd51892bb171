"""The colours: dark and light of our own, the terminal's, those of the cover, and the themes that Textual brings."""

from __future__ import annotations

import asyncio
import colorsys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from textual.app import App
from textual.theme import BUILTIN_THEMES, Theme
from textual.timer import Timer

from auralis_cli.tui.view import begin_work

Rgb = tuple[int, int, int]

# Calm, and of one hue: what plays and what is wrong are the only colours that call.
DARK = Theme(
    "dark", dark=True, primary="#3f6b8c", secondary="#86acc8", accent="#d9a860", warning="#d9a860", error="#e07a74",
    success="#8fbf86", foreground="#d6dae0", background="#121518", surface="#181c20", panel="#1e2328",
)  # fmt: skip
LIGHT = Theme(
    "light", dark=False, primary="#3a6f96", secondary="#2f5d7d", accent="#8a5a10", warning="#8a5a10", error="#b03a36",
    success="#346a2d", foreground="#22262a", background="#fafaf8", surface="#f1f1ee", panel="#e7e8e5",
)  # fmt: skip
# Nothing but the sixteen colours that the user has given the terminal.
TERMINAL = replace(BUILTIN_THEMES["ansi-dark"], name="terminal")
COVER_NAME = "cover"
_RESTS_S = 0.12

# Of a colour that is to be read on the background: how light it is at least, and how colourful at most.
_LIGHT_ENOUGH = 0.74
_CALM_ENOUGH = 0.75
_PRIMARY_LIGHTNESS = 0.28
_BACKGROUND_LIGHTNESS = 0.07
# Below that a colour is a grey.
_COLOURFUL = 0.12
_SURELY_COLOURFUL = 0.3


def cover_theme(colours: Sequence[Rgb]) -> Theme:
    """A dark theme from the colours of a cover, the most frequent first; that of our own where they are all grey."""
    hues = [colorsys.rgb_to_hls(*(value / 255 for value in colour)) for colour in colours]
    vivid = [one for one in hues if one[2] > _COLOURFUL and 0.1 < one[1] < 0.9]
    if not vivid:
        return replace(DARK, name=COVER_NAME)
    hue, _, saturation = next((one for one in vivid if one[2] > _SURELY_COLOURFUL), vivid[0])
    other = max(vivid, key=lambda one: _apart(one[0], hue))
    calm = min(saturation, _CALM_ENOUGH)
    return replace(
        DARK,
        name=COVER_NAME,
        primary=_hex(hue, _PRIMARY_LIGHTNESS, calm * 0.7),
        secondary=_hex(hue, _LIGHT_ENOUGH, calm * 0.8),
        accent=_hex(other[0], _LIGHT_ENOUGH, min(other[2], _CALM_ENOUGH)),
        background=_hex(hue, _BACKGROUND_LIGHTNESS, calm * 0.25),
        surface=_hex(hue, _BACKGROUND_LIGHTNESS + 0.025, calm * 0.25),
        panel=_hex(hue, _BACKGROUND_LIGHTNESS + 0.05, calm * 0.25),
    )


def install_themes(app: App[int], name: str) -> None:
    """Gives an app our themes, and shows it in the one of that name; that of the cover is ours until one is known."""
    for theme in (DARK, LIGHT, TERMINAL, cover_theme(())):
        app.register_theme(theme)
    app.theme = name


class ThemePreview:
    """Shows an app in themes that are looked at, until one is chosen, or none."""

    def __init__(self, app: App[int]) -> None:
        self._app = app
        self._before = app.theme
        self._resting: Timer | None = None

    def look_at(self, name: str) -> None:
        """Shows it in that one, where the cursor rests there: to dress all of a screen takes its time."""
        self._stop()
        self._resting = self._app.set_timer(_RESTS_S, lambda: self._show(name))

    def end(self, chosen: str | None) -> None:
        """Keeps the one that was chosen; without one, that from before comes back."""
        self._stop()
        self._show(self._before if chosen is None else chosen)

    def _show(self, name: str) -> None:
        self._app.theme = name

    def _stop(self) -> None:
        if self._resting is not None:
            self._resting.stop()
            self._resting = None


class CoverDress:
    """Dresses an app in the colours of the cover of what plays, while that is its theme."""

    def __init__(self, app: App[int], variables: Mapping[str, str]) -> None:
        self._app, self._variables = app, variables
        self._path: str | None = None

    def look_at(self, path: str | None) -> None:
        """Another track plays, or the theme is another: its cover is looked at beside the loop."""
        if self._app.theme != COVER_NAME:
            self._path = None
        elif path is not None and path != self._path:
            self._path = path
            begin_work(self._app, partial(self._dress, Path(path)), "cover theme")

    async def _dress(self, path: Path) -> None:
        colours = await asyncio.to_thread(_colours, path, self._variables)
        self._app.register_theme(cover_theme(colours))
        if self._app.theme == COVER_NAME:
            self._app.mutate_reactive(App.theme)


def _colours(path: Path, variables: Mapping[str, str]) -> Sequence[Rgb]:
    # Readers of tags and images are nothing for a screen that is just coming up.
    from auralis_cli.services.cover_colours import colours_of_cover
    from auralis_cli.services.thumbnails import Thumbnails, thumbnails_folder

    return colours_of_cover(path, Thumbnails(thumbnails_folder(variables)))


def _apart(hue: float, other: float) -> float:
    """How far two hues are apart on their circle."""
    apart = abs(hue - other)
    return min(apart, 1 - apart)


def _hex(hue: float, lightness: float, saturation: float) -> str:
    red, green, blue = (round(value * 255) for value in colorsys.hls_to_rgb(hue, lightness, saturation))
    return f"#{red:02x}{green:02x}{blue:02x}"
