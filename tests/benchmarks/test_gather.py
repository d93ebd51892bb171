"""What `make bench` measured is gathered whole: no table is forgotten, and no missed figure is left out."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import gather
import pytest
from documents import keep
from gates import Document, Gate, above, at_least, at_most, below, none_of
from gather import KERNELS, Gathered, Table

HERE = Path(__file__).resolve().parent
MEASURED = gather.tables(gather.MAKEFILE.read_text(encoding="utf-8"))
RUNS = {"floor": 1.0, "auralis master": 2.5, "matchering": 10.0, "auralis analyze": 1.0, "loudgain": 1.2}


def defines(script: Path, name: str) -> bool:
    tree = ast.parse(script.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body)


def test_every_table_is_measured_by_make_bench() -> None:
    scripts = [one.script for one in MEASURED]
    assert len(set(scripts)) == len(scripts)
    assert {path.name for path in HERE.glob("*_table.py")} <= set(scripts)
    assert {path.name for path in HERE.glob("*.py") if defines(path, "gates_of")} == set(scripts) - {KERNELS}
    recipe = gather.MAKEFILE.read_text(encoding="utf-8").split("\nbench:")[1].split("\n\n")[0]
    assert recipe.count("\n\t") == len(scripts) + 1
    assert recipe.endswith("\t$(BENCH)/gather.py")


def test_every_table_is_named_in_the_benchmarks() -> None:
    text = gather.BENCHMARKS.read_text(encoding="utf-8")
    assert not [one.script for one in MEASURED if f"`{one.script}`" not in text and f"/{one.script}`" not in text]


def test_a_line_of_the_target_without_a_document_is_refused() -> None:
    with pytest.raises(SystemExit, match="no document"):
        gather.tables("bench: x ## y\n\t$(BENCH)/a_table.py\n\nnext:\n")


def test_tables_come_as_their_sections_do() -> None:
    text = f"b_table.py\n{gather.BEGIN}\na_table.py c_table.py\n{gather.END}\nc_table.py\n"
    tables = [Table(f"{name}_table.py", Path(name)) for name in "abc"]
    assert [one.script[0] for one in gather.in_order(tables, text)] == ["b", "c", "a"]


def test_every_gate_stands_in_the_section_and_a_missed_one_as_such() -> None:
    met, missed = at_least("met | one", 2.5, 2, "matchering"), at_most("missed", None, 0.1)
    about = {"about": {"versions": {"matchering": "2.0.6"}}}
    found = [
        Gathered(Table("a_table.py", Path("a.json")), about, [met, missed], "2026-01-01, abc"),
        Gathered(Table("b_table.py", Path("b.json")), None, [], "not there"),
        Gathered(Table("c_table.py", Path("c.json")), {}, [], "unknown", is_outdated=True),
        Gathered(Table("d_table.py", Path("d.json")), {"x": 1}, [], "unknown"),
    ]
    text = gather.section(found)
    assert text.startswith("**1 of 2 gates met.**")
    assert "| met / one | matchering 2.0.6 | 2.5 | ≥ 2 | yes | `a_table.py` | 2026-01-01, abc |" in text
    assert "| missed |  | – | ≤ 0.1 | **no** | `a_table.py` | 2026-01-01, abc |" in text
    assert "Not run: `b_table.py`." in text
    assert "to be run again: `c_table.py`." in text
    assert "Without a gate: `d_table.py`." in text
    assert len(gather.missed(found)) == 3


def test_of_a_table_that_left_nothing_the_rows_that_are_there_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = _place(tmp_path, monkeypatch, None)
    rows = "| a |  | 1 | ≥ 1 | yes | `peers.py` | 2026 |\n| b |  | 0 | ≥ 1 | **no** | `peers.py` | 2026 |"
    whole = f"| what |\n|---|\n{rows}\n| gone |  | 1 | ≥ 1 | yes | `gone.py` | 2026 |"
    (tmp_path / "BENCHMARKS").write_text(f"{gather.BEGIN}\n{whole}\n{gather.END}\n")
    assert gather.main(["--json", str(out)]) == 0
    text = (tmp_path / "BENCHMARKS").read_text()
    assert rows in text
    assert "**1 of 2 gates met.**" in text
    assert "Not run this time, and as they were: `peers.py`." in text
    assert "gone.py" not in text
    assert gather.main(["--check", "--json", str(out)]) == 1


@pytest.mark.parametrize(
    ("gate", "ok", "figure", "bound"),
    [
        (at_least("", 1.0, 1), True, "1", "≥ 1"),
        (at_least("", None, 1), False, "–", "≥ 1"),
        (at_most("", 0.1004, 0.1), False, "0.1", "≤ 0.1"),
        (above("", 0.0, 0), False, "0", "> 0"),
        (below("", 49.96, 50), True, "50", "< 50"),
        (below("", 12345.6, 50), False, "12346", "< 50"),
        (none_of("", 0), True, "0", "0"),
        (none_of("", 3), False, "3", "0"),
    ],
)
def test_a_bound_is_held_exactly_and_a_figure_that_is_not_there_misses_it(
    gate: Gate, ok: bool, figure: str, bound: str
) -> None:
    assert (gate.ok, gate.figure, gate.bound) == (ok, figure, bound)


def test_what_is_kept_says_what_it_is_of_and_is_judged_as_written(tmp_path: Path) -> None:
    def gates_of(document: Document) -> list[Gate]:
        return [at_most("x", document["rows"][0]["x"], 1)]

    path = tmp_path / "x.json"
    all_met = keep("| a |", {"rows": [{"x": float("nan")}]}, path, gates_of, tools=("no such tool",), seeds={"x": 7})
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    assert not all_met
    assert document["rows"] == [{"x": None}]
    assert document["gates"] == [{"name": "x", "value": None, "bound": "≤ 1", "ok": False, "against": ""}]
    about = document["about"]
    assert about.keys() >= {"machine", "load", "python", "auralis", "versions", "command", "date", "commit", "seeds"}
    assert about["seeds"] == {"x": 7}
    assert "numpy" in about["versions"]
    assert "no such tool" not in about["versions"]
    text = path.with_suffix(".md").read_text(encoding="utf-8")
    assert "| x |  | – | ≤ 1 | **no** |" in text
    assert "Seeds: x 7." in text


def _place(folder: Path, monkeypatch: pytest.MonkeyPatch, document: Document | None) -> Path:
    """A tree with one table, whose script is peers.py."""
    for name in ("MAKEFILE", "BENCHMARKS"):
        monkeypatch.setattr(gather, name, folder / name)
    monkeypatch.setattr(gather, "REPOSITORY", folder)
    (folder / "MAKEFILE").write_text(
        "bench: ## x\n\t-A=b $(BENCH)/peers.py --json bench.json\n\t$(BENCH)/gather.py\n\nnext:\n"
    )
    (folder / "BENCHMARKS").write_text(f"# Head\n\n{gather.BEGIN}\nold\n{gather.END}\n\nTail\n")
    if document is not None:
        (folder / "bench.json").write_text(json.dumps(document))
    return folder / "out.json"


def _document(master_s: float) -> Document:
    runs = {name: [{"seconds": seconds}] for name, seconds in {**RUNS, "auralis master": master_s}.items()}
    about = {"command": "peers.py --rounds 1", "date": "2026-01-02 03:04", "commit": "abc", "versions": {}}
    return {"about": about, "runs": runs, "memory_mib": {"3 minutes": 200.0, "3 hours": 250.0}, "first_compile_s": 9.0}


@pytest.mark.parametrize(("master_s", "code"), [(2.5, 0), (3.5, 1)])
def test_gates_are_judged_from_the_figures_alone(
    master_s: float, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = _place(tmp_path, monkeypatch, _document(master_s))
    before = (tmp_path / "BENCHMARKS").read_text()
    assert gather.main(["--check", "--json", str(out)]) == code
    assert (tmp_path / "BENCHMARKS").read_text() == before
    assert not out.exists()
    assert gather.main(["--json", str(out)]) == 0
    text = (tmp_path / "BENCHMARKS").read_text()
    assert text.startswith("# Head\n")
    assert text.endswith("\n\nTail\n")
    assert "old" not in text
    assert f"**{6 - code} of 6 gates met.**" in text
    assert "2026-01-02, abc, `--rounds 1`" in text
    gathered = json.loads(out.read_text())
    assert (gathered["met"], gathered["gates"]) == (6 - code, 6)
    assert gathered["tables"]["peers.py"]["figures"]["first_compile_s"] == 9.0
    assert gathered["tables"]["peers.py"]["about"]["commit"] == "abc"


def test_a_table_that_was_not_run_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert gather.main(["--check", "--json", str(_place(tmp_path, monkeypatch, None))]) == 1


def test_of_an_older_document_what_was_judged_then_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _place(tmp_path, monkeypatch, {"gates": [{"name": "then", "value": 1.0, "bound": "≥ 1", "ok": True}]})
    (one,) = (gather.gathered(table, "") for table in gather.tables((tmp_path / "MAKEFILE").read_text()))
    assert one.is_outdated
    assert [gate.name for gate in one.gates] == ["then"]
    assert one.as_of.startswith("unknown (file of ")
    assert gather.missed([one]) == ["peers.py: run by an earlier version of it"]
