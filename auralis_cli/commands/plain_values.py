"""Values of parameters without pydantic, which Typer would load and set up for every parameter of every run.

That takes 60 ms, as long as the rest of a small verb. Words, paths and what a parser of ours reads need none of it;
whatever else a parameter may be is still Typer's to read, once a value for it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args, get_origin

from typer._coercion import build_runtime_param

_PLAIN: dict[Any, Callable[[Any], Any]] = {str: str, Path: Path, int: int}


def read_plainly(parameters: Iterable[Any]) -> None:
    """Gives each of Typer's `parameters` a reader of its values that loads nothing for what is plain."""
    for parameter in parameters:
        parameter._runtime_param = _PlainValues(parameter.type_descriptor)


class _PlainValues:
    """Stands where Typer has its own reader of a parameter's values."""

    def __init__(self, descriptor: Any) -> None:
        self._descriptor = descriptor
        kind = descriptor.annotation
        self._is_list = get_origin(kind) is list
        leaf = get_args(kind)[0] if self._is_list else kind
        options = descriptor.parameter_info
        is_bounded = options.min is not None or options.max is not None
        self._read = options.parser or (None if is_bounded else _PLAIN.get(_without_none(leaf)))

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """What Typer's own gives for `value`."""
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        if self._read is not None:
            with suppress(ValueError):  # what cannot be read is Typer's to name
                return [self._read(one) for one in value] if self._is_list else self._read(value)
        return build_runtime_param(self._descriptor).coerce(value, param=param, ctx=ctx)


def _without_none(kind: Any) -> Any:
    """`int` of `int | None`."""
    kinds = [one for one in get_args(kind) if one is not type(None)]
    return kinds[0] if len(kinds) == 1 and get_origin(kind) is not list else kind
