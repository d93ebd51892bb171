"""Landmarks as they are stored, and how two recordings' landmarks are compared."""

from __future__ import annotations

from auralis_cli.dsp.harmony import HarmonyMeter
from auralis_cli.dsp.landmark_matching import Signs, mask_bytes
from auralis_cli.model.landmarks import Landmarks


def landmarks_of(harmony: HarmonyMeter) -> Landmarks | None:
    """What the meter heard, once its stream has ended; None where that was too short for a word."""
    words = harmony.landmark_words()
    if len(words) == 0:
        return None
    return Landmarks(words.astype("<u4").tobytes(), mask_bytes(harmony.landmark_valid()))


def signs_of(landmarks: Landmarks) -> Signs:
    """The form in which `dsp.landmark_matching` compares them."""
    return Signs.of(landmarks.words, landmarks.valid)
