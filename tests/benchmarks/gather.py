"""Gathers what `make bench` measured: one document, and the section "Gates" of BENCHMARKS.md.

Which tables there are is read from the Makefile, so that none is forgotten, and every gate is judged again from what
its table wrote; of a table that left nothing here the rows stay that stand in the section, as of when they are. A
figure that misses its bound stays in the section as such; `--check` ends with 1 because of it.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from documents import BUILD, REPOSITORY, about
from gates import Document, Gate

MAKEFILE, BENCHMARKS = REPOSITORY / "Makefile", REPOSITORY / "BENCHMARKS.md"
BEGIN, END = "<!-- Written by tests/benchmarks/gather.py: -->", "<!-- End of what gather.py writes. -->"
HERE, KERNELS = "gather.py", "test_kernels.py"


@dataclass(frozen=True, slots=True)
class Table:
    """A script of the Makefile's target, and the document it leaves behind."""

    script: str
    json: Path


@dataclass(frozen=True, slots=True)
class Gathered:
    """What there is of a table."""

    table: Table
    # None where it was not run.
    document: Document | None
    gates: Sequence[Gate]
    # Of which day and commit, and by which options.
    as_of: str
    # Whether its gates cannot be judged any more: it was written by an earlier version of its script.
    is_outdated: bool = False
    # Where it was not run here: its rows as they stand in the section.
    kept: Sequence[str] = ()


def tables(makefile: str) -> list[Table]:
    """Every line of `make bench` that measures."""
    recipe = re.search(r"^bench:.*\n((?:\t.*\n)*)", makefile, re.MULTILINE)
    found = []
    for line in recipe[1].splitlines() if recipe else ():
        script = re.search(r"\$\(BENCH\)/(\w+\.py)", line)
        document = re.search(r"--(?:benchmark-)?json (\S+)", line)
        if script and script[1] == HERE:
            continue
        if document is None:
            sys.exit(f"make bench: no document in: {line.strip()}")
        found.append(Table(script[1] if script else KERNELS, REPOSITORY / document[1]))
    return found


def in_order(found: Sequence[Table], text: str) -> list[Table]:
    """As the sections of BENCHMARKS.md name them; the others behind these."""
    sections = without_gates(text)
    return sorted(found, key=lambda one: (sections.find(one.script) < 0, sections.find(one.script)))


def without_gates(text: str) -> str:
    """What people wrote."""
    return text[: text.index(BEGIN)] + text[text.index(END) :]


def rows_in(text: str, script: str) -> list[str]:
    """What the section says of a table."""
    lines = text[text.index(BEGIN) : text.index(END)].splitlines()
    return [line for line in lines if line.startswith("| ") and f"| `{script}` |" in line]


def gathered(table: Table, text: str) -> Gathered:
    """What a table left behind, judged again; else what the section in `text` says of it."""
    if not table.json.exists():
        return Gathered(table, None, (), "not there", kept=rows_in(text, table.script))
    found = json.loads(table.json.read_text(encoding="utf-8"))
    document: Document = found if isinstance(found, dict) else {"rows": found}
    as_of = _as_of(document, table.json)
    gates_of = getattr(importlib.import_module(Path(table.script).stem), "gates_of", None)
    if gates_of is None:
        return Gathered(table, document, (), as_of)
    try:
        return Gathered(table, document, gates_of(document), as_of)
    except (KeyError, TypeError):
        # What was judged when it was written is what is known.
        before = [Gate(**gate) for gate in document.get("gates", ())]
        return Gathered(table, document, before, as_of, is_outdated=True)


def _as_of(document: Document, path: Path) -> str:
    """When it was measured, of which commit, and with which options; of what does not say so, the day of the file."""
    if "commit_info" in document:  # pytest-benchmark's
        return f"{document['datetime'][:10]}, {str(document['commit_info']['id'])[:7]}"
    if "about" not in document or isinstance(document["about"], str):
        day = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
        return f"unknown (file of {day})"
    told = document["about"]
    _, *options = told["command"].split(" ", 1)
    return ", ".join([told["date"][:10], told["commit"] or "unknown", *(f"`{one}`" for one in options)])


