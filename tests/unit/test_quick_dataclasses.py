"""Classes of `quick_dataclasses` are those of the standard library in all that can be seen of them."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, field, fields, replace
from functools import partial
from importlib import import_module
from threading import Barrier, Thread
from typing import Any

import pytest

import auralis_cli
from auralis_cli.quick_dataclasses import _compiled_init, _quick_dataclass

NAN = float("nan")


class Point:
    """Has every kind of field that is used."""

    x: float
    name: str = "origin"
    tags: list[str] = field(default_factory=list)
    seen: int = field(default=0, compare=False)
    _hidden: tuple[int, ...] = field(default=(), repr=False)


class One:
    value: float


class Nothing:
    """No field at all."""


class Checked:
    value: int

    def __post_init__(self) -> None:
        if self.value < 0:
            raise ValueError("is negative")


class OwnWords:
    value: int

    def __repr__(self) -> str:
        return "mine"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self))


Maker = Callable[[type[Any]], type[Any]]
WAYS: list[dict[str, Any]] = [
    {"frozen": True, "slots": True},
    {"slots": True},
    {"frozen": True},
    {},
    {"slots": True, "eq": False},
    {"frozen": True, "slots": True, "eq": False},
]


@pytest.fixture(params=WAYS, ids=str)
def both(request: pytest.FixtureRequest) -> tuple[Maker, Maker]:
    """Ours, and the standard library's."""
    return _quick_dataclass(**request.param), dataclasses.dataclass(**request.param)


def copied(cls: type[Any]) -> type[Any]:
    """The same class once more, since the standard library changes the fields of the one it is given."""
    body = {name: copy.copy(value) for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__")}
    return type(cls.__name__, (), body)


def seen_of(make: Callable[[], Any]) -> Any:
    """What came of it, or which error with which words."""
    try:
        return make()
    except Exception as error:
        return type(error), str(error)


@pytest.mark.parametrize("source", [Point, One, Nothing, Checked, OwnWords])
@pytest.mark.parametrize(
    "words",
    [
        ((), {}),
        ((1.0,), {}),
        ((NAN,), {}),
        ((-1,), {}),
        ((1, "b", ["c"], 4, (5,)), {}),
        ((), {"value": 3}),
        ((1,) * 9, {}),
    ],
    ids=str,
)
def test_whatever_is_asked_the_answer_is_the_standard_librarys(
    source: type[Any], words: tuple[tuple[Any, ...], dict[str, Any]], both: tuple[Maker, Maker]
) -> None:
    def answers(cls: type[Any]) -> list[Any]:
        values, named = words
        one = seen_of(lambda: cls(*values, **named))
        if isinstance(one, tuple):
            return [one]
        same, other = cls(*values, **named), copy.deepcopy(one)
        found = [repr(one), one == same, one == other, one != same, one == 3, asdict(one)]
        found.append(seen_of(lambda: hash(one) == hash(same)))
        for name in [each.name for each in fields(one)]:
            found.append(repr(seen_of(partial(replace, one, **{name: "new"}))))
            found.append(seen_of(partial(replace, one, **{name: "new"})) == one)
            found.append(seen_of(partial(delattr, one, name)))
            found.append(seen_of(partial(setattr, one, name, "set")))
        return [*found, seen_of(lambda: setattr(one, "stranger", 1)), cls.__match_args__, cls.__doc__ is None]

    ours, theirs = (make(copied(source)) for make in both)
    if source.__doc__ is None:
        theirs.__doc__ = None
    found, wanted = answers(ours), answers(theirs)
    # What no slot is there for is refused in words of its own.
    stranger = [one for one in zip(found, wanted, strict=True) if one[0] != one[1]]
    assert all("stranger" in str(one) for one in stranger), stranger


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_objects_survive_pickling(way: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    made = _quick_dataclass(**way)(copied(Point))
    monkeypatch.setitem(globals(), "Point", made)
    one = made(1.5, tags=["a"], _hidden=(3,))
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(one, protocol))
        assert asdict(again) == asdict(one)
        assert type(again) is made


def test_what_contains_itself_is_shown() -> None:
    one = _quick_dataclass(slots=True)(copied(One))(1.0)
    one.value = one
    assert repr(one) == "One(value=...)"


def _make(made: type[Any], found: list[Any], together: Barrier) -> None:
    together.wait()
    found.append(made(2.0))


def test_two_threads_may_make_the_first() -> None:
    together = Barrier(2)
    for _ in range(50):
        made = _quick_dataclass(frozen=True, slots=True)(copied(Point))
        found: list[Any] = []
        threads = [Thread(target=_make, args=(made, found, together)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found[0] == found[1] == made(2.0)


def test_nothing_is_compiled_before_the_first_object(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[type[Any]] = []

    def counting(cls: type[Any], *, frozen: bool) -> Callable[..., None]:
        compiled.append(cls)
        return _compiled_init(cls, frozen=frozen)

    monkeypatch.setattr("auralis_cli.quick_dataclasses._compiled_init", counting)
    made = _quick_dataclass(frozen=True, slots=True)(copied(Point))
    assert compiled == []
    for x in range(3):
        made(float(x))
    assert compiled == [made]


@pytest.mark.parametrize("words", [{"init": False, "default": 1}, {"kw_only": True}], ids=str)
def test_what_is_not_known_here_is_refused(words: dict[str, Any]) -> None:
    class Odd:
        value: int = field(**words)

    with pytest.raises(TypeError, match=r"value: init=False and kw_only"):
        _quick_dataclass(slots=True)(Odd)(value=1)


def every_class() -> Iterator[type[Any]]:
    """All of the program's own."""
    for module in pkgutil.walk_packages(auralis_cli.__path__, "auralis_cli."):
        if module.name != "auralis_cli.__main__":
            for one in vars(import_module(module.name)).values():
                if isinstance(one, type) and dataclasses.is_dataclass(one) and one.__module__ == module.name:
                    yield one


def test_each_class_of_the_program_is_made_with_the_words_of_the_standard_one() -> None:
    classes = list(every_class())
    assert len(classes) > 400
    for cls in classes:
        if not isinstance(vars(cls).get("__init__"), type(seen_of)):
            continue
        wanted = inspect.signature(dataclasses.make_dataclass("Wanted", [_as_it_is(one) for one in fields(cls)]))
        found = list(inspect.signature(partial(_compiled_init(cls, frozen=True), None)).parameters.values())
        assert [one.name for one in found] == list(wanted.parameters), cls
        for one, other in zip(found, wanted.parameters.values(), strict=True):
            assert (one.default is one.empty) == (other.default is other.empty), (cls, one)


def _as_it_is(one: dataclasses.Field[Any]) -> tuple[str, Any, Any]:
    return one.name, Any, field(default=one.default, default_factory=one.default_factory)
