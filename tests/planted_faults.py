"""The faults planted in `tests/faults/*.toml`: what one is, reading and planting it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

FAULTS = Path(__file__).parent / "faults"


@dataclass(frozen=True, slots=True)
class PlantedFault:
    """One way to break one sentence of the list of invariants, and the tests that must notice."""

    # Name of the file, without its suffix.
    name: str
    # Id of the invariant.
    invariant: str
    # What is wrong, in one line.
    fault: str
    # Source file, relative to the root of the tree.
    file: str
    # Text that occurs exactly once in it, and what stands there instead.
    find: str
    replace: str
    # pytest node ids: each fails with the fault and passes without.
    tests: tuple[str, ...]

    def occurrences(self, root: Path) -> int:
        """How often the text to be replaced occurs; anything but 1 makes the fault stale."""
        source = root / self.file
        return source.read_text(encoding="utf-8").count(self.find) if source.is_file() else 0

    def plant(self, root: Path) -> None:
        """Breaks the tree below `root`."""
        source = root / self.file
        source.write_text(source.read_text(encoding="utf-8").replace(self.find, self.replace), encoding="utf-8")


def planted_faults(folder: Path = FAULTS) -> list[PlantedFault]:
    """All of them, by name. A file with a key too many or too few is an error."""
    found = []
    for path in sorted(folder.glob("*.toml")):
        keys = tomllib.loads(path.read_text(encoding="utf-8"))
        keys["tests"] = tuple(keys["tests"])
        try:
            found.append(PlantedFault(name=path.stem, **keys))
        except TypeError as error:
            raise ValueError(f"{path.name}: {error}") from error
    return found
