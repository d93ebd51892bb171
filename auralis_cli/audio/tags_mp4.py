"""MP4 atoms (m4a) to and from plain tags. Names: as Picard maps them; what has no atom is a freeform one."""

from __future__ import annotations

from typing import Any

from mutagen.mp4 import AtomDataType, MP4Cover, MP4FreeForm, MP4Tags

from auralis_cli.audio.tag_names import MP4_NUMBERS, MP4_TEXTS, NAMED_TEXTS, NAMES_OF_FREEFORMS
from auralis_cli.audio.tag_set import CoverPicture, TagSet, is_stale, listed

_ATOMS = {name: atom for atom, name in MP4_TEXTS.items()}
_WHOLE_NUMBERS = {"tmpo": "bpm", "\xa9mvi": "movement", "\xa9mvc": "movementtotal"}
_COMPILATION, _COVERS = "cpil", "covr"
# True of the source's stream or of its sale only: encoder, gapless playback, identities in the shop.
_STALE = frozenset(
    [
        "©too",
        "©enc",
        "pgap",
        "purd",
        "apID",
        "ownr",
        "cnID",
        "atID",
        "plID",
        "geID",
        "sfID",
        "cmID",
        "akID",
        "flvr",
        "rate",
        "hdvd",
        "stik",
        "pcst",
    ]
)
_FREEFORM, _DOMAIN = "----:", "----:com.apple.iTunes:"
_FREEFORMS = {name: spelling for spelling, name in NAMES_OF_FREEFORMS.items()} | NAMED_TEXTS
_FREEFORMS |= {"musicbrainz_trackid": "MusicBrainz Track Id", "key": "initialkey"}
_FRONT_COVER, _OTHER_PICTURE = 3, 0
_MAX_NUMBER = 0xFFFF
_TRUE = ("1", "true", "yes")
_COVER_FORMATS = {"image/jpeg": MP4Cover.FORMAT_JPEG, "image/png": MP4Cover.FORMAT_PNG}


def read_mp4(atoms: MP4Tags) -> TagSet:
    """The metadata of an MP4 file as plain tags."""
    found = TagSet()
    for atom, values in atoms.items():
        if atom in _STALE:
            continue
        if atom in MP4_TEXTS:
            for value in values:
                found.add(MP4_TEXTS[atom], value)
        elif atom in MP4_NUMBERS:
            for name, value in zip(MP4_NUMBERS[atom], values[0], strict=True):
                found.add(name, str(value or ""))
        elif atom in _WHOLE_NUMBERS:
            found.add(_WHOLE_NUMBERS[atom], str(values[0] or ""))
        elif atom == _COMPILATION:
            found.add("compilation", "1" if values else "")
        elif atom == _COVERS:
            for index, cover in enumerate(values):
                found.add_picture(_OTHER_PICTURE if index else _FRONT_COVER, "", "", bytes(cover))
        elif atom.startswith(_FREEFORM):
            _read_freeform(atom, values, found)
        else:
            found.nameless.append(atom)
    return found


def names_of_atom(atom: str) -> tuple[str, ...]:
    """The fields that an atom is read as, by the names of Vorbis comments in lower case."""
    if atom in MP4_NUMBERS:
        return MP4_NUMBERS[atom]
    if atom in MP4_TEXTS or atom in _WHOLE_NUMBERS:
        return (MP4_TEXTS.get(atom) or _WHOLE_NUMBERS[atom],)
    if atom == _COMPILATION:
        return ("compilation",)
    if atom.startswith(_FREEFORM):
        name = atom.split(":", 2)[2].lower()
        return (NAMES_OF_FREEFORMS.get(name, name),)
    return ()


def _read_freeform(atom: str, values: list[MP4FreeForm], found: TagSet) -> None:
    name = atom.split(":", 2)[2]
    for value in values:
        if value.dataformat in (AtomDataType.UTF8, AtomDataType.IMPLICIT):
            found.add(NAMES_OF_FREEFORMS.get(name.lower(), name), bytes(value).decode("utf-8", "replace"))
        elif not is_stale(name):
            found.nameless.append(name)


def atoms_of(tags: TagSet) -> dict[str, Any]:
    """The atoms that say what the tags say."""
    values = tags.values()
    atoms: dict[str, Any] = {}
    for atom, names in MP4_NUMBERS.items():
        pair = number_pair(*(values[name][1][0] if name in values else "" for name in names))
        if pair is not None:
            atoms[atom] = [pair]
            for name in names:
                values.pop(name, None)
    for name, (spelling, texts) in values.items():
        atom, content = atom_of(name, spelling, texts)
        atoms[atom] = content
    covers = _covers(tags)
    return {**atoms, _COVERS: covers} if covers else atoms


def atom_of(name: str, spelling: str, texts: list[str]) -> tuple[str, Any]:
    """The atom that a field, whose name in lower case is `name`, has, and what stands in it."""
    if name in _ATOMS:
        return _ATOMS[name], texts
    for atom, number in _WHOLE_NUMBERS.items():
        if name == number and _whole(texts[0]):
            return atom, [int(texts[0])]
    if name == "compilation":
        return _COMPILATION, texts[0].lower() in _TRUE
    label = _FREEFORMS.get(name, spelling.upper() if spelling.islower() and " " not in spelling else spelling)
    key = _DOMAIN + label.encode("latin-1", "replace").decode("latin-1")
    return key, [MP4FreeForm(text.encode(), dataformat=AtomDataType.UTF8) for text in texts]


def number_pair(number: str, total: str) -> tuple[int, int] | None:
    """What an atom, which has two whole numbers, holds; None where it cannot say it, or there is nothing to say."""
    first, _, last = number.partition("/")
    pair = (first.strip() or "0", last.strip() or total or "0")
    if not all(_whole(text) for text in pair) or not any(int(text) for text in pair):
        return None
    return int(pair[0]), int(pair[1])


def _whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 6 and int(text) <= _MAX_NUMBER


def _covers(tags: TagSet) -> list[MP4Cover]:
    """The front cover first, which is the one that is shown."""
    pictures = sorted(tags.pictures, key=lambda picture: picture.kind != _FRONT_COVER)
    others = [picture.mime for picture in pictures if picture.mime not in _COVER_FORMATS]
    if others:
        tags.warnings.append(f"covers that m4a does not hold were left out: {listed(others)}")
    kept = [picture for picture in pictures if picture.mime in _COVER_FORMATS]
    if any(_says_more(picture) for picture in kept):
        tags.warnings.append("m4a does not keep what kind of picture a cover is, nor what is said of it")
    return [MP4Cover(picture.data, _COVER_FORMATS[picture.mime]) for picture in kept]


def _says_more(picture: CoverPicture) -> bool:
    return picture.kind not in (_FRONT_COVER, _OTHER_PICTURE)
