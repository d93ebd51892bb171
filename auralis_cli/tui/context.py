"""What the terminal player was started with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path

from auralis_cli.config import Config
from auralis_cli.model.progress import CancelToken
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.terminal_graphics import BLOCKS, ScreenGraphics
from auralis_cli.tui.keymap import Keymap, keymap_of


@dataclass(frozen=True, slots=True)
class UiContext:
    """Where things are, what the user has set, and what time it is."""

    library_path: Path
    config: Config
    variables: Mapping[str, str]
    # Seconds that only ever rise, and seconds since 1970.
    clock_s: Callable[[], float]
    now_s: Callable[[], float]
    keymap: Keymap = field(default_factory=keymap_of)
    # The settings file of --config.
    config_file: Path | None = None
    # Set where the program was told to end: by a signal, or as its terminal is lost.
    cancel: CancelToken = field(default_factory=CancelToken)
    # How the terminal shows pictures.
    graphics: ScreenGraphics = BLOCKS
