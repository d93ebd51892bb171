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

# Where files are opened to be decoded, and where to be read for the library.
_TARGETS = ("auralis_cli.audio.opening", "auralis_cli.audio.track_file")


class _Poison(importlib.abc.MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in _TARGETS:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        sys.meta_path.insert(0, self)
        assert spec is not None
        assert spec.loader is not None
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            _poison(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _poison(module: Any) -> None:
    if module.__name__ == _TARGETS[0]:
        open_audio = module.open_audio

        def opened(source: Any, *arguments: Any, **words: Any) -> Any:
            _swallow(source.path.name if source.path is not None else "")
            return open_audio(source, *arguments, **words)

        module.open_audio = opened
    else:
        read_track_file = module.read_track_file

        def read(stat: Any, *arguments: Any) -> Any:
            _swallow(os.path.basename(stat.path))
            return read_track_file(stat, *arguments)

        module.read_track_file = read


def _swallow(name: str) -> None:
    if name.startswith("crash"):
        os.kill(os.getpid(), signal.SIGSEGV)
    if name.startswith("hang"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGHUP})
        while True:
            signal.pause()


sys.meta_path.insert(0, _Poison())
