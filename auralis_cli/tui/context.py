"""What the terminal player was started with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from auralis_cli.config import Config


@dataclass(frozen=True, slots=True)
class UiContext:
    """Where things are, what the user has set, and what time it is."""

    library_path: Path
    config: Config
    variables: Mapping[str, str]
    # Seconds that only ever rise, and seconds since 1970.
    clock_s: Callable[[], float]
    now_s: Callable[[], float]
    # Whether the player was started for this screen, and ends with it.
    owns_player: bool = False
    # The settings file of --config.
    config_file: Path | None = None
