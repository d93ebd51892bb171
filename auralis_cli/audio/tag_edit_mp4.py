"""Fields of MP4 files changed atom by atom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, Any

from mutagen.mp4 import MP4

from auralis_cli.audio.tag_names import ALIASES, MP4_NUMBERS
from auralis_cli.audio.tags_mp4 import atom_of, names_of_atom, number_pair
from auralis_cli.model.tag_fields import TAG_FIELD_OF_VORBIS

_DESCRIPTION = "description"


def edit_mp4(file: IO[bytes], fields: Mapping[str, Sequence[str]]) -> None:
    """Changes the metadata of an MP4 file; raises what mutagen stumbles over."""
    file.seek(0)
    audio: Any = MP4(fileobj=file)
    if audio.tags is None:
        audio.add_tags()
    change_atoms(audio.tags, fields)
    file.seek(0)
    audio.save(fileobj=file)
    file.flush()


def change_atoms(atoms: Any, fields: Mapping[str, Sequence[str]]) -> None:
    """Puts the values of the fields in the place of those that are there, in whatever atoms."""
    left = {name.lower(): (name, list(values)) for name, values in fields.items()}
    for atom, names in MP4_NUMBERS.items():
        if set(names).isdisjoint(left):
            continue
        texts = [left[name][1] if name in left else [] for name in names]
        _take_away(atoms, names, is_emptied=True)
        pair = number_pair(*("".join(values[:1]) for values in texts))
        for name in names:
            if pair is not None or not left.get(name, ("", []))[1]:
                left.pop(name, None)
        if pair is not None:
            atoms[atom] = [pair]
    for name, (spelling, values) in left.items():
        old = _take_away(atoms, (name,), is_emptied=not values)
        if values:
            atom, content = atom_of(name, spelling, values)
            if atom.startswith("----:") and name not in TAG_FIELD_OF_VORBIS:
                # As it was spelt, or is to be: readers of some names tell capitals apart.
                atom = old or f"----:com.apple.iTunes:{spelling}"
            atoms[atom] = content


def _take_away(atoms: Any, names: Sequence[str], *, is_emptied: bool) -> str | None:
    """Every atom that holds any of the fields, by other names for them too; the first freeform one's name."""
    found = None
    # A description is the comment only as long as there is no other.
    for atom in list(atoms):
        known = names_of_atom(atom)
        known += tuple(ALIASES[name] for name in known if name in ALIASES and (is_emptied or name != _DESCRIPTION))
        if not set(names).isdisjoint(known):
            found = found or (atom if atom.startswith("----:") else None)
            del atoms[atom]
    return found
