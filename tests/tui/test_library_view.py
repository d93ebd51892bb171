"""The library in the terminal player: what is asserted is the store and the fake player's queue, then the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import library_of
import pytest
from textual import events
from textual.widgets import Input, Static
from tui.fake_player import FakePlayers, app_over
from tui.watching import cells, closed, in_front, notice, said, until

from auralis_cli.db.store import Store
from auralis_cli.model.library import Track
from auralis_cli.model.query_words import Surroundings, parse_query
from auralis_cli.services.background_verbs import JobState, VerbJob
from auralis_cli.services.listing import ListRequest, listed
from auralis_cli.tui.app import AuralisApp
from auralis_cli.tui.dialogs import Ask
from auralis_cli.tui.library_panes import LibraryPanes
from auralis_cli.tui.track_card import TrackCard
from auralis_cli.tui.views.library import LibraryView
from auralis_cli.tui.widgets.long_list import LongList

Use = Callable[[AuralisApp, Any], Awaitable[None]]
ALBUMS = (
    ("Air", "Moon Safari", 1998, ("La femme d'argent", "Sexy Boy", "All I Need")),
    ("Air", "Talkie Walkie", 2004, ("Venus", "Cherry Blossom Girl")),
    ("Björk", "Post", 1995, ("Army of Me", "Hyperballad", "Isobel")),
    ("Zero 7", "Simple Things", 2001, ("Destiny",)),
)


def opened(home: Path) -> Store:
    path = home / "data" / "library.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    return Store.open(path, program="test", now=library_of.NOW)


def record(artist: str, album: str, year: int, number: int, title: str) -> Any:
    path = f"/m/{artist}/{album}/{title}.flac"
    return library_of.record(
        path, title=title, artist=artist, albumartist=artist, album=album, year=year, track=number, artists=(artist,)
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with opened(tmp_path) as store:
        found = [
            record(artist, album, year, number, title)
            for artist, album, year, titles in ALBUMS
            for number, title in enumerate(titles, 1)
        ]
        library_of.put(store, found)
    return tmp_path


def used(home: Path, use: Use, size: tuple[int, int] = (100, 24)) -> FakePlayers:
    """Runs the library view over a fake player, once all tracks are shown."""
    players = FakePlayers()

    async def run() -> None:
        app = app_over(players, home, "library")
        async with app.run_test(size=size) as pilot:
            await until(lambda: len(cells(app, "#tracks")) == 9)
            await until(lambda: len(cells(app, "#albums")) == 5 and len(cells(app, "#artists")) == 4)
            await use(app, pilot)

    asyncio.run(run())
    return players


def queue(players: FakePlayers) -> list[str]:
    return [Path(item.track.path).stem for item in players.player.queue.items]


def titles(app: AuralisApp) -> list[str]:
    return cells(app, "#tracks", 0 if app.query_one(LibraryPanes).look.is_flat else 1)


def lines(app: AuralisApp) -> list[str]:
    return ["".join(segment.text for segment in line) for line in app.screen._compositor.render_strips()]


def test_an_artist_narrows_the_albums_and_these_the_tracks(home: Path) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        assert cells(app, "#artists") == ["All artists", "Air", "Björk", "Zero 7"]
        await pilot.press("j")
        await until(lambda: cells(app, "#albums") == ["All albums", "Moon Safari", "Talkie Walkie"])
        await until(lambda: len(titles(app)) == 5)
        await pilot.press("l", "j", "j")
        await until(lambda: titles(app) == ["Venus", "Cherry Blossom Girl"])
        said(app, "left", "up")
        await until(lambda: len(titles(app)) == 9)

    used(home, use)


def test_enter_plays_the_list_from_the_chosen_track_on(home: Path) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "down")
        await until(lambda: len(titles(app)) == 5)
        said(app, "right", "right", "down")
        await pilot.press("enter")
        await until(lambda: len(queue(players_of(app))) == 5)

    players = used(home, use)
    assert queue(players) == ["La femme d'argent", "Sexy Boy", "All I Need", "Venus", "Cherry Blossom Girl"]
    assert players.player.queue.index == 1


def players_of(app: AuralisApp) -> FakePlayers:
    players = app.link._players
    assert isinstance(players, FakePlayers)
    return players


def test_marked_tracks_play_alone_and_albums_are_put_into_the_queue_whole(home: Path) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        players = players_of(app)
        said(app, "right", "right", "bottom", "mark", "top", "mark")
        await until(lambda: len(app.query_one("#tracks", LongList).marked) == 2)
        said(app, "play-selected")
        await until(lambda: queue(players) == ["La femme d'argent", "Destiny"])
        await until(lambda: not app.query_one("#tracks", LongList).marked)
        said(app, "left", "top", "down", "down", "down")
        await until(lambda: titles(app) == ["Army of Me", "Hyperballad", "Isobel"])
        said(app, "enqueue")
        await until(lambda: queue(players)[2:] == ["Army of Me", "Hyperballad", "Isobel"])
        said(app, "top")
        await until(lambda: len(titles(app)) == 9)
        said(app, "left", "bottom", "play-next")
        await until(lambda: queue(players)[1:2] == ["Destiny"])

    used(home, use)


@pytest.mark.invariant("S1-M-16")
def test_a_filter_finds_what_the_listing_of_the_command_line_finds(home: Path) -> None:
    asked = ("air", "year:..1999", "bjork iso", "title-", "artist:air , destiny", "^artist:air", "")
    expected = {}
    with opened(home) as store:
        for words in asked:
            query = parse_query(words.split(), Surroundings(library_of.NOW))
            found = listed(store, ListRequest(query=query))
            expected[words] = [track.title for track in found if isinstance(track, Track)]

    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "panes")
        for words in asked:
            app.query_one("#library-filter", Input).value = words
            await until(lambda words=words: titles(app) == expected[words])  # type: ignore[misc]

    used(home, use)


def test_what_is_typed_narrows_letter_by_letter_and_what_means_nothing_yet_leaves_the_rows(home: Path) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        await pilot.press("slash", "h", "y")
        await until(lambda: titles(app) == ["Hyperballad"])
        app.query_one("#library-filter", Input).value = "hy year:x"
        await until(lambda: any("year:x" in line for line in lines(app)[:3]))
        assert titles(app) == ["Hyperballad"]
        # Keys that move reach the list while the filter is typed into; Enter goes to what was found.
        app.query_one("#library-filter", Input).value = "air"
        await until(lambda: len(titles(app)) == 5)
        await pilot.press("enter")
        await until(lambda: app.focused is app.query_one("#tracks"))
        await pilot.press("escape")
        await until(lambda: len(titles(app)) == 9)
        assert app.query_one("#library-filter", Input).value == ""

    used(home, use)


def pressed_at_once(app: AuralisApp, *keys: str) -> None:
    """As a terminal gives them that sends several in one piece: none waits for what the one before does."""
    for key in keys:
        app.post_message(events.Key(key, "/" if key == "slash" else key if len(key) == 1 else None))


@pytest.mark.invariant("S4-D5.5")
def test_keys_right_behind_the_filter_are_those_of_the_rows_that_it_finds(home: Path) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        pressed_at_once(app, "slash", *"boy", "enter", "enter")
        await until(lambda: app.link.waiting == 0 and len(queue(players_of(app))) == 1)
        assert app.query_one("#library-filter", Input).value == "boy"
        await pilot.press("escape")
        await until(lambda: len(cells(app, "#tracks")) == 9)
        pressed_at_once(app, "slash", *"air", "enter", "j", "j", "E")
        await until(lambda: len(queue(players_of(app))) == 2)
        assert app.query_one("#library-filter", Input).value == "air"
        pressed_at_once(app, "slash", "escape", "j", "1")
        await until(lambda: app.state.view == "now")
        assert app.query_one("#library-filter", Input).value == ""

    players = used(home, use)
    assert queue(players) == ["Sexy Boy", "All I Need"]


def test_ratings_and_favourites_are_stored_and_shown(home: Path) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "panes", "filter venus")
        await until(lambda: titles(app) == ["Venus"])
        said(app, "rate 4.5")
        await until(lambda: "4.5" in notice(app))
        await pilot.press("f")
        await until(lambda: "★★★★½ ♥" in cells(app, "#tracks", 4))
        said(app, "rate 7")
        await until(lambda: "7" in notice(app))

    used(home, use)
    with opened(home) as store:
        (venus,) = [track for track in store.tracks.select() if track.title == "Venus"]
        assert (venus.rating, venus.favourite) == (4.5, True)


def test_the_last_change_is_taken_back_after_a_question(home: Path) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "panes", "filter venus")
        await until(lambda: titles(app) == ["Venus"])
        said(app, "rate 3")
        await until(lambda: "rated 3" in notice(app))
        said(app, "undo")
        await in_front(app, Ask)
        await pilot.press("u")
        await until(lambda: any(job.words[0] == "undo" for job in app.jobs.jobs))
        await until(lambda: not app.jobs.running)

    used(home, use)
    with opened(home) as store:
        assert [track.rating for track in store.tracks.select() if track.title == "Venus"] == [None]


def test_the_card_shows_what_is_known_and_any_of_its_keys_closes_it(home: Path) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "panes", "filter isobel")
        await until(lambda: titles(app) == ["Isobel"])
        await pilot.press("i")
        await in_front(app, TrackCard)
        await until(lambda: all(any(known in line for line in lines(app)) for known in ("Björk", "1995")))
        await pilot.press("q")
        await closed(app)

    used(home, use)


def test_what_comes_into_the_library_shows_up_and_the_cursor_stays(home: Path) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "panes", "bottom")
        await until(lambda: app.query_one("#tracks", LongList).cursor == 8)
        with opened(home) as store:
            library_of.put(store, [record("Aaa", "First", 2020, 1, "Before all")])
        await app.query_one(LibraryView)._look_for_changes()
        await until(lambda: titles(app)[0] == "Before all")
        row = app.query_one("#tracks", LongList).row
        assert row is not None
        assert row.cells[0] == "Destiny"

    used(home, use)


def test_sorting_goes_round_and_a_click_on_a_heading_sorts(home: Path) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "panes", "sort year")
        await until(lambda: titles(app)[0] == "Venus")
        said(app, "sort year")
        await until(lambda: titles(app)[0] == "Army of Me")
        said(app, "sort year")
        await until(lambda: titles(app)[0] == "La femme d'argent")
        await pilot.click("#tracks", offset=(4, 0))
        await until(lambda: titles(app)[0] == "All I Need")
        await until(lambda: any("Title▲" in line for line in lines(app)))
        said(app, "sort colour")
        assert "colour" in notice(app)

    used(home, use)


def test_what_plays_is_marked_and_found_from_wherever_one_is(home: Path) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "panes", "filter isobel")
        await until(lambda: titles(app) == ["Isobel"])
        said(app, "play-selected")
        await until(lambda: app.state.status is not None and app.state.status.track is not None)
        said(app, "filter air")
        await until(lambda: len(titles(app)) == 5)
        said(app, "jump-to-playing")
        tracks = app.query_one("#tracks", LongList)
        await until(lambda: tracks.count == 9 and tracks.row is not None and tracks.row.cells[0] == "Isobel")
        await until(lambda: tracks.row is not None and tracks._playing == tracks.row.id)

    used(home, use)


def test_more_like_a_track_is_looked_for_beside_the_screen_and_then_plays(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        begun: list[tuple[Sequence[str], Any]] = []

        def begin(title: str, words: Sequence[str], heard: Any = None) -> int:
            begun.append((words, heard))
            return 7

        monkeypatch.setattr(app.jobs, "begin", begin)
        said(app, "panes", "filter isobel")
        await until(lambda: titles(app) == ["Isobel"])
        await pilot.press("asterisk")
        await until(lambda: bool(begun))
        words, heard = begun[0]
        row = app.query_one("#tracks", LongList).row
        assert row is not None
        assert words[-1] == f"like:{row.id}"
        for number in (row.id, 1, 4):
            heard({"id": number})
        app.query_one(LibraryView).job_told(VerbJob(7, "More like this", tuple(words), 0.0, JobState.DONE))
        await until(lambda: queue(players_of(app)) == ["Isobel", "La femme d'argent", "Venus"])

    used(home, use)


@pytest.mark.parametrize("size", [(60, 15), (80, 24)])
def test_a_small_screen_shows_two_panes_and_comes_to_all_three(home: Path, size: tuple[int, int]) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        shown = [pane for pane in ("artists", "albums", "tracks") if app.query_one(f"#{pane}").display]
        assert shown == ["artists", "albums"]
        said(app, "next-pane", "next-pane")
        await until(lambda: any("Sexy Boy" in line for line in lines(app)))
        await until(lambda: not app.query_one("#artists").display)

    used(home, use, size)


def test_a_library_that_holds_nothing_says_so_from_the_first_screen_on(tmp_path: Path) -> None:
    opened(tmp_path).close()
    app = app_over(FakePlayers(), tmp_path)

    async def run() -> None:
        async with app.run_test(size=(80, 24)):
            await until(lambda: app.state.view == "library" and bool(app.query("#first-list")))
            await until(lambda: app.query_one("#first-list").is_on_screen)

    asyncio.run(run())


def test_without_music_the_folders_that_were_seen_are_offered_and_rows_appear_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    music = tmp_path / "Music"
    music.mkdir()
    (music / "one.flac").write_bytes(b"")
    monkeypatch.chdir(music)
    begun: list[Sequence[str]] = []

    async def run() -> None:
        app = app_over(FakePlayers(), tmp_path, "library")
        monkeypatch.setattr(app.jobs, "begin", lambda title, words, heard=None: begun.append(words))
        async with app.run_test(size=(80, 24)) as pilot:
            await until(lambda: len(cells(app, "#first-list")) == 3)
            assert "~/Music" in cells(app, "#first-list")[0]
            await pilot.press("enter")
            await until(lambda: bool(begun))
            with opened(tmp_path) as store:
                library_of.put(store, [record("Air", "Moon Safari", 1998, 1, "Sexy Boy")])
            await app.query_one(LibraryView)._look_for_changes()
            await until(lambda: titles(app) == ["Sexy Boy"])
            await until(lambda: not app.query_one("#first-list").is_on_screen)
            said(app, "play-selected")

    asyncio.run(run())
    assert begun == [("scan", "--", str(music))]


def test_what_was_changed_last_is_taken_back_first(home: Path) -> None:
    """Kills: `u` after a track was queued offers to undo the scan of the library."""

    async def use(app: AuralisApp, pilot: Any) -> None:
        said(app, "next-pane", "next-pane", "mark", "mark")
        told = app.query_one("#library-told", Static)
        await until(lambda: "2 marked" in str(told.render()))
        said(app, "play-next")
        await until(lambda: "u takes that back" in notice(app))
        said(app, "undo")
        await until(lambda: notice(app) == "the queue is as it was before")
        said(app, "undo")
        await until(lambda: notice(app) == "nothing to undo")
        await until(lambda: app.link.waiting == 0 and not players_of(app).player.queue.items)

    players = used(home, use)
    assert players.player.told == ["play_next", "undo"]


@pytest.mark.invariant("S4-D5.5")
def test_keys_in_a_row_mean_the_rows_they_were_pressed_for(home: Path) -> None:
    """Kills: ids of artists that are taken for ids of tracks, as another pane has the keys by then."""

    async def use(app: AuralisApp, pilot: Any) -> None:
        await until(lambda: len(cells(app, "#artists")) == 4)
        track = app.query_one("#tracks", LongList).row
        assert track is not None
        said(app, "down", "down", "mark", "enqueue", "right", "right", "favourite", "down")
        await until(lambda: app.state.status is not None and app.state.status.queue_length == 3)
        with opened(home) as store:
            await until(lambda: [one.id for one in store.tracks.select() if one.favourite] == [track.id])

    players = used(home, use)
    assert [Path(one.track.path).stem for one in players.player.queue.items] == ["Army of Me", "Hyperballad", "Isobel"]


@pytest.mark.invariant("S4-D5.5")
def test_all_artists_are_all_of_them_before_the_tracks_beside_have_followed(home: Path) -> None:
    async def use(app: AuralisApp, pilot: Any) -> None:
        await until(lambda: len(cells(app, "#artists")) == 4)
        said(app, "down")
        await until(lambda: len(cells(app, "#tracks")) == 5)
        said(app, "up", "enqueue")
        await until(lambda: app.state.status is not None and app.state.status.queue_length == 9)

    used(home, use)
