"""References: listened to once, never anything else in the place of one that cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from auralis_cli.errors import InputError
from auralis_cli.json_form import to_json
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.sound_profile import Reference, SoundProfile, reference_of_json
from auralis_cli.model.source import AudioSource
from auralis_cli.services import reference_profiles
from auralis_cli.services.reference_profiles import ReferenceProfiles

RATE_HZ = 16_000


def write_noise(path: Path, seconds: float = 4.0, gain: float = 0.1, channels: int = 2) -> Path:
    audio = gain * np.random.default_rng(4).standard_normal((round(seconds * RATE_HZ), channels))
    soundfile.write(path, np.clip(audio, -1.0, 1.0).astype(np.float32), RATE_HZ, subtype="PCM_16")
    return path


def asked(folder: Path, *paths: Path) -> Reference:
    profiles = ReferenceProfiles(folder / "profiles")
    return profiles.reference("them", [AudioSource(path) for path in paths], SilentProgress(), CancelToken())


def test_a_file_is_listened_to_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, listened = write_noise(tmp_path / "a.wav"), []
    measured = reference_profiles._measured

    def counting(source: AudioSource, *rest: object) -> SoundProfile:
        listened.append(source)
        return measured(source, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(reference_profiles, "_measured", counting)
    first = asked(tmp_path, path)
    assert asked(tmp_path, path) == first
    assert len(listened) == 1
    write_noise(path, gain=0.05)
    assert asked(tmp_path, path).profile.integrated_lufs == pytest.approx(first.profile.integrated_lufs - 6.0, abs=0.1)
    for kept in (tmp_path / "profiles").iterdir():
        kept.write_bytes(b"damaged")
    assert asked(tmp_path, path).tracks == 1
    assert len(listened) == 3


def test_several_are_one_by_their_middle(tmp_path: Path) -> None:
    paths = [write_noise(tmp_path / f"{gain}.wav", gain=gain) for gain in (0.02, 0.04, 0.1)]
    them = asked(tmp_path, *paths)
    assert (them.name, them.tracks) == ("them", 3)
    assert them.profile.integrated_lufs == asked(tmp_path, paths[1]).profile.integrated_lufs


@pytest.mark.invariant("S2-u3")
def test_what_is_missing_broken_silent_or_too_short_is_an_error_also_among_others(tmp_path: Path) -> None:
    good = write_noise(tmp_path / "good.wav")
    (tmp_path / "broken.wav").write_bytes(b"RIFF and nothing else")
    soundfile.write(tmp_path / "silent.wav", np.zeros((4 * RATE_HZ, 2)), RATE_HZ)
    write_noise(tmp_path / "short.wav", seconds=2.0)
    for name, why in (
        ("missing.wav", "does not exist"),
        ("broken.wav", "audio|decoded|damaged|sound"),
        ("silent.wav", "silent"),
        ("short.wav", "lasts 2.0 s"),
    ):
        with pytest.raises(InputError, match=why):
            asked(tmp_path, tmp_path / name)
        with pytest.raises(InputError, match=why):
            asked(tmp_path, good, tmp_path / name)


def test_more_than_two_channels_are_heard_as_two(tmp_path: Path) -> None:
    assert asked(tmp_path, write_noise(tmp_path / "six.wav", channels=6)).profile.channels == 2


def test_a_reference_is_the_same_after_a_journey_as_json(tmp_path: Path) -> None:
    mono = asked(tmp_path, write_noise(tmp_path / "mono.wav", channels=1))
    told: Any = to_json(mono)
    assert reference_of_json(told) == mono
    assert isinstance(told, dict)
    wrong_ones: list[Any] = [
        None,
        [],
        {},
        {**told, "tracks": "1"},
        {**told, "profile": {}},
        {**told, "profile": {**told["profile"], "plr_db": "loud"}},
        {**told, "profile": {**told["profile"], "mid_db": [0.0]}},
        {**told, "profile": {**told["profile"], "channels": None}},
        {**told, "profile": {**told["profile"], "lra_lu": float("nan")}},
    ]
    for wrong in wrong_ones:
        with pytest.raises(ValueError, match=r"reference|profile"):
            reference_of_json(wrong)
