"""Files of choices: their versions are numbers, and nothing in them is trusted."""

from __future__ import annotations

import io
import itertools
import json
import math
from typing import Any

import pytest

from auralis_cli.errors import InputError
from auralis_cli.model.preferences import Observation, SoundChoice
from auralis_cli.model.track_kinds import TrackKind
from auralis_cli.services.preference_documents import document_of, newest_version, read_document

NOW = 1_800_000_000
CHOICE: dict[str, Any] = {
    "observed_at": 5, "kind": "speech", "weight": 1.0,
    "preset": "warm", "intensity": 0.5, "tilt_db": -1, "width_db": None, "loudness_lu": None,
}  # fmt: skip


def document(*choices: object, **other: object) -> dict[str, object]:
    return {"format": "auralis preferences", "version": 1, "choices": list(choices), **other}


def read(told: object, **how: Any) -> tuple[Observation, ...]:
    data = told if isinstance(told, bytes) else json.dumps(told).encode()
    return read_document(io.BytesIO(data), "taste.json", now=NOW, **how)


def test_what_is_written_is_read_again() -> None:
    choices = (
        Observation(TrackKind.SPEECH, SoundChoice("wärm", 0.5, -1.0, 3.0, -6.0), 7, 1.5),
        Observation(TrackKind.OPEN_FLOWING_DARK, SoundChoice(tilt_db=0.1), NOW),
    )
    assert read(document_of(choices)) == choices
    assert read(document_of(())) == ()


def test_a_file_does_not_tell_which_tracks_were_meant() -> None:
    told = document_of([Observation(TrackKind.SPEECH, SoundChoice("warm"), 7, content_key="secret")])
    assert b"secret" not in told


def _to(version: int) -> Any:
    """Each version's choices have its number in their preset."""

    def upgrade(old: dict[str, Any]) -> dict[str, Any]:
        assert old["version"] == version - 1
        choices = [{**one, "preset": f"{one['preset']} {version}"} for one in old["choices"]]
        return {**old, "version": version, "choices": choices}

    return upgrade


@pytest.mark.invariant("S1-M-05")
@pytest.mark.parametrize("order", list(itertools.permutations((9, 10))))
def test_of_versions_9_10_and_11_in_any_order_11_is_the_newest(order: tuple[int, ...]) -> None:
    upgrades = {number: _to(number + 1) for number in order}
    assert newest_version(upgrades) == 11
    for version, preset in ((9, "warm 10 11"), (10, "warm 11"), (11, "warm")):
        found = read(document(CHOICE, version=version), upgrades=upgrades)
        assert [one.choice.preset for one in found] == [preset]
    with pytest.raises(InputError, match="is of version 12, of which this program knows nothing: 11 is the newest"):
        read(document(CHOICE, version=12), upgrades=upgrades)
    with pytest.raises(InputError, match="none there ever was"):
        read(document(CHOICE, version=7), upgrades=upgrades)


@pytest.mark.invariant("S1-M-05")
@pytest.mark.parametrize("version", ["1", 1.0, True, None, -1, 0, [1], "9"])
def test_what_is_no_whole_number_is_no_version(version: object) -> None:
    with pytest.raises(InputError, match="its version is none there ever was"):
        read(document(CHOICE, version=version))


@pytest.mark.parametrize(
    "change",
    [
        {"tilt_db": 3.01}, {"tilt_db": -4}, {"intensity": 1.5}, {"intensity": True}, {"width_db": "1"},
        {"width_db": 99}, {"loudness_lu": 10**400}, {"weight": None}, {"weight": 0.4}, {"weight": 9},
        {"kind": "polka"}, {"kind": None}, {"kind": ["speech"]}, {"preset": ""}, {"preset": "x" * 201}, {"preset": 7},
        {"observed_at": -1}, {"observed_at": NOW + 10**6}, {"observed_at": 1.5}, {"observed_at": True}, {"more": 1},
        {"preset": None, "intensity": None, "tilt_db": None},
    ],
)  # fmt: skip
def test_a_choice_that_cannot_be_is_refused_in_one_line(change: dict[str, object]) -> None:
    with pytest.raises(InputError) as refused:
        read(document(CHOICE, {**CHOICE, **change}))
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 400
    assert "choice 2" in str(refused.value)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_no_number_is_refused(word: str) -> None:
    text = json.dumps(document(CHOICE)).replace("0.5", word)
    assert word in text
    with pytest.raises(InputError, match="no number"):
        read(text.encode())
    assert not any(math.isfinite(float(one)) for one in ("nan", "1e999"))


@pytest.mark.parametrize(
    "told",
    [
        b"", b"\xff\xfe", b"[]", b"{}", b"null", b"7", b'{"format": "auralis preferences"}', b"[" * 100_000,
        b"9" * 10_000, document(7), document(None), document([]), document(extra=1), document(choices={}),
        document(CHOICE, format="fingerprints"), {"version": 1, "choices": []},
        document(*[CHOICE] * 10_001), b" " * (9 << 20),
    ],
)  # fmt: skip
def test_what_is_no_such_file_is_refused_in_one_line(told: object) -> None:
    with pytest.raises(InputError) as refused:
        read(told)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 400


def test_no_more_is_read_than_such_a_file_may_be_long() -> None:
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size: int = -1) -> bytes:
            assert 0 <= size <= 9 << 20
            self.taken += size
            return b" " * size

    endless = Endless()
    with pytest.raises(InputError, match="longer than 8 MiB"):
        read_document(endless, "zero", now=NOW)  # type: ignore[arg-type]
    assert endless.taken <= 9 << 20
