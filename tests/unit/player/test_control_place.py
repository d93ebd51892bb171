"""Where players listen: a folder of the user's own, one player a name, nothing left behind by the dead."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import REPOSITORY
from controlled_player import controlled, short_home

from auralis_cli.errors import NoPlayerError, UsageError
from auralis_cli.paths import runtime_dir
from auralis_cli.player.control_place import (
    ControlClaim,
    check_private,
    claim_name,
    known_players,
    lock_path,
    new_name,
    pid_of,
    socket_path,
)
from auralis_cli.services.remote_player import RemotePlayer, find_player, is_running


@pytest.fixture
def home() -> Iterator[dict[str, str]]:
    with short_home() as environ:
        yield environ


@pytest.fixture
def short() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="auralis-"))
    yield folder
    shutil.rmtree(folder)


def claimed(name: str, environ: dict[str, str]) -> ControlClaim:
    claim = claim_name(name, environ)
    assert claim is not None
    return claim


def test_sockets_go_where_the_user_keeps_them() -> None:
    assert runtime_dir({"AURALIS_HOME": "/a", "XDG_RUNTIME_DIR": "/run/user/7"}) == Path("/a/run")
    assert runtime_dir({"XDG_RUNTIME_DIR": "/run/user/7"}) == Path("/run/user/7/auralis")
    # Without one, or with a relative one, which is to be ignored: a part of the state folder.
    for environ in ({"HOME": "/h"}, {"HOME": "/h", "XDG_RUNTIME_DIR": "run"}):
        assert runtime_dir(environ) == Path("/h/.local/state/auralis/run")
    assert socket_path("player", {"XDG_RUNTIME_DIR": "/run/user/7"}) == Path("/run/user/7/auralis/player.sock")


def test_a_folder_for_sockets_is_made_for_its_owner_alone(short: Path) -> None:
    environ = {"HOME": os.fspath(short)}
    claim = claimed("player", environ)
    folder = runtime_dir(environ)
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    claim.release()
    assert list(folder.iterdir()) == []


@pytest.mark.invariant("S0-H01")
def test_a_folder_of_ours_that_others_may_enter_is_closed(short: Path) -> None:
    folder = short / "run"
    folder.mkdir(mode=0o755)
    folder.chmod(0o777)
    claimed("player", {"AURALIS_HOME": os.fspath(short)}).release()
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700


@pytest.mark.invariant("S0-H01")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder another user's")
def test_a_folder_of_another_user_is_trusted_by_neither_side(short: Path) -> None:
    folder = short / "run"
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    environ = {"AURALIS_HOME": os.fspath(short)}
    with pytest.raises(UsageError, match="another user's"):
        claim_name("player", environ)
    with pytest.raises(NoPlayerError, match="another user's"):
        RemotePlayer(environ=environ)


@pytest.mark.invariant("S0-H01")
def test_a_link_in_place_of_the_folder_is_not_followed(short: Path) -> None:
    (short / "elsewhere").mkdir(mode=0o700)
    (short / "run").symlink_to(short / "elsewhere")
    with pytest.raises(UsageError, match="is no folder"):
        claim_name("player", {"AURALIS_HOME": os.fspath(short)})
    with pytest.raises(NoPlayerError, match="is no folder"):
        check_private(short / "run")


def test_a_runtime_folder_that_is_missing_is_said(short: Path) -> None:
    with pytest.raises(UsageError, match="the runtime folder is missing") as caught:
        claim_name("player", {"XDG_RUNTIME_DIR": os.fspath(short / "gone")})
    assert caught.value.exit_code == 2
    with pytest.raises(NoPlayerError, match="no player runs"):
        RemotePlayer(environ={"XDG_RUNTIME_DIR": os.fspath(short / "gone")})


def test_a_folder_that_cannot_be_made_is_said(short: Path) -> None:
    (short / "run").write_text("in the way")
    with pytest.raises(UsageError, match="no folder for a socket"):
        claim_name("player", {"AURALIS_HOME": os.fspath(short)})


def test_a_path_that_no_socket_can_have_is_said_by_both_sides(short: Path) -> None:
    fits = {"AURALIS_HOME": os.fspath(short / ("x" * (107 - len(os.fspath(short)) - len("//run/player.sock"))))}
    with controlled(fits) as served:
        assert len(os.fspath(served.path)) == 107
        assert is_running(environ=fits)
    too_long = {"AURALIS_HOME": fits["AURALIS_HOME"] + "x"}
    with pytest.raises(UsageError, match="longer than the 107 bytes") as caught:
        claim_name("player", too_long)
    assert "XDG_RUNTIME_DIR" in str(caught.value)
    with pytest.raises(NoPlayerError, match="longer than the 107 bytes"):
        RemotePlayer(environ=too_long)


@pytest.mark.parametrize("name", ["", "Player", "../x", "a/b", "x" * 41, "-", "é"])
def test_a_name_is_no_way_out_of_the_folder(name: str, home: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="is no name of a player"):
        claim_name(name, home)


# One a name


@pytest.mark.invariant("S2-NEW-13")
def test_a_name_is_one_players_until_it_is_released(home: dict[str, str]) -> None:
    first = claimed("player", home)
    assert claim_name("player", home) is None
    assert pid_of(first.socket_path) == os.getpid()
    beside = claimed(new_name(7), home)
    first.release()
    first.release()
    second = claimed("player", home)
    second.release()
    beside.release()


CLAIM = """
import os, signal, sys
from auralis_cli.player.control_place import claim_name
import socket
claim = claim_name(sys.argv[1])
if claim:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(claim.socket_path))
    listener.listen()
