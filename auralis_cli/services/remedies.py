"""How to get what is missing, in the words of the system at hand."""

from __future__ import annotations

import importlib.util
import platform
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path

from auralis_cli.quick_dataclasses import dataclass

_OS_RELEASE = Path("/etc/os-release")
# What pipx leaves in every environment of its own, and Python in every one.
_PIPX_MARK = "pipx_metadata.json"
_ENVIRONMENT_MARK = "pyvenv.cfg"


class System(StrEnum):
    """Systems that name and install packages each in their own way."""

    DEBIAN = "Debian, Ubuntu"
    FEDORA = "Fedora"
    ARCH = "Arch"
    MACOS = "macOS"


_INSTALL = {
    System.DEBIAN: "sudo apt install",
    System.FEDORA: "sudo dnf install",
    System.ARCH: "sudo pacman -S",
    System.MACOS: "brew install",
}
_PACKAGES: Mapping[str, Mapping[System, str]] = {
    "portaudio": {
        System.DEBIAN: "libportaudio2", System.FEDORA: "portaudio", System.ARCH: "portaudio", System.MACOS: "portaudio",
    },
    "ffmpeg": {
        System.DEBIAN: "ffmpeg", System.FEDORA: "ffmpeg-free", System.ARCH: "ffmpeg", System.MACOS: "ffmpeg",
    },
}  # fmt: skip
# As /etc/os-release calls them, and what is made from them.
_FAMILIES = {
    "debian": System.DEBIAN, "ubuntu": System.DEBIAN, "fedora": System.FEDORA, "rhel": System.FEDORA,
    "arch": System.ARCH,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Extra:
    """A part of the program that is installed when it is asked for."""

    name: str
    module: str
    # As pip knows what it brings.
    package: str
    # What is not there without it.
    serves: str


EXTRAS = (
    Extra("cluster", "distributed", "distributed", "--executor dask://"),
    Extra("mpris", "dbus_fast", "dbus-fast", "media keys and the desktop's player controls"),
    Extra("online", "httpx", "httpx", "art fetch, scrobble"),
    Extra("web", "textual_serve", "textual-serve", "play --web"),
)


def this_system(name: str | None = None, os_release: Path = _OS_RELEASE) -> System | None:
    """The family this machine's system is of; None for one that is not known here."""
    if (name or platform.system()) == "Darwin":
        return System.MACOS
    try:
        rows = dict(line.split("=", 1) for line in os_release.read_text(errors="replace").splitlines() if "=" in line)
    except OSError:
        return None
    named = f"{rows.get('ID', '')} {rows.get('ID_LIKE', '')}".replace('"', "").replace("'", "").split()
    return next((_FAMILIES[word] for word in named if word in _FAMILIES), None)


def how_to_get(package: str, system: System | None) -> str:
    """The command that installs it; for a system that is not known, what it is called elsewhere."""
    names = _PACKAGES[package]
    if system is not None:
        return f"{_INSTALL[system]} {names[system]}"
    return "install it: " + ", ".join(f"{name} ({one.value})" for one, name in names.items())


def how_to_get_extra(*names: str, environment: Path = Path(sys.prefix)) -> str:
    """The command that adds extras to this very installation."""
    if (environment / _PIPX_MARK).exists():
        packages = (extra.package for extra in EXTRAS if extra.name in names)
        return f"pipx inject auralis-cli {' '.join(packages)}"
    # Whoever runs it by its path has another pip on theirs.
    pip = environment / "bin" / "pip" if (environment / _ENVIRONMENT_MARK).exists() else "pip"
    return f"{pip} install 'auralis-cli[{','.join(names)}]'"


def missing_extras(
    is_there: Callable[[str], bool] = lambda module: importlib.util.find_spec(module) is not None,
) -> tuple[Extra, ...]:
    """The extras that are not installed."""
    return tuple(extra for extra in EXTRAS if not is_there(extra.module))
