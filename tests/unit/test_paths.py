"""Where things are kept, whatever the environment says or leaves out."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from pathlib import Path

import pytest

from auralis_cli.paths import cache_dir, config_dir, state_dir

ACCOUNT = Path(pwd.getpwuid(os.getuid()).pw_dir) / ".cache" / "auralis"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"AURALIS_HOME": "/a", "XDG_CACHE_HOME": "/b", "HOME": "/c"}, Path("/a/cache")),
        ({"XDG_CACHE_HOME": "/b", "HOME": "/c"}, Path("/b/auralis")),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/c"}, Path("/c/.cache/auralis")),
        ({"XDG_CACHE_HOME": "", "HOME": "/c"}, Path("/c/.cache/auralis")),
        ({"HOME": ""}, ACCOUNT),
        ({"HOME": "relative"}, ACCOUNT),
        ({}, ACCOUNT),
    ],
)
def test_the_cache_lies_where_the_environment_says(environ: dict[str, str], expected: Path) -> None:
    assert cache_dir(environ) == expected


@pytest.mark.parametrize(
    ("place", "variable", "kind", "below_home"),
    [
        (cache_dir, "XDG_CACHE_HOME", "cache", ".cache"),
        (config_dir, "XDG_CONFIG_HOME", "config", ".config"),
        (state_dir, "XDG_STATE_HOME", "state", ".local/state"),
    ],
)
def test_every_place_follows_its_own_variable_and_auralis_home_moves_all(
    place: Callable[[dict[str, str]], Path], variable: str, kind: str, below_home: str
) -> None:
    assert place({variable: "/b", "HOME": "/c"}) == Path("/b/auralis")
    assert place({"HOME": "/c"}) == Path("/c") / below_home / "auralis"
    assert place({variable: "/b", "AURALIS_HOME": "/a"}) == Path("/a") / kind
