"""`dataclass` as the standard library has it, made in a tenth of the time.

The standard one writes six functions for each class and compiles them while it is imported, which took a third of the
start of a small verb. Here what compares, shows and guards is made of ready functions, and `__init__` is compiled when
the first object is made: most classes that are imported never have one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, NoReturn


def _quick_dataclass(*, frozen: bool = False, slots: bool = False, eq: bool = True) -> Callable[[type[Any]], type[Any]]:
    """What `dataclasses.dataclass` does with these words; `fields`, `replace` and `asdict` take what it makes."""

    def made(cls: type[Any]) -> type[Any]:
        own, doc = cls.__dict__, cls.__doc__
        # Without one the standard library puts a signature together, which nobody reads.
        cls.__doc__ = doc or cls.__name__
        cls = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
        cls.__doc__ = doc
        given = {"__init__": _init_at_first_use(cls, frozen=frozen), "__repr__": _shown}
        if eq:
            given |= _comparing(cls, frozen=frozen)
        if frozen:
            given |= _GUARDED | (_PICKLED if slots else {})
        for name, function in given.items():
            # None stands for a hash where only `__eq__` is written.
            if own.get(name) is None:
                setattr(cls, name, function)
        return cls

    return made


def _comparing(cls: type[Any], *, frozen: bool) -> dict[str, Any]:
    """`__eq__` of objects of one class by their fields, and `__hash__` where they never change."""
    names = [one.name for one in dataclasses.fields(cls) if one.compare]
    values = _values_of(names)

    def equals(self: Any, other: object) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: Any) -> int:
        return hash(values(self))

    return {"__eq__": equals, "__hash__": hashed if frozen else None}


def _values_of(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda one: tuple(getattr(one, name) for name in names)


@recursive_repr()
def _shown(self: Any) -> str:
    shown = (f"{one.name}={getattr(self, one.name)!r}" for one in dataclasses.fields(self) if one.repr)
    return f"{self.__class__.__qualname__}({', '.join(shown)})"


def _refuse_to_set(_self: Any, name: str, _value: object) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: Any, name: str) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, one.name) for one in dataclasses.fields(self)]


def _restore(self: Any, state: list[Any]) -> None:
    for one, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, one.name, value)


_GUARDED = {"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete}
# Without these a copy would be filled by setting, which is refused.
_PICKLED = {"__getstate__": _state, "__setstate__": _restore}


def _init_at_first_use(cls: type[Any], *, frozen: bool) -> Callable[..., None]:
    """An `__init__` that puts the real one in its own place."""

    def __init__(self: Any, /, *values: Any, **named: Any) -> None:  # noqa: N807
        if cls.__dict__["__init__"] is __init__:
            cls.__init__ = _compiled_init(cls, frozen=frozen)
        cls.__init__(self, *values, **named)

    return __init__


def _compiled_init(cls: type[Any], *, frozen: bool) -> Callable[..., None]:
    known: dict[str, Any] = {"set_": object.__setattr__, "not_given": dataclasses.MISSING}
    parameters, lines = ["self"], []
    for one in dataclasses.fields(cls):
        if not one.init or one.kw_only:
            raise TypeError(f"{cls.__qualname__}.{one.name}: init=False and kw_only are not known here")
        name, value = one.name, one.name
        has_default = one.default is not dataclasses.MISSING
        if has_default or one.default_factory is not dataclasses.MISSING:
            known[f"default_{name}"] = one.default if has_default else one.default_factory
        if not has_default and one.default_factory is not dataclasses.MISSING:
            value = f"default_{name}() if {name} is not_given else {name}"
            parameters.append(f"{name}=not_given")
        else:
            parameters.append(f"{name}=default_{name}" if has_default else name)
        lines.append(f" set_(self, {name!r}, {value})" if frozen else f" self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    exec(f"def __init__({', '.join(parameters)}):\n" + "\n".join(lines or [" pass"]), known)
    init: Callable[..., None] = known["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    dataclass = _quick_dataclass
