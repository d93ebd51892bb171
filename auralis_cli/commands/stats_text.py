"""The library in numbers as people read it: lines, and bars of blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from auralis_cli.model.library_stats import FileShare, LibraryStats
from auralis_cli.output import Output
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.library_stats import Bar, decade_bars, loudness_bars
from auralis_cli.terminal_text import align, display_width, printable, shortened
from auralis_cli.units import bytes_in_words, count_in_words, moment_in_words, seconds_to_clock

_WIDEST, _NARROWEST_BAR = 80, 8
_HEAD, _NAME, _COUNT, _SHARE = 10, 14, 9, 7
_LONGEST_NAME = 22
_MOST_KINDS = 6
# A block of eighths, from the thinnest on.
_EIGHTHS = "▏▎▍▌▋▊▉█"
_DAY_S = 86_400.0


def show_stats(output: Output, stats: LibraryStats) -> None:
    """Everything there is to tell, section by section."""
    for line in _summary(stats):
        output.result(line)
    sections = (
        ("formats", "files", _kinds(stats.formats, str)),
        ("rates", "files", _kinds(stats.sample_rates_hz, lambda hz: f"{int(hz) / 1000:g} kHz")),
        ("bits", "files", _kinds(stats.bits, lambda bits: f"{bits} bit")),
        ("decades", "tracks", decade_bars(stats)),
        ("loudness", "LUFS", loudness_bars(stats)),
        ("genres", "tracks", [Bar(share.name, share.tracks) for share in stats.top_genres]),
        ("artists", "tracks", [Bar(share.name, share.tracks) for share in stats.top_artists]),
    )
    totals = {"files": stats.files, "tracks": stats.tracks, "LUFS": sum(one.recordings for one in stats.loudness)}
    widths = [display_width(_name(bar)) for _, _, bars in sections for bar in bars]
    page = _Page(output, max(_NAME, *widths, 0), min(_WIDEST, output.columns()))
    for head, unit, bars in sections:
        page.section(head, unit, bars, totals[unit])
        if unit == "LUFS" and stats.median_lufs is not None:
            output.result(f"{'':{_HEAD}}{output.styled('median', 'dim')} {stats.median_lufs:.1f}")
    if stats.tracks:
        known = (Bar("measured", stats.measured), Bar("fingerprinted", stats.fingerprinted))
        page.section("known", "tracks", known, stats.tracks, longest=stats.tracks)
    troubles = [Bar("missing", stats.missing), Bar("unreadable", stats.unreadable)]
    page.section("trouble", "files", [bar for bar in troubles if bar.count], stats.files, longest=stats.files)
    for line in _history(output, stats):
        output.result(line)


def _summary(stats: LibraryStats) -> Iterator[str]:
    counts = (
        (stats.tracks, "track"),
        (stats.albums, "album"),
        (stats.artists, "artist"),
        (stats.genres, "genre"),
        (stats.playlists, "playlist"),
    )
    yield ", ".join(count_in_words(count, name) for count, name in counts)
    lossless = f", {100.0 * stats.lossless / stats.files:.0f} % lossless" if stats.files else ""
    files = f"{count_in_words(stats.files, 'file')}, {bytes_in_words(stats.size_bytes)}"
    yield f"{_duration(stats.duration_s)} in {files}{lossless}"


def _duration(seconds: float) -> str:
    days, rest = divmod(seconds, _DAY_S)
    return f"{count_in_words(int(days), 'day')} and {rest / 3600.0:.0f} h" if days else seconds_to_clock(seconds)


def _kinds(shares: Sequence[FileShare], name: Callable[[str | int], str]) -> list[Bar]:
    """The most frequent kinds; the rest are others."""
    bars = [Bar("unknown" if one.value is None else name(one.value), one.files) for one in shares[:_MOST_KINDS]]
    others = sum(one.files for one in shares[_MOST_KINDS:])
    return [*bars, Bar("others", others)] if others else bars


@dataclass(frozen=True, slots=True)
class _Page:
    """Sections of bars below each other, in the same columns."""

    output: Output
    name_columns: int
    columns: int

    def section(self, head: str, unit: str, bars: Sequence[Bar], total: int, *, longest: int = 0) -> None:
        """Bars with their share of `total`; the whole room is `longest`, by default that of the most."""
        if not bars:
            return
        self.output.result()
        longest = max(1, longest, *(0 if longest else bar.count for bar in bars))
        beside = (self.output.styled(head, "bold"), self.output.styled(unit, "dim"))
        for number, bar in enumerate(bars):
            label = beside[number] if number < len(beside) else ""
            share = f"{100.0 * bar.count / max(1, total):.1f} %"
            drawn = self.output.styled(_bar(bar.count / longest, self._room), "cyan")
            cells = (_name(bar), f"{bar.count:,}", self.output.styled(share, "dim"), drawn)
            line = align(cells, (self.name_columns, _COUNT, _SHARE, 0), right=(1, 2))
            self.output.result(label + " " * (_HEAD - display_width(label)) + line)

    @property
    def _room(self) -> int:
        return max(_NARROWEST_BAR, self.columns - _HEAD - self.name_columns - _COUNT - _SHARE - 6)


def _name(bar: Bar) -> str:
    return shortened(printable(bar.name), _LONGEST_NAME)


def _bar(fraction: float, columns: int) -> str:
    eighths = round(fraction * columns * 8)
    if fraction > 0.0:
        eighths = max(1, eighths)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[rest - 1] if rest else "")


def _history(output: Output, stats: LibraryStats) -> Iterator[str]:
    plays = stats.plays
    if plays.plays or plays.rated:
        yield ""
        tracks = count_in_words(plays.tracks, "track")
        what = f"{count_in_words(plays.plays, 'play')} of {tracks}, {_duration(plays.played_s)}; "
        yield f"{_headed(output, 'plays')}{what if plays.plays else ''}{plays.rated:,} rated"
    if (scan := stats.last_scan) is not None:
        yield ""
        when = moment_in_words(scan.started_at)
        counts = scan.counts
        done = f"{counts.added:,} added, {counts.updated:,} updated, {counts.failed:,} failed"
        yield f"{_headed(output, 'last scan')}{when}, {scan.outcome}: {done}"


def _headed(output: Output, head: str) -> str:
    return output.styled(head, "bold") + " " * (_HEAD - len(head))
