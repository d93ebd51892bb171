"""Spectra of real windows by a Fourier transform that fits the processor: twice to three times as fast as NumPy's.

The even and odd samples of a window are the real and imaginary parts of one complex row of half its length. Seen as
a table, its columns are transformed side by side, turned, laid on their side, and transformed side by side again: so
that every innermost loop runs over neighbours in memory, which is what the compiler turns into vectors. Each step is
Stockham's, by fours, and leaves its result in order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel

MIN_LENGTH = 64


class Fourier:
    """Transforms windows of one length, a power of two from 64, of a line; float32 in, complex64 out."""

    def __init__(self, length: int) -> None:
        if length < MIN_LENGTH or length & (length - 1):
            raise ValueError(f"length must be a power of two of at least {MIN_LENGTH}, not {length}")
        self.length = length
        half = length // 2
        rows = 1 << (half.bit_length() - 1) // 2
        columns = half // rows
        self._rows = rows
        # How far each entry of the table is turned; then what joins even and odd samples.
        self._turns = _unit_circle(np.outer(np.arange(rows), np.arange(columns)).reshape(-1), half)
        self._joins = _unit_circle(np.arange(half + 1), length)
        self._down, self._across = _unit_circle(np.arange(rows), rows), _unit_circle(np.arange(columns), columns)
        self._work = np.empty((4, half + 1), np.float32)

    def spectra(
        self, line: NDArray[np.float32], hop: int, taper: NDArray[np.float32], into: NDArray[np.complex64]
    ) -> None:
        """Spectra of windows of `line` that begin every `hop` samples, each times `taper`.

        As many as `into`, `(windows, length // 2 + 1)`, has rows. Raises ValueError for what does not fit.
        """
        if hop < 1:
            raise ValueError(f"hop must be at least 1, not {hop}")
        if into.dtype != np.complex64 or into.shape != (len(into), self.length // 2 + 1):
            raise ValueError(f"into must be complex64 (n, {self.length // 2 + 1}), not {into.dtype} {into.shape}")
        if line.dtype != np.float32 or line.ndim != 1 or len(line) < (len(into) - 1) * hop + self.length:
            raise ValueError(f"line must be float32 and hold {len(into)} windows, not {line.dtype} {line.shape}")
        if taper.dtype != np.float32 or taper.shape != (self.length,):
            raise ValueError(f"taper must be float32 ({self.length},), not {taper.dtype} {taper.shape}")
        _spectra(
            line, hop, taper, self._rows, self._down, self._across, self._turns, self._joins, self._work,
            into.view(np.float32),
        )  # fmt: skip


def _unit_circle(steps: NDArray[np.int64], circle: int) -> NDArray[np.float32]:
    """Cosine and minus sine of `steps` of `circle`."""
    angle = -2.0 * np.pi * (steps % circle) / circle
    return np.asarray(np.stack([np.cos(angle), np.sin(angle)]), np.float32)


@kernel
def _by_four(re, im, out_re, out_im, length, beside, circle, step):  # type: ignore[no-untyped-def]
    """One step of transforms of `length`, `beside` of them side by side."""
    quarter = length // 4
    part = quarter * beside
    for p in range(quarter):
        c1, s1 = circle[0, p * step], circle[1, p * step]
        c2, s2 = circle[0, 2 * p * step], circle[1, 2 * p * step]
        c3, s3 = circle[0, 3 * p * step], circle[1, 3 * p * step]
        at, to = p * beside, 4 * p * beside
        ar, br = re[at : at + beside], re[at + part : at + part + beside]
        cr, dr = re[at + 2 * part : at + 2 * part + beside], re[at + 3 * part : at + 3 * part + beside]
        ai, bi = im[at : at + beside], im[at + part : at + part + beside]
        ci, di = im[at + 2 * part : at + 2 * part + beside], im[at + 3 * part : at + 3 * part + beside]
        pr, pi = out_re[to : to + beside], out_im[to : to + beside]
        qr, qi = out_re[to + beside : to + 2 * beside], out_im[to + beside : to + 2 * beside]
        rr, ri = out_re[to + 2 * beside : to + 3 * beside], out_im[to + 2 * beside : to + 3 * beside]
        sr, si = out_re[to + 3 * beside : to + 4 * beside], out_im[to + 3 * beside : to + 4 * beside]
        for q in range(beside):
            even_r, even_i = ar[q] + cr[q], ai[q] + ci[q]
            apart_r, apart_i = ar[q] - cr[q], ai[q] - ci[q]
            odd_r, odd_i = br[q] + dr[q], bi[q] + di[q]
            # −i · (b − d)
            side_r, side_i = bi[q] - di[q], dr[q] - br[q]
            pr[q], pi[q] = even_r + odd_r, even_i + odd_i
            tr, ti = apart_r + side_r, apart_i + side_i
            qr[q], qi[q] = tr * c1 - ti * s1, tr * s1 + ti * c1
            tr, ti = even_r - odd_r, even_i - odd_i
            rr[q], ri[q] = tr * c2 - ti * s2, tr * s2 + ti * c2
            tr, ti = apart_r - side_r, apart_i - side_i
            sr[q], si[q] = tr * c3 - ti * s3, tr * s3 + ti * c3


@kernel
def _by_two(re, im, out_re, out_im, beside):  # type: ignore[no-untyped-def]
    """The last step of transforms whose length is no power of four."""
    ar, ai, br, bi = re[:beside], im[:beside], re[beside : 2 * beside], im[beside : 2 * beside]
    pr, pi = out_re[:beside], out_im[:beside]
    qr, qi = out_re[beside : 2 * beside], out_im[beside : 2 * beside]
    for q in range(beside):
        pr[q], pi[q] = ar[q] + br[q], ai[q] + bi[q]
        qr[q], qi[q] = ar[q] - br[q], ai[q] - bi[q]


@kernel
def _transform(work, here, length, beside, circle):  # type: ignore[no-untyped-def]
    """Transforms of `length` side by side, from rows `here`, `here + 1` of `work`; where the result is."""
    step = np.int64(1)
    while length > 1:
        there = 2 - here
        if length >= 4:
            _by_four(work[here], work[here + 1], work[there], work[there + 1], length, beside, circle, step)
            length, beside, step = length // 4, beside * 4, step * 4
        else:
            _by_two(work[here], work[here + 1], work[there], work[there + 1], beside)
            length = 1
        here = there
    return here


@kernel
def _turn(re, im, turns):  # type: ignore[no-untyped-def]
    """Turns every entry of the table."""
    c, s = turns[0], turns[1]
    for k in range(c.shape[0]):
        was_re, was_im = re[k], im[k]
        re[k] = was_re * c[k] - was_im * s[k]
        im[k] = was_re * s[k] + was_im * c[k]


@kernel
def _lay_on_its_side(line, rows, columns, out):  # type: ignore[no-untyped-def]
    wide, tall = line[: rows * columns].reshape(rows, columns), out[: rows * columns].reshape(columns, rows)
    for column in range(columns):
        for row in range(rows):
            tall[column, row] = wide[row, column]


@kernel
def _join(re, im, joins, out):  # type: ignore[no-untyped-def]
    """The spectrum of the window from that of its even and odd samples, as (re, im) pairs."""
    last = re.shape[0] - 1
    # One around the circle.
    re[last], im[last] = re[0], im[0]
    c, s = joins[0], joins[1]
    half = np.float32(0.5)
    for k in range(last + 1):
        # Without a sign there is nothing to check, and the loop becomes vectors.
        mirror = np.uint64(last - k)
        even_r, even_i = half * (re[k] + re[mirror]), half * (im[k] - im[mirror])
        odd_r, odd_i = half * (im[k] + im[mirror]), half * (re[mirror] - re[k])
        out[2 * k] = even_r + (odd_r * c[k] - odd_i * s[k])
        out[2 * k + 1] = even_i + (odd_r * s[k] + odd_i * c[k])


@kernel
def _spectrum(rows, down, across, turns, joins, work, into):  # type: ignore[no-untyped-def]
    """Of the samples in the first two lines of `work`, even and odd ones."""
    columns = (work.shape[1] - 1) // rows
    here = _transform(work, np.int64(0), rows, columns, down)
    there = 2 - here
    _turn(work[here], work[here + 1], turns)
    _lay_on_its_side(work[here], rows, columns, work[there])
    _lay_on_its_side(work[here + 1], rows, columns, work[there + 1])
    here = _transform(work, there, columns, rows, across)
    _join(work[here], work[here + 1], joins, into)


@kernel
def _spectra(line, hop, taper, rows, down, across, turns, joins, work, into):  # type: ignore[no-untyped-def]
    for index in range(into.shape[0]):
        window = line[index * hop : index * hop + taper.shape[0]]
        re, im = work[0], work[1]
        for k in range(work.shape[1] - 1):
            re[k] = window[2 * k] * taper[2 * k]
            im[k] = window[2 * k + 1] * taper[2 * k + 1]
        _spectrum(rows, down, across, turns, joins, work, into[index])
