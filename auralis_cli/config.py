"""What the user has set: flag > environment > --config file > the user's own file > default."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from enum import IntEnum
from pathlib import Path
from typing import Any

from auralis_cli.errors import UsageError
from auralis_cli.kinds import Kind
from auralis_cli.model.presets import PRESETS, Preset
from auralis_cli.model.targets import TARGETS, Target
from auralis_cli.paths import config_dir
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.settings import CONFIG_VARIABLE, OTHER_VARIABLES, SETTINGS
from auralis_cli.settings_file import Own, SettingsFile, check_text, read_file

FILE_NAME = "config.toml"


class Rank(IntEnum):
    """Where a value comes from; the higher wins."""

    DEFAULT = 0
    USER_FILE = 1
    CONFIG_FILE = 2
    ENVIRONMENT = 3


@dataclass(frozen=True, slots=True)
class Value:
    """What holds for one setting, and who says so."""

    # Checked; None where nothing is set.
    word: str | None
    rank: Rank
    # `default`, the variable, or the file with its line.
    origin: str

    @property
    def is_set(self) -> bool:
        """Whether it is the user who says so."""
        return self.rank is not Rank.DEFAULT


@dataclass(frozen=True, slots=True)
class Config:
    """All settings of one run."""

    values: Mapping[str, Value]
    # Built in and the user's own.
    presets: Mapping[str, Preset]
    targets: Mapping[str, Target]
    # `presets.NAME` → file and line, for the user's own.
    origins: Mapping[str, str]
    # Command lines of the terminal player with the keys they are given.
    keys: Mapping[str, str] = field(default_factory=dict)
    # Variables that look like settings and are none.
    unknown_variables: tuple[str, ...] = ()

    def value(self, key: str) -> Any:
        """The parsed value of a setting, None where nothing is set."""
        word = self.values[key].word
        return None if word is None else SETTINGS[key].kind.parse(word)


def user_file(variables: Mapping[str, str]) -> Path:
    """The user's own settings file, which need not exist."""
    return config_dir(variables) / FILE_NAME


def chosen_file(variables: Mapping[str, str], given: Path | None) -> Path | None:
    """The file of --config, else that of AURALIS_CONFIG, if any. UsageError for a folder of nobody's."""
    named = variables.get(CONFIG_VARIABLE)
    if given is not None or not named:
        return given
    try:
        return Path(named).expanduser()
    except RuntimeError:
        raise UsageError(CONFIG_VARIABLE, f"{named!r} is not the name of a file") from None


def load_config(variables: Mapping[str, str], given: Path | None = None) -> Config:
    """Everything that is set. Raises UsageError, naming file, line and key, or the variable, that cannot be served."""
    config = _of_files(_files(variables, given))
    values = dict(config.values)
    for key, setting in SETTINGS.items():
        # An empty variable is one that is not set.
        if word := variables.get(setting.variable):
            _checked(setting.kind, word, setting.variable)
            values[key] = Value(word, Rank.ENVIRONMENT, setting.variable)
    config = replace(config, values=values, unknown_variables=tuple(_unknown(variables)))
    _check_names(config)
    return config


def check_change(variables: Mapping[str, str], given: Path | None, path: Path, text: str) -> None:
    """Raises UsageError where the settings could not be served if `text` stood at `path`."""
    rank = Rank.USER_FILE if path == user_file(variables) else Rank.CONFIG_FILE
    files = [*_files(variables, given, but=path), (rank, check_text(text, path))]
    _check_names(_of_files(sorted(files, key=lambda file: file[0])))


def _files(
    variables: Mapping[str, str], given: Path | None, but: Path | None = None
) -> list[tuple[Rank, SettingsFile]]:
    """The files there are, the strongest last; `but` is not even looked at."""
    own, chosen = user_file(variables), chosen_file(variables, given)
    files = []
    if own != but and own.exists():
        files.append((Rank.USER_FILE, read_file(own)))
    if chosen is not None and chosen != but:
        files.append((Rank.CONFIG_FILE, read_file(chosen)))
    return files


def _of_files(files: Iterable[tuple[Rank, SettingsFile]]) -> Config:
    presets, targets = dict(PRESETS), dict(TARGETS)
    origins: dict[str, str] = {}
    keys: dict[str, str] = {}
    values = {key: Value(setting.default, Rank.DEFAULT, "default") for key, setting in SETTINGS.items()}
    for rank, file in files:
        presets |= file.presets
        targets |= file.targets
        keys |= file.keys
        origins |= {f"keys.{line}": file.place(f"keys.{line}") for line in file.keys}
        origins |= {f"presets.{name}": file.place(f"presets.{name}") for name in file.presets}
        origins |= {f"targets.{name}": file.place(f"targets.{name}") for name in file.targets}
        values |= {key: Value(word, rank, file.place(key)) for key, word in file.words.items()}
    return Config(values, presets, targets, origins, keys)


def find_preset(config: Config, what: str, name: str) -> Preset:
    """The preset of that name; UsageError about `what` where there is none."""
    return _find(config.presets, what, name)


def find_target(config: Config, what: str, name: str) -> Target:
    """The target of that name; UsageError about `what` where there is none."""
    return _find(config.targets, what, name)


def _check_names(config: Config) -> None:
    """Names in settings must name something, wherever it is defined."""
    for key, value in config.values.items():
        if value.word is None or not value.is_set:
            continue
        what = value.origin if value.rank is Rank.ENVIRONMENT else f"{value.origin}: {key}"
        if SETTINGS[key].kind.section == "presets":
            find_preset(config, what, value.word)
        elif SETTINGS[key].kind.section == "targets":
            find_target(config, what, value.word)


def _find(known: Mapping[str, Own], what: str, name: str) -> Own:
    if name not in known:
        raise UsageError(what, f"{name!r} is not one of {', '.join(known)}")
    return known[name]


def _checked(kind: Kind[Any], word: str, what: str) -> None:
    try:
        kind.parse(word)
    except ValueError as error:
        raise UsageError(what, str(error)) from error


def _unknown(variables: Mapping[str, str]) -> Iterator[str]:
    known = {setting.variable for setting in SETTINGS.values()} | set(OTHER_VARIABLES)
    return (name for name in sorted(variables) if name.startswith("AURALIS_") and name not in known)