print("taken" if claim else "refused", flush=True)
sys.stdin.read()
"""


def claiming(name: str, home: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CLAIM, name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **home, "PYTHONPATH": str(REPOSITORY)},
    )


def answered(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.invariant("S2-NEW-13")
def test_of_several_that_start_at_once_one_has_the_name(home: dict[str, str]) -> None:
    started = [claiming("player", home) for _ in range(5)]
    assert sorted(map(answered, started)) == ["refused"] * 4 + ["taken"]
    for one in started:
        one.communicate("")


def test_what_a_killed_player_left_behind_is_in_nobodys_way(home: dict[str, str]) -> None:
    dead = claiming("player", home)
    assert answered(dead) == "taken"
    path = socket_path("player", home)
    assert claim_name("player", home) is None
    dead.send_signal(signal.SIGKILL)
    dead.communicate()
    assert path.exists()
    with pytest.raises(NoPlayerError, match="no player runs"):
        RemotePlayer(environ=home)
    with controlled(home):
        assert is_running(environ=home)
    assert not path.exists()


def test_players_beside_the_one_that_were_killed_are_swept_away(home: dict[str, str]) -> None:
    dead = claiming("player-1", home)
    assert answered(dead) == "taken"
    living = claimed("player-2", home)
    # As its lock says: whoever made it is gone.
    lock_path(socket_path("player-1", home)).write_text(f"{dead.pid}\n")
    dead.send_signal(signal.SIGKILL)
    dead.communicate()
    assert [one.name for one in known_players(home)] == ["player-1"]
    claim = claimed("player", home)
    assert known_players(home) == []
    assert claim_name("player-2", home) is None
    claim.release()
    living.release()


def test_a_file_in_place_of_the_socket_is_not_taken_away(home: dict[str, str]) -> None:
    path = socket_path("player", home)
    path.parent.mkdir(mode=0o700)
    path.write_text("dear diary")
    for _ in range(2):
        with pytest.raises(UsageError, match="is no socket"):
            claim_name("player", home)
    assert path.read_text() == "dear diary"


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_what_cannot_be_locked_is_said_and_neither_followed_nor_taken_away(home: dict[str, str], kind: str) -> None:
    """Kills: only a lock that another holds is thought of."""
    lock = lock_path(socket_path("player", home))
    lock.parent.mkdir(mode=0o700)
    diary = lock.parent / "diary"
    diary.write_text("dear diary")
    # One of a name of its own that is no lock either is in nobody's way.
    (lock.parent / "player-1.lock").symlink_to(diary)
    if kind == "folder":
        lock.mkdir()
    else:
        lock.symlink_to(diary)
    with pytest.raises(UsageError, match=r"player\.lock: cannot be locked"):
        claim_name("player", home)
    assert diary.read_text() == "dear diary"


def test_a_name_is_held_though_the_disk_is_full(home: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Kills: the number of the process has to be written."""

    def full(*_args: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    claim = claimed("player", home)
    assert claim_name("player", home) is None
    claim.release()


def test_names_come_and_go_from_many_threads_and_one_has_each(home: dict[str, str]) -> None:
    """Planted: a lock that was taken away while it was being opened is held for nothing, and two have the name."""
    holders: list[int] = []
    clashes: list[int] = []

    def comes_and_goes() -> None:
        for _ in range(60):
            claim = claim_name("player", home)
            if claim is None:
                continue
            holders.append(1)
            if len(holders) > 1:
                clashes.append(len(holders))
            holders.pop()
            claim.release()

    threads = [threading.Thread(target=comes_and_goes) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert clashes == []


def test_a_player_is_found_by_name_or_process(home: dict[str, str]) -> None:
    assert find_player(None, home) == "player"
    with controlled(home), controlled(home, "player-9"):
        assert find_player("player-9", home) == "player-9"
        assert find_player(str(os.getpid()), home) == "player"
        with pytest.raises(NoPlayerError, match=r"there are: player, player-9"):
            find_player("12", home)


def test_a_listener_that_is_no_player_is_said(home: dict[str, str]) -> None:
    path = socket_path("player", home)
    path.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fspath(path))
        listener.listen()
        with (
            RemotePlayer(environ=home, patience_s=0.05) as remote,
            pytest.raises(NoPlayerError, match="does not answer"),
        ):
            remote.status()