def section(found: Sequence[Gathered]) -> str:
    """What stands between the two marks."""
    met = judgements(found)
    lines = [f"**{sum(met)} of {len(met)} gates met.**"]
    for words, some in (
        ("Not run", [one for one in found if one.document is None and not one.kept]),
        ("Not run this time, and as they were", [one for one in found if one.kept]),
        ("Run by an earlier version of its script, to be run again", [one for one in found if one.is_outdated]),
        ("Without a gate", [one for one in found if one.document and not one.gates and not one.is_outdated]),
    ):
        if some:
            lines += ["", f"{words}: {', '.join(f'`{one.table.script}`' for one in some)}."]
    lines += ["", "| what | ours against | value | bound | met | script | as of |", "|---|---|---:|---:|---|---|---|"]
    lines += [row for one in found for row in _rows(one)]
    return "\n".join(lines)


def judgements(found: Sequence[Gathered]) -> list[bool]:
    """Whether each gate is met, also those that stand as they were."""
    return [gate.ok for one in found for gate in one.gates] + [_is_met(row) for one in found for row in one.kept]


def _is_met(row: str) -> bool:
    return "| **no** |" not in row


def _name(row: str) -> str:
    return row.split(" | ", 1)[0].removeprefix("| ")


def _rows(one: Gathered) -> Iterator[str]:
    yield from one.kept
    told = (one.document or {}).get("about", {})
    versions = told.get("versions", {}) if isinstance(told, dict) else {}
    for gate in one.gates:
        against = " ".join([gate.against, *([versions[gate.against]] if gate.against in versions else [])])
        cells = (gate.name, against, gate.figure, gate.bound, gate.met, f"`{one.table.script}`", one.as_of)
        yield f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def document_of(found: Sequence[Gathered]) -> Document:
    """Everything in one, for programs."""
    met = judgements(found)
    return {
        "about": about(),
        "gates": len(met),
        "met": sum(met),
        "tables": {
            one.table.script: {
                "document": one.table.json.name,
                "as_of": one.as_of,
                "is_outdated": one.is_outdated,
                "gates": [asdict(gate) for gate in one.gates],
                "kept": list(one.kept),
                "about": (one.document or {}).get("about"),
                "figures": _figures(one),
            }
            for one in found
        },
    }


def _figures(one: Gathered) -> Document | None:
    if one.document is None:
        return None
    if one.table.script == KERNELS:
        kernels = one.document["benchmarks"]
        return {one["params"]["name"]: {"median_s": one["stats"]["median"], **one["extra_info"]} for one in kernels}
    return {name: value for name, value in one.document.items() if name not in ("about", "gates")}


def missed(found: Sequence[Gathered]) -> list[str]:
    """What keeps the whole from being right, a line each."""
    lines = [f"{one.table.script}: not run" for one in found if one.document is None]
    lines += [f"{one.table.script}: run by an earlier version of it" for one in found if one.is_outdated]
    for one in found:
        lines += [f"{one.table.script}: {gate.name}: {gate.figure}, {gate.bound}" for gate in one.gates if not gate.ok]
        lines += [f"{one.table.script}: {_name(row)}, as before" for row in one.kept if not _is_met(row)]
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Gathers; 1 where something is missed and that was asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD / "benchmarks.json")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; 1 where a gate is missed or a table missing"
    )
    asked = parser.parse_args(arguments)
    text = BENCHMARKS.read_text(encoding="utf-8")
    found = [gathered(table, text) for table in in_order(tables(MAKEFILE.read_text(encoding="utf-8")), text)]
    lines = missed(found)
    print("\n".join([*lines, section(found).split("\n", 1)[0].strip("*")]))
    if asked.check:
        return 1 if lines else 0
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps(document_of(found), indent=1) + "\n", encoding="utf-8")
    before, after = text[: text.index(BEGIN) + len(BEGIN)], text[text.index(END) :]
    BENCHMARKS.write_text(f"{before}\n\n{section(found)}\n\n{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
