"""What is chosen in a pane of the library, and the tracks that are meant by it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from auralis_cli.model.query import OfAlbum, OfArtist
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.chosen_tracks import ChosenTracks
from auralis_cli.tui.library_look import LibraryLook
from auralis_cli.tui.library_rows import ALL_ID
from auralis_cli.tui.widgets.long_list import RowChoice


@dataclass(frozen=True, slots=True)
class LibraryChoice:
    """What a command is for: what was chosen in a pane, and how the library was looked at."""

    pane: str
    look: LibraryLook
    choice: RowChoice

    async def ids(self, tracks: ChosenTracks) -> Sequence[int]:
        """The tracks that are meant: marked, under the cursor, or all of albums or artists that are."""
        ids = await self.choice.ids()
        if self.pane == "tracks":
            return ids
        wide = self.look.of_artist(None) if self.pane == "artists" else self.look.of_album(None)
        term = OfArtist if self.pane == "artists" else OfAlbum
        belonging = [term(number) for number in ids if number != ALL_ID] or None
        return await asyncio.to_thread(tracks.ids_of, wide.tracks.query, belonging) if ids else ()

    def unmark(self) -> None:
        """What was marked is done."""
        self.choice.long_list.unmark(self.choice.marks)
