"""What a player tells is read, whatever its version; what cannot be read is said in a line."""

from __future__ import annotations

from typing import Any

import pytest

from auralis_cli.errors import NoPlayerError
from auralis_cli.model.player_status import PlayerStatus


@pytest.mark.parametrize("told", [{}, {"state": "playing"}, {"track": {"title": "a"}}, [], "playing", None])
def test_a_player_of_another_version_is_said_in_a_line(told: Any) -> None:
    with pytest.raises(NoPlayerError, match=r"the one that runs is of another version .*ctl quit"):
        PlayerStatus.read(told)
