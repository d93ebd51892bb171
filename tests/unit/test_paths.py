"""Where things are kept, whatever the environment says or leaves out."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from auralis_cli.paths import cache_dir

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
