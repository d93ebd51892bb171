"""The pictures of a report: SVG without text, stretched to whatever width there is, and labels of HTML around it."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auralis_cli.quick_dataclasses import dataclass

# The coordinates in which is drawn.
_WIDTH, _HEIGHT = 1000.0, 200.0
# More points than a page is wide are not seen.
_MOST_POINTS = 500
# Of what is not drawn in the colour of its own name.
_COLOURS = {"side": "goal", "fill-moment": "after-soft", "fill-limit": "limit", "ceiling": "limit", "join": "muted"}
Values = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Axis:
    """A range, and where in it something is written; `is_log` spaces it by ratio."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    unit: str = ""
    is_log: bool = False

    def share(self, values: Values) -> Values:
        """Where in the range values lie, 0…1, what lies outside at its edges; NaN stays."""
        if self.is_log:
            places = np.log(np.maximum(values, 1e-9) / self.low) / math.log(self.high / self.low)
        else:
            places = (values - self.low) / (self.high - self.low)
        return np.clip(places, 0.0, 1.0)


@dataclass(slots=True)
class Chart:
    """One picture; what is drawn first lies below."""

    title: str
    x: Axis
    y: Axis
    height_px: int = 220
    note: str = ""
    _shapes: list[str] = field(default_factory=list)
    _legend: list[tuple[str, str]] = field(default_factory=list)

    def line(self, xs: Values, ys: Values, kind: str, name: str = "") -> None:
        """A curve, interrupted where there is no number."""
        self._shapes.append(f'<path class="{kind}" d="{self._path(xs, ys)}"/>')
        self._name(kind, name)

    def level(self, y: float, kind: str, name: str = "") -> None:
        """A line right across."""
        if math.isfinite(y):
            place = _number(_HEIGHT * (1.0 - float(self.y.share(np.array(y)))))
            self._shapes.append(f'<path class="{kind}" d="M0 {place}H{_WIDTH:g}"/>')
            self._name(kind, name)

    def marks(self, xs: Sequence[float], kind: str, name: str = "") -> None:
        """Lines from the top to the bottom."""
        places = _WIDTH * self.x.share(np.array(xs, np.float64))
        self._shapes += [f'<path class="{kind}" d="M{_number(place)} 0V{_HEIGHT:g}"/>' for place in places.tolist()]
        if len(xs):
            self._name(kind, name)

    def band(self, xs: Values, lows: Values, highs: Values, kind: str, name: str = "") -> None:
        """The area between two curves, which must be numbers throughout."""
        if len(xs) == 0:
            return
        across = np.concatenate((xs, xs[::-1]))
        around = self._path(across, np.concatenate((highs, lows[::-1])))
        self._shapes.append(f'<path class="{kind}" d="{around}Z"/>')
        self._name(kind, name)

    def markup(self, *, wide: bool = False) -> str:
        """The card with it."""
        grid = [self._grid(place, across=True) for place, _ in self.y.ticks]
        grid += [self._grid(place, across=False) for place, _ in self.x.ticks]
        labels = [*self._x_labels(), *self._y_labels()]
        unit = f'<span class="unit">{_text(self.y.unit)}</span>' if self.y.unit else ""
        keys = "".join(
            f'<span><i style="background:var(--{colour})"></i>{_text(name)}</span>' for colour, name in self._legend
        )
        note = f'<p class="note">{_text(self.note)}</p>' if self.note else ""
        return (
            f'<figure class="card{" wide" if wide else ""}"><div class="top"><h3>{_text(self.title)}</h3>'
            f'<div class="legend">{keys}</div></div><div class="chart" style="height:{self.height_px}px">'
            f'<svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" preserveAspectRatio="none" role="img" '
            f'aria-label="{_text(self.title)}">{"".join(grid)}{"".join(self._shapes)}</svg>'
            f"{''.join(labels)}{unit}</div>{note}</figure>"
        )

    def _name(self, kind: str, name: str) -> None:
        colours = {
            "side": "goal",
            "fill-moment": "after-soft",
            "fill-limit": "limit",
            "ceiling": "limit",
            "join": "muted",
        }
        if name:
            self._legend.append((colours.get(kind, kind.removeprefix("fill-")), name))

    def _path(self, xs: Values, ys: Values) -> str:
        across, up = _WIDTH * self.x.share(np.asarray(xs)), _HEIGHT * (1.0 - self.y.share(np.asarray(ys)))
        words: list[str] = []
        pen = "M"
        for x, y in zip(across.tolist(), up.tolist(), strict=True):
            if not (math.isfinite(x) and math.isfinite(y)):
                pen = "M"
                continue
            words.append(f"{pen}{_number(x)} {_number(y)}")
            pen = "L"
        return "".join(words)

    def _grid(self, place: float, *, across: bool) -> str:
        share = float((self.y if across else self.x).share(np.array(place)))
        if across:
            return f'<path class="grid" d="M0 {_number(_HEIGHT * (1.0 - share))}H{_WIDTH:g}"/>'
        return f'<path class="grid" d="M{_number(_WIDTH * share)} 0V{_HEIGHT:g}"/>'

    def _x_labels(self) -> Iterable[str]:
        for number, (place, label) in enumerate(self.x.ticks):
            share = 100.0 * float(self.x.share(np.array(place)))
            edge = " first" if share < 1.0 else " last" if share > 99.0 else ""
            minor = " minor" if number % 2 else ""
            yield f'<span class="x{edge}{minor}" style="left:{share:.2f}%">{_text(label)}</span>'

    def _y_labels(self) -> Iterable[str]:
        for place, label in self.y.ticks:
            share = 100.0 * (1.0 - float(self.y.share(np.array(place))))
            yield f'<span class="y" style="top:{share:.2f}%">{_text(label)}</span>'


def fewer(values: Values, join: np.ufunc = np.maximum, most: int = _MOST_POINTS) -> Values:
    """Neighbours joined until there are at most so many; the last may be of fewer."""
    together = max(1, -(-len(values) // most))
    return values if together == 1 else join.reduceat(values, np.arange(0, len(values), together))


def fewer_times(times: Values, most: int = _MOST_POINTS) -> Values:
    """Of the times of values that were joined, the first of each."""
    return times[:: max(1, -(-len(times) // most))]


def steps(low: float, high: float, step: float) -> list[tuple[float, str]]:
    """Ticks at multiples of `step`."""
    places = np.arange(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1) * step
    return [(float(place), f"{place:g}".replace("-", "\N{MINUS SIGN}")) for place in places]


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _text(text: str) -> str:
    return html.escape(text, quote=True)
