"""`auralis art fetch`, against servers on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile
from command_line import Finished, auralis, auralis_process
from cover_servers import OTHER_RELEASE, RELEASE, CoverServers, cover_servers, release
from images import image, png_bomb
from listens import TOKEN
from mutagen.flac import FLAC
from web_server import Told

from auralis_cli.services.covers import covers_in

PICTURE = image(120, 120)


@pytest.fixture
def servers() -> Iterator[CoverServers]:
    with cover_servers([release()], {f"release/{RELEASE}": PICTURE}) as found:
        yield found


def song(path: Path, **tags: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(4410, np.float32), 44_100)
    file = FLAC(path)
    file.update({"album": "Album", "artist": "Ann", **tags})
    file.save()
    return path


def fetch(servers: CoverServers, home: Path, *words: str | Path, **more: str) -> Finished:
    variables = {"AURALIS_HOME": str(home / "home"), **servers.variables, **more}
    return auralis("--library", home / "library.db", "art", "fetch", *words, variables=variables)


def test_no_server_is_asked_unless_that_is_allowed(servers: CoverServers, tmp_path: Path) -> None:
    file = song(tmp_path / "a" / "1.flac")
    refused = fetch(servers, tmp_path, file)
    assert refused.code == 2
    assert "asking servers is off (--online allows it once" in refused.err
    refused = fetch(servers, tmp_path, "--online", "--keep-mtime", file)
    assert (refused.code, "give --embed as well" in refused.err) == (2, True)
    assert servers.web.requests == []
    assert fetch(servers, tmp_path, "-n", file, AURALIS_ONLINE_ENABLED="true").code == 0
    assert len(servers.web.requests) > 0


def test_an_album_without_a_cover_gets_one_beside_it_which_can_be_undone(servers: CoverServers, tmp_path: Path) -> None:
    files = [song(tmp_path / "a" / f"{number}.flac") for number in range(3)]
    before = [file.read_bytes() for file in files]
    preview = fetch(servers, tmp_path, "--online", "-n", "--json", tmp_path / "a").document["items"]
    cover = tmp_path / "a" / "cover.jpg"
    assert not cover.exists()
    asked = len(servers.web.requests)
    done = fetch(servers, tmp_path, "--online", "--json", tmp_path / "a")
    assert done.code == 0, done.err
    (item,) = done.document["items"]
    assert item == {**preview[0], "dry_run": False}
    assert (item["album"], item["albumartist"], item["outcome"]) == ("Album", "Ann", "fetched")
    assert (item["release_id"], item["score"], item["files"]) == (RELEASE, 100, [str(cover)])
    assert (item["cover"]["width_px"], item["cover"]["format"], item["dry_run"]) == (120, "jpeg", False)
    assert cover.read_bytes() == PICTURE
    assert [file.read_bytes() for file in files] == before
    # One album, one look-up.
    assert len(servers.web.requests) == 2 * asked
    assert servers.searched == ['release:"Album" AND artist:"Ann"'] * 2
    again = fetch(servers, tmp_path, "--online", tmp_path / "a")
    assert (again.code, again.err) == (0, "1 with a cover\n")
    assert len(servers.web.requests) == 2 * asked
    variables = {"AURALIS_HOME": str(tmp_path / "home")}
    assert auralis("--library", tmp_path / "library.db", "undo", "-y", variables=variables).code == 0
    assert not cover.exists()


def test_it_is_embedded_where_that_is_asked_for(servers: CoverServers, tmp_path: Path) -> None:
    files = [song(tmp_path / "a" / f"{number}.flac") for number in range(2)]
    before = [file.read_bytes() for file in files]
    done = fetch(servers, tmp_path, "--online", "--embed", "--json", tmp_path / "a")
    assert done.code == 0, done.err
    assert done.document["items"][0]["files"] == [str(file) for file in files]
    assert [covers_in(file)[0].data for file in files] == [PICTURE] * 2
    assert not (tmp_path / "a" / "cover.jpg").exists()
    variables = {"AURALIS_HOME": str(tmp_path / "home")}
    assert auralis("--library", tmp_path / "library.db", "undo", "-y", variables=variables).code == 0
    assert [file.read_bytes() for file in files] == before


def test_what_only_folders_say_is_told_to_nobody(servers: CoverServers, tmp_path: Path) -> None:
    folder = tmp_path / "Jane Doe" / "Secret Recordings"
    song(folder / "1.flac", album="", artist="")
    soundfile.write(folder / "2.caf", np.zeros(4410, np.float32), 44_100)
    done = fetch(servers, tmp_path, "--online", folder)
    assert done.code == 4
    assert done.err.count("says nothing of its album") == 2
    assert servers.web.requests == []


def test_discs_of_an_album_get_one_each_and_other_pictures_stay(servers: CoverServers, tmp_path: Path) -> None:
    for disc in (1, 2):
        song(tmp_path / "a" / f"CD{disc}" / "1.flac")
    (tmp_path / "a" / "CD1" / "cover.png").write_bytes(image(20, 20, "PNG"))
    done = fetch(servers, tmp_path, "--online", "--json", tmp_path / "a")
    assert done.document["items"][0]["files"] == [str(tmp_path / "a" / "CD2" / "cover.jpg")]
    forced = fetch(servers, tmp_path, "--online", "--force", "--json", tmp_path / "a")
    assert forced.document["items"][0]["files"] == [str(tmp_path / "a" / "CD1" / "cover.jpg")]
    assert (tmp_path / "a" / "CD1" / "cover.png").exists()


def test_a_folder_that_takes_no_cover_fails_alone(servers: CoverServers, tmp_path: Path) -> None:
    for disc in (1, 2, 3):
        song(tmp_path / "a" / f"CD{disc}" / "1.flac")
    (tmp_path / "a" / "CD2" / "cover.jpg").mkdir()
    done = fetch(servers, tmp_path, "--online", "--json", tmp_path / "a")
    assert done.code == 3
    item, failed = done.document["items"]
    written = [str(tmp_path / "a" / f"CD{disc}" / "cover.jpg") for disc in (1, 3)]
    assert (item["outcome"], item["files"]) == ("fetched", written)
    assert failed["path"] == str(tmp_path / "a" / "CD2" / "cover.jpg")
    assert [Path(name).read_bytes() for name in written] == [PICTURE] * 2


def test_an_album_that_nobody_knows_is_no_failure_and_one_without_a_name_is(
    servers: CoverServers, tmp_path: Path
) -> None:
    song(tmp_path / "a" / "1.flac", album="Another")
    song(tmp_path / "b" / "1.flac", album="")
    done = fetch(servers, tmp_path, "--online", "--json", tmp_path / "a", tmp_path / "b")
    assert done.code == 3
    failed, unknown = done.document["items"]
    assert unknown["outcome"] == "not_found"
    assert failed["error"]["message"] == "says nothing of its album"


PICTURES: Mapping[str, tuple[bytes, str]] = {
    "bomb": (png_bomb(), "more than is decoded"),
    "cut short": (PICTURE[: len(PICTURE) // 2], ""),
    "no image": (b"<html>", ""),
    "executable": (b"\x7fELF" + bytes(500), ""),
    "gif": (image(20, 20, "GIF"), "which few players show"),
}


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize("how", ["--embed", "--to-folder"])
def test_what_is_no_picture_is_written_nowhere(kind: str, how: str, tmp_path: Path) -> None:
    data, why = PICTURES[kind]
    file = song(tmp_path / "a" / "1.flac", musicbrainz_albumid=RELEASE)
    before = file.read_bytes()
    with cover_servers(pictures={f"release/{RELEASE}": data}) as servers:
        done = fetch(servers, tmp_path, "--online", how, tmp_path / "a")
    assert done.code == 4
    assert why in done.err
    assert os.listdir(tmp_path / "a") == ["1.flac"]
    assert file.read_bytes() == before


def test_a_picture_that_never_ends_is_one_line(tmp_path: Path) -> None:
    song(tmp_path / "a" / "1.flac", musicbrainz_albumid=RELEASE)
    with cover_servers() as servers:
        servers.first = [Told(200, bytes(21 << 20))]
        done = fetch(servers, tmp_path, "--online", tmp_path / "a")
    assert done.code == 1
    assert "sends more than 20 MiB" in done.err
    assert os.listdir(tmp_path / "a") == ["1.flac"]


def test_a_redirect_to_another_host_is_not_followed_unless_that_is_set(tmp_path: Path) -> None:
    song(tmp_path / "a" / "1.flac", musicbrainz_albumid=RELEASE)
    with cover_servers() as servers, cover_servers(pictures={f"release/{RELEASE}": PICTURE}) as other:
        away = Told(302, headers={"Location": f"{other.web.address}/stored/release/{RELEASE}"})
        servers.first = [away]
        refused = fetch(servers, tmp_path, "--online", tmp_path / "a")
        assert refused.code == 1
        assert "is none of the servers that may be asked" in refused.err
        assert other.web.requests == []
        servers.first = [away]
        assert fetch(servers, tmp_path, "--online", tmp_path / "a", AURALIS_ONLINE_HOSTS=other.web.host).code == 0


def test_a_line_that_is_down_is_not_tried_for_every_album(tmp_path: Path) -> None:
    for number in range(5):
        song(tmp_path / str(number) / "1.flac", musicbrainz_albumid=f"{OTHER_RELEASE[:-1]}{number}")
    with cover_servers() as servers:
        servers.first = [Told(500)] * 9
        done = fetch(servers, tmp_path, "--online", tmp_path)
        assert done.code == 1
        assert len(servers.web.requests) == 3


@pytest.mark.invariant("S1-M-26")
def test_servers_of_covers_and_proxies_see_no_token(servers: CoverServers, tmp_path: Path) -> None:
    """All that is sent, with what was asked for through a proxy of the environment."""
    song(tmp_path / "a" / "1.flac", musicbrainz_albumid=RELEASE)
    song(tmp_path / "b" / "1.flac", album="B")
    with cover_servers() as proxy:
        proxies = {"HTTPS_PROXY": proxy.web.address, "HTTP_PROXY": proxy.web.address, "NO_PROXY": ""}
        variables = {"AURALIS_HOME": str(tmp_path / "home"), "AURALIS_SCROBBLE_TOKEN": TOKEN, "AURALIS_DEBUG": "1"}
        words = ("--library", tmp_path / "l.db", "--log-file", tmp_path / "log", "-vv", "art", "fetch", "--online")
        said = [
            auralis_process(*words, folder, cwd=None, **variables, **proxies, **own)
            for folder, own in ((tmp_path / "a", servers.variables), (tmp_path / "b", {}))
        ]
        # What goes to this machine passes by the proxy; of the rest it sees the host, and the tunnel is refused.
        assert {asked.line for asked in proxy.web.requests} == {"CONNECT musicbrainz.org:443 HTTP/1.1"}
        seen = [*proxy.web.requests, *servers.web.requests]
    assert [one.code for one in said] == [0, 1]
    assert len(servers.web.requests) == 2
    assert all(TOKEN not in asked.line + str(asked.headers) + asked.body.decode() for asked in seen)
    assert all("authorization" not in {name.lower() for name in asked.headers} for asked in seen)
    assert all(TOKEN not in one.out + one.err for one in said)
    assert TOKEN.encode() not in (tmp_path / "log").read_bytes()
    assert f"{servers.web.address}/release/{RELEASE}/front-1200" in said[0].err
