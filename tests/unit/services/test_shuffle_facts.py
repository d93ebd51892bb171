"""What an order of chance knows of tracks: of the library by their paths, else by their files' names."""

from __future__ import annotations

from pathlib import Path

import library_of

from auralis_cli.db.store import Store
from auralis_cli.model.queue import Queue, QueueTrack, ShuffleMode
from auralis_cli.services.shuffle_facts import facts_of
from auralis_cli.services.shuffling import QueueShuffler, ShuffleFacts


def test_artists_and_albums_are_those_of_the_library_else_names_and_folders(tmp_path: Path) -> None:
    library = tmp_path / "library.db"
    with Store.open(library, program="test", now=1) as store:
        records = [
            library_of.record("/m/x.flac", artist="Björk", album="Post", track=4, disc=2),
            library_of.record("/m/y.flac", artist="BJÖRK", album="Post", track=5, disc=2),
            library_of.record("/m/z.flac"),
        ]
        library_of.put(store, records)
    paths = ["/m/x.flac", "/m/y.flac", "/m/z.flac", "/else/Air/Moon (1998)/03 - Sexy Boy.mp3"]
    queue = Queue().set([QueueTrack(path) for path in paths])
    x, y, z, other = facts_of(library, queue.items)
    assert x.artist == y.artist
    assert (x.album, x.disc, x.track) == (y.album, 2, 4)
    assert z.artist is None
    assert z.album != x.album
    assert other == ShuffleFacts("air", "/else/Air/Moon (1998)", 0, 3)
    for nowhere in (None, tmp_path / "none.db"):
        assert facts_of(nowhere, queue.items)[3] == other
        assert facts_of(nowhere, queue.items)[0].album == "/m"
    for mode in ShuffleMode:
        assert sorted(QueueShuffler(library)(queue, mode)) == [1, 2, 3, 4]
