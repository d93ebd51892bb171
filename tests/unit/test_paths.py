"""Where things are kept, whatever the environment says or leaves out."""

from __future__ import annotations

import os
import pwd
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from auralis_cli.paths import cache_dir, config_dir, private_temporary_dir, state_dir

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


@pytest.mark.invariant("S0-H01")
@pytest.mark.parametrize("planted", ["a link", "a folder for all", "a file", "another user's"])
def test_where_somebody_may_have_put_things_into_the_temporary_folder_another_one_is_made(
    planted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compiled kernels kept there are run when they are found."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    first = private_temporary_dir("kernels")
    assert private_temporary_dir("kernels") == first
    assert first.stat().st_mode & 0o777 == 0o700
    if planted == "another user's":
        monkeypatch.setattr(os, "geteuid", lambda: 4711)
        (tmp_path / "kernels-4711").mkdir()
    elif planted == "a folder for all":
        first.chmod(0o777)
    else:
        first.rmdir()
        first.symlink_to(tmp_path / "elsewhere") if planted == "a link" else first.touch()
    other = private_temporary_dir("kernels")
    assert other != first
    assert other.name != "kernels-4711"
    assert other.stat().st_mode & 0o777 == 0o700
    assert list(other.iterdir()) == []
