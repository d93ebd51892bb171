"""Poisons decoders of processes that find this folder on their path: files called so crash or hang them.

`crash…` ends the process the way a decoder written in C does, `hang…` never comes back.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

_TARGET = "auralis_cli.audio.opening"


class _Poison(importlib.abc.MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != _TARGET:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.loader is not None
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            _poison(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _poison(module: Any) -> None:
    open_audio = module.open_audio

    def poisoned(source: Any, *arguments: Any, **words: Any) -> Any:
        name = source.path.name if source.path is not None else ""
        if name.startswith("crash"):
            os.kill(os.getpid(), signal.SIGSEGV)
        if name.startswith("hang"):
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGHUP})
            while True:
                signal.pause()
        return open_audio(source, *arguments, **words)

    module.open_audio = poisoned


sys.meta_path.insert(0, _Poison())
